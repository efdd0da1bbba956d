//! `Optional`: no credentials are no mistake, bad ones are.

use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::authorize::without_safe_methods;
use super::guard::Guard;
use crate::policy::Requirement;
use crate::request::{abort_without_fairing, has_credentials};

/// The guard `G` for whom brings credentials, `None` for whom does not.
///
/// **Succeeds if** the request has no bearer token at all (`None`), or `G` succeeds (`Some`). **Fails** as `G` does: a bad
/// token is never treated as a guest, unlike with Rocket's `Option`. `safe_methods` do not apply inside of it: `Some` means that `G`
/// was asked, on every method.
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
    /// The guard; `None` without credentials.
    pub fn into_inner(self) -> Option<G> {
        self.0
    }

    /// The guard; `None` without credentials.
    pub fn as_ref(&self) -> Option<&G> {
        self.0.as_ref()
    }
}

#[rocket::async_trait]
impl<'r, G: FromRequest<'r>> FromRequest<'r> for Optional<G> {
    type Error = G::Error;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, G::Error> {
        if !has_credentials(request) {
            return Outcome::Success(Optional(None));
        }
        without_safe_methods::<G>(request)
            .await
            .map(|granted| Optional(Some(granted)))
    }
}

/// Rocket does not look inside a type that is a sentinel itself: what `G` has to say, it must say here.
impl<G: Sentinel> Sentinel for Optional<G> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        abort_without_fairing(rocket, "Optional") || G::abort(rocket)
    }
}

impl<G: Guard> Guard for Optional<G> {
    fn requirement() -> Requirement {
        Requirement::Any(vec![
            Requirement::Custom("no credentials"),
            G::requirement(),
        ])
    }
}
