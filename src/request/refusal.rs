//! Refusals: recorded in the request for catchers and the fairing; counted and logged once, as they
//! were answered.

use std::fmt;

use rocket::Request;
use rocket::http::Status;

use super::authenticate::outcome;
use super::axioms::Axioms;
use super::progress::Progress;
use super::refusal_line::RefusalLine;
use crate::base::log;
use crate::error::{AuthError, Reason};
use crate::policy::{Decision, Requirement};

/// Records that `error` refused `request`.
pub(crate) fn remember(request: &Request<'_>, error: &AuthError) {
    #[cfg(feature = "testing")]
    super::recent::note(error);
    Progress::of(request).refuse(error.clone());
}

/// Records that the last refusal of `request` is its answer: no handler catches it.
pub(crate) fn note_final(request: &Request<'_>) {
    Progress::of(request).end();
}

/// Returns the refusal that ended `request`, whatever a catcher of the application answers; `None`
/// if the route's handler ran, or may have run.
///
/// Rocket does not tell whether a handler or a catcher answered. So the route's declaration does: a
/// request that does not meet it never reached the handler.
pub(crate) fn ended_by(axioms: &Axioms, request: &Request<'_>) -> Option<AuthError> {
    let refusal = Progress::of(request).refusal()?;
    let is_unmet = || {
        let required = axioms.required_of(request);
        required.is_some_and(|required| is_unmet(required.requirement, request, &refusal.error))
    };
    (refusal.is_final || is_unmet()).then_some(refusal.error)
}

/// Returns true if `request`, which a guard refused with `error`, does not meet `requirement`.
fn is_unmet(requirement: &Requirement, request: &Request<'_>, error: &AuthError) -> bool {
    let decision = match outcome(request) {
        Some(Ok(token)) => requirement.decide(Some(token)),
        Some(Err(refused)) if refused.reason().is_no_token() => requirement.decide(None),
        Some(Err(_)) => requirement.reads_token().then_some(Decision::Deny),
        None => None,
    };
    match decision {
        Some(decision) => decision != Decision::Allow,
        // A policy of the application's own, or an owner: then it is one that had to pass.
        None => error
            .requirement()
            .is_some_and(|asked| requirement.demands(&asked)),
    }
}

impl AuthError {
    /// The last refusal of `request` by a guard of this crate or by a returned `AuthError`; `None`
    /// if there was none.
    ///
    /// A route can catch a refusal (`Option<ValidToken>`) and answer for another reason: compare
    /// [`status`](AuthError::status) with the catcher's own status before you render it.
    ///
    /// ```
    /// # use rocket::{catch, http::Status, Request};
    /// use axioms_rocket::AuthError;
    ///
    /// #[catch(default)]
    /// fn failed(status: Status, request: &Request<'_>) -> String {
    ///     match AuthError::of(request).filter(|error| error.status() == status) {
    ///         Some(error) => format!("{}: {}", error.code(), error.description()),
    ///         None => status.to_string(),
    ///     }
    /// }
    /// ```
    pub fn of(request: &Request<'_>) -> Option<AuthError> {
        Some(Progress::of(request).refusal()?.error)
    }
}

/// Counts and logs `error`, which refused `request`, with the status that is sent.
///
/// The line of a request without a token is left out. If the log hides lines of level INFO, as
/// Rocket's does in a release build, each reason has one line a minute instead.
pub(crate) fn settle(axioms: &Axioms, request: &Request<'_>, error: &AuthError, answered: Status) {
    let reason = error.reason();
    axioms.refusals.count(reason);
    let line = RefusalLine { request, error };
    if !shows_info() {
        let now = axioms.verifier.now();
        let over = axioms.refusals.summarize(reason, now, || line.to_string());
        if let Some(over) = over {
            over.log(now);
        }
        return;
    }
    if reason == Reason::MissingToken {
        return;
    }
    let (code, reason) = (error.status().code, reason.as_str());
    if answered.code == code {
        tracing::info!(reason, "refused with {code}: {line}");
    } else {
        let answered = answered.code;
        tracing::info!(
            reason,
            "answered {answered} after a refusal with {code}: {line}"
        );
    }
}

/// Returns true if the log shows the lines of this module at level INFO.
fn shows_info() -> bool {
    if log::goes_to_rocket() {
        ::log::log_enabled!(::log::Level::Info)
    } else {
        tracing::enabled!(tracing::Level::INFO)
    }
}

/// Logs a failure that is the answer to a request, as Rocket does for the guards in a route's
/// signature: at every log level.
///
/// A `tracing` subscriber does not get it, as it does not get Rocket's: it has [`settle`].
pub(crate) fn log_failure(what: fmt::Arguments<'_>, error: &dyn fmt::Debug) {
    if log::goes_to_rocket() {
        tracing::warn!("{what} failed: {error:?}.");
    }
}
