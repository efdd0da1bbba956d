//! A whole group of routes behind one guard.

use std::any::type_name;
use std::marker::PhantomData;

use rocket::http::Status;
use rocket::request::Outcome;
use rocket::route::{self, Handler, Route};
use rocket::{Data, Request};

use super::registry;
use crate::guards::{Guard, declaration};
use crate::request::{log_failure, note_final};

/// Returns `routes` so that each of them asks `G` before its own guards.
///
/// If `G` fails, that is the answer: the route's own guards are not asked and its data is not read.
/// If `G` forwards, the request is answered with the status of that forward, 404 if that is no
/// error; it does not fall through to another route. [`RouteReport`](crate::RouteReport) lists
/// the requirement of each group.
///
/// `G` is any [`Guard`]: the guards of this crate, and your own. An unknown issuer name aborts the
/// launch. Routes mounted by a fairing attached later are only checked after ignition: the error is
/// logged and the group refuses every request. Rocket does not see the guard of a group: without
/// the fairing the application starts unless a route's own guards stop it; each request to the
/// group is refused, and the log says that the fairing is missing.
///
/// ```no_run
/// # use rocket::{get, launch, routes};
/// use axioms_rocket::{AxiomsFairing, Roles, protect};
///
/// axioms_rocket::roles! { Admin = "admin"; }
///
/// #[get("/stats")]
/// fn stats() -> &'static str { "for administrators" }
///
/// #[launch]
/// fn rocket() -> _ {
///     rocket::build()
///         .attach(AxiomsFairing::default())
///         .mount("/admin", protect::<Roles<Admin>>(routes![stats]))
/// }
/// ```
#[must_use = "mount the routes that are returned: the ones handed in are not changed"]
pub fn protect<G: Guard>(routes: impl Into<Vec<Route>>) -> Vec<Route> {
    let protect = |mut route: Route| {
        route.handler = Box::new(Protected {
            inner: route.handler,
            guard: PhantomData::<fn() -> G>,
        });
        route
    };
    routes.into().into_iter().map(protect).collect()
}

struct Protected<G> {
    inner: Box<dyn Handler>,
    guard: PhantomData<fn() -> G>,
}

impl<G: Guard> Clone for Protected<G> {
    fn clone(&self) -> Self {
        registry::record(declaration::<G>);
        Protected {
            inner: self.inner.clone(),
            guard: PhantomData,
        }
    }
}

#[rocket::async_trait]
impl<G: Guard> Handler for Protected<G> {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        match ask::<G>(request).await {
            Ok(()) => self.inner.handle(request, data).await,
            Err(status) => route::Outcome::Error(status),
        }
    }
}

/// Asks `G`; its value is dropped here (alive across another guard it would make the handler's
/// future not `Send`).
///
/// # Errors
///
/// The status of the answer. A guard that forwards has not agreed: to forward the request would
/// hand it to another route. A forward with a status that is no error becomes 404.
pub(crate) async fn ask<G: Guard>(request: &Request<'_>) -> Result<(), Status> {
    match G::from_request(request).await {
        Outcome::Success(_) => Ok(()),
        Outcome::Error((status, error)) => {
            let guard = type_name::<G>();
            log_failure(format_args!("Request guard `{guard}`"), &error);
            note_final(request);
            Err(status)
        }
        Outcome::Forward(status) if status.code < 400 => Err(Status::NotFound),
        Outcome::Forward(status) => Err(status),
    }
}
