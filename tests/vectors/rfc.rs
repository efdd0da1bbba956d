//! The examples of RFC 7515, RFC 7517, RFC 7520, RFC 8037 and RFC 9964.
//!
//! Two of them are tokens with claims, and with the right issuer and time they are let in. The
//! payload of the others is no set of claims, so no signature of theirs is looked at:
//! `src/jose/tests/rfc.rs` does.

use std::collections::HashMap;
use std::time::{Duration, UNIX_EPOCH};

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{AxiomsFairing, Clock, Config};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::*;

#[derive(Deserialize)]
struct Examples {
    tokens: Vec<Token>,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Token {
    name: String,
    key: Value,
    token: String,
}

#[derive(Deserialize)]
struct Key {
    name: String,
    key: Value,
}

fn examples() -> Examples {
    let mut examples: Examples = serde_json::from_str(include_str!("data/rfc.json")).unwrap();
    let more: Examples = serde_json::from_str(include_str!("data/rfc9964.json")).unwrap();
    examples.tokens.extend(more.tokens);
    examples
}

/// `exp` of RFC 7515's claims.
const EXPIRES: u64 = 1_300_819_380;

const ACCEPTED: &str = "200 -";

/// Each token and its answer.
const TOKENS: [(&str, &str); 25] = [
    // HS256.
    ("RFC 7515 A.1", ALGORITHM),
    ("RFC 7515 A.2", ACCEPTED),
    ("RFC 7515 A.3", ACCEPTED),
    // The payload is the word `Payload`.
    ("RFC 7515 A.4", MALFORMED),
    // Unsecured.
    ("RFC 7515 A.5", ALGORITHM),
    // JSON Serialization.
    ("RFC 7515 A.6", NOT_A_BEARER),
    ("RFC 7515 A.7", NOT_A_BEARER),
    // A critical extension; the payload is the word `FAIL`.
    ("RFC 7515 E", MALFORMED),
    // The payload is a sentence.
    ("RFC 7520 4.1", MALFORMED),
    ("RFC 7520 4.2", MALFORMED),
    ("RFC 7520 4.3", MALFORMED),
    ("RFC 7520 4.4", MALFORMED),
    // Detached.
    ("RFC 7520 4.5", MALFORMED),
    ("RFC 7520 4.6 general", NOT_A_BEARER),
    ("RFC 7520 4.6 flattened", NOT_A_BEARER),
    ("RFC 7520 4.7 general", NOT_A_BEARER),
    ("RFC 7520 4.7 flattened", NOT_A_BEARER),
    ("RFC 7520 4.8 general", NOT_A_BEARER),
    ("RFC 7520 4.8 first signature", MALFORMED),
    // Without a protected header.
    ("RFC 7520 4.8 second signature", MALFORMED),
    ("RFC 7520 4.8 third signature", MALFORMED),
    ("RFC 8037 A.4", MALFORMED),
    ("RFC 9964 A.1 ML-DSA-44", MALFORMED),
    ("RFC 9964 A.1 ML-DSA-65", MALFORMED),
    ("RFC 9964 A.1 ML-DSA-87", MALFORMED),
];

/// An application for whom the issuer `joe` is everything: its claims have no `aud`, so `iss`
/// stands in for it.
fn joe(clock: &Clock, issuer: &TestIssuer, key: &Value) -> Api {
    let config = Config {
        audience: vec!["joe".into()],
        audience_claims: vec!["iss".into()],
        iss_url: Some("joe".into()),
        leeway: 0,
        ..Config::default()
    };
    let mut set: Value = serde_json::from_str(&issuer.jwks()).unwrap();
    set["keys"].as_array_mut().unwrap().push(key.clone());
    Api::start(
        AxiomsFairing::from_config(config)
            .with_keys(set.to_string())
            .with_clock(clock.clone()),
    )
}

fn at(seconds: u64) -> Clock {
    Clock::manual(UNIX_EPOCH + Duration::from_secs(seconds))
}

fn issuer(clock: &Clock) -> TestIssuer {
    TestIssuer::builder()
        .algorithms([Alg::EdDsa])
        .clock(clock.clone())
        .offline("joe")
}

#[test]
fn each_example_of_a_jws_has_the_answer_that_its_form_deserves() {
    let mut expected: HashMap<_, _> = TOKENS.into_iter().collect();
    let mut ledger = Ledger::default();
    for Token { name, key, token } in examples().tokens {
        let clock = at(EXPIRES - 1);
        let issuer = issuer(&clock);
        let api = joe(&clock, &issuer, &key);
        assert_eq!(api.answer(&issuer.token().sign()), "200 user-1", "{name}");
        let expected = expected
            .remove(&*name)
            .unwrap_or_else(|| panic!("{name} has no expectation"));
        ledger.note(&name, expected, &api.answer(&token));
        if expected == ACCEPTED {
            let (header, rest) = token.split_once('.').unwrap();
            let (payload, signature) = rest.split_once('.').unwrap();
            let payload = String::from_utf8(decoded(payload)).unwrap();
            let spoilt = format!(
                "{header}.{}.{signature}",
                encoded(payload.replace("is_root", "is_boot"))
            );
            assert_ne!(spoilt, token);
            ledger.note(
                format_args!("{name}, spoilt"),
                SIGNATURE,
                &api.answer(&spoilt),
            );
            let (message, signature) = token.rsplit_once('.').unwrap();
            let other = format!("{message}.{}B{}", &signature[..20], &signature[21..]);
            ledger.note(
                format_args!("{name}, another signature"),
                SIGNATURE,
                &api.answer(&other),
            );
            clock.advance(Duration::from_secs(1));
            ledger.note(
                format_args!("{name}, expired"),
                "401 invalid_token: Token has expired",
                &api.answer(&token),
            );
        }
    }
    assert!(expected.is_empty(), "{expected:?}");
    ledger.close(25 + 2 * 3);
}

/// Each key, and whether it verifies tokens; with the reason if not.
const KEYS: [(&str, Result<&str, &str>); 15] = [
    ("RFC 7517 A.1 1", Err("for encryption")),
    ("RFC 7517 A.1 2", Ok("RS256")),
    ("RFC 7517 A.2 1", Err("private")),
    ("RFC 7517 A.2 2", Err("private")),
    ("RFC 7517 A.3 1", Err("symmetric")),
    ("RFC 7517 A.3 2", Err("symmetric")),
    ("RFC 7517 B", Ok("PS512")),
    ("RFC 7520 3.1", Ok("ES512")),
    ("RFC 7520 3.2", Err("private")),
    ("RFC 7520 3.3", Ok("PS384")),
    ("RFC 7520 3.4", Err("private")),
    ("RFC 7520 3.5", Err("symmetric")),
    ("RFC 7520 3.6", Err("symmetric")),
    ("RFC 8037 A.1", Err("private")),
    ("RFC 8037 A.2", Ok("EdDSA")),
];

#[test]
fn each_example_of_a_jwk_is_used_if_it_is_public_and_for_signatures() {
    let control = Control::new();
    let host = |name: &str| name.to_lowercase().replace([' ', '.'], "-");
    let keys = examples().keys;
    let set = |Key { name, key }: &Key| {
        let mut key = key.clone();
        key["kid"] = json!("example");
        (
            host(name),
            json!({"keys": [control.jwk(), key]})
                .to_string()
                .into_bytes(),
        )
    };
    let documents = Documents::serve(keys.iter().map(set).collect());
    let api = Api::fetching(&documents, keys.iter().map(|key| host(&key.name)), config());
    let mut expected: HashMap<_, _> = KEYS.into_iter().collect();
    let mut ledger = Ledger::default();
    for Key { name, .. } in &keys {
        let used = expected
            .remove(&**name)
            .unwrap_or_else(|| panic!("{name} has no expectation"));
        let header = json!({"alg": used.unwrap_or("RS256"), "kid": "example"}).to_string();
        let token = format!(
            "{}.{}.{}",
            encoded(header),
            encoded(claims(&host(name)).to_string()),
            encoded([1; 64])
        );
        assert_eq!(
            api.answer(&control.token(&host(name))),
            "200 control",
            "{name}"
        );
        ledger.note(
            name,
            if used.is_ok() { SIGNATURE } else { UNKNOWN_KEY },
            &api.answer(&token),
        );
    }
    assert!(expected.is_empty(), "{expected:?}");
    ledger.close(15);
}
