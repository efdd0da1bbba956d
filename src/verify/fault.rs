//! Why a token does not hold: facts with both sides, never the token.

use std::fmt;
use std::time::Duration;

use crate::claims::Captured;
use crate::excerpt::Excerpt;

/// Why a token does not hold. `Display` is for the log; the words of the answer are chosen in `error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    Malformed(&'static str),
    #[error("longer than max_token_bytes ({limit})")]
    TooLong { limit: usize },
    #[error("alg {presented} is not allowed")]
    Algorithm { presented: Presented },
    #[error("alg {presented} does not fit the key")]
    KeyAlgorithm { presented: &'static str },
    #[error("typ {presented} is not accepted")]
    Type { presented: Presented },
    #[error("the header asks for an extension (crit or b64)")]
    Extension,
    #[error("iss {presented} is not configured")]
    Issuer { presented: Presented },
    #[error("expired {} s ago", .ago.as_secs())]
    Expired { ago: Duration },
    #[error("older than max_token_age by {} s", .by.as_secs())]
    TooOld { by: Duration },
    #[error("{claim} lies {} s ahead", .ahead.as_secs())]
    NotYet { claim: &'static str, ahead: Duration },
    #[error("audience {presented} is none of {expected:?}")]
    Audience { presented: Presented, expected: Box<[Box<str>]> },
    #[error("no key {kid}")]
    UnknownKey { kid: Presented },
    #[error("no kid, and not exactly one key that fits")]
    AmbiguousKey,
    #[error("the signature does not verify")]
    Signature,
    #[error("claim {claim} is missing")]
    Missing { claim: Box<str> },
    #[error("claim {claim} does not have an expected value")]
    Unexpected { claim: Box<str> },
    #[error("not an access token: {0}")]
    NotAccessToken(&'static str),
    #[error("bound to its sender by cnf.{0}, which is not checked here")]
    SenderConstrained(&'static str),
    #[error("no usable keys of the issuer")]
    Unavailable { retry_after: Duration },
}

/// What the token presented, made safe to print and to keep.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Presented(Box<str>);

impl Presented {
    pub(crate) fn text(text: &str) -> Presented {
        Presented(Excerpt(text).to_string().into())
    }

    /// A claim that may be absent or no string.
    pub(crate) fn claim(claim: Option<&Captured<'_>>) -> Presented {
        match claim {
            None => Presented("(none)".into()),
            Some(Captured::Null) => Presented("null".into()),
            Some(Captured::Text(text)) => Presented::text(text),
            Some(Captured::Texts(_) | Captured::Other(_) | Captured::Opaque) => Presented::other(),
        }
    }

    /// Something that is no string.
    pub(crate) fn other() -> Presented {
        Presented("(not a string)".into())
    }

    /// Several; a few are enough to see the mistake, and bound the work.
    pub(crate) fn few<'a>(texts: impl Iterator<Item = &'a str>) -> Presented {
        let mut texts = texts.peekable();
        if texts.peek().is_none() {
            return Presented("(none)".into());
        }
        let few: Vec<String> = texts.take(4).map(|text| Excerpt(text).to_string()).collect();
        Presented(few.join(" ").into())
    }
}

impl fmt::Display for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
