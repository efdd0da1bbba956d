//! Signatures of Project Wycheproof as the third part of tokens that are good but for it.
//!
//! None of them is a signature over these tokens. Those that verify every message, with zeros, the
//! group's order or an empty hash, would be let in; whether each holds over its own message is
//! asked in `src/jose/tests/wycheproof`.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use crate::support::*;
use crate::wycheproof::File;

/// Longer than a signature of ML-DSA-87 in base64url: refused before it is decoded.
const TOO_LONG: usize = 6171;

/// File, algorithm, vectors.
const FILES: [(&str, &str, usize); 27] = [
    ("ecdsa_secp256r1_sha256_p1363", "ES256", 262),
    ("ecdsa_secp384r1_sha384_p1363", "ES384", 280),
    ("ecdsa_secp521r1_sha512_p1363", "ES512", 318),
    // In DER, which is not a signature of JWS.
    ("ecdsa_secp256r1_sha256", "ES256", 484),
    ("ecdsa_secp384r1_sha384", "ES384", 504),
    ("ecdsa_secp521r1_sha512", "ES512", 542),
    ("ed25519", "EdDSA", 151),
    ("mldsa_44_verify", "ML-DSA-44", 180),
    ("mldsa_65_verify", "ML-DSA-65", 210),
    ("mldsa_87_verify", "ML-DSA-87", 241),
    ("rsa_signature_2048_sha256", "RS256", 259),
    ("rsa_signature_2048_sha384", "RS384", 258),
    ("rsa_signature_2048_sha512", "RS512", 259),
    ("rsa_signature_3072_sha256", "RS256", 259),
    ("rsa_signature_3072_sha384", "RS384", 259),
    ("rsa_signature_3072_sha512", "RS512", 260),
    ("rsa_signature_4096_sha256", "RS256", 258),
    ("rsa_signature_4096_sha384", "RS384", 259),
    ("rsa_signature_4096_sha512", "RS512", 259),
    ("rsa_signature_8192_sha256", "RS256", 258),
    ("rsa_signature_8192_sha384", "RS384", 259),
    ("rsa_signature_8192_sha512", "RS512", 259),
    ("rsa_pss_2048_sha256_mgf1_32", "PS256", 108),
    ("rsa_pss_3072_sha256_mgf1_32", "PS256", 108),
    ("rsa_pss_2048_sha384_mgf1_48", "PS384", 141),
    ("rsa_pss_4096_sha384_mgf1_48", "PS384", 141),
    ("rsa_pss_4096_sha512_mgf1_64", "PS512", 179),
];

/// Keys that we do not use, so that nothing is verified with them: file, group, reason.
const UNUSED: [(&str, usize, &str); 17] = [
    ("mldsa_44_verify", 1, "too short"),
    ("mldsa_44_verify", 2, "too long"),
    ("mldsa_44_verify", 24, "too long"),
    ("mldsa_44_verify", 25, "too short"),
    ("mldsa_65_verify", 1, "too short"),
    ("mldsa_65_verify", 2, "too long"),
    ("mldsa_65_verify", 22, "too long"),
    ("mldsa_65_verify", 23, "too short"),
    ("mldsa_87_verify", 1, "too short"),
    ("mldsa_87_verify", 2, "too long"),
    ("mldsa_87_verify", 22, "too long"),
    ("mldsa_87_verify", 23, "too short"),
    ("rsa_signature_2048_sha256", 1, "e = 3"),
    ("rsa_signature_2048_sha256", 2, "e = 3"),
    ("rsa_signature_2048_sha512", 1, "e = 3"),
    ("rsa_signature_3072_sha256", 1, "e = 3"),
    ("rsa_signature_3072_sha512", 1, "e = 3"),
];

fn host(file: &str) -> String {
    file.replace('_', "-")
}

#[test]
fn no_signature_of_wycheproof_opens_a_token_that_it_was_not_made_for() {
    let control = Control::new();
    let files: BTreeMap<&str, File> = FILES
        .iter()
        .map(|(name, ..)| (*name, File::read(name)))
        .collect();
    let sets: HashMap<_, _> = files
        .iter()
        .map(|(name, file)| {
            let jwk = |(place, group): (usize, &crate::wycheproof::Group)| {
                let mut jwk = group.jwk();
                jwk["kid"] = json!(format!("group {place}"));
                jwk
            };
            let mut keys: Vec<_> = file.groups.iter().enumerate().map(jwk).collect();
            keys.push(control.jwk());
            (host(name), json!({ "keys": keys }).to_string().into_bytes())
        })
        .collect();
    let documents = Documents::serve(sets);
    let api = Api::fetching(
        &documents,
        FILES.iter().map(|(name, ..)| host(name)),
        config(),
    );

    let mut ledger = Ledger::default();
    let mut unused = UNUSED.map(|(name, place, _)| (name, place)).to_vec();
    for (name, algorithm, vectors) in FILES {
        let file = &files[name];
        assert_eq!(file.number_of_tests, vectors, "{name}");
        assert_eq!(
            api.answer(&control.token(&host(name))),
            "200 control",
            "{name}"
        );
        for (place, group) in file.groups.iter().enumerate() {
            let skipped = unused
                .iter()
                .position(|key| *key == (name, place))
                .map(|at| unused.remove(at));
            let header =
                json!({"alg": algorithm, "kid": format!("group {place}"), "typ": "at+jwt"});
            let message = format!(
                "{}.{}",
                encoded(header.to_string()),
                encoded(claims(&host(name)).to_string())
            );
            for vector in &group.tests {
                let signature = encoded(&vector.signature);
                let expected = match skipped {
                    _ if signature.len() >= TOO_LONG => MALFORMED,
                    Some(_) => UNKNOWN_KEY,
                    None => SIGNATURE,
                };
                let found = api.answer(&format!("{message}.{signature}"));
                ledger.note(
                    format_args!("{name} {} ({})", vector.id, vector.comment),
                    expected,
                    &found,
                );
            }
        }
        assert_eq!(
            api.answer(&control.token(&host(name))),
            "200 control",
            "{name}"
        );
    }
    assert_eq!(unused, [], "keys that are used after all");
    ledger.close(FILES.iter().map(|(.., vectors)| vectors).sum());
}
