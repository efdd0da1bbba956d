//! The name of a claim in the settings: exact, a dotted path, or a JSON Pointer.

use std::borrow::Cow;

use serde_json::Map;

use super::selector::SelectedClaims;
use crate::json::{JsonError, Members, Value};

/// A claim name of the settings.
///
/// `roles` is that claim. `realm_access.roles` is the claim of exactly that name, else the member
/// `roles` of `realm_access`. A name that starts with `/` is a JSON Pointer (RFC 6901).
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
                let segments = pointer.split('/').map(unescape);
                (false, segments.map(|name| name.as_ref().into()).collect())
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

    /// Returns the name as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the top-level members that must be read to find it.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        let exact = self.exact.then_some(&*self.text);
        exact
            .into_iter()
            .chain(self.path.first().map(|first| &**first))
    }

    /// Returns its value among the selected claims; `None` if it is absent.
    pub(crate) fn find<'t>(&self, selected: &SelectedClaims<'t>) -> Option<Value<'t>> {
        if self.exact
            && let Some(value) = selected.member(&self.text)
        {
            return Some(value);
        }
        let (first, rest) = self.path.split_first()?;
        descend(selected.member(first)?, rest)
    }

    /// Returns its value in a tree of all claims.
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
                serde_json::Value::Array(items) => items.get(array_index(segment)?),
                _ => None,
            })
    }
}

/// Finds the claim `name` in `raw`, the claims of a verified token, by the rules of [`ClaimName`].
/// `None` also if a member comes twice within the top-level claim, since parsers differ on which of
/// the two counts.
///
/// perf: nothing is allocated, and only the members up to the claim are read; policy.
pub(crate) fn find_claim<'t>(raw: &'t str, name: &str) -> Option<Value<'t>> {
    let (exact, path, separator) = match name.strip_prefix('/') {
        Some(pointer) => (None, pointer, '/'),
        None => (Some(name), name, '.'),
    };
    let mut segments = path.split(separator).map(|segment| match exact {
        Some(_) => Cow::Borrowed(segment),
        None => unescape(segment),
    });
    let first = segments.next()?;
    let mut outermost = None;
    let mut members = Members::of(raw).ok()?;
    while let Some((member, value)) = members.next().ok()? {
        if exact.is_some_and(|exact| member == exact) {
            value.check_within().ok()?;
            return Some(value);
        }
        if member == first {
            outermost = Some(value);
            if exact.is_none() {
                break;
            }
        }
    }
    let outermost: Value<'t> = outermost?;
    outermost.check_within().ok()?;
    descend(outermost, segments)
}

/// Returns the claim of exactly this name in `raw`, the claims of a verified token, whatever is
/// within it.
pub(crate) fn find_member<'t>(raw: &'t str, name: &str) -> Result<Option<Value<'t>>, JsonError> {
    let mut members = Members::of(raw)?;
    while let Some((member, value)) = members.next()? {
        if member == name {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// Follows `path` from `value` through objects and arrays.
fn descend<'t>(
    value: Value<'t>,
    path: impl IntoIterator<Item = impl AsRef<str>>,
) -> Option<Value<'t>> {
    path.into_iter()
        .try_fold(value, |value, segment| match value {
            Value::Object(members) => members.get(segment.as_ref()),
            Value::Array(items) => items.items().nth(array_index(segment.as_ref())?),
            _ => None,
        })
}

/// Decodes a reference token of a JSON Pointer (RFC 6901 §4).
fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        segment.replace("~1", "/").replace("~0", "~").into()
    } else {
        segment.into()
    }
}

/// Parses an array index (RFC 6901 §4: no leading zeros, no sign).
fn array_index(segment: &str) -> Option<usize> {
    let plain = segment.bytes().all(|b| b.is_ascii_digit())
        && (segment.len() == 1 || !segment.starts_with('0'));
    if plain { segment.parse().ok() } else { None }
}
