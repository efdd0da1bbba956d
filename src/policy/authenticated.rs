//! Any valid token, as a policy.

use std::fmt;

use super::{Decision, Policy, Requirement, sealed};
use crate::token::{TokenClaims, ValidToken};

/// Some valid token, as an assertion without data.
///
/// **Succeeds if** the request carries a valid token, or the method is one of `safe_methods`.
/// **Fails with** 401 as [`ValidToken`](crate::ValidToken) does.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::Authenticated;
///
/// #[get("/members")]
/// fn members(_member: Authenticated) -> &'static str {
///     "for members"
/// }
/// ```
pub struct Authenticated(());

impl Authenticated {
    pub(crate) fn granted() -> Self {
        Authenticated(())
    }
}

impl fmt::Debug for Authenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticated")
    }
}

impl Policy for Authenticated {
    fn decide(_: &ValidToken) -> Decision {
        Decision::Allow
    }

    fn requirement() -> Requirement {
        Requirement::All(Vec::new())
    }

    const BUILT_IN: sealed::BuiltIn = sealed::BuiltIn(true);
}

/// As a policy: a valid token whose claims fit `C`; in a formula, or in [`Always`](crate::Always)
/// or [`IssuedBy`](crate::IssuedBy).
impl<C: TokenClaims> Policy for ValidToken<C> {
    fn decide(token: &ValidToken) -> Decision {
        token.typed::<C>().is_ok().into()
    }

    fn requirement() -> Requirement {
        Requirement::All(Vec::new())
    }
}
