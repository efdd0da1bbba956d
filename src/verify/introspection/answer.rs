//! The answer of an introspection endpoint (RFC 7662 §2.2): from HTTP to the members about a token.

use super::failure::Failure;
use crate::claims::{ClaimName, ClaimSelector, SelectedClaims};
use crate::http::FormAnswer;
use crate::json::{LazyMembers, Value};

/// The members that only answers have.
const OWN_MEMBERS: [&str; 2] = ["active", "token_type"];

/// The media type of a signed answer (RFC 9701 §5).
pub(super) const SIGNED: &str = "application/token-introspection+jwt";

/// Returns the selector of the members that some check reads.
pub(crate) fn selector<'a>(configured: impl Iterator<Item = &'a ClaimName>) -> ClaimSelector {
    let own = OWN_MEMBERS.map(ClaimName::parse);
    let mut names = Vec::<&ClaimName>::from_iter(&own);
    for name in configured {
        names.push(name);
    }
    ClaimSelector::new(names)
}

/// The meaning of a status.
pub(super) enum Told<'a> {
    /// The body says it.
    Body(&'a [u8]),
    /// The token is not active.
    Inactive,
}

/// The tokens that are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Opaque,
    Jwt,
}

/// Reads the status of an answer.
pub(super) fn told(answer: &FormAnswer, asked: Asked) -> Result<Told<'_>, Failure> {
    match answer.status {
        200 => Ok(Told::Body(&answer.body)),
        204 => Ok(Told::Inactive),
        400 => match (error_code(&answer.body).as_deref(), asked) {
            // RFC 7009 §2.2.1, by which some servers answer here.
            (Some("unsupported_token_type"), Asked::Opaque) => Ok(Told::Inactive),
            (Some("unsupported_token_type"), Asked::Jwt) => Err(Failure::NoJwts),
            (Some("invalid_client" | "unauthorized_client"), _) => Err(Failure::Credentials(400)),
            _ => Err(Failure::Status(400)),
        },
        status @ (401 | 403) => Err(Failure::Credentials(status)),
        status => Err(Failure::Status(status)),
    }
}

/// Returns the member `error` (RFC 6749 §5.2).
fn error_code(body: &[u8]) -> Option<String> {
    let members = LazyMembers::parse(body).ok()?;
    Some(members.string("error").ok()??.into_owned())
}

/// Returns the JSON of an answer that is not signed.
pub(super) fn plain<'a>(media_type: &str, body: &'a [u8]) -> Result<&'a str, Failure> {
    if media_type == SIGNED {
        return Err(Failure::Signed("signed, and `introspection.signed` is off"));
    }
    std::str::from_utf8(body).map_err(|_| Failure::NotJson)
}

/// Reads the members of an answer: one strict JSON object. `None` if the token is not active. A
/// member that is null is absent.
pub(crate) fn members<'t>(
    selector: &'t ClaimSelector,
    json: &'t str,
) -> Result<Option<SelectedClaims<'t>>, Failure> {
    let members = selector.select(json).map_err(|_| Failure::NotJson)?;
    members.check_within().map_err(|_| Failure::NotJson)?;
    let is_active = matches!(members.member("active"), Some(Value::Bool(true)));
    Ok(is_active.then(|| members.without_nulls()))
}
