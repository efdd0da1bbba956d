//! The origin of keys and identifiers: the system's random numbers, or a seed.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;

/// The seed of an issuer, and the number of identifiers it has drawn.
pub(in crate::testing) struct Seed {
    seed: Option<u64>,
    ids: AtomicU64,
}

impl Seed {
    pub(in crate::testing) fn new(seed: Option<u64>) -> Self {
        Self {
            seed,
            ids: AtomicU64::new(0),
        }
    }

    pub(in crate::testing) fn keys(&self) -> KeySeed {
        KeySeed(self.seed)
    }

    /// Returns the next `jti`.
    pub(in crate::testing) fn next_id(&self) -> u128 {
        match self.seed {
            None => fastrand::u128(..),
            Some(_) => {
                let number = self.ids.fetch_add(1, Ordering::Relaxed);
                let mut id = [0; 16];
                self.keys().draw(&format!("jti-{number}")).fill(&mut id);
                u128::from_be_bytes(id)
            }
        }
    }
}

/// The origin of an issuer's keys.
#[derive(Clone, Copy)]
pub(in crate::testing) struct KeySeed(Option<u64>);

impl KeySeed {
    /// Returns a stream of bytes that only this purpose has.
    pub(in crate::testing) fn draw(self, purpose: &str) -> Draw {
        match self.0 {
            None => Draw::at_random(),
            Some(seed) => Draw {
                source: Some(format!("axioms-rocket test issuer/{seed}/{purpose}")),
                blocks: 0,
            },
        }
    }
}

/// An endless stream of bytes: hashes of the purpose and a counter, or random numbers.
pub(in crate::testing) struct Draw {
    source: Option<String>,
    blocks: u64,
}

impl Draw {
    pub(in crate::testing) fn at_random() -> Self {
        Self {
            source: None,
            blocks: 0,
        }
    }

    /// Fills `bytes` with the next ones.
    pub(in crate::testing) fn fill(&mut self, bytes: &mut [u8]) {
        match &self.source {
            None => rand::fill(bytes).expect("the operating system gives random numbers"),
            Some(source) => {
                for chunk in bytes.chunks_mut(32) {
                    self.blocks += 1;
                    let hash = digest(&SHA256, format!("{source}/{}", self.blocks).as_bytes());
                    chunk.copy_from_slice(&hash.as_ref()[..chunk.len()]);
                }
            }
        }
    }
}
