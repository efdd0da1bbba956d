//! An issuer's metadata and the URL of its keys: configured, discovered or well-known.

mod discovery;
#[cfg(feature = "introspection")]
mod endpoint;
#[cfg(feature = "openapi")]
mod endpoints;
mod error;
mod key_file;
pub(crate) mod keys;
mod locator;
mod metadata;
mod well_known;

#[cfg(test)]
mod tests;

#[cfg(feature = "introspection")]
pub(crate) use endpoint::Endpoint;
#[cfg(feature = "openapi")]
pub(crate) use endpoints::Endpoints;
pub(crate) use error::IssuerError;
pub(crate) use key_file::KeyFile;
pub(crate) use locator::{FetchReason, Locator};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use metadata::jwks_uri;
#[cfg(feature = "openapi")]
pub(crate) use well_known::openid_configuration;
