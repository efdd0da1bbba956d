//! `WWW-Authenticate` (RFC 6750 §3, RFC 9110 §11.6.1).

use crate::error::AuthError;

/// How every challenge begins: the scheme and the realm.
pub(crate) fn begin(realm: &str) -> String {
    let mut text = "Bearer realm=".to_owned();
    quote(&mut text, realm);
    text
}

/// The challenge for `error`, which begins like all; `None` for 503, which no other credentials would mend.
///
/// Without credentials it carries no `error` (RFC 6750 §3.1). `scope` stands there when the guard asked for scopes: with
/// 403, and with 401 when no credentials came.
pub(crate) fn challenge(error: &AuthError, beginning: &str) -> Option<String> {
    let code = error.status().code;
    if code == 503 {
        return None;
    }
    let mut text = String::with_capacity(256);
    text.push_str(beginning);
    if !error.is_missing_token() {
        match error.words() {
            Some(words) => text.push_str(words.parameters),
            None => {
                parameter(&mut text, "error", error.code());
                parameter(&mut text, "error_description", error.description());
            }
        }
    }
    let names_scopes = code == 403 || error.is_missing_token();
    if names_scopes && let Some(requirement) = error.requirement() {
        let scopes = requirement.scopes();
        if !scopes.is_empty() {
            parameter(&mut text, "scope", &scopes.join(" "));
        }
    }
    Some(text)
}

/// One more parameter of a challenge.
pub(crate) fn parameter(text: &mut String, name: &str, value: &str) {
    text.push_str(", ");
    text.push_str(name);
    text.push('=');
    quote(text, value);
}

/// A quoted-string (RFC 9110 §5.6.4) of printable ASCII; anything else becomes `?`.
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
    use super::{begin, challenge as written};
    use crate::error::AuthError;
    use crate::policy::{ClaimKind, Requirement};

    fn challenge(error: &AuthError, realm: &str) -> Option<String> {
        written(error, &begin(realm))
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
            Some("Bearer realm=\"api\", scope=\"openid profile\"")
        );
    }

    #[test]
    fn a_refusal_names_the_error_and_the_scopes_asked_for() {
        let expected = "Bearer realm=\"api\", error=\"insufficient_scope\", \
                        error_description=\"Insufficient role, scope or permission\", scope=\"openid profile\"";
        assert_eq!(
            challenge(&AuthError::denied(scopes), "api").as_deref(),
            Some(expected)
        );
        let invalid = "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"Invalid Authorization header\"";
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
