//! The request: its credentials, verified once, and its refusal.

mod audit;
mod authenticate;
mod axioms;
mod credentials;
#[cfg(feature = "metrics")]
mod metrics;
mod probe;
mod progress;
#[cfg(feature = "testing")]
mod recent;
mod refusal;
mod refusal_line;
mod refusals;
mod route_match;
mod routes;
mod routes_shown;
mod span;
mod status;

pub(crate) use audit::{Audit, AuditedRoute, Sink, event as audit_event, note_exempt};
pub use audit::{AuditStatus, DecisionEvent};
pub(crate) use authenticate::{AuthResult, authenticate};
pub use axioms::Axioms;
pub(crate) use axioms::{abort_without_fairing, lists_method};
pub(crate) use credentials::has_credentials;
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use credentials::{is_b64token, parse as parse_authorization};
#[cfg(feature = "metrics")]
pub(crate) use metrics::{Figures, count_allowed};
pub(crate) use probe::{Declaration, ForMethod, Probe, handled, probed};
#[cfg(feature = "testing")]
pub(crate) use recent::recent_refusal;
pub(crate) use refusal::{ended_by, log_failure, note_final, remember, settle};
pub(crate) use refusals::Refusals;
pub(crate) use route_match::RouteMatcher;
pub use routes::{ReportedGuard, ReportedRoute, RouteReport};
pub(crate) use routes::{Required, RouteIndex, address_of};
pub use status::{
    AxiomsStatus, IntrospectionStatus, IssuerStatus, RunTimeIssuersStatus, TokenCacheStatus,
};
