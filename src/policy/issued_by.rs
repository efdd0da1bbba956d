//! Policies for the tokens of one configured issuer.

use std::fmt;
use std::marker::PhantomData;

use super::{Decision, Policy, Requirement, decide, sealed, unmet};
use crate::token::ValidToken;

/// The name of a configured issuer, as a type; declare one with [`issuers!`](crate::issuers).
///
/// ```
/// use axioms_rocket::IssuerName;
///
/// axioms_rocket::issuers! { Staff = "staff"; }
/// assert_eq!(Staff::NAME, "staff");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the name of an issuer",
    label = "this marker is of another kind",
    note = "declare it with `axioms_rocket::issuers! {{ pub Staff = \"staff\"; }}`"
)]
pub trait IssuerName: 'static {
    /// The `name` of an entry of `issuers` in the configuration.
    ///
    /// ```
    /// use axioms_rocket::{Authenticated, IssuedBy, IssuerName, Policy};
    ///
    /// enum Staff {}
    ///
    /// impl IssuerName for Staff {
    ///     const NAME: &'static str = "staff";
    /// }
    /// assert_eq!(
    ///     <IssuedBy<Staff, Authenticated>>::requirement().to_string(),
    ///     r#"a valid token from issuer "staff""#
    /// );
    /// ```
    const NAME: &'static str;
}

/// The policy `P`, for tokens of one named issuer only. Every other guard accepts the tokens of
/// each configured issuer, with the rights that it grants.
///
/// `I` names an entry of `issuers` (`name = "staff"`). A guard with the name of an issuer that is
/// not configured aborts the launch. It is a policy, so it may be part of a formula:
/// `Any<(IssuedBy<Staff, Roles<Admin>>, IssuedBy<Partners, Scopes<Read>>)>`.
///
/// As a guard: **succeeds if** the request carries a valid token of that issuer which `P` allows,
/// or the method is one of `safe_methods`; **fails with** 401, or 403 `insufficient_scope`.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::{Authenticated, IssuedBy, ValidToken};
///
/// axioms_rocket::issuers! { Staff = "staff"; }
///
/// #[get("/intranet")]
/// fn intranet(token: ValidToken, _from: IssuedBy<Staff, Authenticated>) -> String {
///     format!("hello {}", token.subject().unwrap_or("guest"))
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
        if token.verified().issuer_name() == Some(I::NAME) {
            decide::<P>(token)
        } else {
            Decision::Deny
        }
    }

    fn requirement() -> Requirement {
        Requirement::IssuedBy(I::NAME, Box::new(P::requirement()))
    }

    fn unmet(token: &ValidToken, _: sealed::Internal) -> Requirement {
        if token.verified().issuer_name() == Some(I::NAME) {
            unmet::<P>(token)
        } else {
            Self::requirement()
        }
    }

    const BUILT_IN: sealed::BuiltIn = sealed::BuiltIn(true);
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
        ::core::compile_error!(
            "expected `issuers! { pub Staff = \"staff\"; }`: a string literal, and `;` at the end"
        );
    };
}
