//! What a guard asks, as a value: for groups, whole applications, and the route report.

use rocket::request::FromRequest;

use crate::policy::Requirement;
use crate::token::{TokenClaims, ValidToken};

/// A request guard that can stand before a whole group of routes: [`protect`](crate::protect) and
/// [`AxiomsFairing::require_everywhere`](crate::AxiomsFairing::require_everywhere).
///
/// Every guard of this crate is one. For a guard of your own one line is enough, and a second one gives the route report its
/// words:
///
/// ```
/// use axioms_rocket::{Guard, Requirement, ValidToken};
/// use rocket::request::{FromRequest, Outcome, Request};
///
/// struct Weekday;
///
/// #[rocket::async_trait]
/// impl<'r> FromRequest<'r> for Weekday {
///     type Error = ();
///     async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
///         Outcome::Success(Weekday)
///     }
/// }
///
/// impl Guard for Weekday {
///     fn requirement() -> Requirement {
///         Requirement::Custom("a weekday")
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand before a group of routes",
    label = "not a `Guard`",
    note = "every guard of axioms-rocket is one; for your own request guard write `impl axioms_rocket::Guard for {Self} {{}}`"
)]
pub trait Guard: for<'r> FromRequest<'r> + Send + Sync + 'static {
    /// What it asks; by default "a valid token".
    fn requirement() -> Requirement {
        Requirement::All(Vec::new())
    }
}

impl<C: TokenClaims> Guard for ValidToken<C> {}
