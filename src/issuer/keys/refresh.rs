//! The background refresh. Requests do not depend on it: they start what is due themselves.

use std::sync::Arc;
use std::time::Duration;

use super::flight::Cause;
use super::keyring::Keyring;
use super::schedule::Age;
use crate::config::JwksPrefetch;

/// The longest sleep: a suspended machine's clock goes on while the runtime's timers stand still.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
const SHORTEST_SLEEP: Duration = Duration::from_secs(1);

impl Keyring {
    /// Refreshes the set whenever it is due, for ever; abort its task to end it.
    pub(crate) async fn keep_fresh(self: Arc<Self>) {
        if self.source.is_none() {
            return;
        }
        if self.settings.prefetch == JwksPrefetch::Never {
            // The first token decides.
            self.flights.begun().await;
        }
        loop {
            if self.time_until_due().is_zero()
                && let Some(flight) = self.fly(Cause::Age)
            {
                // Logged where it lands.
                let _ = flight.landed().await;
            }
            tokio::time::sleep(self.time_until_due().clamp(SHORTEST_SLEEP, LONGEST_SLEEP)).await;
        }
    }

    fn time_until_due(&self) -> Duration {
        let now = self.clock.now();
        let current = self.current.load();
        if self.backs_off(now) {
            return self.retry_at.get().saturating_sub(now);
        }
        match current.lifetime.age(now) {
            Age::Fresh => current.lifetime.refresh_at.saturating_sub(now),
            _ => Duration::ZERO,
        }
    }
}
