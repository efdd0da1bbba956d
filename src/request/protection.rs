//! The state that the fairing manages for the guards.

use std::path::PathBuf;
use std::sync::OnceLock;

use rocket::http::Method;
use rocket::{Ignite, Request, Rocket};

use super::probe::Declaration;
use super::routes::{ReportedRoute, RouteIndex};
use crate::verify::Verifier;

/// The verifier, and the settings that guards and challenges need.
pub(crate) struct Protection {
    pub(crate) verifier: Verifier,
    /// The parameter with which every challenge begins: `realm="…"`.
    pub(crate) realm: String,
    /// The parameter with which every challenge ends, if metadata are served:
    /// `, resource_metadata="…"`.
    pub(crate) resource: Option<String>,
    /// The files that settings came from.
    pub(crate) files: Box<[PathBuf]>,
    pub(crate) safe_methods: Box<[Method]>,
    /// The rule for everything, if there is one.
    pub(crate) everywhere: Option<Rule>,
    /// Every route, once all are mounted.
    pub(crate) routes: OnceLock<RouteIndex>,
}

/// The rule of `require_everywhere`, for the report.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) declaration: Declaration,
    pub(crate) exceptions: Vec<String>,
}

impl Protection {
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> Option<&'r Protection> {
        request.rocket().state()
    }

    /// Returns the report's entry of the request's route, with one map look-up: for refusals.
    pub(crate) fn route_of<'r>(request: &'r Request<'_>) -> Option<&'r ReportedRoute> {
        Protection::of(request)?
            .routes
            .get()?
            .entry(request.route()?)
    }

    /// Returns true if authorization guards let `method` pass without a token.
    pub(crate) fn is_safe(&self, method: Method) -> bool {
        lists_method(&self.safe_methods, method)
    }
}

/// Returns true if `methods` contains `method`; HEAD is in each list that contains GET (RFC 9110
/// §9.3.2).
pub(crate) fn lists_method(methods: &[Method], method: Method) -> bool {
    methods.contains(&method) || (method == Method::Head && methods.contains(&Method::Get))
}

/// For `Sentinel`: aborts the launch of an application whose routes name `guard` without the
/// fairing, and says what to do.
pub(crate) fn abort_without_fairing(rocket: &Rocket<Ignite>, guard: &str) -> bool {
    let missing = rocket.state::<Protection>().is_none();
    if missing {
        tracing::error!(
            "a route is guarded by `{guard}`, but nothing would check its tokens: \
             attach the fairing, `rocket::build().attach(axioms_rocket::AxiomsFairing::default())`"
        );
    }
    missing
}
