//! `ValidToken` as a guard.

use rocket::request::FromRequest;
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::authorize::{GuardFuture, answer};
use super::guard::{FITTING_CLAIMS, declaration_with_error};
use crate::error::AuthError;
use crate::policy::Requirement;
use crate::request::{abort_without_fairing, probed};
use crate::token::{TokenClaims, ValidToken};

impl<'r, C: TokenClaims> FromRequest<'r> for ValidToken<C> {
    type Error = AuthError;

    fn from_request<'q, 'a>(request: &'r Request<'q>) -> GuardFuture<'a, Self>
    where
        'r: 'a,
        'q: 'a,
        Self: 'a,
    {
        answer(request, |_, token| match token {
            Ok(token) => token.typed().map_err(|misfit| {
                AuthError::misfit(&misfit).asked_by(|| Requirement::Custom(FITTING_CLAIMS))
            }),
            Err(error) => Err(error.clone()),
        })
    }
}

impl<C: TokenClaims> Sentinel for ValidToken<C> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        probed(rocket, declaration_with_error::<Self, AuthError>)
            .unwrap_or_else(|| abort_without_fairing(rocket, "ValidToken"))
    }
}
