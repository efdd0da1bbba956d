//! The audit: an event for each decision, and its way to the application's sink.

mod event;
mod queue;

use std::sync::Arc;

use rocket::Request;
use rocket::http::Status;

use self::event::Subject;
use super::authenticate::outcome;
use super::axioms::Axioms;
use super::progress::Progress;
use crate::error::AuthError;

pub(crate) use event::AuditedRoute;
pub use event::DecisionEvent;
pub use queue::AuditStatus;
pub(crate) use queue::{Audit, Sink};

/// Records for the audit that a guard let `request` pass without a token: by a safe or an exempt
/// method, or without credentials.
pub(crate) fn note_exempt(request: &Request<'_>) {
    let is_wanted = |axioms: &Axioms| cfg!(feature = "metrics") || axioms.audit.is_some();
    if Axioms::of(request).is_some_and(is_wanted) {
        Progress::of(request).exempt();
    }
}

/// Returns true if `request` asked a guard that did not refuse it without reading credentials.
pub(crate) fn was_asked(request: &Request<'_>) -> bool {
    Progress::of(request).was_asked()
}

/// Returns the event of `request`, which is answered with `status`; `None` if it asked no guard.
/// `refusal` is the refusal that the answer is.
pub(crate) fn event(
    axioms: &Axioms,
    request: &Request<'_>,
    refusal: Option<AuthError>,
    status: Status,
    route: impl FnOnce() -> Option<Arc<AuditedRoute>>,
) -> Option<DecisionEvent> {
    if refusal.is_none() && !was_asked(request) {
        return None;
    }
    let token = outcome(request).and_then(|outcome| outcome.as_ref().ok());
    Some(DecisionEvent {
        time: axioms.verifier.now(),
        status: status.code,
        // With the request's own token: it remembers what policies decided.
        failed: refusal
            .as_ref()
            .zip(token)
            .and_then(|(refusal, token)| refusal.unmet(token)),
        error: refusal,
        token: token.cloned().map(Subject),
        method: request.method(),
        route: route(),
    })
}
