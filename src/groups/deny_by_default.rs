//! Deny by default: one guard before everything that the application answers.

use std::fmt;
use std::marker::PhantomData;

use rocket::http::Method;
use rocket::http::Status;
use rocket::request::Outcome;
use rocket::route::{self, Handler, Route};
use rocket::{Data, Request};

use super::protect::ask;
use crate::guards::Guard;
use crate::policy::Requirement;

/// The rule of `AxiomsFairing::require_everywhere`.
///
/// Within Rocket's limits: a fairing cannot refuse a request, a route can. So for each method one route is mounted that matches
/// every path and stands before all others. It asks the guard; a refusal is the answer, else it forwards to the route that the
/// request is for, or to none: 401 comes before 404.
#[derive(Clone)]
pub(crate) struct Everywhere {
    requirement: fn() -> Requirement,
    gate: fn(Exceptions) -> Box<dyn Handler>,
    exceptions: Exceptions,
}

/// Paths, in segments, below which nobody asks.
#[derive(Debug, Clone, Default)]
struct Exceptions(Vec<Vec<String>>);

impl Everywhere {
    pub(crate) fn new<G: Guard>() -> Everywhere {
        Everywhere {
            requirement: G::requirement,
            gate: |exceptions| {
                Box::new(GlobalGuard {
                    exceptions,
                    guard: PhantomData::<fn() -> G>,
                })
            },
            exceptions: Exceptions::default(),
        }
    }

    pub(crate) fn requirement(&self) -> Requirement {
        (self.requirement)()
    }

    /// The exceptions, as paths.
    pub(crate) fn exceptions(&self) -> impl Iterator<Item = String> {
        self.exceptions
            .0
            .iter()
            .map(|segments| format!("/{}", segments.join("/")))
    }

    /// Adds an exception.
    ///
    /// # Errors
    ///
    /// What is no absolute path of plain segments.
    pub(crate) fn except(&mut self, path: &str) -> Result<(), &'static str> {
        let rest = path.strip_prefix('/').ok_or("it must start with `/`")?;
        if rest.contains(['?', '#', '%', '<', '>', '\\']) {
            return Err(
                "it must be a plain path: no query, no fragment, no parameters, no percent-encoding",
            );
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
        self.exceptions.0.push(segments);
        Ok(())
    }

    /// The routes that stand before all others.
    pub(crate) fn routes(&self) -> Vec<Route> {
        use Method::{Connect, Delete, Get, Head, Options, Patch, Post, Put, Trace};
        [Get, Put, Post, Delete, Options, Head, Trace, Connect, Patch]
            .into_iter()
            .map(|method| {
                let mut route = Route::ranked(
                    isize::MIN,
                    method,
                    "/<_..>",
                    Boxed((self.gate)(self.exceptions.clone())),
                );
                route.name = Some("everywhere".into());
                route
            })
            .collect()
    }
}

impl fmt::Debug for Everywhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exceptions: Vec<String> = self.exceptions().collect();
        f.debug_struct("Everywhere")
            .field("requirement", &self.requirement())
            .field("except", &exceptions)
            .finish()
    }
}

impl Exceptions {
    /// Whether the request's path is an exception or lies below one; `/` is the front page alone.
    ///
    /// A path that has_dot_dot is never one: Rocket does not resolve `..`, but a file server and a `PathBuf` do, and answer from beside
    /// the exception below which the request came.
    fn cover(&self, request: &Request<'_>) -> bool {
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

/// Whether a decoded segment is `..`, or holds one between slashes that were percent-encoded.
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
        if self.exceptions.cover(request) {
            return route::Outcome::Forward((data, Status::NotFound));
        }
        match ask::<G>(request).await {
            Outcome::Success(()) => route::Outcome::Forward((data, Status::NotFound)),
            Outcome::Error((status, ())) => route::Outcome::Error(status),
            // A guard that forwards has not said yes; passing on would let the request through.
            Outcome::Forward(status) => route::Outcome::Error(status),
        }
    }
}
