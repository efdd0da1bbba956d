//! `ValidToken`: the proof as the application holds it.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;

use super::typed::{Misfit, read_claims};
use super::verified::Verified;
use super::view::Claims;

/// Proof of a verified access token, as a request guard.
///
/// **Succeeds if** the request carries `Authorization: Bearer <token>` (RFC 6750 §2.1) and every check of the token
/// holds: signature, issuer, audience, times, type. **Fails with** 401 when there is no token (`missing_token`) or it
/// does not hold (`invalid_token`), 400 with two `Authorization` headers (`invalid_request`), 503 while there are no keys
/// to check it with (`temporarily_unavailable`). It asks for a token on every method, `safe_methods` included: data cannot
/// be invented.
///
/// The claims are a [`Claims`] view, or any type of yours that implements `serde::Deserialize`: with
/// `ValidToken<MyClaims>` a token whose claims do not fit is a 401 `invalid_token` that names the field.
///
/// It is cheap to clone: an `Arc` inside. However many guards a route has, the token is verified once per request.
///
/// `Option<ValidToken>` is `None` both without a token **and with a bad one**: Rocket's `Option` cannot tell them apart. Use
/// [`Optional`](crate::Optional) to treat a bad token as the refusal that it is, or `Result<ValidToken, AuthError>` to see
/// all three states: no credentials, refused, verified.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::ValidToken;
/// use serde::Deserialize;
///
/// #[get("/me")]
/// fn me(token: ValidToken) -> String {
///     format!("hello {}", token.subject().unwrap_or("nobody"))
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
/// A type of your own around the token, with roles as an enum, is a guard in five lines. It refuses as the token does, with the
/// challenge and the body, since it only passes on what the token's guard says:
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
///     /// A role of another application; without this one such a token would not fit, and be refused.
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
/// Such a type reads `roles` where the claim has exactly that name. Where the configuration names claims otherwise
/// (`roles_claims`), ask the token: [`has_role`](ValidToken::has_role) knows.
pub struct ValidToken<C: TokenClaims = Claims> {
    held: C::Held,
}

impl ValidToken {
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn of(verified: Arc<Verified>) -> ValidToken {
        ValidToken {
            held: Claims::of(verified),
        }
    }

    /// The one that a request keeps, of which guards get clones.
    pub(crate) fn of_request(verified: Arc<Verified>) -> ValidToken {
        ValidToken {
            held: Claims::of_request(verified),
        }
    }

    /// What `ask` says of it, which `Q` stands for: asked once in a request, and the same as long as that lasts.
    pub(crate) fn once<Q: 'static>(&self, ask: impl FnOnce(&ValidToken) -> bool) -> bool {
        self.held.once::<Q>(|| ask(self))
    }
}

impl<C: TokenClaims> ValidToken<C> {
    /// The same token, with its claims as a `D`.
    pub(crate) fn typed<D: TokenClaims>(&self) -> Result<ValidToken<D>, Misfit> {
        D::hold(self.view()).map(|held| ValidToken { held })
    }

    /// The claims as they are, whatever the type.
    pub(crate) fn view(&self) -> &Claims {
        C::view(&self.held)
    }

    pub(crate) fn verified(&self) -> &Verified {
        &self.view().verified
    }

    /// Whom the token speaks of: `sub` (RFC 7519 §4.1.2).
    pub fn subject(&self) -> Option<&str> {
        self.verified()
            .read(self.verified().claim_set.subject.as_ref())
    }

    /// Who issued it: `iss` (RFC 7519 §4.1.1), which is exactly a configured issuer. `None` only where the
    /// configuration names no issuer and the token does not either.
    pub fn issuer(&self) -> Option<&str> {
        self.verified()
            .read(self.verified().claim_set.issuer.as_ref())
    }

    /// For whom it was issued: `aud` (RFC 7519 §4.1.3), or what `audience_claims` names in its place.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.verified().audiences().iter()
    }

    /// When it expires: `exp` (RFC 7519 §4.1.4), without leeway.
    pub fn expires_at(&self) -> SystemTime {
        UNIX_EPOCH + self.verified().expires_at
    }

    /// When it was issued: `iat` (RFC 7519 §4.1.6).
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.verified().issued_at.map(|at| UNIX_EPOCH + at)
    }

    /// Its identifier: `jti` (RFC 7519 §4.1.7).
    pub fn id(&self) -> Option<&str> {
        self.verified().read(self.verified().claim_set.id.as_ref())
    }

    /// The client that asked for it: `client_id` (RFC 9068 §2.2), else `azp`, else `cid`.
    pub fn client_id(&self) -> Option<&str> {
        self.verified()
            .read(self.verified().claim_set.client_id.as_ref())
    }

    /// The scopes, from the first of `scope_claims` that is present.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.verified().scopes().iter()
    }

    /// The roles, from the first of `roles_claims` that is present.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.verified().roles().iter()
    }

    /// The permissions, from the first of `permissions_claims` that is present.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.verified().permissions().iter()
    }

    /// Whether it holds exactly this scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.verified().scopes().has(scope)
    }

    /// Whether it holds exactly this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.verified().roles().has(role)
    }

    /// Whether it holds exactly this permission.
    pub fn has_permission(&self, permission: &str) -> bool {
        self.verified().permissions().has(permission)
    }

    /// The claims: the view, or your own type.
    pub fn claims(&self) -> &C {
        C::held(&self.held)
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

/// What may stand in `ValidToken<C>`: [`Claims`], and every type that is `serde::Deserialize` without borrowing.
///
/// Nothing needs to implement it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the claims of a token",
    label = "not `serde::Deserialize`, or it borrows",
    note = "derive it: `#[derive(serde::Deserialize)]`, with owned fields (`String`, not `&str`)"
)]
pub trait TokenClaims: Sized + Send + Sync + 'static {
    #[doc(hidden)]
    type Held: Clone + Send + Sync + 'static;
    #[doc(hidden)]
    #[expect(
        private_interfaces,
        reason = "only this crate makes and reads what a token holds"
    )]
    fn hold(view: &Claims) -> Result<Self::Held, Misfit>;
    #[doc(hidden)]
    fn view(held: &Self::Held) -> &Claims;
    #[doc(hidden)]
    fn held(held: &Self::Held) -> &Self;
}

#[expect(
    private_interfaces,
    reason = "only this crate makes and reads what a token holds"
)]
impl TokenClaims for Claims {
    type Held = Claims;

    fn hold(view: &Claims) -> Result<Claims, Misfit> {
        Ok(view.clone())
    }
    fn view(held: &Claims) -> &Claims {
        held
    }
    fn held(held: &Claims) -> &Claims {
        held
    }
}

#[expect(
    private_interfaces,
    reason = "only this crate makes and reads what a token holds"
)]
impl<C: DeserializeOwned + Send + Sync + 'static> TokenClaims for C {
    /// Beside the view, since all but `claims()` is read there.
    type Held = (Claims, Arc<C>);

    fn hold(view: &Claims) -> Result<Self::Held, Misfit> {
        Ok((view.clone(), Arc::new(read_claims(view.raw())?)))
    }
    fn view((view, _): &Self::Held) -> &Claims {
        view
    }
    fn held((_, claims): &Self::Held) -> &C {
        claims
    }
}
