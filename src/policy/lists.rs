//! Lists of scopes, roles and permissions: marker types with one const each, and the guards over
//! them.

use std::fmt;
use std::marker::PhantomData;

use super::algebra::negation::Lacking;
use super::{ClaimKind, Decision, NameList, Policy, Requirement, sealed};
use crate::claims::Names;
use crate::token::ValidToken;

/// Returns the names of `kind` in `token`.
pub(super) fn names(token: &ValidToken, kind: ClaimKind) -> Names<'_> {
    match kind {
        ClaimKind::Scope => token.verified().scopes(),
        ClaimKind::Role => token.verified().roles(),
        ClaimKind::Permission => token.verified().permissions(),
    }
}

/// Returns true if the claim can be read and mentions no name of either list.
pub(super) fn lacks(held: Names<'_>, names: &[&str], implied_by: &[&str]) -> bool {
    held.is_readable() && !held.mentions_any(names) && !held.mentions_any(implied_by)
}

/// Implements `Debug`, `Policy` and `NameList` for a list guard.
macro_rules! list {
    ($guard:ident<$marker:ident: $list:ident>, $NAMES:ident, $kind:ident, $claim:ident) => {
        impl<$marker: $list> $guard<$marker> {
            pub(crate) fn granted() -> Self {
                Self(PhantomData)
            }

            /// Compiles only for a list that can be satisfied.
            const NAMES: &'static [&'static str] = {
                super::declare::check($marker::$NAMES, $marker::IMPLIED_BY, ClaimKind::$kind);
                $marker::$NAMES
            };
        }

        impl<$marker: $list> fmt::Debug for $guard<$marker> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($guard), Self::requirement())
            }
        }

        impl<$marker: $list> Policy for $guard<$marker> {
            fn decide(token: &ValidToken) -> Decision {
                let names = token.verified().$claim();
                let implied =
                    || !$marker::IMPLIED_BY.is_empty() && names.has_any($marker::IMPLIED_BY);
                (names.has_any(Self::NAMES) || implied()).into()
            }

            fn requirement() -> Requirement {
                Requirement::list(ClaimKind::$kind, Self::NAMES, $marker::IMPLIED_BY)
            }

            const BUILT_IN: sealed::BuiltIn = sealed::BuiltIn(true);
        }

        impl<$marker: $list> NameList for $guard<$marker> {}

        impl<$marker: $list> Lacking for $guard<$marker> {
            fn lacks(token: &ValidToken) -> Decision {
                let names = token.verified().$claim();
                lacks(names, Self::NAMES, $marker::IMPLIED_BY).into()
            }
        }
    };
}

/// A list of scopes; declare one with [`scopes!`](crate::scopes).
///
/// A list written by hand is checked where a guard names it: an empty list, or an empty name, does
/// not compile.
///
/// ```
/// # use axioms_rocket::{Policy, ScopeList, Scopes};
/// enum Read {}
///
/// impl ScopeList for Read {
///     const SCOPES: &'static [&'static str] = &["read"];
/// }
/// # let _ = <Scopes<Read> as Policy>::requirement();
/// ```
///
/// ```compile_fail,E0080
/// # use axioms_rocket::{Policy, ScopeList, Scopes};
/// enum Nothing {}
///
/// impl ScopeList for Nothing {
///     const SCOPES: &'static [&'static str] = &[];
/// }
/// # let _ = <Scopes<Nothing> as Policy>::requirement();
/// ```
///
/// ```compile_fail,E0080
/// # use axioms_rocket::{Policy, ScopeList, Scopes};
/// enum Repeated {}
///
/// impl ScopeList for Repeated {
///     const SCOPES: &'static [&'static str] = &["read"];
///     const IMPLIED_BY: &'static [&'static str] = &["write", "read"];
/// }
/// # let _ = <Scopes<Repeated> as Policy>::requirement();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of scopes",
    label = "this marker is of another kind",
    note = "declare it with `axioms_rocket::scopes! {{ pub Name = \"read\" | \"write\"; }}`"
)]
pub trait ScopeList: 'static {
    /// The names, any of which is enough (RFC 6749 §3.3). An empty list, or an empty name, does not
    /// compile.
    ///
    /// ```
    /// use axioms_rocket::ScopeList;
    ///
    /// axioms_rocket::scopes! { Profile = "openid" | "profile"; }
    /// assert_eq!(Profile::SCOPES, ["openid", "profile"]);
    /// ```
    const SCOPES: &'static [&'static str];

    /// Further names that are enough, since each implies those above; a client is never asked for
    /// them. Default: none. An empty name, or one of the names above, does not compile.
    ///
    /// ```
    /// use axioms_rocket::ScopeList;
    ///
    /// axioms_rocket::scopes! { Lesser = "files:read" implied by "files:write"; }
    /// assert_eq!(Lesser::IMPLIED_BY, ["files:write"]);
    /// ```
    const IMPLIED_BY: &'static [&'static str] = &[];
}

/// The token holds **any** of the scopes that `S` lists.
///
/// **Succeeds if** the request carries a valid token with at least one of the scopes, or the method
/// is one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken) does, or 403
/// `insufficient_scope`. The challenge asks for the first name of the list (RFC 6750 §3.1).
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::Scopes;
///
/// axioms_rocket::scopes! {
///     /// May read resources.
///     pub Read = "read:resource" | "read:all";
/// }
///
/// #[get("/resource")]
/// fn read(_scope: Scopes<Read>) -> &'static str {
///     "the resource"
/// }
/// ```
pub struct Scopes<S: ScopeList>(PhantomData<fn() -> S>);

list!(Scopes<S: ScopeList>, SCOPES, Scope, scopes);

/// A list of roles; declare one with [`roles!`](crate::roles).
///
/// ```
/// use axioms_rocket::RoleList;
///
/// enum Editor {}
///
/// impl RoleList for Editor {
///     const ROLES: &'static [&'static str] = &["editor", "admin"];
/// }
/// ```
///
/// ```compile_fail,E0080
/// # use axioms_rocket::{Policy, RoleList, Roles};
/// enum WithAnEmptyName {}
///
/// impl RoleList for WithAnEmptyName {
///     const ROLES: &'static [&'static str] = &["editor", ""];
/// }
/// # let _ = <Roles<WithAnEmptyName> as Policy>::requirement();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of roles",
    label = "this marker is of another kind",
    note = "declare it with `axioms_rocket::roles! {{ pub Name = \"editor\" | \"admin\"; }}`"
)]
pub trait RoleList: 'static {
    /// The names, any of which is enough. An empty list, or an empty name, does not compile.
    ///
    /// ```
    /// use axioms_rocket::RoleList;
    ///
    /// axioms_rocket::roles! { Editor = "editor" | "admin"; }
    /// assert_eq!(Editor::ROLES, ["editor", "admin"]);
    /// ```
    const ROLES: &'static [&'static str];

    /// Further names that are enough, since each implies those above; a client is never asked for
    /// them. Default: none. An empty name, or one of the names above, does not compile.
    ///
    /// ```
    /// use axioms_rocket::RoleList;
    ///
    /// axioms_rocket::roles! { Lesser = "editor" implied by "admin"; }
    /// assert_eq!(Lesser::IMPLIED_BY, ["admin"]);
    /// ```
    const IMPLIED_BY: &'static [&'static str] = &[];
}

/// The token holds **any** of the roles that `R` lists.
///
/// **Succeeds if** the request carries a valid token with at least one of the roles, or the method
/// is one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken) does, or 403
/// `insufficient_scope`.
///
/// ```
/// # use rocket::post;
/// use axioms_rocket::Roles;
///
/// axioms_rocket::roles! { pub Editor = "editor" | "admin"; }
///
/// #[post("/articles")]
/// fn publish(_role: Roles<Editor>) -> &'static str {
///     "published"
/// }
/// ```
pub struct Roles<R: RoleList>(PhantomData<fn() -> R>);

list!(Roles<R: RoleList>, ROLES, Role, roles);

/// A list of permissions; declare one with [`permissions!`](crate::permissions).
///
/// ```
/// use axioms_rocket::PermissionList;
///
/// enum Create {}
///
/// impl PermissionList for Create {
///     const PERMISSIONS: &'static [&'static str] = &["sample:create"];
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of permissions",
    label = "this marker is of another kind",
    note = "declare it with `axioms_rocket::permissions! {{ pub Name = \"sample:read\"; }}`"
)]
pub trait PermissionList: 'static {
    /// The names, any of which is enough. An empty list, or an empty name, does not compile.
    ///
    /// ```
    /// use axioms_rocket::PermissionList;
    ///
    /// axioms_rocket::permissions! { Create = "sample:create"; }
    /// assert_eq!(Create::PERMISSIONS, ["sample:create"]);
    /// ```
    const PERMISSIONS: &'static [&'static str];

    /// Further names that are enough, since each implies those above; a client is never asked for
    /// them. Default: none. An empty name, or one of the names above, does not compile.
    ///
    /// ```
    /// use axioms_rocket::PermissionList;
    ///
    /// axioms_rocket::permissions! { Lesser = "sample:read" implied by "sample:*"; }
    /// assert_eq!(Lesser::IMPLIED_BY, ["sample:*"]);
    /// ```
    const IMPLIED_BY: &'static [&'static str] = &[];
}

/// The token holds **any** of the permissions that `P` lists.
///
/// **Succeeds if** the request carries a valid token with at least one of the permissions, or the
/// method is one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken) does,
/// or 403 `insufficient_scope`.
///
/// ```
/// # use rocket::delete;
/// use axioms_rocket::Permissions;
///
/// axioms_rocket::permissions! { pub DeleteSample = "sample:delete"; }
///
/// #[delete("/sample")]
/// fn remove(_may: Permissions<DeleteSample>) -> &'static str {
///     "Sample deleted."
/// }
/// ```
pub struct Permissions<P: PermissionList>(PhantomData<fn() -> P>);

list!(Permissions<P: PermissionList>, PERMISSIONS, Permission, permissions);
