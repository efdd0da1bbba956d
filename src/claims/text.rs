//! Text of a token: a place in the decoded payload, so that keeping a claim costs no copy.

use std::borrow::Cow;

/// A string of the claims: where it stands in the raw text, or its own copy when it was written with escapes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Text {
    At { start: u32, len: u32 },
    Own(Box<str>),
}

impl Text {
    /// `value` as a place in `raw` when it was borrowed from there.
    #[inline]
    #[expect(clippy::ptr_arg, reason = "whether it is borrowed is the question")]
    pub(crate) fn place(value: &Cow<'_, str>, raw: &str) -> Text {
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

    /// The text, given the same `raw` that it was placed in.
    pub(crate) fn read<'a>(&'a self, raw: &'a str) -> &'a str {
        match self {
            Text::At { start, len } => raw
                .get(*start as usize..*start as usize + *len as usize)
                .unwrap_or_default(),
            Text::Own(text) => text,
        }
    }
}
