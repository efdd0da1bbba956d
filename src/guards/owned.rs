//! `Owned`: the resource, if it belongs to whom the token speaks of.

use std::fmt;
use std::ops::Deref;

use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::authorize::refuse;
use super::guard::Guard;
use crate::error::AuthError;
use crate::policy::{HasOwner, Requirement, check_owner};
use crate::request::{abort_without_fairing, authenticate};
use crate::token::{TokenClaims, ValidToken};

impl<C: TokenClaims> ValidToken<C> {
    /// Whether the token's subject owns `resource`.
    ///
    /// # Errors
    ///
    /// 403 `insufficient_scope`, "You do not own this resource": the owner is someone else, `None` or empty; the claim is missing,
    /// null or empty; or the token is of another issuer than the owner. The error is a `Responder`: return it with `?`.
    ///
    /// An administrator's override is a matter of composition:
    ///
    /// ```
    /// # use std::borrow::Cow;
    /// # use axioms_rocket::{AuthError, HasOwner, ValidToken};
    /// # struct Article { created_by: String }
    /// # impl HasOwner for Article {
    /// #     fn owner(&self) -> Option<Cow<'_, str>> { Some(Cow::from(&self.created_by)) }
    /// # }
    /// fn may_edit(token: &ValidToken, article: &Article) -> Result<(), AuthError> {
    ///     if token.has_role("admin") { Ok(()) } else { token.owns(article) }
    /// }
    /// ```
    pub fn owns<R: HasOwner>(&self, resource: &R) -> Result<(), AuthError> {
        check_owner(self, resource).map_err(AuthError::not_owner)
    }
}

/// A resource that the token's subject owns.
///
/// It authenticates first, then loads `T` by `T`'s own `FromRequest`, then compares [`HasOwner::owner`] with the claim. **Succeeds
/// if** they are equal. **Fails with** 401 before anything is loaded when there is no valid token; with whatever `T`'s own guard
/// gave (404, say) when it cannot be loaded; with 403 `You do not own this resource` when it belongs to someone else or to nobody.
/// It asks for a token on every method, `safe_methods` included.
///
/// It derefs to `T`.
///
/// ```
/// # use std::borrow::Cow;
/// # use rocket::{get, http::Status, request::{FromRequest, Outcome, Request}};
/// use axioms_rocket::{HasOwner, Owned};
///
/// struct Article { title: String, created_by: String }
///
/// #[rocket::async_trait]
/// impl<'r> FromRequest<'r> for Article {
///     type Error = ();
///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
///         match request.param::<u32>(1) {
///             Some(Ok(1)) => Outcome::Success(Article { title: "One".into(), created_by: "alice".into() }),
///             _ => Outcome::Error((Status::NotFound, ())),
///         }
///     }
/// }
///
/// impl HasOwner for Article {
///     fn owner(&self) -> Option<Cow<'_, str>> { Some(Cow::from(&self.created_by)) }
/// }
///
/// #[get("/articles/<_>")]
/// fn mine(article: Owned<Article>) -> String {
///     article.title.clone()
/// }
/// ```
///
/// # An administrator who may do all
///
/// There is no setting for exceptions: an exception is a guard of your own, from `ValidToken`, `T` and [`ValidToken::owns`].
/// `examples/articles.rs` has it in a whole application.
///
/// ```
/// # use rocket::outcome::try_outcome;
/// # use rocket::request::{FromRequest, Outcome, Request};
/// use axioms_rocket::{HasOwner, ValidToken};
///
/// /// The resource, for its owner and for administrators.
/// struct Managed<T>(T);
///
/// #[rocket::async_trait]
/// impl<'r, T: FromRequest<'r> + HasOwner> FromRequest<'r> for Managed<T> {
///     type Error = ();
///
///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
///         let token = try_outcome!(request.guard::<ValidToken>().await.map_error(|(status, _)| (status, ())));
///         let resource = try_outcome!(request.guard::<T>().await.map_error(|(status, _)| (status, ())));
///         if token.has_role("admin") {
///             return Outcome::Success(Managed(resource));
///         }
///         match token.owns(&resource) {
///             Ok(()) => Outcome::Success(Managed(resource)),
///             Err(error) => error.refuse(request).map_error(|(status, _)| (status, ())),
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Owned<T>(T);

impl<T> Owned<T> {
    /// The resource.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Why [`Owned`] fails: the token or the ownership, or the resource's own guard.
#[non_exhaustive]
pub enum OwnedError<E> {
    /// No valid token, or not the owner.
    Refused(AuthError),
    /// What the resource's own guard said.
    Resource(E),
}

impl<E: fmt::Debug> fmt::Debug for OwnedError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OwnedError::Refused(error) => error.fmt(f),
            OwnedError::Resource(error) => error.fmt(f),
        }
    }
}

#[rocket::async_trait]
impl<'r, T: FromRequest<'r> + HasOwner> FromRequest<'r> for Owned<T> {
    type Error = OwnedError<T::Error>;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let refused = |error| {
            refuse(request, error).map_error(|(status, error)| (status, OwnedError::Refused(error)))
        };
        let token = match authenticate(request).get().await {
            Ok(token) => token,
            Err(error) => return refused(error.clone()),
        };
        match T::from_request(request).await {
            Outcome::Success(resource) => match token.owns(&resource) {
                Ok(()) => Outcome::Success(Owned(resource)),
                Err(error) => refused(error),
            },
            Outcome::Error((status, error)) => {
                Outcome::Error((status, OwnedError::Resource(error)))
            }
            Outcome::Forward(status) => Outcome::Forward(status),
        }
    }
}

impl<T> Guard for Owned<T>
where
    T: for<'r> FromRequest<'r> + HasOwner + Send + Sync + 'static,
{
    fn requirement() -> Requirement {
        Requirement::Custom("the owner's token")
    }
}

impl<T> Sentinel for Owned<T> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        abort_without_fairing(rocket, "Owned")
    }
}
