//! The background work. It ends with the application.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

use crate::issuer::keys::Keyring;

/// The tasks that keep the key sets fresh. They end on shutdown, and when this is dropped: Rocket's
/// local client has no shutdown.
#[derive(Debug, Default)]
pub(super) struct Background(Mutex<Vec<JoinHandle<()>>>);

impl Background {
    pub(super) fn keep_fresh(&self, keyrings: impl Iterator<Item = Arc<Keyring>>) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.extend(keyrings.map(|keyring| tokio::spawn(keyring.keep_fresh())));
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
