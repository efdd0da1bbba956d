//! Reading JSON that a stranger sent: every value is parsed in full, none is copied, no member may come twice.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A value that is read and dropped. Unlike `IgnoredAny` it descends like any other value does, so that the parser's
/// depth limit, its number range and its string checks hold for what nobody looks at too.
pub(crate) struct Skip;

impl<'de> Deserialize<'de> for Skip {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Skip)
    }
}

impl<'de> Visitor<'de> for Skip {
    type Value = Skip;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Skip, E> {
        Ok(Skip)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Skip, E> {
        Ok(Skip)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Skip, E> {
        Ok(Skip)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Skip, E> {
        Ok(Skip)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Skip, E> {
        Ok(Skip)
    }
    fn visit_str<E>(self, _: &str) -> Result<Skip, E> {
        Ok(Skip)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Skip, A::Error> {
        while items.next_element::<Skip>()?.is_some() {}
        Ok(Skip)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Skip, A::Error> {
        while members.next_entry::<Skip, Skip>()?.is_some() {}
        Ok(Skip)
    }
}

/// A member's name, borrowed when it was written without escapes.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Names)
    }
}

/// A claim's value as far as anyone asks: texts without a copy, anything else as a tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Captured<'de> {
    Null,
    Text(Cow<'de, str>),
    /// A list in which every item is a string; may be empty.
    Texts(Vec<Cow<'de, str>>),
    Other(Value),
}

impl Captured<'_> {
    /// The same as a tree.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Captured::Null => Value::Null,
            Captured::Text(text) => Value::String(text.as_ref().to_owned()),
            Captured::Texts(texts) => texts.iter().map(|text| Value::String(text.as_ref().to_owned())).collect(),
            Captured::Other(value) => value.clone(),
        }
    }

    pub(crate) fn into_static(value: Value) -> Captured<'static> {
        match value {
            Value::Null => Captured::Null,
            Value::String(text) => Captured::Text(Cow::Owned(text)),
            Value::Array(items) if items.iter().all(Value::is_string) => Captured::Texts(
                items.iter().filter_map(Value::as_str).map(|item| Cow::Owned(item.to_owned())).collect(),
            ),
            other => Captured::Other(other),
        }
    }
}

impl<'de> Deserialize<'de> for Captured<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Capture)
    }
}

struct Capture;

impl<'de> Visitor<'de> for Capture {
    type Value = Captured<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Captured::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Captured::Other(Value::Bool(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Captured::Other(Value::from(value)))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Captured::Other(Value::from(value)))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Captured::Other(Value::from(value)))
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Captured::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Captured::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::with_capacity(8);
        while let Some(item) = items.next_element::<Captured<'de>>()? {
            match item {
                Captured::Text(text) => texts.push(text),
                // One item that is no string, and the whole is a list of anything.
                other => {
                    let mut all: Vec<Value> = texts.into_iter().map(|text| Value::String(text.into_owned())).collect();
                    all.push(other.to_value());
                    while let Some(item) = items.next_element::<Value>()? {
                        all.push(item);
                    }
                    return Ok(Captured::Other(Value::Array(all)));
                }
            }
        }
        Ok(Captured::Texts(texts))
    }
    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(members)).map(|value| match value {
            // With serde_json's `arbitrary_precision` a number arrives as a map.
            value @ (Value::Object(_) | Value::Number(_)) => Captured::Other(value),
            value => Captured::into_static(value),
        })
    }
}

/// The names seen so far in one object. Few are compared one by one; from many on they are hashed, so that an object of
/// thousands of members costs no more than its length.
#[derive(Default)]
pub(crate) struct Seen<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

const FEW: usize = 24;

impl<'de> Seen<'de> {
    /// Remembers `name`; an error when it was there already (RFC 7515 §4, RFC 7519 §4).
    pub(crate) fn remember<E: Error>(&mut self, name: Cow<'de, str>) -> Result<(), E> {
        let fresh = if !self.many.is_empty() {
            self.many.insert(name)
        } else if self.few.contains(&name) {
            false
        } else {
            self.few.push(name);
            if self.few.len() > FEW {
                self.many.extend(self.few.drain(..));
            }
            true
        };
        if fresh { Ok(()) } else { Err(duplicate()) }
    }
}

/// The error for a member that comes twice. Its text names nothing of the token.
pub(crate) fn duplicate<E: Error>() -> E {
    E::custom("a member comes twice")
}
