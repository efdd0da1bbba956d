//! Refusals: recorded in the request for catchers and the fairing; counted and logged once, as they
//! were answered.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rocket::Request;
use rocket::http::Status;

use super::axioms::Axioms;
use super::refusal_line::RefusalLine;
use crate::base::log;
use crate::error::{AuthError, Reason};

/// The last refusal of a request. A route may have several: it can catch an error
/// (`Option<Scopes<_>>`) and ask another guard.
#[derive(Default)]
struct Refusal(Mutex<Option<AuthError>>);

/// Records that `error` refused `request`.
pub(crate) fn remember(request: &Request<'_>, error: &AuthError) {
    #[cfg(feature = "testing")]
    super::recent::note(error);
    let refusal = request.local_cache(Refusal::default);
    *refusal.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
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
        let refusal = request.local_cache(Refusal::default);
        refusal
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
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
