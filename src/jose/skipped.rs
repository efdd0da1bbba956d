//! Keys of a set that are not used, and why: RFC 7517 §5 lets a reader pass over what it does not understand.

use std::fmt;

use crate::jose::Algorithm;
use crate::jose::signature::KeyError;
use crate::json::MembersError;

/// Keys not used that are named one by one in the log.
const MOST_WARNINGS: usize = 16;

/// A key that was passed over; the others of its set keep working.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Its place in `keys`, from 0.
    pub(crate) index: usize,
    /// Its `kid`, ready to print.
    pub(crate) kid: Option<String>,
    pub(crate) reason: SkipReason,
}

/// Why a key is not used. Texts of the key are escaped and cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SkipReason {
    /// Not an object, a duplicate or missing member, or one of the wrong type.
    #[error("malformed: {0}")]
    Members(#[from] MembersError),
    #[error("malformed: `{0}` is not canonical base64url without padding")]
    Base64(&'static str),
    #[error("malformed: `key_ops` is not a list of strings")]
    KeyOpsType,
    #[error("`kid` longer than 1 KiB")]
    KidTooLong,
    #[error("unknown `kty` {0}")]
    KeyType(String),
    #[error("unknown `crv` {0}")]
    Curve(String),
    #[error("symmetric key")]
    Symmetric,
    /// It was published: whoever read it can sign.
    #[error("private key")]
    Private,
    #[error("`use` is {0}")]
    Use(String),
    #[error("`key_ops` without \"verify\"")]
    KeyOps,
    #[error("unknown `alg` {0}")]
    UnknownAlgorithm(String),
    #[error("`alg` {0} is not one of its type")]
    AlgorithmOfOtherType(Algorithm),
    /// By `algorithms` of the configuration.
    #[error("none of its algorithms is allowed for this issuer")]
    NotAllowed,
    #[error("{0}")]
    Key(#[from] KeyError),
}

/// Tells the log of them: a screenful, for a set may hold thousands.
pub(crate) fn warn_of(issuer: &str, skipped: &[Skipped]) {
    for key in skipped.iter().take(MOST_WARNINGS) {
        tracing::warn!(issuer, "signing key not used: {key}");
    }
    if let Some(more @ 1..) = skipped.len().checked_sub(MOST_WARNINGS) {
        tracing::warn!(issuer, "signing keys not used: {more} more");
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kid {
            Some(kid) => write!(f, "key {} with `kid` {kid}: {}", self.index, self.reason),
            None => write!(f, "key {} without `kid`: {}", self.index, self.reason),
        }
    }
}
