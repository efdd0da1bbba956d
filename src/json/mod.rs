//! The strict reader of JSON (RFC 8259) from outside. It checks every value in full and copies
//! none.
//!
//! serde_json reads what is accepted here in the same way, whatever its features: no number of
//! 10^308 or more, no lone surrogate, no nesting beyond its limit, no name that is reserved to it.

mod lazy_members;
mod member_names;
mod number;
mod scanner;
mod skip;
mod string;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use memchr::memchr;
use thiserror::Error;

pub(crate) use lazy_members::{LazyMembers, MembersError};
pub(crate) use member_names::MemberNames;
use scanner::{Scanner, UniqueNames};

/// Fault of JSON that is refused. The messages repeat nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum JsonError {
    /// It breaks the grammar of RFC 8259.
    #[error("it is not JSON")]
    Syntax,
    /// A number is 10^308 or more.
    #[error("a number is 10^308 or more")]
    Range,
    /// It is nested more than 127 levels deep.
    #[error("it is nested too deep")]
    Depth,
    /// An object has two members of one name.
    #[error("a member comes twice")]
    Duplicate,
    /// A member has a name that serde_json uses internally.
    #[error("a member's name is private to the parser")]
    ReservedName,
    /// It does not start as an object.
    #[error("it is not an object")]
    NotAnObject,
}

/// A value, borrowed from the JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'t> {
    Null,
    Bool(bool),
    Number(&'t str),
    String(RawStr<'t>),
    Array(Array<'t>),
    Object(Object<'t>),
}

impl<'t> Value<'t> {
    /// Returns the string; `None` for another type.
    pub(crate) fn string(self) -> Option<Cow<'t, str>> {
        if let Value::String(string) = self {
            Some(string.read())
        } else {
            None
        }
    }

    /// Returns whether it equals a parsed value.
    pub(crate) fn equals(self, tree: &serde_json::Value) -> bool {
        match self {
            Value::Null => tree.is_null(),
            Value::Bool(value) => tree.as_bool() == Some(value),
            Value::String(string) => tree.as_str().is_some_and(|tree| string.read() == tree),
            Value::Number(raw) | Value::Array(Array(raw)) | Value::Object(Object(raw)) => {
                serde_json::from_str::<serde_json::Value>(raw).is_ok_and(|value| value == *tree)
            }
        }
    }

    /// Checks that no nested object has duplicate members.
    ///
    /// # Errors
    ///
    /// [`JsonError::Duplicate`].
    pub(crate) fn check_within(self) -> Result<(), JsonError> {
        match self {
            // perf: most arrays hold no objects, benches/verify.rs.
            Value::Array(Array(raw)) if memchr(b'{', raw.as_bytes()).is_none() => Ok(()),
            Value::Array(Array(raw)) | Value::Object(Object(raw)) => Scanner(raw)
                .nested(0, 0, &mut UniqueNames::default())
                .map(drop),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }
}

/// A string without its quotes, its escapes checked and not resolved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawStr<'t> {
    inner: &'t str,
    escaped: bool,
}

impl<'t> RawStr<'t> {
    /// Resolves the escapes. Borrows if there are none.
    #[inline]
    pub(crate) fn read(self) -> Cow<'t, str> {
        if self.escaped {
            string::unescape(self.inner)
        } else {
            Cow::Borrowed(self.inner)
        }
    }
}

/// An array as JSON, brackets included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Array<'t>(&'t str);

impl<'t> Array<'t> {
    /// Returns the array `json`, which must come from [`as_str`](Self::as_str).
    pub(crate) fn checked(json: &'t str) -> Array<'t> {
        Array(json)
    }

    /// Returns its JSON, brackets included.
    pub(crate) fn as_str(self) -> &'t str {
        self.0
    }

    /// Returns its items in order.
    pub(crate) fn items(self) -> impl Iterator<Item = Value<'t>> {
        let scanner = Scanner(self.0);
        let (mut at, mut started) = (1, false);
        std::iter::from_fn(move || {
            // No errors here: it was checked when it was read.
            let (more, start) = scanner.next_element(started, b']', at).ok()?;
            started = true;
            at = start;
            if !more {
                return None;
            }
            let (value, end) = scanner.value(start).ok()?;
            at = end;
            Some(value)
        })
    }

    /// Calls `each` for its items in order as long as they are strings; returns whether all are.
    pub(crate) fn each_string(self, mut each: impl FnMut(Cow<'t, str>)) -> bool {
        let scanner = Scanner(self.0);
        let (mut at, mut started) = (1, false);
        loop {
            match scanner.next_element(started, b']', at) {
                Ok((true, start)) => match scanner.string(start) {
                    Ok((string, end)) => {
                        each(string.read());
                        (at, started) = (end, true);
                    }
                    Err(_) => return false,
                },
                Ok((false, _)) => return true,
                Err(_) => return false,
            }
        }
    }
}

/// An object as JSON, braces included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object<'t>(&'t str);

impl<'t> Object<'t> {
    /// Returns its JSON, braces included.
    pub(crate) fn as_str(self) -> &'t str {
        self.0
    }

    /// Returns whether it has no member.
    pub(crate) fn is_empty(self) -> bool {
        !matches!(
            Members::of(self.0).and_then(|mut members| members.next()),
            Ok(Some(_))
        )
    }

    /// Returns the first member of that name.
    pub(crate) fn get(self, name: &str) -> Option<Value<'t>> {
        let mut members = Members::of(self.0).ok()?;
        while let Ok(Some((other, value))) = members.next() {
            if other == name {
                return Some(value);
            }
        }
        None
    }
}

/// Reads the members of a JSON object in order.
pub(crate) struct Members<'t> {
    scanner: Scanner<'t>,
    at: usize,
    started: bool,
}

impl<'t> Members<'t> {
    /// Starts at the first member of the object `json`.
    ///
    /// # Errors
    ///
    /// `json` does not start as an object.
    pub(crate) fn of(json: &'t str) -> Result<Members<'t>, JsonError> {
        let scanner = Scanner(json);
        Ok(Members {
            scanner,
            at: scanner.start_of_object()?,
            started: false,
        })
    }

    /// Reads the next member and checks its value in full; `None` at the end. It does not look for
    /// duplicates.
    ///
    /// # Errors
    ///
    /// The rest is not that of a JSON object.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<(Cow<'t, str>, Value<'t>)>, JsonError> {
        let (more, at) = self.scanner.next_element(self.started, b'}', self.at)?;
        self.started = true;
        if !more {
            return self.scanner.expect_end(at).map(|()| None);
        }
        let (name, at) = self.scanner.member_name(at)?;
        let (value, at) = self.scanner.value(at)?;
        self.at = at;
        Ok(Some((name.read(), value)))
    }
}
