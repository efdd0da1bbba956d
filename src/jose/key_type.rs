//! The types of keys: `kty` with `crv` or `alg`.

use super::algorithm::Algorithm;
use super::skipped::SkipReason;
use crate::base::redact::Excerpt;
use crate::json::LazyMembers;

/// A type of key. Each of its algorithms fits every key of the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyType {
    Rsa,
    Ec(Curve),
    Ed25519,
    /// Algorithm Key Pair (RFC 9964 §3): a type for each algorithm, which has one algorithm.
    Akp(Algorithm),
}

/// The curves of ECDSA (RFC 7518 §6.2.1.1); each has one algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl KeyType {
    /// Reads the type of a JWK.
    pub(super) fn of(members: &LazyMembers<'_>) -> Result<Self, SkipReason> {
        let kty = members.required_string("kty")?;
        match &*kty {
            "RSA" => Ok(KeyType::Rsa),
            "EC" | "OKP" => {
                let crv = members.required_string("crv")?;
                match (&*kty, &*crv) {
                    ("EC", "P-256") => Ok(KeyType::Ec(Curve::P256)),
                    ("EC", "P-384") => Ok(KeyType::Ec(Curve::P384)),
                    ("EC", "P-521") => Ok(KeyType::Ec(Curve::P521)),
                    ("OKP", "Ed25519") => Ok(KeyType::Ed25519),
                    _ => Err(SkipReason::Curve(Excerpt(&crv).to_string())),
                }
            }
            "AKP" => {
                let algorithm = Algorithm::of_jwk(&members.required_string("alg")?)?;
                match algorithm.key_type() {
                    akp @ KeyType::Akp(_) => Ok(akp),
                    _ => Err(SkipReason::AlgorithmOfOtherType(algorithm)),
                }
            }
            "oct" => Err(SkipReason::Symmetric),
            kty => Err(SkipReason::KeyType(Excerpt(kty).to_string())),
        }
    }

    /// Returns the members of a private key (RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2, RFC 9964 §3).
    pub(super) const fn private_members(self) -> &'static [&'static str] {
        match self {
            KeyType::Rsa => &["d", "p", "q", "dp", "dq", "qi", "oth"],
            KeyType::Ec(_) | KeyType::Ed25519 => &["d"],
            KeyType::Akp(_) => &["priv"],
        }
    }
}

impl Algorithm {
    /// Parses the `alg` of a JWK.
    pub(super) fn of_jwk(name: &str) -> Result<Algorithm, SkipReason> {
        Algorithm::parse(name)
            .ok_or_else(|| SkipReason::UnknownAlgorithm(Excerpt(name).to_string()))
    }
}

impl Curve {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Curve::P256 => "P-256",
            Curve::P384 => "P-384",
            Curve::P521 => "P-521",
        }
    }

    pub(crate) const fn algorithm(self) -> Algorithm {
        match self {
            Curve::P256 => Algorithm::Es256,
            Curve::P384 => Algorithm::Es384,
            Curve::P521 => Algorithm::Es512,
        }
    }

    /// Returns the length of a coordinate in bytes.
    pub(super) const fn field_size(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
            Curve::P521 => 66,
        }
    }
}
