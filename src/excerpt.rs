//! Text from outside, as it is printed.

use std::fmt::{self, Write};

/// Prints a text that others wrote: escaped, in quotes, and cut short.
pub(crate) struct Excerpt<'a>(pub(crate) &'a str);

/// Characters that are shown.
const LENGTH: usize = 80;

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
    fn an_excerpt_is_quoted_escaped_and_cut_at_eighty_characters() {
        assert_eq!(Excerpt("a b").to_string(), "\"a b\"");
        assert_eq!(Excerpt("a\r\n\u{1b}\"").to_string(), "\"a\\r\\n\\u{1b}\\\"\"");
        assert_eq!(Excerpt(&"é".repeat(80)).to_string(), format!("\"{}\"", "é".repeat(80)));
        assert_eq!(Excerpt(&"é".repeat(81)).to_string(), format!("\"{}…\"", "é".repeat(80)));
    }
}
