//! `Debug` of the settings: all of them, save what may be a secret in a URL.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::fields::{Config, IssuerConfig};

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show("Config", self, f)
    }
}

impl fmt::Debug for IssuerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show("IssuerConfig", self, f)
    }
}

fn show(name: &str, settings: &impl Serialize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    if let Ok(Value::Object(mut members)) = serde_json::to_value(settings) {
        members.values_mut().for_each(hide);
        if let Some(url) = members.get_mut("jwks_url") {
            hide_in_url(url);
        }
        for (key, value) in &members {
            shown.field(key, &format_args!("{value}"));
        }
    }
    shown.finish()
}

/// In the entries of `issuers`.
fn hide(value: &mut Value) {
    for entry in value.as_array_mut().into_iter().flatten() {
        if let Some(url) = entry.get_mut("jwks_url") {
            hide_in_url(url);
        }
    }
}

/// User, password, query and fragment go, and whole what is no URL of a document.
fn hide_in_url(url: &mut Value) {
    let Value::String(text) = url else { return };
    if !is_a_url(text) {
        *text = "…".into();
    }
    if let Some(end) = text.find(['?', '#']) {
        text.truncate(end);
        text.push_str("?…");
    }
    if let (Some(slashes), Some(at)) = (text.find("//"), text.rfind('@')) {
        text.replace_range((slashes + 2).min(at)..at, "…");
    }
}

fn is_a_url(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        ["https", "http"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    }) && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::{Config, IssuerConfig};

    #[test]
    fn settings_print_without_what_may_be_a_secret_in_a_url() {
        for (url, shown) in [
            ("https://keys.test/set", "https://keys.test/set"),
            (
                "https://keys.test/set?key=secret",
                "https://keys.test/set?…",
            ),
            ("https://keys.test/set#secret", "https://keys.test/set?…"),
            (
                "https://user:secret@keys.test/set",
                "https://…@keys.test/set",
            ),
            (
                "https://user:sec@ret@keys.test/?secret@x",
                "https://…@keys.test/?…",
            ),
            ("user:secret@keys.test", "…"),
            ("secret@https://", "…"),
            ("https://keys.test/ secret", "…"),
            ("HTTPS://secret@", "HTTPS://…@"),
        ] {
            let issuer = IssuerConfig {
                jwks_url: Some(url.into()),
                ..IssuerConfig::default()
            };
            assert_eq!(
                format!("{issuer:?}"),
                format!("IssuerConfig {{ jwks_url: \"{shown}\" }}")
            );
            let config = Config {
                jwks_url: Some(url.into()),
                issuers: vec![issuer],
                ..Config::default()
            };
            let text = format!("{config:?}");
            assert!(
                text.contains(&format!("issuers: [{{\"jwks_url\":\"{shown}\"}}]")),
                "{text}"
            );
            assert!(
                text.contains(&format!(", jwks_url: \"{shown}\", ")) && text.contains("leeway: 30"),
                "{text}"
            );
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
