//! Errors of the client and of a fetch. Their texts hold no secret of the URL.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::rules::{RedirectRefusal, UrlRefusal};
use crate::base::redact::one_line;

/// The longest text of another library that is printed, in characters.
const MAX_REASON: usize = 200;

/// Error of building the client.
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
    /// Checks whether the error is one of the file.
    pub(crate) fn is_of_ca_bundle(&self) -> bool {
        !matches!(self, HttpError::Client(_))
    }
}

fn shown_path(path: &Path) -> String {
    one_line(&path.display().to_string())
}

/// Error of fetching a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("{0}")]
    Url(UrlRefusal),
    #[error("{0}")]
    Redirect(RedirectRefusal),
    #[error("status {0}")]
    Status(u16),
    #[error(
        "status {0}, to a request without the token of `jwks_bearer_file`, which is for another \
         origin; `jwks_url` can name the keys at that origin"
    )]
    WithoutToken(u16),
    #[error("the token in {path} (`jwks_bearer_file`) cannot be used: {reason}")]
    Bearer { path: String, reason: String },
    #[error("sent with Content-Encoding {0}, which was not asked for")]
    ContentEncoding(String),
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
            let mut reason = reason(error);
            if let Some(advice) = advice(&reason) {
                reason.push_str(advice);
            }
            FetchError::Network(reason)
        }
    }
}

/// Returns what to do about a certificate that rustls refuses.
fn advice(reason: &str) -> Option<&'static str> {
    if reason.contains("UnknownIssuer") {
        Some(
            " (its certificate is signed by an authority that is not trusted: `http_ca_bundle` \
             adds one)",
        )
    } else if reason.contains("CaUsedAsEndEntity") {
        Some(
            " (the server presents the certificate of an authority, basicConstraints CA:TRUE, as \
             its own: it needs one with CA:FALSE, signed by an authority that is trusted or in \
             `http_ca_bundle`)",
        )
    } else {
        None
    }
}

/// Returns the chain of causes in one line, outermost first: `reqwest` alone says "error sending
/// request".
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
        .take(MAX_REASON)
        .flat_map(char::escape_debug)
        .collect()
}
