//! What can go wrong with a client or with a fetch: facts, and words that never hold a secret of the URL.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::rules::{RedirectRefusal, UrlRefusal};
use crate::base::redact::one_line;

/// The longest text of a lower layer that is printed.
const REASON: usize = 200;

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("cannot read `{}`: {reason}", shown_path(path))]
    Unreadable { path: PathBuf, reason: String },
    #[error("`{}` holds no PEM certificate", shown_path(path))]
    NoCertificate { path: PathBuf },
    #[error(
        "`{}` holds a certificate that cannot be a root: {reason}",
        shown_path(path)
    )]
    BadCertificate { path: PathBuf, reason: String },
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

impl HttpError {
    /// Whether it is the file's fault.
    pub(crate) fn is_of_ca_bundle(&self) -> bool {
        !matches!(self, HttpError::Client(_))
    }
}

fn shown_path(path: &Path) -> String {
    one_line(&path.display().to_string())
}

/// Why a document was not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("{0}")]
    Url(UrlRefusal),
    #[error("{0}")]
    Redirect(RedirectRefusal),
    #[error("status {0}")]
    Status(u16),
    #[error("body longer than 512 KiB")]
    TooLarge,
    #[error("timed out")]
    Timeout,
    #[error("{0}")]
    Network(String),
}

impl FetchError {
    pub(super) fn from_reqwest(error: reqwest::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(inner) = cause {
            if let Some(refusal) = inner.downcast_ref::<RedirectRefusal>() {
                return FetchError::Redirect(*refusal);
            }
            cause = inner.source();
        }
        if error.is_timeout() {
            FetchError::Timeout
        } else {
            FetchError::Network(reason(error))
        }
    }
}

/// The whole chain in one line, outermost first: `reqwest` alone says no more than "error sending request".
pub(super) fn reason(error: reqwest::Error) -> String {
    // Its text would hold the URL with the password and the query.
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text.chars()
        .take(REASON)
        .flat_map(char::escape_debug)
        .collect()
}
