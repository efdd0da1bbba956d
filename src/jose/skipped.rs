//! Keys of a set that are skipped, and why (RFC 7517 §5).

use std::fmt;

use crate::jose::Algorithm;
use crate::jose::signature::KeyError;
use crate::json::MembersError;

/// Skipped keys with a log line of their own.
const MAX_WARNINGS: usize = 16;

/// A skipped key. The others of its set keep working.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Its index in `keys`.
    pub(crate) index: usize,
    /// Its `kid`, redacted.
    pub(crate) kid: Option<String>,
    pub(crate) reason: SkipReason,
}

/// Reason for which a key is skipped. Texts of the key are redacted.
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
    /// A published private key: everyone who reads it can sign.
    #[error("private key")]
    Private,
    #[error("`use` is {0}")]
    Use(String),
    #[error("no `use`, which each key of a SPIFFE bundle has")]
    NoUse,
    #[error("`key_ops` without \"verify\"")]
    KeyOps,
    #[error("unknown `alg` {0}")]
    UnknownAlgorithm(String),
    #[error("`alg` {0} is not one of its type")]
    AlgorithmOfOtherType(Algorithm),
    /// By the setting `algorithms`.
    #[error("none of its algorithms is allowed for this issuer")]
    NotAllowed,
    #[error("{0}")]
    Key(#[from] KeyError),
}

impl SkipReason {
    /// Checks whether the key is one for encryption, as many key sets have, or one for certificates
    /// of SPIFFE.
    fn is_ordinary(&self) -> bool {
        let others = ["\"enc\"", "\"x509-svid\""];
        matches!(self, SkipReason::Use(purpose) if others.contains(&purpose.as_str()))
    }
}

/// Logs the skipped keys, at most `MAX_WARNINGS` one by one: a set may hold thousands.
pub(crate) fn warn_of(issuer: &str, skipped: &[Skipped]) {
    let (ordinary, others): (Vec<_>, Vec<_>) =
        skipped.iter().partition(|key| key.reason.is_ordinary());
    for key in ordinary.into_iter().take(MAX_WARNINGS) {
        tracing::debug!(issuer, "signing key not used: {key}");
    }
    for key in others.iter().take(MAX_WARNINGS) {
        tracing::warn!(issuer, "signing key not used: {key}");
    }
    if let Some(more @ 1..) = others.len().checked_sub(MAX_WARNINGS) {
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
