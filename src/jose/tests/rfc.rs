//! Signatures of the examples of RFC 7515, RFC 7520, RFC 8037 and RFC 9964, with their keys read
//! from a JWK.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use crate::jose::Algorithm::{self, EdDsa, Es256, Es512, MlDsa44, MlDsa65, MlDsa87, Ps384, Rs256};
use crate::jose::{Algorithms, Key, KeyUse};

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
const HOLDS: [(&str, Algorithm); 12] = [
    ("RFC 7515 A.2", Rs256),
    ("RFC 7515 A.3", Es256),
    ("RFC 7515 A.4", Es512),
    ("RFC 7520 4.1", Rs256),
    ("RFC 7520 4.2", Ps384),
    ("RFC 7520 4.3", Es512),
    ("RFC 7520 4.8 first signature", Rs256),
    ("RFC 7520 4.8 second signature", Es512),
    ("RFC 8037 A.4", EdDsa),
    ("RFC 9964 A.1 ML-DSA-44", MlDsa44),
    ("RFC 9964 A.1 ML-DSA-65", MlDsa65),
    ("RFC 9964 A.1 ML-DSA-87", MlDsa87),
];

/// The algorithms under which the signature holds.
fn holds(example: &Example) -> Vec<Algorithm> {
    let Ok(key) = Key::parse(
        &example.key.to_string(),
        Algorithms::ALL,
        KeyUse::Signatures,
    ) else {
        return Vec::new();
    };
    let Some((message, signature)) = example.token.rsplit_once('.') else {
        return Vec::new();
    };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
        return Vec::new();
    };
    let verifies = |algorithm: &Algorithm| {
        key.verify(*algorithm, message.as_bytes(), &signature)
            .is_ok()
    };
    Algorithm::ALL.into_iter().filter(verifies).collect()
}

#[test]
fn every_example_of_an_algorithm_of_ours_holds_and_no_other() {
    let files = [
        include_str!("../../../tests/vectors/data/rfc.json"),
        include_str!("../../../tests/vectors/data/rfc9964.json"),
    ];
    let examples: Vec<Example> = files
        .into_iter()
        .flat_map(|file| serde_json::from_str::<Examples>(file).unwrap().tokens)
        .collect();
    assert_eq!(examples.len(), 25);
    let found: Vec<_> = examples
        .iter()
        .flat_map(|example| {
            holds(example)
                .into_iter()
                .map(|algorithm| (example.name.as_str(), algorithm))
        })
        .collect();
    assert_eq!(found, HOLDS);
}

#[cfg(feature = "testing")]
#[test]
fn the_seed_of_zeros_makes_the_keys_of_rfc_9964() {
    use crate::jose::SigningPair;

    let examples: Examples =
        serde_json::from_str(include_str!("../../../tests/vectors/data/rfc9964.json")).unwrap();
    let keys: Vec<_> = examples
        .tokens
        .iter()
        .map(|token| &token.key["pub"])
        .collect();
    let made = [MlDsa44, MlDsa65, MlDsa87].map(|algorithm| {
        let pair = SigningPair::generate(algorithm.key_type(), &mut |bytes| bytes.fill(0));
        pair.jwk()["pub"].take()
    });
    assert_eq!(keys, made.iter().collect::<Vec<_>>());
}
