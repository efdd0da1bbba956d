//! The trust domain of SPIFFE.

use super::report::Report;
use crate::base::spiffe::is_trust_domain;
use crate::config::fields::IssuerConfig;
use crate::jose::{Algorithm, Algorithms};

/// Returns the algorithms of JWT-SVID §2.1 among `algorithms`; all without a trust domain.
///
/// # Errors
///
/// Problems, which are in `report` already.
pub(super) fn check(
    entry: &IssuerConfig,
    algorithms: Algorithms,
    place: &str,
    report: &mut Report<'_>,
) -> Result<Algorithms, ()> {
    let Some(name) = &entry.trust_domain else {
        return Ok(algorithms);
    };
    let key = format!("{place}trust_domain");
    if !is_trust_domain(name) {
        let message = "is no trust domain: its name alone, in small letters, such as example.org \
                       (SPIFFE-ID §2.1)";
        report.problem(&key, message);
        return Err(());
    }
    if entry.tenants.is_some() {
        report.problem(&key, "cannot be set beside tenants");
        return Err(());
    }
    let is_allowed = |algorithm: &Algorithm| {
        ["RS", "PS", "ES"].contains(&algorithm.name().get(..2).unwrap_or_default())
    };
    let allowed: Algorithms = algorithms.iter().filter(is_allowed).collect();
    if allowed == Algorithms::default() {
        let message = "allows none of the algorithms of SPIFFE: RS256 to RS512, PS256 to PS512, \
                       ES256 to ES512 (JWT-SVID §2.1)";
        report.problem(&format!("{place}algorithms"), message);
        return Err(());
    }
    Ok(allowed)
}
