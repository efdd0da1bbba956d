//! Where keys and identifiers come from: the system's random numbers, or a seed.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;

/// What an issuer was told, and how far it has counted.
pub(super) struct Seed {
    seed: Option<u64>,
    ids: AtomicU64,
}

impl Seed {
    pub(super) fn new(seed: Option<u64>) -> Self {
        Self {
            seed,
            ids: AtomicU64::new(0),
        }
    }

    pub(super) fn keys(&self) -> KeySeed {
        KeySeed(self.seed)
    }

    /// For the next `jti`.
    pub(super) fn next_id(&self) -> u128 {
        match self.seed {
            None => fastrand::u128(..),
            Some(_) => {
                let number = self.ids.fetch_add(1, Ordering::Relaxed);
                u128::from_be_bytes(self.keys().draw(&format!("jti-{number}")).octets())
            }
        }
    }
}

/// What keys are made from.
#[derive(Clone, Copy)]
pub(super) struct KeySeed(Option<u64>);

impl KeySeed {
    /// Octets for this purpose and no other.
    pub(super) fn draw(self, purpose: &str) -> Draw {
        match self.0 {
            None => Draw::at_random(),
            Some(seed) => Draw {
                source: Some(format!("axioms-rocket test issuer/{seed}/{purpose}")),
                blocks: 0,
            },
        }
    }
}

/// Octets without end: hashes of the purpose and a counter, or random ones.
pub(super) struct Draw {
    source: Option<String>,
    blocks: u64,
}

impl Draw {
    pub(super) fn at_random() -> Self {
        Self {
            source: None,
            blocks: 0,
        }
    }

    pub(super) fn octets<const N: usize>(&mut self) -> [u8; N] {
        let mut octets = [0; N];
        match &self.source {
            None => rand::fill(&mut octets).expect("the operating system gives random numbers"),
            Some(source) => {
                for chunk in octets.chunks_mut(32) {
                    self.blocks += 1;
                    let hash = digest(&SHA256, format!("{source}/{}", self.blocks).as_bytes());
                    chunk.copy_from_slice(&hash.as_ref()[..chunk.len()]);
                }
            }
        }
        octets
    }
}
