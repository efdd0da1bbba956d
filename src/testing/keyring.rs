//! The keys of an issuer through time: generations that are published, one of which signs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::alg::{Alg, KeyKind};
use super::keys::SigningKey;
use super::seed::KeySeed;

/// A snapshot: whoever changes the keys makes another and swaps it in, so that reading never waits for an RSA key.
#[derive(Clone)]
pub(super) struct Keyring {
    /// Oldest first, never empty. All are published.
    generations: Vec<Generation>,
    seed: KeySeed,
    /// The number of the generation that signs; always one of them.
    signing: u32,
    /// Keys put into the set from outside, in any state.
    extra: Vec<Value>,
}

#[derive(Clone)]
struct Generation {
    number: u32,
    keys: Vec<Arc<SigningKey>>,
}

impl Generation {
    fn new(number: u32, kinds: impl IntoIterator<Item = KeyKind>, seed: KeySeed) -> Self {
        let mut generation = Self {
            number,
            keys: Vec::new(),
        };
        kinds
            .into_iter()
            .for_each(|kind| generation.ensure(kind, seed));
        generation
    }

    fn key(&self, kind: KeyKind) -> Option<&Arc<SigningKey>> {
        self.keys.iter().find(|key| key.kind() == kind)
    }

    fn ensure(&mut self, kind: KeyKind, seed: KeySeed) {
        if self.key(kind).is_none() {
            self.keys
                .push(Arc::new(SigningKey::generate(kind, self.number, seed)));
        }
    }
}

impl Keyring {
    pub(super) fn new(algorithms: &[Alg], seed: KeySeed) -> Self {
        let first = Generation::new(1, algorithms.iter().map(|alg| alg.kind()), seed);
        Self {
            generations: vec![first],
            seed,
            signing: 1,
            extra: Vec::new(),
        }
    }

    /// The key of that kind that signs now, if there is one yet.
    pub(super) fn key(&self, kind: KeyKind) -> Option<Arc<SigningKey>> {
        self.generations
            .iter()
            .find(|generation| generation.number == self.signing)?
            .key(kind)
            .cloned()
    }

    /// Makes a key of that kind for the generation that signs and for those that wait to, so that a promotion never
    /// signs with a key that was not published before it.
    pub(super) fn ensure(&mut self, kind: KeyKind) {
        let (signing, seed) = (self.signing, self.seed);
        let from_now_on = self
            .generations
            .iter_mut()
            .filter(|generation| generation.number >= signing);
        from_now_on.for_each(|generation| generation.ensure(kind, seed));
    }

    pub(super) fn publish(&mut self) {
        self.generations.push(self.next());
    }

    pub(super) fn promote(&mut self) {
        self.signing = self.newest();
    }

    pub(super) fn retire(&mut self) {
        let signing = self.signing;
        self.generations
            .retain(|generation| generation.number == signing);
    }

    pub(super) fn rotate(&mut self) {
        let previous = self.signing;
        if self.newest() == previous {
            self.publish();
        }
        self.promote();
        let signing = self.signing;
        self.generations
            .retain(|generation| [previous, signing].contains(&generation.number));
    }

    pub(super) fn emergency(&mut self) {
        self.publish();
        self.promote();
        self.retire();
    }

    pub(super) fn add(&mut self, jwk: Value) {
        self.extra.push(jwk);
    }

    /// The JWK set of RFC 7517 §5.
    pub(super) fn set(&self) -> Value {
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

    /// A generation with a key of each kind that is in use.
    fn next(&self) -> Generation {
        let kinds = self
            .generations
            .iter()
            .flat_map(|generation| &generation.keys)
            .map(|key| key.kind());
        Generation::new(self.newest() + 1, kinds, self.seed)
    }
}
