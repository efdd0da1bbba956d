//! Reading JSON that a stranger sent: every value is parsed in full, none is copied, no member may come twice.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

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
        skip_members(&mut members).map(|_| Skip)
    }
}

/// Reads and drops an object; a number, if it is none but a number as `arbitrary_precision` hands it over.
fn skip_members<'de, A: MapAccess<'de>>(members: &mut A) -> Result<Option<Number>, A::Error> {
    let mut first = true;
    while let Some(key) = members.next_key::<Key<'de>>()? {
        match key {
            Key::Number if first => return number(members).map(Some),
            Key::Number => return Err(private()),
            Key::Name(_) => members.next_value::<Skip>()?,
        };
        first = false;
    }
    Ok(None)
}

/// A text, borrowed when it was written without escapes.
struct Borrowing<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Borrowing<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Borrowing<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Borrowing(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Borrowing(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Texts)
    }
}

/// The name of a member at the top, where nothing is private to serde_json.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Key::deserialize(deserializer)? {
            Key::Name(name) => Ok(Name(name)),
            Key::Number => Err(private()),
        }
    }
}

/// The name of a member further down.
enum Key<'de> {
    Name(Cow<'de, str>),
    /// With serde_json's `arbitrary_precision`, which any crate of a program can turn on, a number arrives as an object of this
    /// one member.
    Number,
}

/// Names that are not data to serde_json. Under `RawValue` its `Value` parses a text as JSON, and counts the depth anew.
const PRIVATE: &str = "$serde_json::private::";

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Borrowing(name) = Borrowing::deserialize(deserializer)?;
        match name.strip_prefix(PRIVATE) {
            None => Ok(Key::Name(name)),
            Some("Number") => Ok(Key::Number),
            Some(_) => Err(private()),
        }
    }
}

/// What stands under `Key::Number`: the digits of a number, and nothing behind them.
fn number<'de, A: MapAccess<'de>>(members: &mut A) -> Result<Number, A::Error> {
    let Borrowing(digits) = members.next_value()?;
    let number = digits.parse().map_err(|_| private())?;
    if members.next_key::<Skip>()?.is_some() { Err(private()) } else { Ok(number) }
}

fn private<E: Error>() -> E {
    E::custom("a member's name is private to the parser")
}

/// A claim's value as far as anyone asks: texts without a copy, anything else as a tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Captured<'de> {
    Null,
    Text(Cow<'de, str>),
    /// A list in which every item is a string; may be empty.
    Texts(Vec<Cow<'de, str>>),
    Other(Value),
    /// A list or an object that was read strictly and not kept.
    Opaque,
}

/// How much of a claim is kept. Nothing that a stranger can make large is, before the signature holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What is short: a text, a number, a list of a few texts.
    Glance,
    /// A list of texts however long, and no other list and no object.
    Texts,
    /// All of it.
    Whole,
}

/// The longest list that a glance takes in: more than most tokens have.
const GLANCE: usize = 64;

impl Captured<'_> {
    /// The same as a tree.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Captured::Null => Value::Null,
            Captured::Text(text) => Value::String(text.as_ref().to_owned()),
            Captured::Texts(texts) => texts.iter().map(|text| Value::String(text.as_ref().to_owned())).collect(),
            Captured::Other(value) => value.clone(),
            // Nobody asks for the tree of what was not kept.
            Captured::Opaque => Value::Null,
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
        Depth::Whole.deserialize(deserializer)
    }
}

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Captured<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
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
        let mut texts = Vec::with_capacity(24);
        if self == Depth::Whole {
            while let Some(item) = items.next_element::<Captured<'de>>()? {
                match item {
                    Captured::Text(text) => texts.push(text),
                    // One item that is no string, and the whole is a list of anything.
                    other => {
                        let mut all: Vec<Value> =
                            texts.into_iter().map(|text| Value::String(text.into_owned())).collect();
                        all.push(other.to_value());
                        while let Some(Tree(item)) = items.next_element::<Tree>()? {
                            all.push(item);
                        }
                        return Ok(Captured::Other(Value::Array(all)));
                    }
                }
            }
            return Ok(Captured::Texts(texts));
        }
        let most = if self == Depth::Glance { GLANCE } else { usize::MAX };
        while let Some(item) = items.next_element::<TextOrOther<'de>>()? {
            match item {
                TextOrOther(Some(text)) if texts.len() < most => texts.push(text),
                _ => {
                    while items.next_element::<Skip>()?.is_some() {}
                    return Ok(Captured::Opaque);
                }
            }
        }
        Ok(Captured::Texts(texts))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        if self == Depth::Whole {
            return Trees.visit_map(members).map(|Tree(object)| Captured::Other(object));
        }
        Ok(skip_members(&mut members)?.map_or(Captured::Opaque, |number| Captured::Other(Value::Number(number))))
    }
}

/// A text, or anything else, read and dropped.
pub(crate) struct TextOrOther<'de>(pub(crate) Option<Cow<'de, str>>);

impl<'de> Deserialize<'de> for TextOrOther<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = TextOrOther<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(TextOrOther(None))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(TextOrOther(None))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(TextOrOther(None))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(TextOrOther(None))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(TextOrOther(None))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(TextOrOther(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(TextOrOther(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
                Skip.visit_seq(items).map(|_| TextOrOther(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                Skip.visit_map(members).map(|_| TextOrOther(None))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}

/// A value as a tree, without what serde_json's own `Value` makes of private names.
struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Trees)
    }
}

struct Trees;

impl<'de> Visitor<'de> for Trees {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree(Value::Null))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree(Value::Bool(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree(Value::from(value)))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree(Value::from(value)))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree(Value::from(value)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree(Value::String(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(Tree(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree(Value::Array(list)))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<Key<'de>>()? {
            match key {
                Key::Number if object.is_empty() => {
                    return number(&mut members).map(|number| Tree(Value::Number(number)));
                }
                Key::Number => return Err(private()),
                Key::Name(name) => {
                    let Tree(value) = members.next_value()?;
                    // Beneath the top too: the settings lead into this claim, and parsers differ on which of the two counts.
                    if object.insert(name.into_owned(), value).is_some() {
                        return Err(duplicate());
                    }
                }
            }
        }
        Ok(Tree(Value::Object(object)))
    }
}

/// The names seen so far in one object. Few are compared one by one. Of many only a keyed hash is kept, so that an object of
/// thousands of members costs little more than its length; two names of one hash, which nobody can bring about and nobody will
/// see by chance, would be refused as one.
#[derive(Default)]
pub(crate) struct Seen<'de> {
    few: Vec<Cow<'de, str>>,
    many: Option<(RandomState, HashSet<u64, RandomState>)>,
}

const FEW: usize = 24;

impl<'de> Seen<'de> {
    /// Remembers `name`; an error when it was there already (RFC 7515 §4, RFC 7519 §4).
    pub(crate) fn remember<E: Error>(&mut self, name: Cow<'de, str>) -> Result<(), E> {
        let fresh = if let Some((key, many)) = &mut self.many {
            many.insert(key.hash_one(name.as_ref()))
        } else if self.few.contains(&name) {
            false
        } else {
            self.few.push(name);
            if self.few.len() > FEW {
                let key = RandomState::default();
                let mut many = HashSet::with_capacity_and_hasher(16 * FEW, RandomState::default());
                many.extend(self.few.drain(..).map(|name| key.hash_one(name.as_ref())));
                self.many = Some((key, many));
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
