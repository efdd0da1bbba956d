//! An endpoint of an issuer that requests are sent to: configured, or found in its metadata.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use super::error::IssuerError;
use super::{metadata, well_known};
use crate::config::EndpointLocation;
use crate::http::{FetchError, Http, RedactedUrl};

/// How long metadata that cannot be read are left alone while an older URL is known.
const RETRY: Duration = Duration::from_secs(60);

/// The URL of one endpoint, cached for `ttl`.
pub(crate) struct Endpoint {
    location: EndpointLocation,
    /// The `issuer` that the metadata must have.
    issuer: String,
    /// The member of the metadata.
    name: &'static str,
    http: Http,
    ttl: Duration,
    found: Mutex<Option<Found>>,
}

#[derive(Clone)]
struct Found {
    url: Url,
    /// When the metadata are read again.
    due_at: Duration,
}

impl Endpoint {
    pub(crate) fn new(
        location: EndpointLocation,
        issuer: Option<&str>,
        name: &'static str,
        http: Http,
        ttl: Duration,
    ) -> Endpoint {
        Endpoint {
            location,
            issuer: issuer.unwrap_or_default().to_owned(),
            name,
            http,
            ttl,
            found: Mutex::default(),
        }
    }

    /// Returns the URL. Reads the metadata if it is not known, or due; while they cannot be read, a
    /// known URL stays in use.
    pub(crate) async fn url(&self, now: Duration) -> Result<Url, IssuerError> {
        let documents = match &self.location {
            EndpointLocation::At(url) => return Ok(url.clone()),
            EndpointLocation::Metadata(url) => vec![url.clone()],
            // OpenID Connect's metadata, else RFC 8414's. Only a 404 leads to the second.
            EndpointLocation::Discover(issuer) => vec![
                well_known::openid_configuration(issuer),
                well_known::authorization_server(issuer),
            ],
        };
        let known = self.found().clone();
        if let Some(found) = &known
            // After the clock was put back, `due_at` may be far away.
            && now < found.due_at
            && found.due_at - now <= self.ttl
        {
            return Ok(found.url.clone());
        }
        let (url, due_at) = match (self.discover(documents).await, known) {
            (Ok(url), _) => (url, now + self.ttl),
            (Err(error), Some(Found { url, .. })) => {
                tracing::warn!(
                    issuer = self.issuer,
                    "the metadata do not name `{}`, its known URL stays in use: {error}",
                    self.name
                );
                (url, now + RETRY.min(self.ttl))
            }
            (Err(error), None) => return Err(error),
        };
        *self.found() = Some(Found {
            url: url.clone(),
            due_at,
        });
        Ok(url)
    }

    /// Makes the next call re-read the metadata: nothing that works answered at the URL.
    pub(crate) fn mark_suspect(&self) {
        if let Some(found) = self.found().as_mut() {
            found.due_at = Duration::ZERO;
        }
    }

    /// Reads the first of `documents` that exists.
    async fn discover(&self, documents: Vec<Url>) -> Result<Url, IssuerError> {
        for url in documents {
            let shown = || RedactedUrl(&url).to_string();
            match self.http.fetch(&url).await {
                Ok(document) => {
                    let allow_http = self.http.allows_http();
                    return metadata::endpoint(&document, &self.issuer, self.name, allow_http)
                        .map_err(|error| IssuerError::Metadata {
                            url: shown(),
                            error,
                        });
                }
                Err(FetchError::Status(404)) => {}
                Err(error) => {
                    return Err(IssuerError::Fetch {
                        url: shown(),
                        error,
                    });
                }
            }
        }
        Err(IssuerError::NoMetadata {
            issuer: self.issuer.clone(),
            name: self.name,
        })
    }

    /// Locks for a moment, never across an await.
    fn found(&self) -> MutexGuard<'_, Option<Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
