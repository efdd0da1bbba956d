//! One verification per request, however many guards there are.

use std::sync::Arc;

use rocket::Request;
use tracing::Instrument;

use super::axioms::Axioms;
use super::credentials::{credentials, is_b64token};
use super::progress::Progress;
use super::span;
use crate::base::ready::Ready;
use crate::binding::{Credential, Presented, bind};
use crate::error::AuthError;
use crate::token::ValidToken;
use crate::verify::{TokenError, TokenIds, Verified};

/// The outcome of authentication for one request.
pub(crate) type AuthResult = Result<ValidToken, AuthError>;

/// Verifies the request's token, once for all its guards.
///
/// It does not record a refusal: only a guard that refuses does, with
/// [`remember`](super::remember).
pub(crate) fn authenticate<'r>(request: &'r Request<'_>) -> Ready<'r, &'r AuthResult> {
    let mut started = None;
    // perf: an outcome that is known now needs no lock, benches/bearer.rs
    let progress = request.local_cache(|| match start(request) {
        Ready::Now(outcome) => Progress::with(outcome),
        later @ Ready::Later(_) => {
            started = Some(later);
            Progress::default()
        }
    });
    let cached = &progress.outcome;
    if let Some(outcome) = cached.get() {
        return Ready::Now(outcome);
    }
    // A guard that started before still waits, or was dropped: this one starts again.
    match started.unwrap_or_else(|| start(request)) {
        Ready::Now(outcome) => Ready::Now(cached.get_or_init(|| outcome)),
        Ready::Later(outcome) => Ready::later(async move {
            let outcome = outcome.await;
            cached.get_or_init(|| outcome)
        }),
    }
}

/// Returns the outcome of authentication if a guard asked for it. Starts nothing.
pub(super) fn outcome<'r>(request: &'r Request<'_>) -> Option<&'r AuthResult> {
    Progress::of(request).outcome.get()
}

/// Returns the request's token if it was verified, for the log.
pub(super) fn verified_token<'r>(request: &'r Request<'_>) -> Option<&'r ValidToken> {
    match authenticate(request) {
        Ready::Now(outcome) => outcome.as_ref().ok(),
        Ready::Later(_) => None,
    }
}

/// Returns `kid`, `iss` and `jti` of the request's token, for the log.
pub(super) fn token_ids<'r>(request: &'r Request<'_>) -> TokenIds<'r> {
    let token_headers = Axioms::of(request).map_or(&[][..], |axioms| &*axioms.token_headers);
    TokenIds(credentials(request, token_headers).map_or("", |presented| presented.token()))
}

fn start<'r>(request: &'r Request<'_>) -> Ready<'r, AuthResult> {
    // The sentinels of guards in a signature abort a launch without the fairing; Rocket does not
    // ask those of a group's guard.
    let Some(protection) = Axioms::of(request) else {
        tracing::error!("refused, since nothing checks tokens: attach `AxiomsFairing`");
        return Ready::Now(Err(AuthError::missing_token()));
    };
    let presented = match credentials(request, &protection.token_headers) {
        Ok(presented) => presented,
        Err(error) => return Ready::Now(Err(error)),
    };
    #[cfg(feature = "introspection")]
    if !protection.token_headers.is_empty()
        && let (verifier, header) = (&protection.verifier, presented.header())
        && let Err(error) = verifier.check_opaque_header(presented.token(), header)
    {
        return Ready::Now(Err(refuse(&presented, error)));
    }
    let span = span::verification();
    let verify = || protection.verifier.verify(presented.token());
    let verified = match span.is_disabled() {
        true => verify(),
        false => span.in_scope(verify),
    };
    match verified {
        Ready::Now(verified) => {
            let outcome = finish(protection, &presented, verified);
            span::complete(&span, protection, &outcome);
            Ready::Now(outcome)
        }
        Ready::Later(verified) => Ready::later(async move {
            let outcome = finish(
                protection,
                &presented,
                verified.instrument(span.clone()).await,
            );
            span::complete(&span, protection, &outcome);
            outcome
        }),
    }
}

fn finish(
    protection: &Axioms,
    presented: &Presented<'_>,
    verified: Result<Arc<Verified>, TokenError>,
) -> AuthResult {
    verified
        .and_then(|verified| bind(verified, presented))
        .map(|bound| ValidToken::of_request(bound, protection.verifier.lenient_clock()))
        .map_err(|error| refuse(presented, error))
}

/// The refusal of the token of `presented`.
#[cold]
fn refuse(presented: &Presented<'_>, error: TokenError) -> AuthError {
    // perf: checked only now, since a valid JWT is a b64token, benches/bearer.rs
    let unreadable = matches!(error, TokenError::Malformed(_) | TokenError::TooLong { .. });
    if let Credential::Bearer(text) = presented.credential
        && unreadable
        && !is_b64token(text)
    {
        return AuthError::malformed_header("not a b64token");
    }
    AuthError::from(error)
}
