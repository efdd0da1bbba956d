//! The cost of a remembered introspection answer, beside that of a remembered JWT, with and without
//! introspection.
//!
//! `cargo bench --bench introspection`. The ratio of the first two is at most 1.1.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a bench fails"
)]

mod compare;

use std::hint::black_box;

use axioms_rocket::testing::{Alg, TestIssuer, verify};
use axioms_rocket::{AxiomsFairing, Config, IntrospectWhen, IntrospectionConfig, Secret};
use criterion::{Criterion, criterion_group};
use rocket::{Ignite, Rocket};

use compare::{compare, ready};

fn application(issuer: &TestIssuer, when: Option<IntrospectWhen>) -> Rocket<Ignite> {
    let table = |when| IntrospectionConfig {
        client_id: Some("api".into()),
        client_secret: Some(Secret::new("secret")),
        cache_ttl: 3600,
        when,
        ..IntrospectionConfig::default()
    };
    let config = Config {
        audience: vec![issuer.audience().into()],
        iss_url: Some(issuer.url().into()),
        introspection: when.map(table),
        ..Config::default()
    };
    let rocket = rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    let fairing = AxiomsFairing::from_config(config);
    rocket::async_test(rocket.attach(fairing).ignite()).expect("the application ignites")
}

fn recall(rocket: &Rocket<Ignite>, text: &str) {
    drop(ready(verify(rocket, black_box(text))).expect("a good token"));
}

fn introspection(criterion: &mut Criterion) {
    let issuer = TestIssuer::builder()
        .audience("https://api.example.test")
        .algorithms([Alg::EdDsa])
        .start();
    let token = compare::token(&issuer);
    // As long as a JWT, and as short as such tokens are.
    let (jwt, opaque) = (token.sign(), token.opaque());
    let [without, asked, always] = [
        None,
        Some(IntrospectWhen::Opaque),
        Some(IntrospectWhen::Always),
    ]
    .map(|when| application(&issuer, when));
    for (rocket, text) in [
        (&without, &jwt),
        (&asked, &jwt),
        (&asked, &opaque),
        (&always, &jwt),
    ] {
        rocket::async_test(verify(rocket, text)).expect("a good token");
    }
    let names = [
        "a JWT, no introspection",
        "an opaque token",
        "a JWT beside opaque tokens",
        "a JWT that is always introspected",
    ];
    let candidates: [&dyn Fn(); 4] = [
        &|| recall(&without, &jwt),
        &|| recall(&asked, &opaque),
        &|| recall(&asked, &jwt),
        &|| recall(&always, &jwt),
    ];
    println!("\n| remembered | ns | ÷ the first | allocations |");
    println!("| --- | --- | --- | --- |");
    let figures = compare(&candidates);
    let first = figures[0].0;
    for (name, (time, allocations)) in names.iter().zip(&figures) {
        println!(
            "| {name} | {time:.0} | {:.2} | {allocations} |",
            time / first
        );
    }
    for (name, candidate) in names.iter().zip(candidates) {
        criterion.bench_function(&format!("introspection/{name}"), |b| b.iter(candidate));
    }
}

criterion_group!(benches, introspection);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
