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
        match http.fetch(&url).await {
            Ok(document) => {
                return metadata::jwks_uri(&document, issuer, http.allows_http())
                    .inspect(|_| read(&document))
                    .map(JwksUri::Discovered)
                    .map_err(|error| IssuerError::Metadata {
                        url: RedactedUrl(&url).to_string(),
                        error,
                    });
            }
            Err(FetchError::Status(404)) => {}
            Err(error) => {
                return Err(IssuerError::Fetch {
                    url: RedactedUrl(&url).to_string(),
                    error,
                });
            }
        }
    }
    Ok(JwksUri::WellKnown(well_known::jwks(at)))
}
