//! How a refusal looks: the challenge, set by the fairing; the body, written by the catchers.

mod catchers;
mod challenge;

pub use catchers::catchers;
use std::borrow::Cow;

use rocket::http::Header;
use rocket::response::Responder;
use rocket::{Request, Response};

pub(crate) use self::challenge::challenge;
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use self::challenge::write as write_challenge;
use crate::error::AuthError;
use crate::request::remember;

/// Every status that a refusal can have.
const STATUSES: [u16; 4] = [400, 401, 403, 503];

/// Completes the answer to a refused request: the challenge, `Retry-After` with 503, and `Cache-Control: no-store`, where the
/// response does not have its own. Whoever wrote the body.
pub(crate) fn complete(request: &Request<'_>, response: &mut Response<'_>, realm: &str) {
    // Most answers are none; to look for a refusal where there is none costs the request's cache an entry.
    if !STATUSES.contains(&response.status().code) {
        return;
    }
    let Some(error) = AuthError::of(request).filter(|error| error.status() == response.status()) else {
        return;
    };
    let mut add = |name: &'static str, value: Cow<'static, str>| {
        // There are a handful of headers: to look at their names is quicker than to hash this one.
        if !response.headers().iter().any(|header| header.name == name) {
            response.adjoin_header(Header::new(name, value));
        }
    };
    if let Some(challenge) = challenge(error, realm) {
        add("WWW-Authenticate", challenge.into());
    }
    if let Some(wait) = error.retry_after() {
        // Whole seconds (RFC 9110 §10.2.3), rounded up: never an invitation to come too early.
        add("Retry-After", (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1).to_string().into());
    }
    add("Cache-Control", "no-store".into());
}

/// A handler may return the refusal: `token.owns(&article)?`. It ends in the catchers like a guard's.
impl<'r> Responder<'r, 'static> for AuthError {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        remember(request, &self);
        Err(self.status())
    }
}
