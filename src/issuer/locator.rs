//! The URL of an issuer's keys, cached while it is confirmed.

use std::fmt;
use std::future::ready;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{sleep, timeout};
use url::Url;

use super::discovery::{self, JwksUri};
#[cfg(feature = "openapi")]
use super::endpoints::Endpoints;
use super::error::IssuerError;
use super::well_known;
use crate::config::{IssuerSettings, KeyLocation, KeySettings};
use crate::http::{Document, FetchError, Http, RedactedUrl};

/// Finds and fetches the key document of one issuer.
pub(crate) struct Locator {
    location: KeyLocation,
    issuer: Option<String>,
    http: Http,
    /// How long a fetch for a token's key trusts a URL: half of `jwks_refresh_interval`.
    confirmed_for: Duration,
    /// How long a URL is used without being confirmed: `jwks_cache_ttl`.
    ttl: Duration,
    found: Mutex<Option<Found>>,
    #[cfg(feature = "openapi")]
    endpoints: Mutex<Option<Endpoints>>,
}

/// Reason of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FetchReason {
    /// At launch, without conditions.
    Launch,
    /// The keys are missing, due, stale or expired.
    Refresh,
    /// No key at hand confirms a token.
    Token,
}

/// A discovered or well-known URL that returned a document.
#[derive(Clone)]
struct Found {
    url: Url,
    confirmed_at: Duration,
    suspect: bool,
}

impl Found {
    /// Checks the time since it was confirmed. After the clock was put back its age is unknown.
    fn is_younger(&self, than: Duration, now: Duration) -> bool {
        now.checked_sub(self.confirmed_at)
            .is_some_and(|age| age < than)
    }
}

impl Locator {
    pub(crate) fn new(settings: &IssuerSettings, keys: &KeySettings, http: Http) -> Self {
        Self {
            location: settings.location.clone(),
            issuer: settings.issuer.clone(),
            http,
            confirmed_for: keys.refresh_interval / 2,
            ttl: keys.cache_ttl,
            found: Mutex::default(),
            #[cfg(feature = "openapi")]
            endpoints: Mutex::default(),
        }
    }

    pub(super) fn location(&self) -> &KeyLocation {
        &self.location
    }

    /// Returns the limit on the time of one document.
    pub(crate) fn timeout(&self) -> Duration {
        self.http.timeout()
    }

    /// Fetches the key document.
    ///
    /// For a token's key only the known URL is fetched. A refresh, or a suspect URL, also re-reads
    /// the metadata. Metadata that fail keep the known URL until `ttl` is over.
    pub(crate) async fn fetch(
        &self,
        reason: FetchReason,
        now: Duration,
    ) -> Result<Document, IssuerError> {
        let at = match &self.location {
            KeyLocation::At(url) => return self.get(url).await,
            KeyLocation::Conventional(issuer) => return self.get(&well_known::jwks(issuer)).await,
            KeyLocation::Given | KeyLocation::File(_) => return Err(IssuerError::NoLocation),
            KeyLocation::Discover(url) | KeyLocation::Metadata(url) => url,
        };
        let Some(known) = self
            .found()
            .clone()
            .filter(|found| found.is_younger(self.ttl, now))
        else {
            let (JwksUri::Discovered(url) | JwksUri::WellKnown(url)) = self.discover(at).await?;
            return self.settle(&url, now).await;
        };
        if reason != FetchReason::Token
            || known.suspect
            || !known.is_younger(self.confirmed_for, now)
        {
            return self
                .confirm(at, &known.url, self.get(&known.url), now)
                .await;
        }
        match self.get(&known.url).await {
            // The issuer is overloaded: send nothing further.
            Err(
                error @ IssuerError::Fetch {
                    error: FetchError::Status(429),
                    ..
                },
            ) => Err(error),
            // No time is left for the metadata.
            Err(
                error @ IssuerError::Fetch {
                    error: FetchError::Timeout,
                    ..
                },
            ) => {
                self.mark_suspect();
                Err(error)
            }
            Err(error) => self.confirm(at, &known.url, ready(Err(error)), now).await,
            document => document,
        }
    }

    /// Makes the next fetch re-read the metadata.
    pub(crate) fn mark_suspect(&self) {
        if let Some(found) = self.found().as_mut() {
            found.suspect = true;
        }
    }

    /// Returns the document of the known URL, unless the metadata, read meanwhile, name another URL
    /// that answers.
    async fn confirm(
        &self,
        at: &Url,
        known: &Url,
        get: impl Future<Output = Result<Document, IssuerError>>,
        now: Duration,
    ) -> Result<Document, IssuerError> {
        let (mut get, mut discovered) = (pin!(get), pin!(self.discovered(at, known)));
        let mut document = None;
        let uri = tokio::select! {
            uri = &mut discovered => uri,
            answer = &mut get => {
                document = Some(answer);
                discovered.await
            }
        };
        match uri {
            Some(url) if url == *known => {
                *self.found() = Some(Found {
                    url,
                    confirmed_at: now,
                    suspect: false,
                });
            }
            Some(url) => {
                let mut settle = pin!(self.settle(&url, now));
                let settled = loop {
                    let is_there = matches!(document, Some(Ok(_)));
                    tokio::select! {
                        settled = &mut settle => break settled,
                        answer = &mut get, if document.is_none() => document = Some(answer),
                        // Do not delay the answer of the known URI for the new one.
                        () = sleep(self.timeout() / 2), if is_there => {
                            break Err(IssuerError::Fetch {
                                url: RedactedUrl(&url).to_string(),
                                error: FetchError::Timeout,
                            });
                        }
                    }
                };
                match settled {
                    Ok(moved) => return Ok(moved),
                    Err(error) => {
                        self.mark_suspect();
                        tracing::warn!(
                            issuer = self.name(at),
                            "the keys have moved, and are not there: {error}"
                        );
                    }
                }
            }
            None => self.mark_suspect(),
        }
        match document {
            Some(document) => document,
            None => get.await,
        }
    }

    /// Returns the URL in the metadata, if they name one or still none. Takes half of the timeout,
    /// so that a request that waits for a key gets it in time.
    async fn discovered(&self, at: &Url, known: &Url) -> Option<Url> {
        let reason = match timeout(self.timeout() / 2, self.discover(at)).await {
            Ok(Ok(JwksUri::Discovered(url))) => return Some(url),
            Ok(Ok(JwksUri::WellKnown(url))) if url == *known => return Some(url),
            Ok(Ok(JwksUri::WellKnown(_))) => "there are none any more".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => FetchError::Timeout.to_string(),
        };
        let issuer = self.name(at);
        tracing::warn!(
            issuer,
            "the metadata do not name the keys, their known URL stays in use: {reason}"
        );
        None
    }

    /// Fetches the document at `url`; if it succeeds, `url` is the known one.
    async fn settle(&self, url: &Url, now: Duration) -> Result<Document, IssuerError> {
        let document = self.get(url).await?;
        *self.found() = Some(Found {
            url: url.clone(),
            confirmed_at: now,
            suspect: false,
        });
        Ok(document)
    }

    async fn get(&self, url: &Url) -> Result<Document, IssuerError> {
        self.http
            .fetch(url)
            .await
            .map_err(|error| IssuerError::Fetch {
                url: RedactedUrl(url).to_string(),
                error,
            })
    }

    async fn discover(&self, at: &Url) -> Result<JwksUri, IssuerError> {
        let read = |_metadata: &Document| {
            #[cfg(feature = "openapi")]
            {
                let endpoints = Endpoints::of(_metadata, self.http.allows_http());
                *self
                    .endpoints
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = endpoints;
            }
        };
        match &self.location {
            KeyLocation::Metadata(url) => {
                discovery::jwks_uri_at(&self.http, url, self.name(at), read).await
            }
            _ => discovery::discover(&self.http, at, self.name(at), read).await,
        }
    }

    /// Returns the endpoints of the metadata that were read last.
    #[cfg(feature = "openapi")]
    pub(super) fn endpoints(&self) -> Option<Endpoints> {
        let endpoints = self.endpoints.lock();
        endpoints.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the `iss` of its tokens, else the URL of its metadata.
    fn name<'a>(&'a self, at: &'a Url) -> &'a str {
        self.issuer.as_deref().unwrap_or(at.as_str())
    }

    /// Locks for a moment, never across an await.
    fn found(&self) -> MutexGuard<'_, Option<Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locator")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
