//! A signing key: always generated, never loaded, and visible by its public half only.

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::algorithm::{Alg, KeyKind};
use super::seed::{Draw, KeySeed};

pub(in crate::testing) struct SigningKey {
    kid: String,
    kind: KeyKind,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl SigningKey {
    /// Generates a key from the seed, or a random one. Its `kid` is readable and unique, so that an
    /// issuer restarted on the same port is not mistaken for the previous one.
    pub(in crate::testing) fn generate(kind: KeyKind, generation: u32, seed: KeySeed) -> Self {
        let name = kind.name();
        let mut draw = match kind {
            KeyKind::Rsa => Draw::at_random(),
            _ => seed.draw(&format!("{name}-{generation}")),
        };
        let id = u32::from_be_bytes(draw.bytes());
        let pair = match kind {
            KeyKind::Rsa => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048);
                Pair::Rsa(Box::new(
                    pair.expect("the operating system gives random numbers"),
                ))
            }
            KeyKind::P256 => Pair::Ec(ec_pair::<32>(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &ECDH_P256,
                0xff,
                &mut draw,
            )),
            KeyKind::P384 => Pair::Ec(ec_pair::<48>(
                &ECDSA_P384_SHA384_FIXED_SIGNING,
                &ECDH_P384,
                0xff,
                &mut draw,
            )),
            KeyKind::P521 => Pair::Ec(ec_pair::<66>(
                &ECDSA_P521_SHA512_FIXED_SIGNING,
                &ECDH_P521,
                0x01,
                &mut draw,
            )),
            KeyKind::Ed25519 => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&draw.bytes::<32>());
                Pair::Ed(pair.expect("any 32 bytes are a seed"))
            }
        };
        Self {
            kid: format!("{name}-{generation}-{id:08x}"),
            kind,
            pair,
        }
    }

    pub(in crate::testing) fn kid(&self) -> &str {
        &self.kid
    }

    pub(in crate::testing) fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Signs `message`, in the format of RFC 7518 §3.
    pub(in crate::testing) fn sign(&self, alg: Alg, message: &[u8]) -> Vec<u8> {
        assert_eq!(alg.kind(), self.kind, "{alg} needs a key of another type");
        let signature = match &self.pair {
            Pair::Rsa(pair) => sign_rsa(pair, alg, message),
            Pair::Ec(pair) => pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec()),
            Pair::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        };
        signature.expect("a key that was just made can sign")
    }

    /// Returns the public key (RFC 7517). It has `alg` only where the curve allows one algorithm.
    pub(in crate::testing) fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let [n, e] = rsa_components(pair.public_key().as_ref());
                json!({ "kty": "RSA", "n": encode(n), "e": encode(e) })
            }
            Pair::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let (crv, alg) = match self.kind {
                    KeyKind::P384 => ("P-384", Alg::Es384),
                    KeyKind::P521 => ("P-521", Alg::Es512),
                    _ => ("P-256", Alg::Es256),
                };
                let alg = alg.name();
                json!({ "kty": "EC", "crv": crv, "alg": alg, "x": encode(x), "y": encode(y) })
            }
            Pair::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) })
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// Returns the public key as PEM: the HMAC secret of the classic algorithm confusion.
    pub(in crate::testing) fn pem(&self) -> String {
        let der: Result<PublicKeyX509Der<'_>, Unspecified> = match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Ec(pair) => pair.public_key().as_der(),
            Pair::Ed(pair) => pair.public_key().as_der(),
        };
        let text = STANDARD.encode(
            der.expect("a key that was just made can be written")
                .as_ref(),
        );
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().map(|&byte| char::from(byte)));
            pem.push('\n');
        }
        pem + "-----END PUBLIC KEY-----\n"
    }
}

/// Generates a key from a drawn scalar; draws again if the scalar is not below the curve's order.
fn ec_pair<const WIDTH: usize>(
    signing: &'static EcdsaSigningAlgorithm,
    curve: &'static agreement::Algorithm,
    first_byte_mask: u8,
    draw: &mut Draw,
) -> EcdsaKeyPair {
    loop {
        let mut scalar: [u8; WIDTH] = draw.bytes();
        scalar[0] &= first_byte_mask;
        let Ok(private) = agreement::PrivateKey::from_private_key(curve, &scalar) else {
            continue;
        };
        let Ok(public) = private.compute_public_key() else {
            continue;
        };
        if let Ok(pair) =
            EcdsaKeyPair::from_private_key_and_public_key(signing, &scalar, public.as_ref())
        {
            return pair;
        }
    }
}

pub(in crate::testing) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sign_rsa(pair: &RsaKeyPair, alg: Alg, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let encoding: &'static dyn RsaEncoding = match alg {
        Alg::Rs384 => &RSA_PKCS1_SHA384,
        Alg::Rs512 => &RSA_PKCS1_SHA512,
        Alg::Ps256 => &RSA_PSS_SHA256,
        Alg::Ps384 => &RSA_PSS_SHA384,
        Alg::Ps512 => &RSA_PSS_SHA512,
        _ => &RSA_PKCS1_SHA256,
    };
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature)?;
    Ok(signature)
}

/// Returns modulus and exponent of an `RSAPublicKey` (RFC 8017 §A.1.1) written by aws-lc-rs.
fn rsa_components(der: &[u8]) -> [&[u8]; 2] {
    let (sequence, _) = der_value(der);
    let (modulus, rest) = der_value(sequence);
    let (exponent, _) = der_value(rest);
    [modulus, exponent].map(|integer| integer.strip_prefix(&[0]).unwrap_or(integer))
}

/// Returns the contents of the first DER value, and the rest.
fn der_value(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match usize::from(der[1]) {
        short @ 0..0x80 => (short, 2),
        long => {
            let bytes = &der[2..2 + (long & 0x7f)];
            (
                bytes
                    .iter()
                    .fold(0, |length, &byte| length << 8 | usize::from(byte)),
                2 + bytes.len(),
            )
        }
    };
    der[start..].split_at(length)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, UnparsedPublicKey};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm, DecodingKey};
    use serde_json::Value;

    use super::SigningKey;
    use crate::testing::Alg;
    use crate::testing::issuer::keys::Seed;

    fn generate(alg: Alg, generation: u32) -> SigningKey {
        SigningKey::generate(alg.kind(), generation, Seed::new(None).keys())
    }

    /// The algorithm in jsonwebtoken, which did not sign; it has no ES512.
    fn in_jsonwebtoken(alg: Alg) -> Option<Algorithm> {
        match alg {
            Alg::Es512 => None,
            Alg::Ed25519 => Some(Algorithm::EdDSA),
            alg => Some(alg.name().parse().expect("a known algorithm")),
        }
    }

    fn verifies(alg: Alg, jwk: &Value, message: &[u8], signature: &[u8]) -> bool {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        if let Some(algorithm) = in_jsonwebtoken(alg) {
            let jwk: Jwk = serde_json::from_value(jwk.clone()).expect("a JWK");
            let key = DecodingKey::from_jwk(&jwk).expect("a key");
            let signature = URL_SAFE_NO_PAD.encode(signature);
            return jsonwebtoken::crypto::verify(&signature, message, &key, algorithm)
                .expect("a check");
        }
        let mut point = vec![4];
        for coordinate in ["x", "y"] {
            point.extend(
                URL_SAFE_NO_PAD
                    .decode(jwk[coordinate].as_str().expect("text"))
                    .expect("base64url"),
            );
        }
        UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point)
            .verify(message, signature)
            .is_ok()
    }

    #[test]
    fn every_algorithm_signs_and_its_jwk_verifies() {
        for &alg in Alg::ALL {
            let key = generate(alg, 1);
            let signature = key.sign(alg, b"message");
            assert!(
                verifies(alg, &key.jwk(), b"message", &signature),
                "{alg}: the right message"
            );
            assert!(
                !verifies(alg, &key.jwk(), b"massage", &signature),
                "{alg}: another message"
            );
        }
    }

    #[test]
    fn a_jwk_names_its_kid_and_its_use_and_nothing_private() {
        for alg in [Alg::Rs256, Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa] {
            let key = generate(alg, 1);
            let jwk = key.jwk();
            assert_eq!(jwk["kid"], key.kid());
            assert_eq!(jwk["use"], "sig");
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert_eq!(jwk.get(private), None, "{alg}: {private}");
            }
        }
    }

    #[test]
    fn coordinates_have_the_full_width_of_their_curve() {
        for (alg, width) in [(Alg::Es256, 32), (Alg::Es384, 48), (Alg::Es512, 66)] {
            let jwk = generate(alg, 1).jwk();
            for coordinate in ["x", "y"] {
                let bytes = URL_SAFE_NO_PAD
                    .decode(jwk[coordinate].as_str().expect("text"))
                    .expect("base64url");
                assert_eq!(bytes.len(), width, "{alg}: {coordinate}");
            }
        }
    }

    #[test]
    fn an_rsa_key_has_2048_bits_and_the_usual_exponent() {
        let jwk = generate(Alg::Rs256, 1).jwk();
        let modulus = URL_SAFE_NO_PAD
            .decode(jwk["n"].as_str().expect("text"))
            .expect("base64url");
        assert_eq!((modulus.len(), jwk["e"].as_str()), (256, Some("AQAB")));
        assert!(modulus[0] >= 0x80, "no leading zero");
    }

    #[test]
    fn no_two_keys_share_a_kid() {
        let kids = [1, 1, 2].map(|generation| generate(Alg::Es256, generation).kid().to_owned());
        assert!(
            kids[0] != kids[1] && kids[1] != kids[2] && kids[0] != kids[2],
            "{kids:?}"
        );
    }

    #[test]
    fn a_seed_gives_one_key_for_each_type_and_generation() {
        let jwk = |alg: Alg, generation, seed| {
            SigningKey::generate(alg.kind(), generation, Seed::new(Some(seed)).keys())
                .jwk()
                .to_string()
        };
        for alg in [Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa] {
            assert_eq!(jwk(alg, 1, 7), jwk(alg, 1, 7), "{alg}");
            assert_ne!(jwk(alg, 1, 7), jwk(alg, 2, 7), "{alg}: generation");
            assert_ne!(jwk(alg, 1, 7), jwk(alg, 1, 8), "{alg}: seed");
        }
        assert_ne!(
            jwk(Alg::Rs256, 1, 7),
            jwk(Alg::Rs256, 1, 7),
            "RSA is the exception, kid and all"
        );
    }

    #[test]
    fn a_seeded_key_signs_and_its_jwk_verifies() {
        for alg in [Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa] {
            for seed in 0..20 {
                let key = SigningKey::generate(alg.kind(), 1, Seed::new(Some(seed)).keys());
                assert!(
                    verifies(alg, &key.jwk(), b"message", &key.sign(alg, b"message")),
                    "{alg}, {seed}"
                );
            }
        }
    }
}
