//! The keys of one issuer over time.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};

use super::flight::{Cause, Flights};
use super::schedule::{self, Age, Lifetime};
use super::set::KeySet;
use super::source::Source;
use crate::base::clock::Clock;
use crate::config::{IssuerSettings, KeyLocation, KeySettings};
use crate::http::{Http, RedactedUrl};
use crate::issuer::Locator;
use crate::jose::Algorithms;
use crate::jose::Skipped;

/// The keys of one issuer: the current set, and the attempts to fetch a newer one.
pub(crate) struct Keyring {
    /// Of the issuer, for the log.
    pub(super) name: Box<str>,
    /// `None`: the set was handed over and stays.
    pub(super) source: Option<Box<dyn Source>>,
    pub(super) allowed: Algorithms,
    pub(super) settings: KeySettings,
    /// How long a request waits: `http_timeout`.
    pub(super) patience: Duration,
    pub(super) clock: Clock,
    pub(super) current: ArcSwap<Loaded>,
    pub(super) flights: Flights,
    /// Until then no attempt is made for an unknown key.
    pub(super) cooling_until: Moment,
    /// Until then no attempt is made for the set's age.
    pub(super) retry_at: Moment,
    /// In a row.
    pub(super) failures: AtomicU32,
    /// Those that were warned about.
    pub(super) skipped: Mutex<Vec<Skipped>>,
}

/// The current set as a reader sees it: no lock, no count; to be dropped before long, not kept.
pub(crate) type Snapshot = Guard<Arc<Loaded>>;

/// A set that was loaded, and when.
pub(crate) struct Loaded {
    pub(super) keys: Arc<KeySet>,
    /// 0: nothing was loaded yet.
    pub(super) generation: u64,
    pub(super) lifetime: Lifetime,
    /// When an attempt failed last since; zero if none did.
    failed_at: Moment,
}

impl Loaded {
    pub(super) fn new(keys: Arc<KeySet>, generation: u64, lifetime: Lifetime) -> Self {
        Self {
            keys,
            generation,
            lifetime,
            failed_at: Moment::default(),
        }
    }

    pub(crate) fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// Grows when the keys change, and only then: what was verified by an older generation is to be verified again.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn note_failure(&self, now: Duration) {
        self.failed_at.set(now);
    }
}

impl Keyring {
    /// A keyring that fetches the keys of `issuer` when they are needed.
    pub(crate) fn new(
        issuer: &IssuerSettings,
        settings: KeySettings,
        http: Http,
        clock: Clock,
    ) -> Arc<Self> {
        let locator = Locator::new(issuer, &settings, http);
        let patience = locator.timeout();
        Self::with_source(
            name_of(issuer),
            Some(Box::new(locator)),
            issuer.algorithms,
            settings,
            patience,
            clock,
        )
    }

    /// A keyring that holds `set` for good and never asks the network.
    pub(crate) fn given(set: KeySet) -> Arc<Self> {
        let settings = KeySettings {
            refresh_interval: Duration::MAX,
            cache_ttl: Duration::MAX,
            stale_ttl: Duration::MAX,
            cooldown: Duration::ZERO,
            prefetch: crate::config::JwksPrefetch::Never,
        };
        let keyring = Self::with_source(
            "given".into(),
            None,
            Algorithms::ALL,
            settings,
            Duration::ZERO,
            Clock::system(),
        );
        keyring
            .current
            .store(Arc::new(Loaded::new(Arc::new(set), 1, Lifetime::ENDLESS)));
        keyring
    }

    pub(super) fn with_source(
        name: Box<str>,
        source: Option<Box<dyn Source>>,
        allowed: Algorithms,
        settings: KeySettings,
        patience: Duration,
        clock: Clock,
    ) -> Arc<Self> {
        let nothing = Loaded::new(Arc::new(KeySet::empty()), 0, Lifetime::NONE);
        Arc::new(Self {
            name,
            source,
            allowed,
            settings,
            patience,
            clock,
            current: ArcSwap::from_pointee(nothing),
            flights: Flights::default(),
            cooling_until: Moment::default(),
            retry_at: Moment::default(),
            failures: AtomicU32::new(0),
            skipped: Mutex::default(),
        })
    }

    /// How many keys there are; 0 before any were loaded.
    pub(crate) fn key_count(&self) -> usize {
        self.current.load().keys.len()
    }

    /// The set that may be used at `now`; never waits, never locks. Starts the refresh of one that is due.
    ///
    /// `None`: there is none, or none that may be used before an attempt was made: `wait_for_keys`.
    pub(crate) fn snapshot(self: &Arc<Self>, now: Duration) -> Option<Snapshot> {
        let current = self.current.load();
        match current.lifetime.age(now) {
            Age::Fresh => Some(current),
            Age::Due => {
                self.refresh_ahead(now);
                Some(current)
            }
            // After a sleep of the machine nobody has tried yet; only a failure excuses old keys, and a recent one.
            Age::Expired if schedule::excuses(current.failed_at.get(), now) => {
                self.refresh_ahead(now);
                Some(current)
            }
            Age::Expired | Age::Dead => None,
        }
    }

    fn refresh_ahead(self: &Arc<Self>, now: Duration) {
        if !self.flights.any_aloft() && !self.backs_off(now) {
            let _ = self.fly(Cause::Age);
        }
    }

    pub(super) fn backs_off(&self, now: Duration) -> bool {
        schedule::backs_off(self.retry_at.get(), now)
    }

    /// Whether a fetch for a key that nobody knew was in vain so lately that no other is made.
    pub(crate) fn is_cooling(&self, now: Duration) -> bool {
        schedule::is_ahead(self.cooling_until.get(), now, self.settings.cooldown)
    }
}

/// An issuer as the log names it.
pub(crate) fn name_of(issuer: &IssuerSettings) -> Box<str> {
    match (&issuer.issuer, &issuer.location) {
        (Some(issuer), _) => issuer.as_str().into(),
        (
            None,
            KeyLocation::At(url) | KeyLocation::Discover(url) | KeyLocation::Conventional(url),
        ) => RedactedUrl(url).to_string().into(),
        (None, KeyLocation::Given) => "given".into(),
    }
}

/// A time of the clock that is read and set without a lock, in milliseconds.
#[derive(Default)]
pub(super) struct Moment(AtomicU64);

impl Moment {
    pub(super) fn get(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn set(&self, at: Duration) {
        self.0.store(
            u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("keys", &self.keys)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("name", &self.name)
            .field("current", &self.current.load())
            .finish_non_exhaustive()
    }
}
