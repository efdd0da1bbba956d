//! What every guard does: extract, ask, answer.

use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};

use rocket::Request;
use rocket::futures::future::BoxFuture;
use rocket::request::{FromRequest, Outcome};

use super::guard::Guard;
use crate::base::ready::Ready;
use crate::error::AuthError;
use crate::policy::{Decision, Policy, decide};
use crate::request::{AuthResult, Protection, authenticate, remember};

/// Refuses `request`: an error outcome, never a forward, so that a refused request does not fall through to a wider route.
pub(crate) fn refuse<T>(request: &Request<'_>, error: AuthError) -> Outcome<T, AuthError> {
    remember(request, &error);
    Outcome::Error((error.status(), error))
}

impl AuthError {
    /// The 403 `insufficient_scope` of the guard `G`: for a guard of your own that found a verified token to be not enough.
    ///
    /// What `G` requires is in the log, and its scopes in the challenge.
    ///
    /// ```
    /// use axioms_rocket::{AuthError, Guard, Requirement, ValidToken};
    /// use rocket::outcome::try_outcome;
    /// use rocket::request::{FromRequest, Outcome, Request};
    ///
    /// struct Tenant(String);
    ///
    /// #[rocket::async_trait]
    /// impl<'r> FromRequest<'r> for Tenant {
    ///     type Error = AuthError;
    ///
    ///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
    ///         let token = try_outcome!(request.guard::<ValidToken>().await);
    ///         match token.claims().get("tenant").and_then(|tenant| tenant.as_str()) {
    ///             Some(tenant) => Outcome::Success(Tenant(tenant.to_owned())),
    ///             None => AuthError::forbidden::<Tenant>().refuse(request),
    ///         }
    ///     }
    /// }
    ///
    /// impl Guard for Tenant {
    ///     fn requirement() -> Requirement {
    ///         Requirement::Custom("a tenant")
    ///     }
    /// }
    /// ```
    pub fn forbidden<G: Guard>() -> AuthError {
        AuthError::denied(G::requirement)
    }

    /// The outcome of a guard of your own that refuses `request` for this reason, with all that belongs to it: the challenge, the
    /// body, and [`AuthError::of`] in catchers. In a handler no such call is needed: return the error.
    ///
    /// ```
    /// # use std::borrow::Cow;
    /// # use rocket::outcome::try_outcome;
    /// # use rocket::request::{FromRequest, Outcome, Request};
    /// use axioms_rocket::{AuthError, HasOwner, ValidToken};
    ///
    /// struct Account(String);
    ///
    /// impl HasOwner for Account {
    ///     fn owner(&self) -> Option<Cow<'_, str>> { Some(Cow::from(&self.0)) }
    /// }
    ///
    /// #[rocket::async_trait]
    /// impl<'r> FromRequest<'r> for Account {
    ///     type Error = AuthError;
    ///
    ///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
    ///         let token = try_outcome!(request.guard::<ValidToken>().await);
    ///         let account = Account("alice".into());
    ///         match token.owns(&account) {
    ///             Ok(()) => Outcome::Success(account),
    ///             Err(error) => error.refuse(request),
    ///         }
    ///     }
    /// }
    /// ```
    pub fn refuse<T>(self, request: &Request<'_>) -> Outcome<T, AuthError> {
        refuse(request, self)
    }
}

/// A guard's answer, as Rocket wants it.
pub(crate) type GuardFuture<'a, T> = BoxFuture<'a, Outcome<T, AuthError>>;

/// Answers `request` with what `decide` makes of its token: when it is first polled, save where keys have to be fetched first.
///
/// One `async` block, not `async fn` within `async fn`: states within states are moved into the box of every guard.
pub(crate) fn answer<'r: 'a, 'q: 'a, 'a, T: Send + 'a>(
    request: &'r Request<'q>,
    decide: impl FnOnce(&'r Request<'q>, &'r AuthResult) -> Result<T, AuthError> + Send + 'a,
) -> GuardFuture<'a, T> {
    Box::pin(async move {
        let token = match authenticate(request) {
            Ready::Now(token) => token,
            Ready::Later(token) => token.await,
        };
        finish(request, decide(request, token))
    })
}

fn finish<T>(request: &Request<'_>, result: Result<T, AuthError>) -> Outcome<T, AuthError> {
    match result {
        Ok(granted) => Outcome::Success(granted),
        Err(error) => refuse(request, error),
    }
}

/// Whether the configuration lets authorization guards pass for the request's method.
pub(crate) fn is_safe(request: &Request<'_>) -> bool {
    Protection::of(request).is_some_and(|protection| protection.is_safe(request.method()))
}

/// How many guards are being asked although the request's method is safe.
#[derive(Default)]
struct SafeMethodsOff(AtomicUsize);

/// One guard less, however it ended.
struct Reset<'r>(&'r SafeMethodsOff);

impl Drop for Reset<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Asks `G`, and `safe_methods` do not apply to it.
pub(crate) async fn without_safe_methods<'r, G: FromRequest<'r>>(
    request: &'r Request<'_>,
) -> Outcome<G, G::Error> {
    if !is_safe(request) {
        return G::from_request(request).await;
    }
    let safe_methods_off = request.local_cache(SafeMethodsOff::default);
    safe_methods_off.0.fetch_add(1, Ordering::Relaxed);
    let _asked = Reset(safe_methods_off);
    G::from_request(request).await
}

fn safe_methods_are_off(request: &Request<'_>) -> bool {
    request
        .local_cache(SafeMethodsOff::default)
        .0
        .load(Ordering::Relaxed)
        > 0
}

/// `granted` if `P` allows the request's token; on a safe method nobody looks.
pub(crate) fn authorize<'r: 'a, 'q: 'a, 'a, P: Policy, T: Send + 'a>(
    request: &'r Request<'q>,
    granted: fn() -> T,
) -> GuardFuture<'a, T> {
    if is_safe(request) && !safe_methods_are_off(request) {
        return Box::pin(ready(Outcome::Success(granted())));
    }
    authorize_any_method::<P, T>(request, granted)
}

/// `granted` if `P` allows the request's token, whatever the method.
pub(crate) fn authorize_any_method<'r: 'a, 'q: 'a, 'a, P: Policy, T: Send + 'a>(
    request: &'r Request<'q>,
    granted: fn() -> T,
) -> GuardFuture<'a, T> {
    answer(request, move |_, token| {
        let token = token
            .as_ref()
            .map_err(|error| error.clone().asked_by(P::requirement))?;
        match decide::<P>(token) {
            Decision::Allow => Ok(granted()),
            Decision::Deny => Err(AuthError::denied(P::requirement)),
        }
    })
}
