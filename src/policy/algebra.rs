//! Boolean algebra over policies, as types: the type tree is the formula.

use std::fmt;
use std::marker::PhantomData;

use super::{Decision, Policy, Requirement, decide, sealed, unmet};
use crate::token::ValidToken;

/// Implements `Debug` and `Policy` for a formula.
macro_rules! formula {
    ($name:ident<$inner:ident: $bound:ident>, $decide:expr, $requirement:expr
     $(, unmet: $unmet:expr)?) => {
        impl<$inner: $bound> $name<$inner> {
            pub(crate) fn granted() -> Self {
                Self(PhantomData)
            }
        }

        impl<$inner: $bound> fmt::Debug for $name<$inner> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), Self::requirement())
            }
        }

        impl<$inner: $bound> Policy for $name<$inner> {
            fn decide(token: &ValidToken) -> Decision {
                $decide(token)
            }

            fn requirement() -> Requirement {
                $requirement
            }

            $(fn unmet(token: &ValidToken, _: sealed::Internal) -> Requirement {
                $unmet(token)
            })?

            const BUILT_IN: sealed::BuiltIn = sealed::BuiltIn(true);
        }
    };
}

/// **Any** of the policies of a tuple; one to eight, nested freely.
///
/// As a guard: **succeeds if** the request carries a valid token that one of them allows, or the
/// method is one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken) does,
/// or 403 `insufficient_scope`.
///
/// Give a formula a name, and signatures stay short:
///
/// ```
/// # use rocket::post;
/// use axioms_rocket::{All, Any, Lacks, Roles, Scopes};
///
/// axioms_rocket::scopes! { Refund = "refund"; }
/// axioms_rocket::roles! { Editor = "editor"; Suspended = "suspended"; }
///
/// /// scope refund or (role editor and not role suspended)
/// type MayRefund = Any<(Scopes<Refund>, All<(Roles<Editor>, Lacks<Roles<Suspended>>)>)>;
///
/// #[post("/refunds")]
/// fn refund(_may: MayRefund) -> &'static str {
///     "refunded"
/// }
/// ```
pub struct Any<T: Policies>(PhantomData<fn() -> T>);

formula!(Any<T: Policies>, T::any, Requirement::Any(T::requirements()));

/// **All** of the policies of a tuple; one to eight, nested freely.
///
/// As a guard: **succeeds if** the request carries a valid token that every one of them allows, or
/// the method is one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken)
/// does, or 403 `insufficient_scope`.
///
/// ```
/// # use rocket::put;
/// use axioms_rocket::{All, Roles, Scopes};
///
/// axioms_rocket::scopes! { Write = "write"; }
/// axioms_rocket::roles! { Editor = "editor"; }
///
/// #[put("/page")]
/// fn edit(_may: All<(Scopes<Write>, Roles<Editor>)>) -> &'static str {
///     "edited"
/// }
/// ```
pub struct All<T: Policies>(PhantomData<fn() -> T>);

formula!(All<T: Policies>, T::all, Requirement::All(T::requirements()), unmet: T::unmet);

/// The claim is **present** and holds none of the list.
///
/// Absence of the claim, or a claim that cannot be read, never satisfies it: a server that stops
/// sending roles must not lift a suspension. Some servers separate names by commas, semicolons,
/// tabs or bars (`"editor,suspended"`), which as a set is another name. So a claim that is one
/// string does not lack a name that occurs anywhere in it, and an array does not lack one that is a
/// part of an item between such separators.
///
/// As a guard: **succeeds if** the request carries a valid token that satisfies it, or the method
/// is one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken) does, or 403
/// `insufficient_scope`.
///
/// ```
/// # use rocket::post;
/// use axioms_rocket::{Lacks, Roles};
///
/// axioms_rocket::roles! { Suspended = "suspended"; }
///
/// #[post("/comments")]
/// fn comment(_may: Lacks<Roles<Suspended>>) -> &'static str {
///     "published"
/// }
/// ```
pub struct Lacks<P: NameList>(PhantomData<fn() -> P>);

formula!(Lacks<P: NameList>, P::lacks, Requirement::Lacks(Box::new(P::requirement())));

/// A guard for a policy of your own.
///
/// **Succeeds if** the request carries a valid token that the policy allows, or the method is one
/// of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken) does, or 403
/// `insufficient_scope`. See [`Policy`](crate::Policy) for a whole one.
///
/// ```
/// # use axioms_rocket::{Decision, Policy, Requirement, ValidToken};
/// # use rocket::get;
/// # struct Weekdays;
/// # impl Policy for Weekdays {
/// #     fn decide(_: &ValidToken) -> Decision { Decision::Allow }
/// #     fn requirement() -> Requirement { Requirement::Custom("weekdays") }
/// # }
/// use axioms_rocket::Require;
///
/// #[get("/office")]
/// fn office(_may: Require<Weekdays>) -> &'static str {
///     "open"
/// }
/// ```
pub struct Require<P: Policy>(PhantomData<fn() -> P>);

formula!(Require<P: Policy>, decide::<P>, P::requirement(), unmet: unmet::<P>);

/// A list of names that [`Lacks`] can negate: [`Scopes`](crate::Scopes), [`Roles`](crate::Roles)
/// and [`Permissions`](crate::Permissions). It is sealed.
///
/// ```
/// use axioms_rocket::{Lacks, NameList, Policy};
///
/// fn negation<P: NameList>() -> String {
///     <Lacks<P>>::requirement().to_string()
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`Lacks<{Self}>`: only a list of names can be lacking",
    label = "not `Scopes<_>`, `Roles<_>` or `Permissions<_>`",
    note = "write `Lacks<Roles<Suspended>>`; to deny what a formula allows, write a `Policy` and \
            use `Require`"
)]
pub trait NameList: Policy + negation::Lacking {}

pub(super) mod negation {
    use super::{Decision, ValidToken};

    /// The part of `NameList` that others can neither call nor implement.
    pub trait Lacking {
        /// Allows a token whose claim can be read and mentions none of the names.
        fn lacks(token: &ValidToken) -> Decision;
    }
}

/// A tuple of one to eight policies, for [`Any`] and [`All`]. It is sealed.
///
/// ```
/// use axioms_rocket::{All, Policies, Policy};
///
/// fn formula<T: Policies>() -> String {
///     <All<T>>::requirement().to_string()
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of one to eight policies",
    label = "expected a tuple such as `(Scopes<A>, Roles<B>)`",
    note = "one policy alone needs its comma: `(Scopes<A>,)`",
    note = "for more than eight, nest: `Any<(Any<(…)>, Any<(…)>)>`; every part must be a `Policy`"
)]
pub trait Policies: tuple::Tuple + Send + Sync + 'static {}

mod tuple {
    use super::{Decision, Requirement, ValidToken};

    /// The part of `Policies` that others can neither call nor implement.
    pub trait Tuple {
        fn any(token: &ValidToken) -> Decision;
        fn all(token: &ValidToken) -> Decision;
        fn requirements() -> Vec<Requirement>;
        /// The part of the first policy that refuses the token as all together do.
        fn unmet(token: &ValidToken) -> Requirement;
    }
}

macro_rules! tuples {
    ($($($policy:ident)+;)+) => {$(
        impl<$($policy: Policy),+> Policies for ($($policy,)+) {}

        impl<$($policy: Policy),+> tuple::Tuple for ($($policy,)+) {
            fn any(token: &ValidToken) -> Decision {
                Decision::Deny$(.or(|| decide::<$policy>(token)))+
            }
            fn all(token: &ValidToken) -> Decision {
                Decision::Allow$(.and(|| decide::<$policy>(token)))+
            }
            fn requirements() -> Vec<Requirement> {
                vec![$($policy::requirement()),+]
            }
            fn unmet(token: &ValidToken) -> Requirement {
                let decision = Self::all(token);
                $(if decision != Decision::Allow && decide::<$policy>(token) == decision {
                    return unmet::<$policy>(token);
                })+
                // A policy decides once per request, so this is for policies that changed since.
                Requirement::All(Self::requirements())
            }
        }
    )+};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
