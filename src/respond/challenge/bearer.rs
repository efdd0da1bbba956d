//! The scheme `Bearer` (RFC 6750 §3).

use super::{parameter, step_up_parameters};
use crate::error::AuthError;

/// Returns the challenge for `error`.
///
/// Without a token it has no `error` (RFC 6750 §3.1).
pub(super) fn challenge(error: &AuthError, realm: &str, scopes: &str) -> String {
    let is_no_token = error.reason().is_no_token();
    let mut text = String::with_capacity(256);
    text.push_str("Bearer ");
    text.push_str(realm);
    if !is_no_token {
        match error.words() {
            Some(words) => text.push_str(words.parameters),
            None => {
                parameter(&mut text, "error", error.code());
                parameter(&mut text, "error_description", error.description());
            }
        }
    }
    step_up_parameters(&mut text, error);
    if !scopes.is_empty() {
        parameter(&mut text, "scope", scopes);
    }
    text
}
