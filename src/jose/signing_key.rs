//! A private key of the operator, which signs this API's own assertions.

use std::fmt;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair,
};
use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::sign_rsa::sign_rsa;
use super::{Algorithm, Curve, KeyType};

/// A key pair and the algorithm with which it signs.
pub(crate) struct SigningKey {
    algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// Reason for which a file holds no usable private key. The messages repeat nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PrivateKeyError {
    #[error("holds no PEM private key (`-----BEGIN PRIVATE KEY-----`)")]
    NoKey,
    #[error("holds more than one private key")]
    Several,
    #[error("holds an encrypted key; `openssl pkcs8 -in KEY -out PLAIN` decrypts it")]
    Encrypted,
    #[error("holds a key that is not PKCS#8; `openssl pkcs8 -topk8 -nocrypt -in KEY` converts it")]
    NotPkcs8,
    #[error("holds PEM that is not base64")]
    Base64,
    #[error(
        "holds a key of an unknown type; known are RSA, P-256, P-384, P-521 and Ed25519, in PKCS#8"
    )]
    Unknown,
    #[error("holds an RSA key of less than 2048 bits")]
    Weak,
    #[error("holds a key that does not fit the algorithm {0}")]
    Algorithm(&'static str),
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// The least length of an RSA modulus, in bytes.
const MIN_MODULUS: usize = 2048 / 8;

impl SigningKey {
    /// Reads one unencrypted key, PEM of PKCS#8 (RFC 7468 §10, RFC 5958). Without `algorithm` an
    /// RSA key signs with RS256, and any other with the one of its curve.
    pub(crate) fn from_pem(
        pem: &str,
        algorithm: Option<Algorithm>,
    ) -> Result<SigningKey, PrivateKeyError> {
        let pair = Pair::from_der(&der(pem)?)?;
        let key_type = pair.key_type();
        let default = match key_type {
            KeyType::Ec(curve) => curve.algorithm(),
            KeyType::Ed25519 => Algorithm::EdDsa,
            KeyType::Rsa | KeyType::Akp(_) => Algorithm::Rs256,
        };
        let algorithm = algorithm.unwrap_or(default);
        if algorithm.key_type() != key_type {
            return Err(PrivateKeyError::Algorithm(algorithm.name()));
        }
        Ok(SigningKey { algorithm, pair })
    }

    /// Signs `claims` as a JWT in the compact serialization (RFC 7515 §7.1).
    ///
    /// # Errors
    ///
    /// The cryptographic library cannot sign.
    pub(crate) fn sign(
        &self,
        typ: &str,
        key_id: Option<&str>,
        claims: &Value,
    ) -> Result<String, Unspecified> {
        let mut header = serde_json::json!({ "alg": self.algorithm.name(), "typ": typ });
        if let (Some(key_id), Some(members)) = (key_id, header.as_object_mut()) {
            members.insert("kid".to_owned(), key_id.into());
        }
        let [header, claims] = [header.to_string(), claims.to_string()]
            .map(|part| URL_SAFE_NO_PAD.encode_to_string(part));
        let mut token = format!("{header}.{claims}");
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode_to_string(signature));
        Ok(token)
    }

    /// Returns the signature in the format of RFC 7518 §3 or RFC 8037 §3.1.
    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match &self.pair {
            Pair::Rsa(pair) => sign_rsa(pair, self.algorithm, message),
            Pair::Ec(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl Pair {
    fn from_der(der: &[u8]) -> Result<Pair, PrivateKeyError> {
        if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            return match pair.public_modulus_len() {
                short if short < MIN_MODULUS => Err(PrivateKeyError::Weak),
                _ => Ok(Pair::Rsa(Box::new(pair))),
            };
        }
        let curves = [
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &ECDSA_P384_SHA384_FIXED_SIGNING,
            &ECDSA_P521_SHA512_FIXED_SIGNING,
        ];
        let ec = curves
            .into_iter()
            .find_map(|curve| EcdsaKeyPair::from_pkcs8(curve, der).ok());
        ec.map(Pair::Ec)
            .or_else(|| {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
                    .ok()
                    .map(Pair::Ed)
            })
            .ok_or(PrivateKeyError::Unknown)
    }

    fn key_type(&self) -> KeyType {
        match self {
            Pair::Rsa(_) => KeyType::Rsa,
            Pair::Ed(_) => KeyType::Ed25519,
            Pair::Ec(pair) => {
                let algorithm = pair.algorithm();
                let is = |other| std::ptr::eq(algorithm, other);
                KeyType::Ec(if is(&ECDSA_P384_SHA384_FIXED_SIGNING) {
                    Curve::P384
                } else if is(&ECDSA_P521_SHA512_FIXED_SIGNING) {
                    Curve::P521
                } else {
                    Curve::P256
                })
            }
        }
    }
}

/// Returns the contents of the one PEM block of a private key.
fn der(pem: &str) -> Result<Vec<u8>, PrivateKeyError> {
    let Some((_, rest)) = pem.split_once(BEGIN) else {
        return Err(if pem.contains("ENCRYPTED") {
            PrivateKeyError::Encrypted
        } else if pem.contains("PRIVATE KEY-----") {
            PrivateKeyError::NotPkcs8
        } else {
            PrivateKeyError::NoKey
        });
    };
    let (base64, rest) = rest.split_once(END).ok_or(PrivateKeyError::NoKey)?;
    if rest.contains("PRIVATE KEY-----") {
        return Err(PrivateKeyError::Several);
    }
    let base64: String = base64.split_ascii_whitespace().collect();
    STANDARD
        .decode_to_vec(base64)
        .map_err(|_| PrivateKeyError::Base64)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, …)", self.algorithm)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
        EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
        RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
        RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
    };
    use serde_json::json;

    use super::*;

    fn pem(der: &[u8]) -> String {
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode_to_string(der))
    }

    /// Signs with the key and confirms it with the public one.
    #[track_caller]
    fn confirm(
        pem: &str,
        algorithm: Option<Algorithm>,
        expected: Algorithm,
        public: &[u8],
        verification: &'static dyn VerificationAlgorithm,
    ) {
        let key = SigningKey::from_pem(pem, algorithm).unwrap();
        assert_eq!(format!("{key:?}"), format!("SigningKey({expected}, …)"));
        let token = key.sign("t", None, &json!({ "a": 1 })).unwrap();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode_to_vec(signature).unwrap();
        let public = UnparsedPublicKey::new(verification, public);
        public.verify(message.as_bytes(), &signature).unwrap();
        let header = message.split_once('.').unwrap().0;
        let header = URL_SAFE_NO_PAD.decode_to_vec(header).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header, json!({ "alg": expected.name(), "typ": "t" }));
    }

    #[test]
    fn an_rsa_key_signs_with_each_of_its_algorithms() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let pem = pem(der.as_ref());
        let public = pair.public_key().as_ref();
        let default = &RSA_PKCS1_2048_8192_SHA256;
        confirm(&pem, None, Algorithm::Rs256, public, default);
        let all: [(Algorithm, &'static dyn VerificationAlgorithm); 6] = [
            (Algorithm::Rs256, default),
            (Algorithm::Rs384, &RSA_PKCS1_2048_8192_SHA384),
            (Algorithm::Rs512, &RSA_PKCS1_2048_8192_SHA512),
            (Algorithm::Ps256, &RSA_PSS_2048_8192_SHA256),
            (Algorithm::Ps384, &RSA_PSS_2048_8192_SHA384),
            (Algorithm::Ps512, &RSA_PSS_2048_8192_SHA512),
        ];
        for (algorithm, verification) in all {
            confirm(&pem, Some(algorithm), algorithm, public, verification);
        }
        let wrong = SigningKey::from_pem(&pem, Some(Algorithm::Es256)).unwrap_err();
        assert_eq!(wrong, PrivateKeyError::Algorithm("ES256"));
    }

    #[test]
    fn a_key_of_a_curve_signs_with_its_one_algorithm() {
        type Case = (
            &'static EcdsaSigningAlgorithm,
            Algorithm,
            &'static dyn VerificationAlgorithm,
        );
        let cases: [Case; 3] = [
            (
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                Algorithm::Es256,
                &ECDSA_P256_SHA256_FIXED,
            ),
            (
                &ECDSA_P384_SHA384_FIXED_SIGNING,
                Algorithm::Es384,
                &ECDSA_P384_SHA384_FIXED,
            ),
            (
                &ECDSA_P521_SHA512_FIXED_SIGNING,
                Algorithm::Es512,
                &ECDSA_P521_SHA512_FIXED,
            ),
        ];
        for (signing, algorithm, verification) in cases {
            let pair = EcdsaKeyPair::generate(signing).unwrap();
            let pem = pem(pair.to_pkcs8v1().unwrap().as_ref());
            let public = pair.public_key().as_ref();
            confirm(&pem, None, algorithm, public, verification);
            let wrong = SigningKey::from_pem(&pem, Some(Algorithm::EdDsa)).unwrap_err();
            assert_eq!(wrong, PrivateKeyError::Algorithm("EdDSA"));
        }
        let pair = Ed25519KeyPair::generate().unwrap();
        let public = pair.public_key().as_ref();
        for der in [pair.to_pkcs8v1(), pair.to_pkcs8()] {
            let pem = pem(der.unwrap().as_ref());
            confirm(&pem, None, Algorithm::EdDsa, public, &ED25519);
        }
    }
}
