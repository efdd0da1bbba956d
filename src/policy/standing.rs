//! The assertion alone, and policies that mind who issued the token.

use std::fmt;
use std::marker::PhantomData;

use super::{Decision, Policy, Requirement, decide};
use crate::token::{TokenClaims, ValidToken};

/// Some valid token, as an assertion without data.
///
/// **Succeeds if** the request carries a valid token, or the method is one of `safe_methods`. **Fails with** 401 as
/// [`ValidToken`](crate::ValidToken) does.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::Authenticated;
///
/// #[get("/members")]
/// fn members(_someone: Authenticated) -> &'static str {
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

    const BUILT_IN: bool = true;
}

/// As a policy: a valid token whose claims fit; in a formula, or behind [`Always`](crate::Always) or [`IssuedBy`].
impl<C: TokenClaims> Policy for ValidToken<C> {
    fn decide(token: &ValidToken) -> Decision {
        token.typed::<C>().is_ok().into()
    }

    fn requirement() -> Requirement {
        Requirement::All(Vec::new())
    }
}

/// The name of a configured issuer, as a type; declare one with [`issuers!`](crate::issuers).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the name of an issuer",
    label = "this marker is of another kind",
    note = "declare it with `axioms_rocket::issuers! {{ pub Staff = \"staff\"; }}`"
)]
pub trait IssuerName: 'static {
    /// The `name` of an entry of `issuers` in the configuration.
    const NAME: &'static str;
}

/// The policy `P`, for tokens of one named issuer only. All other guards take the tokens of every issuer, and the rights that it writes.
///
/// `I` names an entry of `issuers` (`name = "staff"`). A guard that names an issuer which is not configured aborts the launch.
/// It is a policy, so it stands in formulas too: `Any<(IssuedBy<Staff, Roles<Admin>>, IssuedBy<Partners, Scopes<Read>>)>`.
///
/// As a guard: **succeeds if** the request carries a valid token of that issuer which `P` allows, or the method is one of
/// `safe_methods`; **fails with** 401, or 403 `insufficient_scope`.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::{Authenticated, IssuedBy, ValidToken};
///
/// axioms_rocket::issuers! { Staff = "staff"; }
///
/// #[get("/intranet")]
/// fn intranet(token: ValidToken, _from: IssuedBy<Staff, Authenticated>) -> String {
///     format!("hello {}", token.subject().unwrap_or("nobody"))
/// }
/// ```
pub struct IssuedBy<I: IssuerName, P: Policy>(PhantomData<fn() -> (I, P)>);

impl<I: IssuerName, P: Policy> IssuedBy<I, P> {
    pub(crate) fn granted() -> Self {
        IssuedBy(PhantomData)
    }
}

impl<I: IssuerName, P: Policy> fmt::Debug for IssuedBy<I, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuedBy({})", Self::requirement())
    }
}

impl<I: IssuerName, P: Policy> Policy for IssuedBy<I, P> {
    fn decide(token: &ValidToken) -> Decision {
        match token.verified().issuer_name() == Some(I::NAME) {
            true => decide::<P>(token),
            false => Decision::Deny,
        }
    }

    fn requirement() -> Requirement {
        Requirement::IssuedBy(I::NAME, Box::new(P::requirement()))
    }

    const BUILT_IN: bool = true;
}

/// Declares names of issuers for [`IssuedBy`](crate::IssuedBy).
///
/// Each becomes an uninhabited type that implements [`IssuerName`](crate::IssuerName).
///
/// ```
/// axioms_rocket::issuers! {
///     pub Staff = "staff";
///     pub Partners = "partners";
/// }
/// ```
#[macro_export]
macro_rules! issuers {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $text:literal;)+) => {
        $(
            $(#[$meta])*
            #[doc = concat!("The issuer named `", $text, "`.")]
            #[allow(dead_code, reason = "a marker is a name, never a value")]
            $vis enum $name {}

            impl $crate::IssuerName for $name {
                const NAME: &'static str = $text;
            }
        )+
    };
    ($($other:tt)*) => {
        ::core::compile_error!("expected `issuers! { pub Staff = \"staff\"; }`: a string literal, and `;` at the end");
    };
}
