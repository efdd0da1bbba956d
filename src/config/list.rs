//! Lists of texts: `["a", "b"]`, one text (`audience = "a"`), and in variables `a,b`.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

/// Deserialises a list, or one text as a list of one. A comma is part of the text.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    List::deserialize(deserializer).map(|list| list.0)
}

struct List(Vec<String>);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTexts;

        impl<'de> Visitor<'de> for TextOrTexts {
            type Value = List;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of texts, or one text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<List, E> {
                Ok(List(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut texts: A) -> Result<List, A::Error> {
                let mut list = Vec::new();
                while let Some(text) = texts.next_element()? {
                    list.push(text);
                }
                Ok(List(list))
            }
        }

        deserializer.deserialize_any(TextOrTexts)
    }
}

/// Splits a variable's text: `a,b`, `["a", "b"]` or `[a,b]`; `[]` is the empty list.
///
/// Every entry stays text, whatever it looks like. Inside quotes a comma is part of the entry, and
/// `\` escapes the next character.
pub(super) fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let text = text.trim();
    let mut rest = match text.strip_prefix('[') {
        None => text,
        Some(inner) => inner
            .strip_suffix(']')
            .ok_or("begins with `[` and does not end with `]`")?
            .trim(),
    };
    let mut entries = Vec::new();
    if rest.is_empty() {
        return Ok(entries);
    }
    loop {
        let (entry, after) = match rest.strip_prefix(['"', '\'']) {
            Some(inner) => {
                let quote = if rest.starts_with('"') { '"' } else { '\'' };
                quoted(inner, quote).ok_or("opens a quote and does not close it")?
            }
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (entry, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (entry.trim_end().to_owned(), after)
            }
        };
        entries.push(entry);
        rest = match after.trim_start() {
            "" => return Ok(entries),
            after => after
                .strip_prefix(',')
                .ok_or("has text between a quote and the next comma")?
                .trim_start(),
        };
    }
}

/// Removes one pair of quotes around the whole of `text`, which some ways to set variables leave in
/// the value. Between single quotes nothing is escaped, as in a shell.
pub(super) fn unquoted(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix('\'') {
        return rest
            .strip_suffix('\'')
            .filter(|inner| !inner.contains('\''))
            .map(str::to_owned);
    }
    quoted(text.strip_prefix('"')?, '"')
        .filter(|(_, after)| after.is_empty())
        .map(|(entry, _)| entry)
}

/// Splits `text` at the closing quote: the unescaped entry, and the rest after the quote.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut entry = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => entry.push(characters.next()?),
            end if end == quote => return Some((entry, characters.as_str())),
            other => entry.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{split, unquoted};

    #[test]
    fn a_variable_lists_with_commas_or_in_brackets_and_everything_stays_text() {
        for (text, entries) in [
            ("", vec![]),
            ("[]", vec![]),
            ("[ ]", vec![]),
            ("a", vec!["a"]),
            ("12345", vec!["12345"]),
            ("true", vec!["true"]),
            ("a,b", vec!["a", "b"]),
            (" a , b ", vec!["a", "b"]),
            ("[a,b]", vec!["a", "b"]),
            (r#"["a", "b"]"#, vec!["a", "b"]),
            (r#"["a,b", '007']"#, vec!["a,b", "007"]),
            (r#"["say \"hi\"", "\\"]"#, vec![r#"say "hi""#, r"\"]),
            (
                "realm_access.roles,/a~1b/roles",
                vec!["realm_access.roles", "/a~1b/roles"],
            ),
            ("a,,b", vec!["a", "", "b"]),
            ("a,", vec!["a", ""]),
        ] {
            assert_eq!(
                split(text),
                Ok(entries.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn one_pair_of_quotes_around_everything_is_no_part_of_the_value() {
        for (text, value) in [
            (r#""a""#, "a"),
            ("'a'", "a"),
            (r#""""#, ""),
            (r#"" a, b ""#, " a, b "),
            (r#""it's""#, "it's"),
            (r#""say \"hi\" \\""#, r#"say "hi" \"#),
            (r#"'{"t":"\u0032"}'"#, r#"{"t":"\u0032"}"#),
        ] {
            assert_eq!(unquoted(text).as_deref(), Some(value), "{text}");
        }
        for text in [
            "",
            "a",
            r#"""#,
            r#""a"#,
            r#""a\""#,
            r#""a" or "b""#,
            r#"say "a""#,
            r#" "a""#,
            r#""a" "#,
            r#""a'"#,
            "'",
            "'a' or 'b'",
        ] {
            assert_eq!(unquoted(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_that_is_cut_short_is_refused() {
        assert_eq!(
            split(r#"["a", "b""#),
            Err("begins with `[` and does not end with `]`")
        );
        assert_eq!(split(r#"["a]"#), Err("opens a quote and does not close it"));
        assert_eq!(
            split(r#"["a\"]"#),
            Err("opens a quote and does not close it")
        );
        assert_eq!(
            split(r#"["a" "b"]"#),
            Err("has text between a quote and the next comma")
        );
    }
}
