//! A whole group of routes behind one guard.

use std::marker::PhantomData;

use rocket::request::Outcome;
use rocket::route::{self, Handler, Route};
use rocket::{Data, Request};

use super::guard::Guard;

/// Every route of `routes` asks `G` before its own guards; what is mounted from the result is covered.
///
/// A refusal of `G` is the answer: the routes' own guards are not asked, their data is not read.
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
        route.handler = Box::new(Protected { inner: route.handler, guard: PhantomData::<fn() -> G> });
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
        Protected { inner: self.inner.clone(), guard: PhantomData }
    }
}

#[rocket::async_trait]
impl<G: Guard> Handler for Protected<G> {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        // The guard's value must not live across the inner handler: the future would not be `Send`.
        let refusal = match G::from_request(request).await {
            Outcome::Success(_) => None,
            Outcome::Error((status, _)) => Some((status, Refusal::Error)),
            Outcome::Forward(status) => Some((status, Refusal::Forward)),
        };
        match refusal {
            None => self.inner.handle(request, data).await,
            Some((status, Refusal::Error)) => route::Outcome::Error(status),
            Some((status, Refusal::Forward)) => route::Outcome::Forward((data, status)),
        }
    }
}

enum Refusal {
    Error,
    Forward,
}
