//! The routes of an application with what each of them requires: filled at launch, read by
//! everything else.

use std::collections::HashMap;
use std::ptr::from_ref;

use rocket::http::Method;
use rocket::{Request, Route};

use super::probe::Declaration;
use super::route_match::RouteMatcher;
use crate::policy::{Decision, Requirement};
use crate::token::ValidToken;

/// Every route with its guards and the one requirement of the whole route: the rule for everything,
/// its group, and its signature.
///
/// Rocket keeps the types of a handler's signature, and this report reads them: nothing has to be
/// declared a second time. It is for reviews and for tests, and the challenge, the documents and
/// the launch checks of this crate are made from it. The fairing logs it at launch, at level debug.
///
/// `Display` writes aligned text, [`to_markdown`](RouteReport::to_markdown) a table for a file of
/// the repository, and `serde::Serialize` this shape:
///
/// ```json
/// {
///   "everywhere": null,
///   "routes": [{
///     "method": "GET", "path": "/stats", "handler": "stats", "rank": -9,
///     "guards": [{
///       "type": "axioms_rocket::Roles<app::Admin>", "file": "src/main.rs", "line": 9,
///       "optional": false
///     }],
///     "requirement": "role admin", "public": false
///   }]
/// }
/// ```
///
/// A guard of your own is in the report once [`guard!`](crate::guard) declares it. Routes are in
/// the order of their paths. There are no routes after a launch: Rocket mounts none then.
///
/// ```
/// # use rocket::{get, routes};
/// use axioms_rocket::{Roles, RouteReport};
///
/// axioms_rocket::roles! { Admin = "admin"; }
///
/// #[get("/stats")]
/// fn stats(_admin: Roles<Admin>) -> &'static str { "for administrators" }
///
/// let report = RouteReport::of(&rocket::build().mount("/", routes![stats]));
/// let stats = &report.routes()[0];
/// assert_eq!((stats.path(), stats.handler()), ("/stats", Some("stats")));
/// assert_eq!(stats.requirement().unwrap().to_string(), "role admin");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteReport {
    pub(crate) everywhere: Option<Requirement>,
    /// The paths that the fairing excepts.
    pub(crate) exceptions: Vec<String>,
    pub(crate) routes: Vec<ReportedRoute>,
}

impl RouteReport {
    /// Returns the routes in the order of their paths, then methods, then ranks.
    ///
    /// ```
    /// # use axioms_rocket::RouteReport;
    /// # use rocket::{get, routes};
    /// # #[get("/b")] fn b() {}
    /// # #[get("/a")] fn a() {}
    /// let report = RouteReport::of(&rocket::build().mount("/", routes![b, a]));
    /// let paths: Vec<&str> = report.routes().iter().map(|route| route.path()).collect();
    /// assert_eq!(paths, ["/a", "/b"]);
    /// ```
    pub fn routes(&self) -> &[ReportedRoute] {
        &self.routes
    }

    /// Returns the requirement of
    /// [`require_everywhere`](crate::AxiomsFairing::require_everywhere); `None` without that rule,
    /// and before the launch.
    ///
    /// ```
    /// # use axioms_rocket::RouteReport;
    /// assert_eq!(RouteReport::of(&rocket::build()).everywhere(), None);
    /// ```
    pub fn everywhere(&self) -> Option<&Requirement> {
        self.everywhere.as_ref()
    }
}

/// A route of a [`RouteReport`].
///
/// ```
/// # use axioms_rocket::{RouteReport, ValidToken};
/// # use rocket::{get, routes};
/// #[get("/me")]
/// fn me(token: ValidToken) -> String { token.subject().unwrap_or_default().into() }
///
/// let report = RouteReport::of(&rocket::build().mount("/api", routes![me]));
/// let me = &report.routes()[0];
/// assert_eq!((me.method().as_str(), me.path(), me.rank()), ("GET", "/api/me", -9));
/// assert_eq!(me.guards()[0].type_name(), "axioms_rocket::ValidToken");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportedRoute {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) handler: Option<String>,
    pub(crate) rank: isize,
    pub(crate) guards: Vec<ReportedGuard>,
    pub(crate) requirement: Option<Requirement>,
    pub(crate) is_public: bool,
    pub(crate) is_declared: bool,
    pub(crate) is_excepted: bool,
    /// All guards before the handler pass the method unasked.
    pub(crate) is_exempt: bool,
    /// A sentinel of the signature panicked when it was asked: there may be more guards.
    pub(crate) is_incomplete: bool,
    pub(crate) location: Option<(&'static str, u32)>,
}

impl ReportedRoute {
    /// Returns the method. A route for GET answers HEAD, too.
    ///
    /// ```
    /// # use axioms_rocket::ReportedRoute;
    /// # use rocket::http::Method;
    /// fn reads(route: &ReportedRoute) -> bool { route.method() == Method::Get }
    /// ```
    pub fn method(&self) -> Method {
        self.method
    }

    /// Returns the path with its base, as it is declared: `/api/users/<id>?<page>`.
    ///
    /// ```
    /// # use axioms_rocket::ReportedRoute;
    /// fn is_internal(route: &ReportedRoute) -> bool { route.path().starts_with("/internal/") }
    /// ```
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the name of the handler's function; a file server has a name, too. `None` for a
    /// route that was made without one.
    ///
    /// ```
    /// # use axioms_rocket::ReportedRoute;
    /// fn name(route: &ReportedRoute) -> &str { route.handler().unwrap_or("route") }
    /// ```
    pub fn handler(&self) -> Option<&str> {
        self.handler.as_deref()
    }

    /// Returns the rank: of two routes for one path, Rocket tries the lower one first.
    ///
    /// ```
    /// # use axioms_rocket::ReportedRoute;
    /// fn is_fallback(route: &ReportedRoute) -> bool { route.rank() > 0 }
    /// ```
    pub fn rank(&self) -> isize {
        self.rank
    }

    /// Returns the guards of the signature that Rocket shows: those of this crate, and yours that
    /// [`guard!`](crate::guard) declares.
    ///
    /// ```
    /// # use axioms_rocket::ReportedRoute;
    /// fn is_open(route: &ReportedRoute) -> bool { route.guards().is_empty() }
    /// ```
    pub fn guards(&self) -> &[ReportedGuard] {
        &self.guards
    }

    /// Returns the requirement of the whole route: the rule for everything AND its groups AND the
    /// guards of its signature. `None` if nothing requires anything of a request with this method.
    ///
    /// `Option<G>` and `Result<G, _>` are no part of it, and neither is a guard that the method is
    /// exempt from ([`Unless`](crate::Unless), [`safe_methods`](crate::Config::safe_methods)).
    ///
    /// ```
    /// # use axioms_rocket::ReportedRoute;
    /// fn scopes(route: &ReportedRoute) -> Vec<&'static str> {
    ///     route.requirement().map(|requirement| requirement.scopes()).unwrap_or_default()
    /// }
    /// ```
    pub fn requirement(&self) -> Option<&Requirement> {
        self.requirement.as_ref()
    }

    /// Returns true if the signature or the group has the marker [`Public`](crate::Public).
    ///
    /// ```
    /// # use axioms_rocket::ReportedRoute;
    /// fn is_open(route: &ReportedRoute) -> bool {
    ///     route.is_public() && route.requirement().is_none()
    /// }
    /// ```
    pub fn is_public(&self) -> bool {
        self.is_public
    }

    /// Returns true if somewhere the program decides who may call the route: a guard, the marker
    /// [`Public`](crate::Public), a group, the rule for everything, or an exception. `Option<G>`
    /// decides nothing; `Result<G, _>` does.
    ///
    /// ```
    /// # use axioms_rocket::RouteReport;
    /// # use rocket::{get, routes};
    /// # #[get("/open")] fn open() {}
    /// let report = RouteReport::of(&rocket::build().mount("/", routes![open]));
    /// assert!(!report.routes()[0].is_declared());
    /// ```
    pub fn is_declared(&self) -> bool {
        self.is_declared
    }

    /// Returns file and line of the signature, if Rocket tells them: some type of the signature is
    /// a sentinel, as the guards of this crate and `State` are.
    ///
    /// ```
    /// # use axioms_rocket::ReportedRoute;
    /// fn place(route: &ReportedRoute) -> String {
    ///     route.location().map_or("?".into(), |(file, line)| format!("{file}:{line}"))
    /// }
    /// ```
    pub fn location(&self) -> Option<(&str, u32)> {
        self.location
    }

    /// Returns true if a request with an invalid token never reaches the handler.
    pub(crate) fn refuses_bad_tokens(&self) -> bool {
        self.requirement
            .as_ref()
            .is_some_and(Requirement::reads_token)
    }
}

/// A guard in a route's signature.
///
/// ```
/// # use axioms_rocket::{RouteReport, ValidToken};
/// # use rocket::{get, routes};
/// #[get("/")]
/// fn index(_token: Option<ValidToken>) {}
///
/// let report = RouteReport::of(&rocket::build().mount("/", routes![index]));
/// let guard = &report.routes()[0].guards()[0];
/// assert!(guard.is_optional());
/// assert_eq!(guard.requirement().to_string(), "a valid token");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportedGuard {
    pub(crate) type_name: String,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) is_optional: bool,
    pub(crate) requirement: Requirement,
}

impl ReportedGuard {
    /// Returns the type with its path: `axioms_rocket::Scopes<my_app::Read>`. An alias is resolved;
    /// of a guard in a `Result<G, _>` it may be `G` alone.
    ///
    /// ```
    /// # use axioms_rocket::ReportedGuard;
    /// fn is_mine(guard: &ReportedGuard) -> bool { guard.type_name().starts_with("my_app::") }
    /// ```
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Returns the source file, as the compiler was given it.
    ///
    /// ```
    /// # use axioms_rocket::ReportedGuard;
    /// fn place(guard: &ReportedGuard) -> String { format!("{}:{}", guard.file(), guard.line()) }
    /// ```
    pub fn file(&self) -> &str {
        self.file
    }

    /// Returns the line of the type in the signature, counted from 1.
    ///
    /// ```
    /// # use axioms_rocket::ReportedGuard;
    /// fn place(guard: &ReportedGuard) -> String { format!("{}:{}", guard.file(), guard.line()) }
    /// ```
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Returns true if the handler runs although the guard fails: `Option<G>`, `Result<G, _>`, or a
    /// type of yours around it that is not declared with [`guard!`](crate::guard).
    /// [`Optional`](crate::Optional) is none of them: it refuses bad tokens.
    ///
    /// ```
    /// # use axioms_rocket::ReportedRoute;
    /// fn refuses(route: &ReportedRoute) -> bool {
    ///     route.guards().iter().any(|guard| !guard.is_optional())
    /// }
    /// ```
    pub fn is_optional(&self) -> bool {
        self.is_optional
    }

    /// Returns the requirement of the type, [`Guard::requirement`](crate::Guard::requirement),
    /// whatever the route's method.
    ///
    /// ```
    /// # use axioms_rocket::ReportedGuard;
    /// fn in_words(guard: &ReportedGuard) -> String { guard.requirement().to_string() }
    /// ```
    pub fn requirement(&self) -> &Requirement {
        &self.requirement
    }

    pub(crate) fn is_public(&self) -> bool {
        self.requirement == Requirement::Anybody
    }
}

/// The report of a launched application, and the entry of each route.
#[derive(Debug)]
pub(crate) struct RouteIndex {
    pub(crate) report: RouteReport,
    /// The scopes that each route, and the rule for everything, asks for.
    scopes: Vec<Box<str>>,
    everywhere: Box<str>,
    /// Of each route of the report, the guards that decide on the token alone.
    deciding: Vec<Vec<Declaration>>,
    by_address: HashMap<usize, usize>,
    matcher: RouteMatcher,
}

/// The requirement of the whole route that a request is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Required<'r> {
    pub(crate) requirement: &'r Requirement,
    /// Its scopes to ask for, with a space between them.
    pub(crate) scopes: &'r str,
}

impl RouteIndex {
    /// `addresses` are those of the routes in the report's order. Rocket keeps its routes where
    /// they are from the ignition on.
    ///
    /// `matcher` knows the routes behind the rule for everything; it is empty without that rule.
    pub(crate) fn new(
        report: RouteReport,
        deciding: Vec<Vec<Declaration>>,
        addresses: Vec<usize>,
        matcher: RouteMatcher,
    ) -> RouteIndex {
        let scopes = |requirement: Option<&Requirement>| {
            let scopes = requirement.map_or_else(Vec::new, Requirement::scopes);
            scopes.join(" ").into_boxed_str()
        };
        let routes = report.routes.iter();
        RouteIndex {
            scopes: routes.map(|route| scopes(route.requirement())).collect(),
            everywhere: scopes(report.everywhere()),
            report,
            deciding,
            by_address: addresses.into_iter().zip(0..).collect(),
            matcher,
        }
    }

    /// Returns the requirement of the route that `request` is for, also if the rule for everything
    /// refused before Rocket tried it; the rule alone if there is no such route.
    ///
    /// perf: the scopes are joined at launch, since clients can cause any number of refusals,
    /// benches/refusal.rs
    pub(crate) fn required_of(&self, request: &Request<'_>) -> Option<Required<'_>> {
        let tried = address_of(request.route()?);
        let (requirement, scopes) = match self.own(tried, request) {
            Some(address) => {
                let index = *self.by_address.get(&address)?;
                let route = self.report.routes.get(index)?;
                (route.requirement()?, self.scopes.get(index)?)
            }
            None => (self.report.everywhere()?, &self.everywhere),
        };
        Some(Required {
            requirement,
            scopes,
        })
    }

    /// Returns the entry of the route that `request` is for, likewise; `None` if there is none.
    pub(super) fn entry_for(&self, request: &Request<'_>) -> Option<&ReportedRoute> {
        let tried = address_of(request.route()?);
        self.at(self.own(tried, request)?)
    }

    /// Returns the requirement of the first guard of that route that denies `token`, whatever its
    /// user does.
    pub(crate) fn denied_by(
        &self,
        request: &Request<'_>,
        token: &ValidToken,
    ) -> Option<fn() -> Requirement> {
        let address = self.own(address_of(request.route()?), request)?;
        let guards = self.deciding.get(*self.by_address.get(&address)?)?;
        let denies = |guard: &&Declaration| {
            guard
                .decide
                .is_some_and(|decide| decide(token) == Decision::Deny)
        };
        guards.iter().find(denies).map(|guard| guard.requirement)
    }

    /// Returns the address of the route that `request` is for, likewise; that of the rule's own
    /// route if there is no other.
    pub(crate) fn address_for(&self, request: &Request<'_>) -> Option<usize> {
        let tried = address_of(request.route()?);
        Some(self.own(tried, request).unwrap_or(tried))
    }

    /// Returns `tried` if it is a route of the application, else the one that `request` is for.
    fn own(&self, tried: usize, request: &Request<'_>) -> Option<usize> {
        match self.by_address.contains_key(&tried) {
            true => Some(tried),
            false => self.matcher.find(request),
        }
    }

    /// Returns the entry of `route`, which is one of the application's own.
    pub(crate) fn entry(&self, route: &Route) -> Option<&ReportedRoute> {
        self.at(address_of(route))
    }

    fn at(&self, address: usize) -> Option<&ReportedRoute> {
        let index = self.by_address.get(&address)?;
        self.report.routes.get(*index)
    }
}

pub(crate) fn address_of(route: &Route) -> usize {
    from_ref(route).addr()
}
