//! The feature `jsonwebtoken`: keys and tokens as types of that crate.
//!
//! These tests have both of its backends and install none, so that each call of its cryptography
//! panics: none is made.

use std::borrow::Cow;

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{AxiomsFairing, ValidToken};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, TokenData};
use rocket::serde::Deserialize;
use rocket::serde::json::{Value, from_str};
use rocket::{get, routes};

use crate::recorder::launch;
use crate::support::{App, config, full_token, offline, offline_with, rocket, routes as all};

fn set(issuer: &TestIssuer) -> JwkSet {
    from_str(&issuer.jwks()).expect("a set")
}

fn fairing(issuer: &TestIssuer) -> AxiomsFairing {
    AxiomsFairing::from_config(config(issuer))
}

#[test]
fn a_set_of_jsonwebtoken_verifies_as_its_json_does() {
    let algorithms = [Alg::Rs256, Alg::Ps256, Alg::Es256, Alg::Es384, Alg::EdDsa];
    let issuer = offline_with(algorithms);
    let app = App::launch(rocket(fairing(&issuer).with_keys(set(&issuer))).mount("/", all()));
    for alg in algorithms {
        app.get("/token", &full_token(&issuer).algorithm(alg).sign())
            .passes("alice");
    }
    app.get("/token", &full_token(&issuer).tampered().sign())
        .invalid("Invalid token signature");
    let other = offline();
    app.get("/token", &full_token(&other).sign())
        .invalid("Unknown signing key");
}

#[test]
fn a_set_without_a_usable_key_ends_the_launch() {
    let (issuer, empty) = (offline(), JwkSet { keys: Vec::new() });
    let (client, log) = launch(rocket(fairing(&issuer).with_keys(empty)));
    let error = client.expect_err("no key");
    let rocket::error::ErrorKind::FailedFairings(_) = error.kind() else {
        panic!("{error}")
    };
    assert_eq!(
        log.lines("AxiomsFairing::with_keys: ").len(),
        1,
        "{}",
        log.0
    );
}

#[test]
fn a_set_as_any_text_still_compiles() {
    struct Deployed(String);
    impl From<Deployed> for String {
        fn from(Deployed(text): Deployed) -> String {
            text
        }
    }
    let text = || offline().jwks();
    let borrowed = text();
    let given = [
        AxiomsFairing::default().with_keys(text()),
        AxiomsFairing::default().with_keys(&borrowed),
        AxiomsFairing::default().with_keys(borrowed.as_str()),
        AxiomsFairing::default().with_keys(Cow::from(&borrowed)),
        AxiomsFairing::default().with_keys(text().into_boxed_str()),
        AxiomsFairing::default().with_keys(Deployed(text())),
    ];
    assert_eq!(given.len(), 6);
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Staff {
    sub: String,
    email: String,
}

#[get("/data")]
fn data(token: ValidToken) -> String {
    match token.token_data::<Staff>() {
        Ok(TokenData { header, claims }) => {
            let Staff { sub, email } = claims;
            format!("{sub} {email} {:?} {:?}", header.alg, header.typ)
        }
        Err(error) => format!("{error}"),
    }
}

#[get("/all")]
fn whole(token: ValidToken<Value>) -> String {
    let data: TokenData<Value> = token.token_data().expect("JSON");
    assert_eq!(&data.claims, token.claims());
    assert_eq!(data.header.alg, Algorithm::ES256);
    data.header.kid.unwrap_or_default()
}

#[test]
fn a_verified_token_becomes_one_of_jsonwebtoken() {
    let issuer = offline_with([Alg::Es256, Alg::Es512, Alg::MlDsa44]);
    let fairing = fairing(&issuer).with_keys(issuer.jwks());
    let app = App::launch(rocket(fairing).mount("/", routes![data, whole]));
    let token = |alg| {
        full_token(&issuer)
            .algorithm(alg)
            .claim("email", "a@b.test")
    };
    app.get("/data", &token(Alg::Es256).sign())
        .passes("alice a@b.test ES256 Some(\"at+jwt\")");
    let kid = app.get("/all", &token(Alg::Es256).kid("k").sign());
    assert_eq!(kid.status, 401, "no such key");
    assert!(
        app.get("/all", &token(Alg::Es256).sign())
            .body
            .contains("256")
    );
    // Claims that do not fit and unknown algorithms are errors.
    let misfit = app.get("/data", &full_token(&issuer).sign()).body;
    assert!(misfit.contains("missing field `email`"), "{misfit}");
    for alg in [Alg::Es512, Alg::MlDsa44] {
        let answer = app.get("/data", &token(alg).sign());
        assert!(answer.body.contains("unknown variant"), "{answer:?}");
        assert_eq!(answer.status, 200);
    }
}
