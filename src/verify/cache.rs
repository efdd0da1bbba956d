//! Tokens that were verified before: a token costs its signature check once.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::quality::RandomState;
use quick_cache::Weighter;
use quick_cache::sync::{Cache, DefaultLifecycle};

use crate::token::Verified;

/// The verified-token cache.
///
/// Found by a hash whose key is random per process, **decided by comparing the whole token**. Only successes are kept, and
/// whoever takes one out must check its window and its key-set generation. Bounded by number and by bytes; eviction is
/// S3-FIFO's, which one-time tokens cannot flood.
pub(crate) struct TokenCache<S: BuildHasher + Clone = RandomState> {
    /// `None` when it is turned off.
    tokens: Option<Tokens<S>>,
}

type Tokens<S> = Cache<Box<str>, Arc<Verified>, Bytes, S, DefaultLifecycle<Box<str>, Arc<Verified>>>;

/// What one token may weigh on average: a capacity of n tokens holds at most n × this many bytes.
const SHARE: u64 = 3 * 1024;

#[derive(Clone)]
struct Bytes;

impl Weighter<Box<str>, Arc<Verified>> for Bytes {
    fn weight(&self, text: &Box<str>, verified: &Arc<Verified>) -> u64 {
        // A small token takes its whole share, so that the number is bounded too.
        SHARE.max((text.len() + verified.weight()) as u64)
    }
}

impl TokenCache {
    /// For at most `capacity` tokens; 0 turns it off.
    pub(crate) fn new(capacity: usize) -> TokenCache {
        TokenCache::with_hasher(capacity, RandomState::default())
    }
}

impl<S: BuildHasher + Clone> TokenCache<S> {
    pub(crate) fn with_hasher(capacity: usize, hasher: S) -> TokenCache<S> {
        let tokens = (capacity > 0).then(|| {
            let weight = (capacity as u64).saturating_mul(SHARE);
            Cache::with(capacity, weight, Bytes, hasher, DefaultLifecycle::default())
        });
        TokenCache { tokens }
    }

    pub(crate) fn recall(&self, text: &str) -> Option<Arc<Verified>> {
        self.tokens.as_ref()?.get(text)
    }

    pub(crate) fn remember(&self, text: &str, verified: &Arc<Verified>) {
        if let Some(tokens) = &self.tokens {
            tokens.insert(text.into(), Arc::clone(verified));
        }
    }

    pub(crate) fn forget(&self, text: &str) {
        if let Some(tokens) = &self.tokens {
            tokens.remove(text);
        }
    }
}
