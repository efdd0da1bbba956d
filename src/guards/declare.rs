//! `guard!`: a guard of the user's own, declared.

use rocket::request::FromRequest;
use rocket::{Ignite, Rocket};

use super::guard::{Guard, declaration};
use crate::policy::Requirement;
use crate::request::{Declaration, handled, probed};

/// For the sentinel of `G`, a guard like `L` that fails with an `E`; `name` is for the log.
#[doc(hidden)]
pub fn abort<G: FromRequest<'static> + 'static, L: Guard>(
    rocket: &Rocket<Ignite>,
    name: &str,
) -> bool
where
    G::Error: 'static,
{
    let declaration = || Declaration {
        handled: handled::<G, G::Error>(),
        ..declaration::<L>()
    };
    probed(rocket, declaration).unwrap_or_else(|| L::aborts(rocket, name))
}

/// Returns the requirement of a guard that asks `inner` and then its own rule, `words`.
#[doc(hidden)]
#[must_use]
pub fn and_words(inner: Option<Requirement>, words: &'static str) -> Requirement {
    let own = Requirement::Custom(words);
    match inner {
        None => own,
        Some(Requirement::All(parts)) if !parts.is_empty() => {
            Requirement::All([parts, vec![own]].concat())
        }
        Some(inner) => Requirement::All(vec![inner, own]),
    }
}

/// Declares guards of your own, so that they are known at launch.
///
/// `CurrentUser = ValidToken;` says that `CurrentUser`, which implements `FromRequest`, asks
/// `ValidToken` first. It implements [`Guard`](crate::Guard), with the requirement of the guard on
/// the right, and `rocket::Sentinel`. From then on
///
/// - [`RouteReport`](crate::RouteReport) shows the guard with its requirement, and the challenge
///   and the documents of its routes have it;
/// - [`deny_unguarded`](crate::AxiomsFairing::deny_unguarded) takes its routes as declared;
/// - a launch without the fairing, or with an unknown issuer name, aborts;
/// - it can guard a group: [`protect`](crate::protect), [`Optional`](crate::Optional),
///   [`Unless`](crate::Unless).
///
/// A type that is also a `Responder`, `FromParam` or `FromData` does not compile: in a signature,
/// Rocket does not tell such a use from a guard.
///
/// | declaration | for |
/// | --- | --- |
/// | `CurrentUser = ValidToken;` | a guard that asks another one, or a formula, first |
/// | `&CurrentUser = ValidToken;` | the guard `&CurrentUser` (request-local state); no `Guard` |
/// | `Tenant = ValidToken, "a tenant";` | a guard that asks another one, and a rule of its own |
/// | `Weekday = "a weekday";` | a guard with a requirement in words, with or without a token |
/// | `Paid;` | a guard that implements [`Guard`](crate::Guard) by itself |
///
/// The declaration has to be true: what the guard asks is its own code. Words alone do not say
/// that it reads a token, and no document claims it then; name the guard that it asks. A generic
/// guard implements both traits by hand, and its `abort` returns that of the inner guard.
///
/// ```
/// # use rocket::{get, routes};
/// # use rocket::request::{FromRequest, Outcome, Request};
/// use axioms_rocket::{AuthError, RouteReport, ValidToken};
///
/// struct CurrentUser(String);
///
/// #[rocket::async_trait]
/// impl<'r> FromRequest<'r> for CurrentUser {
///     type Error = AuthError;
///
///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
///         let token = request.guard::<ValidToken>().await;
///         token.map(|token| CurrentUser(token.subject().unwrap_or_default().to_owned()))
///     }
/// }
///
/// axioms_rocket::guard! { CurrentUser = ValidToken; }
///
/// #[get("/me")]
/// fn me(user: CurrentUser) -> String { user.0 }
///
/// let report = RouteReport::of(&rocket::build().mount("/", routes![me]));
/// assert_eq!(report.routes()[0].requirement().unwrap().to_string(), "a valid token");
/// ```
#[macro_export]
macro_rules! guard {
    (@each) => {};
    (@each & $guard:ty = $like:ty; $($rest:tt)*) => {
        $crate::__guard_sentinel! { &$guard, $like }
        $crate::guard! { @each $($rest)* }
    };
    (@each $guard:ty = $words:literal; $($rest:tt)*) => {
        impl $crate::Guard for $guard {
            fn requirement() -> $crate::Requirement {
                $crate::Requirement::Custom($words)
            }
        }
        $crate::__guard_sentinel! { $guard, $guard }
        $crate::guard! { @each $($rest)* }
    };
    (@each $guard:ty = $like:ty, $words:literal; $($rest:tt)*) => {
        impl $crate::Guard for $guard {
            fn requirement() -> $crate::Requirement {
                let inner = <$like as $crate::Guard>::requirement();
                $crate::__and_words(::core::option::Option::Some(inner), $words)
            }

            fn requirement_for(
                method: $crate::__Method,
                safe: bool,
            ) -> ::core::option::Option<$crate::Requirement> {
                let inner = <$like as $crate::Guard>::requirement_for(method, safe);
                ::core::option::Option::Some($crate::__and_words(inner, $words))
            }

            fn aborts(rocket: &$crate::__Rocket<$crate::__Ignite>, guard: &str) -> bool {
                <$like as $crate::Guard>::aborts(rocket, guard)
            }
        }
        $crate::__guard_sentinel! { $guard, $guard }
        $crate::guard! { @each $($rest)* }
    };
    (@each $guard:ty = $like:ty; $($rest:tt)*) => {
        impl $crate::Guard for $guard {
            fn requirement() -> $crate::Requirement {
                <$like as $crate::Guard>::requirement()
            }

            fn requirement_for(
                method: $crate::__Method,
                safe: bool,
            ) -> ::core::option::Option<$crate::Requirement> {
                <$like as $crate::Guard>::requirement_for(method, safe)
            }

            fn decision()
            -> ::core::option::Option<fn(&$crate::ValidToken) -> $crate::Decision> {
                <$like as $crate::Guard>::decision()
            }

            fn aborts(rocket: &$crate::__Rocket<$crate::__Ignite>, guard: &str) -> bool {
                <$like as $crate::Guard>::aborts(rocket, guard)
            }
        }
        $crate::__guard_sentinel! { $guard, $like }
        $crate::guard! { @each $($rest)* }
    };
    (@each $guard:ty; $($rest:tt)*) => {
        $crate::__guard_sentinel! { $guard, $guard }
        $crate::guard! { @each $($rest)* }
    };
    (@each $($other:tt)*) => {
        ::core::compile_error!(
            "expected `guard! { CurrentUser = ValidToken; }`: your guard, `=`, the guard that it \
             asks, and `;` at the end"
        );
    };
    () => {
        ::core::compile_error!(
            "declare at least one guard, as in `guard! { CurrentUser = ValidToken; }`"
        );
    };
    ($($all:tt)+) => {
        $crate::guard! { @each $($all)+ }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __guard_sentinel {
    (&$guard:ty, $like:ty) => {
        impl $crate::__Sentinel for &$guard {
            fn abort(rocket: &$crate::__Rocket<$crate::__Ignite>) -> bool {
                $crate::__abort_of_guard::<&'static $guard, $like>(rocket, stringify!($guard))
            }
        }
    };
    ($guard:ty, $like:ty) => {
        // Rocket asks the sentinels of all types in a signature: of a type that is also a response
        // or a parameter it does not tell that no guard is asked.
        const _: () = {
            trait AGuardIsNoResponderAndNoFromParamOrFromData<Other> {
                const CHECK: () = ();
            }
            struct Response;
            struct Parameter;
            struct Body;
            impl<T> AGuardIsNoResponderAndNoFromParamOrFromData<()> for T {}
            impl<'r, 'o: 'r, T: $crate::__Responder<'r, 'o>>
                AGuardIsNoResponderAndNoFromParamOrFromData<Response> for T
            {
            }
            impl<'r, T: $crate::__FromParam<'r>>
                AGuardIsNoResponderAndNoFromParamOrFromData<Parameter> for T
            {
            }
            impl<'r, T: $crate::__FromData<'r>> AGuardIsNoResponderAndNoFromParamOrFromData<Body>
                for T
            {
            }
            <$guard as AGuardIsNoResponderAndNoFromParamOrFromData<_>>::CHECK
        };
        impl $crate::__Sentinel for $guard {
            fn abort(rocket: &$crate::__Rocket<$crate::__Ignite>) -> bool {
                $crate::__abort_of_guard::<$guard, $like>(rocket, stringify!($guard))
            }
        }
    };
}
