//! Text in logs and errors: cut short, escaped, and without secrets.

use std::fmt::{self, Write};

use serde::de::{Deserialize, Deserializer, Error};
use url::Url;

/// Displays foreign text in quotes, escaped and cut at [`EXCERPT`] characters.
pub(crate) struct Excerpt<'a>(pub(crate) &'a str);

/// Longest excerpt, in characters.
const EXCERPT: usize = 80;

/// Longest line or URL, in characters.
const LINE: usize = 200;

impl<'a> Excerpt<'a> {
    /// Returns the prefix that prints the same excerpt.
    pub(crate) fn needed(&self) -> &'a str {
        let end = self.0.char_indices().nth(EXCERPT + 1);
        end.and_then(|(end, _)| self.0.get(..end)).unwrap_or(self.0)
    }
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.chars();
        f.write_char('"')?;
        for character in rest.by_ref().take(EXCERPT) {
            write!(f, "{}", character.escape_debug())?;
        }
        f.write_str(if rest.next().is_some() { "…\"" } else { "\"" })
    }
}

/// Returns the operator's own text on one line, cut at [`LINE`] characters.
pub(crate) fn one_line(text: &str) -> String {
    let mut characters = text.chars();
    let mut line = String::new();
    for character in characters.by_ref().take(LINE) {
        match character.is_control() {
            true => line.extend(character.escape_default()),
            false => line.push(character),
        }
    }
    if characters.next().is_some() {
        line.push('…');
    }
    line
}

/// Displays a URL without user information, query and fragment, cut at [`LINE`] characters.
pub(crate) struct RedactedUrl<'a>(pub(crate) &'a Url);

impl RedactedUrl<'_> {
    /// Redacts a URL that was not checked yet; anything but an `https` or `http` URL becomes `…`.
    pub(crate) fn of_text(text: &str) -> String {
        match Url::parse(text) {
            Ok(url)
                if matches!(url.scheme(), "https" | "http")
                    && !text.contains(|c: char| c.is_whitespace() || c.is_control()) =>
            {
                RedactedUrl(&url).to_string()
            }
            _ => "…".to_owned(),
        }
    }
}

impl fmt::Display for RedactedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        // These fail for URLs that cannot have them.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        // A parsed URL is ASCII without control characters.
        match url.as_str().get(..LINE) {
            Some(start) => write!(f, "{start}…"),
            None => f.write_str(url.as_str()),
        }
    }
}

/// A secret of the configuration, which cannot print.
///
/// `Debug` writes `Secret(…)`, and there is neither `Display` nor `Serialize`. It deserialises from
/// a string; the error for another type does not repeat the value.
///
/// ```
/// use axioms_rocket::Secret;
///
/// let secret: Secret = serde_json::from_str(r#""hunter2""#).unwrap();
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "hunter2");
///
/// let error = serde_json::from_str::<Secret>("271828").unwrap_err().to_string();
/// assert!(!error.contains("271828"), "{error}");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps `secret`.
    ///
    /// ```
    /// let secret = axioms_rocket::Secret::new("hunter2");
    /// assert_eq!(secret.expose().len(), 7);
    /// ```
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// Returns the secret itself. Do not log it.
    ///
    /// ```
    /// assert_eq!(axioms_rocket::Secret::new("hunter2").expose(), "hunter2");
    /// ```
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)
            .map(Secret)
            .map_err(|_| D::Error::custom("a secret must be a string"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needed_is_bounded_and_prints_the_same_excerpt() {
        for text in [
            "",
            "a b",
            &"é".repeat(80),
            &"é".repeat(81),
            &"é".repeat(5000),
        ] {
            let needed = Excerpt(text).needed();
            assert!(needed.chars().count() <= 81 && text.starts_with(needed));
            assert_eq!(Excerpt(needed).to_string(), Excerpt(text).to_string());
        }
    }

    #[test]
    fn an_excerpt_is_quoted_escaped_and_cut_at_eighty_characters() {
        assert_eq!(Excerpt("a b").to_string(), "\"a b\"");
        assert_eq!(
            Excerpt("a\r\n\u{1b}\"").to_string(),
            "\"a\\r\\n\\u{1b}\\\"\""
        );
        assert_eq!(
            Excerpt(&"é".repeat(80)).to_string(),
            format!("\"{}\"", "é".repeat(80))
        );
        assert_eq!(
            Excerpt(&"é".repeat(81)).to_string(),
            format!("\"{}…\"", "é".repeat(80))
        );
    }

    #[test]
    fn one_line_escapes_control_characters_and_is_cut_short() {
        assert_eq!(one_line("a\nb \"c\""), "a\\nb \"c\"");
        assert_eq!(one_line(&"x".repeat(200)), "x".repeat(200));
        assert_eq!(one_line(&"x".repeat(300)), format!("{}…", "x".repeat(200)));
    }

    #[test]
    fn a_url_that_was_not_checked_is_redacted_or_left_out() {
        for (text, shown) in [
            ("https://keys.test/set", "https://keys.test/set"),
            ("https://keys.test/set?key=secret", "https://keys.test/set"),
            ("https://keys.test/set#secret", "https://keys.test/set"),
            ("https://user:secret@keys.test/set", "https://keys.test/set"),
            (
                "https://user:sec@ret@keys.test/?secret@x",
                "https://keys.test/",
            ),
            ("user:secret@keys.test", "…"),
            ("secret@https://", "…"),
            ("https://keys.test/ secret", "…"),
            ("HTTPS://secret@", "…"),
        ] {
            assert_eq!(RedactedUrl::of_text(text), shown, "{text}");
        }
    }
}
