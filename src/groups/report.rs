//! The report of every route, from the rule for everything, groups and signatures.

use std::any::TypeId;
use std::collections::BTreeSet;

use rocket::{Phase, Rocket, Route};

use super::deny_by_default::{EVERYWHERE_RANK, is_gate};
use super::probe::{Found, Signature, signatures};
use super::registry::groups_of;
use super::unguarded::is_launch_check;
use crate::policy::Requirement;
use crate::request::{
    Axioms, Declaration, ReportedGuard, ReportedRoute, RouteIndex, RouteMatcher, RouteReport,
    address_of,
};

impl RouteReport {
    /// Returns the report of an application in any phase. The rule for everything, its exceptions
    /// and the setting `safe_methods` are known once the fairing is ignited.
    ///
    /// It asks the guards of each signature in a launch without I/O, once: a launched application
    /// has its report already.
    ///
    /// ```
    /// # use axioms_rocket::RouteReport;
    /// # use rocket::{get, routes};
    /// #[get("/health")]
    /// fn health() -> &'static str { "up" }
    ///
    /// let report = RouteReport::of(&rocket::build().mount("/", routes![health]));
    /// assert_eq!(report.to_string(), "GET  /health  health  no guard of ours\n");
    /// ```
    pub fn of<P: Phase>(rocket: &Rocket<P>) -> RouteReport {
        let launched = rocket
            .state::<Axioms>()
            .and_then(|protection| protection.routes.get());
        match launched {
            Some(index) => index.report.clone(),
            None => index_of(rocket).report,
        }
    }

    /// Returns the first name of every list of scopes (RFC 9728 §2, `scopes_supported`).
    pub(crate) fn first_scopes(&self) -> BTreeSet<&'static str> {
        let routes = self.routes.iter().filter_map(ReportedRoute::requirement);
        let mut scopes = BTreeSet::new();
        for requirement in self.everywhere.iter().chain(routes) {
            requirement.each_first_scope(&mut |scope| {
                scopes.insert(scope);
            });
        }
        scopes
    }
}

/// Returns the report of `rocket` as it is now, with the address of each route.
pub(crate) fn index_of<P: Phase>(rocket: &Rocket<P>) -> RouteIndex {
    let protection = rocket.state::<Axioms>();
    let rule = protection.and_then(|protection| protection.everywhere.as_ref());
    let routes: Vec<&Route> = rocket
        .routes()
        .filter(|route| !is_gate(route) && !is_launch_check(route))
        .collect();
    let matcher = match rule {
        Some(_) => RouteMatcher::new(routes.iter().copied()),
        None => RouteMatcher::default(),
    };
    let signatures = signatures(rocket, routes.iter().copied());
    let mut entries: Vec<_> = routes
        .into_iter()
        .zip(signatures)
        .map(|(route, signature)| {
            let (reported, deciding) = entry(route, signature, protection);
            (reported, (deciding, address_of(route)))
        })
        .collect();
    entries.sort_by(|(one, _), (other, _)| {
        let key = |route: &ReportedRoute| (route.method.as_str(), route.rank);
        one.path
            .cmp(&other.path)
            .then_with(|| key(one).cmp(&key(other)))
    });
    let (routes, rest): (_, Vec<_>) = entries.into_iter().unzip();
    let (deciding, addresses) = rest.into_iter().unzip();
    let report = RouteReport {
        everywhere: rule.map(|rule| (rule.requirement)()),
        exceptions: protection.map_or_else(Vec::new, |protection| protection.exceptions.clone()),
        routes,
    };
    RouteIndex::new(report, deciding, addresses, matcher)
}

/// Returns the entry of `route`, and its guards that decide on the token alone.
fn entry(
    route: &Route,
    signature: Signature,
    protection: Option<&Axioms>,
) -> (ReportedRoute, Vec<Declaration>) {
    let is_safe = match protection {
        Some(protection) => protection.is_safe(route.method),
        // The default of `safe_methods`.
        None => route.method == rocket::http::Method::Options,
    };
    // The routes of the fairing itself rank before the rule, and are not asked by it.
    let rule = protection
        .and_then(|protection| protection.everywhere.as_ref())
        .filter(|_| route.rank >= EVERYWHERE_RANK);
    let is_excepted =
        protection.is_some_and(|protection| is_excepted(route, &protection.exceptions));
    let rule = rule.filter(|_| !is_excepted);
    let groups = groups_of(route);
    let uses: Vec<Use> = signature.guards.iter().map(Use::of).collect();
    let of_signature = uses
        .iter()
        .zip(&signature.guards)
        .filter(|(used, _)| **used == Use::Required)
        .flat_map(|(_, found)| &found.declarations);
    let outer = rule.into_iter().chain(&groups);
    let all: Vec<&Declaration> = outer.chain(of_signature).collect();
    let for_method = |declaration: &&Declaration| declaration.for_method(route.method, is_safe);
    let parts: Vec<Requirement> = all.iter().filter_map(for_method).collect();
    let decides = |guard: &&&Declaration| guard.decide.is_some() && for_method(guard).is_some();
    let deciding = all.iter().filter(decides).copied().cloned().collect();
    let reported = ReportedRoute {
        method: route.method,
        path: route.uri.to_string(),
        handler: route.name.as_deref().map(str::to_owned),
        rank: route.rank,
        is_public: all.iter().any(|declaration| declaration.is_public()),
        is_declared: !all.is_empty() || is_excepted || uses.contains(&Use::Handled),
        is_excepted,
        is_incomplete: signature.is_incomplete,
        is_exempt: parts.is_empty() && all.iter().any(|declaration| !declaration.is_public()),
        requirement: Requirement::every(parts),
        location: signature.location,
        guards: signature
            .guards
            .iter()
            .zip(&uses)
            .map(|(found, used)| reported(found, *used))
            .collect(),
    };
    (reported, deciding)
}

fn reported(found: &Found, used: Use) -> ReportedGuard {
    let (file, line, _) = found.sentry.location;
    let name = public_name(found.sentry.type_name);
    let type_name = match (found.sentry.parent, used) {
        (Some(_), Use::Handled) => format!("Result<{name}, _>"),
        (Some(_), _) => format!("_<{name}>"),
        (None, _) => name,
    };
    ReportedGuard {
        type_name,
        file,
        line,
        is_optional: used != Use::Required,
        requirement: match found.declarations.as_slice() {
            [only] => (only.requirement)(),
            several => Requirement::All(several.iter().map(|each| (each.requirement)()).collect()),
        },
    }
}

/// Returns the name of a type as a program writes it: this crate's types are at its root.
fn public_name(type_name: &str) -> String {
    let mut name = String::new();
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut rest = type_name;
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|c| !is_path(c)).unwrap_or(rest.len());
        let (path, behind) = rest.split_at(end.max(c.len_utf8()));
        let last = path.rsplit("::").next().unwrap_or(path);
        match path.split("::").next() {
            Some("axioms_rocket") => name.extend(["axioms_rocket::", last]),
            Some("core" | "alloc" | "std") => name.push_str(last),
            _ => name.push_str(path),
        }
        rest = behind;
    }
    name
}

/// The use that a signature makes of a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// The route needs it.
    Required,
    /// The handler gets its error: `Result<G, _>`.
    Handled,
    /// The handler does not see whether a token was bad: `Option<G>`, or a type unknown to us.
    Ignored,
}

impl Use {
    fn of(found: &Found) -> Use {
        let name = found.sentry.type_name;
        let handles = |parent: &TypeId| {
            let mut declarations = found.declarations.iter();
            declarations.any(|declaration| declaration.handled.contains(parent))
        };
        if name.starts_with("core::option::Option<") || name.starts_with("either::Either<") {
            Use::Ignored
        } else if name.starts_with("core::result::Result<")
            || found.sentry.parent.as_ref().is_some_and(handles)
        {
            Use::Handled
        } else if found.sentry.parent.is_none() {
            Use::Required
        } else {
            Use::Ignored
        }
    }
}

/// Returns true if each path of `route` is below one of `exceptions`.
fn is_excepted(route: &Route, exceptions: &[String]) -> bool {
    let segments = |path: &str| -> Vec<String> {
        path.split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| {
                rocket::http::RawStr::new(segment)
                    .percent_decode_lossy()
                    .into_owned()
            })
            .collect()
    };
    let path = segments(route.uri.path());
    exceptions
        .iter()
        .any(|exception| match segments(exception).as_slice() {
            [] => path.is_empty(),
            exception => path.starts_with(exception),
        })
}
