//! Checks of all routes at the end of the launch: none is undeclared (`deny_unguarded`), and none
//! ranks before the rule for everything.

use rocket::http::{Method, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Route, Sentinel, get, routes};

use super::registry::unmarked_before_the_rule;
use super::report::index_of;
use crate::request::{Axioms, Probe, ReportedRoute, RouteReport};

/// The path below which the routes of the checks are mounted.
pub(crate) const CHECKS: &str = "/.axioms-rocket";

/// Returns the routes whose sentinels check all others. Rocket asks sentinels when every fairing
/// has mounted its routes, and no earlier hook knows of fairings that are attached later.
///
/// They answer no request: they forward, and rank after all other routes.
pub(crate) fn launch_checks(has_rule: bool, deny: bool) -> Vec<Route> {
    let mut routes = Vec::new();
    if has_rule {
        routes.extend(routes![rule_first]);
    }
    if deny {
        routes.extend(routes![deny_unguarded]);
    }
    for route in &mut routes {
        route.method = Method::Connect;
    }
    routes
}

pub(super) fn is_launch_check(route: &Route) -> bool {
    route.method == Method::Connect
        && route.rank == isize::MAX
        && route.uri.path().starts_with(CHECKS)
}

#[get("/rule-first", rank = 9_223_372_036_854_775_807)]
fn rule_first(_check: RuleFirst) {}

struct RuleFirst;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for RuleFirst {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Forward(Status::NotFound)
    }
}

impl Sentinel for RuleFirst {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        let routes = unmarked_before_the_rule(rocket);
        for route in &routes {
            tracing::error!(
                "AxiomsFairing: require_everywhere would not be asked for {route}, which has the \
                 lowest rank there is; give it another, or mount it with protect::<Public>"
            );
        }
        !routes.is_empty()
    }
}

#[get("/deny-unguarded", rank = 9_223_372_036_854_775_807)]
fn deny_unguarded(_check: DenyUnguarded) {}

struct DenyUnguarded;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for DenyUnguarded {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Forward(Status::NotFound)
    }
}

impl Sentinel for DenyUnguarded {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        let Some(protection) = rocket.state::<Axioms>() else {
            return rocket.state::<Probe>().is_none();
        };
        let index = protection.routes.get_or_init(|| index_of(rocket));
        let undeclared = undeclared(&index.report);
        if !undeclared.is_empty() {
            tracing::error!(
                "AxiomsFairing: deny_unguarded: no guard and no marker `Public` declares who may \
                 call these routes; a guard of your own counts once `axioms_rocket::guard!` \
                 declares it"
            );
        }
        for line in &undeclared {
            tracing::error!("not declared: {line}");
        }
        !undeclared.is_empty()
    }
}

/// A line for each route that nothing declares.
fn undeclared(report: &RouteReport) -> Vec<String> {
    let open = report.routes.iter().filter(|route| !route.is_declared);
    open.map(|route| {
        let remark = match route.guards.first() {
            _ if route.is_incomplete => "; a sentinel of its signature panicked, so that its \
                guards are not known"
                .to_owned(),
            Some(guard) => format!(
                "; `{}` decides nothing: use `Optional`, or `Result`",
                guard.short()
            ),
            None => String::new(),
        };
        format!("{}{remark}", route_in_words(route))
    })
    .collect()
}

fn route_in_words(route: &ReportedRoute) -> String {
    let words = format!("{} {} ({})", route.method, route.path, route.name());
    match route.location {
        Some((file, line)) => format!("{words} at {file}:{line}"),
        None => words,
    }
}

/// Warns of signatures that do not say what they mean.
pub(crate) fn warn_of(report: &RouteReport) {
    for route in &report.routes {
        for guard in &route.guards {
            let (file, line) = (guard.file, guard.line);
            let (method, path, name) = (route.method, &route.path, guard.short());
            if guard.is_optional && name.starts_with("Option<") && !route.refuses_bad_tokens() {
                tracing::warn!(
                    "axioms: {method} {path} ({file}:{line}): `{name}` takes a bad token for none; \
                     `Optional` refuses it"
                );
            }
            if let (true, Some(requirement)) = (guard.is_public(), &route.requirement) {
                tracing::warn!(
                    "axioms: {method} {path} ({file}:{line}): it is marked `Public`, but its other \
                     guards decide: {requirement}"
                );
            }
        }
    }
}
