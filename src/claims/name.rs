//! Where a claim lives: its exact name, a dotted path, or a JSON Pointer.

use serde_json::Value;

use super::reader::Gathered;
use super::strict::Captured;

/// A claim name as the operator writes it.
///
/// `roles` is that claim. `realm_access.roles` is the claim of exactly that name, else the member `roles` of
/// `realm_access`. A name that starts with `/` is a JSON Pointer (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimName {
    text: Box<str>,
    exact: bool,
    path: Box<[Box<str>]>,
}

impl ClaimName {
    pub(crate) fn parse(name: &str) -> ClaimName {
        let (exact, path) = match name.strip_prefix('/') {
            Some(pointer) => {
                let unescape = |segment: &str| segment.replace("~1", "/").replace("~0", "~").into_boxed_str();
                (false, pointer.split('/').map(unescape).collect())
            }
            None if name.contains('.') => (true, name.split('.').map(Box::from).collect()),
            None => (true, Box::default()),
        };
        ClaimName { text: name.into(), exact, path }
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it may lead into a member.
    pub(crate) fn descends(&self) -> bool {
        self.path.len() > 1
    }

    /// The top-level members that must be read to find it.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        let exact = self.exact.then_some(&*self.text);
        exact.into_iter().chain(self.path.first().map(|first| &**first))
    }

    /// Its value among the gathered claims; `None` when there is no such claim.
    pub(crate) fn find<'a, 'de>(&self, gathered: &'a Gathered<'de>) -> Option<Found<'a, 'de>> {
        if self.exact
            && let Some(captured) = gathered.member(&self.text)
        {
            return Some(Found::Here(captured));
        }
        let (first, rest) = self.path.split_first()?;
        match (gathered.member(first)?, rest) {
            (captured, []) => Some(Found::Here(captured)),
            (Captured::Other(value), rest) => walk(value, rest).map(Found::Inside),
            (texts @ Captured::Texts(_), rest) => {
                walk(&texts.to_value(), rest).cloned().map(|value| Found::Copy(Captured::into_static(value)))
            }
            _ => None,
        }
    }

    /// Its value in a tree of all claims.
    pub(crate) fn find_in<'a>(&self, claims: &'a serde_json::Map<String, Value>) -> Option<&'a Value> {
        if self.exact
            && let Some(value) = claims.get(&*self.text)
        {
            return Some(value);
        }
        let (first, rest) = self.path.split_first()?;
        walk(claims.get(&**first)?, rest)
    }
}

/// What a name led to.
pub(crate) enum Found<'a, 'de> {
    Here(&'a Captured<'de>),
    Inside(&'a Value),
    Copy(Captured<'static>),
}

impl Found<'_, '_> {
    pub(crate) fn is_null(&self) -> bool {
        match self {
            Found::Here(captured) => matches!(captured, Captured::Null),
            Found::Inside(value) => value.is_null(),
            Found::Copy(captured) => matches!(captured, Captured::Null),
        }
    }

    pub(crate) fn equals(&self, expected: &Value) -> bool {
        match self {
            Found::Here(Captured::Text(text)) => expected.as_str() == Some(text),
            Found::Here(Captured::Opaque) => false,
            Found::Here(captured) => captured.to_value() == *expected,
            Found::Inside(value) => *value == expected,
            Found::Copy(captured) => captured.to_value() == *expected,
        }
    }
}

fn walk<'a>(value: &'a Value, path: &[Box<str>]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, segment| match value {
        Value::Object(members) => members.get(&**segment),
        Value::Array(items) => {
            // RFC 6901 §4: no leading zeros, no sign.
            let plain =
                segment.bytes().all(|b| b.is_ascii_digit()) && (segment.len() == 1 || !segment.starts_with('0'));
            plain.then(|| segment.parse::<usize>().ok()).flatten().and_then(|index| items.get(index))
        }
        _ => None,
    })
}
