//! `ValidToken`: the proof as the application holds it.

use std::fmt;

use super::decision::Decision;
use super::held::TokenClaims;
use super::typed::Misfit;
use super::view::Claims;
use crate::base::clock::LenientClock;
use crate::binding::Bound;
use crate::verify::Verified;

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
    pub(crate) fn of(bound: Bound, clock: LenientClock) -> ValidToken {
        ValidToken {
            held: Claims::of(bound, clock),
        }
    }

    /// Returns the token of one request, whose guards get clones.
    pub(crate) fn of_request(bound: Bound, clock: LenientClock) -> ValidToken {
        ValidToken {
            held: Claims::of_request(bound, clock),
        }
    }

    /// Calls `ask` at most once per request for type `Q`; later calls return the first answer.
    pub(crate) fn once<Q: 'static>(&self, ask: impl FnOnce(&ValidToken) -> Decision) -> Decision {
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
