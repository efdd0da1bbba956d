//! The module `testing` as applications use it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axioms_rocket::AxiomsFairing;
use axioms_rocket::testing::{Bearer, assert_refused};
use rocket::local::asynchronous;

use crate::support::{App, app, config, full_token, offline, rocket, routes};

/// Returns the message of a failed assertion.
fn message(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).expect_err("the assertion fails");
    panic.downcast_ref::<String>().expect("a text").clone()
}

#[test]
fn bearer_accepts_strings_and_token_builders() {
    let issuer = offline();
    let App(client) = app(&issuer);
    let text = full_token(&issuer).sign();
    for response in [
        client.get("/token").bearer(text.as_str()).dispatch(),
        client.get("/token").bearer(&text).dispatch(),
        client.get("/token").bearer(text.clone()).dispatch(),
        client.get("/token").bearer(full_token(&issuer)).dispatch(),
        client
            .get("/token")
            .bearer(full_token(&issuer).scope("openid"))
            .dispatch(),
    ] {
        assert_eq!(response.into_string().as_deref(), Some("alice"));
    }
    assert_refused!(
        client.get("/token").bearer(&text).bearer(&text).dispatch(),
        400,
        "invalid_request"
    );
}

#[rocket::async_test]
async fn the_async_client_works_like_the_blocking_one() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let client = asynchronous::Client::untracked(rocket(fairing).mount("/", routes()))
        .await
        .expect("it starts");

    let good = client
        .get("/token")
        .bearer(full_token(&issuer))
        .dispatch()
        .await;
    assert_eq!(good.into_string().await.as_deref(), Some("alice"));
    assert_refused!(client.get("/token").dispatch().await, 401, "missing_token");
    let expired = client
        .get("/token")
        .bearer(issuer.token().expired())
        .dispatch()
        .await;
    let response = assert_refused!(expired, 401, "invalid_token", "Token has expired");
    assert!(
        response
            .into_string()
            .await
            .expect("a body")
            .contains("Token has expired")
    );

    let poor = client
        .get("/scope")
        .bearer(issuer.token().scope("email"))
        .dispatch()
        .await;
    let text = message(|| drop(assert_refused!(poor, 401, "invalid_token")));
    assert!(
        text.contains("status: 403") && text.contains("\"error\":\"insufficient_scope\""),
        "{text}"
    );
}

#[test]
fn a_failed_assertion_prints_expected_actual_and_reason() {
    let issuer = offline();
    let App(client) = app(&issuer);
    let foreign = client
        .get("/token")
        .bearer(issuer.token().audience("https://other.test"))
        .dispatch();
    let text = message(|| drop(assert_refused!(foreign, 403, "insufficient_scope")));
    assert_eq!(
        text,
        "this should have been refused:\n   \
         expected: 403 insufficient_scope\n     \
         status: 401\n  \
         challenge: Bearer realm=\"https://issuer.example.test\", error=\"invalid_token\", \
         error_description=\"Invalid token audience\"\n       \
         body: {\"error\":\"invalid_token\",\
         \"error_description\":\"Invalid token audience\"}\n     \
         reason: invalid_token: Invalid token audience (audience \"https://other.test\" is none of \
         [\"https://api.example.test\"])"
    );
}

#[test]
fn a_failed_assertion_without_a_refusal_says_so() {
    let issuer = offline();
    let App(client) = app(&issuer);
    let text = message(|| {
        drop(assert_refused!(
            client.get("/public").dispatch(),
            401,
            "missing_token"
        ))
    });
    assert!(
        text.contains("status: 200")
            && text.contains("challenge: (none)")
            && text.contains("body: public"),
        "{text}"
    );
    assert!(
        text.ends_with("reason: (no guard of axioms-rocket refused it)"),
        "{text}"
    );
}

#[test]
fn the_reason_contains_the_requirement_of_the_guard() {
    let issuer = offline();
    let App(client) = app(&issuer);
    let poor = client.get("/scope").bearer(issuer.token()).dispatch();
    let text = message(|| {
        drop(assert_refused!(
            poor,
            403,
            "insufficient_scope",
            "Another description"
        ))
    });
    assert!(
        text.contains("[asked: ") && text.contains("openid"),
        "{text}"
    );
}
