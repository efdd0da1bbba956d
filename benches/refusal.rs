//! What a bad token costs when it is refused before its signature is looked at, beside a good one that is checked.
//!
//! `cargo bench --bench refusal`. Rows are those of the behaviour's chapter 3; chapter 2 is in `benches/bearer.rs`. The good
//! token is never remembered.

mod contest;

use std::hint::black_box;
use std::time::{SystemTime, UNIX_EPOCH};

use axioms_rocket::testing::{Alg, TestIssuer, verify};
use criterion::{Criterion, criterion_group};
use rocket::serde::json::json;

use contest::{application, contest, issuer, ready};

/// Row, token, description of the refusal.
fn rows(issuer: &TestIssuer) -> Vec<(&'static str, String, &'static str)> {
    let token = || contest::token(issuer);
    let good = token().sign();
    let (head, _) = good.rsplit_once('.').expect("three parts");
    let header = format!(r#"{{"alg":"RS256","kid":"{}"}}"#, issuer.kid(Alg::Rs256));
    let raw = |header: &str, payload: &str| issuer.sign_raw(header, payload, Alg::Rs256);
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let nested = format!(r#"{{"x":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    let long = format!("{head}.{}", "A".repeat(20_000));
    vec![
        ("2.8 longer than max_token_bytes", long, "Malformed token"),
        ("3.1 two parts", head.to_owned(), "Malformed token"),
        ("3.1 padded", format!("{good}="), "Malformed token"),
        ("3.1 the header is no JSON", raw("{", "{}"), "Malformed token"),
        ("3.1 the claims are no JSON", raw(&header, "{"), "Malformed token"),
        ("3.1 a claim twice", raw(&header, r#"{"sub":"alice","sub":"bob"}"#), "Malformed token"),
        ("3.2 none", token().unsecured().sign(), "Unsupported algorithm"),
        ("3.2 HS256", token().hmac_confused().sign(), "Unsupported algorithm"),
        ("3.2 no alg", token().without_header("alg").sign(), "Unsupported algorithm"),
        ("3.3 alg does not fit the key", token().header("alg", "ES256").sign(), "Unsupported algorithm"),
        ("3.6 crit", token().header("crit", json!(["exp"])).sign(), "Malformed token"),
        ("3.9 kid is no string", token().header("kid", 7).sign(), "Malformed token"),
        ("3.9 kid over 1 KiB", token().kid("k".repeat(1025)).sign(), "Malformed token"),
        ("3.10 a kid that nobody knows", token().kid("nobody's").sign(), "Unknown signing key"),
        ("3.11 expired", token().expired().sign(), "Token has expired"),
        ("3.11 exp is a text", token().claim("exp", "tomorrow").sign(), "Malformed token"),
        ("3.12 nbf ahead", token().claim("nbf", seconds + 3600).sign(), "Token is not valid yet"),
        ("3.13 another issuer", token().claim("iss", "https://other.example.test").sign(), "Invalid token issuer"),
        ("3.14 another audience", token().claim("aud", "https://other.example.test").sign(), "Invalid token audience"),
        ("3.16 typ of another kind", token().typ("dpop+jwt").sign(), "Invalid token type"),
        ("3.20 nested 5000 deep", raw(&header, &nested), "Malformed token"),
    ]
}

fn refusals(criterion: &mut Criterion) {
    let issuer = issuer(Alg::Rs256);
    let application = application(&issuer, 0);
    let good = contest::token(&issuer).sign();
    let accept = || drop(ready(verify(&application, black_box(&good))).expect("a good token"));
    println!("\n| refused | ns | ÷ a good token, checked | allocations |");
    println!("| --- | --- | --- | --- |");
    for (row, token, expected) in rows(&issuer) {
        let refuse = || ready(verify(&application, black_box(&token))).expect_err("a bad token");
        assert_eq!(refuse().description(), expected, "{row}");
        let measured = contest(&[&accept, &|| drop(refuse())]);
        let [(accepted, _), (refused, allocations)] = measured[..] else { unreachable!("two contestants") };
        println!("| {row} | {refused:.0} | {:.3} | {allocations} |", refused / accepted);
        criterion.bench_function(&format!("refusal/{row}"), |b| b.iter(refuse));
    }
}

criterion_group!(benches, refusals);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
