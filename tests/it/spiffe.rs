//! `trust_domain`: JWT-SVIDs of SPIFFE.

use std::fs;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{Config, IssuerConfig};
use rocket::serde::json::{Value, from_str, json};
use tempfile::TempDir;

use crate::support::{App, config, full_token, offline, online_app};

const WORKLOAD: &str = "spiffe://example.org/ns/shop/sa/orders";

/// Writes the keys of `issuer` as a bundle, `change`d, and returns its path's directory.
fn bundle(issuer: &TestIssuer, change: impl Fn(&mut Value)) -> TempDir {
    let mut set: Value = from_str(&issuer.jwks()).expect("JSON");
    let keys = set["keys"].as_array_mut().expect("a list");
    for key in keys.iter_mut() {
        key["use"] = json!("jwt-svid");
        change(key);
    }
    let mut certificates = keys[0].clone();
    certificates["use"] = json!("x509-svid");
    certificates["kid"] = json!("certificates");
    keys.push(certificates);
    set["spiffe_sequence"] = json!(7);
    set["spiffe_refresh_hint"] = json!(300);
    let directory = TempDir::new().expect("a directory");
    fs::write(directory.path().join("bundle.json"), set.to_string()).expect("written");
    directory
}

fn settings(issuer: &TestIssuer, bundle: &TempDir) -> Config {
    Config {
        iss_url: None,
        trust_domain: Some("example.org".into()),
        jwks_file: Some(bundle.path().join("bundle.json")),
        ..config(issuer)
    }
}

fn svid(issuer: &TestIssuer, sub: &str) -> String {
    full_token(issuer).without("iss").subject(sub).sign()
}

#[test]
fn a_workload_of_the_trust_domain_needs_no_iss() {
    let issuer = offline();
    let app = online_app(settings(&issuer, &bundle(&issuer, |_| {})));
    app.get("/token", &svid(&issuer, WORKLOAD)).passes(WORKLOAD);
    for sub in [
        "alice",
        "spiffe://example.org",
        "spiffe://example.org/",
        "spiffe://example.org.evil/a",
        "spiffe://other.org/ns/shop/sa/orders",
        "spiffe://example.org/../other.org/a",
    ] {
        app.get("/token", &svid(&issuer, sub))
            .invalid("Invalid token issuer");
    }
    // A token that names an issuer is of another one.
    let named = full_token(&issuer).subject(WORKLOAD).sign();
    app.get("/token", &named).invalid("Invalid token issuer");
    let without = full_token(&issuer).without("iss").without("sub").sign();
    app.get("/token", &without).invalid("Invalid token issuer");
    let foreign = svid(&offline(), WORKLOAD);
    assert_eq!(app.get("/token", &foreign).status, 401);
}

#[test]
fn keys_of_a_bundle_count_by_their_use() {
    let issuer = offline();
    for kind in [
        json!("sig"),
        json!("x509-svid"),
        json!("JWT-SVID"),
        Value::Null,
    ] {
        let directory = bundle(&issuer, |key| key["use"] = kind.clone());
        let mut config = settings(&issuer, &directory);
        config.jwks_prefetch = axioms_rocket::JwksPrefetch::Never;
        let app = online_app(config);
        let answer = app.get("/token", &svid(&issuer, WORKLOAD));
        assert_eq!(answer.status, 503, "{kind}: no usable key");
    }
    // And `jwt-svid` is no key of an ordinary issuer.
    let directory = bundle(&issuer, |_| {});
    let ordinary = Config {
        jwks_prefetch: axioms_rocket::JwksPrefetch::Never,
        jwks_file: Some(directory.path().join("bundle.json")),
        ..config(&issuer)
    };
    let token = full_token(&issuer).sign();
    assert_eq!(online_app(ordinary).get("/token", &token).status, 503);
}

#[test]
fn beside_another_issuer_the_subject_selects() {
    let (users, workloads) = (TestIssuer::start(), offline());
    let directory = bundle(&workloads, |_| {});
    let entry = |trust_domain: &str| IssuerConfig {
        trust_domain: Some(trust_domain.into()),
        jwks_file: Some(directory.path().join("bundle.json")),
        ..IssuerConfig::default()
    };
    let app: App = online_app(Config {
        issuers: vec![entry("other.org"), entry("example.org")],
        ..config(&users)
    });
    let audience = crate::support::AUDIENCE;
    let user = full_token(&users).audience(audience);
    app.get("/token", &user.sign()).passes("alice");
    app.get("/token", &svid(&workloads, WORKLOAD))
        .passes(WORKLOAD);
    // A user whose subject looks like a workload is one of the user's issuer.
    let user = full_token(&users).audience(audience).subject(WORKLOAD);
    app.get("/token", &user.sign()).passes(WORKLOAD);
    let user = full_token(&users).audience(audience).subject(WORKLOAD);
    let answer = app.get("/token", &user.without("iss").sign());
    assert_eq!(answer.status, 401, "the keys of the users sign no workload");
    let stray = svid(&workloads, "spiffe://third.org/a");
    app.get("/token", &stray).invalid("Invalid token issuer");
}
