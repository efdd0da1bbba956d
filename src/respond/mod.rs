//! The answer to a refused request: the challenge and other headers, set by the fairing; the body,
//! written by the catchers.

mod catchers;
mod challenge;

pub use catchers::catchers;
pub(crate) use catchers::is_foreign;
use rocket::response::Responder;
use rocket::{Request, Response};

#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use self::challenge::parameter;
pub(crate) use self::challenge::{challenges, realm_parameter, resource_parameter};
use crate::error::AuthError;
use crate::request::{Axioms, ended_by, log_failure, note_final, remember, settle};

/// Every status that a refusal can have.
const STATUSES: [u16; 4] = [400, 401, 403, 503];

/// Completes and logs the answer to a refused request, also of other catchers: adds the challenge,
/// `Retry-After` with 503, and `Cache-Control: no-store`, except for headers that the response
/// already has.
///
/// Returns the refusal that the answer is, if any. `catches` says that a catcher of the application
/// may have made a success of it.
pub(crate) fn complete(
    request: &Request<'_>,
    response: &mut Response<'_>,
    catches: bool,
) -> Option<AuthError> {
    let status = response.status();
    // perf: looking for a refusal that is not there adds an entry to the request's cache,
    // tests/it/refusals.rs
    let is_success = status.code < 300;
    if is_success && !catches {
        return None;
    }
    let axioms = Axioms::of(request)?;
    let error = match is_success {
        true => ended_by(axioms, request),
        false => AuthError::of(request),
    }?;
    settle(axioms, request, &error, status);
    if error.status() == status {
        add_headers(axioms, &error, request, response);
    }
    Some(error)
}

fn add_headers(
    axioms: &Axioms,
    error: &AuthError,
    request: &Request<'_>,
    response: &mut Response<'_>,
) {
    // perf: comparing the names of a handful of headers is faster than hashing these,
    // benches/bearer.rs
    let (mut has_challenge, mut has_retry_after, mut has_cache_control) = (false, false, false);
    for header in response.headers().iter() {
        has_challenge |= header.name == "WWW-Authenticate";
        has_retry_after |= header.name == "Retry-After";
        has_cache_control |= header.name == "Cache-Control";
    }
    if !has_challenge {
        let resource = axioms.resource.as_deref().unwrap_or_default();
        let required = axioms.required_of(request);
        for mut challenge in challenges(error, &axioms.realm, required) {
            challenge.push_str(resource);
            response.adjoin_raw_header("WWW-Authenticate", challenge);
        }
    }
    if (axioms.resource.is_some() || error.reason().is_step_up())
        && error.retry_after().is_none()
        && request.headers().contains("Origin")
    {
        expose_challenge(response);
    }
    if !has_retry_after && let Some(wait) = error.retry_after() {
        // Whole seconds (RFC 9110 §10.2.3), rounded up: a retry must not come too early.
        let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
        response.adjoin_raw_header("Retry-After", seconds.to_string());
    }
    if !has_cache_control {
        response.adjoin_raw_header("Cache-Control", "no-store");
    }
}

/// Lets a script of another origin read the challenge, where the application's CORS lets it read
/// the response at all (Fetch Standard, "CORS-exposed header-name list"). The names that the
/// application exposes stay.
fn expose_challenge(response: &mut Response<'_>) {
    const EXPOSED: &str = "Access-Control-Expose-Headers";
    let is_exposed = response
        .headers()
        .get(EXPOSED)
        .flat_map(|names| names.split(','))
        .map(str::trim)
        .any(|name| name == "*" || name.eq_ignore_ascii_case("WWW-Authenticate"));
    if !is_exposed {
        response.adjoin_raw_header(EXPOSED, "WWW-Authenticate");
    }
}

/// A handler may return the refusal: `token.owns(&article)?`. It ends in the catchers like a
/// guard's.
impl<'r> Responder<'r, 'static> for AuthError {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        remember(request, &self);
        note_final(request);
        log_failure(format_args!("Handler"), &self);
        Err(self.status())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::catchers::body;
    use super::challenge::parameter;
    use crate::error::AuthError;
    use crate::token::Misfit;
    use crate::verify::{Expected, TokenError, TokenExcerpt};

    /// One for each description.
    fn refusals() -> Vec<AuthError> {
        let faults = [
            TokenError::Malformed(""),
            TokenError::Algorithm {
                presented: TokenExcerpt::Nothing,
            },
            TokenError::Type {
                presented: TokenExcerpt::Nothing,
                expected: Expected::from_iter([]),
            },
            TokenError::AmbiguousKey,
            TokenError::Signature,
            TokenError::Expired {
                ago: Duration::ZERO,
            },
            TokenError::NotYet {
                claim: "nbf",
                ahead: Duration::ZERO,
            },
            TokenError::Issuer {
                presented: TokenExcerpt::Nothing,
                expected: Expected::from_iter([]),
            },
            TokenError::Audience {
                presented: TokenExcerpt::Nothing,
                expected: Expected::from_iter([]),
            },
            TokenError::Missing {
                claim: "exp".into(),
            },
            TokenError::NotAccessToken(""),
            TokenError::Unavailable {
                retry_after: Duration::ZERO,
            },
        ];
        let others = [
            AuthError::repeated_header(),
            AuthError::missing_token(),
            AuthError::not_bearer(),
            AuthError::malformed_header(""),
            AuthError::denied(|| unreachable!("not asked")),
            AuthError::not_owner(""),
        ];
        faults
            .into_iter()
            .map(AuthError::from)
            .chain(others)
            .collect()
    }

    #[test]
    fn the_prepared_words_are_those_that_would_be_composed() {
        for error in refusals() {
            let words = error.words().unwrap();
            assert_eq!(
                words.body.as_bytes(),
                body(error.code(), error.description())
            );
            let mut parameters = String::new();
            parameter(&mut parameters, "error", error.code());
            parameter(&mut parameters, "error_description", error.description());
            assert_eq!(words.parameters, parameters);
        }
        assert!(
            AuthError::misfit(&Misfit {
                field: "email".into()
            })
            .words()
            .is_none(),
            "it names a claim"
        );
    }
}
