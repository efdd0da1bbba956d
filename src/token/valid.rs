//! `ValidToken`: the proof as the application holds it.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::format::{Binding, TokenFormat};
use super::held::TokenClaims;
use super::typed::Misfit;
use super::view::Claims;
use crate::binding::Bound;
use crate::verify::{Confirmation, LATEST, Provenance, Verified};

/// Proof of a verified access token, as a request guard.
///
/// **Succeeds if** the request carries `Authorization: Bearer <token>` (RFC 6750 §2.1) and every
/// check of the token passes: signature, issuer, audience, times, type. **Fails with** 401 if there
/// is no token (`missing_token`) or a check fails (`invalid_token`), 400 for two `Authorization`
/// headers (`invalid_request`), 503 while there are no keys (`temporarily_unavailable`). It
/// requires a token on every method, `safe_methods` included.
///
/// The claims are a [`Claims`] view, or any type that implements `serde::Deserialize`: with
/// `ValidToken<MyClaims>` a token whose claims do not fit is refused with 401 `invalid_token`, and
/// the description names the field.
///
/// A clone is cheap: it shares an `Arc`. The token is verified once per request, however many
/// guards a route has.
///
/// `Option<ValidToken>` is `None` both without a token **and with a bad one**: Rocket's `Option`
/// cannot tell them apart. Use [`Optional`](crate::Optional) to refuse a bad token, or
/// `Result<ValidToken, AuthError>` to see all three states: no credentials, refused, verified.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::ValidToken;
/// use serde::Deserialize;
///
/// #[get("/me")]
/// fn me(token: ValidToken) -> String {
///     format!("hello {}", token.subject().unwrap_or("there"))
/// }
///
/// #[derive(Deserialize)]
/// struct Staff {
///     email: String,
/// }
///
/// #[get("/mail")]
/// fn mail(token: ValidToken<Staff>) -> String {
///     token.claims().email.clone()
/// }
/// ```
///
/// # The current user
///
/// A type of your own around the token, with roles as an enum, is a guard in five lines. Its
/// refusals have the challenge and the body of the token's, since it passes on the outcome of the
/// token's guard:
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::{AuthError, ValidToken};
/// use rocket::request::{FromRequest, Outcome, Request};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct User {
///     email: String,
///     #[serde(default)]
///     roles: Vec<Role>,
/// }
///
/// #[derive(Deserialize, PartialEq)]
/// #[serde(rename_all = "kebab-case")]
/// enum Role {
///     Admin,
///     ChiefEditor,
///     /// A role of another application. Without this variant such a token is refused.
///     #[serde(other)]
///     Other,
/// }
///
/// struct CurrentUser(ValidToken<User>);
///
/// #[rocket::async_trait]
/// impl<'r> FromRequest<'r> for CurrentUser {
///     type Error = AuthError;
///
///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
///         request.guard().await.map(CurrentUser)
///     }
/// }
///
/// impl CurrentUser {
///     fn has_role(&self, role: Role) -> bool {
///         self.0.claims().roles.contains(&role)
///     }
/// }
///
/// #[get("/desk")]
/// fn desk(user: CurrentUser) -> String {
///     let title = if user.has_role(Role::ChiefEditor) { "chief editor" } else { "writer" };
///     format!("{title} {}", user.0.claims().email)
/// }
/// # assert_eq!(rocket::routes![desk].len(), 1);
/// ```
///
/// Such a type reads the claim of exactly the name `roles`. [`has_role`](ValidToken::has_role)
/// reads the claims that the setting `roles_claims` names.
pub struct ValidToken<C: TokenClaims = Claims> {
    held: C::Held,
}

impl ValidToken {
    /// Returns a token that remembers no answers of policies.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn of(bound: Bound) -> ValidToken {
        ValidToken {
            held: Claims::of(bound),
        }
    }

    /// Returns the token of one request, whose guards get clones.
    pub(crate) fn of_request(bound: Bound) -> ValidToken {
        ValidToken {
            held: Claims::of_request(bound),
        }
    }

    /// Calls `ask` at most once per request for type `Q`; later calls return the first answer.
    pub(crate) fn once<Q: 'static>(&self, ask: impl FnOnce(&ValidToken) -> bool) -> bool {
        self.held.once::<Q>(|| ask(self))
    }
}

impl<C: TokenClaims> ValidToken<C> {
    /// Returns the same token with its claims as a `D`.
    pub(crate) fn typed<D: TokenClaims>(&self) -> Result<ValidToken<D>, Misfit> {
        D::hold(self.view()).map(|held| ValidToken { held })
    }

    /// Returns the view of the claims, whatever `C` is.
    pub(crate) fn view(&self) -> &Claims {
        C::view(&self.held)
    }

    pub(crate) fn verified(&self) -> &Verified {
        self.view().verified()
    }

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

    /// Returns the client that requested the token: `client_id` (RFC 9068 §2.2), else `azp`, else
    /// `cid`.
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

    /// Returns the scopes, from the first claim of the setting `scope_claims` that is present.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "scope": "read write" }));
    /// assert_eq!(token.scopes().next(), Some("read"));
    /// ```
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.verified().scopes().iter()
    }

    /// Returns the roles, from the first claim of the setting `roles_claims` that is present.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "roles": ["editor"] }));
    /// assert_eq!(token.roles().next(), Some("editor"));
    /// ```
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.verified().roles().iter()
    }

    /// Returns the permissions, from the first claim of the setting `permissions_claims` that is
    /// present.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "permissions": ["sample:read"] }));
    /// assert_eq!(token.permissions().next(), Some("sample:read"));
    /// ```
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.verified().permissions().iter()
    }

    /// Returns whether the token has this scope. Names are compared whole and case-sensitively.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "scope": "read write" }));
    /// assert!(token.has_scope("read") && !token.has_scope("rea"));
    /// ```
    pub fn has_scope(&self, scope: &str) -> bool {
        self.verified().scopes().has(scope)
    }

    /// Returns whether the token has this role. Names are compared whole and case-sensitively.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "roles": ["editor"] }));
    /// assert!(token.has_role("editor") && !token.has_role("edito"));
    /// ```
    pub fn has_role(&self, role: &str) -> bool {
        self.verified().roles().has(role)
    }

    /// Returns whether the token has this permission. Names are compared whole and
    /// case-sensitively.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "permissions": ["sample:read"] }));
    /// assert!(token.has_permission("sample:read") && !token.has_permission("sample:rea"));
    /// ```
    pub fn has_permission(&self, permission: &str) -> bool {
        self.verified().permissions().has(permission)
    }

    /// Returns the claims: the [`Claims`] view, or your own type.
    ///
    /// ```
    /// # use axioms_rocket::testing::typed_token_with;
    /// # use serde_json::json;
    /// #[derive(serde::Deserialize)]
    /// struct Staff { email: String }
    ///
    /// let token = typed_token_with::<Staff>(json!({ "email": "a@example.com" }));
    /// assert_eq!(token.claims().email, "a@example.com");
    /// ```
    pub fn claims(&self) -> &C {
        C::held(&self.held)
    }

    /// Returns a claim that is a string: by its exact name, a dotted path or a JSON Pointer (RFC
    /// 6901), as in the settings. `None` if there is no such claim or it is of another type.
    ///
    /// The first call parses all claims, see [`Claims::get`].
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let claims = json!({ "email": "a@example.com", "org": { "id": "7" }, "level": 3 });
    /// let token = token_with(claims);
    /// assert_eq!(token.text("email"), Some("a@example.com"));
    /// assert_eq!(token.text("org.id"), Some("7"));
    /// assert_eq!(token.text("/org/id"), Some("7"));
    /// assert_eq!(token.text("level"), None);
    /// ```
    pub fn text(&self, name: &str) -> Option<&str> {
        self.view().pointer(name)?.as_str()
    }

    /// Returns the token itself, to call another API on the user's behalf.
    ///
    /// It is a credential: never log it, never store it, and send it only to an API that the token
    /// is meant for. It does not identify the token, see [`id`](ValidToken::id).
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "sub": "alice" }));
    /// let header = format!("Bearer {}", token.expose_token());
    /// # assert_eq!(header.split('.').count(), 3);
    /// ```
    pub fn expose_token(&self) -> &str {
        self.verified().token()
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
            Provenance::Jwt { .. } => TokenFormat::Jwt,
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

impl<C: TokenClaims> Clone for ValidToken<C> {
    fn clone(&self) -> Self {
        ValidToken {
            held: self.held.clone(),
        }
    }
}

impl<C: TokenClaims> fmt::Debug for ValidToken<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidToken")
            .field("issuer", &self.issuer())
            .finish_non_exhaustive()
    }
}
