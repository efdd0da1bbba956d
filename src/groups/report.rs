//! The report of the requirements of groups and of the rule for everything.

use std::fmt;

use rocket::{Phase, Rocket};

use std::collections::BTreeSet;

use super::deny_by_default::EVERYWHERE_RANK;
use super::registry::requirements;
use crate::policy::Requirement;
use crate::request::Protection;

/// Lists the routes with the requirements of their groups and of the rule for everything: for
/// reviews, and for tests that nothing was left open.
///
/// The fairing logs it at launch, at level debug. The guards in a route's own signature are not in
/// it: Rocket does not tell them.
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
    everywhere: Option<(Requirement, Vec<String>)>,
    routes: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    route: String,
    /// Of nested groups the outer one comes first, as it is asked first.
    groups: Vec<Requirement>,
}

impl RouteReport {
    /// The report of an application in any phase; the rule for everything is known once it is
    /// ignited.
    ///
    /// ```
    /// # use axioms_rocket::RouteReport;
    /// # use rocket::{get, routes};
    /// #[get("/health")]
    /// fn health() -> &'static str { "up" }
    ///
    /// let rocket = rocket::build().mount("/", routes![health]);
    /// let report = RouteReport::of(&rocket);
    /// assert_eq!(report.to_string(), "GET /health (health): only its own guards\n");
    /// ```
    pub fn of<P: Phase>(rocket: &Rocket<P>) -> RouteReport {
        let everywhere = rocket
            .state::<Protection>()
            .and_then(|protection| protection.everywhere.as_ref());
        let routes = rocket
            .routes()
            .filter(|route| !(everywhere.is_some() && route.rank == EVERYWHERE_RANK))
            .map(|route| {
                let name = route.name.as_deref().unwrap_or("route");
                Line {
                    route: format!("{} {} ({name})", route.method, route.uri),
                    groups: requirements(route),
                }
            })
            .collect();
        RouteReport {
            everywhere: everywhere.map(|rule| (rule.requirement.clone(), rule.exceptions.clone())),
            routes,
        }
    }

    /// Returns the first name of every list of scopes (RFC 9728 §2, `scopes_supported`).
    pub(crate) fn first_scopes(&self) -> BTreeSet<&'static str> {
        let everywhere = self.everywhere.iter().map(|(requirement, _)| requirement);
        let groups = self.routes.iter().flat_map(|line| &line.groups);
        let mut scopes = BTreeSet::new();
        for requirement in everywhere.chain(groups) {
            requirement.each_first_scope(&mut |scope| {
                scopes.insert(scope);
            });
        }
        scopes
    }

    /// The routes outside of all groups, as `METHOD /uri (name)`: only the guards in their own
    /// signatures protect them, and the rule for everything if there is one.
    ///
    /// ```
    /// # use axioms_rocket::{Authenticated, RouteReport, protect};
    /// # use rocket::{get, routes};
    /// # #[get("/health")] fn health() {}
    /// # #[get("/me")] fn me() {}
    /// let rocket = rocket::build()
    ///     .mount("/", routes![health])
    ///     .mount("/", protect::<Authenticated>(routes![me]));
    /// let report = RouteReport::of(&rocket);
    /// assert_eq!(report.ungrouped().collect::<Vec<_>>(), ["GET /health (health)"]);
    /// ```
    pub fn ungrouped(&self) -> impl Iterator<Item = &str> {
        self.routes
            .iter()
            .filter(|line| line.groups.is_empty())
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
        for Line { route, groups } in &self.routes {
            write!(f, "{route}: ")?;
            match groups.split_first() {
                None => f.write_str("only its own guards")?,
                Some((outer, inner)) => {
                    write!(f, "{outer}")?;
                    inner
                        .iter()
                        .try_for_each(|inner| write!(f, ", then {inner}"))?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
