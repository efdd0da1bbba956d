//! `ValidToken` as a guard.

use rocket::request::FromRequest;
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::authorize::{GuardFuture, answer};
use crate::error::AuthError;
use crate::request::{abort_without_fairing, token_ids};
use crate::token::{TokenClaims, ValidToken};

impl<'r, C: TokenClaims> FromRequest<'r> for ValidToken<C> {
    type Error = AuthError;

    fn from_request<'q, 'a>(request: &'r Request<'q>) -> GuardFuture<'a, Self>
    where
        'r: 'a,
        'q: 'a,
        Self: 'a,
    {
        answer(request, |request, token| match token {
            Ok(token) => typed(request, token),
            Err(error) => Err(error.clone()),
        })
    }
}

/// The same token with its claims as a `C`.
fn typed<C: TokenClaims>(
    request: &Request<'_>,
    token: &ValidToken,
) -> Result<ValidToken<C>, AuthError> {
    token.typed().map_err(|misfit| {
        let error = AuthError::misfit(&misfit);
        tracing::info!("refused with 401: {error}; {}", token_ids(request));
        error
    })
}

impl<C: TokenClaims> Sentinel for ValidToken<C> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        abort_without_fairing(rocket, "ValidToken")
    }
}
