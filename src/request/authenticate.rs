//! One verification per request, however many guards there are.

use std::sync::Arc;

use rocket::Request;

use super::credentials::bearer_token;
use super::protection::Protection;
use crate::claims::Claims;
use crate::error::AuthError;
use crate::token::{ValidToken, Verified};
use crate::verify::Marks;

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
    let outcome = protection.verifier.verify(text).await.map_err(AuthError::from);
    if let Err(error) = &outcome {
        let code = error.status().code;
        // What is refused unread is not read for the log either.
        match text.len() > protection.verifier.max_token_bytes() {
            true => tracing::info!("refused with {code}: {error}"),
            false => tracing::info!("refused with {code}: {error}; {}", Marks(text)),
        }
    }
    outcome
}
