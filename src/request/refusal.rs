//! The word that a refusing guard leaves for the fairing and the catchers.

use std::sync::OnceLock;

use rocket::Request;

use crate::error::AuthError;

/// The refusals of one request, in their order. A list that only grows, because catchers hold references into it; it rarely
/// has more than one: several only where a route catches an error (`Option<Scopes<_>>`) and asks another guard.
#[derive(Default)]
struct Refusals(OnceLock<Refusal>);

struct Refusal {
    error: AuthError,
    next: OnceLock<Box<Refusal>>,
}

impl Refusals {
    fn push(&self, error: AuthError) {
        let Err(Refusal { error, .. }) = self.0.set(Refusal {
            error,
            next: OnceLock::new(),
        }) else {
            return;
        };
        let Some(mut end) = self.0.get() else { return };
        let mut refusal = Box::new(Refusal {
            error,
            next: OnceLock::new(),
        });
        while let Err(mine) = end.next.set(refusal) {
            refusal = mine;
            match end.next.get() {
                Some(taken) => end = taken,
                None => return,
            }
        }
    }

    fn last(&self) -> Option<&AuthError> {
        let mut last = self.0.get()?;
        while let Some(next) = last.next.get() {
            last = next;
        }
        Some(&last.error)
    }
}

/// Leaves word that a guard refused `request`.
pub(crate) fn remember(request: &Request<'_>, error: &AuthError) {
    #[cfg(feature = "testing")]
    super::recent::note(error);
    request.local_cache(Refusals::default).push(error.clone());
}

impl AuthError {
    /// Why the last guard that refused `request` did so; `None` when none of this crate's guards did.
    ///
    /// Mind that a route can swallow a refusal (`Option<ValidToken>`): compare [`status`](AuthError::status) with the
    /// catcher's own before you render it.
    pub fn of<'r>(request: &'r Request<'_>) -> Option<&'r AuthError> {
        request.local_cache(Refusals::default).last()
    }
}

#[cfg(test)]
mod tests {
    use super::Refusals;
    use crate::error::AuthError;

    #[test]
    fn the_last_word_counts() {
        let refusals = Refusals::default();
        assert!(refusals.last().is_none());
        refusals.push(AuthError::missing_token());
        refusals.push(AuthError::two_headers());
        refusals.push(AuthError::malformed_header("x"));
        assert_eq!(refusals.last().map(AuthError::code), Some("invalid_token"));
    }
}
