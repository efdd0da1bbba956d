//! The issuers that a source confirmed, and those that it does not know: both bounded.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache, DefaultLifecycle};

use super::issuer::{RunTimeIssuer, millis};

/// Issuers that are kept.
pub(super) const CAPACITY: usize = 10_000;

/// The least recently used ones that go when there are more.
// perf: together, since finding them reads all, benches/tenants.rs
const EVICTED: usize = CAPACITY / 100;

/// The longest time for which an issuer that the source does not know is not asked for again.
const UNKNOWN_TTL: Duration = Duration::from_secs(60);

/// Answers that hold for longer than this after they have ended are dropped, with their keys.
const IDLE: Duration = Duration::from_secs(3600);

type Issuers = HashMap<Box<str>, Arc<RunTimeIssuer>, SeedableRandomState>;

/// The answers of a source. Made-up issuers never push out others.
pub(super) struct Known {
    issuers: RwLock<Issuers>,
    /// With the end of the time for which the answer is used.
    unknown: Cache<
        Box<str>,
        Duration,
        UnitWeighter,
        SeedableRandomState,
        DefaultLifecycle<Box<str>, Duration>,
    >,
}

impl Known {
    pub(super) fn new() -> Known {
        let hasher = || {
            let key = RandomState::new().hash_one(0);
            SeedableRandomState::with_seed(key, SharedSeed::global_random())
        };
        Known {
            issuers: RwLock::new(HashMap::with_hasher(hasher())),
            unknown: Cache::with(
                CAPACITY,
                CAPACITY as u64,
                UnitWeighter,
                hasher(),
                DefaultLifecycle::default(),
            ),
        }
    }

    /// Returns the issuer, whose answer may have ended.
    pub(super) fn get(&self, iss: &str) -> Option<Arc<RunTimeIssuer>> {
        self.read().get(iss).cloned()
    }

    /// Stores `issuer`; returns those that no longer are in use.
    pub(super) fn insert(&self, iss: &str, issuer: Arc<RunTimeIssuer>) -> Vec<Arc<RunTimeIssuer>> {
        self.unknown.remove(iss);
        let mut issuers = self.write();
        let mut ended: Vec<_> = issuers.insert(iss.into(), issuer).into_iter().collect();
        if issuers.len() > CAPACITY {
            let mut uses: Vec<u64> = issuers.values().map(|issuer| issuer.used_at()).collect();
            let (_, newest, _) = uses.select_nth_unstable(EVICTED - 1);
            let (newest, mut left) = (*newest, EVICTED);
            ended.extend(
                issuers
                    .extract_if(|key, issuer| {
                        let goes = left > 0 && issuer.used_at() <= newest && **key != *iss;
                        left -= usize::from(goes);
                        goes
                    })
                    .map(|(_, issuer)| issuer),
            );
        }
        ended
    }

    /// Removes the issuer.
    pub(super) fn remove(&self, iss: &str) -> Option<Arc<RunTimeIssuer>> {
        self.unknown.remove(iss);
        self.write().remove(iss)
    }

    /// Removes the issuers that nothing has used for long; returns them.
    pub(super) fn remove_idle(&self, now: Duration) -> Vec<Arc<RunTimeIssuer>> {
        let oldest = millis(now).saturating_sub(millis(IDLE));
        let mut issuers = self.write();
        let idle = issuers.extract_if(|_, issuer| issuer.used_at() < oldest);
        idle.map(|(_, issuer)| issuer).collect()
    }

    /// Calls `f` with each issuer.
    pub(super) fn each(&self, f: impl FnMut(&Arc<RunTimeIssuer>)) {
        self.read().values().for_each(f);
    }

    pub(super) fn len(&self) -> usize {
        self.read().len()
    }

    pub(super) fn mark_unknown(&self, iss: &str, now: Duration, ttl: Duration) {
        let until = now.saturating_add(ttl.min(UNKNOWN_TTL));
        self.unknown.insert(iss.into(), until);
    }

    /// Checks whether the source did not know `iss` a moment ago.
    pub(super) fn is_unknown(&self, iss: &str, now: Duration) -> bool {
        let until = self.unknown.get(iss);
        until.is_some_and(|until| now < until && until - now <= UNKNOWN_TTL)
    }

    /// Locks for a look-up, or for one change.
    fn read(&self) -> RwLockReadGuard<'_, Issuers> {
        self.issuers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Issuers> {
        self.issuers.write().unwrap_or_else(PoisonError::into_inner)
    }
}
