//! Text from outside, as it is printed.

use std::fmt::{self, Write};

/// Prints a text that others wrote: escaped, in quotes, and cut short.
pub(crate) struct Excerpt<'a>(pub(crate) &'a str);

/// Characters that are shown.
const LENGTH: usize = 80;

impl<'a> Excerpt<'a> {
    /// The beginning of the text, from which the same excerpt can be printed.
    pub(crate) fn needed(&self) -> &'a str {
        match self.0.char_indices().nth(LENGTH + 1) {
            Some((end, _)) => &self.0[..end],
            None => self.0,
        }
    }
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.chars();
        f.write_char('"')?;
        for character in rest.by_ref().take(LENGTH) {
            write!(f, "{}", character.escape_debug())?;
        }
        f.write_str(if rest.next().is_some() { "…\"" } else { "\"" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_of_a_text_is_bounded_and_prints_the_same() {
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
}
