//! One verification per request, however many guards there are.

use std::sync::{Arc, OnceLock};

use rocket::Request;
use rocket::futures::future::BoxFuture;

use super::credentials::{bearer_token, is_b64token};
use super::protection::Protection;
use crate::error::AuthError;
use crate::token::{ValidToken, Verified};
use crate::verify::{TokenError, TokenIds, Verification};

/// What a request's token came to.
pub(crate) type AuthResult = Result<ValidToken, AuthError>;

/// What a request's token comes to: known at once, save where keys must be fetched first.
pub(crate) enum Authentication<'r> {
    Done(&'r AuthResult),
    Pending(BoxFuture<'r, &'r AuthResult>),
}

impl<'r> Authentication<'r> {
    pub(crate) async fn outcome(self) -> &'r AuthResult {
        match self {
            Authentication::Done(outcome) => outcome,
            Authentication::Pending(outcome) => outcome.await,
        }
    }
}

/// The request's token, verified; remembered for its other guards.
///
/// It leaves no word of a refusal: only a guard that refuses does, with [`remember`](super::remember).
pub(crate) fn authenticate<'r>(request: &'r Request<'_>) -> Authentication<'r> {
    /// What one request keeps of it.
    enum CachedOutcome {
        AtOnce(AuthResult),
        InTime(OnceLock<AuthResult>),
    }
    let mut begun = None;
    let kept = request.local_cache(|| match start(request) {
        Started::Done(outcome) => CachedOutcome::AtOnce(outcome),
        pending @ Started::Pending(..) => {
            begun = Some(pending);
            CachedOutcome::InTime(OnceLock::new())
        }
    });
    let later = match kept {
        CachedOutcome::AtOnce(outcome) => return Authentication::Done(outcome),
        CachedOutcome::InTime(later) => later,
    };
    if let Some(outcome) = later.get() {
        return Authentication::Done(outcome);
    }
    // Should the guard that came first still wait, or have been dropped, this one begins anew.
    match begun.unwrap_or_else(|| start(request)) {
        Started::Done(outcome) => Authentication::Done(later.get_or_init(|| outcome)),
        Started::Pending(text, verified) => Authentication::Pending(Box::pin(async move {
            let outcome = finish(text, verified.await);
            later.get_or_init(|| outcome)
        })),
    }
}

/// `kid`, `iss` and `jti` of the request's token, for the log.
pub(crate) fn token_ids<'r>(request: &'r Request<'_>) -> TokenIds<'r> {
    TokenIds(bearer_token(request).unwrap_or_default())
}

/// The verification of a request's token.
enum Started<'r> {
    Done(AuthResult),
    Pending(&'r str, BoxFuture<'r, Result<Arc<Verified>, TokenError>>),
}

fn start<'r>(request: &'r Request<'_>) -> Started<'r> {
    let text = match bearer_token(request) {
        Ok(text) => text,
        Err(error) => {
            // To bring no credentials is no incident.
            if !error.is_missing_token() {
                tracing::info!("refused with {}: {error}", error.status().code);
            }
            return Started::Done(Err(error));
        }
    };
    // The sentinels do not let an application start without it; if one does, nobody passes.
    let Some(protection) = Protection::of(request) else {
        return Started::Done(Err(AuthError::missing_token()));
    };
    match protection.verifier.verify(text) {
        Verification::Done(verified) => Started::Done(finish(text, verified)),
        Verification::Pending(verified) => Started::Pending(text, verified),
    }
}

fn finish(text: &str, verified: Result<Arc<Verified>, TokenError>) -> AuthResult {
    verified
        .map(ValidToken::of_request)
        .map_err(|fault| refuse(text, fault))
}

/// The refusal of `text` for `fault`, logged.
#[cold]
fn refuse(text: &str, fault: TokenError) -> AuthError {
    // Looked at only now, since a token that holds is a b64token: the letters of base64url, and two dots.
    let unreadable = matches!(fault, TokenError::Malformed(_) | TokenError::TooLong { .. });
    if unreadable && !is_b64token(text) {
        let error = AuthError::malformed_header("not a b64token");
        tracing::info!("refused with {}: {error}", error.status().code);
        return error;
    }
    // What is refused unread is not read for the log either.
    let unread = matches!(fault, TokenError::TooLong { .. });
    let error = AuthError::from(fault);
    let code = error.status().code;
    match unread {
        true => tracing::info!("refused with {code}: {error}"),
        false => tracing::info!("refused with {code}: {error}; {}", TokenIds(text)),
    }
    error
}
