//! The background work. It ends with the application.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::base::clock::Clock;
use crate::issuer::keys::Keyring;
#[cfg(feature = "metrics")]
use crate::request::Figures;
use crate::request::Refusals;

/// The delay of a line about a minute's refusals at most, and between figures.
const LATE: Duration = Duration::from_secs(5);

/// Logs the refusals of each minute, also if no other one follows.
pub(super) async fn log_refusals(refusals: Arc<Refusals>, clock: Clock) {
    loop {
        tokio::time::sleep(LATE).await;
        refusals.log_due(clock.now());
    }
}

/// Publishes the figures every few seconds, since some of them change by themselves.
#[cfg(feature = "metrics")]
pub(super) async fn publish_metrics(figures: Figures) {
    loop {
        figures.publish();
        tokio::time::sleep(LATE).await;
    }
}

/// The tasks that keep the key sets fresh. They end on shutdown, and when this is dropped: Rocket's
/// local client has no shutdown.
#[derive(Debug, Default)]
pub(super) struct Background(Mutex<Vec<JoinHandle<()>>>);

impl Background {
    pub(super) fn keep_fresh(&self, keyrings: impl Iterator<Item = Arc<Keyring>>) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.extend(keyrings.map(|keyring| tokio::spawn(keyring.keep_fresh())));
    }

    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.push(tokio::spawn(task));
    }

    pub(super) fn end(&self) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.drain(..).for_each(|task| task.abort());
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.end();
    }
}
