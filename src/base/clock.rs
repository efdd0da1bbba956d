//! Time comes through a door: whoever decides takes `now` as a parameter, and the door is here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where the crate reads the time: the system's clock, or in tests one that is moved by hand.
///
/// Clones share the same hand. A verification that need not wait for keys takes one reading.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicU64>>);

impl Clock {
    /// The system's clock; the default.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `at` until it is moved. Only with the feature `testing`.
    #[cfg(any(test, feature = "testing"))]
    pub fn manual(at: SystemTime) -> Self {
        let millis = at
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        Self(Some(Arc::new(AtomicU64::new(millis as u64))))
    }

    /// Moves a manual clock forward by `step`; the system's clock cannot be moved and is left alone. Only with the feature
    /// `testing`.
    #[cfg(any(test, feature = "testing"))]
    pub fn advance(&self, step: Duration) {
        if let Some(hand) = &self.0 {
            hand.fetch_add(step.as_millis() as u64, Ordering::SeqCst);
        }
    }

    /// The time as a duration since 1970-01-01T00:00:00Z; zero for a clock set before it.
    pub fn now(&self) -> Duration {
        match &self.0 {
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
            Some(hand) => Duration::from_millis(hand.load(Ordering::SeqCst)),
        }
    }
}
