//! The members of a key set, a key or metadata.
//!
//! Strict about the object itself. The values are read one by one: a number, a surrogate or a depth
//! that the reader refuses makes one member useless and never the whole document.

use std::borrow::Cow;

use thiserror::Error;

use super::{JsonError, MemberNames, Scanner, Value};

/// A byte order mark in UTF-8. RFC 8259 §8.1 lets a reader ignore it, and some servers send it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The members of one JSON object, each once, with the text of its value.
pub(crate) struct LazyMembers<'t>(Vec<(Cow<'t, str>, &'t str)>);

/// Fault of a document or of one of its members.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum MembersError {
    /// Not JSON, not an object, or with a duplicate member.
    #[error("{error} (line {line}, column {column})")]
    NotAnObject {
        error: JsonError,
        /// The start of the member that cannot be read, counted from 1.
        line: usize,
        column: usize,
    },
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{0}` is not a string")]
    NotAString(&'static str),
}

impl<'t> LazyMembers<'t> {
    /// Parses an object, after a byte order mark if there is one.
    pub(crate) fn parse(json: &'t [u8]) -> Result<Self, MembersError> {
        let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
        let mut at = 0;
        match std::str::from_utf8(json) {
            Ok(json) => members(json, &mut at),
            Err(error) => {
                at = error.valid_up_to();
                Err(JsonError::Syntax)
            }
        }
        .map(LazyMembers)
        .map_err(|error| {
            let before = json.get(..at).unwrap_or_default();
            let newline = before.iter().rposition(|byte| *byte == b'\n');
            MembersError::NotAnObject {
                error,
                line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
                column: at - newline.map_or(0, |newline| newline + 1) + 1,
            }
        })
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Reads a value; `None` if it is absent.
    ///
    /// # Errors
    ///
    /// The value, or one inside it, is none that a token may have.
    pub(crate) fn value(&self, name: &str) -> Result<Option<Value<'t>>, JsonError> {
        let read = |raw| Scanner(raw).value(0).map(|(value, _)| value);
        self.raw(name).map(read).transpose()
    }

    /// Returns a string, `None` if it is absent or null.
    pub(crate) fn string(&self, name: &'static str) -> Result<Option<Cow<'t, str>>, MembersError> {
        match self.value(name) {
            Ok(None | Some(Value::Null)) => Ok(None),
            Ok(Some(Value::String(string))) => Ok(Some(string.read())),
            _ => Err(MembersError::NotAString(name)),
        }
    }

    /// Returns a string that must be present.
    pub(crate) fn required_string(&self, name: &'static str) -> Result<Cow<'t, str>, MembersError> {
        self.string(name)?.ok_or(MembersError::Missing(name))
    }

    /// Returns the texts of an array's items, which are not read; `None` if it is no array.
    pub(crate) fn items(&self, name: &str) -> Option<Vec<&'t str>> {
        let raw = self.raw(name).filter(|raw| raw.starts_with('['))?;
        let (mut items, mut at) = (Vec::new(), 1);
        // No errors here: the grammar was checked when the document was parsed.
        while let Ok((true, start)) = Scanner(raw).next_element(!items.is_empty(), b']', at) {
            at = Scanner(raw).skip_value(start).ok()?;
            items.push(raw.get(start..at)?);
        }
        Some(items)
    }

    fn raw(&self, name: &str) -> Option<&'t str> {
        let mut members = self.0.iter();
        members
            .find(|(other, _)| other == name)
            .map(|(_, raw)| *raw)
    }
}

/// Reads the members of the object `json`. `at` is the offset of the one that is being read.
fn members<'t>(json: &'t str, at: &mut usize) -> Result<Vec<(Cow<'t, str>, &'t str)>, JsonError> {
    let scanner = Scanner(json);
    let mut names = MemberNames::of(json);
    let mut members = Vec::new();
    let mut end = scanner.start_of_object()?;
    loop {
        let more;
        *at = scanner.skip_whitespace(end);
        (more, *at) = scanner.next_element(!members.is_empty(), b'}', *at)?;
        if !more {
            return scanner.expect_end(*at).map(|()| members);
        }
        let (name, start) = scanner.name(*at)?;
        let name = name.read();
        names.insert(&name)?;
        end = scanner.skip_value(start)?;
        members.push((name, json.get(start..end).unwrap_or_default()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(json: &str) -> Option<MembersError> {
        LazyMembers::parse(json.as_bytes()).err()
    }

    #[test]
    fn members_are_read_by_name_and_type() {
        let members = LazyMembers::parse(
            br#" {"a": "\u0061\n", "b": 1, "c": null, "d": [[], "x" ,1e999 ], "e": "\ud800"} "#,
        )
        .unwrap();
        assert_eq!(members.string("a"), Ok(Some("a\n".into())));
        assert_eq!(members.string("b"), Err(MembersError::NotAString("b")));
        assert_eq!(members.string("c"), Ok(None));
        assert_eq!(members.string("e"), Err(MembersError::NotAString("e")));
        assert_eq!(members.string("f"), Ok(None));
        assert_eq!(
            members.required_string("c"),
            Err(MembersError::Missing("c"))
        );
        assert_eq!(members.value("d").err(), Some(JsonError::Range));
        assert_eq!(members.items("d"), Some(vec!["[]", "\"x\"", "1e999"]));
        assert_eq!(members.items("a"), None);
        assert!(members.contains("e") && !members.contains("f"));
    }

    #[test]
    fn only_an_object_with_unique_members_and_nothing_behind_it_is_read() {
        use JsonError::{Duplicate, NotAnObject, Syntax};
        let cases: [(&[u8], _, _, _); 12] = [
            (b"", NotAnObject, 1, 1),
            (b"<html>", NotAnObject, 1, 1),
            (b"[]", NotAnObject, 1, 1),
            (b"\"a\"", NotAnObject, 1, 1),
            (b"{} {}", Syntax, 1, 3),
            (br#"{"a":1,"a":2}"#, Duplicate, 1, 8),
            // One member, written in two ways.
            (b"{\n\"a\":1,\n \"\\u0061\":2}", Duplicate, 3, 2),
            (br#"{"a":1,}"#, Syntax, 1, 8),
            (b"{'a':1}", Syntax, 1, 2),
            (br#"{"a":1 "b":1}"#, Syntax, 1, 8),
            // A name that is no text.
            (br#"{"a":1,"\ud800":2}"#, Syntax, 1, 8),
            (b"{\"a\":\"\xff\"}", Syntax, 1, 7),
        ];
        for (json, error, line, column) in cases {
            let expected = MembersError::NotAnObject {
                error,
                line,
                column,
            };
            let refused = LazyMembers::parse(json).err();
            assert_eq!(refused, Some(expected), "{}", json.escape_ascii());
        }
    }

    #[test]
    fn a_value_of_any_size_is_skipped_and_its_grammar_checked() {
        let read = |value: &str| refusal(&format!("{{\"a\":{value},\"b\":0}}"));
        for value in [
            r#""\ud800\u12aF\\\"\/\b\f\n\r\t""#,
            r#"{"\ud800":[{},[ ],{"a" : -0.5E+999 , "a":null}]}"#,
            r#"{"$serde_json::private::RawValue":[true,false]}"#,
            &"9".repeat(5000),
        ] {
            assert_eq!(read(value), None, "{value}");
        }
        for value in [
            r#""\u12""#,
            r#""\x""#,
            "\"a\nb\"",
            "\"",
            "01",
            "1.",
            "nul",
            "[1,]",
            "[1}",
            "{1:2}",
            r#"{"a"}"#,
            r#"{"a":1,}"#,
            "[",
            "{",
            "",
            "]",
            r#"[1 2]"#,
            r#"{"a":1 "b":2}"#,
        ] {
            assert!(read(value).is_some(), "{value}");
            assert!(
                read(&format!("[{value}]")).is_some() || value.is_empty(),
                "[{value}]"
            );
        }
    }

    #[test]
    fn one_byte_order_mark_is_skipped() {
        let members = LazyMembers::parse("\u{feff} {\"a\":1}".as_bytes()).unwrap();
        assert!(members.contains("a"));
        for json in [
            "\u{feff}\u{feff}{}",
            " \u{feff}{}",
            "{}\u{feff}",
            "\u{feff}",
        ] {
            assert!(refusal(json).is_some(), "{json:?}");
        }
    }

    #[test]
    fn deep_nesting_is_no_danger() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |value: &str| {
                let (open, close) = (open.repeat(100_000), close.repeat(100_000));
                format!("{{\"a\": {open}{value}{close}}}")
            };
            let deep = nested("0");
            let deep = LazyMembers::parse(deep.as_bytes()).unwrap();
            assert_eq!(deep.value("a").err(), Some(JsonError::Depth));
            assert!(refusal(&nested("0,")).is_some());
        }
    }
}
