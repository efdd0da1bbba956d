//! Authorization: pure decisions over a verified token, and their requirements as values.

mod actor;
mod algebra;
mod authenticated;
mod claim;
pub(crate) mod declare;
mod issued_by;
mod lists;
mod owner;
mod requirement;
mod step_up;

pub use actor::{ActedBy, ActorList, Direct};
pub use algebra::{All, Any, Lacks, NameList, Policies, Require};
pub use authenticated::Authenticated;
pub use claim::{Claim, ClaimList, ClaimValue};
pub use issued_by::{IssuedBy, IssuerName};
pub use lists::{PermissionList, Permissions, RoleList, Roles, ScopeList, Scopes};
pub(crate) use owner::check_owner;
pub use owner::{HasOwner, OwnerOf, Subject};
pub(crate) use requirement::StepUp;
pub use requirement::{ClaimKind, Requirement};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use step_up::has_acr;
pub use step_up::{Acr, AcrList, Amr, AmrList, MaxAuthAge};

pub use crate::token::Decision;

use crate::token::ValidToken;

/// A decision over a verified token: the trait behind every authorization guard.
///
/// Implement it where lists and formulas are not enough, and guard a route with
/// [`Require`](crate::Require). A policy is decided once per request, over the token that was
/// verified once per request, however many guards and formulas contain it. It must not block.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::{Decision, Policy, Require, Requirement, ValidToken};
///
/// struct ShortSession;
///
/// impl Policy for ShortSession {
///     fn decide(token: &ValidToken) -> Decision {
///         let age = token.issued_at().and_then(|at| at.elapsed().ok());
///         age.is_some_and(|age| age.as_secs() < 600).into()
///     }
///
///     fn requirement() -> Requirement {
///         Requirement::Custom("a token of the last ten minutes")
///     }
/// }
///
/// #[get("/letters")]
/// fn letters(_may: Require<ShortSession>) -> &'static str {
///     "letters"
/// }
/// ```
///
/// A claim with a certain value needs no policy of its own: see [`Claim`](crate::Claim).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy",
    label = "expected `Scopes<_>`, `Roles<_>`, `Permissions<_>`, `Claim<_>`, `Any<(…)>`, \
             `All<(…)>`, `Lacks<_>` or a `Policy` of your own",
    note = "a bare marker is not a policy: wrap it, as in `Scopes<Read>`"
)]
pub trait Policy: Send + Sync + 'static {
    /// Decides on the token. [`Deny`](Decision::Deny) is 403 `insufficient_scope`.
    /// [`StepUp`](Decision::StepUp) is 401 `insufficient_user_authentication`, with the parameters
    /// `acr_values` and `max_age` from [`requirement`](Policy::requirement): a policy that is built
    /// from [`Acr`](crate::Acr) or [`MaxAuthAge`](crate::MaxAuthAge) returns their decision, and
    /// has their requirement in its own.
    ///
    /// ```
    /// use axioms_rocket::{Acr, Decision, Policy, Requirement, Scopes, ValidToken};
    ///
    /// axioms_rocket::acrs! { Strong = "phr" | "mfa"; }
    /// axioms_rocket::scopes! { Small = "transfer:small"; }
    ///
    /// /// A robot of the bank, or a user who has authenticated strongly.
    /// struct MayTransfer;
    ///
    /// impl Policy for MayTransfer {
    ///     fn decide(token: &ValidToken) -> Decision {
    ///         match token.client_id() {
    ///             Some("robot") => Scopes::<Small>::decide(token),
    ///             _ => Acr::<Strong>::decide(token),
    ///         }
    ///     }
    ///
    ///     fn requirement() -> Requirement {
    ///         Requirement::Any(vec![Scopes::<Small>::requirement(), Acr::<Strong>::requirement()])
    ///     }
    /// }
    /// ```
    ///
    /// ```
    /// use axioms_rocket::{Decision, Policy, Roles, ValidToken};
    ///
    /// axioms_rocket::roles! { Editor = "editor"; }
    ///
    /// fn may_edit(token: &ValidToken) -> bool {
    ///     Roles::<Editor>::decide(token) == Decision::Allow
    /// }
    /// ```
    fn decide(token: &ValidToken) -> Decision;

    /// Returns the requirement as a value, from which the challenge, the log line and the route
    /// report are made.
    ///
    /// ```
    /// use axioms_rocket::{Policy, Roles};
    ///
    /// axioms_rocket::roles! { Editor = "editor" | "admin"; }
    /// assert_eq!(Roles::<Editor>::requirement().to_string(), "role editor or role admin");
    /// ```
    fn requirement() -> Requirement;

    /// Returns the part of the requirement that a denied token does not meet, for the audit. Its
    /// parameter cannot be named outside of this crate, so no other implementation changes it.
    #[doc(hidden)]
    fn unmet(_: &ValidToken, _: sealed::Internal) -> Requirement {
        Self::requirement()
    }

    /// Its type cannot be named outside of this crate, so no other implementation changes it.
    #[doc(hidden)]
    const BUILT_IN: sealed::BuiltIn = sealed::BuiltIn(false);
}

mod sealed {
    /// `true` for a policy that is decided again each time: a list gives the same answer for a
    /// token, and a formula that of its parts.
    ///
    /// perf: deciding again costs less than the look-up of an earlier answer, policy.
    pub struct BuiltIn(pub(crate) bool);

    /// The parameter of a method that only this crate implements and calls.
    #[derive(Clone, Copy)]
    pub struct Internal;
}

/// Returns the decision of `P` on a request's token; the same for each guard and formula of that
/// request.
pub(crate) fn decide<P: Policy>(token: &ValidToken) -> Decision {
    if P::BUILT_IN.0 {
        return P::decide(token);
    }
    token.once::<P>(P::decide)
}

/// Returns the part of the requirement of `P` that `token` does not meet, which `P` denied.
pub(crate) fn unmet<P: Policy>(token: &ValidToken) -> Requirement {
    P::unmet(token, sealed::Internal)
}
