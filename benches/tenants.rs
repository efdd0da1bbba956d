//! The cost of issuers that are known only at run time: a look-up among ten thousand, and the wait
//! of one tenant for another whose issuer hangs.
//!
//! `cargo bench --bench tenants`. Budgets: a look-up costs at most 100 ns beyond one configured
//! issuer; p99 of a tenant beside a hanging one is at most 1.1 of that without.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a bench fails"
)]

mod compare;

use std::cell::Cell;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer, verify};
use axioms_rocket::{AxiomsFairing, Config, IssuerConfig, IssuerSource, ValidToken};
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{Build, Ignite, Rocket, get, routes};

use compare::{application, issuer, median, ready};

/// Knows every issuer.
struct All;

impl IssuerSource for All {
    async fn issuer(
        &self,
        iss: &str,
    ) -> Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
        Ok(Some(IssuerConfig {
            iss_url: Some(iss.to_owned()),
            ..IssuerConfig::default()
        }))
    }
}

fn with_source() -> Rocket<Build> {
    let config = Config {
        audience: vec!["https://api.example.test".into()],
        token_cache_capacity: 0,
        http_timeout: 60,
        ..Config::default()
    };
    let figment = rocket::Config::figment().merge(("log_level", "off"));
    rocket::custom(figment).attach(AxiomsFairing::from_config(config).with_issuers(All))
}

fn is_smoke() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// Tokens that are refused by their audience, which is after the look-up and before any key.
fn misdirected(issuer: &TestIssuer, iss: impl Fn(usize) -> String, count: usize) -> Vec<String> {
    let of = |at| {
        compare::token(issuer)
            .audience("other")
            .claim("iss", iss(at))
    };
    (0..count).map(|at| of(at).claim("n", at).sign()).collect()
}

/// Verifies the next of `tokens` with each call.
fn in_turn<'a>(rocket: &'a Rocket<Ignite>, tokens: &'a [String]) -> impl Fn() + 'a {
    let next = Cell::new(0);
    move || {
        let at = next.replace((next.get() + 1) % tokens.len());
        ready(verify(rocket, &tokens[at])).unwrap_err();
    }
}

fn look_up() {
    let tenants = if is_smoke() { 100 } else { 10_000 };
    let issuer = issuer(Alg::Es256);
    let one = application(&issuer, 0);
    let of_one = misdirected(&issuer, |_| issuer.url().to_owned(), tenants);
    let iss = |at| format!("https://tenant-{at}.auth.example.test");
    let of_many = misdirected(&issuer, iss, tenants);
    let many = rocket::async_test(async {
        let many = with_source().ignite().await.expect("it ignites");
        for token in &of_many {
            verify(&many, token).await.unwrap_err();
        }
        many
    });
    let [of_one, of_many]: [&dyn Fn(); 2] = [&in_turn(&one, &of_one), &in_turn(&many, &of_many)];
    let times = compare::compare(&[of_one, of_many]);
    println!("one configured issuer: {:.0} ns", times[0].0);
    println!(
        "one of {tenants} tenants: {:.0} ns, {:+.0} ns",
        times[1].0,
        times[1].0 - times[0].0
    );
}

#[get("/")]
fn index(_token: ValidToken) {}

async fn nanoseconds(client: &Client, token: &str) -> f64 {
    let bearer = Header::new("Authorization", format!("Bearer {token}"));
    let start = Instant::now();
    let response = client.get("/").header(bearer).dispatch().await;
    assert_eq!(response.status().code, 200);
    start.elapsed().as_nanos() as f64
}

/// p99 of new tokens of one tenant.
async fn p99(client: &Client, issuer: &TestIssuer, count: usize) -> f64 {
    let mut times = Vec::with_capacity(count);
    for at in 0..count {
        let token = compare::token(issuer).claim("n", at).sign();
        times.push(nanoseconds(client, &token).await);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() * 99 / 100]
}

async fn beside_a_hanging_issuer() {
    let (rounds, count) = if is_smoke() { (1, 10) } else { (15, 1000) };
    let online = || {
        TestIssuer::builder()
            .audience("https://api.example.test")
            .start()
    };
    let (good, hanging) = (online(), online());
    hanging.answer_with(IssuerFault::Hang);
    let client = Client::untracked(with_source().mount("/", routes![index])).await;
    let client = Arc::new(client.expect("it starts"));
    p99(&client, &good, 10).await;
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        let alone = p99(&client, &good, count).await;
        let waiting: Vec<_> = (0..40)
            .map(|at| {
                let token = compare::token(&hanging).claim("n", at).sign();
                let client = Arc::clone(&client);
                rocket::tokio::spawn(async move { nanoseconds(&client, &token).await })
            })
            .collect();
        ratios.push(p99(&client, &good, count).await / alone);
        waiting.iter().for_each(|request| request.abort());
    }
    println!("p99 beside an issuer that hangs: {:.2}", median(ratios));
    hanging.heal();
}

fn main() {
    look_up();
    rocket::async_test(beside_a_hanging_issuer());
}
