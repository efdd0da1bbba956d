//! How a refusal looks: the challenge, set by the fairing; the body, written by the catchers.

mod catchers;
mod challenge;

pub use catchers::catchers;
use rocket::response::Responder;
use rocket::{Request, Response};

#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use self::challenge::parameter;
pub(crate) use self::challenge::{begin as begin_challenge, challenge};
use crate::error::AuthError;
use crate::request::{Protection, remember};

/// Every status that a refusal can have.
const STATUSES: [u16; 4] = [400, 401, 403, 503];

/// Completes the answer to a refused request: the challenge, `Retry-After` with 503, and `Cache-Control: no-store`, where the
/// response does not have its own. Whoever wrote the body.
pub(crate) fn complete(request: &Request<'_>, response: &mut Response<'_>) {
    // Most answers are none. To look for the protection costs a search, and to look for a refusal where there is none costs
    // the request's cache an entry.
    if !STATUSES.contains(&response.status().code) {
        return;
    }
    let Some(protection) = Protection::of(request) else {
        return;
    };
    let Some(error) = AuthError::of(request).filter(|error| error.status() == response.status())
    else {
        return;
    };
    // There are a handful of headers: to look at their names is quicker than to hash these.
    let (mut challenged, mut timed, mut kept) = (false, false, false);
    for header in response.headers().iter() {
        challenged |= header.name == "WWW-Authenticate";
        timed |= header.name == "Retry-After";
        kept |= header.name == "Cache-Control";
    }
    if !challenged && let Some(challenge) = challenge(error, &protection.challenge) {
        response.adjoin_raw_header("WWW-Authenticate", challenge);
    }
    if !timed && let Some(wait) = error.retry_after() {
        // Whole seconds (RFC 9110 §10.2.3), rounded up: never an invitation to come too early.
        let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
        response.adjoin_raw_header("Retry-After", seconds.to_string());
    }
    if !kept {
        response.adjoin_raw_header("Cache-Control", "no-store");
    }
}

/// A handler may return the refusal: `token.owns(&article)?`. It ends in the catchers like a guard's.
impl<'r> Responder<'r, 'static> for AuthError {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        remember(request, &self);
        Err(self.status())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::catchers::body;
    use super::challenge::parameter;
    use crate::error::AuthError;
    use crate::token::Misfit;
    use crate::verify::{TokenError, TokenExcerpt};

    /// One for each description.
    fn refusals() -> Vec<AuthError> {
        let faults = [
            TokenError::Malformed(""),
            TokenError::Algorithm {
                presented: TokenExcerpt::Nothing,
            },
            TokenError::Type {
                presented: TokenExcerpt::Nothing,
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
            },
            TokenError::Audience {
                presented: TokenExcerpt::Nothing,
                expected: Arc::default(),
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
            AuthError::two_headers(),
            AuthError::missing_token(),
            AuthError::malformed_header(""),
            AuthError::denied(|| unreachable!("nobody looks")),
            AuthError::not_owner(""),
        ];
        faults
            .into_iter()
            .map(AuthError::from)
            .chain(others)
            .collect()
    }

    #[test]
    fn what_is_written_out_beforehand_is_what_would_be_composed() {
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
