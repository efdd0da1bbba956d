//! Errors of locating and fetching an issuer's keys.

use crate::base::file::FileError;
use crate::http::{FetchError, UrlRefusal};

use crate::json::MembersError;

/// Error of fetching a key document. Its URLs are redacted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IssuerError {
    #[error("{url}: {error}")]
    Fetch { url: String, error: FetchError },
    #[error("{path}: {error}")]
    File { path: String, error: FileError },
    #[error("{url}: {error}")]
    Metadata { url: String, error: MetadataError },
    /// `KeyLocation::Given`: there is nothing to fetch.
    #[error("the keys were handed over in code")]
    NoLocation,
    /// Neither of the two documents exists.
    #[cfg(feature = "introspection")]
    #[error("{issuer} has no metadata that name its `{name}`")]
    NoMetadata { issuer: String, name: &'static str },
}

/// Fault of metadata (RFC 8414 §3.3, OpenID Connect Discovery 1.0 §4.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MetadataError {
    #[error("{0}")]
    Members(#[from] MembersError),
    #[error("it speaks for the issuer {presented}, expected is {expected}")]
    Issuer { expected: String, presented: String },
    #[error("`{name}` is not a URL: {text}")]
    NotAUrl { name: &'static str, text: String },
    #[error("`{name}` {url} is not allowed: {refusal}")]
    Refused {
        name: &'static str,
        url: String,
        refusal: UrlRefusal,
    },
    #[error("`{name}` {url} leaves https, by which the metadata came")]
    Downgrade { name: &'static str, url: String },
}
