//! Reasons of refusals: facts with both sides, never the token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::redact::Excerpt;
use crate::json::Value;

/// Reason for which a token is refused. `Display` is for the log; the answer's words are chosen in
/// `error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// It is not a JWT of strict JSON; the fact says in which part (RFC 7515 §7.1).
    #[error("{0}")]
    Malformed(&'static str),
    /// It is longer than `max_token_bytes`, and was not read.
    #[error("{presented} bytes, longer than max_token_bytes ({limit})")]
    TooLong { presented: usize, limit: usize },
    /// `alg` is none that the settings allow (RFC 8725 §3.1).
    #[error("alg {presented} is not allowed")]
    Algorithm { presented: TokenExcerpt },
    /// The keys of the token's `kid` are for other algorithms (RFC 8725 §3.2).
    #[error("alg {presented} does not fit the key")]
    KeyAlgorithm { presented: &'static str },
    /// The header's `typ` is none of `token_typs` (RFC 8725 §3.11).
    #[error("typ {presented} is none of {expected}")]
    Type {
        presented: TokenExcerpt,
        expected: Expected,
    },
    /// `crit` or `b64` is present (RFC 7515 §4.1.11, RFC 7797).
    #[error("the header asks for an extension (crit or b64)")]
    Extension,
    /// `iss` is none of the configured issuers (RFC 7519 §4.1.1).
    #[error("iss {presented} is none of {expected}")]
    Issuer {
        presented: TokenExcerpt,
        expected: Expected,
    },
    /// `sub` is no id of a workload of the trust domain (SPIFFE JWT-SVID §3.1).
    #[error("sub is no SPIFFE ID of a workload of {expected}")]
    TrustDomain { expected: Arc<str> },
    /// It came in another header than the tokens of its issuer do (`token_header`).
    #[error("tokens of its issuer come in {expected}, and it did not")]
    Header { expected: Arc<str> },
    /// `exp` passed, leeway included (RFC 7519 §4.1.4).
    #[error("expired {} s ago", .ago.as_secs())]
    Expired { ago: Duration },
    /// `iat` is longer ago than `max_token_age`.
    #[error("older than max_token_age by {} s", .by.as_secs())]
    TooOld { by: Duration },
    /// `nbf` or `iat` is in the future, leeway included (RFC 7519 §4.1.5, §4.1.6).
    #[error("{claim} lies {} s ahead", .ahead.as_secs())]
    NotYet {
        claim: &'static str,
        ahead: Duration,
    },
    /// The audiences are none of the configured ones (RFC 7519 §4.1.3).
    #[error("audience {presented} is none of {expected}")]
    Audience {
        presented: TokenExcerpt,
        expected: Expected,
    },
    /// The issuer has no key of this `kid`.
    #[error("no key {kid}")]
    UnknownKey { kid: TokenExcerpt },
    /// The token has no `kid`, and more than four keys fit.
    #[error("no kid, and too many keys that fit")]
    AmbiguousKey,
    /// No key confirms the signature.
    #[error("the signature does not verify")]
    Signature,
    /// A required claim is absent or null.
    #[error("claim {claim} is missing")]
    Missing { claim: Box<str> },
    /// A claim has none of the values that `expected_claims` lists. The value is not shown.
    #[error("claim {claim} does not have an expected value")]
    Unexpected { claim: Box<str> },
    /// It is an ID, refresh or logout token; the fact says by which claim.
    #[error("not an access token: {0}")]
    NotAccessToken(&'static str),
    /// A member of `cnf` binds it to its sender (RFC 7800 §3.1).
    #[error("bound to its sender by cnf.{0}, which is not checked here")]
    SenderConstrained(&'static str),
    /// Its issuer does not confirm it (RFC 7662 §2.2); the fact says why.
    #[cfg(feature = "introspection")]
    #[error("{0}")]
    NotActive(&'static str),
    /// Its issuer cannot be asked about it. It may be valid.
    #[cfg(feature = "introspection")]
    #[error("introspection: {failure}")]
    NotIntrospected {
        failure: super::introspection::Failure,
        retry_after: Duration,
    },
    /// The `IssuerSource` does not answer whether its issuer is one of ours. It may be valid.
    #[error("the IssuerSource gave no answer")]
    UnknownForNow { retry_after: Duration },
    /// The keys of its issuer cannot be fetched. It may be valid.
    #[error("no usable keys of the issuer")]
    Unavailable { retry_after: Duration },
}

/// The values that the settings accept. A clone shares them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Expected(Arc<[Box<str>]>);

impl Expected {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|value| &**value)
    }
}

impl<'a> FromIterator<&'a str> for Expected {
    fn from_iter<I: IntoIterator<Item = &'a str>>(values: I) -> Expected {
        Expected(values.into_iter().map(Box::from).collect())
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.get(..MAX_SHOWN).unwrap_or(&self.0);
        write!(f, "{shown:?}")?;
        match self.0.len() - shown.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The part of a token that a refusal shows.
// perf: made printable when it is printed, which for most refusals is never, benches/refusal.rs.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum TokenExcerpt {
    Nothing,
    Null,
    /// A value that is not a string.
    Other,
    Text(Box<str>),
    Texts(Box<[Box<str>]>),
}

/// The limit of values that are shown, of the token and of the settings.
const MAX_SHOWN: usize = 4;

impl TokenExcerpt {
    pub(crate) fn text(text: &str) -> TokenExcerpt {
        TokenExcerpt::Text(Excerpt(text).needed().into())
    }

    /// Returns the excerpt of a claim, which may be absent.
    pub(crate) fn claim(claim: Option<Value<'_>>) -> TokenExcerpt {
        match claim {
            None => TokenExcerpt::Nothing,
            Some(Value::Null) => TokenExcerpt::Null,
            Some(Value::String(text)) => TokenExcerpt::text(&text.read()),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                TokenExcerpt::Other
            }
        }
    }

    /// Returns the excerpt of the first strings that are not empty.
    pub(crate) fn few(texts: impl Iterator<Item: AsRef<str>>) -> TokenExcerpt {
        let needed = |text: &str| (!text.is_empty()).then(|| Excerpt(text).needed().into());
        TokenExcerpt::Texts(
            texts
                .filter_map(|text| needed(text.as_ref()))
                .take(MAX_SHOWN)
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
                for (index, text) in texts.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { " " })?;
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
