//! The request: its credentials, verified once, and its refusal.

mod authenticate;
mod credentials;
mod probe;
mod protection;
#[cfg(feature = "testing")]
mod recent;
mod refusal;
mod refusal_line;
mod routes;
mod routes_shown;

pub(crate) use authenticate::{AuthResult, authenticate};
pub(crate) use credentials::has_credentials;
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use credentials::{is_b64token, parse as parse_authorization};
pub(crate) use probe::{Declaration, ForMethod, Parents, Probe, probed};
pub(crate) use protection::{Protection, Rule, abort_without_fairing, lists_method};
#[cfg(feature = "testing")]
pub(crate) use recent::recent_refusal;
pub(crate) use refusal::{log_failure, log_refusal, remember};
pub use routes::{ReportedGuard, ReportedRoute, RouteReport};
pub(crate) use routes::{RouteIndex, address_of};
