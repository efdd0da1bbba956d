//! Signatures of the examples of RFC 7515, RFC 7520 and RFC 8037, with their keys read from a key
//! set.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::issuer::keys::{Choice, KeySet};
use crate::jose::Algorithm::{self, EdDsa, Es256, Es512, Ps384, Rs256};
use crate::jose::Algorithms;

#[derive(Deserialize)]
struct Examples {
    tokens: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    name: String,
    key: Value,
    token: String,
}

/// The examples in compact form whose algorithm is supported.
const HOLDS: [(&str, Algorithm); 9] = [
    ("RFC 7515 A.2", Rs256),
    ("RFC 7515 A.3", Es256),
    ("RFC 7515 A.4", Es512),
    ("RFC 7520 4.1", Rs256),
    ("RFC 7520 4.2", Ps384),
    ("RFC 7520 4.3", Es512),
    ("RFC 7520 4.8 first signature", Rs256),
    ("RFC 7520 4.8 second signature", Es512),
    ("RFC 8037 A.4", EdDsa),
];

/// The algorithms under which the signature holds.
fn holds(example: &Example) -> Vec<Algorithm> {
    let body = json!({"keys": [example.key]}).to_string();
    let Ok((set, _)) = KeySet::parse(body.as_bytes(), Algorithms::ALL) else {
        return Vec::new();
    };
    let Some((message, signature)) = example.token.rsplit_once('.') else {
        return Vec::new();
    };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
        return Vec::new();
    };
    let verifies = |algorithm: &Algorithm| match set.choose(example.key["kid"].as_str(), *algorithm)
    {
        Choice::Candidates(keys) => keys.into_iter().any(|key| {
            key.verify(*algorithm, message.as_bytes(), &signature)
                .is_ok()
        }),
        _ => false,
    };
    Algorithm::ALL.into_iter().filter(verifies).collect()
}

#[test]
fn every_example_of_an_algorithm_of_ours_holds_and_no_other() {
    let examples: Examples =
        serde_json::from_str(include_str!("../../../../tests/vectors/data/rfc.json")).unwrap();
    assert_eq!(examples.tokens.len(), 22);
    let found: Vec<_> = examples
        .tokens
        .iter()
        .flat_map(|example| {
            holds(example)
                .into_iter()
                .map(|algorithm| (example.name.as_str(), algorithm))
        })
        .collect();
    assert_eq!(found, HOLDS);
}
