//! Where an issuer's keys are, remembered while it is true.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use super::error::IssuerError;
use super::{discovery, well_known};
use crate::config::{IssuerSettings, KeyLocation};
use crate::http::{Document, Http, Shown};

/// Finds and fetches the key document of one issuer.
pub(crate) struct Locator {
    location: KeyLocation,
    issuer: Option<String>,
    http: Http,
    /// How long a discovered place is believed: `jwks_cache_ttl`.
    ttl: Duration,
    found: Mutex<Option<Found>>,
}

#[derive(Clone)]
struct Found {
    url: Url,
    at: Duration,
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

    /// The key document, found anew if need be. A place that does not answer well is forgotten.
    pub(crate) async fn fetch(&self, now: Duration) -> Result<Document, IssuerError> {
        let url = self.locate(now).await?;
        self.http.fetch(&url).await.map_err(|error| {
            self.forget();
            IssuerError::Fetch { url: Shown(&url).to_string(), error }
        })
    }

    /// The discovered place was wrong, say because what it gave were no keys: the next fetch asks anew.
    pub(crate) fn forget(&self) {
        *self.found() = None;
    }

    async fn locate(&self, now: Duration) -> Result<Url, IssuerError> {
        let at = match &self.location {
            KeyLocation::At(url) => return Ok(url.clone()),
            KeyLocation::Conventional(issuer) => return Ok(well_known::jwks(issuer)),
            KeyLocation::Given => return Err(IssuerError::NoLocation),
            KeyLocation::Discover(issuer) => issuer,
        };
        if let Some(found) = self.found().as_ref().filter(|found| self.holds(found, now)) {
            return Ok(found.url.clone());
        }
        let issuer = self.issuer.as_deref().unwrap_or(at.as_str());
        let url = discovery::discover(&self.http, at, issuer).await?;
        *self.found() = Some(Found { url: url.clone(), at: now });
        Ok(url)
    }

    /// A time before it was found means that the clock was put back: nothing is known of its age.
    fn holds(&self, found: &Found, now: Duration) -> bool {
        now.checked_sub(found.at).is_some_and(|age| age < self.ttl)
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
