//! Scopes, roles, permissions: names in a string or in a list, and the same set either way.

use super::name::ClaimName;
use super::reader::Gathered;
use super::text::Text;
use crate::json::Value;

/// The names that one claim holds.
#[derive(Clone, Default)]
pub(crate) enum List {
    /// No such claim, or null.
    #[default]
    Absent,
    /// Present, of a type that holds no names (a number, an object, a list with something else in it).
    Unreadable,
    /// One string; the names stand between spaces (RFC 6749 §3.3: the space alone, no other white space).
    Words(Text),
    /// A list; each item is one name, spaces and all.
    Items(Box<[Text]>),
}

impl List {
    /// The first of `names` that is present and not null decides; an empty one holds nothing.
    pub(crate) fn first(names: &[ClaimName], gathered: &Gathered<'_>, raw: &str) -> List {
        let present = names.iter().filter_map(|name| name.find(gathered)).find(|value| !matches!(value, Value::Null));
        present.map_or(List::Absent, |value| List::of(value, raw))
    }

    /// The names that `value`, which stands in `raw`, holds.
    pub(crate) fn of(value: Value<'_>, raw: &str) -> List {
        match value {
            Value::Null => List::Absent,
            Value::Text(text) => List::Words(Text::place(&text.read(), raw)),
            Value::List(list) => {
                let texts = list.items().map(|item| Some(Text::place(&item.text()?, raw)));
                texts.collect::<Option<_>>().map_or(List::Unreadable, List::Items)
            }
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => List::Unreadable,
        }
    }

    /// The names, in their order; empty ones are no names.
    pub(crate) fn iter<'a>(&'a self, raw: &'a str) -> impl Iterator<Item = &'a str> {
        let (words, items) = match self {
            List::Words(text) => (Some(text.read(raw)), None),
            List::Items(items) => (None, Some(items)),
            List::Absent | List::Unreadable => (None, None),
        };
        let words = words.into_iter().flat_map(|words| words.split(' '));
        let items = items.into_iter().flat_map(move |items| items.iter().map(move |item| item.read(raw)));
        words.chain(items).filter(|name| !name.is_empty())
    }

    /// Whether `name` is among them: whole, and with its case.
    pub(crate) fn has(&self, name: &str, raw: &str) -> bool {
        self.has_any(&[name], raw)
    }

    /// Whether any of `asked` is among them; one pass over the claim, however many are asked for.
    pub(crate) fn has_any(&self, asked: &[&str], raw: &str) -> bool {
        match self {
            List::Words(text) => text.read(raw).split(' ').any(|word| is_one_of(word, asked)),
            List::Items(items) => items.iter().any(|item| is_one_of(item.read(raw), asked)),
            List::Absent | List::Unreadable => false,
        }
    }

    /// Whether the claim is there and can be read, even if it is empty.
    pub(crate) fn is_readable(&self) -> bool {
        matches!(self, List::Words(_) | List::Items(_))
    }
}

/// The names of one API often begin alike and are of one length: the last octet tells most of them apart before they are compared.
/// An empty one is no name.
fn is_one_of(name: &str, asked: &[&str]) -> bool {
    let Some(end) = name.as_bytes().last() else { return false };
    asked.iter().any(|other| other.len() == name.len() && other.as_bytes().last() == Some(end) && *other == name)
}
