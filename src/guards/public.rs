//! `Public`: the marker of a route that every request passes.

use std::convert::Infallible;

use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::guard::{Guard, declaration_with_error};
use crate::policy::Requirement;
use crate::request::probed;

/// Marks a route that anybody may call: a decision, where no guard would be an oversight.
///
/// It always succeeds, and reads no credentials. [`RouteReport`](crate::RouteReport) says
/// "anybody", and [`deny_unguarded`](crate::AxiomsFairing::deny_unguarded) takes the route as
/// declared. Behind [`protect`](crate::protect) or
/// [`require_everywhere`](crate::AxiomsFairing::require_everywhere) the outer guard still decides,
/// and the launch warns.
///
/// ```
/// # use rocket::{get, routes};
/// use axioms_rocket::{Public, RouteReport};
///
/// #[get("/health")]
/// fn health(_anybody: Public) -> &'static str { "up" }
///
/// let report = RouteReport::of(&rocket::build().mount("/", routes![health]));
/// assert!(report.routes()[0].is_public());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Public(());

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Public {
    type Error = Infallible;

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Public(()))
    }
}

impl Sentinel for Public {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        probed(rocket, declaration_with_error::<Self, Infallible>).unwrap_or(false)
    }
}

impl Guard for Public {
    fn requirement() -> Requirement {
        Requirement::Anybody
    }
}
