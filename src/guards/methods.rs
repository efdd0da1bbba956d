//! Guards that depend on the HTTP method.

use std::fmt;
use std::marker::PhantomData;

use rocket::http::Method;
use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::authorize::{GuardFuture, authorize_any_method};
use super::guard::{Guard, declaration, declaration_with_error};
use super::policies::abort_for;
use crate::error::AuthError;
use crate::policy::{Decision, Policy, Requirement, decide};
use crate::request::{lists_method, note_exempt, probed};
use crate::token::ValidToken;

/// A list of HTTP methods for [`Unless`]; declare one with [`methods!`](crate::methods).
///
/// ```
/// use axioms_rocket::MethodList;
/// use rocket::http::Method;
///
/// enum Reads {}
///
/// impl MethodList for Reads {
///     const METHODS: &'static [Method] = &[Method::Get, Method::Options];
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of HTTP methods",
    label = "this marker is of another kind",
    note = "declare it with `axioms_rocket::methods! {{ pub Reads = Get | Head | Options; }}`"
)]
pub trait MethodList: 'static {
    /// The methods. GET contains HEAD.
    ///
    /// ```
    /// use axioms_rocket::MethodList;
    /// use rocket::http::Method;
    ///
    /// axioms_rocket::methods! { Reads = Get | Options; }
    /// assert_eq!(Reads::METHODS, [Method::Get, Method::Options]);
    /// ```
    const METHODS: &'static [Method];
}

/// The guard `G`, skipped for the methods that `M` lists.
///
/// **Succeeds if** the method is one of `M` (credentials are not read then, not even invalid ones),
/// or `G` succeeds. **Fails** as `G` does. Unlike `safe_methods` it applies to one route or group,
/// and skips any guard, `ValidToken` included.
///
/// HEAD is skipped where GET is.
///
/// ```
/// # use rocket::{get, post, routes, Route};
/// use axioms_rocket::{Unless, ValidToken, protect};
///
/// axioms_rocket::methods! { pub Reads = Get | Head | Options; }
///
/// #[get("/notes")]
/// fn list() -> &'static str { "anyone may read" }
///
/// #[post("/notes")]
/// fn write() -> &'static str { "only the signed-in may write" }
///
/// fn notes() -> Vec<Route> {
///     protect::<Unless<Reads, ValidToken>>(routes![list, write])
/// }
/// ```
pub struct Unless<M: MethodList, G>(Option<G>, PhantomData<fn() -> M>);

impl<M: MethodList, G> Unless<M, G> {
    /// Returns the guard; `None` if it was skipped.
    ///
    /// ```
    /// # use axioms_rocket::{Unless, ValidToken};
    /// # axioms_rocket::methods! { Reads = Get; }
    /// fn token(unless: Unless<Reads, ValidToken>) -> Option<ValidToken> {
    ///     unless.into_inner()
    /// }
    /// ```
    pub fn into_inner(self) -> Option<G> {
        self.0
    }

    /// Returns a reference to the guard; `None` if it was skipped.
    ///
    /// ```
    /// # use axioms_rocket::{Unless, ValidToken};
    /// # axioms_rocket::methods! { Reads = Get; }
    /// fn subject(unless: &Unless<Reads, ValidToken>) -> Option<&str> {
    ///     unless.as_ref()?.subject()
    /// }
    /// ```
    pub fn as_ref(&self) -> Option<&G> {
        self.0.as_ref()
    }
}

impl<M: MethodList, G: fmt::Debug> fmt::Debug for Unless<M, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Unless").field(&self.0).finish()
    }
}

#[rocket::async_trait]
impl<'r, M: MethodList, G: FromRequest<'r>> FromRequest<'r> for Unless<M, G> {
    type Error = G::Error;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, G::Error> {
        if lists_method(M::METHODS, request.method()) {
            note_exempt(request);
            return Outcome::Success(Unless(None, PhantomData));
        }
        G::from_request(request)
            .await
            .map(|granted| Unless(Some(granted), PhantomData))
    }
}

impl<M: MethodList, G: Guard> Sentinel for Unless<M, G> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        probed(rocket, declaration::<Self>).unwrap_or_else(|| G::aborts(rocket, "Unless"))
    }
}

impl<M: MethodList, G: Guard> Guard for Unless<M, G> {
    fn requirement() -> Requirement {
        let methods = M::METHODS.iter().map(|method| method.as_str());
        Requirement::Unless(methods.collect(), Box::new(G::requirement()))
    }

    fn skips(method: Method, safe: bool) -> bool {
        lists_method(M::METHODS, method) || G::skips(method, safe)
    }

    fn requirement_for(method: Method, safe: bool) -> Option<Requirement> {
        match lists_method(M::METHODS, method) {
            true => None,
            false => G::requirement_for(method, safe),
        }
    }

    fn decision() -> Option<fn(&ValidToken) -> Decision> {
        G::decision()
    }

    fn aborts(rocket: &Rocket<Ignite>, guard: &str) -> bool {
        G::aborts(rocket, guard)
    }
}

/// The policy `P`, for every method: `safe_methods` do not apply to it.
///
/// **Succeeds if** the request carries a valid token that `P` allows. **Fails with** 401, or 403
/// `insufficient_scope`.
///
/// ```
/// # use rocket::options;
/// use axioms_rocket::{Always, Authenticated};
///
/// #[options("/inventory")]
/// fn inventory(_user: Always<Authenticated>) -> &'static str {
///     "even OPTIONS needs a token here"
/// }
/// ```
pub struct Always<P: Policy>(PhantomData<fn() -> P>);

impl<P: Policy> fmt::Debug for Always<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Always({})", P::requirement())
    }
}

impl<'r, P: Policy> FromRequest<'r> for Always<P> {
    type Error = AuthError;

    fn from_request<'q, 'a>(request: &'r Request<'q>) -> GuardFuture<'a, Self>
    where
        'r: 'a,
        'q: 'a,
        Self: 'a,
    {
        authorize_any_method::<P, Self>(request, || Always(PhantomData))
    }
}

impl<P: Policy> Sentinel for Always<P> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        probed(rocket, declaration_with_error::<Self, AuthError>)
            .unwrap_or_else(|| abort_for(rocket, "Always", &P::requirement()))
    }
}

impl<P: Policy> Guard for Always<P> {
    fn requirement() -> Requirement {
        P::requirement().of_token()
    }

    fn decision() -> Option<fn(&ValidToken) -> Decision> {
        Some(decide::<P>)
    }
}

/// Declares lists of HTTP methods for [`Unless`](crate::Unless), by the names of
/// `rocket::http::Method`.
///
/// ```
/// axioms_rocket::methods! { pub Reads = Get | Head | Options; }
/// ```
#[macro_export]
macro_rules! methods {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $($method:ident)|+;)+) => {
        $(
            $(#[$meta])*
            #[doc = concat!("HTTP methods: ", $("`", stringify!($method), "` ",)+)]
            #[allow(dead_code, reason = "a marker is a name, never a value")]
            $vis enum $name {}

            impl $crate::MethodList for $name {
                const METHODS: &'static [$crate::__Method] = &[$($crate::__method!($method)),+];
            }
        )+
    };
    ($($other:tt)*) => {
        ::core::compile_error!("expected `methods! { pub Reads = Get | Head | Options; }`");
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __method {
    (Get) => {
        $crate::__Method::Get
    };
    (Put) => {
        $crate::__Method::Put
    };
    (Post) => {
        $crate::__Method::Post
    };
    (Delete) => {
        $crate::__Method::Delete
    };
    (Options) => {
        $crate::__Method::Options
    };
    (Head) => {
        $crate::__Method::Head
    };
    (Trace) => {
        $crate::__Method::Trace
    };
    (Connect) => {
        $crate::__Method::Connect
    };
    (Patch) => {
        $crate::__Method::Patch
    };
    ($other:ident) => {
        ::core::compile_error!(concat!(
            "`",
            stringify!($other),
            "` is not an HTTP method that Rocket knows: use ",
            "Get, Put, Post, Delete, Options, Head, Trace, Connect or Patch"
        ))
    };
}
