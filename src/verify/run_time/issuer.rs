//! One issuer that a source confirmed, for a while.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::claims::ClaimSelector;
use crate::config::IssuerConfig;
use crate::verify::Issuer;

/// The least time between two early renewals of one answer.
const PAUSE: Duration = Duration::from_secs(5);

/// An issuer that an `IssuerSource` confirmed. Cached tokens hold it, and end with it.
pub(crate) struct RunTimeIssuer {
    pub(crate) issuer: Issuer,
    /// Selects the claims that its settings name; `None` if the verifier's selector does.
    pub(in crate::verify) selector: Option<ClaimSelector>,
    /// The answer.
    pub(super) config: IssuerConfig,
    /// Milliseconds since the epoch. Until then the answer is used; 0: it has ended.
    until: AtomicU64,
    /// From then on a request asks again, and does not wait.
    renew_at: AtomicU64,
    /// The latest use.
    used_at: AtomicU64,
}

impl RunTimeIssuer {
    pub(super) fn new(
        issuer: Issuer,
        selector: Option<ClaimSelector>,
        config: IssuerConfig,
    ) -> RunTimeIssuer {
        RunTimeIssuer {
            issuer,
            selector,
            config,
            until: AtomicU64::new(0),
            renew_at: AtomicU64::new(0),
            used_at: AtomicU64::new(0),
        }
    }

    /// Starts the time for which the answer is used.
    pub(super) fn renew(&self, now: Duration, ttl: Duration) {
        let early = now.saturating_add(ttl / 4 * 3);
        self.renew_at.store(millis(early), Ordering::Relaxed);
        self.used_at.store(millis(now), Ordering::Relaxed);
        let until = now.saturating_add(ttl);
        self.until.store(millis(until), Ordering::Release);
    }

    /// Ends the answer, for cached tokens too.
    pub(super) fn end(&self) {
        self.until.store(0, Ordering::Release);
    }

    /// Checks whether the answer is used at `now`, and notes the use. After the clock was put back
    /// by more than `ttl` the age of the answer is unknown.
    // perf: two loads and seldom a store, no lock: each request with a cached token is here,
    // benches/tenants.rs
    pub(super) fn holds(&self, now: Duration, ttl: Duration) -> bool {
        let holds = self.is_in_use(now, ttl);
        let now = millis(now);
        // To the second, so that processors seldom take the line from each other.
        if holds && self.used_at.load(Ordering::Relaxed).abs_diff(now) >= 1000 {
            self.used_at.store(now, Ordering::Relaxed);
        }
        holds
    }

    /// Checks the same, and notes nothing.
    pub(super) fn is_in_use(&self, now: Duration, ttl: Duration) -> bool {
        let (now, until) = (millis(now), self.until.load(Ordering::Acquire));
        now < until && until - now <= millis(ttl)
    }

    /// Checks whether it is time to ask again; true for one caller in a while.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        let at = self.renew_at.load(Ordering::Relaxed);
        millis(now) >= at && {
            let next = millis(now.saturating_add(PAUSE));
            let swapped =
                self.renew_at
                    .compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed);
            swapped.is_ok()
        }
    }

    /// Returns the latest use, in milliseconds since the epoch.
    pub(super) fn used_at(&self) -> u64 {
        self.used_at.load(Ordering::Relaxed)
    }
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for RunTimeIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RunTimeIssuer")
            .field(&self.issuer.iss)
            .finish()
    }
}
