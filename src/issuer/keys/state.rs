//! The state of an issuer's keys and its transitions. Pure: time and chance are parameters.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::KeyringError;
use super::schedule::{self, Freshness, Lifetime};
use super::set::{KeySet, MAX_SETS};
use super::update::{FetchedKeySet, WantedKey};
use crate::config::KeySettings;
use crate::jose::{Algorithm, Skipped};

/// The least time for which the keys of one replica are used after another replica answered with
/// different ones.
pub(super) const REPLICA_TTL: Duration = Duration::from_secs(10);

/// The refresh interval while replicas differ, and the least time between two fetches that tokens
/// cause.
pub(super) const PACE: Duration = Duration::from_secs(1);

/// The keys of an issuer at one moment, and what is known about fetching newer ones. Readers share
/// it; a change replaces it.
#[derive(Clone)]
pub(crate) struct State {
    pub(super) cached: CachedKeySet,
    /// The keys of the latest successful fetch. `cached` also holds those of `replicas` while they
    /// are in use.
    latest: Arc<KeySet>,
    replicas: Replicas,
    /// The time of the latest failure since the last success.
    failed_at: Option<Duration>,
    /// Failures in a row.
    failures: u32,
    /// The end and the error of the latest failed attempt. A success does not clear it.
    last_error: Option<(Duration, KeyringError)>,
    /// Successful attempts, and failed ones.
    attempts: (u64, u64),
    /// The time before which no refresh starts.
    retry_at: Duration,
    /// The time before which no fetch for an unknown key starts.
    cooldown_until: Duration,
    /// The time before which no fetch for a signature starts that the known keys do not confirm.
    /// Apart from `cooldown_until`: forged signatures delay no new `kid`.
    outdated_cooldown_until: Duration,
    /// The start of the latest fetch for a token's key.
    asked_at: Duration,
    /// The skipped keys of the latest successful fetch.
    pub(super) skipped: Arc<[Skipped]>,
}

/// The facts about an issuer's keys, for an operator.
pub(crate) struct KeyStatus {
    pub(crate) keys: usize,
    pub(crate) is_usable: bool,
    /// `None`: never fetched, or given in code.
    pub(crate) age: Option<Duration>,
    /// `None`: given in code.
    pub(crate) due_in: Option<Duration>,
    /// Successful fetches since the launch.
    pub(crate) fetched: u64,
    /// Failed ones.
    pub(crate) failed: u64,
    pub(crate) last_error: Option<KeyError>,
}

/// The latest failed attempt to fetch keys.
pub(crate) struct KeyError {
    pub(crate) ago: Duration,
    /// URLs in it are redacted.
    pub(crate) text: String,
}

/// The keys in use.
#[derive(Clone)]
pub(super) struct CachedKeySet {
    pub(super) keys: Arc<KeySet>,
    /// 0: nothing was fetched yet.
    pub(super) generation: u64,
    pub(super) lifetime: Lifetime,
}

/// Key sets that were replaced a moment ago, newest first, with the time until which they are
/// remembered.
#[derive(Clone, Default)]
struct Replicas {
    sets: Vec<(Arc<KeySet>, Duration)>,
    /// A replaced set came back: the issuer's replicas publish different sets, so those of all are
    /// used.
    differ: bool,
}

impl State {
    /// The state before the first fetch.
    pub(super) fn empty() -> State {
        State::of(CachedKeySet {
            keys: Arc::new(KeySet::empty()),
            generation: 0,
            lifetime: Lifetime::NONE,
        })
    }

    /// The state with keys that never change.
    pub(super) fn given(keys: KeySet) -> State {
        State::of(CachedKeySet {
            keys: Arc::new(keys),
            generation: 1,
            lifetime: Lifetime::ENDLESS,
        })
    }

    fn of(cached: CachedKeySet) -> State {
        State {
            latest: Arc::clone(&cached.keys),
            cached,
            replicas: Replicas::default(),
            failed_at: None,
            failures: 0,
            last_error: None,
            attempts: (0, 0),
            retry_at: Duration::ZERO,
            cooldown_until: Duration::ZERO,
            outdated_cooldown_until: Duration::ZERO,
            asked_at: Duration::ZERO,
            skipped: Arc::default(),
        }
    }

    /// Returns the keys in use.
    pub(crate) fn keys(&self) -> &KeySet {
        &self.cached.keys
    }

    /// Returns a number that grows when the keys change, and only then. Tokens verified with an
    /// older generation are verified again.
    pub(crate) fn generation(&self) -> u64 {
        self.cached.generation
    }

    pub(super) fn freshness(&self, now: Duration) -> Freshness {
        self.cached.lifetime.freshness(now)
    }

    /// Checks whether a failed fetch allows the use of stale keys. After a suspend none was
    /// attempted yet.
    pub(super) fn allows_stale(&self, now: Duration) -> bool {
        self.failed_at
            .is_some_and(|failed_at| schedule::allows_stale(failed_at, now))
    }

    /// Checks whether refreshes back off after failures.
    pub(super) fn backs_off(&self, now: Duration) -> bool {
        schedule::backs_off(self.retry_at, now)
    }

    /// Checks whether the keys may be used.
    pub(super) fn is_usable(&self, now: Duration) -> bool {
        match self.freshness(now) {
            Freshness::Fresh | Freshness::Due => true,
            Freshness::Stale => self.allows_stale(now),
            Freshness::Expired => false,
        }
    }

    /// Returns the facts for an operator.
    pub(super) fn status(&self, now: Duration) -> KeyStatus {
        let lifetime = &self.cached.lifetime;
        let is_fetched = *lifetime != Lifetime::ENDLESS;
        KeyStatus {
            keys: self.keys().len(),
            is_usable: self.is_usable(now),
            age: Some(now.saturating_sub(lifetime.fetched_at))
                .filter(|_| is_fetched && self.cached.generation > 0),
            due_in: Some(self.due_in(now)).filter(|_| is_fetched),
            fetched: self.attempts.0,
            failed: self.attempts.1,
            last_error: self.last_error.as_ref().map(|(at, error)| KeyError {
                ago: now.saturating_sub(*at),
                text: error.to_string(),
            }),
        }
    }

    /// Returns the time until the next refresh may start.
    pub(super) fn retry_in(&self, now: Duration) -> Duration {
        if self.backs_off(now) {
            self.retry_at.saturating_sub(now)
        } else {
            Duration::ZERO
        }
    }

    /// Returns the time until a refresh is due.
    pub(super) fn due_in(&self, now: Duration) -> Duration {
        match (self.backs_off(now), self.freshness(now)) {
            (true, _) => self.retry_in(now),
            (false, Freshness::Fresh) => self.cached.lifetime.refresh_at.saturating_sub(now),
            (false, _) => Duration::ZERO,
        }
    }

    /// Checks whether at least two fetches replaced a set by a different one a moment ago: the
    /// issuer's replicas may differ. After one rotation it is `false`.
    fn is_mixed(&self, now: Duration, settings: &KeySettings) -> bool {
        self.remembered(now, settings).count() >= if self.replicas.differ { 1 } else { 2 }
    }

    /// Returns the sets that were replaced a moment ago.
    fn remembered(&self, now: Duration, settings: &KeySettings) -> impl Iterator<Item = &KeySet> {
        let ttl = replica_ttl(settings);
        let sets = self.replicas.sets.iter();
        sets.filter(move |(_, until)| schedule::is_ahead(*until, now, ttl))
            .map(|(keys, _)| &**keys)
    }

    /// Checks whether the cooldown after a fruitless fetch for an unknown key is active.
    pub(super) fn is_cooling(&self, now: Duration, settings: &KeySettings) -> bool {
        schedule::is_ahead(self.cooldown_until, now, settings.cooldown)
    }

    /// Checks whether the keys were fetched a cooldown ago or earlier, so that a key may have been
    /// replaced under its `kid`. `false` during the cooldown after a fruitless fetch for one.
    fn may_be_outdated(&self, now: Duration, settings: &KeySettings) -> bool {
        // A clock that was put back tells nothing about the age.
        let age = now.checked_sub(self.cached.lifetime.fetched_at);
        age.is_none_or(|age| age >= settings.cooldown)
            && !schedule::is_ahead(self.outdated_cooldown_until, now, settings.cooldown)
    }

    /// Checks whether the key of a token that these keys do not confirm is worth a fetch.
    pub(super) fn may_ask(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: Duration,
        settings: &KeySettings,
    ) -> bool {
        if self.keys().choose(kid, algorithm).is_unknown() {
            !self.is_cooling(now, settings)
        } else {
            self.may_be_outdated(now, settings)
        }
    }

    /// Returns how long a fetch for a token's key has to wait for the one before.
    pub(super) fn pause(&self, now: Duration) -> Duration {
        let next = self.asked_at.saturating_add(PACE);
        if schedule::is_ahead(next, now, PACE) {
            next.saturating_sub(now)
        } else {
            Duration::ZERO
        }
    }

    /// The state after a successful fetch that started at `started`.
    ///
    /// The set replaces the one before: a key that is gone is no longer trusted. Only where a set
    /// comes back that was replaced within [`replica_ttl`], the issuer's replicas differ, and the
    /// sets of all of them are used. A file has no replicas.
    pub(super) fn fetched(
        &self,
        fetched: &FetchedKeySet,
        started: Duration,
        settings: &KeySettings,
        chance: f64,
    ) -> State {
        let latest = Arc::clone(&fetched.keys);
        let replicas = match fetched.is_single {
            true => Replicas::default(),
            false => self.replicas_beside(&latest, started, settings),
        };
        let keys = if replicas.differ {
            let sets = replicas.sets.iter().map(|(keys, _)| &**keys);
            Arc::new(KeySet::union(std::iter::once(&*latest).chain(sets)))
        } else {
            Arc::clone(&latest)
        };
        // Equal keys keep their generation, and so tokens stay in the cache.
        let changed = self.cached.generation == 0 || *self.cached.keys != *keys;
        // As old as the request: the answer may be as old.
        let mut lifetime = Lifetime::new(settings, started, fetched.max_age, chance);
        if replicas.differ {
            lifetime.refresh_at = lifetime.refresh_at.min(started.saturating_add(PACE));
        }
        State {
            cached: CachedKeySet {
                keys,
                generation: self.cached.generation + u64::from(changed),
                lifetime,
            },
            latest,
            replicas,
            failed_at: None,
            failures: 0,
            attempts: (self.attempts.0 + 1, self.attempts.1),
            retry_at: Duration::ZERO,
            skipped: Arc::clone(&fetched.skipped),
            ..self.clone()
        }
    }

    /// The other sets of the last moments, once `latest` was fetched.
    fn replicas_beside(
        &self,
        latest: &Arc<KeySet>,
        now: Duration,
        settings: &KeySettings,
    ) -> Replicas {
        let ttl = replica_ttl(settings);
        let is_remembered = |until: Duration| schedule::is_ahead(until, now, ttl);
        let came_back = *self.latest != **latest
            && self
                .replicas
                .sets
                .iter()
                .any(|(keys, until)| *keys == *latest && is_remembered(*until));
        let replaced = (Arc::clone(&self.latest), now.saturating_add(ttl));
        let before = self.replicas.sets.iter().cloned();
        let mut sets: Vec<_> = std::iter::once(replaced)
            .filter(|_| self.cached.generation > 0)
            .chain(before.filter(|(keys, _)| *keys != self.latest))
            .filter(|(keys, until)| *keys != *latest && is_remembered(*until))
            .collect();
        sets.truncate(MAX_SETS - 1);
        Replicas {
            differ: !sets.is_empty() && (came_back || self.replicas.differ),
            sets,
        }
    }

    /// The state after a failed fetch. It never takes keys away: it lets stale ones be used.
    pub(super) fn failed(&self, error: &KeyringError, now: Duration, chance: f64) -> State {
        let failures = self.failures.saturating_add(1);
        State {
            failed_at: Some(now),
            failures,
            last_error: Some((now, error.clone())),
            attempts: (self.attempts.0, self.attempts.1 + 1),
            retry_at: now.saturating_add(schedule::back_off(failures, chance)),
            ..self.clone()
        }
    }

    /// The state after a request waited `http_timeout` for keys newer than those fetched
    /// at `fetched_at`: the next request does not wait.
    pub(super) fn timed_out(&self, fetched_at: Duration, now: Duration) -> State {
        State {
            failed_at: Some(now)
                .filter(|_| self.cached.lifetime.fetched_at == fetched_at)
                .or(self.failed_at),
            ..self.clone()
        }
    }

    /// The state after a fetch for a token's key that started at `started` ended, successfully or
    /// not.
    ///
    /// A fruitless one starts the cooldown for its kind of token, counted from its start so that a
    /// slow answer does not extend it. While the issuer answers with different sets, or if the key
    /// was in a set that was replaced a moment ago, one that succeeds may have asked the wrong
    /// replica: the next one comes after [`PACE`].
    pub(super) fn asked(
        &self,
        wanted: &WantedKey,
        succeeded: bool,
        started: Duration,
        settings: &KeySettings,
    ) -> State {
        let fruitless = !(succeeded && wanted.is_answered_by(self));
        let mut replaced = self.remembered(started, settings);
        let asked_wrong_replica = succeeded
            && (self.is_mixed(started, settings) || replaced.any(|keys| wanted.is_key_of(keys)));
        let cooldown = if asked_wrong_replica {
            settings.cooldown.min(PACE)
        } else {
            settings.cooldown
        };
        let mut state = State {
            asked_at: started,
            ..self.clone()
        };
        if fruitless {
            let until = started.saturating_add(cooldown);
            if wanted.was_unknown() {
                state.cooldown_until = until;
            } else {
                state.outdated_cooldown_until = until;
            }
        }
        state
    }
}

/// Returns how long a replaced set is remembered: longer than a cooldown, or a set that a token is
/// refused for could not come back within it.
fn replica_ttl(settings: &KeySettings) -> Duration {
    REPLICA_TTL.max(settings.cooldown.saturating_add(PACE))
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("keys", &self.cached.keys)
            .field("generation", &self.cached.generation)
            .finish_non_exhaustive()
    }
}
