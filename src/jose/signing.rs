//! Key pairs of test issuers.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "runs inside tests, where a panic is the failure"
)]

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair, RsaKeyPair,
};
use base64_simd::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::sign_rsa::sign_rsa;
use super::{Algorithm, Curve, KeyType};

/// A private key that was generated, never loaded.
pub(crate) struct SigningPair {
    key_type: KeyType,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Akp(PqdsaKeyPair),
}

impl KeyType {
    /// Returns the first part of a test key's `kid`.
    pub(crate) fn label(self) -> String {
        match self {
            KeyType::Rsa => "rsa".to_owned(),
            KeyType::Ec(curve) => curve.name().replace('-', "").to_lowercase(),
            KeyType::Ed25519 => "ed25519".to_owned(),
            KeyType::Akp(algorithm) => algorithm.name().to_lowercase(),
        }
    }
}

impl SigningPair {
    /// Generates a key from the bytes that `fill` writes; an RSA key from the system's random
    /// numbers.
    pub(crate) fn generate(key_type: KeyType, fill: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut seed = [0; 32];
        let pair = match key_type {
            KeyType::Rsa => Pair::Rsa(Box::new(
                RsaKeyPair::generate(KeySize::Rsa2048)
                    .expect("the operating system gives random numbers"),
            )),
            KeyType::Ec(curve) => Pair::Ec(ec_pair(curve, fill)),
            KeyType::Ed25519 => {
                fill(&mut seed);
                let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
                Pair::Ed(pair.expect("any 32 bytes are a seed"))
            }
            KeyType::Akp(algorithm) => {
                fill(&mut seed);
                let signing = match algorithm {
                    Algorithm::MlDsa44 => &ML_DSA_44_SIGNING,
                    Algorithm::MlDsa65 => &ML_DSA_65_SIGNING,
                    _ => &ML_DSA_87_SIGNING,
                };
                let pair = PqdsaKeyPair::from_seed(signing, &seed);
                Pair::Akp(pair.expect("any 32 bytes are a seed"))
            }
        };
        Self { key_type, pair }
    }

    pub(crate) fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// Signs `message`, in the format of RFC 7518 §3, RFC 8037 §3.1 or RFC 9964 §4.
    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        assert_eq!(
            algorithm.key_type(),
            self.key_type,
            "{algorithm} needs a key of another type"
        );
        let signature = match &self.pair {
            Pair::Rsa(pair) => sign_rsa(pair, algorithm, message),
            Pair::Ec(pair) => pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec()),
            Pair::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Akp(pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                pair.sign(message, &mut signature).map(|_| signature)
            }
        };
        signature.expect("a key that was just made can sign")
    }

    /// Returns the public key (RFC 7517). It has `alg` only if its type has one algorithm.
    pub(crate) fn jwk(&self) -> Value {
        let (mut jwk, parts) = match &self.pair {
            Pair::Rsa(pair) => {
                let [n, e] = rsa_components(pair.public_key().as_ref());
                (json!({ "kty": "RSA" }), vec![("n", n), ("e", e)])
            }
            Pair::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                (json!({ "kty": "EC" }), vec![("x", x), ("y", y)])
            }
            Pair::Ed(pair) => (
                json!({ "kty": "OKP", "crv": "Ed25519" }),
                vec![("x", pair.public_key().as_ref())],
            ),
            Pair::Akp(pair) => (
                json!({ "kty": "AKP" }),
                vec![("pub", pair.public_key().as_ref())],
            ),
        };
        match self.key_type {
            KeyType::Ec(curve) => {
                jwk["crv"] = json!(curve.name());
                jwk["alg"] = json!(curve.algorithm().name());
            }
            KeyType::Akp(algorithm) => jwk["alg"] = json!(algorithm.name()),
            KeyType::Rsa | KeyType::Ed25519 => {}
        }
        for (name, bytes) in parts {
            jwk[name] = json!(URL_SAFE_NO_PAD.encode_to_string(bytes));
        }
        jwk
    }

    /// Returns the public key as `SubjectPublicKeyInfo` (RFC 5280 §4.1).
    pub(crate) fn public_der(&self) -> Vec<u8> {
        let der: Result<PublicKeyX509Der<'_>, Unspecified> = match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Ec(pair) => pair.public_key().as_der(),
            Pair::Ed(pair) => pair.public_key().as_der(),
            Pair::Akp(pair) => pair.public_key().as_der(),
        };
        let der = der.expect("a key that was just made can be written");
        der.as_ref().to_vec()
    }
}

/// Generates a key from a drawn scalar; draws again if the scalar is not below the curve's order.
fn ec_pair(curve: Curve, fill: &mut dyn FnMut(&mut [u8])) -> EcdsaKeyPair {
    let (signing, agreement, first_byte_mask): (&'static EcdsaSigningAlgorithm, _, _) = match curve
    {
        Curve::P256 => (&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDH_P256, 0xff),
        Curve::P384 => (&ECDSA_P384_SHA384_FIXED_SIGNING, &ECDH_P384, 0xff),
        Curve::P521 => (&ECDSA_P521_SHA512_FIXED_SIGNING, &ECDH_P521, 0x01),
    };
    let mut scalar = vec![0; curve.field_size()];
    loop {
        fill(&mut scalar);
        scalar[0] &= first_byte_mask;
        let pair = agreement::PrivateKey::from_private_key(agreement, &scalar)
            .and_then(|private| Ok(private.compute_public_key()?))
            .and_then(|public| {
                EcdsaKeyPair::from_private_key_and_public_key(signing, &scalar, public.as_ref())
            });
        if let Ok(pair) = pair {
            return pair;
        }
    }
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
