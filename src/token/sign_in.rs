//! The authentication behind the token: how and when, its session, and the acting party.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::held::TokenClaims;
use super::valid::ValidToken;
use crate::verify::LATEST;

impl<C: TokenClaims> ValidToken<C> {
    /// Returns the authentication context class: `acr` (OpenID Connect Core §2, RFC 9068 §2.2.1).
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "acr": "urn:example:gold" }));
    /// assert_eq!(token.acr(), Some("urn:example:gold"));
    /// ```
    pub fn acr(&self) -> Option<&str> {
        self.text_claim("acr")
    }

    /// Returns the authentication methods: `amr` (RFC 8176), an array of strings. Empty if it is
    /// absent or of another type.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "amr": ["pwd", "otp"] }));
    /// assert!(token.amr().any(|method| method == "otp"));
    /// ```
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        let methods = self.view().get("amr").and_then(Value::as_array);
        let methods = methods.filter(|methods| methods.iter().all(Value::is_string));
        methods.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Returns the time of the user's authentication: `auth_time` (OpenID Connect Core §2, RFC 9068
    /// §2.2.1).
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let token = token_with(json!({ "auth_time": 1_700_000_000 }));
    /// assert_eq!(token.auth_time(), Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000)));
    /// ```
    pub fn auth_time(&self) -> Option<SystemTime> {
        let seconds = self.view().get("auth_time")?.as_f64()?;
        (0.0..=LATEST as f64)
            .contains(&seconds)
            .then(|| UNIX_EPOCH + Duration::from_secs_f64(seconds))
    }

    /// Returns the session at the issuer: `sid` (OpenID Connect Back-Channel Logout §2.1).
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "sid": "08a5019c" }));
    /// assert_eq!(token.session_id(), Some("08a5019c"));
    /// ```
    pub fn session_id(&self) -> Option<&str> {
        self.text_claim("sid")
    }

    /// Returns the party that acts for the subject: `sub` of the outermost `act` (RFC 8693 §4.1).
    ///
    /// Nested `act` members name earlier actors; they are not to be used for decisions.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({
    ///     "sub": "alice",
    ///     "act": { "sub": "support-desk", "act": { "sub": "batch" } },
    /// }));
    /// assert_eq!(token.actor(), Some("support-desk"));
    /// ```
    pub fn actor(&self) -> Option<&str> {
        self.view().get("act")?.get("sub")?.as_str()
    }

    /// Returns the top-level claim of exactly this name, if it is a string.
    fn text_claim(&self, name: &str) -> Option<&str> {
        self.view().get(name)?.as_str()
    }
}
