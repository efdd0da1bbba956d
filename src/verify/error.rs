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
    Algorithm { presented: TokenExcerpt },
    #[error("alg {presented} does not fit the key")]
    KeyAlgorithm { presented: &'static str },
    #[error("typ {presented} is not accepted")]
    Type { presented: TokenExcerpt },
    #[error("the header asks for an extension (crit or b64)")]
    Extension,
    #[error("iss {presented} is not configured")]
    Issuer { presented: TokenExcerpt },
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
        presented: TokenExcerpt,
        expected: Arc<[Box<str>]>,
    },
    #[error("no key {kid}")]
    UnknownKey { kid: TokenExcerpt },
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
pub(crate) enum TokenExcerpt {
    Nothing,
    Null,
    /// Something that is no string.
    Other,
    Text(Box<str>),
    Texts(Box<[Box<str>]>),
}

/// Of several texts: enough to see the mistake, and a bound to the work.
const FEW: usize = 4;

impl TokenExcerpt {
    pub(crate) fn text(text: &str) -> TokenExcerpt {
        TokenExcerpt::Text(Excerpt(text).needed().into())
    }

    /// A claim that may be absent or no string.
    pub(crate) fn claim(claim: Option<Value<'_>>) -> TokenExcerpt {
        match claim {
            None => TokenExcerpt::Nothing,
            Some(Value::Null) => TokenExcerpt::Null,
            Some(Value::Text(text)) => TokenExcerpt::text(&text.read()),
            Some(Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_)) => {
                TokenExcerpt::Other
            }
        }
    }

    pub(crate) fn few(texts: impl Iterator<Item: AsRef<str>>) -> TokenExcerpt {
        let needed = |text: &str| (!text.is_empty()).then(|| Excerpt(text).needed().into());
        TokenExcerpt::Texts(
            texts
                .filter_map(|text| needed(text.as_ref()))
                .take(FEW)
                .collect(),
        )
    }
}

impl fmt::Display for TokenExcerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenExcerpt::Nothing => f.write_str("(none)"),
            TokenExcerpt::Null => f.write_str("null"),
            TokenExcerpt::Other => f.write_str("(not a string)"),
            TokenExcerpt::Text(text) => Excerpt(text).fmt(f),
            TokenExcerpt::Texts(texts) if texts.is_empty() => f.write_str("(none)"),
            TokenExcerpt::Texts(texts) => {
                for (at, text) in texts.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { " " })?;
                    Excerpt(text).fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for TokenExcerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
