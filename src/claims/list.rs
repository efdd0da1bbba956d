//! Scopes, roles, permissions: names in a string or an array, the same set either way.

use std::borrow::Cow;
use std::sync::OnceLock;

use memchr::{memchr, memchr_iter};

use super::name::ClaimName;
use super::selector::SelectedClaims;
use super::shape::ClaimShape;
use super::text::Text;
use crate::json::{Array, Members, Value};

/// The names of one claim, as the claim writes them.
#[derive(Debug, Clone, Default)]
pub(crate) enum List {
    /// The claim is absent or null.
    #[default]
    Absent,
    /// The claim is of a type that holds no names: a number, an object, a boolean.
    Unreadable,
    /// A string that is one name, spaces included.
    One(Text),
    /// A string of names with spaces between them (RFC 6749 §3.3: no other white space).
    Words(Text),
    /// A string of names with commas between them.
    Comma(Text),
    /// An array; each item is one name, spaces included.
    Array(Text),
    /// An object, or an array of objects, whose member names are the names.
    Keys(Text),
}

/// The items of an array or the keys of objects, parsed on first use; `None` if not all items of
/// the array are strings or objects.
// perf: few routes read scopes, roles and permissions, benches/cache.rs.
pub(crate) type LazyItems = OnceLock<Option<Box<[Text]>>>;

/// Returns the first of `names` that is present and not null.
pub(crate) fn first_present<'t>(
    names: &[ClaimName],
    selected: &SelectedClaims<'t>,
) -> Option<Value<'t>> {
    names
        .iter()
        .filter_map(|name| name.find(selected))
        .find(|value| !matches!(value, Value::Null))
}

impl List {
    /// Returns the list of the first of `names` that is present and not null, even if it is empty.
    /// `raw` is the JSON of the claims.
    pub(crate) fn first(
        names: &[ClaimName],
        shape: ClaimShape,
        selected: &SelectedClaims<'_>,
        raw: &str,
    ) -> List {
        first_present(names, selected).map_or(List::Absent, |value| List::of(value, shape, raw))
    }

    /// Returns the list that `value` is in a claim of that shape; `raw` is the JSON of the claims.
    pub(crate) fn of(value: Value<'_>, shape: ClaimShape, raw: &str) -> List {
        match (value, shape) {
            (Value::Null, _) => List::Absent,
            (Value::Object(object), ClaimShape::Keys) => {
                List::Keys(Text::of(&object.as_str().into(), raw))
            }
            (Value::Array(array), ClaimShape::Keys) => {
                List::Keys(Text::of(&array.as_str().into(), raw))
            }
            (Value::Array(array), _) => List::Array(Text::of(&array.as_str().into(), raw)),
            (Value::String(text), ClaimShape::List) => List::Words(Text::of(&text.read(), raw)),
            (Value::String(text), ClaimShape::Text) => List::One(Text::of(&text.read(), raw)),
            (Value::String(text), ClaimShape::Comma) => List::Comma(Text::of(&text.read(), raw)),
            (Value::String(_), ClaimShape::Keys)
            | (Value::Bool(_) | Value::Number(_) | Value::Object(_), _) => List::Unreadable,
        }
    }

    /// Returns an upper bound of the bytes on the heap once it is parsed.
    pub(crate) fn weight(&self, raw: &str) -> usize {
        let (List::Array(array) | List::Keys(array)) = self else {
            return 0;
        };
        let array = array.read(raw);
        // An item with an escape has its own copy.
        let own = memchr(b'\\', array.as_bytes()).map_or(0, |_| array.len());
        max_items(array) * size_of::<Text>() + own
    }
}

/// Calls `each` for the member names and values of an object, or of an array of objects. Returns
/// true for one of the two.
fn each_key<'t>(json: &'t str, mut each: impl FnMut(Cow<'t, str>, Value<'t>)) -> bool {
    let mut of_object = |object: &'t str| {
        let Ok(mut members) = Members::of(object) else {
            return false;
        };
        while let Ok(Some((name, value))) = members.next() {
            each(name, value);
        }
        true
    };
    if json.starts_with('{') {
        return of_object(json);
    }
    Array::checked(json).items().all(|item| match item {
        Value::Object(object) => of_object(object.as_str()),
        _ => false,
    })
}

/// Returns whether the member of an object holds its name.
fn is_held(value: Value<'_>) -> bool {
    match value {
        Value::Null | Value::Number(_) => false,
        Value::Bool(held) => held,
        Value::String(text) => !text.read().is_empty(),
        Value::Array(array) => array.items().next().is_some(),
        Value::Object(object) => !object.is_empty(),
    }
}

/// Returns an upper bound of the items of `array`: each string has two quotes.
fn max_items(array: &str) -> usize {
    memchr_iter(b'"', array.as_bytes()).count() / 2
}

/// Reads the names of one claim.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) list: &'a List,
    pub(crate) items: &'a LazyItems,
    /// The JSON of the claims.
    pub(crate) raw: &'a str,
}

impl<'a> Names<'a> {
    /// Returns the items of an array, or the keys that are held; `None` if not all of the items are
    /// strings or objects.
    fn items(self, json: &Text) -> Option<&'a [Text]> {
        let parse = || {
            let json = json.read(self.raw);
            let mut items = Vec::with_capacity(max_items(json));
            let is_readable = if let List::Keys(_) = self.list {
                each_key(json, |name, value| {
                    if is_held(value) {
                        items.push(Text::of(&name, self.raw));
                    }
                })
            } else {
                Array::checked(json).each_string(|string| items.push(Text::of(&string, self.raw)))
            };
            is_readable.then(|| items.into_boxed_slice())
        };
        self.items.get_or_init(parse).as_deref()
    }

    /// Returns the names in order, without empty ones.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        let (words, items) = match self.list {
            List::Words(text) => (Some((text.read(self.raw), ' ')), None),
            List::Comma(text) => (Some((text.read(self.raw), ',')), None),
            List::One(text) => (None, Some(std::slice::from_ref(text))),
            List::Array(json) | List::Keys(json) => (None, self.items(json)),
            List::Absent | List::Unreadable => (None, None),
        };
        let words = words
            .into_iter()
            .flat_map(|(words, separator)| words.split(separator))
            .map(|word| word.trim_matches(' '));
        let items = items
            .into_iter()
            .flat_map(move |items| items.iter().map(move |item| item.read(self.raw)));
        words.chain(items).filter(|name| !name.is_empty())
    }

    /// Returns whether `name` is among them, compared whole and case-sensitively.
    pub(crate) fn has(self, name: &str) -> bool {
        self.has_any(&[name])
    }

    /// Returns whether any of `asked` is among them, in one pass over the claim.
    pub(crate) fn has_any(self, asked: &[&str]) -> bool {
        match self.list {
            // perf: words are short, so a loop over bytes beats a search for each space,
            // benches/policy.rs.
            List::Words(text) => text
                .read(self.raw)
                .as_bytes()
                .split(|byte| *byte == b' ')
                .any(|word| is_one_of(word, asked)),
            List::One(text) => is_one_of(text.read(self.raw).as_bytes(), asked),
            List::Comma(text) => {
                let mut names = text.read(self.raw).split(',');
                names.any(|name| is_one_of(name.trim_matches(' ').as_bytes(), asked))
            }
            List::Array(json) | List::Keys(json) => self.items(json).is_some_and(|items| {
                items
                    .iter()
                    .any(|item| is_one_of(item.read(self.raw).as_bytes(), asked))
            }),
            List::Absent | List::Unreadable => false,
        }
    }

    /// Like [`has_any`](Self::has_any), but doubt counts as `true`: for negations, which must not
    /// open on a separator that is not ours. A claim that is one string holds a name that it
    /// contains anywhere; an array holds a name that is one part of an item between white space,
    /// `,`, `;` and `|`, or that contains one of these and occurs anywhere in an item; so does a
    /// key, whatever its value is.
    pub(crate) fn mentions_any(self, asked: &[&str]) -> bool {
        let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|');
        // A name with a separator is no part of a split item.
        let holds = |item: &str, name: &str| {
            item == name
                || item.split(separator).any(|part| part == name)
                || name.contains(separator) && item.contains(name)
        };
        let holds_any = |item: &str| asked.iter().any(|name| holds(item, name));
        match self.list {
            List::Words(text) | List::One(text) | List::Comma(text) => {
                let text = text.read(self.raw);
                asked.iter().any(|name| text.contains(name))
            }
            List::Array(json) => self
                .items(json)
                .is_some_and(|items| items.iter().any(|item| holds_any(item.read(self.raw)))),
            List::Keys(json) => {
                let mut mentions = false;
                each_key(json.read(self.raw), |name, _| mentions |= holds_any(&name));
                mentions
            }
            List::Absent | List::Unreadable => false,
        }
    }

    /// Returns true if there is no such claim, or null.
    pub(crate) fn is_absent(self) -> bool {
        matches!(self.list, List::Absent)
    }

    /// Returns whether the claim is present and of a type that holds names, even if it is empty.
    pub(crate) fn is_readable(self) -> bool {
        match self.list {
            List::One(_) | List::Words(_) | List::Comma(_) => true,
            List::Array(json) | List::Keys(json) => self.items(json).is_some(),
            List::Absent | List::Unreadable => false,
        }
    }
}

/// Returns whether `name` is among `asked`. An empty name is none.
// perf: compares length and last byte first: names of one API share prefixes, benches/policy.rs.
fn is_one_of(name: &[u8], asked: &[&str]) -> bool {
    let Some(end) = name.last() else { return false };
    asked
        .iter()
        .map(|other| other.as_bytes())
        .any(|other| other.len() == name.len() && other.last() == Some(end) && other == name)
}
