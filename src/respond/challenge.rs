//! `WWW-Authenticate` (RFC 6750 §3, RFC 9110 §11.6.1).

use crate::error::AuthError;

/// The challenge for `error`; `None` for 503, which no other credentials would mend.
///
/// Without credentials it carries no `error` (RFC 6750 §3.1). `scope` stands there when the guard asked for scopes: with
/// 403, and with 401 when no credentials came.
pub(crate) fn challenge(error: &AuthError, realm: &str) -> Option<String> {
    let code = error.status().code;
    if code == 503 {
        return None;
    }
    let names_scopes = code == 403 || error.is_missing_token();
    let requirement = if names_scopes { error.requirement() } else { None };
    let scopes = requirement.map(|requirement| requirement.scopes()).unwrap_or_default();
    let told = (!error.is_missing_token()).then(|| (error.code(), error.description()));
    Some(write(realm, told, &scopes))
}

/// The header's value. `error` is the code with its description.
pub(crate) fn write(realm: &str, error: Option<(&str, &str)>, scopes: &[&str]) -> String {
    let mut text = String::with_capacity(256);
    text.push_str("Bearer realm=");
    quote(&mut text, realm);
    if let Some((code, description)) = error {
        text.push_str(", error=");
        quote(&mut text, code);
        text.push_str(", error_description=");
        quote(&mut text, description);
    }
    if !scopes.is_empty() {
        text.push_str(", scope=");
        quote(&mut text, &scopes.join(" "));
    }
    text
}

/// A quoted-string (RFC 9110 §5.6.4) of printable ASCII; anything else becomes `?`.
fn quote(text: &mut String, value: &str) {
    text.push('"');
    // To the end whatever it finds: so many octets are looked at in one step.
    let is_plain = |octet: u8| (b' '..=b'~').contains(&octet) & (octet != b'"') & (octet != b'\\');
    if value.bytes().fold(true, |plain, octet| plain & is_plain(octet)) {
        text.push_str(value);
    } else {
        for character in value.chars() {
            match character {
                '"' | '\\' => text.extend(['\\', character]),
                ' '..='~' => text.push(character),
                _ => text.push('?'),
            }
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::challenge;
    use crate::error::AuthError;
    use crate::policy::{Kind, Requirement};

    fn scopes() -> Requirement {
        Requirement::AnyOf(Kind::Scope, &["openid", "profile"])
    }

    #[test]
    fn without_credentials_there_is_no_error() {
        let error = AuthError::missing_token();
        assert_eq!(challenge(&error, "api").as_deref(), Some("Bearer realm=\"api\""));
        let asked = error.asked_by(scopes);
        assert_eq!(challenge(&asked, "api").as_deref(), Some("Bearer realm=\"api\", scope=\"openid profile\""));
    }

    #[test]
    fn a_refusal_names_the_error_and_the_scopes_asked_for() {
        let expected = "Bearer realm=\"api\", error=\"insufficient_scope\", \
                        error_description=\"Insufficient role, scope or permission\", scope=\"openid profile\"";
        assert_eq!(challenge(&AuthError::denied(scopes), "api").as_deref(), Some(expected));
        let invalid =
            "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"Invalid Authorization header\"";
        let error = AuthError::malformed_header("x").asked_by(scopes);
        assert_eq!(challenge(&error, "api").as_deref(), Some(invalid));
    }

    #[test]
    fn the_realm_cannot_break_out() {
        let text = challenge(&AuthError::missing_token(), "a\"b\\c\r\nSet-Cookie: x\u{e9}");
        assert_eq!(text.as_deref(), Some("Bearer realm=\"a\\\"b\\\\c??Set-Cookie: x?\""));
    }
}
