//! The background refresh. Requests do not depend on it: they start a refresh that is due
//! themselves.

use std::sync::Arc;
use std::time::Duration;

use super::keyring::Keyring;
use crate::config::JwksPrefetch;
use crate::issuer::FetchReason;

/// The longest sleep: a suspended machine's clock goes on while the runtime's timers stand still.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
const SHORTEST_SLEEP: Duration = Duration::from_secs(1);

impl Keyring {
    /// Refreshes the keys whenever they are due. Abort its task to end it.
    pub(crate) async fn keep_fresh(self: Arc<Self>) {
        if self.source.is_none() {
            return;
        }
        if self.settings.prefetch == JwksPrefetch::Never {
            // The first token starts the first fetch.
            self.flights.started().await;
        }
        loop {
            if self.due_in().is_zero()
                && let Some(flight) = self.join_or_start(FetchReason::Refresh, None)
            {
                // The attempt logs its outcome.
                let _ = flight.finished().await;
            }
            tokio::time::sleep(self.due_in().clamp(SHORTEST_SLEEP, LONGEST_SLEEP)).await;
        }
    }

    fn due_in(&self) -> Duration {
        self.state.load().due_in(self.clock.now())
    }
}
