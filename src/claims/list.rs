//! Scopes, roles, permissions: names in a string or in a list, and the same set either way.

use std::ops::Range;

use super::name::ClaimName;
use super::reader::Gathered;
use super::text::Text;
use crate::json::Value;

/// Where the names are that one claim holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum List {
    /// No such claim, or null.
    #[default]
    Absent,
    /// Present, of a type that holds no names (a number, an object, a list with something else in it).
    Unreadable,
    /// One string; the names stand between spaces (RFC 6749 §3.3: the space alone, no other white space).
    Words(Text),
    /// A list; each item is one name, spaces and all. They are among [`Items`].
    Items(Range<usize>),
}

/// The first of `names` that is there and not null.
pub(crate) fn present<'t>(names: &[ClaimName], gathered: &Gathered<'t>) -> Option<Value<'t>> {
    names.iter().filter_map(|name| name.find(gathered)).find(|value| !matches!(value, Value::Null))
}

/// The items of all lists of one token, one allocation for them all.
#[derive(Default)]
pub(crate) struct Items(Vec<Text>);

impl Items {
    pub(crate) fn new() -> Items {
        Items(Vec::with_capacity(32))
    }

    /// The first of `names` that is present and not null decides; an empty one holds nothing. `raw` is the text that was gathered
    /// from.
    pub(crate) fn first(&mut self, names: &[ClaimName], gathered: &Gathered<'_>, raw: &str) -> List {
        present(names, gathered).map_or(List::Absent, |value| self.of(value, raw))
    }

    /// The names that `value`, which stands in `raw`, holds.
    fn of(&mut self, value: Value<'_>, raw: &str) -> List {
        match value {
            Value::Null => List::Absent,
            Value::Text(text) => List::Words(Text::place(&text.read(), raw)),
            Value::List(list) => {
                let start = self.0.len();
                if !list.each_text(|text| self.0.push(Text::place(&text, raw))) {
                    self.0.truncate(start);
                    return List::Unreadable;
                }
                List::Items(start..self.0.len())
            }
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => List::Unreadable,
        }
    }

    /// As [`first`](Self::first) does it for `value`, save that a single string is one name, spaces and all.
    pub(crate) fn whole(&mut self, value: Value<'_>, raw: &str) -> List {
        match self.of(value, raw) {
            List::Words(text) => {
                let start = self.0.len();
                self.0.push(text);
                List::Items(start..start + 1)
            }
            list => list,
        }
    }

    /// Bytes on the heap.
    pub(crate) fn weight(&self) -> usize {
        self.0.capacity() * size_of::<Text>()
    }
}

/// The names that one claim holds.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) list: &'a List,
    pub(crate) items: &'a Items,
    /// The claims as the token carried them.
    pub(crate) raw: &'a str,
}

impl<'a> Names<'a> {
    fn items(self, range: &Range<usize>) -> &'a [Text] {
        self.items.0.get(range.clone()).unwrap_or_default()
    }

    /// The names, in their order; empty ones are no names.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        let (words, items) = match self.list {
            List::Words(text) => (Some(text.read(self.raw)), None),
            List::Items(range) => (None, Some(self.items(range))),
            List::Absent | List::Unreadable => (None, None),
        };
        let words = words.into_iter().flat_map(|words| words.split(' '));
        let items = items.into_iter().flat_map(move |items| items.iter().map(move |item| item.read(self.raw)));
        words.chain(items).filter(|name| !name.is_empty())
    }

    /// Whether `name` is among them: whole, and with its case.
    pub(crate) fn has(self, name: &str) -> bool {
        self.has_any(&[name])
    }

    /// Whether any of `asked` is among them; one pass over the claim, however many are asked for.
    pub(crate) fn has_any(self, asked: &[&str]) -> bool {
        match self.list {
            List::Words(text) => text.read(self.raw).split(' ').any(|word| is_one_of(word, asked)),
            List::Items(range) => self.items(range).iter().any(|item| is_one_of(item.read(self.raw), asked)),
            List::Absent | List::Unreadable => false,
        }
    }

    /// Whether the claim is there and can be read, even if it is empty.
    pub(crate) fn is_readable(self) -> bool {
        matches!(self.list, List::Words(_) | List::Items(_))
    }
}

/// The names of one API often begin alike and are of one length: the last octet tells most of them apart before they are compared.
/// An empty one is no name.
fn is_one_of(name: &str, asked: &[&str]) -> bool {
    let Some(end) = name.as_bytes().last() else { return false };
    asked.iter().any(|other| other.len() == name.len() && other.as_bytes().last() == Some(end) && *other == name)
}
