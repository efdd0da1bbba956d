//! A string of the claims, stored as a range of their JSON.

use std::borrow::Cow;

/// A string of the claims: a range of their JSON, or its own copy if it was written with escapes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Text {
    At { start: u32, len: u32 },
    Own(Box<str>),
}

impl Text {
    /// Stores `value`; as a range of `raw` if it was borrowed from there.
    #[inline]
    #[expect(clippy::ptr_arg, reason = "a range needs a borrowed value")]
    pub(crate) fn of(value: &Cow<'_, str>, raw: &str) -> Text {
        if let Cow::Borrowed(part) = value {
            let start = (part.as_ptr() as usize).wrapping_sub(raw.as_ptr() as usize);
            let inside = start
                .checked_add(part.len())
                .is_some_and(|end| end <= raw.len());
            if let (true, Ok(start), Ok(len)) =
                (inside, u32::try_from(start), u32::try_from(part.len()))
            {
                return Text::At { start, len };
            }
        }
        Text::Own(value.as_ref().into())
    }

    /// Returns the string; `raw` is the one that it was stored for.
    pub(crate) fn read<'a>(&'a self, raw: &'a str) -> &'a str {
        match self {
            Text::At { start, len } => raw
                .get(*start as usize..*start as usize + *len as usize)
                .unwrap_or_default(),
            Text::Own(text) => text,
        }
    }
}
