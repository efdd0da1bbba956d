//! The claims of a token to be signed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::{HOUR, TokenBuilder};

/// Claims.
impl TokenBuilder<'_> {
    /// Sets `sub`. Default: `user-1`.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().subject("alice").sign();
    /// ```
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.claim("sub", subject.into())
    }

    /// Sets `scope`: names separated by spaces (RFC 8693 §4.2).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().scope("openid profile").sign();
    /// ```
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.claim("scope", scope.into())
    }

    /// Sets `scope` from several names, as one string. For an array use [`claim`](Self::claim).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().scopes(["openid", "profile"]).sign();
    /// ```
    pub fn scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.claim("scope", strings(scopes).join(" "))
    }

    /// Sets `roles`, an array.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().roles(["editor"]).sign();
    /// ```
    pub fn roles(self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.claim("roles", strings(roles))
    }

    /// Sets `permissions`, an array.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().permissions(["orders:create"]).sign();
    /// ```
    pub fn permissions(self, permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.claim("permissions", strings(permissions))
    }

    /// Sets `aud`, a string. Default: the [audience](crate::testing::TestIssuer::audience) of the
    /// issuer.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().audience("https://other-api.example.test").sign();
    /// ```
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.claim("aud", audience.into())
    }

    /// Sets `aud`, an array.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().audiences(["https://api.example.test", "account"]).sign();
    /// ```
    pub fn audiences(self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.claim("aud", strings(audiences))
    }

    /// Sets `iss`. The token is still signed with this issuer's key.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().issuer("https://other.example.test").sign();
    /// ```
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        self.claim("iss", issuer.into())
    }

    /// Sets `client_id` (RFC 9068 §2.2). Default: absent.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().client_id("web-app").sign();
    /// ```
    pub fn client_id(self, client: impl Into<String>) -> Self {
        self.claim("client_id", client.into())
    }

    /// Sets `jti`. Default: random, or from the [seed](crate::testing::TestIssuerBuilder::seed).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().id("7f3a").sign();
    /// ```
    pub fn id(self, id: impl Into<String>) -> Self {
        self.claim("jti", id.into())
    }

    /// Sets `iat`, in whole seconds. Default: now.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use std::time::SystemTime;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().issued_at(SystemTime::now()).sign();
    /// ```
    pub fn issued_at(self, at: SystemTime) -> Self {
        self.claim("iat", numeric_date(at))
    }

    /// Sets `nbf`, in whole seconds. Default: absent.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use std::time::{Duration, SystemTime};
    ///
    /// let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().not_before(tomorrow).sign();
    /// ```
    pub fn not_before(self, at: SystemTime) -> Self {
        self.claim("nbf", numeric_date(at))
    }

    /// Sets `exp`, in whole seconds. Default: in one hour.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let issuer = TestIssuer::start();
    /// let end_of_march_2030 = UNIX_EPOCH + Duration::from_secs(1_900_000_000);
    /// let token = issuer.token().expires_at(end_of_march_2030).sign();
    /// ```
    pub fn expires_at(self, at: SystemTime) -> Self {
        self.claim("exp", numeric_date(at))
    }

    /// Sets `exp` to `lifetime` from now.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use std::time::Duration;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().expires_in(Duration::from_secs(60)).sign();
    /// ```
    pub fn expires_in(self, lifetime: Duration) -> Self {
        let at = self.now.saturating_add(lifetime).as_secs();
        self.claim("exp", at)
    }

    /// Sets `exp` to an hour ago and `iat` to two hours ago: expired beyond any leeway.
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

    /// Sets `acr`, the level at which the user authenticated (RFC 9068 §2.2.1). Default: absent.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().acr("mfa").sign();
    /// ```
    pub fn acr(self, acr: impl Into<String>) -> Self {
        self.claim("acr", acr.into())
    }

    /// Sets `amr`, the methods with which the user authenticated, an array (RFC 8176). Default:
    /// absent.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().amr(["pwd", "otp"]).sign();
    /// ```
    pub fn amr(self, methods: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.claim("amr", strings(methods))
    }

    /// Sets `auth_time`, the time of the user's authentication, in whole seconds (RFC 9068 §2.2.1).
    /// Default: absent.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use std::time::SystemTime;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().auth_time(SystemTime::now()).sign();
    /// ```
    pub fn auth_time(self, at: SystemTime) -> Self {
        self.claim("auth_time", numeric_date(at))
    }

    /// Sets `auth_time` to `age` before now.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use std::time::Duration;
    ///
    /// let issuer = TestIssuer::start();
    /// let an_hour_old = issuer.token().authenticated_ago(Duration::from_secs(3600)).sign();
    /// ```
    pub fn authenticated_ago(self, age: Duration) -> Self {
        let at = self.now.saturating_sub(age).as_secs();
        self.claim("auth_time", at)
    }

    /// Sets `act`, the party that acts for the subject, to an object with this `sub` (RFC 8693
    /// §4.1). Default: absent.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().subject("alice").actor("support-desk").sign();
    /// ```
    pub fn actor(self, actor: impl Into<String>) -> Self {
        self.claim("act", serde_json::json!({ "sub": actor.into() }))
    }

    /// Sets any claim to any JSON value.
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

    /// Removes a claim.
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

/// Returns a `NumericDate` (RFC 7519 §2); negative before 1970.
fn numeric_date(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    }
}
