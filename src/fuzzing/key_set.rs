//! A JSON Web Key Set.

use super::json::{self, Json};
use super::{assert_printable, base64url};
use crate::issuer::keys::{Choice, KeySet};
use crate::jose::{Algorithm, Algorithms};

const RSA: [Algorithm; 6] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
];

/// Reasons that need arithmetic, which the reference does not do.
const ARITHMETIC: [&str; 5] = [
    "not a point of ",
    "not the canonical encoding of a point",
    "Ed25519 point of small order",
    "Ed25519 point outside the prime-order group",
    "refused by the cryptographic library",
];

/// Input: a JWK set. Every accepted key is public, strong and for signatures, and is selected only
/// for its own `kid` and algorithms, as far as they are allowed. Every skipped key has a printable
/// reason.
pub fn key_set(data: &[u8]) {
    for allowed in [
        Algorithms::ALL,
        [Algorithm::Rs256, Algorithm::Es256].into_iter().collect(),
    ] {
        check(data, allowed);
    }
}

fn check(data: &[u8], allowed: Algorithms) {
    let read = KeySet::parse(data, allowed);
    if let Err(error) = &read {
        assert_printable(&error.to_string());
    }
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let expected = match std::str::from_utf8(text).map(json::read) {
        Ok(Err(true)) => return,
        Ok(Ok(set)) => keys(set),
        _ => None,
    };
    let Some(expected) = expected else {
        return assert!(read.is_err(), "{}", data.escape_ascii());
    };
    let verdicts: Vec<Option<Usable>> = expected.iter().map(|jwk| usable(jwk, allowed)).collect();
    let Ok((set, skipped)) = read else {
        // Arithmetic may have refused the keys that the reference accepts.
        return;
    };
    assert_eq!(set.len() + skipped.len(), expected.len());
    let mut accepted = Vec::new();
    for (index, verdict) in verdicts.into_iter().enumerate() {
        match (
            verdict,
            skipped.iter().find(|skipped| skipped.index == index),
        ) {
            (Some(usable), None) => accepted.push(usable),
            (None, Some(skipped)) => assert_printable(&skipped.to_string()),
            (Some(_), Some(skipped)) => {
                let reason = skipped.reason.to_string();
                assert!(
                    ARITHMETIC.iter().any(|known| reason.starts_with(known)),
                    "{skipped}: {:?}",
                    expected[index]
                );
            }
            (None, None) => panic!("must not be used: {:?}", expected[index]),
        }
    }
    check_choice(&set, &accepted);
}

/// Returns the keys if the set itself is valid.
fn keys(set: Json) -> Option<Vec<Json>> {
    let Json::Object(members) = set else {
        return None;
    };
    if members.iter().any(|(name, _)| name.is_none()) || !json::are_unique(&members) {
        return None;
    }
    match members
        .into_iter()
        .find(|(name, _)| name.as_deref() == Some("keys"))?
        .1
    {
        Json::List(keys) => Some(keys),
        _ => None,
    }
}

struct Usable {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
}

/// The rules of RFC 7517 §4, RFC 7518 §6, RFC 8037 §2 and RFC 9964 §3, and the stricter ones of
/// this crate.
fn usable(jwk: &Json, allowed: Algorithms) -> Option<Usable> {
    let Json::Object(members) = jwk else {
        return None;
    };
    if members.iter().any(|(name, _)| name.is_none()) || !json::are_unique(members) {
        return None;
    }
    // A private key member: the signing key is public.
    let rsa_alone = ["p", "q", "dp", "dq", "qi", "oth"];
    let has = |name: &&str| jwk.get(name).is_some();
    let is_private = match jwk.get("kty").and_then(Json::text) {
        Some("RSA") => has(&"d") || rsa_alone.iter().any(has),
        Some("AKP") => has(&"priv"),
        _ => has(&"d"),
    };
    if is_private {
        return None;
    }
    // Null is absent; any other type than a string is an error.
    let optional = |name: &str| match jwk.get(name) {
        None | Some(Json::Null) => Some(None),
        Some(value) => value.text().map(Some),
    };
    let bytes = |name: &str| base64url::decode(optional(name)??);
    let family: Vec<Algorithm> = match (optional("kty")??, optional("crv")) {
        ("RSA", _) => RSA.to_vec(),
        ("EC", Some(Some("P-256"))) => vec![Algorithm::Es256],
        ("EC", Some(Some("P-384"))) => vec![Algorithm::Es384],
        ("EC", Some(Some("P-521"))) => vec![Algorithm::Es512],
        ("OKP", Some(Some("Ed25519"))) => vec![Algorithm::EdDsa],
        ("AKP", _) => match optional("alg")?? {
            "ML-DSA-44" => vec![Algorithm::MlDsa44],
            "ML-DSA-65" => vec![Algorithm::MlDsa65],
            "ML-DSA-87" => vec![Algorithm::MlDsa87],
            _ => return None,
        },
        _ => return None,
    };
    let alg = optional("alg")?.map(|alg| if alg == "Ed25519" { "EdDSA" } else { alg });
    let fits = |algorithm: &Algorithm| {
        allowed.contains(*algorithm) && alg.is_none_or(|alg| alg == algorithm.name())
    };
    let algorithms: Vec<_> = family.iter().copied().filter(fits).collect();
    let for_signatures = optional("use")?.is_none_or(|purpose| purpose == "sig");
    let verifies = match jwk.get("key_ops") {
        None | Some(Json::Null) => true,
        Some(Json::List(operations)) => {
            let texts: Option<Vec<&str>> = operations.iter().map(Json::text).collect();
            texts.is_some_and(|operations| operations.contains(&"verify"))
        }
        Some(_) => false,
    };
    let strong = match family[0] {
        Algorithm::Es256 => is_coordinate(&bytes("x")?, 32) && is_coordinate(&bytes("y")?, 32),
        Algorithm::Es384 => is_coordinate(&bytes("x")?, 48) && is_coordinate(&bytes("y")?, 48),
        Algorithm::Es512 => is_coordinate(&bytes("x")?, 66) && is_coordinate(&bytes("y")?, 66),
        Algorithm::EdDsa => bytes("x")?.len() == 32,
        Algorithm::MlDsa44 => bytes("pub")?.len() == 1312,
        Algorithm::MlDsa65 => bytes("pub")?.len() == 1952,
        Algorithm::MlDsa87 => bytes("pub")?.len() == 2592,
        _ => is_odd_number(&bytes("n")?, 2048, 8192) && is_odd_number(&bytes("e")?, 17, 33),
    };
    let kid = optional("kid")?.map(str::to_owned);
    let short = kid.as_ref().is_none_or(|kid| kid.len() <= 1024);
    let all = !algorithms.is_empty() && for_signatures && verifies && strong && short;
    all.then_some(Usable { kid, algorithms })
}

fn is_coordinate(bytes: &[u8], size: usize) -> bool {
    (1..=size).contains(&bytes.len())
}

fn is_odd_number(bytes: &[u8], least_bits: usize, most_bits: usize) -> bool {
    let bits: Vec<bool> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect();
    let length = bits
        .iter()
        .position(|bit| *bit)
        .map_or(0, |first| bits.len() - first);
    (least_bits..=most_bits).contains(&length) && bits.last() == Some(&true)
}

fn check_choice(set: &KeySet, accepted: &[Usable]) {
    let mut kids: Vec<Option<&str>> = accepted
        .iter()
        .map(|usable| usable.kid.as_deref())
        .collect();
    kids.extend([None, Some(""), Some("no such key")]);
    for kid in kids {
        for algorithm in Algorithm::ALL {
            let named: Vec<_> = accepted
                .iter()
                .filter(|key| kid.is_none() || key.kid.as_deref() == kid)
                .collect();
            let fitting = named
                .iter()
                .filter(|key| key.algorithms.contains(&algorithm))
                .count();
            match set.choose(kid, algorithm) {
                Choice::Candidates(candidates) => {
                    let candidates: Vec<_> = candidates.into_iter().collect();
                    assert!(
                        candidates
                            .iter()
                            .all(|key| key.fits(algorithm) && (kid.is_none() || key.kid() == kid))
                    );
                    assert_eq!(candidates.len(), fitting.min(4));
                    assert!(!candidates.is_empty() && (kid.is_some() || fitting <= 4));
                }
                Choice::WrongAlgorithm => {
                    assert!(kid.is_some() && !named.is_empty() && fitting == 0)
                }
                Choice::Ambiguous => assert!(kid.is_none() && fitting > 4),
                Choice::Unknown => assert!(fitting == 0 && (kid.is_none() || named.is_empty())),
            }
        }
    }
}
