//! The crate's only source of time. Functions that depend on it take `now`; `Clock` supplies it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock, and the tolerated difference to the clocks of others.
#[derive(Debug, Clone)]
pub(crate) struct LenientClock {
    pub(crate) clock: Clock,
    pub(crate) leeway: Duration,
}

impl LenientClock {
    /// Returns the system's clock, for tokens without a verifier.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn system(leeway: Duration) -> LenientClock {
        LenientClock {
            clock: Clock::system(),
            leeway,
        }
    }

    /// Returns true if `at` is not in the future, and less than `age` ago.
    pub(crate) fn is_within(&self, at: Duration, age: Duration) -> bool {
        let now = self.clock.now();
        let until = at.saturating_add(age).saturating_add(self.leeway);
        at <= now.saturating_add(self.leeway) && now < until
    }
}

/// The source of time of guards and test issuers: the system's clock, or in tests a manual one.
///
/// Clones of a manual clock share its time. A verification that does not wait for keys reads the
/// clock once. See [`AxiomsFairing::with_clock`](crate::AxiomsFairing::with_clock).
///
/// ```
/// use axioms_rocket::Clock;
/// use std::time::{Duration, SystemTime};
///
/// let clock = Clock::manual(SystemTime::now());
/// let before = clock.now();
/// clock.clone().advance(Duration::from_secs(60));
/// assert_eq!(clock.now() - before, Duration::from_secs(60));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicU64>>);

impl Clock {
    /// Returns the system's clock, the default.
    ///
    /// ```
    /// use axioms_rocket::Clock;
    ///
    /// assert!(Clock::system().now().as_secs() > 1_700_000_000);
    /// ```
    pub fn system() -> Self {
        Self(None)
    }

    /// Returns a clock that stays at `at` until [`advance`](Self::advance) moves it. Resolution:
    /// one millisecond. Only with the feature `testing`.
    ///
    /// ```
    /// use axioms_rocket::Clock;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    /// assert_eq!(clock.now().as_secs(), 1_900_000_000);
    /// ```
    #[cfg(any(test, feature = "testing"))]
    pub fn manual(at: SystemTime) -> Self {
        let millis = at
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        Self(Some(Arc::new(AtomicU64::new(millis as u64))))
    }

    /// Moves a manual clock forward by `step`. Has no effect on the system's clock. Only with the
    /// feature `testing`.
    ///
    /// ```
    /// use axioms_rocket::Clock;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let clock = Clock::manual(UNIX_EPOCH);
    /// clock.advance(Duration::from_secs(3600));
    /// assert_eq!(clock.now(), Duration::from_secs(3600));
    /// ```
    #[cfg(any(test, feature = "testing"))]
    pub fn advance(&self, step: Duration) {
        if let Some(millis) = &self.0 {
            millis.fetch_add(step.as_millis() as u64, Ordering::SeqCst);
        }
    }

    /// Returns the time since 1970-01-01T00:00:00Z; zero for a clock before it.
    ///
    /// ```
    /// use axioms_rocket::Clock;
    /// use std::time::UNIX_EPOCH;
    ///
    /// assert_eq!(Clock::manual(UNIX_EPOCH).now().as_secs(), 0);
    /// ```
    pub fn now(&self) -> Duration {
        match &self.0 {
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
            Some(millis) => Duration::from_millis(millis.load(Ordering::SeqCst)),
        }
    }
}
