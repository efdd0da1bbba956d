//! Where an issuer's keys are, remembered while it is true.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use super::error::IssuerError;
use super::{discovery, well_known};
use crate::config::{IssuerSettings, KeyLocation};
use crate::http::{Document, FetchError, Http, Shown};

/// Finds and fetches the key document of one issuer.
pub(crate) struct Locator {
    location: KeyLocation,
    issuer: Option<String>,
    http: Http,
    trust: Trust,
    found: Mutex<Option<Found>>,
}

/// For how long a discovered place is believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trust {
    /// Without asking for the metadata again.
    pub(crate) blind: Duration,
    /// While the metadata cannot be fetched.
    pub(crate) unconfirmed: Duration,
}

#[derive(Clone)]
struct Found {
    url: Url,
    at: Duration,
    doubtful: bool,
}

impl Found {
    /// A time before it was found means that the clock was put back: nothing is known of its age.
    fn is_younger(&self, than: Duration, now: Duration) -> bool {
        now.checked_sub(self.at).is_some_and(|age| age < than)
    }
}

impl Locator {
    pub(crate) fn new(settings: &IssuerSettings, trust: Trust, http: Http) -> Self {
        Self {
            location: settings.location.clone(),
            issuer: settings.issuer.clone(),
            http,
            trust,
            found: Mutex::default(),
        }
    }

    /// How long one document may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.http.timeout()
    }

    /// The key document, found anew if need be. A place that does not answer well is doubted, unless it only asks for patience:
    /// whoever is overrun is not to be asked for more.
    pub(crate) async fn fetch(&self, now: Duration) -> Result<Document, IssuerError> {
        let url = self.locate(now).await?;
        self.http.fetch(&url).await.map_err(|error| {
            if error != FetchError::Status(429) {
                self.doubt();
            }
            IssuerError::Fetch { url: Shown(&url).to_string(), error }
        })
    }

    /// The discovered place may be wrong, say because what it gave were no keys: the next fetch asks for the metadata first.
    pub(crate) fn doubt(&self) {
        if let Some(found) = self.found().as_mut() {
            found.doubtful = true;
        }
    }

    async fn locate(&self, now: Duration) -> Result<Url, IssuerError> {
        let at = match &self.location {
            KeyLocation::At(url) => return Ok(url.clone()),
            KeyLocation::Conventional(issuer) => return Ok(well_known::jwks(issuer)),
            KeyLocation::Given => return Err(IssuerError::NoLocation),
            KeyLocation::Discover(issuer) => issuer,
        };
        let found = self.found().clone();
        if let Some(found) = found.as_ref().filter(|found| !found.doubtful && found.is_younger(self.trust.blind, now)) {
            return Ok(found.url.clone());
        }
        let issuer = self.issuer.as_deref().unwrap_or(at.as_str());
        match (discovery::discover(&self.http, at, issuer).await, found) {
            (Ok(url), _) => {
                *self.found() = Some(Found { url: url.clone(), at: now, doubtful: false });
                Ok(url)
            }
            // The metadata may be out of reach while the keys are not. What is there and wrong is an error.
            (Err(IssuerError::Fetch { .. }), Some(found)) if found.is_younger(self.trust.unconfirmed, now) => {
                Ok(found.url)
            }
            (Err(error), _) => Err(error),
        }
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
