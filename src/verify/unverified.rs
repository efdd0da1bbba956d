//! Claims without verification, with the feature `testing` only: for tests of handlers.

use std::sync::Arc;
use std::time::Duration;

use base64_simd::URL_SAFE_NO_PAD;

use super::TokenError;
use super::claim_lists::{ListNames, names};
use super::jwt::{Expiry, TimeLimits, Times, confirmation, not_strict};
use super::verified::{Provenance, SubjectScope, Verified};
use crate::claims::{ClaimSelector, RawToken, first_present};
use crate::config::Config;

/// Returns the proof that a token with the claims `raw` would give under the default claim names.
pub(crate) fn assume_verified(raw: String, now: Duration) -> Result<Arc<Verified>, TokenError> {
    let config = Config::default();
    let aud = names(&config.audience_claims);
    let lists = ListNames {
        scopes: names(&config.scope_claims),
        roles: names(&config.roles_claims),
        permissions: names(&config.permissions_claims),
        roles_shape: config.roles_shape,
        permissions_shape: config.permissions_shape,
    };
    let selector = ClaimSelector::new(
        [&aud, &lists.scopes, &lists.roles, &lists.permissions]
            .into_iter()
            .flatten(),
    );
    let claims = selector.select(&raw).map_err(not_strict)?;
    claims.check_within().map_err(not_strict)?;
    // A test may want a token of any age.
    let anytime = TimeLimits {
        leeway: Duration::MAX / 4,
        max_age: None,
    };
    let times = Times::check(&claims, Expiry::Required, anytime, now)?;
    let claim_set = lists.read(&claims, &raw, first_present(&aud, &claims))?;
    Ok(Arc::new(Verified {
        provenance: Provenance::Jwt {
            issuer_index: 0,
            generation: 0,
        },
        subject_scope: SubjectScope::OnlyIssuer,
        issuer_name: None,
        claim_set,
        expires_at: times.expires_at,
        issued_at: times.issued_at,
        window: times.window,
        confirmation: confirmation(&claims, &raw)?,
        token_header: None,
        source: RawToken::new(&raw, &unsigned(&raw)),
    }))
}

/// Returns the claims as an unsigned token (RFC 7519 §6).
fn unsigned(claims: &str) -> String {
    let [header, payload] =
        [r#"{"alg":"none"}"#, claims].map(|part| URL_SAFE_NO_PAD.encode_to_string(part));
    format!("{header}.{payload}.")
}
