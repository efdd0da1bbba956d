//! Why a token does not hold: facts with both sides, never the token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::redact::Excerpt;
use crate::json::Value;

/// Why a token does not hold. `Display` is for the log; the words of the answer are chosen in `error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
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
    NotYet {
        claim: &'static str,
        ahead: Duration,
    },
    #[error("audience {presented} is none of {expected:?}")]
    Audience {
        presented: Presented,
        expected: Arc<[Box<str>]>,
    },
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

/// What the token presented, as much of it as is ever shown; made safe to print when it is printed, which for most refusals
/// is never.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Presented {
    Nothing,
    Null,
    /// Something that is no string.
    Other,
    Text(Box<str>),
    Texts(Box<[Box<str>]>),
}

/// Of several texts: enough to see the mistake, and a bound to the work.
const FEW: usize = 4;

impl Presented {
    pub(crate) fn text(text: &str) -> Presented {
        Presented::Text(Excerpt(text).needed().into())
    }

    /// A claim that may be absent or no string.
    pub(crate) fn claim(claim: Option<Value<'_>>) -> Presented {
        match claim {
            None => Presented::Nothing,
            Some(Value::Null) => Presented::Null,
            Some(Value::Text(text)) => Presented::text(&text.read()),
            Some(Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_)) => {
                Presented::Other
            }
        }
    }

    pub(crate) fn few(texts: impl Iterator<Item: AsRef<str>>) -> Presented {
        let needed = |text: &str| (!text.is_empty()).then(|| Excerpt(text).needed().into());
        Presented::Texts(
            texts
                .filter_map(|text| needed(text.as_ref()))
                .take(FEW)
                .collect(),
        )
    }
}

impl fmt::Display for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Presented::Nothing => f.write_str("(none)"),
            Presented::Null => f.write_str("null"),
            Presented::Other => f.write_str("(not a string)"),
            Presented::Text(text) => Excerpt(text).fmt(f),
            Presented::Texts(texts) if texts.is_empty() => f.write_str("(none)"),
            Presented::Texts(texts) => {
                for (at, text) in texts.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { " " })?;
                    Excerpt(text).fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
