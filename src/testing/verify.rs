//! Verifies a token as an application would, without a request.

use rocket::{Phase, Rocket};

use crate::binding::{Presented, bind};
use crate::error::AuthError;
use crate::request::Axioms;
use crate::token::ValidToken;

/// Verifies `token` exactly as the guards of `rocket` would, with cache and key refresh, but
/// without a request: for tests of a configuration, and for benchmarks.
///
/// # Errors
///
/// The refusal of the guards; `missing_token` if `rocket` was not ignited with the fairing
/// attached.
///
/// ```
/// # rocket::async_test(async {
/// use axioms_rocket::testing::{TestIssuer, verify};
/// use axioms_rocket::{AxiomsFairing, Config};
///
/// let issuer = TestIssuer::offline("https://issuer.example.test");
/// let fairing = AxiomsFairing::from_config(Config {
///     audience: vec![issuer.audience().into()],
///     iss_url: Some(issuer.url().into()),
///     ..Config::default()
/// });
/// let rocket = rocket::build().attach(fairing.with_keys(issuer.jwks())).ignite().await.unwrap();
///
/// let token = verify(&rocket, &issuer.token().subject("alice").sign()).await.unwrap();
/// assert_eq!(token.subject(), Some("alice"));
/// let refused = verify(&rocket, &issuer.token().expired().sign()).await.unwrap_err();
/// assert_eq!(refused.description(), "Token has expired");
/// # })
/// ```
pub async fn verify<P: Phase>(rocket: &Rocket<P>, token: &str) -> Result<ValidToken, AuthError> {
    let protection = rocket.state().ok_or_else(AuthError::missing_token)?;
    verify_with(protection, token).await
}

pub(super) async fn verify_with(protection: &Axioms, token: &str) -> Result<ValidToken, AuthError> {
    let verified = protection.verifier.verify(token).get().await?;
    let header = verified.token_header().cloned();
    let presented = match &header {
        None => Presented::bearer(token),
        Some(name) => Presented::in_header(name, token),
    };
    let bound = bind(verified, &presented)?;
    Ok(ValidToken::of(bound, protection.verifier.lenient_clock()))
}
