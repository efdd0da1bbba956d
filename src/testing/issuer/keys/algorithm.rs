//! The algorithms of a test issuer, and the key type of each.

use std::fmt;

/// An asymmetric signature algorithm: RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2.
///
/// `none` and the `HS` family are missing on purpose: no issuer should use them. For a token that
/// does, see [`TokenBuilder::unsecured`](crate::testing::TokenBuilder::unsecured) and
/// [`TokenBuilder::hmac_confused`](crate::testing::TokenBuilder::hmac_confused).
///
/// ```
/// use axioms_rocket::testing::{Alg, TestIssuer};
///
/// let issuer = TestIssuer::start();
/// let token = issuer.token().algorithm(Alg::EdDsa).sign();
///
/// assert_eq!(Alg::EdDsa.name(), "EdDSA");
/// assert!(issuer.jwks().contains("Ed25519"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Alg {
    /// `RS256`: RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// `RS384`: RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// `RS512`: RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// `PS256`: RSASSA-PSS with SHA-256.
    Ps256,
    /// `PS384`: RSASSA-PSS with SHA-384.
    Ps384,
    /// `PS512`: RSASSA-PSS with SHA-512.
    Ps512,
    /// `ES256`: ECDSA on P-256 with SHA-256. The default.
    Es256,
    /// `ES384`: ECDSA on P-384 with SHA-384.
    Es384,
    /// `ES512`: ECDSA on P-521 with SHA-512.
    Es512,
    /// `EdDSA` on the curve Ed25519.
    EdDsa,
    /// `Ed25519`: the same signature as [`Alg::EdDsa`], under its name in RFC 9864.
    Ed25519,
}

impl Alg {
    /// Every algorithm, for a test that tries each of them.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// for alg in [Alg::Es256, Alg::EdDsa] {
    ///     assert!(Alg::ALL.contains(&alg));
    ///     assert_ne!(issuer.token().algorithm(alg).sign(), "");
    /// }
    /// ```
    pub const ALL: &[Alg] = &[
        Alg::Rs256,
        Alg::Rs384,
        Alg::Rs512,
        Alg::Ps256,
        Alg::Ps384,
        Alg::Ps512,
        Alg::Es256,
        Alg::Es384,
        Alg::Es512,
        Alg::EdDsa,
        Alg::Ed25519,
    ];

    /// Returns the value of `alg` in the header of a token and in a JWK.
    ///
    /// ```
    /// use axioms_rocket::testing::Alg;
    ///
    /// assert_eq!(Alg::Es256.name(), "ES256");
    /// assert_eq!(Alg::Es256.to_string(), "ES256");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Alg::Rs256 => "RS256",
            Alg::Rs384 => "RS384",
            Alg::Rs512 => "RS512",
            Alg::Ps256 => "PS256",
            Alg::Ps384 => "PS384",
            Alg::Ps512 => "PS512",
            Alg::Es256 => "ES256",
            Alg::Es384 => "ES384",
            Alg::Es512 => "ES512",
            Alg::EdDsa => "EdDSA",
            Alg::Ed25519 => "Ed25519",
        }
    }

    pub(in crate::testing) const fn kind(self) -> KeyKind {
        match self {
            Alg::Rs256 | Alg::Rs384 | Alg::Rs512 | Alg::Ps256 | Alg::Ps384 | Alg::Ps512 => {
                KeyKind::Rsa
            }
            Alg::Es256 => KeyKind::P256,
            Alg::Es384 => KeyKind::P384,
            Alg::Es512 => KeyKind::P521,
            Alg::EdDsa | Alg::Ed25519 => KeyKind::Ed25519,
        }
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A key type. One key per type serves every algorithm that fits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::testing) enum KeyKind {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

impl KeyKind {
    /// Returns the first part of the `kid`.
    pub(in crate::testing) const fn name(self) -> &'static str {
        match self {
            KeyKind::Rsa => "rsa",
            KeyKind::P256 => "p256",
            KeyKind::P384 => "p384",
            KeyKind::P521 => "p521",
            KeyKind::Ed25519 => "ed25519",
        }
    }
}
