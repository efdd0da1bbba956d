//! `WWW-Authenticate` (RFC 9110 §11.6.1): one value per scheme.

mod bearer;

use std::borrow::Cow;

use crate::error::AuthError;
use crate::request::Required;

/// Writes the challenge of one scheme for an error, with the parameter `realm` and the scopes to
/// ask for, which may be empty.
type Scheme = fn(&AuthError, &str, &str) -> String;

/// The schemes, in the order of their challenges.
const SCHEMES: [Scheme; 1] = [bearer::challenge];

/// The challenges for `error`; none for 503, where other credentials do not help. `realm` is that
/// of [`realm_parameter`].
///
/// With 401 and 403 `scope` names what `required`, the requirement of the whole route, asks for,
/// whichever guard refused: a client learns at once what it needs. A handler, or a guard that the
/// report does not know, may ask for more.
pub(crate) fn challenges(
    error: &AuthError,
    realm: &str,
    required: Option<Required<'_>>,
) -> impl Iterator<Item = String> {
    let scopes: Cow<'_, str> = match (required, error.requirement()) {
        _ if !matches!(error.status().code, 401 | 403) => Cow::default(),
        (Some(required), None) => required.scopes.into(),
        (Some(required), Some(asked)) => match required.requirement.scopes_beside(&asked) {
            None => required.scopes.into(),
            Some(scopes) => scopes.join(" ").into(),
        },
        (None, asked) => asked.map_or_else(Cow::default, |asked| asked.scopes().join(" ").into()),
    };
    let schemes: &[Scheme] = match error.status().code {
        503 => &[],
        _ => &SCHEMES,
    };
    schemes
        .iter()
        .map(move |challenge| challenge(error, realm, &scopes))
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

/// Appends the authentication to ask the user for, if that was the cause (RFC 9470 §3).
fn step_up_parameters(text: &mut String, error: &AuthError) {
    if !error.acr_values().is_empty() {
        parameter(text, "acr_values", &error.acr_values().join(" "));
    }
    if let Some(age) = error.max_age() {
        parameter(text, "max_age", &age.as_secs().to_string());
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')
}

/// Appends a quoted-string (RFC 9110 §5.6.4) of printable ASCII; any other character becomes `?`.
fn quote(text: &mut String, value: &str) {
    text.push('"');
    // perf: most values need no escape, benches/refusal.rs
    if value.bytes().all(is_plain) {
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
    use super::{challenges, realm_parameter};
    use crate::error::AuthError;
    use crate::policy::{ClaimKind, Requirement};
    use crate::request::Required;

    fn challenge(error: &AuthError, realm: &str) -> Option<String> {
        challenges(error, &realm_parameter(realm), None).next()
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
                       error_description=\"Invalid Authorization header\", scope=\"openid\"";
        let error = AuthError::malformed_header("x").asked_by(scopes);
        assert_eq!(challenge(&error, "api").as_deref(), Some(invalid));
        let twice = AuthError::repeated_header().asked_by(scopes);
        assert!(!challenge(&twice, "api").unwrap().contains("scope"));
    }

    #[test]
    fn the_scopes_are_those_of_the_whole_route() {
        let scope = |names| Requirement::AnyOf(ClaimKind::Scope, names);
        let asked = |required: &Requirement, error: &AuthError| {
            let scopes = required.scopes().join(" ");
            let required = Required {
                requirement: required,
                scopes: &scopes,
            };
            let challenge = challenges(error, "", Some(required)).next().unwrap();
            let scopes = challenge
                .split_once("scope=")
                .map(|(_, scopes)| scopes.to_owned());
            scopes.unwrap_or_default()
        };
        let missing = AuthError::missing_token;
        let route = Requirement::All(vec![
            Requirement::Lacks(Box::new(scope(&["openid"]))),
            scope(&["write"]),
            scopes(),
        ]);
        // Whatever refused, and without a name that must be lacking.
        for error in [
            missing(),
            AuthError::denied(scopes),
            AuthError::not_owner(""),
        ] {
            assert_eq!(asked(&route, &error), "\"write profile\"");
        }
        // A guard that the report does not know.
        assert_eq!(
            asked(&scope(&["write"]), &AuthError::denied(scopes)),
            "\"write openid\""
        );
        // The parts of a formula are those of the route.
        let both = || Requirement::All(vec![scopes(), Requirement::All(vec![])]);
        assert_eq!(
            asked(&route, &missing().asked_by(both)),
            "\"write profile\""
        );
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
