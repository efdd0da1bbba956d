//! Client authentication, and the launch.

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{
    AxiomsFairing, ClientAuth, Config, IntrospectWhen, IntrospectionConfig, Secret,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::error::ErrorKind;
use rocket::serde::json::{Value, from_slice, json};

use super::server::{self, Server};
use super::{NOW, TOKEN, active, clock, fixture, introspection};
use crate::recorder::launch;
use crate::support::{AUDIENCE, App, ISSUER, offline, rocket, routes};

#[test]
fn row_7_1_basic_form_encodes_and_post_has_the_secret_in_the_form() {
    let with = |auth: ClientAuth| {
        fixture(
            |_| server::json(&active()),
            |table| {
                table.client_id = Some("a:b".into());
                table.client_secret = Some(Secret::new("p+%& x"));
                table.auth = auth;
            },
        )
    };
    let basic = with(ClientAuth::Basic);
    basic.app.get("/token", TOKEN).passes("alice");
    let call = &basic.server.calls()[0];
    // a%3Ab:p%2B%25%26+x
    assert_eq!(
        call.headers["authorization"],
        "Basic YSUzQWI6cCUyQiUyNSUyNit4"
    );
    assert_eq!(call.form.len(), 2);

    let post = with(ClientAuth::Post);
    post.app.get("/token", TOKEN).passes("alice");
    let call = &post.server.calls()[0];
    assert!(!call.headers.contains_key("authorization"));
    assert_eq!(call.field("client_id"), "a:b");
    assert_eq!(call.field("client_secret"), "p+%& x");
}

/// PKCS#8 of OpenSSL, for this test.
const P256: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgH8+caIlPtUugFPOy
7tzyPaO2zYPkwI5Y/2+DhPLBcQKhRANCAAQttZDx01lFaFMAgDex4g/ixx4lenqD
E7/t7T5dS7l6YJsDsuIT27t3T9QL1CQrJL/0tyxxjhiSa+k1JLSsel/j
-----END PRIVATE KEY-----
";

#[test]
fn row_7_1_private_key_jwt_signs_an_assertion_for_the_issuer_alone() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("key.pem");
    std::fs::write(&path, P256).expect("a file");
    let fixture = fixture(
        |_| server::json(&active()),
        |table| {
            table.client_secret = None;
            table.auth = ClientAuth::PrivateKeyJwt;
            table.private_key_file = Some(path);
            table.key_id = Some("k1".into());
            table.cache_ttl = 0;
        },
    );
    let mut ids = Vec::new();
    for _ in 0..2 {
        fixture.app.get("/token", TOKEN).passes("alice");
        let calls = fixture.server.calls();
        let call = calls.last().expect("a call");
        assert!(!call.headers.contains_key("authorization"));
        assert_eq!(call.field("client_id"), "api");
        assert_eq!(
            call.field("client_assertion_type"),
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        let assertion = call.field("client_assertion");
        let jwk = json!({
            "kty": "EC", "crv": "P-256",
            "x": "LbWQ8dNZRWhTAIA3seIP4sceJXp6gxO_7e0-XUu5emA",
            "y": "mwOy4hPbu3dP1AvUJCskv_S3LHGOGJJr6TUktKx6X-M",
        });
        let jwk: jsonwebtoken::jwk::Jwk = rocket::serde::json::from_value(jwk).expect("a JWK");
        let key = jsonwebtoken::DecodingKey::from_jwk(&jwk).expect("a key");
        // A foreign library confirms the signature. It is not installed in the process: a test of
        // this program needs that it is not.
        let of = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.verifier_factory;
        let verifier = of(&jsonwebtoken::Algorithm::ES256, &key).expect("a verifier");
        let (signed, signature) = assertion.rsplit_once('.').expect("three parts");
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64url");
        let verified = verifier.verify(signed.as_bytes(), &decoded(signature));
        verified.expect("the signature holds");
        let (header, claims) = signed.split_once('.').expect("two parts");
        let [header, claims]: [Value; 2] =
            [header, claims].map(|part| from_slice(&decoded(part)).expect("JSON"));
        assert_eq!(claims["aud"], ISSUER, "alone, and a text");
        assert_eq!(claims["iss"], "api");
        assert_eq!(claims["sub"], "api");
        assert_eq!(claims["exp"], NOW + 60);
        assert_eq!(
            header,
            json!({ "alg": "ES256", "typ": "client-authentication+jwt", "kid": "k1" })
        );
        ids.push(claims["jti"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn every_problem_of_the_table_ends_the_launch_at_once() {
    let server = Server::start(|_| server::json(&active()));
    let config = Config {
        audience: vec![AUDIENCE.into()],
        iss_url: Some(ISSUER.into()),
        introspection: Some(IntrospectionConfig {
            client_id: None,
            client_secret_file: Some("/no/such/file".into()),
            url: Some("ftp://auth.example.test".into()),
            cache_ttl: 10_000,
            ..introspection(&server)
        }),
        ..Config::default()
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(offline().jwks());
    let (launched, log) = launch(rocket(fairing));
    let error = launched.map(drop).expect_err("it cannot work");
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)));
    for part in [
        "introspection.client_id (code (AxiomsFairing::from_config)): is required",
        "introspection.client_secret_file (code (AxiomsFairing::from_config)): is set beside",
        "introspection.url (code (AxiomsFairing::from_config)): is not a URL",
        "introspection.cache_ttl (code (AxiomsFairing::from_config)): is 10000 seconds",
    ] {
        assert!(log.0.contains(part), "{part} in {}", log.0);
    }
    assert!(!log.0.contains("hunter2"));
}

#[test]
fn the_metadata_name_the_endpoint_and_a_missing_one_is_a_warning() {
    let clock = clock();
    let issuer = TestIssuer::builder()
        .audience(AUDIENCE)
        .clock(clock.clone())
        .algorithms([Alg::Es256])
        .start();
    let config = || Config {
        audience: vec![AUDIENCE.into()],
        iss_url: Some(issuer.url().into()),
        introspection: Some(IntrospectionConfig {
            client_id: Some("api".into()),
            client_secret: Some(Secret::new("hunter2")),
            cache_ttl: 0,
            ..IntrospectionConfig::default()
        }),
        ..Config::default()
    };
    let app = || {
        let fairing = AxiomsFairing::from_config(config()).with_clock(clock.clone());
        launch(rocket(fairing).mount("/", routes()))
    };
    let token = issuer.token().subject("alice").opaque();
    let (client, _) = app();
    App(client.expect("it starts"))
        .get("/token", &token)
        .passes("alice");

    issuer.answer_metadata_with(axioms_rocket::testing::IssuerFault::Body(
        json!({ "issuer": issuer.url(), "jwks_uri": issuer.jwks_url() }).to_string(),
    ));
    let (client, log) = app();
    let (level, line) = log.line("introspection endpoint");
    assert_eq!(level, "WARN");
    assert!(
        line.contains("`introspection_endpoint` is missing"),
        "{line}"
    );
    let app = App(client.expect("it starts"));
    let answer = app.get("/token", &token);
    answer.refused(
        503,
        "temporarily_unavailable",
        "Token introspection is temporarily unavailable",
    );
    // The next request finds it, without a restart.
    issuer.heal();
    app.get("/token", &token).passes("alice");
}

#[test]
fn several_issuers_that_are_always_asked_are_warned_of() {
    let server = Server::start(|_| server::json(&active()));
    let table = || {
        Some(IntrospectionConfig {
            when: IntrospectWhen::Always,
            ..introspection(&server)
        })
    };
    let entry = |number: usize| axioms_rocket::IssuerConfig {
        iss_url: Some(format!("https://issuer-{number}.example.test")),
        introspection: table(),
        ..Default::default()
    };
    let config = Config {
        audience: vec![AUDIENCE.into()],
        issuers: vec![entry(0), entry(1)],
        jwks_prefetch: axioms_rocket::JwksPrefetch::Never,
        ..Config::default()
    };
    let (client, log) = launch(rocket(AxiomsFairing::from_config(config)).mount("/", routes()));
    assert!(
        log.line("introspection.when")
            .1
            .contains("no JWTs are refused"),
        "{log:?}"
    );
    let app = App(client.expect("it starts"));
    app.get("/token", TOKEN).invalid("Malformed token");
    assert_eq!(server.calls().len(), 0);
}
