//! Where an issuer's keys are, remembered while it is true.

use std::fmt;
use std::future::ready;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{sleep, timeout};
use url::Url;

use super::discovery::{self, Place};
use super::error::IssuerError;
use super::well_known;
use crate::config::{IssuerSettings, KeyLocation, KeySettings};
use crate::http::{Document, FetchError, Http, RedactedUrl};

/// Finds and fetches the key document of one issuer.
pub(crate) struct Locator {
    location: KeyLocation,
    issuer: Option<String>,
    http: Http,
    /// How long whoever looks for a key believes a place: half of `jwks_refresh_interval`.
    confirmed_for: Duration,
    /// How long a place serves without being confirmed: `jwks_cache_ttl`.
    ttl: Duration,
    found: Mutex<Option<Found>>,
}

/// Why keys are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FetchReason {
    /// At launch, without conditions.
    Launch,
    /// The keys are missing, due, stale or expired.
    Refresh,
    /// No key at hand confirms a token.
    Token,
}

/// A place that the metadata stated, or that is conventional, and that gave a document.
#[derive(Clone)]
struct Found {
    url: Url,
    confirmed_at: Duration,
    suspect: bool,
}

impl Found {
    /// A time before it was confirmed means that the clock was put back: nothing is known of its age.
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
        }
    }

    /// How long one document may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.http.timeout()
    }

    /// The key document. Whoever looks for a key asks the place that is known; a refresh asks the metadata beside it, and so does
    /// whoever finds the place suspect. Metadata that cannot be had or believed do not take a known place away before its time.
    pub(crate) async fn fetch(
        &self,
        reason: FetchReason,
        now: Duration,
    ) -> Result<Document, IssuerError> {
        let at = match &self.location {
            KeyLocation::At(url) => return self.get(url).await,
            KeyLocation::Conventional(issuer) => return self.get(&well_known::jwks(issuer)).await,
            KeyLocation::Given => return Err(IssuerError::NoLocation),
            KeyLocation::Discover(issuer) => issuer,
        };
        let Some(known) = self
            .found()
            .clone()
            .filter(|found| found.is_younger(self.ttl, now))
        else {
            let (Place::Stated(url) | Place::Conventional(url)) = self.discover(at).await?;
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
            // Whoever is overrun is not to be asked for more.
            Err(
                error @ IssuerError::Fetch {
                    error: FetchError::Status(429),
                    ..
                },
            ) => Err(error),
            // The time is over.
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

    /// What was fetched is not what was hoped for: the next fetch asks the metadata too.
    pub(crate) fn mark_suspect(&self) {
        if let Some(found) = self.found().as_mut() {
            found.suspect = true;
        }
    }

    /// What comes from the known place, unless the metadata, asked beside it, name another one that answers.
    async fn confirm(
        &self,
        at: &Url,
        known: &Url,
        get: impl Future<Output = Result<Document, IssuerError>>,
        now: Duration,
    ) -> Result<Document, IssuerError> {
        let (mut get, mut stated) = (pin!(get), pin!(self.stated(at, known)));
        let mut document = None;
        let place = tokio::select! {
            place = &mut stated => place,
            answer = &mut get => {
                document = Some(answer);
                stated.await
            }
        };
        match place {
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
                        // What is there shall not be late because the new place is.
                        () = sleep(self.timeout() / 2), if is_there => {
                            break Err(IssuerError::Fetch { url: RedactedUrl(&url).to_string(), error: FetchError::Timeout });
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

    /// Where the keys are now, if the issuer says so, or says no more than before: in half the time, so that whoever waits for a key has
    /// it in time all the same.
    async fn stated(&self, at: &Url, known: &Url) -> Option<Url> {
        let reason = match timeout(self.timeout() / 2, self.discover(at)).await {
            Ok(Ok(Place::Stated(url))) => return Some(url),
            Ok(Ok(Place::Conventional(url))) if url == *known => return Some(url),
            Ok(Ok(Place::Conventional(_))) => "there are none any more".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => FetchError::Timeout.to_string(),
        };
        let issuer = self.name(at);
        tracing::warn!(
            issuer,
            "the metadata do not say where the keys are, the place known before serves on: {reason}"
        );
        None
    }

    /// The document at `url`, which is remembered if there is one.
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

    async fn discover(&self, at: &Url) -> Result<Place, IssuerError> {
        discovery::discover(&self.http, at, self.name(at)).await
    }

    /// The `iss` of its tokens; else where its metadata are.
    fn name<'a>(&'a self, at: &'a Url) -> &'a str {
        self.issuer.as_deref().unwrap_or(at.as_str())
    }

    /// Held for a moment only, never across an await.
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
