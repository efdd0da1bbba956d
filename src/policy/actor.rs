//! Policies about the party that acts for the subject: `act` (RFC 8693 §4.1).

use std::fmt;
use std::marker::PhantomData;

use super::{Decision, Policy, Requirement};
use crate::token::{Actor, ValidToken};

/// A list of acting parties; declare one with [`actors!`](crate::actors).
///
/// ```
/// use axioms_rocket::ActorList;
///
/// enum Support {}
///
/// impl ActorList for Support {
///     const ACTORS: &'static [&'static str] = &["support-desk"];
/// }
/// ```
///
/// ```compile_fail,E0080
/// # use axioms_rocket::{ActedBy, ActorList, Policy};
/// enum WithAnEmptyName {}
///
/// impl ActorList for WithAnEmptyName {
///     const ACTORS: &'static [&'static str] = &["support-desk", ""];
/// }
/// # let _ = ActedBy::<WithAnEmptyName>::requirement();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of actors",
    label = "this marker is of another kind",
    note = "declare it with `axioms_rocket::actors! {{ pub Support = \"support-desk\"; }}`"
)]
pub trait ActorList: 'static {
    /// The subjects (`act.sub`), any of which is enough. An empty list, or an empty name, does not
    /// compile.
    ///
    /// ```
    /// use axioms_rocket::ActorList;
    ///
    /// axioms_rocket::actors! { Support = "support-desk" | "night-shift"; }
    /// assert_eq!(Support::ACTORS, ["support-desk", "night-shift"]);
    /// ```
    const ACTORS: &'static [&'static str];
}

/// The subject acts itself: the token has no claim `act` (RFC 8693 §4.1).
///
/// A claim `act` of any value, null and malformed ones included, does not satisfy it. `may_act`
/// only says who could act: it is not looked at.
///
/// As a guard: **succeeds if** the request carries a valid token without `act`, or the method is
/// one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken) does, or 403
/// `insufficient_scope`.
///
/// ```
/// # use rocket::post;
/// use axioms_rocket::Direct;
///
/// #[post("/password")]
/// fn change(_in_person: Direct) -> &'static str {
///     "changed, and not by the support desk"
/// }
/// ```
pub struct Direct(());

impl Direct {
    pub(crate) fn granted() -> Self {
        Direct(())
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Direct")
    }
}

impl Policy for Direct {
    fn decide(token: &ValidToken) -> Decision {
        is_direct(token).into()
    }

    fn requirement() -> Requirement {
        Requirement::Direct
    }
}

/// One of the parties that `C` lists acts for the subject: `act.sub` (RFC 8693 §4.1).
///
/// The outermost actor alone decides: nested ones are the history of a chain, for information. The
/// list names subjects of the token's own issuer. So an `act` with the `iss` of another issuer does
/// not satisfy it, nor one that is no object or whose `sub` is no string. With several issuers
/// write [`IssuedBy<I, ActedBy<C>>`](crate::IssuedBy): a subject is unique within its issuer only.
///
/// As a guard: **succeeds if** the request carries a valid token with one of these actors, or the
/// method is one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken) does,
/// or 403 `insufficient_scope`.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::{ActedBy, Any, Direct};
///
/// axioms_rocket::actors! { pub Support = "support-desk"; }
///
/// /// The user, or the support desk for the user.
/// #[get("/orders")]
/// fn orders(_by: Any<(Direct, ActedBy<Support>)>) -> &'static str {
///     "orders"
/// }
/// ```
pub struct ActedBy<C: ActorList>(PhantomData<fn() -> C>);

impl<C: ActorList> ActedBy<C> {
    pub(crate) fn granted() -> Self {
        ActedBy(PhantomData)
    }

    /// Compiles only for a list that can be satisfied.
    const NAMES: &'static [&'static str] = {
        super::declare::check_plain(C::ACTORS, false);
        C::ACTORS
    };
}

impl<C: ActorList> fmt::Debug for ActedBy<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActedBy({})", Self::requirement())
    }
}

impl<C: ActorList> Policy for ActedBy<C> {
    fn decide(token: &ValidToken) -> Decision {
        is_acted_by(token, Self::NAMES).into()
    }

    fn requirement() -> Requirement {
        Requirement::ActedBy(Self::NAMES)
    }
}

/// Returns true if the token has no claim `act`.
pub(super) fn is_direct(token: &ValidToken) -> bool {
    token.acting_party() == Actor::Absent
}

/// Returns true if the outermost actor is one of `names`.
pub(super) fn is_acted_by(token: &ValidToken, names: &[&str]) -> bool {
    match token.acting_party() {
        Actor::Subject(actor) => names.contains(&actor.as_ref()),
        Actor::Absent | Actor::Unknown => false,
    }
}
