//! The keys of one issuer over time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};

use super::schedule::Freshness;
use super::set::KeySet;
use super::source::KeySetSource;
use super::state::{KeyStatus, State};
use super::update::Outcome;
use crate::base::clock::Clock;
use crate::base::file::shown;
use crate::base::single_flight::SingleFlight;
use crate::config::{IssuerSettings, KeyLocation, KeySettings};
use crate::http::{Http, HttpError, RedactedUrl};
use crate::issuer::{FetchReason, KeyFile, Locator};
use crate::jose::{Algorithms, KeyUse};

/// The keys of one issuer: the current state, and the attempts to fetch newer keys.
pub(crate) struct Keyring {
    /// The issuer, for the log.
    pub(super) name: Box<str>,
    /// `None`: the keys were given in code and stay.
    pub(super) source: Option<Box<dyn KeySetSource>>,
    pub(super) allowed: Algorithms,
    pub(super) settings: KeySettings,
    /// The longest wait of a request: `http_timeout`.
    pub(super) wait_timeout: Duration,
    pub(super) clock: Clock,
    pub(super) state: ArcSwap<State>,
    pub(super) flights: SingleFlight<Outcome>,
}

/// The current state as a reader sees it: no lock, no reference count. Not to be kept.
pub(crate) type Snapshot = Guard<Arc<State>>;

impl Keyring {
    /// Creates a keyring that fetches the keys of `issuer` when they are needed, with its own proxy
    /// and token.
    ///
    /// # Errors
    ///
    /// No client can be made for them.
    pub(crate) fn new(
        issuer: &IssuerSettings,
        settings: KeySettings,
        http: &Http,
        clock: Clock,
    ) -> Result<Arc<Self>, HttpError> {
        let http = http.with(issuer.proxy.as_ref(), issuer.bearer.as_ref())?;
        let (mut settings, wait_timeout) = (settings, http.timeout());
        settings.uses = issuer.key_use();
        let source: Box<dyn KeySetSource> = match &issuer.location {
            KeyLocation::File(path) => {
                settings.refresh_interval = settings.refresh_interval.min(KeyFile::INTERVAL);
                Box::new(KeyFile::new(path, wait_timeout))
            }
            _ => Box::new(Locator::new(issuer, &settings, http)),
        };
        Ok(Self::with_source(
            name_of(issuer),
            Some(source),
            issuer.algorithms,
            settings,
            wait_timeout,
            clock,
            State::empty(),
        ))
    }

    /// Creates a keyring that holds `set` forever and never uses the network.
    pub(crate) fn given(set: KeySet) -> Arc<Self> {
        let settings = KeySettings {
            refresh_interval: Duration::MAX,
            cache_ttl: Duration::MAX,
            stale_ttl: Duration::MAX,
            cooldown: Duration::ZERO,
            prefetch: crate::config::JwksPrefetch::Never,
            uses: KeyUse::Signatures,
        };
        Self::with_source(
            "given".into(),
            None,
            Algorithms::ALL,
            settings,
            Duration::ZERO,
            Clock::system(),
            State::given(set),
        )
    }

    pub(super) fn with_source(
        name: Box<str>,
        source: Option<Box<dyn KeySetSource>>,
        allowed: Algorithms,
        settings: KeySettings,
        wait_timeout: Duration,
        clock: Clock,
        state: State,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            source,
            allowed,
            settings,
            wait_timeout,
            clock,
            state: ArcSwap::from_pointee(state),
            flights: SingleFlight::default(),
        })
    }

    /// Returns the endpoints of the issuer's metadata, if they were read.
    #[cfg(feature = "openapi")]
    pub(crate) fn endpoints(&self) -> Option<crate::issuer::Endpoints> {
        self.source.as_ref()?.endpoints()
    }

    /// Returns the number of keys in use, 0 before any were loaded.
    pub(crate) fn key_count(&self) -> usize {
        self.state.load().keys().len()
    }

    /// Returns the keys that may be used at `now`. Never waits, never locks. Starts the refresh of
    /// keys that are due.
    ///
    /// `None`: there are no usable keys before another attempt; call `wait_for_keys`.
    pub(crate) fn snapshot(self: &Arc<Self>, now: Duration) -> Option<Snapshot> {
        let state = self.state.load();
        match state.freshness(now) {
            Freshness::Fresh => Some(state),
            Freshness::Due => {
                self.refresh_ahead(&state, now);
                Some(state)
            }
            Freshness::Stale if state.allows_stale(now) => {
                self.refresh_ahead(&state, now);
                Some(state)
            }
            Freshness::Stale | Freshness::Expired => None,
        }
    }

    /// Returns where the keys come from, for an operator: a URL without secrets, a file, `code`.
    pub(crate) fn key_source(&self) -> String {
        let source = self.source.as_ref();
        source.map_or_else(|| KeyLocation::Given.to_string(), |source| source.name())
    }

    /// Returns the path of the file that the keys are read from.
    pub(crate) fn key_file(&self) -> Option<String> {
        self.source
            .as_ref()
            .filter(|source| source.is_single())
            .map(|source| source.name())
    }

    /// Returns the facts for an operator. Changes nothing and starts nothing.
    pub(crate) fn status(&self) -> KeyStatus {
        self.state.load().status(self.clock.now())
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.state.load().is_usable(self.clock.now())
    }

    /// Starts a refresh if one is due, and does not wait for it: for readiness probes, since with
    /// `jwks_prefetch = "never"` only requests cause the first fetch.
    pub(crate) fn refresh_if_due(self: &Arc<Self>) {
        let now = self.clock.now();
        let state = self.state.load();
        if state.freshness(now) != Freshness::Fresh {
            self.refresh_ahead(&state, now);
        }
    }

    fn refresh_ahead(self: &Arc<Self>, state: &State, now: Duration) {
        if !self.flights.in_flight() && !state.backs_off(now) {
            let _ = self.join_or_start(FetchReason::Refresh, None);
        }
    }

    /// Replaces the state by what `transition` makes of it. Returns the state before.
    pub(super) fn change(&self, transition: impl Fn(&State) -> State) -> Arc<State> {
        self.state.rcu(|state| transition(state))
    }
}

/// Returns the name of an issuer in the log.
pub(crate) fn name_of(issuer: &IssuerSettings) -> Box<str> {
    match (&issuer.issuer, &issuer.location) {
        (Some(issuer), _) => issuer.as_str().into(),
        (
            None,
            KeyLocation::At(url) | KeyLocation::Discover(url) | KeyLocation::Conventional(url),
        ) => RedactedUrl(url).to_string().into(),
        (None, KeyLocation::Metadata(url)) => RedactedUrl(url).to_string().into(),
        (None, KeyLocation::File(path)) => shown(path).into(),
        (None, KeyLocation::Given) => "given".into(),
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("name", &self.name)
            .field("state", &self.state.load())
            .finish_non_exhaustive()
    }
}
