//! `ValidToken` as a guard.

use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::demand::answer;
use crate::error::AuthError;
use crate::request::{abort_without_fairing, authenticate, marks};
use crate::token::{TokenClaims, ValidToken};

#[rocket::async_trait]
impl<'r, C: TokenClaims> FromRequest<'r> for ValidToken<C> {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
        let token = match authenticate(request).await {
            Ok(token) => typed(request, token),
            Err(error) => Err(error.clone()),
        };
        answer(request, token)
    }
}

/// The same token with its claims as a `C`.
fn typed<C: TokenClaims>(request: &Request<'_>, token: &ValidToken) -> Result<ValidToken<C>, AuthError> {
    ValidToken::new(token.verified.clone()).map_err(|misfit| {
        let error = AuthError::misfit(&misfit);
        tracing::info!("refused with 401: {error}; {}", marks(request));
        error
    })
}

impl<C: TokenClaims> Sentinel for ValidToken<C> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        abort_without_fairing(rocket, "ValidToken")
    }
}
