//! The supported signature algorithms: asymmetric ones only.

use std::fmt;

use super::key_type::{Curve, KeyType};

/// Passes the table of algorithms to a macro: variant, name in `alg`, key type.
macro_rules! algorithms {
    ($define:ident) => {
        $define! {
            /// `RS256`: RSASSA-PKCS1-v1_5 with SHA-256.
            Rs256 = "RS256", KeyType::Rsa;
            /// `RS384`: RSASSA-PKCS1-v1_5 with SHA-384.
            Rs384 = "RS384", KeyType::Rsa;
            /// `RS512`: RSASSA-PKCS1-v1_5 with SHA-512.
            Rs512 = "RS512", KeyType::Rsa;
            /// `PS256`: RSASSA-PSS with SHA-256.
            Ps256 = "PS256", KeyType::Rsa;
            /// `PS384`: RSASSA-PSS with SHA-384.
            Ps384 = "PS384", KeyType::Rsa;
            /// `PS512`: RSASSA-PSS with SHA-512.
            Ps512 = "PS512", KeyType::Rsa;
            /// `ES256`: ECDSA on P-256 with SHA-256. The default of a test issuer.
            Es256 = "ES256", KeyType::Ec(Curve::P256);
            /// `ES384`: ECDSA on P-384 with SHA-384.
            Es384 = "ES384", KeyType::Ec(Curve::P384);
            /// `ES512`: ECDSA on P-521 with SHA-512.
            Es512 = "ES512", KeyType::Ec(Curve::P521);
            /// `EdDSA` on the curve Ed25519.
            EdDsa = "EdDSA", KeyType::Ed25519;
            /// `ML-DSA-44`: ML-DSA of category 2 (FIPS 204), safe from quantum computers.
            MlDsa44 = "ML-DSA-44", KeyType::Akp(Algorithm::MlDsa44);
            /// `ML-DSA-65`: ML-DSA of category 3.
            MlDsa65 = "ML-DSA-65", KeyType::Akp(Algorithm::MlDsa65);
            /// `ML-DSA-87`: ML-DSA of category 5.
            MlDsa87 = "ML-DSA-87", KeyType::Akp(Algorithm::MlDsa87);
        }
    };
}
#[cfg(feature = "testing")]
pub(crate) use algorithms;

macro_rules! define {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $key_type:expr;)+) => {
        /// A signature algorithm of RFC 7518 §3.1, RFC 8037, RFC 9864 or RFC 9964. Symmetric ones
        /// and `none` have no variant, so nothing can select them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Algorithm {
            $($(#[$doc])* $variant,)+
        }

        impl Algorithm {
            pub(crate) const ALL: [Algorithm; [$($name),+].len()] = [$(Algorithm::$variant),+];

            /// Returns the name in `alg`.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Algorithm::$variant => $name,)+
                }
            }

            /// Returns the type of its keys.
            pub(crate) const fn key_type(self) -> KeyType {
                match self {
                    $(Algorithm::$variant => $key_type,)+
                }
            }
        }
    };
}

algorithms!(define);

impl Algorithm {
    /// Parses an exact name; `Ed25519` is `EdDSA` (RFC 9864 §2.2).
    pub(crate) fn parse(name: &str) -> Option<Algorithm> {
        if name == "Ed25519" {
            return Some(Algorithm::EdDsa);
        }
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of algorithms, small enough to copy.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Algorithms(u16);

impl Algorithms {
    /// Every asymmetric algorithm: the default.
    pub(crate) const ALL: Algorithms = Algorithms((1 << Algorithm::ALL.len()) - 1);

    pub(crate) fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & (1 << algorithm as u16) != 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL
            .into_iter()
            .filter(move |algorithm| self.contains(*algorithm))
    }
}

impl FromIterator<Algorithm> for Algorithms {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(algorithms: I) -> Self {
        Algorithms(
            algorithms
                .into_iter()
                .fold(0, |set, algorithm| set | (1 << algorithm as u16)),
        )
    }
}

impl fmt::Debug for Algorithms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(Algorithm::name))
            .finish()
    }
}
