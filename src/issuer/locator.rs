//! Where an issuer's keys are, remembered while it is true.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::timeout;
use url::Url;

use super::discovery::{self, Place};
use super::error::IssuerError;
use super::well_known;
use crate::config::{IssuerSettings, KeyLocation};
use crate::http::{Document, FetchError, Http, Shown};

/// Finds and fetches the key document of one issuer.
pub(crate) struct Locator {
    location: KeyLocation,
    issuer: Option<String>,
    http: Http,
    /// How long a place serves without being confirmed: `jwks_cache_ttl`.
    ttl: Duration,
    found: Mutex<Option<Found>>,
}

/// What a document is fetched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// To have the keys as they are now.
    Refresh,
    /// To find a key that is not among those at hand.
    Key,
}

/// A place that the metadata stated, or that is conventional, and that gave a document.
#[derive(Clone)]
struct Found {
    url: Url,
    confirmed_at: Duration,
    doubtful: bool,
}

impl Locator {
    pub(crate) fn new(settings: &IssuerSettings, ttl: Duration, http: Http) -> Self {
        Self {
            location: settings.location.clone(),
            issuer: settings.issuer.clone(),
            http,
            ttl,
            found: Mutex::default(),
        }
    }

    /// How long one document may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.http.timeout()
    }

    /// The key document. Whoever looks for a key asks the place that is known; a refresh asks the metadata beside it, and so does
    /// whoever finds the place doubtful. Metadata that cannot be had or believed do not take a known place away before its time.
    pub(crate) async fn fetch(&self, errand: Errand, now: Duration) -> Result<Document, IssuerError> {
        let at = match &self.location {
            KeyLocation::At(url) => return self.get(url).await,
            KeyLocation::Conventional(issuer) => return self.get(&well_known::jwks(issuer)).await,
            KeyLocation::Given => return Err(IssuerError::NoLocation),
            KeyLocation::Discover(issuer) => issuer,
        };
        let Some(known) = self.known(now) else {
            let (Place::Stated(url) | Place::Conventional(url)) = self.discover(at).await?;
            return self.settle(&url, now).await;
        };
        let (document, place) = if errand == Errand::Key && !known.doubtful {
            match self.get(&known.url).await {
                Ok(document) => return Ok(document),
                // Overrun, or the time is over: not to be asked for more. Anything else may mean that the keys have moved.
                Err(error) => match &error {
                    IssuerError::Fetch { error: FetchError::Status(429) | FetchError::Timeout, .. } => {
                        return Err(error);
                    }
                    _ => (Err(error), self.confirmed(at, &known.url).await),
                },
            }
        } else {
            tokio::join!(self.get(&known.url), self.confirmed(at, &known.url))
        };
        match place {
            Some(url) if url != known.url => match self.settle(&url, now).await {
                Ok(moved) => Ok(moved),
                Err(error) => document.map_err(|_| error),
            },
            Some(url) => {
                *self.found() = Some(Found { url, confirmed_at: now, doubtful: document.is_err() });
                document
            }
            None => document,
        }
    }

    /// What was fetched is not what was hoped for: the next fetch asks the metadata too.
    pub(crate) fn doubt(&self) {
        if let Some(found) = self.found().as_mut() {
            found.doubtful = true;
        }
    }

    /// The document at `url`, which is remembered if there is one.
    async fn settle(&self, url: &Url, now: Duration) -> Result<Document, IssuerError> {
        let document = self.get(url).await?;
        *self.found() = Some(Found { url: url.clone(), confirmed_at: now, doubtful: false });
        Ok(document)
    }

    async fn get(&self, url: &Url) -> Result<Document, IssuerError> {
        self.http.fetch(url).await.map_err(|error| IssuerError::Fetch { url: Shown(url).to_string(), error })
    }

    async fn discover(&self, at: &Url) -> Result<Place, IssuerError> {
        discovery::discover(&self.http, at, self.issuer.as_deref().unwrap_or(at.as_str())).await
    }

    /// Where the keys are now, if the issuer says so, or says no more than before: in half the time, so that whoever waits for a key has
    /// it in time all the same.
    async fn confirmed(&self, at: &Url, known: &Url) -> Option<Url> {
        let reason = match timeout(self.timeout() / 2, self.discover(at)).await {
            Ok(Ok(Place::Stated(url))) => return Some(url),
            Ok(Ok(Place::Conventional(url))) if url == *known => return Some(url),
            Ok(Ok(Place::Conventional(_))) => "there are none any more".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => FetchError::Timeout.to_string(),
        };
        let issuer = self.issuer.as_deref().unwrap_or(at.as_str());
        tracing::warn!(
            issuer,
            "the metadata do not say where the keys are, they are fetched from where they were: {reason}"
        );
        None
    }

    /// The place that was found, while it serves. A time before it was confirmed means that the clock was put back: nothing is known
    /// of its age.
    fn known(&self, now: Duration) -> Option<Found> {
        let young = |found: &Found| now.checked_sub(found.confirmed_at).is_some_and(|age| age < self.ttl);
        self.found().clone().filter(young)
    }

    /// Held for a moment only, never across an await.
    fn found(&self) -> MutexGuard<'_, Option<Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locator").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
