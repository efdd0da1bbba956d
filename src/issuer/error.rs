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
}

/// Fault of metadata (RFC 8414 §3.3, OpenID Connect Discovery 1.0 §4.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MetadataError {
    #[error("{0}")]
    Members(#[from] MembersError),
    #[error("it speaks for the issuer {presented}, expected is {expected}")]
    Issuer { expected: String, presented: String },
    #[error("`jwks_uri` is not a URL: {0}")]
    NotAUrl(String),
    #[error("`jwks_uri` {url} is not allowed: {refusal}")]
    Refused { url: String, refusal: UrlRefusal },
    #[error("`jwks_uri` {0} leaves https, by which the metadata came")]
    Downgrade(String),
}
