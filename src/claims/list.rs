//! Scopes, roles, permissions: names in a string or in a list, and the same set either way.

use std::sync::OnceLock;

use memchr::{memchr, memchr_iter};

use super::name::ClaimName;
use super::selector::SelectedClaims;
use super::text::Text;
use crate::json;
use crate::json::Value;

/// Where the names are that one claim holds.
#[derive(Debug, Default)]
pub(crate) enum List {
    /// No such claim, or null.
    #[default]
    Absent,
    /// Present, of a type that holds no names (a number, an object).
    Unreadable,
    /// One string that is one name, spaces and all.
    One(Text),
    /// One string; the names stand between spaces (RFC 6749 §3.3: the space alone, no other white space).
    Words(Text),
    /// A list; each item is one name, spaces and all.
    LazyItems(Text),
}

/// A list taken apart, when somebody asks for its items: few routes ask for scopes, roles and permissions. `None` when there is
/// something else in it than strings.
pub(crate) type LazyItems = OnceLock<Option<Box<[Text]>>>;

/// The first of `names` that is there and not null.
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
    /// The first of `names` that is present and not null decides; an empty one holds nothing. `raw` is the text that was selected
    /// from.
    pub(crate) fn first(names: &[ClaimName], selected: &SelectedClaims<'_>, raw: &str) -> List {
        first_present(names, selected).map_or(List::Absent, |value| List::of(value, raw))
    }

    /// The names that `value`, which stands in `raw`, holds.
    fn of(value: Value<'_>, raw: &str) -> List {
        match value {
            Value::Null => List::Absent,
            Value::Text(text) => List::Words(Text::place(&text.read(), raw)),
            Value::List(list) => List::LazyItems(Text::place(&list.as_str().into(), raw)),
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => List::Unreadable,
        }
    }

    /// As [`first`](Self::first) does it for `value`, save that a single string is one name.
    pub(crate) fn whole(value: Value<'_>, raw: &str) -> List {
        match List::of(value, raw) {
            List::Words(text) => List::One(text),
            list => list,
        }
    }

    /// Bytes on the heap once it was taken apart, or somewhat more.
    pub(crate) fn weight(&self, raw: &str) -> usize {
        let List::LazyItems(list) = self else {
            return 0;
        };
        let list = list.read(raw);
        // One with an escape is a text of its own.
        let own = memchr(b'\\', list.as_bytes()).map_or(0, |_| list.len());
        most_items(list) * size_of::<Text>() + own
    }
}

/// So many items `list` has at most: each text has two quotes.
fn most_items(list: &str) -> usize {
    memchr_iter(b'"', list.as_bytes()).count() / 2
}

/// The names that one claim holds.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) list: &'a List,
    pub(crate) items: &'a LazyItems,
    /// The claims as the token carried them.
    pub(crate) raw: &'a str,
}

impl<'a> Names<'a> {
    /// The items of a list; `None` when not all of them are strings.
    fn items(self, list: &Text) -> Option<&'a [Text]> {
        let take_apart = || {
            let list = list.read(self.raw);
            let mut items = Vec::with_capacity(most_items(list));
            let texts = json::List::checked(list)
                .each_text(|text| items.push(Text::place(&text, self.raw)));
            texts.then(|| items.into_boxed_slice())
        };
        self.items.get_or_init(take_apart).as_deref()
    }

    /// The names, in their order; empty ones are no names.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        let (words, items) = match self.list {
            List::Words(text) => (Some(text.read(self.raw)), None),
            List::One(text) => (None, Some(std::slice::from_ref(text))),
            List::LazyItems(list) => (None, self.items(list)),
            List::Absent | List::Unreadable => (None, None),
        };
        let words = words.into_iter().flat_map(|words| words.split(' '));
        let items = items
            .into_iter()
            .flat_map(move |items| items.iter().map(move |item| item.read(self.raw)));
        words.chain(items).filter(|name| !name.is_empty())
    }

    /// Whether `name` is among them: whole, and with its case.
    pub(crate) fn has(self, name: &str) -> bool {
        self.has_any(&[name])
    }

    /// Whether any of `asked` is among them; one pass over the claim, however many are asked for.
    pub(crate) fn has_any(self, asked: &[&str]) -> bool {
        match self.list {
            // By octets: words are short, and a search for each space costs more.
            List::Words(text) => text
                .read(self.raw)
                .as_bytes()
                .split(|octet| *octet == b' ')
                .any(|word| is_one_of(word, asked)),
            List::One(text) => is_one_of(text.read(self.raw).as_bytes(), asked),
            List::LazyItems(list) => self.items(list).is_some_and(|items| {
                items
                    .iter()
                    .any(|item| is_one_of(item.read(self.raw).as_bytes(), asked))
            }),
            List::Absent | List::Unreadable => false,
        }
    }

    /// Like [`has_any`](Self::has_any), but doubt counts as `true`: for negations, which must not open on a separator
    /// that is not ours. A claim that is one string holds a name that it contains anywhere; an array holds a name that
    /// is one part of an item between white space, `,`, `;` and `|`.
    pub(crate) fn mentions_any(self, asked: &[&str]) -> bool {
        match self.list {
            List::Words(text) | List::One(text) => {
                let text = text.read(self.raw);
                asked.iter().any(|name| text.contains(name))
            }
            List::LazyItems(list) => self.items(list).is_some_and(|items| {
                let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|');
                let holds = |item: &str, name: &str| {
                    item == name || item.split(separator).any(|part| part == name)
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

    /// Whether the claim is there and can be read, even if it is empty.
    pub(crate) fn is_readable(self) -> bool {
        match self.list {
            List::One(_) | List::Words(_) => true,
            List::LazyItems(list) => self.items(list).is_some(),
            List::Absent | List::Unreadable => false,
        }
    }
}

/// The names of one API often begin alike and are of one length: the last octet tells most of them apart before they are compared.
/// An empty one is no name.
fn is_one_of(name: &[u8], asked: &[&str]) -> bool {
    let Some(end) = name.last() else { return false };
    asked
        .iter()
        .map(|other| other.as_bytes())
        .any(|other| other.len() == name.len() && other.last() == Some(end) && other == name)
}
