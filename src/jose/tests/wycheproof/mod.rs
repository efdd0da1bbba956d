//! Project Wycheproof: each of its signatures of ECDSA, EdDSA, ML-DSA, RSASSA-PKCS1-v1_5 and
//! RSASSA-PSS, one by one, with its key read from a JWK.

mod file;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use wycheproof::{ecdsa, eddsa, mldsa_verify, rsa_pkcs1_verify, rsa_pss_verify};

use self::file::{File, Group, Vector, Verdict};
use self::rows::{ELSEWHERE, Row, STRICTER};
use crate::jose::{Algorithm, Algorithms, Key, KeyUse};

/// The use of a file's vectors.
#[derive(Clone, Copy)]
enum Reading {
    /// Signatures of that algorithm: the verdict of each is ours.
    As(Algorithm),
    /// As above, for the groups whose parameters are those of an algorithm of JWS.
    ByGroup,
    /// Nothing that JWS has, for this reason: not one holds, whatever the verdict.
    Never(#[expect(dead_code, reason = "for the reader")] &'static str),
    /// Keys of a curve that we do not have: not one is used.
    Unusable,
}

/// The algorithms under which the signature holds.
fn holds(key: &Key, vector: &Vector) -> Vec<Algorithm> {
    let verifies = |algorithm: &Algorithm| {
        key.verify(*algorithm, &vector.message, &vector.signature)
            .is_ok()
    };
    Algorithm::ALL.into_iter().filter(verifies).collect()
}

/// RSASSA-PSS as JWS has it: one hash for everything, and a salt of its length (RFC 7518 §3.5).
fn pss(group: &Group) -> Option<Algorithm> {
    let (algorithm, length) = match group.sha.as_str() {
        "SHA-256" => (Algorithm::Ps256, 32),
        "SHA-384" => (Algorithm::Ps384, 48),
        "SHA-512" => (Algorithm::Ps512, 64),
        _ => return None,
    };
    (group.mgf_sha == group.sha && group.s_len == length).then_some(algorithm)
}

/// Reads the files of `rows`, which are all of `files`, and finds every vector as it should be.
#[track_caller]
fn check(rows: &[Row], files: usize, accepted: usize) {
    let names: BTreeSet<_> = rows.iter().map(|(name, ..)| name).collect();
    assert_eq!((rows.len(), names.len()), (files, files), "files");
    let mut stricter: BTreeSet<_> = STRICTER
        .iter()
        .filter(|(name, ..)| names.contains(name))
        .map(|(name, id, _)| (*name, *id))
        .collect();
    let mut elsewhere: BTreeMap<_, _> = ELSEWHERE
        .iter()
        .filter(|(name, ..)| names.contains(name))
        .map(|(name, id, as_)| ((*name, *id), *as_))
        .collect();
    let (mut wrong, mut held) = (Vec::new(), 0);
    for &(name, vectors, reading) in rows {
        let file = File::read(name);
        assert_eq!(file.number_of_tests, vectors, "{name}");
        for group in &file.groups {
            let key = Key::parse(
                &group.jwk().to_string(),
                Algorithms::ALL,
                KeyUse::Signatures,
            )
            .ok();
            if let Reading::Unusable = reading {
                assert!(key.is_none(), "{name}: {}", group.jwk());
            }
            let ours = match reading {
                Reading::As(algorithm) => Some(algorithm),
                Reading::ByGroup => pss(group),
                Reading::Never(_) | Reading::Unusable => None,
            };
            for vector in &group.tests {
                // A JWS has no context (RFC 9964 §4).
                let is_right = vector.result != Verdict::Invalid && vector.context.is_empty();
                let right = ours.filter(|_| is_right);
                let expected = match right {
                    Some(algorithm) => {
                        Some(algorithm).filter(|_| !stricter.remove(&(name, vector.id)))
                    }
                    None => elsewhere.remove(&(name, vector.id)),
                };
                let found = key
                    .as_ref()
                    .map(|key| holds(key, vector))
                    .unwrap_or_default();
                held += found.len();
                if found != Vec::from_iter(expected) {
                    let (id, comment) = (vector.id, &vector.comment);
                    wrong.push(format!(
                        "{name} {id} ({comment}) is {:?}, held as {found:?}",
                        vector.result
                    ));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert_eq!(
        (stricter, elsewhere),
        Default::default(),
        "exceptions that are none"
    );
    assert_eq!(held, accepted, "signatures that hold");
}

#[test]
fn every_ecdsa_vector_has_its_verdict() {
    check(rows::ECDSA, ecdsa::TestName::all().len(), 597);
}

#[test]
fn every_eddsa_vector_has_its_verdict() {
    check(rows::EDDSA, eddsa::TestName::all().len(), 88);
}

#[test]
fn every_ml_dsa_vector_has_its_verdict() {
    check(rows::ML_DSA, mldsa_verify::TestName::all().len(), 221);
}

#[test]
fn every_rsa_pkcs1_vector_has_its_verdict() {
    check(
        rows::RSA_PKCS1_VERIFY,
        rsa_pkcs1_verify::TestName::all().len(),
        120,
    );
}

#[test]
fn every_rsa_pss_vector_has_its_verdict() {
    check(
        rows::RSA_PSS_VERIFY,
        rsa_pss_verify::TestName::all().len(),
        799,
    );
}
