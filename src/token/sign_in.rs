//! The authentication behind the token: how and when, its session, and the acting party.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::held::TokenClaims;
use super::valid::ValidToken;
use crate::claims::find_claim;
use crate::json;
use crate::verify::date;

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
        self.authenticated_at().map(|at| UNIX_EPOCH + at)
    }

    /// Returns `auth_time`, since the epoch.
    ///
    /// perf: read from the claims' JSON, which allocates nothing.
    pub(crate) fn authenticated_at(&self) -> Option<Duration> {
        match find_claim(self.view().raw(), "auth_time")? {
            json::Value::Number(number) => date(number),
            _ => None,
        }
    }

    /// Returns how long ago the user authenticated by the verifier's clock, for the log; the error
    /// is a time in the future.
    pub(crate) fn authentication_age(&self) -> Option<Result<Duration, Duration>> {
        let (at, now) = (self.authenticated_at()?, self.view().clock().clock.now());
        Some(now.checked_sub(at).ok_or(at.saturating_sub(now)))
    }

    /// Returns true if the user authenticated at most `age` ago, by the verifier's clock and with
    /// the setting `leeway`.
    pub(crate) fn is_authenticated_within(&self, age: Duration) -> bool {
        let clock = self.view().clock();
        self.authenticated_at()
            .is_some_and(|at| clock.is_within(at, age))
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
    /// Nested `act` members name earlier actors; they are not to be used for decisions. `None` also
    /// if a member within `act` comes twice. Policies: [`ActedBy`](crate::ActedBy) and
    /// [`Direct`](crate::Direct).
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
        // Parsers differ on which of two members of one name counts.
        find_claim(self.view().raw(), "act")?;
        self.view().get("act")?.get("sub")?.as_str()
    }

    /// Returns the top-level claim of exactly this name, if it is a string.
    fn text_claim(&self, name: &str) -> Option<&str> {
        self.view().get(name)?.as_str()
    }
}
