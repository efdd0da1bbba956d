//! JSON that a stranger sent (RFC 8259), read where it stands: every value is checked in full, none is copied.
//!
//! What is admitted here serde_json reads the same way, whatever features it was built with: no number of 10^308 or more, no
//! half of a surrogate pair, no nesting beyond its limit, no name that means something to it.

mod member_names;
mod raw_members;
mod scanner;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use memchr::memchr;
use thiserror::Error;

pub(crate) use member_names::MemberNames;
pub(crate) use raw_members::{MembersError, RawMembers};
use scanner::{Scanner, Unique};

/// What is wrong with a text. Its words name nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum JsonError {
    #[error("it is not JSON")]
    Syntax,
    #[error("a number is 10^308 or more")]
    Range,
    #[error("it is nested too deep")]
    Depth,
    #[error("a member comes twice")]
    Twice,
    #[error("a member's name is private to the parser")]
    Private,
    #[error("it is not an object")]
    NoObject,
}

/// A value as it stands in its text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'t> {
    Null,
    Bool(bool),
    Number(&'t str),
    Text(RawStr<'t>),
    List(List<'t>),
    Object(Object<'t>),
}

impl<'t> Value<'t> {
    /// The text that it is; `None` when it is something else.
    pub(crate) fn text(self) -> Option<Cow<'t, str>> {
        if let Value::Text(text) = self {
            Some(text.read())
        } else {
            None
        }
    }

    /// Whether it says the same as a tree.
    pub(crate) fn equals(self, tree: &serde_json::Value) -> bool {
        match self {
            Value::Null => tree.is_null(),
            Value::Bool(value) => tree.as_bool() == Some(value),
            Value::Text(text) => tree.as_str().is_some_and(|tree| text.read() == tree),
            Value::Number(raw) | Value::List(List(raw)) | Value::Object(Object(raw)) => {
                serde_json::from_str::<serde_json::Value>(raw).is_ok_and(|value| value == *tree)
            }
        }
    }

    /// That within it no member comes twice.
    ///
    /// # Errors
    ///
    /// [`JsonError::Twice`].
    pub(crate) fn check_within(self) -> Result<(), JsonError> {
        match self {
            // Most lists hold no objects.
            Value::List(List(raw)) if memchr(b'{', raw.as_bytes()).is_none() => Ok(()),
            Value::List(List(raw)) | Value::Object(Object(raw)) => {
                Scanner(raw).nested(0, 0, &mut Unique::default()).map(drop)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => Ok(()),
        }
    }
}

/// A text between its quotes, its escapes checked and not yet read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawStr<'t> {
    inner: &'t str,
    escaped: bool,
}

impl<'t> RawStr<'t> {
    /// Borrowed when it was written without escapes.
    #[inline]
    pub(crate) fn read(self) -> Cow<'t, str> {
        if self.escaped {
            scanner::unescape(self.inner)
        } else {
            Cow::Borrowed(self.inner)
        }
    }
}

/// A list as it stands in its text, brackets included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List<'t>(&'t str);

impl<'t> List<'t> {
    /// The list that `text` is: one that stood in a text which was read.
    pub(crate) fn checked(text: &'t str) -> List<'t> {
        List(text)
    }

    /// Its text, brackets included.
    pub(crate) fn as_str(self) -> &'t str {
        self.0
    }

    /// Its items, in their order.
    pub(crate) fn items(self) -> impl Iterator<Item = Value<'t>> {
        let script = Scanner(self.0);
        let (mut at, mut begun) = (1, false);
        std::iter::from_fn(move || {
            // It was checked when it was found: there are no errors here.
            let (goes_on, start) = script.goes_on(begun, b']', at).ok()?;
            begun = true;
            at = start;
            if !goes_on {
                return None;
            }
            let (value, end) = script.value(start).ok()?;
            at = end;
            Some(value)
        })
    }

    /// Hands out its items, in their order, as long as they are texts; whether all are.
    pub(crate) fn each_text(self, mut each: impl FnMut(Cow<'t, str>)) -> bool {
        let script = Scanner(self.0);
        let (mut at, mut begun) = (1, false);
        loop {
            match script.goes_on(begun, b']', at) {
                Ok((true, start)) => match script.quoted(start) {
                    Ok((text, end)) => {
                        each(text.read());
                        (at, begun) = (end, true);
                    }
                    Err(_) => return false,
                },
                Ok((false, _)) => return true,
                Err(_) => return false,
            }
        }
    }
}

/// An object as it stands in its text, braces included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object<'t>(&'t str);

impl<'t> Object<'t> {
    /// The first member of that name.
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

/// The members of the one object that a text is, one after the other.
pub(crate) struct Members<'t> {
    script: Scanner<'t>,
    at: usize,
    begun: bool,
}

impl<'t> Members<'t> {
    /// # Errors
    ///
    /// When the text does not begin as an object does.
    pub(crate) fn of(text: &'t str) -> Result<Members<'t>, JsonError> {
        let script = Scanner(text);
        let at = script
            .behind(b'{', script.blanks(0))
            .map_err(|_| JsonError::NoObject)?;
        Ok(Members {
            script,
            at,
            begun: false,
        })
    }

    /// The next member, its value checked in full; `None` at the end of the text. Whether a name came before is not looked at.
    ///
    /// # Errors
    ///
    /// Whatever the text is instead.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<(Cow<'t, str>, Value<'t>)>, JsonError> {
        let (goes_on, at) = self.script.goes_on(self.begun, b'}', self.at)?;
        self.begun = true;
        if !goes_on {
            self.at = self.script.blanks(at);
            return if self.script.is_end(self.at) {
                Ok(None)
            } else {
                Err(JsonError::Syntax)
            };
        }
        let (name, at) = self.script.name(at)?;
        let (value, at) = self.script.value(at)?;
        self.at = at;
        Ok(Some((name.read(), value)))
    }
}
