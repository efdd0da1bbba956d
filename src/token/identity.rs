//! The token as such: subject, issuer, audience, times, client, format and binding.

use std::time::{SystemTime, UNIX_EPOCH};

use super::format::{Binding, TokenFormat};
use super::held::TokenClaims;
use super::valid::ValidToken;
use crate::verify::{Confirmation, Provenance};

impl<C: TokenClaims> ValidToken<C> {
    /// Returns the user or service that the token is about: `sub` (RFC 7519 §4.1.2). It is unique
    /// within its issuer only.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "sub": "alice" }));
    /// assert_eq!(token.subject(), Some("alice"));
    /// ```
    pub fn subject(&self) -> Option<&str> {
        self.verified().subject()
    }

    /// Returns the issuer, exactly as configured: `iss` (RFC 7519 §4.1.1).
    ///
    /// `None` only if the configuration names no issuer (`jwks_url` alone) and the token does not
    /// either.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "iss": "https://auth.example.com" }));
    /// assert_eq!(token.issuer(), Some("https://auth.example.com"));
    /// ```
    pub fn issuer(&self) -> Option<&str> {
        self.verified().issuer()
    }

    /// Returns the audiences: `aud` (RFC 7519 §4.1.3), or the first claim of the setting
    /// `audience_claims` that is present.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "aud": ["orders", "invoices"] }));
    /// assert!(token.audiences().any(|audience| audience == "orders"));
    /// ```
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.verified().audiences().iter()
    }

    /// Returns the time of expiry without leeway: `exp` (RFC 7519 §4.1.4).
    ///
    /// A JWT always has one. `None` is for tokens that need not name one, such as introspected ones
    /// (RFC 7662 §2.2).
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let token = token_with(json!({ "exp": 4_000_000_000_u64 }));
    /// assert_eq!(token.expires_at(), Some(UNIX_EPOCH + Duration::from_secs(4_000_000_000)));
    /// ```
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.verified().expires_at().map(|at| UNIX_EPOCH + at)
    }

    /// Returns the time of issue: `iat` (RFC 7519 §4.1.6).
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let token = token_with(json!({ "iat": 1_700_000_000 }));
    /// assert_eq!(token.issued_at(), Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000)));
    /// ```
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.verified().issued_at().map(|at| UNIX_EPOCH + at)
    }

    /// Returns the identifier of the token: `jti` (RFC 7519 §4.1.7).
    ///
    /// Recognise a token by its issuer and this identifier, never by its text. One token can have
    /// several valid texts: anyone can turn an ECDSA signature `(r, s)` into `(r, n − s)`, which is
    /// valid too (algorithms ES256, ES384, ES512).
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "jti": "6c8a3f" }));
    /// assert_eq!(token.id(), Some("6c8a3f"));
    /// ```
    pub fn id(&self) -> Option<&str> {
        self.verified().id()
    }

    /// Returns the client that requested the token: `client_id` (RFC 9068 §2.2), else `azp`, `cid`
    /// (Okta) or `appid` (Entra, version 1.0).
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "azp": "web-shop" }));
    /// assert_eq!(token.client_id(), Some("web-shop"));
    /// ```
    pub fn client_id(&self) -> Option<&str> {
        self.verified().client_id()
    }

    /// Returns the format of the token.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// use axioms_rocket::TokenFormat;
    ///
    /// let token = token_with(json!({ "sub": "alice" }));
    /// assert_eq!(token.format(), TokenFormat::Jwt);
    /// ```
    pub fn format(&self) -> TokenFormat {
        match self.verified().provenance() {
            Provenance::Jwt { .. } | Provenance::RunTimeJwt { .. } => TokenFormat::Jwt,
            #[cfg(feature = "introspection")]
            Provenance::Introspected { .. } => TokenFormat::Opaque,
        }
    }

    /// Returns the key to which the token is bound: `cnf` (RFC 7800). `None` for a bearer token.
    ///
    /// A request with a bound token passes only if its sender proves possession of the key.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// use axioms_rocket::Binding;
    ///
    /// let token = token_with(json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZ" } }));
    /// assert_eq!(token.binding(), Some(Binding::Dpop { jkt: "0ZcOCORZNYy-DWpqq30jZ" }));
    /// assert_eq!(token_with(json!({ "sub": "alice" })).binding(), None);
    /// ```
    pub fn binding(&self) -> Option<Binding<'_>> {
        let verified = self.verified();
        match verified.confirmation() {
            Confirmation::None | Confirmation::Unsupported(_) => None,
            Confirmation::Jkt(jkt) => Some(Binding::Dpop {
                jkt: verified.text(jkt),
            }),
            Confirmation::X5tS256(x5t_s256) => Some(Binding::Certificate {
                x5t_s256: verified.text(x5t_s256),
            }),
        }
    }
}
