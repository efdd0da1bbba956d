//! The status of a running application, as a value.

mod introspection;
mod issuer;
mod run_time;
mod token_cache;

use serde::ser::{SerializeMap, Serializer};

pub use introspection::IntrospectionStatus;
pub use issuer::IssuerStatus;
pub use run_time::RunTimeIssuersStatus;
pub use token_cache::TokenCacheStatus;

use super::audit::AuditStatus;
use super::axioms::Axioms;
use crate::error::Reason;

/// The state of the issuers' keys, the token cache and the refusals at one moment:
/// [`Axioms::status`].
///
/// It holds no secret, no token and no URL with credentials. It serializes as below; durations are
/// whole seconds, and `refusals` has the reasons that occurred.
///
/// ```json
/// {
///   "ready": true,
///   "issuers": [{
///     "name": "https://auth.example.com", "ready": true,
///     "key_source": "the metadata of https://auth.example.com/", "keys": 2, "age": 1200,
///     "next_refresh": 2400, "fetches": 5, "failed_fetches": 0, "last_error": null
///   }],
///   "token_cache": {"tokens": 310, "capacity": 8192, "hits": 90210, "misses": 314},
///   "refusals": {"missing_token": 12, "expired": 4},
///   "run_time_issuers": {
///     "issuers": 120, "without_keys": 1, "keys": 240, "fetches": 300, "failed_fetches": 2,
///     "known": 410, "unknown": 12, "unanswered": 0
///   },
///   "audit": {"delivered": 90222, "waiting": 0, "dropped": 0, "panics": 0}
/// }
/// ```
///
/// ```
/// # use axioms_rocket::{Axioms, Reason};
/// # use rocket::{get, State};
/// #[get("/keys")]
/// fn keys(axioms: &State<Axioms>) -> String {
///     let status = axioms.status();
///     let keys: usize = status.issuers().iter().map(|issuer| issuer.keys()).sum();
///     format!("{keys} keys, {} expired tokens", status.refused(Reason::Expired))
/// }
/// ```
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct AxiomsStatus {
    ready: bool,
    issuers: Vec<IssuerStatus>,
    token_cache: Option<TokenCacheStatus>,
    #[serde(serialize_with = "by_reason")]
    refusals: Vec<(Reason, u64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_time_issuers: Option<RunTimeIssuersStatus>,
    audit: Option<AuditStatus>,
}

impl AxiomsStatus {
    pub(super) fn of(axioms: &Axioms) -> AxiomsStatus {
        let issuers: Vec<_> = axioms
            .verifier
            .issuers()
            .iter()
            .zip(0..)
            .map(|(issuer, index)| IssuerStatus::of(issuer, introspection(axioms, index)))
            .collect();
        AxiomsStatus {
            ready: issuers.iter().all(|issuer| issuer.ready),
            issuers,
            token_cache: axioms.verifier.cache().figures().map(TokenCacheStatus),
            refusals: axioms.refusals.counts(),
            run_time_issuers: axioms
                .verifier
                .run_time()
                .map(|run_time| RunTimeIssuersStatus(run_time.figures())),
            audit: axioms.audit.as_ref().map(|audit| audit.status()),
        }
    }

    /// Returns true if each issuer has usable keys: what `GET /health/ready` answers.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn is_ready(axioms: &Axioms) -> bool {
    ///     axioms.status().is_ready()
    /// }
    /// ```
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Returns the issuers, in the order of the configuration.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn without_keys(axioms: &Axioms) -> Vec<String> {
    ///     let status = axioms.status();
    ///     let without = status.issuers().iter().filter(|issuer| !issuer.is_ready());
    ///     without.map(|issuer| issuer.name().to_owned()).collect()
    /// }
    /// ```
    pub fn issuers(&self) -> &[IssuerStatus] {
        &self.issuers
    }

    /// Returns the figures of the token cache; `None` if `token_cache_capacity` is 0.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn cached_tokens(axioms: &Axioms) -> usize {
    ///     axioms.status().token_cache().map_or(0, |cache| cache.tokens())
    /// }
    /// ```
    pub fn token_cache(&self) -> Option<&TokenCacheStatus> {
        self.token_cache.as_ref()
    }

    /// Returns the reasons for which requests were refused since the launch, each with its count.
    /// A request counts once, as it was answered.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn refused(axioms: &Axioms) -> u64 {
    ///     axioms.status().refusals().map(|(_, count)| count).sum()
    /// }
    /// ```
    pub fn refusals(&self) -> impl Iterator<Item = (Reason, u64)> {
        self.refusals.iter().copied()
    }

    /// Returns the number of requests that were refused for `reason` since the launch.
    ///
    /// ```
    /// # use axioms_rocket::{Axioms, Reason};
    /// fn forged(axioms: &Axioms) -> u64 {
    ///     axioms.status().refused(Reason::BadSignature)
    /// }
    /// ```
    pub fn refused(&self, reason: Reason) -> u64 {
        self.refusals()
            .find(|(refused, _)| *refused == reason)
            .map_or(0, |(_, count)| count)
    }

    /// Returns the figures of the issuers that are known only at run time; `None` without
    /// [`AxiomsFairing::with_issuers`](crate::AxiomsFairing::with_issuers). They are not among
    /// [`issuers`](AxiomsStatus::issuers), and have no part in readiness: one tenant's outage is
    /// not that of the API.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn tenants_in_use(axioms: &Axioms) -> usize {
    ///     axioms.status().run_time_issuers().map_or(0, |issuers| issuers.issuers())
    /// }
    /// ```
    pub fn run_time_issuers(&self) -> Option<&RunTimeIssuersStatus> {
        self.run_time_issuers.as_ref()
    }

    /// Returns the figures of the audit; `None` without
    /// [`AxiomsFairing::on_decision`](crate::AxiomsFairing::on_decision).
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn is_audit_complete(axioms: &Axioms) -> bool {
    ///     axioms.status().audit().is_some_and(|audit| audit.dropped() == 0)
    /// }
    /// ```
    pub fn audit(&self) -> Option<&AuditStatus> {
        self.audit.as_ref()
    }
}

#[cfg(feature = "introspection")]
fn introspection(axioms: &Axioms, index: usize) -> Option<IntrospectionStatus> {
    let asked = axioms.verifier.introspection_of(index)?;
    Some(IntrospectionStatus::of(asked.figures()))
}

#[cfg(not(feature = "introspection"))]
fn introspection(_: &Axioms, _: usize) -> Option<IntrospectionStatus> {
    None
}

fn by_reason<S: Serializer>(refusals: &[(Reason, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(refusals.len()))?;
    for (reason, count) in refusals {
        map.serialize_entry(reason.as_str(), count)?;
    }
    map.end()
}
