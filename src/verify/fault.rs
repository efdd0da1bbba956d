//! Why a token does not hold: facts with both sides, never the token.

use std::fmt;
use std::time::Duration;

use crate::claims::Captured;

/// Why a token does not hold. `Display` is for the log; the words of the answer are chosen in `error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("malformed: {0}")]
    Malformed(&'static str),
    #[error("longer than max_token_bytes ({limit})")]
    TooLong { limit: usize },
    #[error("alg {presented} is not allowed")]
    Algorithm { presented: Excerpt },
    #[error("alg {presented} does not fit the key")]
    KeyAlgorithm { presented: &'static str },
    #[error("typ {presented} is not accepted")]
    Type { presented: Excerpt },
    #[error("the header asks for an extension (crit or b64)")]
    Extension,
    #[error("iss {presented} is not configured")]
    Issuer { presented: Excerpt },
    #[error("expired {} s ago", .ago.as_secs())]
    Expired { ago: Duration },
    #[error("older than max_token_age by {} s", .by.as_secs())]
    TooOld { by: Duration },
    #[error("{claim} lies {} s ahead", .ahead.as_secs())]
    NotYet { claim: &'static str, ahead: Duration },
    #[error("audience {presented} is none of {expected:?}")]
    Audience { presented: Excerpt, expected: Box<[Box<str>]> },
    #[error("no key {kid}")]
    UnknownKey { kid: Excerpt },
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

/// Text that a stranger sent, made safe to print: cut short, and nothing but printable ASCII.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Excerpt(Box<str>);

impl Excerpt {
    const LONGEST: usize = 64;

    pub(crate) fn of(text: &str) -> Excerpt {
        let cut: String = text.chars().take(Self::LONGEST).collect();
        let more = if cut.len() < text.len() { "..." } else { "" };
        Excerpt(format!("\"{}\"{more}", cut.escape_default()).into())
    }

    /// A claim that may be absent or no string.
    pub(crate) fn of_claim(claim: Option<&Captured<'_>>) -> Excerpt {
        match claim {
            None => Excerpt("(none)".into()),
            Some(Captured::Null) => Excerpt("null".into()),
            Some(Captured::Text(text)) => Excerpt::of(text),
            Some(Captured::Texts(texts)) => {
                // A few are enough to see the mistake, and bound the work.
                let few: Vec<&str> = texts.iter().take(4).map(AsRef::as_ref).collect();
                Excerpt::of(&few.join(" "))
            }
            Some(Captured::Other(_)) => Excerpt("(neither a string nor a list of strings)".into()),
        }
    }

    /// Without the quotes, for a place that has its own.
    pub(crate) fn unquoted(&self) -> &str {
        self.0.trim_end_matches("...").trim_matches('"')
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    #[test]
    fn what_a_stranger_sent_is_cut_and_escaped() {
        assert_eq!(Excerpt::of("plain").to_string(), "\"plain\"");
        assert_eq!(Excerpt::of("a\r\nSet-Cookie: x\u{202e}").to_string(), "\"a\\r\\nSet-Cookie: x\\u{202e}\"");
        assert_eq!(Excerpt::of(&"x".repeat(70)).to_string(), format!("\"{}\"...", "x".repeat(64)));
    }
}
