//! What every guard does: extract, ask, answer.

use std::marker::PhantomData;

use rocket::Request;
use rocket::request::Outcome;

use crate::error::AuthError;
use crate::excerpt::Excerpt;
use crate::policy::{Decision, Policy, Requirement};
use crate::request::{Protection, authenticate, remember};
use crate::token::ValidToken;

/// Refuses `request`: an error outcome, never a forward, so that a refused request does not fall through to a wider route.
pub(crate) fn refuse<T>(request: &Request<'_>, error: AuthError) -> Outcome<T, AuthError> {
    remember(request, &error);
    Outcome::Error((error.status(), error))
}

/// A guard's answer.
pub(crate) fn answer<T>(request: &Request<'_>, result: Result<T, AuthError>) -> Outcome<T, AuthError> {
    match result {
        Ok(granted) => Outcome::Success(granted),
        Err(error) => refuse(request, error),
    }
}

/// Whether the configuration lets authorization guards pass for the request's method.
pub(crate) fn is_safe(request: &Request<'_>) -> bool {
    Protection::of(request).is_some_and(|protection| protection.is_safe(request.method()))
}

/// The request's token, when `P` allows it; on a safe method nobody looks.
pub(crate) async fn demand<P: Policy>(request: &Request<'_>) -> Result<(), AuthError> {
    if is_safe(request) {
        return Ok(());
    }
    insist::<P>(request).await.map(|_| ())
}

/// The request's token, when `P` allows it, whatever the method.
pub(crate) async fn insist<'r, P: Policy>(request: &'r Request<'_>) -> Result<&'r ValidToken, AuthError> {
    let token = authenticate(request).await.as_ref().map_err(|error| error.clone().asked_by(P::requirement))?;
    match decide_once::<P>(request, token) {
        Decision::Allow => Ok(token),
        Decision::Deny => {
            let asked: fn() -> Requirement = P::requirement;
            tracing::info!("refused with 403: asked {}; {}", asked(), Holder(token));
            Err(AuthError::denied(asked))
        }
    }
}

/// The decision of one policy for one request: asked for again, it is the same.
fn decide_once<P: Policy>(request: &Request<'_>, token: &ValidToken) -> Decision {
    struct Decided<P>(Decision, PhantomData<fn() -> P>);
    request.local_cache(|| Decided::<P>(P::decide(token), PhantomData)).0
}

/// A verified token in the log: `iss` and `jti`.
struct Holder<'t>(&'t ValidToken);

impl std::fmt::Display for Holder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [issuer, id] = [self.0.issuer(), self.0.id()].map(|text| Excerpt(text.unwrap_or_default()));
        write!(f, "iss={issuer} jti={id}")
    }
}
