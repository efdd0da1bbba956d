//! State shared between the issuer in the test and the server in its thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use super::faults::Faults;
use super::keys::Alg;
use super::keys::Keyring;
use super::keys::Seed;
use super::keys::SigningKey;
use super::requests::Request;
use super::server::documents::Addresses;
use super::server::introspection::Tokens;
use super::server::login::Logins;
use super::server::tls::Tls;
use crate::base::clock::Clock;

/// The defaults of new tokens.
pub(in crate::testing) struct Defaults {
    pub(in crate::testing) audience: String,
    pub(in crate::testing) algorithm: Alg,
    pub(in crate::testing) clock: Clock,
    /// Identifier and secret of the client that may introspect; any if `None`.
    pub(in crate::testing) introspection_client: Option<(String, String)>,
}

pub(in crate::testing) struct Shared {
    pub(in crate::testing) addresses: Addresses,
    pub(in crate::testing) defaults: Defaults,
    pub(in crate::testing) logins: Logins,
    keyring: ArcSwap<Keyring>,
    /// Serializes changes of the keys. Reading takes no lock.
    changing: Mutex<()>,
    faults: Mutex<Faults>,
    requests: Mutex<Vec<Request>>,
    tokens: Mutex<Tokens>,
    pub(in crate::testing) seed: Seed,
    pub(in crate::testing) tls: Option<Tls>,
}

impl Shared {
    pub(in crate::testing) fn new(
        addresses: Addresses,
        defaults: Defaults,
        logins: Logins,
        algorithms: &[Alg],
        seed: Seed,
        tls: Option<Tls>,
    ) -> Self {
        Self {
            addresses,
            defaults,
            logins,
            keyring: ArcSwap::from_pointee(Keyring::new(algorithms, seed.keys())),
            changing: Mutex::default(),
            faults: Mutex::default(),
            requests: Mutex::default(),
            tokens: Mutex::default(),
            seed,
            tls,
        }
    }

    pub(in crate::testing) fn keyring(&self) -> Arc<Keyring> {
        self.keyring.load_full()
    }

    pub(in crate::testing) fn change_keys(&self, change: impl FnOnce(&mut Keyring)) {
        let _guard = lock(&self.changing);
        let mut keyring = Keyring::clone(&self.keyring.load());
        change(&mut keyring);
        self.keyring.store(Arc::new(keyring));
    }

    /// Returns the key that signs with `alg` now. The first call for a key type generates and
    /// publishes it.
    pub(in crate::testing) fn signing_key(&self, alg: Alg) -> Arc<SigningKey> {
        loop {
            if let Some(key) = self.keyring().key(alg.kind()) {
                return key;
            }
            self.change_keys(|keyring| keyring.ensure(alg.kind()));
        }
    }

    pub(in crate::testing) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(in crate::testing) fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        lock(&self.requests)
    }

    pub(in crate::testing) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }
}

/// Locks `mutex`, poisoned or not: a failed test must not make the others fail too.
pub(in crate::testing) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
