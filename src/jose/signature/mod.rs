//! Public keys and signatures: the only user of the cryptographic libraries.
//!
//! A key is checked once, when it is built: a `PublicKey` passed every check.

mod roca;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod vectors;

use std::fmt;

use aws_lc_rs::signature as aws;
use aws_lc_rs::signature::{ParsedPublicKey, RsaParameters, RsaPublicKeyComponents};
use curve25519_dalek::edwards::CompressedEdwardsY;

use super::key_type::Curve;
use crate::jose::{Algorithm, Algorithms};

/// A key that passed every check, parsed once for each algorithm that it may verify.
pub(crate) struct PublicKey {
    verifiers: Box<[(Algorithm, ParsedPublicKey)]>,
}

/// Reason for which a key is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyError {
    /// RFC 7518 §3.3 asks for 2048 at least; above 8192 a signature costs too much to check.
    #[error("RSA modulus of {0} bits, outside 2048 to 8192")]
    ModulusSize(usize),
    #[error("even RSA modulus")]
    EvenModulus,
    #[error("RSA modulus that can be factored (ROCA, CVE-2017-15361)")]
    Roca,
    /// 1 lets anyone sign, and 3 enabled attacks (NIST FIPS 186-5 §5.4 requires more than 2^16).
    #[error("RSA exponent that is even, below 65537 or above 33 bits")]
    Exponent,
    #[error("{} coordinate of {length} bytes", curve.name())]
    Coordinate { curve: Curve, length: usize },
    #[error("not a point of {}", .0.name())]
    OffCurve(Curve),
    #[error("Ed25519 key of {0} bytes")]
    Ed25519Length(usize),
    #[error("not the canonical encoding of a point of edwards25519")]
    Ed25519Encoding,
    /// It verifies one signature for every message (RFC 8032 §5.1.7 leaves the check to the
    /// verifier).
    #[error("Ed25519 point of small order")]
    SmallOrder,
    #[error("Ed25519 point outside the prime-order group")]
    MixedOrder,
    #[error("{algorithm} key of {length} bytes")]
    AkpLength { algorithm: Algorithm, length: usize },
    #[error("refused by the cryptographic library")]
    Refused,
}

/// The signature does not fit the key, the algorithm and the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("bad signature")]
pub(crate) struct BadSignature;

/// The algorithms of an RSA key and how each is checked.
const RSA: [(Algorithm, &RsaParameters); 6] = [
    (Algorithm::Rs256, &aws::RSA_PKCS1_2048_8192_SHA256),
    (Algorithm::Rs384, &aws::RSA_PKCS1_2048_8192_SHA384),
    (Algorithm::Rs512, &aws::RSA_PKCS1_2048_8192_SHA512),
    (Algorithm::Ps256, &aws::RSA_PSS_2048_8192_SHA256),
    (Algorithm::Ps384, &aws::RSA_PSS_2048_8192_SHA384),
    (Algorithm::Ps512, &aws::RSA_PSS_2048_8192_SHA512),
];

impl PublicKey {
    /// Builds an RSA key for the RSA algorithms among `algorithms`, from a big-endian modulus and
    /// exponent.
    ///
    /// Leading zero bytes, which RFC 7518 §6.3.1.1 forbids but some issuers write, are dropped.
    pub(crate) fn rsa(
        modulus: &[u8],
        exponent: &[u8],
        algorithms: Algorithms,
    ) -> Result<Self, KeyError> {
        let (n, e) = (
            without_leading_zeros(modulus),
            without_leading_zeros(exponent),
        );
        let bits = bit_length(n);
        if !(2048..=8192).contains(&bits) {
            return Err(KeyError::ModulusSize(bits));
        }
        if !is_odd(n) {
            return Err(KeyError::EvenModulus);
        }
        if roca::is_marked(n) {
            return Err(KeyError::Roca);
        }
        // The library accepts more than 33 bits, but then fails to verify.
        if !is_odd(e) || !(17..=33).contains(&bit_length(e)) {
            return Err(KeyError::Exponent);
        }
        let components = RsaPublicKeyComponents { n, e };
        let verifiers = RSA
            .into_iter()
            .filter(|(algorithm, _)| algorithms.contains(*algorithm))
            .map(|(algorithm, parameters)| {
                let key = components
                    .to_parsed_public_key(parameters)
                    .map_err(|_| KeyError::Refused)?;
                Ok((algorithm, key))
            })
            .collect::<Result<_, KeyError>>()?;
        Ok(Self { verifiers })
    }

    /// Builds a key of `curve` for its one algorithm. Coordinates without their leading zero bytes
    /// are padded.
    pub(crate) fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        // SEC 1 §2.3.3, uncompressed.
        let mut point = vec![4];
        for coordinate in [x, y] {
            let length = coordinate.len();
            let padding = curve
                .field_size()
                .checked_sub(length)
                .filter(|_| length > 0);
            let padding = padding.ok_or(KeyError::Coordinate { curve, length })?;
            point.resize(point.len() + padding, 0);
            point.extend_from_slice(coordinate);
        }
        // JWS signatures are r and s, each of fixed length (RFC 7518 §3.4).
        let verification = match curve {
            Curve::P256 => &aws::ECDSA_P256_SHA256_FIXED,
            Curve::P384 => &aws::ECDSA_P384_SHA384_FIXED,
            Curve::P521 => &aws::ECDSA_P521_SHA512_FIXED,
        };
        let key =
            ParsedPublicKey::new(verification, point).map_err(|_| KeyError::OffCurve(curve))?;
        Ok(Self {
            verifiers: Box::new([(curve.algorithm(), key)]),
        })
    }

    /// Builds a key of Ed25519 (RFC 8037 §2).
    pub(crate) fn ed25519(x: &[u8]) -> Result<Self, KeyError> {
        let compressed =
            CompressedEdwardsY::from_slice(x).map_err(|_| KeyError::Ed25519Length(x.len()))?;
        let point = compressed.decompress().ok_or(KeyError::Ed25519Encoding)?;
        // Decompression takes y modulo p, and a sign for x = 0.
        if point.compress() != compressed {
            return Err(KeyError::Ed25519Encoding);
        }
        if point.is_small_order() {
            return Err(KeyError::SmallOrder);
        }
        if !point.is_torsion_free() {
            return Err(KeyError::MixedOrder);
        }
        let key = ParsedPublicKey::new(&aws::ED25519, x).map_err(|_| KeyError::Refused)?;
        Ok(Self {
            verifiers: Box::new([(Algorithm::EdDsa, key)]),
        })
    }

    /// Builds a key of ML-DSA (FIPS 204, RFC 9964 §3). Every string of the right length is a key.
    pub(crate) fn akp(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let verification = match algorithm {
            Algorithm::MlDsa44 => &aws::ML_DSA_44,
            Algorithm::MlDsa65 => &aws::ML_DSA_65,
            Algorithm::MlDsa87 => &aws::ML_DSA_87,
            _ => return Err(KeyError::Refused),
        };
        let length = bytes.len();
        let key = ParsedPublicKey::new(verification, bytes)
            .map_err(|_| KeyError::AkpLength { algorithm, length })?;
        Ok(Self {
            verifiers: Box::new([(algorithm, key)]),
        })
    }

    /// Checks that this key may verify signatures of `algorithm`.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.verifier(algorithm).is_some()
    }

    /// Verifies `signature` over `message`; an algorithm that does not fit verifies nothing.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        let key = self.verifier(algorithm).ok_or(BadSignature)?;
        key.verify_sig(message, signature).map_err(|_| BadSignature)
    }

    /// Returns the encoded key.
    pub(crate) fn as_bytes(&self) -> Option<&[u8]> {
        self.verifiers.first().map(|(_, key)| key.as_ref())
    }

    fn verifier(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        self.verifiers
            .iter()
            .find(|(fitting, _)| *fitting == algorithm)
            .map(|(_, key)| key)
    }
}

/// Compares keys and algorithms.
impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        let both = self.verifiers.iter().zip(&other.verifiers);
        self.verifiers.len() == other.verifiers.len()
            && both
                .into_iter()
                .all(|((a, key), (b, other_key))| a == b && key.as_ref() == other_key.as_ref())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms = self.verifiers.iter().map(|(algorithm, _)| algorithm.name());
        f.write_str("PublicKey ")?;
        f.debug_set().entries(algorithms).finish()
    }
}

fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let first = bytes.iter().position(|byte| *byte != 0);
    first
        .and_then(|index| bytes.get(index..))
        .unwrap_or_default()
}

/// Returns the bit length of a number without leading zero bytes.
fn bit_length(bytes: &[u8]) -> usize {
    bytes
        .first()
        .map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize)
}

fn is_odd(bytes: &[u8]) -> bool {
    bytes.last().is_some_and(|last| last & 1 == 1)
}
