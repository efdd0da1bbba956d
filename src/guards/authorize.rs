//! The steps of every guard: extract, authorize, answer.

use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};

use rocket::futures::future::BoxFuture;
use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::guard::Guard;
use crate::base::ready::Ready;
use crate::error::AuthError;
use crate::policy::{Decision, Policy, Requirement, decide, unmet};
use crate::request::{AuthResult, Axioms, authenticate, note_exempt, remember};
use crate::token::ValidToken;

/// Refuses `request` with an error outcome. A forward would let a refused request fall through to a
/// wider route.
pub(crate) fn refuse<T>(request: &Request<'_>, error: AuthError) -> Outcome<T, AuthError> {
    remember(request, &error);
    Outcome::Error((error.status(), error))
}

impl AuthError {
    /// Returns the 403 `insufficient_scope` of the guard `G`: for a guard of your own that denies a
    /// verified token.
    ///
    /// The log names the requirement of `G`, and the challenge its scopes beside those of the whole
    /// route (RFC 6750 §3.1).
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

    /// Returns the outcome of a guard of your own that refuses `request` with this error: with the
    /// challenge, the body, and [`AuthError::of`] in catchers. A handler returns the error itself.
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

/// It never aborts: `Result<G, AuthError>` is a sentinel with it, under any name.
impl Sentinel for AuthError {
    fn abort(_: &Rocket<Ignite>) -> bool {
        false
    }
}

/// The future of `FromRequest::from_request`.
pub(crate) type GuardFuture<'a, T> = BoxFuture<'a, Outcome<T, AuthError>>;

/// Answers `request` with the result of `decide` on its token: at the first poll, unless keys have
/// to be fetched.
///
/// perf: one `async` block, since nested `async fn`s are copied into the box of every guard,
/// bearer.
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

/// Returns true if `safe_methods` contains the request's method.
pub(crate) fn is_safe(request: &Request<'_>) -> bool {
    Axioms::of(request).is_some_and(|protection| protection.is_safe(request.method()))
}

/// The number of guards in progress for which `safe_methods` do not apply.
#[derive(Default)]
struct SafeMethodsOff(AtomicUsize);

/// Decrements the number when a guard ends, also by a panic or a cancellation.
struct Reset<'r>(&'r SafeMethodsOff);

impl Drop for Reset<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs the guard `G`; `safe_methods` do not apply to it.
pub(crate) async fn without_safe_methods<'r, G: FromRequest<'r>>(
    request: &'r Request<'_>,
) -> Outcome<G, G::Error> {
    if !is_safe(request) {
        return G::from_request(request).await;
    }
    let safe_methods_off = request.local_cache(SafeMethodsOff::default);
    safe_methods_off.0.fetch_add(1, Ordering::Relaxed);
    let _reset = Reset(safe_methods_off);
    G::from_request(request).await
}

fn safe_methods_are_off(request: &Request<'_>) -> bool {
    request
        .local_cache(SafeMethodsOff::default)
        .0
        .load(Ordering::Relaxed)
        > 0
}

/// Returns `granted` if `P` allows the request's token, or the method is safe: then credentials are
/// not read.
pub(crate) fn authorize<'r: 'a, 'q: 'a, 'a, P: Policy, T: Send + 'a>(
    request: &'r Request<'q>,
    granted: fn() -> T,
) -> GuardFuture<'a, T> {
    if is_safe(request) && !safe_methods_are_off(request) {
        note_exempt(request);
        return Box::pin(ready(Outcome::Success(granted())));
    }
    authorize_any_method::<P, T>(request, granted)
}

/// Returns `granted` if `P` allows the request's token, for every method.
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
            Decision::Deny => Err(AuthError::denied(P::requirement).unmet_by(unmet::<P>)),
            Decision::StepUp => Err(step_up(request, token, P::requirement, unmet::<P>)),
        }
    })
}

/// Returns the refusal of a token that a guard with the requirement `asked` would accept after a
/// new authentication of its user: 401 (RFC 9470 §3), or 403 if another guard of the route denies
/// the token whatever its user does.
#[cold]
pub(crate) fn step_up(
    request: &Request<'_>,
    token: &ValidToken,
    asked: fn() -> Requirement,
    unmet: fn(&ValidToken) -> Requirement,
) -> AuthError {
    let axioms = Axioms::of(request);
    if let Some(denied) = axioms.and_then(|axioms| axioms.denied_by(request, token)) {
        return AuthError::denied(denied);
    }
    let whole = match axioms.and_then(|axioms| axioms.required_of(request)) {
        Some(required) => required.requirement.with(asked()),
        None => asked(),
    };
    refuse_for_now(&whole, token, asked, unmet)
}

/// Returns the refusal of a token by `whole`, of which a policy with the requirement `asked` wants
/// another authentication.
#[cold]
pub(super) fn refuse_for_now(
    whole: &Requirement,
    token: &ValidToken,
    asked: fn() -> Requirement,
    unmet: fn(&ValidToken) -> Requirement,
) -> AuthError {
    let outlook = whole.outlook(token);
    if outlook.is_denied() {
        return AuthError::denied_by(whole.denied_part(token).clone());
    }
    // Without one: a policy of the application does not say which.
    let again = outlook.step_up();
    let again = again.or_else(|| asked().outlook(token).step_up());
    let again = again.unwrap_or_default();
    AuthError::step_up(asked, again).unmet_by(unmet)
}
