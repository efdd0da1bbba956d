//! Rows 3.3, 3.3b and 3.4: which keys are used, and for what.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::jwk::*;
use crate::jose::signature::KeyError;
use crate::jose::signature::vectors::*;
use crate::jose::{Algorithm, Algorithms, Curve, Key, KeyUse, SkipReason};
use crate::json::MembersError;

fn parse_text(jwk: &str, allowed: Algorithms) -> Result<Key, SkipReason> {
    Key::parse(jwk, allowed, KeyUse::Signatures)
}

fn parse(jwk: Value) -> Result<Key, SkipReason> {
    parse_text(&jwk.to_string(), Algorithms::ALL)
}

fn skipped(jwk: Value) -> SkipReason {
    parse(jwk).unwrap_err()
}

fn algorithms(key: &Key) -> Vec<&'static str> {
    Algorithm::ALL
        .into_iter()
        .filter(|algorithm| key.fits(*algorithm))
        .map(Algorithm::name)
        .collect()
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

#[test]
fn row_3_3_a_key_without_alg_fits_every_algorithm_of_its_type() {
    let of = |jwk| algorithms(&parse(jwk).unwrap());
    assert_eq!(
        of(rsa()),
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
    );
    assert_eq!(of(p256()), ["ES256"]);
    assert_eq!(of(p384()), ["ES384"]);
    assert_eq!(of(p521()), ["ES512"]);
    assert_eq!(of(ed25519()), ["EdDSA"]);
    assert_eq!(of(akp(Algorithm::MlDsa44)), ["ML-DSA-44"]);
    assert_eq!(of(akp(Algorithm::MlDsa87)), ["ML-DSA-87"]);
}

#[test]
fn row_3_3_a_key_with_alg_fits_that_one_only() {
    let of = |jwk, alg: &str| parse(with(jwk, json!({"alg": alg}))).map(|key| algorithms(&key));
    assert_eq!(of(rsa(), "PS384"), Ok(vec!["PS384"]));
    assert_eq!(of(p256(), "ES256"), Ok(vec!["ES256"]));
    assert_eq!(
        of(p256(), "ES384"),
        Err(SkipReason::AlgorithmOfOtherType(Algorithm::Es384))
    );
    assert_eq!(
        of(rsa(), "ES256"),
        Err(SkipReason::AlgorithmOfOtherType(Algorithm::Es256))
    );
    assert_eq!(
        of(ed25519(), "RS256"),
        Err(SkipReason::AlgorithmOfOtherType(Algorithm::Rs256))
    );
}

#[test]
fn row_3_3b_an_ed25519_key_may_say_either_name() {
    for alg in ["EdDSA", "Ed25519"] {
        assert_eq!(
            algorithms(&parse(with(ed25519(), json!({"alg": alg}))).unwrap()),
            ["EdDSA"]
        );
    }
}

#[test]
fn row_3_4_an_algorithm_key_pair_has_alg_and_a_public_key_of_its_length() {
    use Algorithm::{MlDsa44, MlDsa65, MlDsa87};
    let of = |members| parse(with(akp(MlDsa44), members)).unwrap_err();
    assert_eq!(
        of(json!({"alg": null})),
        MembersError::Missing("alg").into()
    );
    assert_eq!(
        of(json!({"pub": null})),
        MembersError::Missing("pub").into()
    );
    assert_eq!(of(json!({"priv": "AAAA"})), SkipReason::Private);
    assert_eq!(
        of(json!({"alg": "ES256"})),
        SkipReason::AlgorithmOfOtherType(Algorithm::Es256)
    );
    assert_eq!(
        skipped(with(p256(), json!({"alg": "ML-DSA-44"}))),
        SkipReason::AlgorithmOfOtherType(MlDsa44)
    );
    for (algorithm, length) in [(MlDsa44, 1312), (MlDsa65, 1952), (MlDsa87, 2592)] {
        for length in [0, 32, length - 1, length + 1, 1312, 1952, 2592] {
            let key = with(akp(algorithm), json!({"pub": encoded(&vec![0; length])}));
            match parse(key) {
                Ok(_) => assert_eq!(
                    decoded(akp(algorithm)["pub"].as_str().unwrap()).len(),
                    length
                ),
                Err(reason) => {
                    assert_eq!(reason, KeyError::AkpLength { algorithm, length }.into());
                }
            }
        }
        assert_eq!(
            parse_text(
                &akp(algorithm).to_string(),
                [Algorithm::Rs256].into_iter().collect()
            ),
            Err(SkipReason::NotAllowed)
        );
    }
}

#[test]
fn a_key_fits_only_what_the_issuer_is_allowed() {
    let allowed = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256]
        .into_iter()
        .collect();
    let of = |jwk: Value| parse_text(&jwk.to_string(), allowed).map(|key| algorithms(&key));
    assert_eq!(of(rsa()), Ok(vec!["RS256", "PS256"]));
    assert_eq!(of(with(rsa(), json!({"alg": "PS256"}))), Ok(vec!["PS256"]));
    assert_eq!(
        of(with(rsa(), json!({"alg": "RS512"}))),
        Err(SkipReason::NotAllowed)
    );
    assert_eq!(of(ed25519()), Err(SkipReason::NotAllowed));
}

#[test]
fn a_key_verifies_what_it_fits() {
    let key = parse(named("a", p256())).unwrap();
    let signature = decoded(P256_SIGNATURE);
    assert_eq!(key.kid(), Some("a"));
    assert!(
        key.verify(Algorithm::Es256, P256_MESSAGE.as_bytes(), &signature)
            .is_ok()
    );
    assert!(
        key.verify(Algorithm::Es384, P256_MESSAGE.as_bytes(), &signature)
            .is_err()
    );
}

#[test]
fn row_3_4_a_key_for_another_use_is_skipped() {
    let purpose = |members| parse(with(p256(), members)).map(drop);
    assert_eq!(purpose(json!({"use": "sig"})), Ok(()));
    assert_eq!(
        purpose(json!({"use": "enc"})),
        Err(SkipReason::Use("\"enc\"".to_owned()))
    );
    assert_eq!(
        purpose(json!({"use": "Sig"})),
        Err(SkipReason::Use("\"Sig\"".to_owned()))
    );
    assert_eq!(
        purpose(json!({"use": 1})),
        Err(MembersError::NotAString("use").into())
    );
    assert_eq!(purpose(json!({"key_ops": ["sign", "verify"]})), Ok(()));
    assert_eq!(
        purpose(json!({"key_ops": ["encrypt"]})),
        Err(SkipReason::KeyOps)
    );
    assert_eq!(purpose(json!({"key_ops": []})), Err(SkipReason::KeyOps));
    assert_eq!(
        purpose(json!({"key_ops": "verify"})),
        Err(SkipReason::KeyOpsType)
    );
    assert_eq!(
        purpose(json!({"key_ops": ["verify", 1]})),
        Err(SkipReason::KeyOpsType)
    );
    assert_eq!(
        purpose(json!({"use": "enc", "key_ops": ["verify"]})),
        Err(SkipReason::Use("\"enc\"".to_owned()))
    );
}

#[test]
fn optional_members_that_are_null_are_absent() {
    let jwk = format!(
        r#"{{"kty":"EC","crv":"P-256","x":"{P256_X}","y":"{P256_Y}","use":null,"key_ops":null,"alg":null,"kid":null}}"#
    );
    let key = parse_text(&jwk, Algorithms::ALL).unwrap();
    assert_eq!((key.kid(), algorithms(&key)), (None, vec!["ES256"]));
}

#[test]
fn row_3_4_symmetric_and_private_keys_are_skipped() {
    assert_eq!(
        skipped(json!({"kty": "oct", "k": "AAAA", "alg": "HS256"})),
        SkipReason::Symmetric
    );
    assert_eq!(
        skipped(with(ed25519(), json!({"d": "AAAA"}))),
        SkipReason::Private
    );
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        assert_eq!(
            skipped(with(rsa(), json!({ member: "AAAA" }))),
            SkipReason::Private,
            "{member}"
        );
    }
}

#[test]
fn row_3_4_unknown_types_curves_and_algorithms_are_skipped() {
    let text = |text: &str| format!("\"{text}\"");
    assert_eq!(
        skipped(json!({"kty": "XYZ", "alg": "XYZ-44", "pub": "AAAA"})),
        SkipReason::KeyType(text("XYZ"))
    );
    assert_eq!(
        skipped(with(akp(Algorithm::MlDsa44), json!({"alg": "ML-DSA-45"}))),
        SkipReason::UnknownAlgorithm(text("ML-DSA-45"))
    );
    assert_eq!(
        skipped(json!({"kty": "rsa", "n": RSA_N, "e": "AQAB"})),
        SkipReason::KeyType(text("rsa"))
    );
    assert_eq!(
        skipped(with(p256(), json!({"crv": "secp256k1"}))),
        SkipReason::Curve(text("secp256k1"))
    );
    assert_eq!(
        skipped(with(ed25519(), json!({"crv": "X25519"}))),
        SkipReason::Curve(text("X25519"))
    );
    assert_eq!(
        skipped(with(rsa(), json!({"alg": "RSA-OAEP"}))),
        SkipReason::UnknownAlgorithm(text("RSA-OAEP"))
    );
    assert_eq!(
        skipped(with(rsa(), json!({"alg": "none"}))),
        SkipReason::UnknownAlgorithm(text("none"))
    );
    assert_eq!(
        skipped(with(rsa(), json!({"alg": "HS256"}))),
        SkipReason::UnknownAlgorithm(text("HS256"))
    );
}

#[test]
fn row_3_4_weak_rsa_keys_are_skipped() {
    let with_n = |n: &[u8]| skipped(with(rsa(), json!({"n": encoded(n)})));
    let with_e = |e: &[u8]| skipped(with(rsa(), json!({"e": encoded(e)})));
    let n = decoded(RSA_N);
    assert_eq!(with_n(&n[128..]), KeyError::ModulusSize(1024).into());
    let mut even = n.clone();
    even[255] &= 0xfe;
    assert_eq!(with_n(&even), KeyError::EvenModulus.into());
    assert_eq!(with_e(&[1]), KeyError::Exponent.into());
    assert_eq!(with_e(&[3]), KeyError::Exponent.into());
    assert_eq!(with_e(&[1, 0, 0]), KeyError::Exponent.into());
}

#[test]
fn row_3_4_a_point_off_its_curve_or_of_small_order_is_skipped() {
    assert_eq!(
        skipped(with(p256(), json!({"y": P256_X}))),
        KeyError::OffCurve(Curve::P256).into()
    );
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(
        skipped(with(ed25519(), json!({"x": encoded(&identity)}))),
        KeyError::SmallOrder.into()
    );
    let order_8 = "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o";
    assert_eq!(
        skipped(with(ed25519(), json!({"x": order_8}))),
        KeyError::SmallOrder.into()
    );
}

#[test]
fn row_3_4_coordinates_without_their_leading_zeros_are_padded() {
    let short = encoded(&decoded(P521_Y)[1..]);
    assert_eq!(
        parse(with(p521(), json!({"y": short}))).unwrap(),
        parse(p521()).unwrap()
    );
    let long = encoded(&[&[0], decoded(P521_Y).as_slice()].concat());
    let reason = KeyError::Coordinate {
        curve: Curve::P521,
        length: 67,
    };
    assert_eq!(skipped(with(p521(), json!({"y": long}))), reason.into());
}

#[test]
fn row_3_4_kids_with_equals_signs_slashes_and_spaces_are_ordinary() {
    for kid in ["abc=", "a/b+c==", "a b", " ", "", "é\n", &"k".repeat(1024)] {
        assert_eq!(parse(named(kid, p256())).unwrap().kid(), Some(kid));
    }
    assert_eq!(parse(p256()).unwrap().kid(), None);
}

#[test]
fn a_kid_that_no_token_can_have_is_skipped() {
    assert_eq!(
        skipped(named(&"k".repeat(1025), p256())),
        SkipReason::KidTooLong
    );
    assert_eq!(
        skipped(with(p256(), json!({"kid": 1}))),
        MembersError::NotAString("kid").into()
    );
}

#[test]
fn malformed_keys_are_skipped() {
    assert_eq!(skipped(json!({})), MembersError::Missing("kty").into());
    assert_eq!(
        skipped(json!({"kty": 1})),
        MembersError::NotAString("kty").into()
    );
    assert_eq!(
        skipped(with(rsa(), json!({"n": null}))),
        MembersError::Missing("n").into()
    );
    assert_eq!(
        skipped(with(rsa(), json!({"e": 65537}))),
        MembersError::NotAString("e").into()
    );
    assert_eq!(
        skipped(with(p256(), json!({"crv": null}))),
        MembersError::Missing("crv").into()
    );
    assert_eq!(
        skipped(with(p256(), json!({"y": null}))),
        MembersError::Missing("y").into()
    );
    for text in [
        "[]",
        "1",
        "null",
        r#"{"kty":"EC","kty":"EC"}"#,
        r#"{"kty":"EC","a":1,"a":1}"#,
    ] {
        let reason = parse_text(text, Algorithms::ALL).unwrap_err();
        assert!(
            matches!(
                reason,
                SkipReason::Members(MembersError::NotAnObject { .. })
            ),
            "{text}: {reason:?}"
        );
    }
}

#[test]
fn base64url_is_strict() {
    let with_x = |x: String| skipped(with(p256(), json!({"x": x})));
    for x in [
        format!("{P256_X}="),
        format!(" {P256_X}"),
        P256_X.replace('f', "+"),
        P256_X.replace("VEU", "VEV"),
    ] {
        assert_eq!(with_x(x), SkipReason::Base64("x"));
    }
}

#[test]
fn debug_shows_the_kid_and_no_material() {
    let key = parse(named("a", ed25519())).unwrap();
    assert_eq!(
        format!("{key:?}"),
        "Key { kid: Some(\"a\"), public: PublicKey {\"EdDSA\"} }"
    );
}
