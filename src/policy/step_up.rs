//! Step-up (RFC 9470): policies about the user's authentication, which the user can repeat.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::{Decision, Policy, Requirement};
use crate::claims::find_claim;
use crate::json::Value;
use crate::token::ValidToken;

/// A list of authentication levels; declare one with [`acrs!`](crate::acrs).
///
/// ```
/// use axioms_rocket::AcrList;
///
/// enum Strong {}
///
/// impl AcrList for Strong {
///     const ACRS: &'static [&'static str] = &["phr", "mfa"];
/// }
/// ```
///
/// ```compile_fail,E0080
/// # use axioms_rocket::{Acr, AcrList, Policy};
/// enum TwoInOne {}
///
/// impl AcrList for TwoInOne {
///     const ACRS: &'static [&'static str] = &["phr mfa"];
/// }
/// # let _ = Acr::<TwoInOne>::requirement();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of authentication levels",
    label = "this marker is of another kind",
    note = "declare it with `axioms_rocket::acrs! {{ pub Strong = \"phr\" | \"mfa\"; }}`"
)]
pub trait AcrList: 'static {
    /// The values of `acr`, any of which is enough, in the order of preference. An empty list, an
    /// empty name, or one with a space, a quote, a backslash or a character outside of ASCII does
    /// not compile: a challenge could not ask for it (RFC 9470 §3).
    ///
    /// ```
    /// use axioms_rocket::AcrList;
    ///
    /// axioms_rocket::acrs! { Strong = "phr" | "mfa"; }
    /// assert_eq!(Strong::ACRS, ["phr", "mfa"]);
    /// ```
    const ACRS: &'static [&'static str];
}

/// A list of authentication methods; declare one with [`amrs!`](crate::amrs).
///
/// ```
/// use axioms_rocket::AmrList;
///
/// enum SecondFactor {}
///
/// impl AmrList for SecondFactor {
///     const AMRS: &'static [&'static str] = &["otp", "hwk"];
/// }
/// ```
///
/// ```compile_fail,E0080
/// # use axioms_rocket::{Amr, AmrList, Policy};
/// enum Nothing {}
///
/// impl AmrList for Nothing {
///     const AMRS: &'static [&'static str] = &[];
/// }
/// # let _ = Amr::<Nothing>::requirement();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of authentication methods",
    label = "this marker is of another kind",
    note = "declare it with `axioms_rocket::amrs! {{ pub SecondFactor = \"otp\" | \"hwk\"; }}`"
)]
pub trait AmrList: 'static {
    /// The methods, any of which is enough (RFC 8176 §2). An empty list, or an empty name, does not
    /// compile.
    ///
    /// ```
    /// use axioms_rocket::AmrList;
    ///
    /// axioms_rocket::amrs! { SecondFactor = "otp" | "hwk"; }
    /// assert_eq!(SecondFactor::AMRS, ["otp", "hwk"]);
    /// ```
    const AMRS: &'static [&'static str];
}

/// The user authenticated at one of the levels that `A` lists: the claim `acr` (RFC 9068 §2.2.1).
///
/// As a guard: **succeeds if** the request carries a valid token whose `acr` is one of the list, or
/// the method is one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken)
/// does; with another `acr`, none, or one that is no string, with 401
/// `insufficient_user_authentication`, whose challenge asks for the list in its order:
/// `acr_values="phr mfa"` (RFC 9470 §3). It is 403 `insufficient_scope` if another guard of the
/// route denies the token anyway. Levels are compared whole: no level implies another one, so a
/// list names each that is enough.
///
/// ```
/// # use rocket::post;
/// use axioms_rocket::{Acr, Scopes};
///
/// axioms_rocket::acrs! { pub Strong = "phr" | "mfa"; }
/// axioms_rocket::scopes! { pub Transfer = "transfer"; }
///
/// #[post("/transfers")]
/// fn transfer(_may: Scopes<Transfer>, _level: Acr<Strong>) -> &'static str {
///     "transferred"
/// }
/// ```
pub struct Acr<A: AcrList>(PhantomData<fn() -> A>);

impl<A: AcrList> Acr<A> {
    pub(crate) fn granted() -> Self {
        Acr(PhantomData)
    }

    /// Compiles only for a list that can be satisfied and asked for.
    const NAMES: &'static [&'static str] = {
        super::declare::check_plain(A::ACRS, true);
        A::ACRS
    };
}

impl<A: AcrList> fmt::Debug for Acr<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Acr({})", Self::requirement())
    }
}

impl<A: AcrList> Policy for Acr<A> {
    fn decide(token: &ValidToken) -> Decision {
        or_step_up(has_acr(token, Self::NAMES))
    }

    fn requirement() -> Requirement {
        Requirement::Acr(Self::NAMES)
    }
}

/// The user authenticated with one of the methods that `A` lists: the claim `amr`, an array of
/// strings (RFC 8176).
///
/// As a guard: **succeeds if** the request carries a valid token whose `amr` contains one of the
/// list, or the method is one of `safe_methods`. **Fails with** 401 as
/// [`ValidToken`](crate::ValidToken) does; else with 401 `insufficient_user_authentication`,
/// without `acr_values`: RFC 9470 has no parameter for methods. Prefer [`Acr`] if the authorization
/// server knows levels: its challenge tells a client what to ask for.
///
/// ```
/// # use rocket::post;
/// use axioms_rocket::Amr;
///
/// axioms_rocket::amrs! { pub SecondFactor = "otp" | "hwk"; }
///
/// #[post("/keys")]
/// fn add_key(_methods: Amr<SecondFactor>) -> &'static str {
///     "added"
/// }
/// ```
pub struct Amr<A: AmrList>(PhantomData<fn() -> A>);

impl<A: AmrList> Amr<A> {
    pub(crate) fn granted() -> Self {
        Amr(PhantomData)
    }

    /// Compiles only for a list that can be satisfied.
    const NAMES: &'static [&'static str] = {
        super::declare::check_plain(A::AMRS, false);
        A::AMRS
    };
}

impl<A: AmrList> fmt::Debug for Amr<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amr({})", Self::requirement())
    }
}

impl<A: AmrList> Policy for Amr<A> {
    fn decide(token: &ValidToken) -> Decision {
        or_step_up(has_amr(token, Self::NAMES))
    }

    fn requirement() -> Requirement {
        Requirement::Amr(Self::NAMES)
    }
}

/// The user authenticated less than so many seconds ago: the claim `auth_time` (RFC 9068 §2.2.1).
///
/// As a guard: **succeeds if** the request carries a valid token and `auth_time` + `SECONDS` + the
/// setting `leeway` is later than now, or the method is one of `safe_methods`. **Fails with** 401
/// as [`ValidToken`](crate::ValidToken) does; later, and without an `auth_time` that is a number
/// and not in the future, with 401 `insufficient_user_authentication` and `max_age="300"`
/// (RFC 9470 §3). It is decided for each request, however long the token is valid and remembered.
/// 0 seconds do not compile.
///
/// ```
/// # use rocket::delete;
/// use axioms_rocket::MaxAuthAge;
///
/// #[delete("/account")]
/// fn close(_recent: MaxAuthAge<300>) -> &'static str {
///     "closed"
/// }
/// ```
///
/// ```compile_fail,E0080
/// # use axioms_rocket::{MaxAuthAge, Policy};
/// let _ = MaxAuthAge::<0>::requirement();
/// ```
pub struct MaxAuthAge<const SECONDS: u64>(());

impl<const SECONDS: u64> MaxAuthAge<SECONDS> {
    pub(crate) fn granted() -> Self {
        MaxAuthAge(())
    }

    /// Compiles only for an age that a token can have.
    const CHECKED: u64 = {
        assert!(
            SECONDS > 0,
            "an authentication that is 0 seconds old can hardly be presented: name at least 1"
        );
        SECONDS
    };
}

impl<const SECONDS: u64> fmt::Debug for MaxAuthAge<SECONDS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaxAuthAge({})", Self::requirement())
    }
}

impl<const SECONDS: u64> Policy for MaxAuthAge<SECONDS> {
    fn decide(token: &ValidToken) -> Decision {
        or_step_up(token.is_authenticated_within(Duration::from_secs(Self::CHECKED)))
    }

    fn requirement() -> Requirement {
        Requirement::MaxAuthAge(Self::CHECKED)
    }
}

fn or_step_up(holds: bool) -> Decision {
    if holds {
        Decision::Allow
    } else {
        Decision::StepUp
    }
}

/// Returns true if `acr` is one of `names`.
pub(crate) fn has_acr(token: &ValidToken, names: &[&str]) -> bool {
    let acr = find_claim(token.view().raw(), "acr").and_then(Value::string);
    acr.is_some_and(|acr| names.contains(&acr.as_ref()))
}

/// Returns true if `amr` is an array of strings with one of `names`.
pub(super) fn has_amr(token: &ValidToken, names: &[&str]) -> bool {
    let Some(Value::Array(amr)) = find_claim(token.view().raw(), "amr") else {
        return false;
    };
    let is_text = |item| matches!(item, Value::String(_));
    let is_listed = |item: Value<'_>| {
        item.string()
            .is_some_and(|item| names.contains(&item.as_ref()))
    };
    amr.items().all(is_text) && amr.items().any(is_listed)
}
