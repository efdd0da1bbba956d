use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::{json, part};
use crate::base::clock::Clock;
use crate::testing::{Alg, TestIssuer, TokenBuilder};

const NOW: u64 = 1_900_000_000;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn issuer() -> TestIssuer {
    TestIssuer::builder()
        .clock(Clock::manual(at(NOW)))
        .offline("https://issuer.example.test")
}

/// Returns claim `name` after `change`.
fn claim(name: &str, change: impl FnOnce(TokenBuilder<'_>) -> TokenBuilder<'_>) -> Value {
    part(&change(issuer().token()).sign(), 1)[name].take()
}

/// Verifies the token with the published key of its `kid`.
fn verifies(issuer: &TestIssuer, token: &str, algorithm: Algorithm) -> bool {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let set: JwkSet = serde_json::from_str(&issuer.jwks()).expect("a key set");
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    set.keys.iter().any(|jwk| {
        let key = DecodingKey::from_jwk(jwk).expect("a key");
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm)
            .unwrap_or(false)
    })
}

#[test]
fn a_token_without_changes_is_valid() {
    let issuer = issuer();
    let token = issuer.token().sign();
    assert_eq!(
        part(&token, 0),
        json!({ "alg": "ES256", "kid": issuer.kid(Alg::Es256), "typ": "at+jwt" })
    );

    let mut claims = part(&token, 1);
    let id = claims["jti"].take();
    assert_eq!(id.as_str().map(str::len), Some(32));
    assert_eq!(
        claims,
        json!({
            "iss": "https://issuer.example.test",
            "aud": "https://api.example.test",
            "sub": "user-1",
            "iat": NOW,
            "exp": NOW + 3600,
            "jti": null,
        })
    );
    assert_ne!(
        part(&issuer.token().sign(), 1)["jti"],
        id,
        "each token has its own"
    );
}

#[test]
fn jsonwebtoken_accepts_it() {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let issuer = TestIssuer::start();
    let set: JwkSet = serde_json::from_str(&issuer.jwks()).expect("a key set");
    let jwk = set.find(&issuer.kid(Alg::Es256)).expect("the key");
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_issuer(&[issuer.url()]);
    validation.set_audience(&[issuer.audience()]);
    let key = DecodingKey::from_jwk(jwk).expect("a key");
    let token = jsonwebtoken::decode::<Value>(issuer.token().sign(), &key, &validation)
        .expect("a good token");
    assert_eq!(token.claims["sub"], "user-1");
}

#[test]
fn every_algorithm_is_in_the_header_and_verifies() {
    let issuer = issuer();
    for &alg in Alg::ALL {
        let token = issuer.token().algorithm(alg).sign();
        assert_eq!(part(&token, 0)["alg"], alg.name());
        assert_eq!(part(&token, 0)["kid"], issuer.kid(alg));
        let algorithm = match alg {
            // Unknown to jsonwebtoken; `signing_key.rs` tests them.
            Alg::Es512 | Alg::MlDsa44 | Alg::MlDsa65 | Alg::MlDsa87 => continue,
            Alg::Ed25519 => Algorithm::EdDSA,
            alg => alg.name().parse().expect("a known algorithm"),
        };
        let kid = issuer.kid(alg);
        let mut set = json(&issuer.jwks());
        let mut keys = set["keys"].take();
        let jwk = keys
            .as_array_mut()
            .expect("an array")
            .iter_mut()
            .find(|jwk| jwk["kid"] == kid)
            .expect("published");
        let jwk = serde_json::from_value(jwk.take()).expect("a JWK");
        let key = DecodingKey::from_jwk(&jwk).expect("a key");
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let (message, signature) = token.rsplit_once('.').expect("three parts");
        let verified = jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm);
        assert_eq!(verified.ok(), Some(true), "{alg}");
    }
}

#[test]
fn each_claim_has_its_registered_name() {
    assert_eq!(claim("sub", |token| token.subject("alice")), "alice");
    assert_eq!(
        claim("scope", |token| token.scope("read:resource other")),
        "read:resource other"
    );
    assert_eq!(claim("scope", |token| token.scopes(["a", "b"])), "a b");
    assert_eq!(
        claim("roles", |token| token.roles(["editor"])),
        json!(["editor"])
    );
    assert_eq!(
        claim("permissions", |token| token.permissions(["x", "y"])),
        json!(["x", "y"])
    );
    assert_eq!(claim("aud", |token| token.audience("other")), "other");
    assert_eq!(
        claim("aud", |token| token.audiences(["one", "two"])),
        json!(["one", "two"])
    );
    assert_eq!(
        claim("iss", |token| token.issuer("https://else.test/")),
        "https://else.test/"
    );
    assert_eq!(claim("client_id", |token| token.client_id("shop")), "shop");
    assert_eq!(claim("jti", |token| token.id("t-1")), "t-1");
    assert_eq!(claim("iat", |token| token.issued_at(at(7))), 7);
    assert_eq!(
        claim("iat", |token| token
            .issued_at(UNIX_EPOCH - Duration::from_secs(7))),
        -7
    );
    assert_eq!(claim("nbf", |token| token.not_before(at(8))), 8);
    assert_eq!(claim("exp", |token| token.expires_at(at(9))), 9);
    assert_eq!(
        claim("exp", |token| token.expires_in(Duration::from_secs(60))),
        NOW + 60
    );
    assert_eq!(
        claim("act", |token| token.claim("act", json!({ "sub": "bot" }))),
        json!({ "sub": "bot" })
    );
    assert_eq!(
        claim("sub", |token| token.without("sub").subject("again")),
        "again"
    );
}

#[test]
fn a_removed_claim_is_absent() {
    let token = issuer().token().without("aud").sign();
    assert_eq!(part(&token, 1).get("aud"), None);
}

#[test]
fn an_expired_token_expired_an_hour_ago() {
    let claims = part(&issuer().token().expired().sign(), 1);
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&json!(NOW - 7200), &json!(NOW - 3600))
    );
}

#[test]
fn tokens_follow_the_clock() {
    let clock = Clock::manual(at(NOW));
    let issuer = TestIssuer::builder()
        .clock(clock.clone())
        .offline("https://issuer.example.test");
    clock.advance(Duration::from_secs(5));
    assert_eq!(part(&issuer.token().sign(), 1)["iat"], NOW + 5);
}

#[test]
fn the_last_call_for_a_header_member_wins() {
    let issuer = issuer();
    let header = |token: TokenBuilder<'_>| part(&token.sign(), 0);
    assert_eq!(header(issuer.token().typ("JWT"))["typ"], "JWT");
    assert_eq!(
        header(issuer.token().kid("1234example="))["kid"],
        "1234example="
    );
    assert_eq!(
        header(issuer.token().header("crit", json!(["exp"])))["crit"],
        json!(["exp"])
    );
    assert_eq!(header(issuer.token().header("alg", "None"))["alg"], "None");
    assert_eq!(
        header(issuer.token().without_header("kid")).get("kid"),
        None
    );
    assert_eq!(
        header(issuer.token().without_header("kid").kid("k"))["kid"],
        "k"
    );
    assert_eq!(
        header(issuer.token().kid("k").without_header("kid")).get("kid"),
        None
    );
}

#[test]
fn a_tampered_token_has_only_a_wrong_signature() {
    let issuer = issuer();
    let builder = issuer.token().subject("alice");
    assert!(verifies(&issuer, &builder.sign(), Algorithm::ES256));

    let token = builder.tampered().sign();
    assert_eq!(part(&token, 1)["sub"], "alice");
    assert_eq!(part(&token, 1)["tampered"], true);
    assert!(!verifies(&issuer, &token, Algorithm::ES256));
}

#[test]
fn a_foreign_signature_keeps_the_kid() {
    let (issuer, forger) = (issuer(), issuer());
    let token = issuer.token().signed_by(&forger).sign();
    assert_eq!(part(&token, 0)["kid"], issuer.kid(Alg::Es256));
    assert!(!verifies(&issuer, &token, Algorithm::ES256));
    assert!(verifies(&forger, &token, Algorithm::ES256));
}

#[test]
fn an_unsecured_token_has_alg_none_and_no_signature() {
    let token = issuer().token().unsecured().sign();
    assert_eq!(part(&token, 0)["alg"], "none");
    assert_eq!(token.split('.').nth(2), Some(""));
}

#[test]
fn a_confused_token_is_an_hmac_with_the_public_key() {
    let issuer = issuer();
    let token = issuer.token().hmac_confused().sign();
    assert_eq!(part(&token, 0)["alg"], "HS256");

    let pem = issuer.shared.signing_key(Alg::Es256).pem();
    let (message, tag) = token.rsplit_once('.').expect("three parts");
    let tag = URL_SAFE_NO_PAD.decode(tag).expect("base64url");
    let secret = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());
    assert_eq!(hmac::verify(&secret, message.as_bytes(), &tag), Ok(()));

    // The secret is the public key: it verifies the issuer's signatures.
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = UnparsedPublicKey::new(
        &ECDSA_P256_SHA256_FIXED,
        STANDARD.decode(body).expect("base64"),
    );
    let signed = issuer.token().sign();
    let (message, signature) = signed.rsplit_once('.').expect("three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    assert_eq!(key.verify(message.as_bytes(), &signature).ok(), Some(()));
}

#[test]
fn raw_bytes_are_signed_unchanged() {
    let issuer = issuer();
    let token = issuer.sign_raw(
        r#"{"alg":"ES256","alg":"none"}"#,
        b"\xff not JSON",
        Alg::Es256,
    );
    let parts: Vec<_> = token
        .split('.')
        .map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64url"))
        .collect();
    assert_eq!(parts[0], br#"{"alg":"ES256","alg":"none"}"#);
    assert_eq!(parts[1], b"\xff not JSON");
    assert!(verifies(&issuer, &token, Algorithm::ES256));
}

#[test]
fn a_builder_signs_again_with_the_current_key() {
    let issuer = issuer();
    let builder = issuer.token();
    let before = builder.sign();
    issuer.emergency();
    let after = builder.sign();
    assert_eq!(part(&before, 1), part(&after, 1));
    assert!(!verifies(&issuer, &before, Algorithm::ES256));
    assert!(verifies(&issuer, &after, Algorithm::ES256));
}

#[test]
fn a_seeded_issuer_mints_the_same_tokens_in_any_process() {
    let token = |seed| {
        let builder = TestIssuer::builder()
            .algorithms([Alg::EdDsa])
            .clock(Clock::manual(at(NOW)))
            .seed(seed);
        let issuer = builder.offline("https://issuer.example.test");
        let first = issuer.token().sign();
        (first, issuer.token().sign())
    };
    assert_eq!(token(1), token(1));
    assert_ne!(token(1), token(2));
    let (first, second) = token(1);
    assert_ne!(part(&first, 1)["jti"], part(&second, 1)["jti"]);
    // Must never change: users have stored such tokens.
    assert_eq!(part(&first, 0)["kid"], "ed25519-1-651aea44");
    assert_eq!(part(&first, 1)["jti"], "fe9dd554726451dca8c4ec90edd88910");
}
