//! `WWW-Authenticate` (RFC 9110 §11.6.1): one value per scheme.

mod bearer;

use crate::error::AuthError;

/// Writes the challenge of one scheme for an error; the second argument is the parameter `realm`.
type Scheme = fn(&AuthError, &str) -> String;

/// The schemes, in the order of their challenges.
const SCHEMES: [Scheme; 1] = [bearer::challenge];

/// The challenges for `error`; none for 503, where other credentials do not help. `realm` is that
/// of [`realm_parameter`].
pub(crate) fn challenges(error: &AuthError, realm: &str) -> impl Iterator<Item = String> {
    let schemes: &[Scheme] = match error.status().code {
        503 => &[],
        _ => &SCHEMES,
    };
    schemes.iter().map(move |challenge| challenge(error, realm))
}

/// The parameter `realm`, with which every challenge begins.
pub(crate) fn realm_parameter(realm: &str) -> String {
    let mut text = "realm=".to_owned();
    quote(&mut text, realm);
    text
}

/// The parameter `resource_metadata` (RFC 9728 §5.1), with which every challenge ends.
pub(crate) fn resource_parameter(url: &str) -> String {
    let mut text = String::new();
    parameter(&mut text, "resource_metadata", url);
    text
}

/// Appends a parameter to a challenge.
pub(crate) fn parameter(text: &mut String, name: &str, value: &str) {
    text.push_str(", ");
    text.push_str(name);
    text.push('=');
    quote(text, value);
}

/// Appends a quoted-string (RFC 9110 §5.6.4) of printable ASCII; any other character becomes `?`.
fn quote(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            ' '..='~' => text.push(character),
            _ => text.push('?'),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::{challenges, realm_parameter};
    use crate::error::AuthError;
    use crate::policy::{ClaimKind, Requirement};

    fn challenge(error: &AuthError, realm: &str) -> Option<String> {
        challenges(error, &realm_parameter(realm)).next()
    }

    fn scopes() -> Requirement {
        Requirement::AnyOf(ClaimKind::Scope, &["openid", "profile"])
    }

    #[test]
    fn without_credentials_there_is_no_error() {
        let error = AuthError::missing_token();
        assert_eq!(
            challenge(&error, "api").as_deref(),
            Some("Bearer realm=\"api\"")
        );
        let asked = error.asked_by(scopes);
        assert_eq!(
            challenge(&asked, "api").as_deref(),
            Some("Bearer realm=\"api\", scope=\"openid\"")
        );
    }

    #[test]
    fn a_refusal_names_the_error_and_the_scopes_asked_for() {
        let expected = "Bearer realm=\"api\", error=\"insufficient_scope\", \
                        error_description=\"Insufficient role, scope or permission\", \
                        scope=\"openid\"";
        assert_eq!(
            challenge(&AuthError::denied(scopes), "api").as_deref(),
            Some(expected)
        );
        let invalid = "Bearer realm=\"api\", error=\"invalid_token\", \
                       error_description=\"Invalid Authorization header\"";
        let error = AuthError::malformed_header("x").asked_by(scopes);
        assert_eq!(challenge(&error, "api").as_deref(), Some(invalid));
    }

    #[test]
    fn the_realm_cannot_break_out() {
        let text = challenge(
            &AuthError::missing_token(),
            "a\"b\\c\r\nSet-Cookie: x\u{e9}",
        );
        assert_eq!(
            text.as_deref(),
            Some("Bearer realm=\"a\\\"b\\\\c??Set-Cookie: x?\"")
        );
    }
}
