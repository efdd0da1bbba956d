//! One attempt to fetch the keys: the fetch itself, and the change of state that it brings.

use std::sync::Arc;
use std::time::Duration;

use super::error::KeyringError;
use super::keyring::{Keyring, Snapshot};
use super::schedule::Freshness;
use super::set::KeySet;
use super::state::State;
use crate::base::single_flight::Flight;
use crate::issuer::FetchReason;
use crate::jose::{Algorithm, Skipped, warn_of};

/// `Err`: why the keys were not fetched.
pub(super) type Outcome = Result<(), KeyringError>;

/// A key set as it was fetched.
pub(super) struct FetchedKeySet {
    pub(super) keys: Arc<KeySet>,
    pub(super) skipped: Arc<[Skipped]>,
    pub(super) max_age: Option<Duration>,
    /// No replicas may answer with different sets.
    pub(super) is_single: bool,
}

/// The key that a token needs and that the keys at hand lack.
#[derive(Debug, Clone)]
pub(crate) struct WantedKey {
    kid: Option<Box<str>>,
    algorithm: Algorithm,
    /// The keys that were looked at.
    seen: Arc<KeySet>,
}

impl WantedKey {
    /// Checks whether the keys looked at have none for the token, rather than one that does not
    /// confirm its signature.
    pub(super) fn was_unknown(&self) -> bool {
        let choice = self.seen.choose(self.kid.as_deref(), self.algorithm);
        choice.is_unknown()
    }

    /// Checks whether the keys looked at have none for the token, and `keys` have one.
    pub(super) fn is_key_of(&self, keys: &KeySet) -> bool {
        let choice = keys.choose(self.kid.as_deref(), self.algorithm);
        self.was_unknown() && !choice.is_unknown()
    }

    /// Checks whether `state` has a key for the token that the keys looked at did not have.
    pub(super) fn is_answered_by(&self, state: &State) -> bool {
        let now = state.keys().choose(self.kid.as_deref(), self.algorithm);
        !now.is_unknown() && now != self.seen.choose(self.kid.as_deref(), self.algorithm)
    }
}

impl Keyring {
    /// Returns the key to wait for, if keys that do not confirm a token may have newer ones.
    ///
    /// They may if its `kid` is unknown, or if they are older than a cooldown: an issuer may put a
    /// new key under an old `kid`. `None` during the cooldown after a fruitless fetch.
    pub(crate) fn wanted(
        &self,
        seen: &Snapshot,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: Duration,
    ) -> Option<WantedKey> {
        let current = self.state.load();
        let replaced = !Arc::ptr_eq(&current.cached.keys, &seen.cached.keys);
        if !replaced
            && (self.source.is_none() || !current.may_ask(kid, algorithm, now, &self.settings))
        {
            return None;
        }
        Some(WantedKey {
            kid: kid.map(Box::from),
            algorithm,
            seen: Arc::clone(&seen.cached.keys),
        })
    }

    /// Joins the attempt in flight, or starts one if `reason` and the state call for it.
    pub(super) fn join_or_start(
        self: &Arc<Self>,
        reason: FetchReason,
        wanted: Option<&WantedKey>,
    ) -> Option<Flight<Outcome>> {
        self.source.as_ref()?;
        self.flights.join_or_start(|| {
            // An attempt may have ended since the caller looked.
            let now = self.clock.now();
            let state = self.state.load();
            let pause = match wanted {
                Some(wanted) => {
                    let (kid, algorithm) = (wanted.kid.as_deref(), wanted.algorithm);
                    if wanted.is_answered_by(&state)
                        || !state.may_ask(kid, algorithm, now, &self.settings)
                    {
                        return None;
                    }
                    state.pause(now).min(self.wait_timeout / 2)
                }
                None => {
                    let due = state.freshness(now) != Freshness::Fresh && !state.backs_off(now);
                    if reason != FetchReason::Launch && !due {
                        return None;
                    }
                    Duration::ZERO
                }
            };
            let attempt = Attempt {
                keyring: Arc::clone(self),
                reason,
                wanted: wanted.cloned(),
                started: now,
                ended: false,
            };
            Some(attempt.run(pause))
        })
    }

    async fn fetch(
        &self,
        reason: FetchReason,
        started: Duration,
    ) -> Result<FetchedKeySet, KeyringError> {
        let source = self.source.as_ref().ok_or(KeyringError::BrokenOff)?;
        let document = source
            .fetch(reason, started)
            .await
            .map_err(|error| KeyringError::Issuer(Arc::new(error)))?;
        match KeySet::parse_for(&document.body, self.allowed, self.settings.uses) {
            Ok((keys, skipped)) => Ok(FetchedKeySet {
                keys: Arc::new(keys),
                skipped: skipped.into(),
                max_age: document.max_age,
                is_single: source.is_single(),
            }),
            Err(error) => {
                source.mark_suspect();
                Err(KeyringError::KeySet {
                    from: document.from,
                    error: Arc::new(error),
                })
            }
        }
    }

    /// Applies the result of an attempt. Only the one attempt in flight calls it.
    fn apply(&self, attempt: &Attempt, result: Result<FetchedKeySet, KeyringError>) -> Outcome {
        let chance = fastrand::f64();
        let now = self.clock.now();
        let before = self.change(|state| {
            let state = match &result {
                Ok(fetched) => state.fetched(fetched, attempt.started, &self.settings, chance),
                Err(error) => state.failed(error, now, chance),
            };
            match &attempt.wanted {
                Some(wanted) => {
                    state.asked(wanted, result.is_ok(), attempt.started, &self.settings)
                }
                None => state,
            }
        });
        let after = self.state.load();
        match &result {
            Ok(_) => self.log_success(&before, &after),
            // `warm` returns it, and the launch logs it.
            Err(_) if attempt.reason == FetchReason::Launch && after.generation() == 0 => {}
            Err(error) => self.log_failure(error, &after, now),
        }
        if let (Ok(_), Some(wanted), Some(source)) = (&result, &attempt.wanted, &self.source)
            && !wanted.is_answered_by(&after)
        {
            // The keys may have moved while the old URL still answers: the next fetch re-reads the
            // metadata.
            source.mark_suspect();
        }
        result.map(drop)
    }

    fn log_success(&self, before: &State, after: &State) {
        let issuer = &*self.name;
        let keys = after.keys().len();
        if before.generation() == after.generation() {
            tracing::debug!(issuer, keys, "signing keys refreshed, nothing changed");
        } else if after.generation() == 1 {
            tracing::info!(issuer, keys, kids = %after.keys().kids(), "signing keys loaded");
        } else {
            tracing::info!(issuer, keys, kids = %after.keys().kids(), "signing keys changed");
        }
        if before.skipped != after.skipped {
            warn_of(&self.name, &after.skipped);
        }
    }

    fn log_failure(&self, error: &KeyringError, state: &State, now: Duration) {
        let issuer = &*self.name;
        let retry_in = state.retry_in(now).as_secs();
        let lifetime = &state.cached.lifetime;
        let age = now.saturating_sub(lifetime.fetched_at).as_secs();
        let left = lifetime.unusable_at.saturating_sub(now).as_secs();
        match lifetime.freshness(now) {
            Freshness::Fresh | Freshness::Due => {
                tracing::warn!(
                    issuer,
                    retry_in,
                    age,
                    "signing keys not refreshed, those at hand stay in use: {error}"
                );
            }
            // As often as it is retried, so at least once a minute under load.
            Freshness::Stale => {
                tracing::error!(
                    issuer,
                    retry_in,
                    age,
                    left,
                    "signing keys not refreshed, STALE ones stay in use until `jwks_stale_ttl` is \
                     over: {error}"
                );
            }
            Freshness::Expired => {
                tracing::error!(
                    issuer,
                    retry_in,
                    "no signing keys, every token is answered with 503: {error}"
                );
            }
        }
    }
}

/// One attempt, in a task of its own.
struct Attempt {
    keyring: Arc<Keyring>,
    reason: FetchReason,
    wanted: Option<WantedKey>,
    started: Duration,
    ended: bool,
}

impl Attempt {
    async fn run(mut self, pause: Duration) -> Outcome {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
            self.started = self.keyring.clock.now();
        }
        let result = self.keyring.fetch(self.reason, self.started).await;
        let outcome = self.keyring.apply(&self, result);
        self.ended = true;
        outcome
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // A panic is a failure like any other, or each request would cause the next one. A task
        // that ended with its runtime tells nothing about the issuer.
        if !self.ended && std::thread::panicking() {
            let _ = self.keyring.apply(self, Err(KeyringError::BrokenOff));
        }
    }
}
