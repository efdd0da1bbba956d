//! The cost of reading the `Authorization` header: a request with a guard against the same request
//! without one.
//!
//! `cargo bench --bench bearer`. The requests are local ones, without HTTP. The token is cached, so
//! that only the header remains to be read.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a bench fails"
)]

mod compare;

use std::hint::black_box;

use axioms_rocket::testing::Alg;
use axioms_rocket::{AuthError, ValidToken};
use criterion::{Criterion, criterion_group};
use rocket::http::Header;
use rocket::local::blocking::Client;

use compare::{application, compare, issuer, ready};

type Guard = Result<ValidToken, AuthError>;

/// A request with these `Authorization` headers, and the code of its refusal, if any.
fn ask(client: &Client, path: &str, headers: &[String], guarded: bool) -> Option<&'static str> {
    let mut request = client.get(path);
    for header in headers {
        request.add_header(Header::new("Authorization", header.as_str().to_owned()));
    }
    if !guarded {
        return None;
    }
    let outcome = ready(request.inner().guard::<Guard>())
        .succeeded()
        .expect("this guard never refuses");
    outcome.err().map(|error| error.code())
}

fn bearer(criterion: &mut Criterion) {
    let issuer = issuer(Alg::Es256);
    let client = Client::untracked(application(&issuer, 8192)).expect("the application starts");
    let token = compare::token(&issuer).sign();
    let (long, bad) = ("a".repeat(20_000), format!("Bearer {token},"));
    let cases: [(&str, Vec<String>, Option<&str>); 10] = [
        ("good", vec![format!("Bearer {token}")], None),
        (
            "good, in small letters, among blanks",
            vec![format!("bearer    {token}  ")],
            None,
        ),
        ("none (2.1)", vec![], Some("missing_token")),
        (
            "none, but one in the query (2.7)",
            vec![],
            Some("missing_token"),
        ),
        (
            "Basic (2.2)",
            vec!["Basic YWxpY2U6c2VjcmV0".into()],
            Some("missing_token"),
        ),
        ("empty (2.3)", vec![String::new()], Some("missing_token")),
        (
            "no token (2.4)",
            vec!["Bearer ".into()],
            Some("invalid_token"),
        ),
        ("a comma at the end (2.4)", vec![bad], Some("invalid_token")),
        (
            "two headers (2.6)",
            vec![format!("Bearer {token}"); 2],
            Some("invalid_request"),
        ),
        (
            "20 kB (2.8)",
            vec![format!("Bearer {long}")],
            Some("invalid_token"),
        ),
    ];
    println!(
        "\n| header | request ns | with a guard ns | guard ns | ratio | allocations of the guard |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    let in_the_query = format!("/?access_token={token}");
    for (name, headers, expected) in &cases {
        let path = if name.contains("query") {
            &in_the_query
        } else {
            "/"
        };
        let ask = |guarded| ask(&client, path, headers, guarded);
        assert_eq!(ask(true), *expected, "{name}");
        let measured = compare(&[&|| _ = black_box(ask(false)), &|| _ = black_box(ask(true))]);
        let [(open, open_allocations), (guarded, allocations)] = measured[..] else {
            unreachable!("two candidates")
        };
        println!(
            "| {name} | {open:.0} | {guarded:.0} | {:.0} | {:.2} | {} |",
            guarded - open,
            guarded / open,
            allocations - open_allocations
        );
        criterion.bench_function(&format!("bearer/{name}"), |b| b.iter(|| ask(true)));
    }
}

criterion_group!(benches, bearer);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
