//! The keys of an issuer over time: published generations, one of which signs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::algorithm::Alg;
use super::seed::KeySeed;
use super::signing_key::SigningKey;
use crate::jose::KeyType;

/// An immutable snapshot. A change clones it and swaps the clone in, so that a reader never waits
/// for the generation of an RSA key.
#[derive(Clone)]
pub(in crate::testing) struct Keyring {
    /// Oldest first, never empty. All are published.
    generations: Vec<Generation>,
    seed: KeySeed,
    /// The number of the generation that signs; always one of them.
    signing: u32,
    /// JWKs added by [`TestIssuer::extra_key`](crate::testing::TestIssuer::extra_key), unchecked.
    extra: Vec<Value>,
}

#[derive(Clone)]
struct Generation {
    number: u32,
    keys: Vec<Arc<SigningKey>>,
}

impl Generation {
    fn new(number: u32, kinds: impl IntoIterator<Item = KeyType>, seed: KeySeed) -> Self {
        let mut generation = Self {
            number,
            keys: Vec::new(),
        };
        kinds
            .into_iter()
            .for_each(|kind| generation.ensure(kind, seed));
        generation
    }

    fn key(&self, kind: KeyType) -> Option<&Arc<SigningKey>> {
        self.keys.iter().find(|key| key.kind() == kind)
    }

    fn ensure(&mut self, kind: KeyType, seed: KeySeed) {
        if self.key(kind).is_none() {
            self.keys
                .push(Arc::new(SigningKey::generate(kind, self.number, seed)));
        }
    }
}

impl Keyring {
    pub(in crate::testing) fn new(algorithms: &[Alg], seed: KeySeed) -> Self {
        let first = Generation::new(1, algorithms.iter().map(|alg| alg.kind()), seed);
        Self {
            generations: vec![first],
            seed,
            signing: 1,
            extra: Vec::new(),
        }
    }

    /// Returns the key of type `kind` that signs now, if it exists already.
    pub(in crate::testing) fn key(&self, kind: KeyType) -> Option<Arc<SigningKey>> {
        self.generations
            .iter()
            .find(|generation| generation.number == self.signing)?
            .key(kind)
            .cloned()
    }

    /// Generates a key of type `kind` for the signing generation and all later ones, so that a
    /// promotion never signs with a key that was not published before.
    pub(in crate::testing) fn ensure(&mut self, kind: KeyType) {
        let (signing, seed) = (self.signing, self.seed);
        let current_and_later = self
            .generations
            .iter_mut()
            .filter(|generation| generation.number >= signing);
        current_and_later.for_each(|generation| generation.ensure(kind, seed));
    }

    pub(in crate::testing) fn publish(&mut self) {
        self.generations.push(self.next());
    }

    pub(in crate::testing) fn promote(&mut self) {
        self.signing = self.newest();
    }

    pub(in crate::testing) fn retire(&mut self) {
        let signing = self.signing;
        self.generations
            .retain(|generation| generation.number == signing);
    }

    pub(in crate::testing) fn rotate(&mut self) {
        let previous = self.signing;
        if self.newest() == previous {
            self.publish();
        }
        self.promote();
        let signing = self.signing;
        self.generations
            .retain(|generation| [previous, signing].contains(&generation.number));
    }

    pub(in crate::testing) fn emergency(&mut self) {
        self.publish();
        self.promote();
        self.retire();
    }

    pub(in crate::testing) fn add(&mut self, jwk: Value) {
        self.extra.push(jwk);
    }

    /// Returns the JWK set (RFC 7517 §5).
    pub(in crate::testing) fn set(&self) -> Value {
        let own = self
            .generations
            .iter()
            .flat_map(|generation| &generation.keys)
            .map(|key| key.jwk());
        json!({ "keys": own.chain(self.extra.iter().cloned()).collect::<Vec<_>>() })
    }

    fn newest(&self) -> u32 {
        self.generations
            .iter()
            .map(|generation| generation.number)
            .max()
            .unwrap_or(self.signing)
    }

    /// Generates the next generation, with a key of each type in use.
    fn next(&self) -> Generation {
        let kinds = self
            .generations
            .iter()
            .flat_map(|generation| &generation.keys)
            .map(|key| key.kind());
        Generation::new(self.newest() + 1, kinds, self.seed)
    }
}
