//! Where a claim lives: its exact name, a dotted path, or a JSON Pointer.

use serde_json::Map;

use super::selector::SelectedClaims;
use crate::json::Value;

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
                let unescape = |segment: &str| {
                    segment
                        .replace("~1", "/")
                        .replace("~0", "~")
                        .into_boxed_str()
                };
                (false, pointer.split('/').map(unescape).collect())
            }
            None if name.contains('.') => (true, name.split('.').map(Box::from).collect()),
            None => (true, Box::default()),
        };
        ClaimName {
            text: name.into(),
            exact,
            path,
        }
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The top-level members that must be read to find it.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        let exact = self.exact.then_some(&*self.text);
        exact
            .into_iter()
            .chain(self.path.first().map(|first| &**first))
    }

    /// Its value among the selected claims; `None` when there is no such claim.
    pub(crate) fn find<'t>(&self, selected: &SelectedClaims<'t>) -> Option<Value<'t>> {
        if self.exact
            && let Some(value) = selected.member(&self.text)
        {
            return Some(value);
        }
        let (first, rest) = self.path.split_first()?;
        rest.iter()
            .try_fold(selected.member(first)?, |value, segment| match value {
                Value::Object(members) => members.get(segment),
                Value::List(items) => items.items().nth(place(segment)?),
                _ => None,
            })
    }

    /// Its value in a tree of all claims.
    pub(crate) fn find_in<'a>(
        &self,
        claims: &'a Map<String, serde_json::Value>,
    ) -> Option<&'a serde_json::Value> {
        if self.exact
            && let Some(value) = claims.get(&*self.text)
        {
            return Some(value);
        }
        let (first, rest) = self.path.split_first()?;
        rest.iter()
            .try_fold(claims.get(&**first)?, |value, segment| match value {
                serde_json::Value::Object(members) => members.get(&**segment),
                serde_json::Value::Array(items) => items.get(place(segment)?),
                _ => None,
            })
    }
}

/// The place in a list that a segment names (RFC 6901 §4: no leading zeros, no sign).
fn place(segment: &str) -> Option<usize> {
    let plain = segment.bytes().all(|b| b.is_ascii_digit())
        && (segment.len() == 1 || !segment.starts_with('0'));
    if plain { segment.parse().ok() } else { None }
}
