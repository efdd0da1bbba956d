//! Every bad token of the testing kit against every kind of route, with a good one before and after each.

use axioms_rocket::testing::{Alg, Bearer, TestIssuer, assert_refused, hostile};
use rocket::local::blocking::Client;

use crate::support::{app, config, everything, offline_with, online_app};

const GUARDED: [&str; 5] = ["/token", "/scope", "/role", "/permission", "/someone"];

#[track_caller]
fn passes(client: &Client, path: &str, issuer: &TestIssuer) {
    let response = client.get(path.to_owned()).bearer(everything(issuer)).dispatch();
    assert_eq!(response.status().code, 200, "{path}: a good token");
}

#[track_caller]
fn all_are_refused(client: &Client, issuer: &TestIssuer) {
    for path in GUARDED {
        for bad in hostile::spoiled(&everything(issuer)) {
            passes(client, path, issuer);
            assert_refused!(client.get(path).bearer(&bad).dispatch(), &bad);
            passes(client, path, issuer);
        }
    }
}

#[test]
fn no_bad_token_passes_any_guard_whatever_the_algorithm() {
    for alg in [Alg::Es256, Alg::EdDsa, Alg::Rs256, Alg::Es512] {
        let issuer = offline_with([alg]);
        all_are_refused(&app(&issuer).0, &issuer);
    }
}

#[test]
fn no_bad_token_passes_an_application_that_fetches_its_keys() {
    let issuer = TestIssuer::builder().audience(crate::support::AUDIENCE).start();
    let app = online_app(config(&issuer));
    all_are_refused(&app.0, &issuer);
    let documents = [issuer.jwks_url(), "/.well-known/openid-configuration"];
    for request in issuer.requests() {
        assert!(documents.iter().any(|document| document.ends_with(&request.target)), "{request}");
    }
}

#[test]
fn there_are_enough_of_them_and_the_same_words_for_the_same_fault() {
    let issuer = offline_with([Alg::Es256]);
    let bad: Vec<_> = hostile::all(&issuer).collect();
    assert!(bad.len() >= 60, "{}", bad.len());
    assert!(bad.iter().all(|bad| (bad.status, bad.code) == (401, "invalid_token")));
}
