//! Claims taken at their word. Compiled only with the feature `testing`: the one loud exception to "only `verify` makes one".

use std::sync::Arc;
use std::time::Duration;

use super::issuer::single_audience;
use super::times::{Allowance, Times};
use super::{Fault, client_id, optional_text};
use crate::claims::{ClaimName, Claims, List, Plan, Registered};
use crate::config::Config;
use crate::token::{IssuedBy, Verified};

/// What a verified token of the claims `raw` would be under the default claim names, at its first moment.
pub(crate) fn believe(raw: String, now: Duration) -> Result<Arc<Verified>, Fault> {
    let config = Config::default();
    let names = |names: &[String]| names.iter().map(|name| ClaimName::parse(name)).collect::<Vec<_>>();
    let [aud, scope, roles, permissions] =
        [&config.audience_claims, &config.scope_claims, &config.roles_claims, &config.permissions_claims]
            .map(|list| names(list));
    let plan = Plan::new([&aud, &scope, &roles, &permissions].into_iter().flatten());
    let claims = plan.gather(&raw).map_err(|_| Fault::Malformed("the claims are not a strict JSON object"))?;
    // Whether it may be used now is not asked: a handler's test may want a token of any age.
    let anytime = Allowance { leeway: Duration::MAX / 4, max_age: None };
    let times = Times::check(&claims, anytime, now)?;
    let text = |claim| optional_text(&claims, claim, &raw);
    let list = |names: &[ClaimName]| List::first(names, &claims, &raw);
    let (issuer, subject, id) = (text(Registered::Iss)?, text(Registered::Sub)?, text(Registered::Jti)?);
    let (audiences, client_id) = (single_audience(list(&aud)), client_id(&claims, &raw));
    let (scopes, roles, permissions) = (list(&scope), list(&roles), list(&permissions));
    Ok(Arc::new(Verified {
        issued_by: IssuedBy { place: 0, generation: 0 },
        issuer_name: None,
        issuer,
        subject,
        id,
        client_id,
        audiences,
        scopes,
        roles,
        permissions,
        expires_at: times.expires_at,
        issued_at: times.issued_at,
        window: times.window,
        claims: Claims::new(raw),
    }))
}
