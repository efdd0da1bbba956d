//! The state of one request: the outcome of authentication, and the refusal that a guard recorded.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rocket::Request;

use super::authenticate::AuthResult;
use crate::error::AuthError;

/// In the request's local cache.
///
/// perf: one entry for all of it, since each entry is allocated, benches/bearer.rs
#[derive(Default)]
pub(super) struct Progress {
    pub(super) outcome: OnceLock<AuthResult>,
    refusal: Mutex<Option<Refusal>>,
    /// A guard let the request pass without a token.
    is_exempt: AtomicBool,
}

/// The last refusal of a request. A route may have several: it can catch an error
/// (`Option<Scopes<_>>`) and ask another guard.
#[derive(Clone)]
pub(super) struct Refusal {
    pub(super) error: AuthError,
    /// No handler can catch it any more: a group, the rule for everything, or the handler itself
    /// returned it.
    pub(super) is_final: bool,
}

impl Progress {
    /// Returns the state of a request whose token is verified, or refused.
    pub(super) fn with(outcome: AuthResult) -> Progress {
        Progress {
            outcome: OnceLock::from(outcome),
            ..Progress::default()
        }
    }

    pub(super) fn of<'r>(request: &'r Request<'_>) -> &'r Progress {
        request.local_cache(Progress::default)
    }

    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.lock().clone()
    }

    /// Records `error`. After a final refusal only a catcher asks guards, and it changes nothing.
    pub(super) fn refuse(&self, error: AuthError) {
        let mut refusal = self.lock();
        if refusal.as_ref().is_none_or(|refusal| !refusal.is_final) {
            let is_final = false;
            *refusal = Some(Refusal { error, is_final });
        }
    }

    /// Records that the last refusal is the answer.
    pub(super) fn end(&self) {
        if let Some(refusal) = self.lock().as_mut() {
            refusal.is_final = true;
        }
    }

    pub(super) fn exempt(&self) {
        self.is_exempt.store(true, Ordering::Relaxed);
    }

    /// Returns true if a guard was asked and did not refuse without reading credentials.
    pub(super) fn was_asked(&self) -> bool {
        self.outcome.get().is_some() || self.is_exempt.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
