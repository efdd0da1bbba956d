//! The requirement of a guard, as a value: for groups, whole applications, and the route report.

use std::any::TypeId;

use rocket::http::Method;
use rocket::request::FromRequest;
use rocket::{Ignite, Rocket};

use super::policies::abort_for;
use crate::policy::{Decision, Requirement};
use crate::request::{Declaration, ForMethod, handled};
use crate::token::{Claims, TokenClaims, ValidToken};

/// A request guard for a group of routes: [`protect`](crate::protect) and
/// [`AxiomsFairing::require_everywhere`](crate::AxiomsFairing::require_everywhere).
///
/// Every guard of this crate is one. A guard of your own states its requirement: there is no
/// default, so that the [`RouteReport`](crate::RouteReport) never reports a token that a guard does
/// not require.
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
    message = "`{Self}` cannot guard a group of routes",
    label = "not a `Guard`",
    note = "every guard of axioms-rocket is one; for a request guard of your own implement \
            `axioms_rocket::Guard`: \
            `fn requirement() -> Requirement {{ Requirement::Custom(\"a weekday\") }}`"
)]
pub trait Guard: for<'r> FromRequest<'r> + Send + Sync + 'static {
    /// Returns the requirement, for the route report. A guard that wraps one of this crate returns
    /// that of the inner one. A [`Requirement::Custom`] alone says nothing about a token: documents
    /// then claim none. Beside that of [`ValidToken`], in a [`Requirement::All`], it requires one.
    ///
    /// ```
    /// # use axioms_rocket::{Guard, Requirement, ValidToken};
    /// # use rocket::request::{FromRequest, Outcome, Request};
    /// struct CurrentUser(ValidToken);
    /// # #[rocket::async_trait]
    /// # impl<'r> FromRequest<'r> for CurrentUser {
    /// #     type Error = axioms_rocket::AuthError;
    /// #     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
    /// #         request.guard().await.map(CurrentUser)
    /// #     }
    /// # }
    ///
    /// impl Guard for CurrentUser {
    ///     fn requirement() -> Requirement {
    ///         <ValidToken as Guard>::requirement()
    ///     }
    /// }
    /// assert_eq!(CurrentUser::requirement().to_string(), "a valid token");
    /// ```
    fn requirement() -> Requirement;

    /// Returns true if every request with `method` passes unasked; `safe`: `safe_methods` has it.
    #[doc(hidden)]
    fn skips(_method: Method, _safe: bool) -> bool {
        false
    }

    /// Returns the requirement for a route of `method`; `None` if it passes unasked.
    #[doc(hidden)]
    fn requirement_for(method: Method, safe: bool) -> Option<Requirement> {
        (!Self::skips(method, safe)).then(Self::requirement)
    }

    /// Returns the decision on a valid token, for the other guards of a route; `None` if it depends
    /// on more than the token.
    #[doc(hidden)]
    fn decision() -> Option<fn(&ValidToken) -> Decision> {
        None
    }

    /// Checks the launch for a sentinel of `guard`, which is this guard or one around it.
    #[doc(hidden)]
    fn aborts(rocket: &Rocket<Ignite>, guard: &str) -> bool {
        let requirement = Self::requirement();
        requirement.is_about_tokens() && abort_for(rocket, guard, &requirement)
    }
}

/// Returns the declaration of `G`, for the report.
pub(crate) fn declaration<G: Guard>() -> Declaration {
    Declaration {
        requirement: G::requirement,
        for_method: ForMethod::Depends(G::requirement_for),
        decide: G::decision(),
        handled: Vec::new(),
    }
}

/// Returns the declaration of `G` in a signature, where the errors of `G` are of type `E`.
pub(crate) fn declaration_with_error<G: Guard, E: 'static>() -> Declaration {
    Declaration {
        handled: handled::<G, E>(),
        ..declaration::<G>()
    }
}

/// The requirement of `ValidToken<C>` beyond a token; a token that lacks it is answered 401.
pub(crate) const FITTING_CLAIMS: &str = "claims of the handler's type";

impl<C: TokenClaims> Guard for ValidToken<C> {
    fn requirement() -> Requirement {
        let token = Requirement::All(Vec::new());
        if TypeId::of::<C>() == TypeId::of::<Claims>() {
            return token;
        }
        // A token whose claims do not fit is refused, too.
        Requirement::All(vec![token, Requirement::Custom(FITTING_CLAIMS)])
    }
}
