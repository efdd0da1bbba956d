//! The algorithms of a test issuer: those of `jose`, under each of their names.

use std::fmt;

use crate::jose::{Algorithm, KeyType, algorithms};

macro_rules! define {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $key_type:expr;)+) => {
        /// An asymmetric signature algorithm: RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2, RFC 9964
        /// §4.
        ///
        /// `none` and the `HS` family are missing on purpose: no issuer should use them. For a
        /// token that does, see
        /// [`TokenBuilder::unsecured`](crate::testing::TokenBuilder::unsecured) and
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
            $($(#[$doc])* $variant,)+
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
            pub const ALL: &[Alg] = &[$(Alg::$variant,)+ Alg::Ed25519];

            pub(in crate::testing) const fn algorithm(self) -> Algorithm {
                match self {
                    $(Alg::$variant => Algorithm::$variant,)+
                    Alg::Ed25519 => Algorithm::EdDsa,
                }
            }
        }
    };
}

algorithms!(define);

impl Alg {
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
            Alg::Ed25519 => "Ed25519",
            _ => self.algorithm().name(),
        }
    }

    pub(in crate::testing) const fn kind(self) -> KeyType {
        self.algorithm().key_type()
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
