//! Which groups and rules ask for what.

use std::borrow::Cow;
use std::fmt;

use rocket::{Phase, Rocket};

use crate::policy::Requirement;
use crate::request::Protection;

/// Stands between a route's name and what its group asks.
const MARK: &str = " asks ";

/// Stands before the name of an issuer in a `Requirement` as it is printed.
const ISSUER: &str = " from issuer \"";

/// The name of a route that a group protects; of nested groups the outer one comes first, as it is asked first.
pub(super) fn mark(
    name: Option<Cow<'static, str>>,
    requirement: &Requirement,
) -> Cow<'static, str> {
    let name = name.unwrap_or(Cow::Borrowed("route"));
    match name.split_once(MARK) {
        Some((name, inner)) => format!("{name}{MARK}{requirement}, then {inner}").into(),
        None => format!("{name}{MARK}{requirement}").into(),
    }
}

/// The issuers that the groups of `rocket` name. Rocket does not ask the sentinels of a wrapped route, but it shows its name.
pub(crate) fn named_issuers<P: Phase>(rocket: &Rocket<P>) -> Vec<String> {
    let asks = rocket
        .routes()
        .filter_map(|route| route.name.as_deref()?.split_once(MARK))
        .map(|(_, asks)| asks);
    let after = asks.flat_map(|asks| asks.split(ISSUER).skip(1));
    after
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect()
}

/// Which routes are behind a group's guard or the rule for everything, and what those ask: for reviews, and for tests that nothing
/// was left open.
///
/// It is logged at launch on level debug. What guards in a route's own signature ask is Rocket's to know, and not in it.
///
/// ```
/// # use rocket::{get, routes};
/// use axioms_rocket::{Roles, RouteReport, protect};
///
/// axioms_rocket::roles! { Admin = "admin"; }
///
/// #[get("/stats")]
/// fn stats() -> &'static str { "for administrators" }
///
/// let rocket = rocket::build().mount("/admin", protect::<Roles<Admin>>(routes![stats]));
/// assert_eq!(RouteReport::of(&rocket).to_string(), "GET /admin/stats (stats): role admin\n");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteReport {
    everywhere: Option<(String, Vec<String>)>,
    routes: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    route: String,
    asks: Option<String>,
}

impl RouteReport {
    /// The report of an application, in any phase; the rule for everything is known once it is ignited.
    pub fn of<P: Phase>(rocket: &Rocket<P>) -> RouteReport {
        let everywhere = rocket
            .state::<Protection>()
            .and_then(|protection| protection.everywhere.as_ref());
        let routes = rocket
            .routes()
            .filter(|route| !(everywhere.is_some() && route.rank == isize::MIN))
            .map(|route| {
                let name = route.name.as_deref().unwrap_or("route");
                let (name, asks) = match name.split_once(MARK) {
                    Some((name, asks)) => (name, Some(asks.to_owned())),
                    None => (name, None),
                };
                Line {
                    route: format!("{} {} ({name})", route.method, route.uri),
                    asks,
                }
            })
            .collect();
        RouteReport {
            everywhere: everywhere
                .map(|rule| (rule.requirement.to_string(), rule.exceptions.clone())),
            routes,
        }
    }

    /// The routes that no group protects, `METHOD /uri (name)`: what they ask is only what their own signatures say.
    pub fn ungrouped(&self) -> impl Iterator<Item = &str> {
        self.routes
            .iter()
            .filter(|line| line.asks.is_none())
            .map(|line| line.route.as_str())
    }
}

impl fmt::Display for RouteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((requirement, exceptions)) = &self.everywhere {
            write!(f, "everywhere: {requirement}")?;
            if !exceptions.is_empty() {
                write!(f, ", except {}", exceptions.join(", "))?;
            }
            writeln!(f)?;
        }
        for Line { route, asks } in &self.routes {
            writeln!(
                f,
                "{route}: {}",
                asks.as_deref().unwrap_or("only its own guards")
            )?;
        }
        Ok(())
    }
}
