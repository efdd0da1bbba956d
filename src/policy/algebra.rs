//! Boolean algebra over policies, as types: the type tree is the formula.

use std::fmt;
use std::marker::PhantomData;

use super::{
    Decision, PermissionList, Permissions, Policy, Requirement, RoleList, Roles, ScopeList, Scopes,
    decide,
};
use crate::token::ValidToken;

/// What formulas have in common.
macro_rules! formula {
    ($name:ident<$inner:ident: $bound:ident>, $decide:expr, $requirement:expr) => {
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
                let decide: fn(&ValidToken) -> Decision = $decide;
                decide(token)
            }

            fn requirement() -> Requirement {
                $requirement
            }

            const BUILT_IN: bool = true;
        }
    };
}

/// **Any** of the policies of a tuple; from one to eight, nested freely.
///
/// As a guard: succeeds if the request carries a valid token that one of them allows, or the method is one of
/// `safe_methods`; fails with 401, or 403 `insufficient_scope`.
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

/// **All** of the policies of a tuple; from one to eight, nested freely.
///
/// As a guard: succeeds if the request carries a valid token that every one of them allows, or the method is one of
/// `safe_methods`; fails with 401, or 403 `insufficient_scope`. See [`Any`](crate::Any) for an example.
pub struct All<T: Policies>(PhantomData<fn() -> T>);

formula!(All<T: Policies>, T::all, Requirement::All(T::requirements()));

/// The claim is **present** and holds none of the list.
///
/// Absence of the claim, or a claim that cannot be read, never satisfies it: a server that stops sending roles must not
/// lift a suspension. Nor does a claim that is one string in which a name occurs anywhere: some servers separate names by commas,
/// semicolons, tabs or bars (`"editor,suspended"`), which as a set is another name. See [`Any`](crate::Any) for an example.
pub struct Lacks<P: NameList>(PhantomData<fn() -> P>);

formula!(Lacks<P: NameList>, |token| match (P::is_readable(token), P::is_mentioned(token)) {
        (true, false) => Decision::Allow,
        (true, true) | (false, _) => Decision::Deny,
    },
    Requirement::Lacks(Box::new(P::requirement())));

/// A guard for a policy of your own.
///
/// Succeeds if the request carries a valid token that the policy allows, or the method is one of `safe_methods`;
/// fails with 401, or 403 `insufficient_scope`. See [`Policy`](crate::Policy) for an example.
pub struct Require<P: Policy>(PhantomData<fn() -> P>);

formula!(Require<P: Policy>, decide::<P>, P::requirement());

/// What [`Lacks`] can ask about: [`Scopes`], [`Roles`], [`Permissions`].
#[diagnostic::on_unimplemented(
    message = "`Lacks<{Self}>`: only a list of names can be lacking",
    label = "not `Scopes<_>`, `Roles<_>` or `Permissions<_>`",
    note = "write `Lacks<Roles<Suspended>>`; to deny what a formula allows, write a `Policy` and use `Require`"
)]
pub trait NameList: Policy {
    #[doc(hidden)]
    fn is_readable(token: &ValidToken) -> bool;
    #[doc(hidden)]
    fn is_mentioned(token: &ValidToken) -> bool;
}

impl<S: ScopeList> NameList for Scopes<S> {
    fn is_readable(token: &ValidToken) -> bool {
        token.verified().scopes().is_readable()
    }
    fn is_mentioned(token: &ValidToken) -> bool {
        token.verified().scopes().mentions_any(Self::NAMES)
    }
}

impl<R: RoleList> NameList for Roles<R> {
    fn is_readable(token: &ValidToken) -> bool {
        token.verified().roles().is_readable()
    }
    fn is_mentioned(token: &ValidToken) -> bool {
        token.verified().roles().mentions_any(Self::NAMES)
    }
}

impl<P: PermissionList> NameList for Permissions<P> {
    fn is_readable(token: &ValidToken) -> bool {
        token.verified().permissions().is_readable()
    }
    fn is_mentioned(token: &ValidToken) -> bool {
        token.verified().permissions().mentions_any(Self::NAMES)
    }
}

/// A tuple of one to eight policies, for [`Any`] and [`All`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of one to eight policies",
    label = "expected a tuple such as `(Scopes<A>, Roles<B>)`",
    note = "one policy alone needs its comma: `(Scopes<A>,)`",
    note = "for more than eight, nest: `Any<(Any<(…)>, Any<(…)>)>`; every part must be a `Policy`"
)]
pub trait Policies: Send + Sync + 'static {
    #[doc(hidden)]
    fn any(token: &ValidToken) -> Decision;
    #[doc(hidden)]
    fn all(token: &ValidToken) -> Decision;
    #[doc(hidden)]
    fn requirements() -> Vec<Requirement>;
}

macro_rules! tuples {
    ($($policy:ident)+) => {
        impl<$($policy: Policy),+> Policies for ($($policy,)+) {
            fn any(token: &ValidToken) -> Decision {
                ($(decide::<$policy>(token) == Decision::Allow)||+).into()
            }
            fn all(token: &ValidToken) -> Decision {
                ($(decide::<$policy>(token) == Decision::Allow)&&+).into()
            }
            fn requirements() -> Vec<Requirement> {
                vec![$($policy::requirement()),+]
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
