//! What the issuer in the test and the server in its thread both hold.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use super::alg::Alg;
use super::documents::Addresses;
use super::faults::Faults;
use super::keyring::Keyring;
use super::keys::SigningKey;
use super::requests::Request;
use super::seed::Seed;
use super::tls::Tls;

pub(super) struct Shared {
    pub(super) addresses: Addresses,
    keyring: ArcSwap<Keyring>,
    /// Held by whoever changes the keys; nobody who reads them waits for it.
    changing: Mutex<()>,
    faults: Mutex<Faults>,
    requests: Mutex<Vec<Request>>,
    pub(super) seed: Seed,
    pub(super) tls: Option<Tls>,
}

impl Shared {
    pub(super) fn new(
        addresses: Addresses,
        algorithms: &[Alg],
        seed: Seed,
        tls: Option<Tls>,
    ) -> Self {
        Self {
            addresses,
            keyring: ArcSwap::from_pointee(Keyring::new(algorithms, seed.keys())),
            changing: Mutex::default(),
            faults: Mutex::default(),
            requests: Mutex::default(),
            seed,
            tls,
        }
    }

    pub(super) fn keyring(&self) -> Arc<Keyring> {
        self.keyring.load_full()
    }

    pub(super) fn change_keys(&self, change: impl FnOnce(&mut Keyring)) {
        let _turn = lock(&self.changing);
        let mut keyring = Keyring::clone(&self.keyring.load());
        change(&mut keyring);
        self.keyring.store(Arc::new(keyring));
    }

    /// The key that signs with `alg` now; made, and so published, when it is asked for the first time.
    pub(super) fn signing_key(&self, alg: Alg) -> Arc<SigningKey> {
        loop {
            if let Some(key) = self.keyring().key(alg.kind()) {
                return key;
            }
            self.change_keys(|keyring| keyring.ensure(alg.kind()));
        }
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(super) fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        lock(&self.requests)
    }
}

/// A test that failed while it held the lock must not make every other one fail too.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
