//! The token of a request: one header, one scheme, one token (RFC 6750 §2.1, RFC 9110 §11.6.2).

use std::borrow::Cow;
use std::sync::Arc;

use rocket::Request;

use super::axioms::Axioms;
pub(crate) use crate::base::b64token::is_b64token;
use crate::binding::Presented;
use crate::error::AuthError;

/// Returns the credentials of `request`. The b64token syntax is checked only after verification
/// failed: a valid JWT always has it.
///
/// # Errors
///
/// `missing_token` without credentials, or for another scheme; `invalid_token` if no token follows
/// the scheme; `invalid_request` for two headers. The query, form fields and cookies are ignored.
///
/// `token_headers` are those of the issuers. A request with one of them has no other token.
pub(super) fn credentials<'r>(
    request: &'r Request<'_>,
    token_headers: &'r [Arc<str>],
) -> Result<Presented<'r>, AuthError> {
    let bearer = authorization(request);
    // perf: most settings name no header, benches/bearer.rs
    if token_headers.is_empty() {
        return bearer;
    }
    let all = token_headers.iter().flat_map(|name| {
        let values = request.headers().get(name);
        values.map(move |value| (&**name, value))
    });
    let mut all = all;
    match (all.next(), all.next(), bearer) {
        (None, _, bearer) => bearer,
        // A proxy that has no token may send an empty header.
        (Some((_, "")), None, bearer) => bearer,
        (Some((name, token)), None, Err(error)) if error.reason().is_no_token() => {
            Ok(Presented::in_header(name, token))
        }
        // More than one method to send a token (RFC 6750 §3.1).
        _ => Err(AuthError::repeated_header()),
    }
}

/// Returns the token of the `Authorization` header.
fn authorization<'r>(request: &'r Request<'_>) -> Result<Presented<'r>, AuthError> {
    // perf: comparing the names of a few headers is faster than hashing this one,
    // benches/bearer.rs.
    let mut headers = request
        .headers()
        .iter()
        .filter(|header| header.name == "Authorization")
        .map(|header| header.value);
    let token = match (headers.next(), headers.next()) {
        (None, _) => Err(AuthError::missing_token()),
        (Some(_), Some(_)) => Err(AuthError::repeated_header()),
        (Some(Cow::Borrowed(header)), None) => parse(header),
        // Rocket 0.5 lends every header.
        (Some(Cow::Owned(_)), None) => request
            .headers()
            .get_one("Authorization")
            .map_or(Err(AuthError::missing_token()), parse),
    };
    token.map(Presented::bearer)
}

/// Returns true if the request has credentials, good or bad.
pub(crate) fn has_credentials(request: &Request<'_>) -> bool {
    let token_headers = Axioms::of(request).map_or(&[][..], |axioms| &*axioms.token_headers);
    !credentials(request, token_headers).is_err_and(|error| error.reason().is_no_token())
}

/// Returns the token of an `Authorization: Bearer` header.
pub(crate) fn parse(header: &str) -> Result<&str, AuthError> {
    // perf: the usual form first; the code below returns the same, later, benches/bearer.rs
    if let Some(token) = header.strip_prefix("Bearer ")
        && let bytes = token.as_bytes()
        && let (Some(first), Some(last)) = (bytes.first(), bytes.last())
        && ![first, last].iter().any(|end| matches!(end, b' ' | b'\t'))
    {
        return Ok(token);
    }
    let scheme_end = header
        .bytes()
        .position(|byte| !is_tchar(byte))
        .unwrap_or(header.len());
    let (scheme, rest) = header.split_at(scheme_end);
    if header.trim_matches([' ', '\t']).is_empty() {
        return Err(AuthError::missing_token());
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AuthError::not_bearer());
    }
    if !rest.is_empty() && !rest.starts_with(' ') {
        return Err(AuthError::malformed_header("no space after the scheme"));
    }
    let token = rest.trim_start_matches(' ').trim_end_matches([' ', '\t']);
    if token.is_empty() {
        return Err(AuthError::malformed_header("no token after the scheme"));
    }
    Ok(token)
}

/// RFC 9110 §5.6.2.
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::{is_b64token, parse};
    use crate::error::Reason;

    #[test]
    fn the_scheme_is_case_insensitive_and_blanks_around_the_token_are_ignored() {
        for header in [
            "Bearer a.b.c",
            "bearer a.b.c",
            "BEARER a.b.c",
            "Bearer    a.b.c",
            "Bearer a.b.c  \t",
        ] {
            assert_eq!(parse(header).unwrap(), "a.b.c", "{header:?}");
        }
        assert_eq!(parse("Bearer a-._~+/9==").unwrap(), "a-._~+/9==");
    }

    #[test]
    fn another_scheme_is_not_a_bearer_token_and_an_empty_header_is_missing() {
        for header in ["", " ", "\t "] {
            assert_eq!(
                parse(header).unwrap_err().reason(),
                Reason::MissingToken,
                "{header:?}"
            );
        }
        for header in [
            "Basic abc",
            "DPoP a.b.c",
            "Bearerx a.b.c",
            "Bearerabc",
            " Bearer a",
            "\"Bearer\" a",
            "Bear er a",
            "eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
        ] {
            let error = parse(header).unwrap_err();
            assert_eq!(
                (error.code(), error.reason()),
                ("missing_token", Reason::NotBearer),
                "{header:?}"
            );
        }
    }

    #[test]
    fn anything_but_one_b64token_is_rejected() {
        for token in [
            "", "=", "a b", "\ta", "a,b", "\"a\"", "a=b", "a\u{a0}", "ä", "a\0", "a.b.c, d",
        ] {
            assert!(!is_b64token(token), "{token:?}");
        }
        for token in ["a", "a-._~+/9==", "AZaz09"] {
            assert!(is_b64token(token), "{token:?}");
        }
    }

    #[test]
    fn a_scheme_without_a_token_is_an_invalid_token() {
        for header in [
            "Bearer",
            "Bearer ",
            "Bearer    ",
            "Bearer\ta",
            "Bearer,a",
            "Bearer=a",
        ] {
            let error = parse(header).unwrap_err();
            assert_eq!(
                (error.code(), error.description()),
                ("invalid_token", "Invalid Authorization header"),
                "{header:?}"
            );
        }
    }
}
