//! The members of a key set, a key or metadata.
//!
//! Strict about the object itself. Values are only checked for syntax until they are read: a
//! number, a surrogate or a depth that the reader of tokens refuses must not make a whole key set
//! unusable.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A byte order mark in UTF-8. RFC 8259 §8.1 lets a reader ignore it, and some servers send it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The members of one JSON object, each once.
pub(crate) struct RawMembers<'a>(HashMap<String, &'a RawValue>);

/// Why members cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MembersError {
    /// Not JSON, not an object, or with a duplicate member.
    #[error("not a JSON object with unique members (line {line}, column {column})")]
    NotAnObject { line: usize, column: usize },
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{0}` is not a string")]
    NotAString(&'static str),
}

impl<'a> RawMembers<'a> {
    /// Parses an object, after a byte order mark if there is one.
    pub(crate) fn parse(json: &'a [u8]) -> Result<Self, MembersError> {
        let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
        serde_json::from_slice(json).map_err(|error| MembersError::NotAnObject {
            line: error.line(),
            column: error.column(),
        })
    }

    /// Returns the JSON text of a member.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied()
    }

    /// Returns a string, `None` if it is absent or null.
    pub(crate) fn string(&self, name: &'static str) -> Result<Option<String>, MembersError> {
        match self.raw(name) {
            None => Ok(None),
            Some(value) => {
                serde_json::from_str(value.get()).map_err(|_| MembersError::NotAString(name))
            }
        }
    }

    /// Returns a string that must be present.
    pub(crate) fn required_string(&self, name: &'static str) -> Result<String, MembersError> {
        self.string(name)?.ok_or(MembersError::Missing(name))
    }
}

impl<'de> Deserialize<'de> for RawMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = RawMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut members = HashMap::new();
                while let Some((name, value)) = object.next_entry::<String, &'de RawValue>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("duplicate member"));
                    }
                }
                Ok(RawMembers(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(json: &str) -> Option<MembersError> {
        RawMembers::parse(json.as_bytes()).err()
    }

    #[test]
    fn members_are_read_by_name_and_type() {
        let members =
            RawMembers::parse(br#" {"a": "\u0061\n", "b": 1, "c": null, "d": [[]]} "#).unwrap();
        assert_eq!(members.string("a"), Ok(Some("a\n".to_owned())));
        assert_eq!(members.string("b"), Err(MembersError::NotAString("b")));
        assert_eq!(members.string("c"), Ok(None));
        assert_eq!(members.string("e"), Ok(None));
        assert_eq!(
            members.required_string("c"),
            Err(MembersError::Missing("c"))
        );
        assert_eq!(members.raw("d").map(RawValue::get), Some("[[]]"));
    }

    #[test]
    fn only_an_object_with_unique_members_and_nothing_behind_it_is_read() {
        let refused = |json: &str, line, column| {
            assert_eq!(
                refusal(json),
                Some(MembersError::NotAnObject { line, column }),
                "{json}"
            );
        };
        refused("", 1, 0);
        refused("[]", 1, 0);
        refused("\"a\"", 1, 3);
        refused("{} {}", 1, 4);
        refused(r#"{"a":1,"a":2}"#, 1, 13);
        // One member, written in two ways.
        refused(r#"{"a":1,"\u0061":2}"#, 1, 18);
        refused(r#"{"a":1,}"#, 1, 8);
        refused("{'a':1}", 1, 2);
    }

    #[test]
    fn one_byte_order_mark_is_skipped() {
        let members = RawMembers::parse("\u{feff} {\"a\":1}".as_bytes()).unwrap();
        assert!(members.raw("a").is_some());
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
        let deep = format!(r#"{{"a": {}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(RawMembers::parse(deep.as_bytes()).is_ok_and(|members| members.raw("a").is_some()));
    }
}
