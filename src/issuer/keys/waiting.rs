//! Requests that the keys at hand cannot answer: they wait for an attempt, at most as long as one
//! may take.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::error::{KeyringError, Unavailable};
use super::keyring::{Keyring, Snapshot};
use super::state::State;
use super::update::WantedKey;
use crate::issuer::FetchReason;

/// The shortest `Retry-After`.
const MIN_RETRY_AFTER: Duration = Duration::from_secs(1);

impl Keyring {
    /// Loads the keys at launch, whatever happened before. Returns the number of usable ones.
    pub(crate) async fn warm(self: &Arc<Self>) -> Result<usize, KeyringError> {
        if self.source.is_some() {
            self.join_or_start(FetchReason::Launch, None)
                .ok_or(KeyringError::BrokenOff)?
                .finished()
                .await
                .unwrap_or(Err(KeyringError::BrokenOff))?;
        }
        Ok(self.key_count())
    }

    /// Returns usable keys when `snapshot` had none. Waits for one attempt, at most `http_timeout`.
    ///
    /// `Unavailable` at once while retries back off, and when the attempt fails and no keys may be
    /// used.
    pub(crate) async fn wait_for_keys(
        self: &Arc<Self>,
        now: Duration,
    ) -> Result<Snapshot, Unavailable> {
        let deadline = self.deadline(Instant::now());
        let mut now = now;
        // Twice: the first attempt may end with the runtime of the request that started it.
        for _ in 0..2 {
            if let Some(snapshot) = self.snapshot(now) {
                return Ok(snapshot);
            }
            let state = self.state.load_full();
            if state.backs_off(now) {
                break;
            }
            let expired = state.cached.lifetime.fetched_at;
            let Some(flight) = self.join_or_start(FetchReason::Refresh, None) else {
                break;
            };
            if timeout_at(deadline, flight.finished()).await.is_err() {
                let now = self.clock.now();
                self.change(|state| state.timed_out(expired, now));
                break;
            }
            now = self.clock.now();
        }
        let now = self.clock.now();
        self.snapshot(now)
            .ok_or_else(|| unavailable(&self.state.load(), now))
    }

    /// Waits for keys that may confirm a token, at most until `http_timeout` after `started`.
    /// `false`: there are none, at once during the cooldown.
    pub(crate) async fn wait_for_key(
        self: &Arc<Self>,
        wanted: &WantedKey,
        started: Instant,
    ) -> bool {
        let is_answered = || wanted.is_answered_by(&self.state.load());
        let deadline = self.deadline(started);
        let arrival = self.flights.latest();
        loop {
            if is_answered() {
                return true;
            }
            let Some(flight) = self.join_or_start(FetchReason::Token, Some(wanted)) else {
                return is_answered();
            };
            // A fetch that started before this request may return the keys from before a rotation.
            let conclusive = flight.number() > arrival;
            let waited = timeout_at(deadline, flight.finished()).await;
            if conclusive || waited.is_err() {
                return is_answered();
            }
        }
    }

    fn deadline(&self, started: Instant) -> Instant {
        started.checked_add(self.wait_timeout).unwrap_or(started)
    }
}

fn unavailable(state: &State, now: Duration) -> Unavailable {
    Unavailable {
        retry_after: state.retry_in(now).max(MIN_RETRY_AFTER),
    }
}
