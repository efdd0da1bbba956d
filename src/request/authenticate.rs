//! One verification per request, however many guards there are.

use std::sync::Arc;

use rocket::Request;

use super::credentials::{bearer_token, is_b64token};
use super::protection::Protection;
use crate::claims::Claims;
use crate::error::AuthError;
use crate::token::{ValidToken, Verified};
use crate::verify::{Fault, Marks};

/// The request's token, verified; remembered for its other guards.
///
/// It leaves no word of a refusal: only a guard that refuses does, with [`remember`](super::remember).
pub(crate) async fn authenticate<'r>(request: &'r Request<'_>) -> &'r Result<ValidToken, AuthError> {
    struct Authentication(Result<ValidToken, AuthError>);
    let Authentication(outcome) = request
        .local_cache_async(async {
            let outcome = match verify(request).await {
                Ok(verified) => ValidToken::<Claims>::new(verified).map_err(|misfit| AuthError::misfit(&misfit)),
                Err(error) => Err(error),
            };
            Authentication(outcome)
        })
        .await;
    outcome
}

/// `kid`, `iss` and `jti` of the request's token, for the log.
pub(crate) fn marks<'r>(request: &'r Request<'_>) -> Marks<'r> {
    Marks(bearer_token(request).unwrap_or_default())
}

async fn verify(request: &Request<'_>) -> Result<Arc<Verified>, AuthError> {
    let text = bearer_token(request).inspect_err(|error| {
        // To bring no credentials is no incident.
        if !error.is_missing_token() {
            tracing::info!("refused with {}: {error}", error.status().code);
        }
    })?;
    // The sentinels do not let an application start without it; if one does, nobody passes.
    let protection = Protection::of(request).ok_or_else(AuthError::missing_token)?;
    protection.verifier.verify(text).await.map_err(|fault| refuse(text, fault))
}

/// The refusal of `text` for `fault`, logged.
#[cold]
fn refuse(text: &str, fault: Fault) -> AuthError {
    // Looked at only now, since a token that holds is a b64token: the letters of base64url, and two dots.
    let unreadable = matches!(fault, Fault::Malformed(_) | Fault::TooLong { .. });
    if unreadable && !is_b64token(text) {
        let error = AuthError::malformed_header("not a b64token");
        tracing::info!("refused with {}: {error}", error.status().code);
        return error;
    }
    // What is refused unread is not read for the log either.
    let unread = matches!(fault, Fault::TooLong { .. });
    let error = AuthError::from(fault);
    let code = error.status().code;
    match unread {
        true => tracing::info!("refused with {code}: {error}"),
        false => tracing::info!("refused with {code}: {error}; {}", Marks(text)),
    }
    error
}
