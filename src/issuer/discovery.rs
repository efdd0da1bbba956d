//! Discovery of an issuer's `jwks_uri`.

use url::Url;

use super::error::IssuerError;
use super::{metadata, well_known};
use crate::http::{Document, FetchError, Http, RedactedUrl};

/// The URL of an issuer's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JwksUri {
    /// The metadata names it.
    Discovered(Url),
    /// The issuer has no metadata.
    WellKnown(Url),
}

/// Returns the URL from OpenID Connect's metadata, else from RFC 8414's, else the well-known one.
/// Only a 404 leads to the next: any other failure says nothing about the URL. `read` gets the
/// metadata that name it.
pub(super) async fn discover(
    http: &Http,
    at: &Url,
    issuer: &str,
    read: impl Fn(&Document),
) -> Result<JwksUri, IssuerError> {
    for url in [
        well_known::openid_configuration(at),
        well_known::authorization_server(at),
    ] {
        match jwks_uri_at(http, &url, issuer, &read).await {
            Err(IssuerError::Fetch {
                error: FetchError::Status(404),
                ..
            }) => {}
            answer => return answer,
        }
    }
    Ok(JwksUri::WellKnown(well_known::jwks(at)))
}

/// Returns the URL from the metadata at `url`.
pub(super) async fn jwks_uri_at(
    http: &Http,
    url: &Url,
    issuer: &str,
    read: impl Fn(&Document),
) -> Result<JwksUri, IssuerError> {
    let shown = || RedactedUrl(url).to_string();
    let document = http.fetch(url).await.map_err(|error| IssuerError::Fetch {
        url: shown(),
        error,
    })?;
    metadata::jwks_uri(&document, issuer, http.allows_http())
        .inspect(|_| read(&document))
        .map(JwksUri::Discovered)
        .map_err(|error| IssuerError::Metadata {
            url: shown(),
            error,
        })
}
