//! The cost of an audit: a request to an application with a sink against the same request to one
//! without.
//!
//! `cargo bench --bench audit`. The requests are local ones, without HTTP, on one thread. The token
//! is cached. The sink counts; what it does else is its own time, on its own thread.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a bench fails"
)]

mod compare;

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{AxiomsFairing, Config, Roles, ValidToken, roles};
use criterion::{Criterion, criterion_group};
use rocket::http::Header;
use rocket::local::blocking::Client;
use rocket::{get, routes};

use compare::{compare, issuer};

roles! { Role = "role:00"; Other = "other"; }

#[get("/open")]
fn open() -> &'static str {
    "open"
}

#[get("/guarded")]
fn guarded(_token: ValidToken, _role: Roles<Role>) -> &'static str {
    "guarded"
}

#[get("/denied")]
fn denied(_role: Roles<Other>) -> &'static str {
    "denied"
}

fn client(issuer: &TestIssuer, audited: bool) -> Client {
    let config = Config {
        audience: vec![issuer.audience().into()],
        iss_url: Some(issuer.url().into()),
        ..Config::default()
    };
    let mut fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    if audited {
        static EVENTS: AtomicU64 = AtomicU64::new(0);
        fairing = fairing.on_decision(|event| {
            EVENTS.fetch_add(u64::from(event.status()), Ordering::Relaxed);
        });
    }
    let rocket = rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    let rocket = rocket
        .attach(fairing)
        .mount("/", routes![open, guarded, denied]);
    Client::untracked(rocket).expect("the application starts")
}

fn audit(criterion: &mut Criterion) {
    let issuer = issuer(Alg::Es256);
    let (without, with) = (client(&issuer, false), client(&issuer, true));
    let bearer = format!("Bearer {}", compare::token(&issuer).sign());
    println!("\n| request | without a sink ns | with ns | without ÷ with | allocations more |");
    println!("| --- | --- | --- | --- | --- |");
    for (path, expected) in [("/open", 200), ("/guarded", 200), ("/denied", 403)] {
        let ask = |client: &Client| {
            let header = Header::new("Authorization", bearer.clone());
            client.get(path).header(header).dispatch().status().code
        };
        assert_eq!((ask(&without), ask(&with)), (expected, expected), "{path}");
        let measured = compare(&[&|| _ = black_box(ask(&without)), &|| {
            _ = black_box(ask(&with));
        }]);
        let [(plain, plain_allocations), (audited, allocations)] = measured[..] else {
            unreachable!("two candidates")
        };
        println!(
            "| {path} | {plain:.0} | {audited:.0} | {:.3} | {} |",
            plain / audited,
            allocations.saturating_sub(plain_allocations)
        );
        criterion.bench_function(&format!("audit{path}"), |b| b.iter(|| ask(&with)));
    }
}

criterion_group!(benches, audit);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
