use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

use super::vectors::*;
use super::*;

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<PublicKey, KeyError> {
    PublicKey::rsa(modulus, exponent, Algorithms::ALL)
}

const E: &[u8] = &[1, 0, 1];

/// An odd number of that many bits.
fn odd(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0; bits.div_ceil(8)];
    bytes[0] = 1 << ((bits - 1) % 8);
    *bytes.last_mut().unwrap() |= 1;
    bytes
}

#[test]
fn an_rsa_key_verifies_each_of_its_six_algorithms_and_no_other() {
    let key = rsa(&decoded(RSA_N), E).unwrap();
    for (name, signature) in RSA_SIGNATURES {
        let (made_for, signature) = (Algorithm::parse(name).unwrap(), decoded(signature));
        for algorithm in Algorithm::ALL {
            let expected = if algorithm == made_for {
                Ok(())
            } else {
                Err(BadSignature)
            };
            assert_eq!(
                key.verify(algorithm, b"message", &signature),
                expected,
                "{name} as {algorithm}"
            );
        }
        assert_eq!(
            key.verify(made_for, b"massage", &signature),
            Err(BadSignature)
        );
    }
}

#[test]
fn an_rsa_key_is_parsed_only_for_the_algorithms_asked_for() {
    let key = PublicKey::rsa(
        &decoded(RSA_N),
        E,
        [Algorithm::Ps384, Algorithm::Es256].into_iter().collect(),
    )
    .unwrap();
    let fitting: Vec<_> = Algorithm::ALL
        .into_iter()
        .filter(|algorithm| key.fits(*algorithm))
        .collect();
    assert_eq!(fitting, [Algorithm::Ps384]);
    assert_eq!(
        key.verify(Algorithm::Rs256, b"message", &decoded(RSA_SIGNATURES[0].1)),
        Err(BadSignature)
    );
}

#[test]
fn leading_zero_bytes_of_an_rsa_key_are_dropped() {
    let key = rsa(
        &[&[0, 0], decoded(RSA_N).as_slice()].concat(),
        &[0, 1, 0, 1],
    )
    .unwrap();
    assert_eq!(
        key.verify(Algorithm::Rs256, b"message", &decoded(RSA_SIGNATURES[0].1)),
        Ok(())
    );
    assert_eq!(key, rsa(&decoded(RSA_N), E).unwrap());
}

#[test]
fn an_rsa_modulus_outside_2048_to_8192_bits_is_refused() {
    for (bits, expected) in [
        (1024, Err(KeyError::ModulusSize(1024))),
        (2047, Err(KeyError::ModulusSize(2047))),
        (2048, Ok(())),
        (8192, Ok(())),
        (8193, Err(KeyError::ModulusSize(8193))),
    ] {
        assert_eq!(rsa(&odd(bits), E).map(drop), expected, "{bits}");
    }
    assert_eq!(rsa(&[], E), Err(KeyError::ModulusSize(0)));
    assert_eq!(rsa(&[0; 256], E), Err(KeyError::ModulusSize(0)));
}

#[test]
fn an_even_rsa_modulus_is_refused() {
    let mut modulus = decoded(RSA_N);
    *modulus.last_mut().unwrap() &= !1;
    assert_eq!(rsa(&modulus, E), Err(KeyError::EvenModulus));
}

#[test]
fn a_tiny_an_even_and_an_oversized_rsa_exponent_are_refused() {
    let modulus = decoded(RSA_N);
    for exponent in [
        &[][..],
        &[0],
        &[1],
        &[3],
        &[17],
        &[0xff, 0xff],
        &[1, 0, 0],
        &[1, 0, 2],
        // 2^33 + 1, and one of 256 bits.
        &[2, 0, 0, 0, 1],
        &[0xff; 32],
    ] {
        assert_eq!(
            rsa(&modulus, exponent),
            Err(KeyError::Exponent),
            "{exponent:?}"
        );
    }
    assert_eq!(rsa(&modulus, &[1, 0, 1]).map(drop), Ok(()));
    assert_eq!(
        rsa(&modulus, &[1, 0xff, 0xff, 0xff, 0xff]).map(drop),
        Ok(())
    );
}

#[test]
fn an_rsa_modulus_with_the_mark_of_roca_is_refused() {
    let mut modulus = decoded(ROCA_N);
    assert_eq!(rsa(&modulus, E), Err(KeyError::Roca));
    *modulus.last_mut().unwrap() ^= 2;
    assert_eq!(rsa(&modulus, E).map(drop), Ok(()));
}

#[test]
fn an_ec_key_verifies_the_algorithm_of_its_curve_and_no_other() {
    for (curve, x, y, message, signature) in [
        (Curve::P256, P256_X, P256_Y, P256_MESSAGE, P256_SIGNATURE),
        (Curve::P384, P384_X, P384_Y, "message", P384_SIGNATURE),
        (Curve::P521, P521_X, P521_Y, P521_MESSAGE, P521_SIGNATURE),
    ] {
        let key = PublicKey::ec(curve, &decoded(x), &decoded(y)).unwrap();
        let signature = decoded(signature);
        for algorithm in Algorithm::ALL {
            let expected = if algorithm == curve.algorithm() {
                Ok(())
            } else {
                Err(BadSignature)
            };
            assert_eq!(
                key.verify(algorithm, message.as_bytes(), &signature),
                expected,
                "{curve:?} as {algorithm}"
            );
        }
    }
}

#[test]
fn an_ec_signature_has_exactly_the_fixed_length() {
    let key = PublicKey::ec(Curve::P256, &decoded(P256_X), &decoded(P256_Y)).unwrap();
    let signature = decoded(P256_SIGNATURE);
    let verify =
        |signature: &[u8]| key.verify(Algorithm::Es256, P256_MESSAGE.as_bytes(), signature);
    assert_eq!(verify(&signature), Ok(()));
    for wrong in [
        &[][..],
        &[0; 64],
        &signature[..63],
        &[signature.as_slice(), &[0]].concat(),
    ] {
        assert_eq!(verify(wrong), Err(BadSignature), "{} bytes", wrong.len());
    }
}

#[test]
fn coordinates_without_their_leading_zero_bytes_are_padded() {
    let y = decoded(P521_Y);
    assert_eq!((y.len(), y[0]), (66, 0));
    let key = PublicKey::ec(Curve::P521, &decoded(P521_X), &y[1..]).unwrap();
    assert_eq!(
        key.verify(
            Algorithm::Es512,
            P521_MESSAGE.as_bytes(),
            &decoded(P521_SIGNATURE)
        ),
        Ok(())
    );
}

#[test]
fn coordinates_that_are_longer_than_the_field_or_empty_are_refused() {
    let (x, y) = (decoded(P256_X), decoded(P256_Y));
    let long = [&[0], x.as_slice()].concat();
    let refused = |length| {
        Err(KeyError::Coordinate {
            curve: Curve::P256,
            length,
        })
    };
    assert_eq!(PublicKey::ec(Curve::P256, &long, &y), refused(33));
    assert_eq!(PublicKey::ec(Curve::P256, &x, &[]), refused(0));
}

#[test]
fn a_point_off_its_curve_is_refused() {
    let (x, mut y) = (decoded(P256_X), decoded(P256_Y));
    assert_eq!(
        PublicKey::ec(Curve::P384, &x, &y),
        Err(KeyError::OffCurve(Curve::P384))
    );
    y[31] ^= 1;
    assert_eq!(
        PublicKey::ec(Curve::P256, &x, &y),
        Err(KeyError::OffCurve(Curve::P256))
    );
    assert_eq!(
        PublicKey::ec(Curve::P256, &[0], &[0]),
        Err(KeyError::OffCurve(Curve::P256))
    );
    assert_eq!(
        PublicKey::ec(Curve::P256, &[0xff; 32], &[0xff; 32]),
        Err(KeyError::OffCurve(Curve::P256))
    );
}

#[test]
fn an_ed25519_key_verifies_eddsa_and_no_other() {
    let key = PublicKey::ed25519(&decoded(ED25519_X)).unwrap();
    let signature = decoded(ED25519_SIGNATURE);
    for algorithm in Algorithm::ALL {
        let expected = if algorithm == Algorithm::EdDsa {
            Ok(())
        } else {
            Err(BadSignature)
        };
        assert_eq!(
            key.verify(algorithm, ED25519_MESSAGE.as_bytes(), &signature),
            expected,
            "{algorithm}"
        );
    }
    assert_eq!(
        key.verify(Algorithm::EdDsa, b"message", &signature),
        Err(BadSignature)
    );
    assert_eq!(
        key.verify(
            Algorithm::EdDsa,
            ED25519_MESSAGE.as_bytes(),
            &signature[..63]
        ),
        Err(BadSignature)
    );
}

#[test]
fn an_ed25519_key_of_another_length_is_refused() {
    assert_eq!(PublicKey::ed25519(&[]), Err(KeyError::Ed25519Length(0)));
    assert_eq!(
        PublicKey::ed25519(&decoded(ED25519_X)[..31]),
        Err(KeyError::Ed25519Length(31))
    );
    assert_eq!(
        PublicKey::ed25519(&[7; 33]),
        Err(KeyError::Ed25519Length(33))
    );
}

#[test]
fn every_ed25519_point_of_small_order_is_refused() {
    for point in EIGHT_TORSION {
        assert_eq!(
            PublicKey::ed25519(point.compress().as_bytes()),
            Err(KeyError::SmallOrder)
        );
    }
}

#[test]
fn an_ed25519_point_with_a_small_order_component_is_refused() {
    for torsion in &EIGHT_TORSION[1..] {
        let mixed = (ED25519_BASEPOINT_POINT + torsion).compress();
        assert_eq!(
            PublicKey::ed25519(mixed.as_bytes()),
            Err(KeyError::MixedOrder)
        );
    }
    assert_eq!(
        PublicKey::ed25519(ED25519_BASEPOINT_POINT.compress().as_bytes()).map(drop),
        Ok(())
    );
}

#[test]
fn an_ed25519_encoding_that_is_not_canonical_or_no_point_is_refused() {
    // y = p + 1, which is y = 1 written too large.
    let mut too_large = [0xff; 32];
    (too_large[0], too_large[31]) = (0xee, 0x7f);
    // x = 0 with a sign.
    let mut negative_zero = [0; 32];
    (negative_zero[0], negative_zero[31]) = (1, 0x80);
    let mut no_point = [0; 32];
    no_point[0] = 2;
    for encoding in [too_large, negative_zero, no_point] {
        assert_eq!(
            PublicKey::ed25519(&encoding),
            Err(KeyError::Ed25519Encoding),
            "{encoding:?}"
        );
    }
}

#[test]
fn keys_are_equal_if_their_material_and_their_algorithms_are() {
    let all = rsa(&decoded(RSA_N), E).unwrap();
    let one = PublicKey::rsa(&decoded(RSA_N), E, [Algorithm::Rs256].into_iter().collect()).unwrap();
    assert_eq!(all, rsa(&decoded(RSA_N), E).unwrap());
    assert_ne!(all, one);
    assert_ne!(all, rsa(&odd(2048), E).unwrap());
    assert_ne!(all, rsa(&decoded(RSA_N), &[1, 0, 3]).unwrap());
}

#[test]
fn debug_shows_algorithms_and_no_material() {
    let one = PublicKey::rsa(&decoded(RSA_N), E, [Algorithm::Rs256].into_iter().collect()).unwrap();
    assert_eq!(format!("{one:?}"), "PublicKey {\"RS256\"}");
}

#[test]
fn keys_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<PublicKey>();
}
