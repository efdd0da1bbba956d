//! What is allowed: pure decisions over a verified token, and what they ask as a value.

mod algebra;
pub(crate) mod declare;
mod lists;
mod owner;
mod requirement;
mod standing;

pub use algebra::{All, Any, Lacks, NameList, Policies, Require};
pub use lists::{PermissionList, Permissions, RoleList, Roles, ScopeList, Scopes};
pub use owner::HasOwner;
pub(crate) use owner::check_owner;
pub use requirement::{ClaimKind, Requirement};
pub use standing::{Authenticated, IssuedBy, IssuerName};

use crate::token::ValidToken;

/// What may be asked of a verified token: the trait behind every authorization guard.
///
/// Write one where lists and formulas do not reach, and put it behind [`Require`](crate::Require). Guards decide it once per
/// request, however many of them and of their formulas hold it, over the token that was verified once per request; it must not block.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::{Decision, Policy, Require, Requirement, ValidToken};
///
/// struct VerifiedMail;
///
/// impl Policy for VerifiedMail {
///     fn decide(token: &ValidToken) -> Decision {
///         match token.claims().get("email_verified").and_then(|claim| claim.as_bool()) {
///             Some(true) => Decision::Allow,
///             Some(false) | None => Decision::Deny,
///         }
///     }
///
///     fn requirement() -> Requirement {
///         Requirement::Custom("a verified e-mail address")
///     }
/// }
///
/// #[get("/letters")]
/// fn letters(_may: Require<VerifiedMail>) -> &'static str {
///     "letters"
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy",
    label = "expected `Scopes<_>`, `Roles<_>`, `Permissions<_>`, `Any<(…)>`, `All<(…)>`, `Lacks<_>` or a `Policy` of your own",
    note = "a bare marker is not a policy: wrap it, as in `Scopes<Read>`"
)]
pub trait Policy: Send + Sync + 'static {
    /// Whether the token may pass.
    fn decide(token: &ValidToken) -> Decision;

    /// What it asks, as a value: from it the challenge, the log line and the route report are made.
    fn requirement() -> Requirement;

    /// Whether it is this crate's own: a list says the same of a token each time, and a formula what its parts say. To look again
    /// costs less than to remember.
    #[doc(hidden)]
    const BUILT_IN: bool = false;
}

/// What `P` says of a request's token: the same each time, however many guards and formulas ask it.
pub(crate) fn decide<P: Policy>(token: &ValidToken) -> Decision {
    if P::BUILT_IN {
        return P::decide(token);
    }
    token
        .once::<P>(|token| P::decide(token) == Decision::Allow)
        .into()
}

/// What a policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// The token may pass.
    Allow,
    /// It may not: 403.
    Deny,
}

impl From<bool> for Decision {
    fn from(allowed: bool) -> Self {
        if allowed {
            Decision::Allow
        } else {
            Decision::Deny
        }
    }
}
