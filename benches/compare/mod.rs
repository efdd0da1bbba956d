//! Common parts of the benches: an issuer, applications that trust it, and measuring in turns.

#![allow(dead_code, reason = "not each bench uses all of it")]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use axioms_rocket::testing::{Alg, TestIssuer, TokenBuilder};
use axioms_rocket::{AxiomsFairing, Config};
use rocket::{Ignite, Rocket};

pub fn issuer(alg: Alg) -> TestIssuer {
    TestIssuer::builder()
        .audience("https://api.example.test")
        .algorithms([alg])
        .offline("https://issuer.example.test")
}

/// A token of ordinary size: ten scopes, five roles, twenty permissions.
pub fn token(issuer: &TestIssuer) -> TokenBuilder<'_> {
    let names = |count: usize, what: &str| {
        (0..count)
            .map(|n| format!("{what}:{n:02}"))
            .collect::<Vec<_>>()
    };
    issuer
        .token()
        .subject("0f2a8c1e-user")
        .client_id("web-client")
        .scope(names(10, "read:item").join(" "))
        .roles(names(5, "role"))
        .permissions(names(20, "orders"))
}

pub fn application(issuer: &TestIssuer, token_cache_capacity: usize) -> Rocket<Ignite> {
    application_with(
        issuer,
        Config {
            token_cache_capacity,
            ..Config::default()
        },
    )
}

/// As [`application`], with the other settings of `config`.
pub fn application_with(issuer: &TestIssuer, config: Config) -> Rocket<Ignite> {
    let config = Config {
        audience: vec![issuer.audience().into()],
        iss_url: Some(issuer.url().into()),
        ..config
    };
    let rocket = rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    rocket::async_test(rocket.attach(fairing).ignite()).expect("the application ignites")
}

/// Polls once: with the keys handed over, no verification waits.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("verification had to wait"),
    }
}

/// The median.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs the candidates in turns. Returns for each the nanoseconds of one turn, the median of all
/// rounds, and the allocations of one turn. A round is 200 turns, or as many as fit into 10 ms.
/// With `--test` each candidate has one turn.
pub fn compare(candidates: &[&dyn Fn()]) -> Vec<(f64, u64)> {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let slowest = candidates.iter().map(|candidate| {
        let start = Instant::now();
        candidate();
        start.elapsed().as_micros()
    });
    let slowest = slowest.max().unwrap_or_default().max(1);
    let (rounds, turns) = if smoke {
        (1, 1)
    } else {
        (41, (10_000 / slowest).clamp(2, 200) as u32)
    };
    let mut times = vec![Vec::with_capacity(rounds); candidates.len()];
    for _ in 0..rounds {
        for (candidate, times) in candidates.iter().zip(&mut times) {
            let start = Instant::now();
            (0..turns).for_each(|_| candidate());
            times.push(start.elapsed().as_nanos() as f64 / f64::from(turns));
        }
    }
    let allocations = candidates
        .iter()
        .map(|candidate| allocation_counter::measure(candidate).count_total);
    times
        .into_iter()
        .map(median)
        .zip(allocations.collect::<Vec<_>>())
        .collect()
}
