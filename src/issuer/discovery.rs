//! Asking an issuer where its keys are.

use url::Url;

use super::error::IssuerError;
use super::{metadata, well_known};
use crate::http::{FetchError, Http, RedactedUrl};

/// The place of an issuer's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The issuer says so.
    Stated(Url),
    /// The issuer has no metadata.
    Conventional(Url),
}

/// The place of the keys: by OpenID Connect's metadata, else by RFC 8414's, else the conventional one. Only a 404
/// leads to the next: any other failure says nothing about where the keys are.
pub(super) async fn discover(http: &Http, at: &Url, issuer: &str) -> Result<Place, IssuerError> {
    for url in [
        well_known::openid_configuration(at),
        well_known::authorization_server(at),
    ] {
        match http.fetch(&url).await {
            Ok(document) => {
                return metadata::jwks_uri(&document, issuer, http.allows_http())
                    .map(Place::Stated)
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
    Ok(Place::Conventional(well_known::jwks(at)))
}
