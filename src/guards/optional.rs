//! `Optional`: passes without credentials, refuses invalid ones.

use rocket::http::Method;
use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::authorize::without_safe_methods;
use super::guard::{Guard, declaration};
use crate::policy::{Decision, Requirement};
use crate::request::{has_credentials, note_exempt, probed};
use crate::token::ValidToken;

/// The guard `G` for a request with credentials, `None` for one without.
///
/// **Succeeds if** the request has no bearer token (`None`), or `G` succeeds (`Some`). **Fails** as
/// `G` does: unlike Rocket's `Option`, it refuses an invalid token. `safe_methods` do not apply
/// inside of it: `Some` means that `G` passed, for every method.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::{Optional, ValidToken};
///
/// #[get("/feed")]
/// fn feed(token: Optional<ValidToken>) -> String {
///     match token.as_ref().and_then(ValidToken::subject) {
///         Some(subject) => format!("Welcome {subject}"),
///         None => "Welcome guest".into(),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Optional<G>(Option<G>);

impl<G> Optional<G> {
    /// Returns the guard; `None` without credentials.
    ///
    /// ```
    /// # use axioms_rocket::{Optional, ValidToken};
    /// fn token(optional: Optional<ValidToken>) -> Option<ValidToken> {
    ///     optional.into_inner()
    /// }
    /// ```
    pub fn into_inner(self) -> Option<G> {
        self.0
    }

    /// Returns a reference to the guard; `None` without credentials.
    ///
    /// ```
    /// # use axioms_rocket::{Optional, ValidToken};
    /// fn subject(optional: &Optional<ValidToken>) -> Option<&str> {
    ///     optional.as_ref()?.subject()
    /// }
    /// ```
    pub fn as_ref(&self) -> Option<&G> {
        self.0.as_ref()
    }
}

#[rocket::async_trait]
impl<'r, G: FromRequest<'r>> FromRequest<'r> for Optional<G> {
    type Error = G::Error;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, G::Error> {
        if !has_credentials(request) {
            note_exempt(request);
            return Outcome::Success(Optional(None));
        }
        without_safe_methods::<G>(request)
            .await
            .map(|granted| Optional(Some(granted)))
    }
}

impl<G: Guard> Sentinel for Optional<G> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        probed(rocket, declaration::<Self>).unwrap_or_else(|| G::aborts(rocket, "Optional"))
    }
}

impl<G: Guard> Guard for Optional<G> {
    fn requirement() -> Requirement {
        Requirement::Optional(Box::new(G::requirement()))
    }

    fn skips(method: Method, _safe: bool) -> bool {
        G::skips(method, false)
    }

    fn decision() -> Option<fn(&ValidToken) -> Decision> {
        G::decision()
    }

    fn aborts(rocket: &Rocket<Ignite>, guard: &str) -> bool {
        G::aborts(rocket, guard)
    }
}
