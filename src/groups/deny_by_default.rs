//! Deny by default: one guard for every request, with exceptions by path.

use std::fmt;
use std::marker::PhantomData;

use rocket::http::{Method, Status};
use rocket::route::{self, Handler, Route};
use rocket::{Data, Request};

use super::protect::ask;
use crate::guards::{Guard, declaration};
use crate::policy::Requirement;
use crate::request::{Axioms, Declaration};

/// The rank of the rule's routes: before those of the application, after the public ones of
/// `endpoints`.
pub(crate) const EVERYWHERE_RANK: isize = isize::MIN + 1;

/// The methods that Rocket routes.
const METHODS: [Method; 9] = [
    Method::Get,
    Method::Put,
    Method::Post,
    Method::Delete,
    Method::Options,
    Method::Head,
    Method::Trace,
    Method::Connect,
    Method::Patch,
];

/// The name of the routes that ask the rule for everything.
const GATE: &str = "everywhere";

/// Returns true for a route that the rule for everything mounts.
pub(super) fn is_gate(route: &Route) -> bool {
    route.rank == EVERYWHERE_RANK
        && route.name.as_deref() == Some(GATE)
        && route.uri.as_str() == "/<_..>"
}

/// The rule of `AxiomsFairing::require_everywhere`.
///
/// A fairing cannot refuse a request in Rocket, a route can. So one route per method is mounted
/// that matches every path and ranks before all others. It asks the guard: a refusal is the answer,
/// anything else is forwarded to the route that the request is for, or to none (401 comes before
/// 404).
#[derive(Clone)]
pub(crate) struct Everywhere {
    declaration: fn() -> Declaration,
    skips: fn(Method, bool) -> bool,
    handler: fn(Exceptions) -> Box<dyn Handler>,
    exceptions: Exceptions,
}

/// Paths, as segments, below which the guard is not asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exceptions(Vec<Vec<String>>);

impl Everywhere {
    pub(crate) fn new<G: Guard>() -> Everywhere {
        Everywhere {
            declaration: declaration::<G>,
            skips: G::skips,
            handler: |exceptions| {
                Box::new(GlobalGuard {
                    exceptions,
                    guard: PhantomData::<fn() -> G>,
                })
            },
            exceptions: Exceptions::default(),
        }
    }

    pub(crate) fn declaration(&self) -> Declaration {
        (self.declaration)()
    }

    pub(crate) fn requirement(&self) -> Requirement {
        (self.declaration().requirement)()
    }

    pub(crate) fn with_exceptions(self, exceptions: Exceptions) -> Everywhere {
        Everywhere { exceptions, ..self }
    }

    /// The routes that rank before all others: one for each method, except those that the guard
    /// skips.
    ///
    /// A route that could only forward would still become the request's route, and fairings that
    /// answer preflights (`rocket_cors`) look for requests without one.
    pub(crate) fn routes(&self, protection: &Axioms) -> Vec<Route> {
        METHODS
            .into_iter()
            .filter(|method| !(self.skips)(*method, protection.is_safe(*method)))
            .map(|method| {
                let handler = Boxed((self.handler)(self.exceptions.clone()));
                let mut route = Route::ranked(EVERYWHERE_RANK, method, "/<_..>", handler);
                route.name = Some(GATE.into());
                route
            })
            .collect()
    }
}

impl fmt::Debug for Everywhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Everywhere")
            .field("requirement", &self.requirement())
            .field("except", &self.exceptions.paths())
            .finish()
    }
}

impl Exceptions {
    /// Adds an exception.
    ///
    /// # Errors
    ///
    /// The reason why `path` is not an absolute path of plain segments.
    pub(crate) fn add(&mut self, path: &str) -> Result<(), &'static str> {
        let rest = path.strip_prefix('/').ok_or("it must start with `/`")?;
        if rest.contains(['?', '#', '%', '<', '>', '\\']) {
            return Err("it must be a plain path: \
                 no query, no fragment, no parameters, no percent-encoding");
        }
        let segments: Vec<String> = rest
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(str::to_owned)
            .collect();
        if segments
            .iter()
            .any(|segment| segment == "." || segment == "..")
        {
            return Err("it must not hold `.` or `..`");
        }
        self.0.push(segments);
        Ok(())
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        let path = |segments: &Vec<String>| format!("/{}", segments.join("/"));
        self.0.iter().map(path).collect()
    }

    /// Returns true if the request's path is an exception or below one; `/` is the front page
    /// alone.
    ///
    /// A path with `..` never matches: Rocket does not resolve it, but a file server and a
    /// `PathBuf` do, and would answer from outside the exception.
    fn matches(&self, request: &Request<'_>) -> bool {
        let path = request.uri().path();
        let segments = || path.segments();
        if segments().any(has_dot_dot) {
            return false;
        }
        self.0.iter().any(|exception| match exception.as_slice() {
            [] => segments().next().is_none(),
            exception => {
                let mut presented = segments();
                exception
                    .iter()
                    .all(|segment| presented.next() == Some(segment))
            }
        })
    }
}

/// Returns true for a decoded segment that is `..`, or contains it between percent-encoded slashes.
fn has_dot_dot(segment: &str) -> bool {
    segment.split(['/', '\\']).any(|part| part == "..")
}

#[derive(Clone)]
struct Boxed(Box<dyn Handler>);

#[rocket::async_trait]
impl Handler for Boxed {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        self.0.handle(request, data).await
    }
}

struct GlobalGuard<G> {
    exceptions: Exceptions,
    guard: PhantomData<fn() -> G>,
}

impl<G> Clone for GlobalGuard<G> {
    fn clone(&self) -> Self {
        GlobalGuard {
            exceptions: self.exceptions.clone(),
            guard: PhantomData,
        }
    }
}

#[rocket::async_trait]
impl<G: Guard> Handler for GlobalGuard<G> {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        if self.exceptions.matches(request) {
            return route::Outcome::Forward((data, Status::NotFound));
        }
        match ask::<G>(request).await {
            Ok(()) => route::Outcome::Forward((data, Status::NotFound)),
            Err(status) => route::Outcome::Error(status),
        }
    }
}
