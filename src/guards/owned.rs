//! `Owned` and `OwnedOr`: the resource, for its owner.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::authorize::{refuse, step_up};
use super::guard::Guard;
use super::policies::abort_for;
use crate::error::AuthError;
use crate::policy::{
    Decision, HasOwner, OwnerOf, Policy, Requirement, Subject, check_owner, decide, unmet,
};
use crate::request::{Axioms, Declaration, abort_without_fairing, authenticate, probed};
use crate::token::{TokenClaims, ValidToken};

impl<C: TokenClaims> ValidToken<C> {
    /// Checks that the token's subject owns `resource`: [`HasOwner::owner`] equals the claim
    /// [`HasOwner::CLAIM`].
    ///
    /// # Errors
    ///
    /// 403 `insufficient_scope`, "You do not own this resource": the owner differs, is `None` or
    /// empty; the claim is missing, null or empty; the token is of another issuer than the owner,
    /// or `iss` is not checked. The error is a `Responder`: return it with `?`.
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
    ///
    /// A guard for the same is [`OwnedOr`](crate::OwnedOr).
    pub fn owns<R: HasOwner>(&self, resource: &R) -> Result<(), AuthError> {
        check_owner(self, resource).map_err(AuthError::not_owner)
    }
}

/// A resource that the token's subject owns.
///
/// It authenticates, loads `T` with its own `FromRequest`, then compares [`HasOwner::owner`] with
/// the claim. **Succeeds if** they are equal. **Fails with** 401 before anything is loaded without
/// a valid token; with the status of `T`'s own guard (404, say) if it cannot be loaded; with 403
/// `You do not own this resource` if the owner differs or there is none. It asks for a token on
/// every method, `safe_methods` included.
///
/// It derefs to `T`. Load `T` by the **name** of its segment, with [`param`](crate::param), and
/// work with the loaded value: a segment by its number, or the handler's own argument, may be
/// another object than the one that was checked.
///
/// ```
/// # use std::borrow::Cow;
/// # use rocket::{get, http::Status, request::{FromRequest, Outcome, Request}};
/// use axioms_rocket::{HasOwner, Owned, param};
///
/// struct Article { title: String, created_by: String }
///
/// #[rocket::async_trait]
/// impl<'r> FromRequest<'r> for Article {
///     type Error = ();
///
///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
///         match param::<u32>(request, "article") {
///             Ok(1) => Outcome::Success(Article {
///                 title: "One".into(),
///                 created_by: "alice".into(),
///             }),
///             _ => Outcome::Error((Status::NotFound, ())),
///         }
///     }
/// }
///
/// impl HasOwner for Article {
///     fn owner(&self) -> Option<Cow<'_, str>> {
///         Some(Cow::from(&self.created_by))
///     }
/// }
///
/// #[get("/users/<_>/articles/<_article>")]
/// fn mine(article: Owned<Article>, _article: &str) -> String {
///     article.title.clone()
/// }
/// ```
///
/// `O` names another ownership of the same type, for one route: `Owned<Task, Assignee>`; see
/// [`HasOwner`].
pub struct Owned<T, O = Subject>(T, PhantomData<fn() -> O>);

impl<T, O> Owned<T, O> {
    /// Returns the resource.
    ///
    /// ```
    /// # use axioms_rocket::Owned;
    /// # struct Article { title: String }
    /// fn title(article: Owned<Article>) -> String {
    ///     article.into_inner().title
    /// }
    /// ```
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T, O> Deref for Owned<T, O> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug, O> fmt::Debug for Owned<T, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owned").field(&self.0).finish()
    }
}

/// A resource that the token's subject owns, **or** that the policy `P` allows: "the owner, or an
/// administrator".
///
/// It works as [`Owned`](crate::Owned), and fails with the same statuses. `P` decides only if the
/// subject does not own the resource.
///
/// ```
/// # use std::borrow::Cow;
/// # use rocket::{delete, http::Status, request::{FromRequest, Outcome, Request}};
/// use axioms_rocket::{HasOwner, OwnedOr, Roles};
/// # struct Article { created_by: String }
/// # #[rocket::async_trait]
/// # impl<'r> FromRequest<'r> for Article {
/// #     type Error = ();
/// #     async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
/// #         Outcome::Success(Article { created_by: "alice".into() })
/// #     }
/// # }
/// # impl HasOwner for Article {
/// #     fn owner(&self) -> Option<Cow<'_, str>> { Some(Cow::from(&self.created_by)) }
/// # }
///
/// axioms_rocket::roles! { Admin = "admin"; }
///
/// #[delete("/articles/<_article>")]
/// fn remove(article: OwnedOr<Article, Roles<Admin>>, _article: &str) -> &'static str {
///     if article.by_policy() { "removed by an administrator" } else { "removed by its owner" }
/// }
/// ```
pub struct OwnedOr<T, P, O = Subject> {
    resource: T,
    by_policy: bool,
    rule: PhantomData<fn() -> (P, O)>,
}

impl<T, P, O> OwnedOr<T, P, O> {
    /// Returns true if the policy allowed it, false if the subject owns the resource.
    ///
    /// ```
    /// # use axioms_rocket::{OwnedOr, Roles};
    /// # axioms_rocket::roles! { Admin = "admin"; }
    /// # struct Article;
    /// fn audit(article: &OwnedOr<Article, Roles<Admin>>) -> &'static str {
    ///     if article.by_policy() { "an administrator's change" } else { "the owner's change" }
    /// }
    /// ```
    pub fn by_policy(&self) -> bool {
        self.by_policy
    }

    /// Returns the resource.
    ///
    /// ```
    /// # use axioms_rocket::{OwnedOr, Roles};
    /// # axioms_rocket::roles! { Admin = "admin"; }
    /// # struct Article { title: String }
    /// fn title(article: OwnedOr<Article, Roles<Admin>>) -> String {
    ///     article.into_inner().title
    /// }
    /// ```
    pub fn into_inner(self) -> T {
        self.resource
    }
}

impl<T, P, O> Deref for OwnedOr<T, P, O> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.resource
    }
}

impl<T: fmt::Debug, P, O> fmt::Debug for OwnedOr<T, P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedOr")
            .field("resource", &self.resource)
            .field("by_policy", &self.by_policy)
            .finish()
    }
}

/// The error of [`Owned`](crate::Owned) and [`OwnedOr`](crate::OwnedOr).
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::{HasOwner, Owned, OwnedError};
/// # use rocket::request::{FromRequest, Outcome, Request};
/// # struct Article;
/// # #[rocket::async_trait]
/// # impl<'r> FromRequest<'r> for Article {
/// #     type Error = ();
/// #     async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
/// #         Outcome::Success(Article)
/// #     }
/// # }
/// # impl HasOwner for Article {
/// #     fn owner(&self) -> Option<std::borrow::Cow<'_, str>> { None }
/// # }
///
/// #[get("/article")]
/// fn status(article: Result<Owned<Article>, OwnedError<()>>) -> String {
///     match article {
///         Ok(_) => "yours".into(),
///         Err(OwnedError::Refused(error)) => error.description().into(),
///         Err(_) => "not there".into(),
///     }
/// }
/// ```
#[non_exhaustive]
pub enum OwnedError<E> {
    /// There is no valid token, or the subject is not the owner.
    Refused(AuthError),
    /// The error of the resource's own guard.
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
impl<'r, T, O> FromRequest<'r> for Owned<T, O>
where
    T: FromRequest<'r> + HasOwner<O>,
    O: OwnerOf,
{
    type Error = OwnedError<T::Error>;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let check = |token: &ValidToken, resource: &T| {
            check_owner(token, resource).map_err(AuthError::not_owner)
        };
        load(request, check, || Requirement::Owner(O::label()))
            .await
            .map(|(resource, ())| Owned(resource, PhantomData))
    }
}

#[rocket::async_trait]
impl<'r, T, P, O> FromRequest<'r> for OwnedOr<T, P, O>
where
    T: FromRequest<'r> + HasOwner<O>,
    P: Policy,
    O: OwnerOf,
{
    type Error = OwnedError<T::Error>;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let check = |token: &ValidToken, resource: &T| match check_owner(token, resource) {
            Ok(()) => Ok(false),
            Err(fact) => match decide::<P>(token) {
                Decision::Allow => Ok(true),
                Decision::Deny => Err(AuthError::not_owner(fact)),
                Decision::StepUp => {
                    let asked = owner_or::<O, P>;
                    Err(step_up(request, token, asked, unmet::<P>))
                }
            },
        };
        load(request, check, owner_or::<O, P>)
            .await
            .map(|(resource, by_policy)| OwnedOr {
                resource,
                by_policy,
                rule: PhantomData,
            })
    }
}

/// Authenticates, loads `T`, and checks the one against the other: 401 comes before 404, and 404
/// before 403. The log names `asked`.
async fn load<'r, T: FromRequest<'r>, A>(
    request: &'r Request<'_>,
    check: impl FnOnce(&ValidToken, &T) -> Result<A, AuthError>,
    asked: fn() -> Requirement,
) -> Outcome<(T, A), OwnedError<T::Error>> {
    let refused = |error: AuthError| {
        let error = error.asked_by(asked);
        refuse(request, error).map_error(|(status, error)| (status, OwnedError::Refused(error)))
    };
    let token = match authenticate(request).get().await {
        Ok(token) => token,
        Err(error) => return refused(error.clone()),
    };
    match T::from_request(request).await {
        Outcome::Success(resource) => match check(token, &resource) {
            Ok(answer) => Outcome::Success((resource, answer)),
            Err(error) => refused(error),
        },
        Outcome::Error((status, error)) => Outcome::Error((status, OwnedError::Resource(error))),
        Outcome::Forward(status) => Outcome::Forward(status),
    }
}

impl<T, O: OwnerOf> Guard for Owned<T, O>
where
    T: for<'r> FromRequest<'r> + HasOwner<O> + Send + Sync + 'static,
{
    fn requirement() -> Requirement {
        owner::<O>()
    }

    fn aborts(rocket: &Rocket<Ignite>, guard: &str) -> bool {
        warn_of_several_issuers::<T>(rocket, "Owned");
        abort_without_fairing(rocket, guard)
    }
}

impl<T, P: Policy, O: OwnerOf> Guard for OwnedOr<T, P, O>
where
    T: for<'r> FromRequest<'r> + HasOwner<O> + Send + Sync + 'static,
{
    fn requirement() -> Requirement {
        owner_or::<O, P>()
    }

    fn aborts(rocket: &Rocket<Ignite>, guard: &str) -> bool {
        warn_of_several_issuers::<T>(rocket, "OwnedOr");
        abort_for(rocket, guard, &P::requirement())
    }
}

fn owner<O: OwnerOf>() -> Requirement {
    Requirement::Owner(O::label())
}

fn owner_or<O: OwnerOf, P: Policy>() -> Requirement {
    Requirement::Any(vec![owner::<O>(), P::requirement()]).of_token()
}

impl<T, O: OwnerOf> Sentinel for Owned<T, O> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        probed(rocket, || Declaration::of_requirement(owner::<O>)).unwrap_or_else(|| {
            warn_of_several_issuers::<T>(rocket, "Owned");
            abort_without_fairing(rocket, "Owned")
        })
    }
}

impl<T, P: Policy, O: OwnerOf> Sentinel for OwnedOr<T, P, O> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        probed(rocket, || Declaration::of_requirement(owner_or::<O, P>)).unwrap_or_else(|| {
            warn_of_several_issuers::<T>(rocket, "OwnedOr");
            abort_for(rocket, "OwnedOr", &P::requirement())
        })
    }
}

/// It never aborts: `Result<Owned<_>, OwnedError<_>>` is a sentinel with it, under any name.
impl<E> Sentinel for OwnedError<E> {
    fn abort(_: &Rocket<Ignite>) -> bool {
        false
    }
}

/// Warns that each `T` must name its owner's issuer if there are several. `HasOwner::owner_issuer`
/// is a method of a value, so that it cannot be asked here. Rocket calls it once for each type.
fn warn_of_several_issuers<T>(rocket: &Rocket<Ignite>, guard: &str) {
    let has_several = rocket
        .state::<Axioms>()
        .is_some_and(|protection| protection.verifier.has_several_issuers());
    if has_several {
        let path = type_name::<T>().split('<').next().unwrap_or_default();
        let name = path.rsplit("::").next().unwrap_or_default();
        tracing::warn!(
            "axioms: route guard `{guard}<{name}>`: with several issuers \
             HasOwner::owner_issuer must return the issuer, or no token owns it"
        );
    }
}
