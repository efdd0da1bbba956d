//! What a token says.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::{HOUR, TokenBuilder};

/// The claims.
impl TokenBuilder<'_> {
    /// `sub`.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.claim("sub", subject.into())
    }

    /// `scope`, as a text: names with a space between them (RFC 8693 §4.2).
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.claim("scope", scope.into())
    }

    /// `scope`, from a list of names. It is still a text; for a list ask [`claim`](Self::claim).
    pub fn scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.claim("scope", strings(scopes).join(" "))
    }

    /// `roles`, as a list.
    pub fn roles(self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.claim("roles", strings(roles))
    }

    /// `permissions`, as a list.
    pub fn permissions(self, permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.claim("permissions", strings(permissions))
    }

    /// `aud`, as a text.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.claim("aud", audience.into())
    }

    /// `aud`, as a list.
    pub fn audiences(self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.claim("aud", strings(audiences))
    }

    /// `iss`. The key stays that of the issuer that was asked.
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        self.claim("iss", issuer.into())
    }

    /// `client_id` (RFC 9068 §2.2).
    pub fn client_id(self, client: impl Into<String>) -> Self {
        self.claim("client_id", client.into())
    }

    /// `jti`.
    pub fn id(self, id: impl Into<String>) -> Self {
        self.claim("jti", id.into())
    }

    /// `iat`, in whole seconds.
    pub fn issued_at(self, at: SystemTime) -> Self {
        self.claim("iat", numeric_date(at))
    }

    /// `nbf`, in whole seconds.
    pub fn not_before(self, at: SystemTime) -> Self {
        self.claim("nbf", numeric_date(at))
    }

    /// `exp`, in whole seconds.
    pub fn expires_at(self, at: SystemTime) -> Self {
        self.claim("exp", numeric_date(at))
    }

    /// `exp`, from now.
    pub fn expires_in(self, lifetime: Duration) -> Self {
        let at = self.now.saturating_add(lifetime).as_secs();
        self.claim("exp", at)
    }

    /// `exp` an hour ago and `iat` two hours ago: over by more than any leeway.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().expired().sign();
    /// ```
    pub fn expired(self) -> Self {
        let now = self.now;
        self.claim("iat", now.saturating_sub(2 * HOUR).as_secs())
            .claim("exp", now.saturating_sub(HOUR).as_secs())
    }

    /// Any claim, of any JSON type.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use serde_json::json;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer
    ///     .token()
    ///     .claim("email_verified", true)
    ///     .claim("https://issuer.example.test/claims/roles", json!(["editor"]))
    ///     .sign();
    /// ```
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Leaves that claim out.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().without("aud").sign();
    /// ```
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }
}

fn strings(names: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    names.into_iter().map(Into::into).collect()
}

/// RFC 7519 §2; negative before 1970.
fn numeric_date(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    }
}
