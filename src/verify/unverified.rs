//! Claims taken at their word. Compiled only with the feature `testing`: the one loud exception to "only `verify` makes one".

use std::sync::Arc;
use std::time::Duration;

use base64_simd::URL_SAFE_NO_PAD;

use super::claim_lists::{ListNames, names};
use super::times::{Allowance, Times};
use super::token_type::confirmation;
use super::verified::{Provenance, SubjectScope, Verified};
use super::{TokenError, not_strict};
use crate::claims::{ClaimSelector, RawToken, first_present};
use crate::config::Config;

/// What a verified token of the claims `raw` would be under the default claim names, at its first moment.
pub(crate) fn assume_verified(raw: String, now: Duration) -> Result<Arc<Verified>, TokenError> {
    let config = Config::default();
    let aud = names(&config.audience_claims);
    let lists = ListNames {
        scopes: names(&config.scope_claims),
        roles: names(&config.roles_claims),
        permissions: names(&config.permissions_claims),
    };
    let plan = ClaimSelector::new(
        [&aud, &lists.scopes, &lists.roles, &lists.permissions]
            .into_iter()
            .flatten(),
    );
    let claims = plan.select(&raw).map_err(not_strict)?;
    claims.check_within().map_err(not_strict)?;
    // Whether it may be used now is not asked: a handler's test may want a token of any age.
    let anytime = Allowance {
        leeway: Duration::MAX / 4,
        max_age: None,
    };
    let times = Times::check(&claims, anytime, now)?;
    let claim_set = lists.read(&claims, &raw, first_present(&aud, &claims))?;
    Ok(Arc::new(Verified {
        provenance: Provenance::Jwt {
            issuer_index: 0,
            generation: 0,
        },
        subject_scope: SubjectScope::OnlyIssuer,
        issuer_name: None,
        claim_set,
        expires_at: Some(times.expires_at),
        issued_at: times.issued_at,
        window: times.window,
        confirmation: confirmation(&claims, &raw)?,
        source: RawToken::new(&raw, &unsigned(&raw)),
    }))
}

/// Returns the claims as an unsigned token (RFC 7519 §6).
fn unsigned(claims: &str) -> String {
    let [header, payload] =
        [r#"{"alg":"none"}"#, claims].map(|part| URL_SAFE_NO_PAD.encode_to_string(part));
    format!("{header}.{payload}.")
}
