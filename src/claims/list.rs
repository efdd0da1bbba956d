//! Scopes, roles, permissions: names in a string or an array, the same set either way.

use std::sync::OnceLock;

use memchr::{memchr, memchr_iter};

use super::name::ClaimName;
use super::selector::SelectedClaims;
use super::text::Text;
use crate::json;
use crate::json::Value;

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
    /// An array; each item is one name, spaces included.
    Array(Text),
}

/// The items of an array, parsed on first use; `None` if not all of them are strings.
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
    pub(crate) fn first(names: &[ClaimName], selected: &SelectedClaims<'_>, raw: &str) -> List {
        first_present(names, selected).map_or(List::Absent, |value| List::of(value, raw))
    }

    /// Returns the list that `value` is; `raw` is the JSON of the claims.
    fn of(value: Value<'_>, raw: &str) -> List {
        match value {
            Value::Null => List::Absent,
            Value::String(string) => List::Words(Text::of(&string.read(), raw)),
            Value::Array(array) => List::Array(Text::of(&array.as_str().into(), raw)),
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => List::Unreadable,
        }
    }

    /// Returns the list that `value` is, where a string is one name.
    pub(crate) fn whole(value: Value<'_>, raw: &str) -> List {
        match List::of(value, raw) {
            List::Words(text) => List::One(text),
            list => list,
        }
    }

    /// Returns an upper bound of the bytes on the heap once it is parsed.
    pub(crate) fn weight(&self, raw: &str) -> usize {
        let List::Array(array) = self else {
            return 0;
        };
        let array = array.read(raw);
        // An item with an escape has its own copy.
        let own = memchr(b'\\', array.as_bytes()).map_or(0, |_| array.len());
        max_items(array) * size_of::<Text>() + own
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
    /// Returns the items of an array; `None` if not all of them are strings.
    fn items(self, array: &Text) -> Option<&'a [Text]> {
        let parse = || {
            let array = array.read(self.raw);
            let mut items = Vec::with_capacity(max_items(array));
            let strings = json::Array::checked(array)
                .each_string(|string| items.push(Text::of(&string, self.raw)));
            strings.then(|| items.into_boxed_slice())
        };
        self.items.get_or_init(parse).as_deref()
    }

    /// Returns the names in order, without empty ones.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        let (words, items) = match self.list {
            List::Words(text) => (Some(text.read(self.raw)), None),
            List::One(text) => (None, Some(std::slice::from_ref(text))),
            List::Array(array) => (None, self.items(array)),
            List::Absent | List::Unreadable => (None, None),
        };
        let words = words.into_iter().flat_map(|words| words.split(' '));
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
            List::Array(array) => self.items(array).is_some_and(|items| {
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
    /// `,`, `;` and `|`, or that contains one of these and occurs anywhere in an item.
    pub(crate) fn mentions_any(self, asked: &[&str]) -> bool {
        match self.list {
            List::Words(text) | List::One(text) => {
                let text = text.read(self.raw);
                asked.iter().any(|name| text.contains(name))
            }
            List::Array(array) => self.items(array).is_some_and(|items| {
                let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|');
                // A name with a separator is no part of a split item.
                let holds = |item: &str, name: &str| {
                    item == name
                        || item.split(separator).any(|part| part == name)
                        || name.contains(separator) && item.contains(name)
                };
                items
                    .iter()
                    .any(|item| asked.iter().any(|name| holds(item.read(self.raw), name)))
            }),
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
            List::One(_) | List::Words(_) => true,
            List::Array(array) => self.items(array).is_some(),
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
