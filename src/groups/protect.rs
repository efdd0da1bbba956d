//! A whole group of routes behind one guard.

use std::marker::PhantomData;

use rocket::request::Outcome;
use rocket::route::{self, Handler, Route};
use rocket::{Data, Request};

use super::report;
use crate::guards::Guard;

/// Every route of `routes` asks `G` before its own guards; what is mounted from the result is covered.
///
/// A refusal of `G` is the answer: the routes' own guards are not asked, their data is not read. Rocket's list of routes at launch
/// names what the group asks, and [`RouteReport`](crate::RouteReport) collects it.
///
/// `G` is any [`Guard`], `ValidToken` and the policies included. One that names an unknown issuer aborts the launch; of groups that a
/// fairing mounts which is attached after ours, it is an error in the log, and that issuer agrees to nobody. Rocket cannot
/// see the guard of a group: without the fairing it refuses everyone, and the application starts unless a route's own guards stop it.
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
        route.name = Some(report::mark(route.name, &G::requirement()));
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

impl<G> Clone for Protected<G> {
    fn clone(&self) -> Self {
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
            Outcome::Success(()) => self.inner.handle(request, data).await,
            Outcome::Error((status, ())) => route::Outcome::Error(status),
            Outcome::Forward(status) => route::Outcome::Forward((data, status)),
        }
    }
}

/// What `G` says. Its value is dropped here: were it alive across another guard, the handler's future would not be `Send`.
pub(super) async fn ask<G: Guard>(request: &Request<'_>) -> Outcome<(), ()> {
    G::from_request(request)
        .await
        .map(drop)
        .map_error(|(status, _)| (status, ()))
}
