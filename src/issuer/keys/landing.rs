//! What an attempt brings, and what follows from it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::error::KeyringError;
use super::flight::Outcome;
use super::keyring::{Keyring, Loaded, Snapshot};
use super::schedule::{self, Age, Lifetime};
use super::set::{Choice, KeySet};
use crate::issuer::Errand;
use crate::jose::Algorithm;
use crate::jose::{Skipped, warn_of};

/// A set, fetched and read.
pub(super) struct Fetched {
    set: KeySet,
    skipped: Vec<Skipped>,
    max_age: Option<Duration>,
}

/// The unknown key that caused an attempt.
pub(super) struct Sought {
    pub(super) kid: Option<Box<str>>,
    pub(super) algorithm: Algorithm,
}

impl Keyring {
    pub(super) async fn fetch(
        &self,
        errand: Errand,
        started: Duration,
    ) -> Result<Fetched, KeyringError> {
        let source = self.source.as_ref().ok_or(KeyringError::BrokenOff)?;
        let document = source
            .fetch(errand, started)
            .await
            .map_err(|error| KeyringError::Issuer(Arc::new(error)))?;
        match KeySet::parse(&document.body, self.allowed) {
            Ok((set, skipped)) => Ok(Fetched {
                set,
                skipped,
                max_age: document.max_age,
            }),
            Err(error) => {
                source.doubt();
                Err(KeyringError::KeySet(Arc::new(error)))
            }
        }
    }

    /// Puts the result in place. Only the one attempt that is under way calls it.
    pub(super) fn land(
        &self,
        result: Result<Fetched, KeyringError>,
        started: Duration,
        sought: Option<&Sought>,
    ) -> Outcome {
        let outcome = match result {
            Ok(fetched) => {
                self.accept(fetched, started);
                Ok(())
            }
            Err(error) => {
                self.note_failure(&error);
                Err(error)
            }
        };
        if let Some(Sought { kid, algorithm }) = sought
            && (outcome.is_err() || self.with_kid(kid.as_deref(), *algorithm).is_none())
        {
            // Counted from the start, so that a slow answer does not make it longer.
            self.cooling_until
                .set(started.saturating_add(self.settings.cooldown));
            // The keys may have moved, and the old ones be there still: the next attempt asks.
            if let (Ok(()), Some(source)) = (&outcome, &self.source) {
                source.doubt();
            }
        }
        outcome
    }

    fn accept(&self, fetched: Fetched, started: Duration) {
        let Fetched {
            set,
            skipped,
            max_age,
        } = fetched;
        let current = self.current.load();
        let changed = current.generation == 0 || *current.keys != set;
        // An unchanged set keeps its generation, and so what was verified with it stays verified.
        let (keys, generation) = if changed {
            (Arc::new(set), current.generation + 1)
        } else {
            (Arc::clone(&current.keys), current.generation)
        };
        // As old as the question, for the answer may be as old.
        let lifetime = Lifetime::new(&self.settings, started, max_age);
        let loaded = Arc::new(Loaded::new(keys, generation, lifetime));
        self.current.store(Arc::clone(&loaded));
        self.failures.store(0, Ordering::Relaxed);
        self.retry_at.set(Duration::ZERO);
        self.log_success(&loaded, changed, skipped);
    }

    /// A failure never takes away the set that is there; it lets it be used for longer.
    fn note_failure(&self, error: &KeyringError) {
        let failures = self.failures.load(Ordering::Relaxed).saturating_add(1);
        self.failures.store(failures, Ordering::Relaxed);
        let delay = schedule::back_off(failures);
        let now = self.clock.now();
        self.retry_at.set(now.saturating_add(delay));
        let current = self.current.load();
        current.note_failure(now);
        self.log_failure(error, &current, now, delay);
    }

    fn log_success(&self, loaded: &Loaded, changed: bool, skipped: Vec<Skipped>) {
        let issuer = &*self.name;
        let keys = loaded.keys.len();
        if !changed {
            tracing::debug!(issuer, keys, "signing keys refreshed, nothing changed");
        } else if loaded.generation == 1 {
            tracing::info!(issuer, keys, kids = %loaded.keys.kids(), "signing keys loaded");
        } else {
            tracing::info!(issuer, keys, kids = %loaded.keys.kids(), "signing keys changed");
        }
        let mut known = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != skipped {
            warn_of(&self.name, &skipped);
            *known = skipped;
        }
    }

    fn log_failure(&self, error: &KeyringError, current: &Loaded, now: Duration, delay: Duration) {
        let issuer = &*self.name;
        let retry_in = delay.as_secs();
        let lifetime = &current.lifetime;
        let age = now.saturating_sub(lifetime.fetched_at).as_secs();
        let left = lifetime.dies_at.saturating_sub(now).as_secs();
        match lifetime.age(now) {
            Age::Fresh | Age::Due => {
                tracing::warn!(
                    issuer,
                    retry_in,
                    age,
                    "signing keys not refreshed, those at hand stay in use: {error}"
                );
            }
            // As often as it is retried, so at least once a minute under load.
            Age::Expired => {
                tracing::error!(
                    issuer,
                    retry_in,
                    age,
                    left,
                    "signing keys not refreshed, STALE ones stay in use until `jwks_stale_ttl` is over: {error}"
                );
            }
            Age::Dead => {
                tracing::error!(
                    issuer,
                    retry_in,
                    "no signing keys, every token is answered with 503: {error}"
                );
            }
        }
    }

    /// The current set, if it knows the key of such a token (be it for another algorithm).
    pub(crate) fn with_kid(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Snapshot> {
        let current = self.current.load();
        let unknown = matches!(current.keys.choose(kid, algorithm), Choice::Unknown);
        if unknown { None } else { Some(current) }
    }
}
