//! Issuers of many tenants: `{tenant}` in `iss_url`.

use super::addresses::{PlainHttp, fetchable, split};
use super::names::claim_names;
use super::report::Report;
use crate::base::redact::one_line;
use crate::base::segment::{SegmentPattern, is_segment};
use crate::config::fields::IssuerConfig;
use crate::config::settings::IssuerTemplate;

/// The placeholder of a tenant.
pub(super) const TENANT: &str = "{tenant}";

/// A tenant, for the checks of a URL with one.
const SAMPLE: &str = "00000000-0000-0000-0000-000000000000";

/// Returns `iss_url` with a tenant in it, for the checks of an issuer that is a URL; `None` without
/// the placeholder.
pub(super) fn sample(iss_url: &str) -> Option<String> {
    iss_url
        .contains(TENANT)
        .then(|| iss_url.replace(TENANT, SAMPLE))
}

/// Checks whether the host of a sample holds the tenant.
pub(super) fn is_in(host: &str) -> bool {
    host.contains(SAMPLE)
}

/// Returns a message about a sample as one about the template.
pub(super) fn of_template(message: &str) -> String {
    message.replace(SAMPLE, TENANT)
}

/// Returns the template that `entry` is; `None` for an issuer without `{tenant}`.
///
/// # Errors
///
/// Problems, which are in `report` already.
pub(super) fn template(
    entry: &IssuerConfig,
    place: &str,
    report: &mut Report<'_>,
) -> Result<Option<IssuerTemplate>, ()> {
    let key = |name: &str| format!("{place}{name}");
    let iss_url = entry.iss_url.as_deref().unwrap_or_default();
    let Some(sample) = sample(iss_url) else {
        let set = [
            ("tenants", entry.tenants.is_some()),
            ("tenant_claim", entry.tenant_claim.is_some()),
        ];
        let mut fault = Ok(None);
        for (name, _) in set.iter().filter(|(_, is_set)| *is_set) {
            let message = "is for an iss_url with `{tenant}` in it, where each tenant's name is";
            report.problem_of_many(&key(name), &[&key("iss_url")], message);
            fault = Err(());
        }
        return fault;
    };
    let pattern = shape(iss_url, &sample);
    if let Err(fault) = &pattern {
        report.problem(&key("iss_url"), *fault);
    }
    let tenants = tenants(entry, place, report);
    if let Some(claim) = &entry.tenant_claim {
        claim_names(&key("tenant_claim"), std::slice::from_ref(claim), report);
    }
    Ok(Some(IssuerTemplate {
        pattern: pattern.map_err(drop)?,
        tenants: tenants?,
        reserved: Vec::new(),
        tenant_claim: entry.tenant_claim.clone(),
    }))
}

/// Returns the pattern that `iss_url` is; `sample` is the same with a tenant in it.
fn shape(iss_url: &str, sample: &str) -> Result<SegmentPattern, &'static str> {
    let pattern = SegmentPattern::parse(iss_url, TENANT)
        .ok_or("holds `{tenant}` more than once: one segment tells the tenants apart")?;
    if fetchable(sample, PlainHttp::Everywhere)?.query().is_some() {
        return Err("must not hold a query");
    }
    let (host, path) = split(sample);
    let is_label = || {
        let mut labels = host.split('.').rev();
        // The last label, or the only one, is no tenant of a domain.
        labels.next().is_some_and(|last| last != SAMPLE) && labels.any(|label| label == SAMPLE)
    };
    if path.split('/').any(|segment| segment == SAMPLE) || is_label() {
        Ok(pattern)
    } else {
        Err("must have `{tenant}` as a whole path segment, or as a whole label before a domain")
    }
}

/// Returns the accepted tenants, sorted; `None`: all.
fn tenants(
    entry: &IssuerConfig,
    place: &str,
    report: &mut Report<'_>,
) -> Result<Option<Vec<String>>, ()> {
    let key = format!("{place}tenants");
    let Some(tenants) = &entry.tenants else {
        let message = "is required with `{tenant}` in iss_url: the tenants whose tokens are \
                       accepted, or [\"*\"] for every one";
        report.problem(&key, message);
        return Err(());
    };
    if tenants.len() == 1 && tenants.iter().any(|tenant| tenant == "*") {
        return Ok(None);
    }
    let mut fault = Ok(());
    if tenants.is_empty() {
        report.problem(&key, "must not be empty: no token could be accepted");
        fault = Err(());
    }
    for tenant in tenants.iter().filter(|tenant| !is_segment(tenant)) {
        let message = match tenant.as_str() {
            "*" => "`*` means every tenant: leave the others out".to_owned(),
            tenant => format!(
                "`{}` is not a tenant's name: ASCII letters, digits and hyphens",
                one_line(tenant)
            ),
        };
        report.problem(&key, message);
        fault = Err(());
    }
    let mut tenants = tenants.clone();
    tenants.sort_unstable();
    tenants.dedup();
    fault.map(|()| Some(tenants))
}
