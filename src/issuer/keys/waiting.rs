//! Requests that cannot be answered from the set at hand: they wait for an attempt, and never longer than one may take.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::error::{KeyringError, Unavailable};
use super::flight::Cause;
use super::keyring::{Keyring, Snapshot};
use crate::jose::Algorithm;

/// What `Retry-After` says at least.
const SOON: Duration = Duration::from_secs(1);

impl Keyring {
    /// Loads the keys at launch, whatever was tried before; the number of usable ones, or why there are none.
    pub(crate) async fn warm(self: &Arc<Self>) -> Result<usize, KeyringError> {
        if self.source.is_some() {
            self.fly(Cause::Launch)
                .ok_or(KeyringError::BrokenOff)?
                .landed()
                .await?;
        }
        Ok(self.current.load().keys.len())
    }

    /// A set, when `snapshot` gave none: waits for one attempt, at most `http_timeout`.
    ///
    /// `Unavailable` at once while retries back off, and when the attempt fails and there is no set to fall back on.
    pub(crate) async fn wait_for_keys(
        self: &Arc<Self>,
        now: Duration,
    ) -> Result<Snapshot, Unavailable> {
        let deadline = self.deadline(Instant::now());
        let mut now = now;
        // Twice, for the first attempt may be broken off together with the runtime of whoever started it.
        for _ in 0..2 {
            if let Some(snapshot) = self.snapshot(now) {
                return Ok(snapshot);
            }
            if self.backs_off(now) {
                return Err(self.unavailable(now));
            }
            let expired = self.current.load_full();
            let Some(flight) = self.fly(Cause::Age) else {
                break;
            };
            if timeout_at(deadline, flight.landed()).await.is_err() {
                // As good as failed: who comes next shall not wait again for what hangs.
                expired.note_failure(self.clock.now());
                break;
            }
            now = self.clock.now();
        }
        now = self.clock.now();
        self.snapshot(now).ok_or_else(|| self.unavailable(now))
    }

    /// A set that knows the key of a token which `snapshot` did not know: waits for a refresh, at most until
    /// `http_timeout` after `started`. `None`: no such key, at once while the cooldown lasts.
    pub(crate) async fn wait_for_kid(
        self: &Arc<Self>,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: Duration,
        started: Instant,
    ) -> Option<Snapshot> {
        if self.is_cooling(now) {
            // The fetch that was in vain for another key may have brought this one.
            return self.with_kid(kid, algorithm);
        }
        let deadline = self.deadline(started);
        let arrival = self.flights.last();
        loop {
            let Some(flight) = self.fly(Cause::Kid(kid, algorithm)) else {
                return self.with_kid(kid, algorithm);
            };
            // What began before may have been answered before the issuer rotated its keys.
            let conclusive = flight.number > arrival;
            let waited = timeout_at(deadline, flight.landed()).await;
            let found = self.with_kid(kid, algorithm);
            if found.is_some() || conclusive || waited.is_err() {
                return found;
            }
        }
    }

    /// Until when a request waits that began to at `started`.
    fn deadline(&self, started: Instant) -> Instant {
        started.checked_add(self.patience).unwrap_or(started)
    }

    fn unavailable(&self, now: Duration) -> Unavailable {
        let retry_after = if self.backs_off(now) {
            self.retry_at.get().saturating_sub(now).max(SOON)
        } else {
            SOON
        };
        Unavailable { retry_after }
    }
}
