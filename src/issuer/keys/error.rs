//! Errors of fetching keys.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use crate::issuer::IssuerError;
use crate::jose::Skipped;
use crate::json::MembersError;

/// Fault of a document that is no usable key set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeySetError {
    #[error("{0}")]
    Members(MembersError),
    #[error("no list of objects in `keys`")]
    NoList,
    #[error("no usable key{}", reasons(.0))]
    NoUsableKey(Vec<Skipped>),
}

/// Error of an attempt to fetch the keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyringError {
    #[error("{0}")]
    Issuer(Arc<IssuerError>),
    #[error("{from}: {error}")]
    KeySet {
        /// The URL, redacted, or the path.
        from: String,
        error: Arc<KeySetError>,
    },
    /// The task of the fetch panicked, or its runtime ended.
    #[error("the fetch was broken off")]
    BrokenOff,
}

/// Error without usable keys; `retry_after` is the time until the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable {
    pub(crate) retry_after: Duration,
}

/// The first few, since a set may be long.
fn reasons(skipped: &[Skipped]) -> String {
    let mut text = String::new();
    for (count, key) in skipped.iter().take(4).enumerate() {
        // Writing into a `String` cannot fail.
        let _ = write!(text, "{}{key}", if count == 0 { ": " } else { "; " });
    }
    if skipped.len() > 4 {
        let _ = write!(text, "; and {} more", skipped.len() - 4);
    }
    text
}
