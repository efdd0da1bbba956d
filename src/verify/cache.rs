//! The cache of verified tokens, which saves the signature check.

use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::sync::Arc;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use memchr::memrchr;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, Weighter};

use super::Verified;

/// The verified-token cache.
///
/// An entry is found by a keyed hash, whose key is random per process, and **decided by comparing
/// the whole token**. The caller stores successes only, and checks an entry's time and key-set
/// generation. The cache is bounded by number and by bytes; its eviction (S3-FIFO) resists floods
/// of one-time tokens.
pub(crate) struct TokenCache<S: BuildHasher = SeedableRandomState> {
    /// `None` if it is turned off.
    tokens: Option<Tokens>,
    hasher: S,
    capacity: usize,
}

type Tokens = Cache<
    CachedKey,
    Arc<Verified>,
    ByBytes,
    BuildHasherDefault<PassThrough>,
    DefaultLifecycle<CachedKey, Arc<Verified>>,
>;

/// ByBytes per token: a capacity of n tokens holds at most n × this many bytes.
const SHARE: u64 = 3 * 1024;

/// A token and its hash. Tokens of different hashes are never compared, so that no time depends on
/// how much of a cached token a caller guessed: who has not the signature meets no comparison.
// perf: the hash is computed once per look-up, also for an insert or an eviction, benches/cache.rs.
struct Key<'a> {
    hash: u64,
    text: &'a str,
}

/// The key of a cached token, which is stored beside its claims.
struct CachedKey {
    hash: u64,
    verified: Arc<Verified>,
}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash);
    }
}

impl Hash for CachedKey {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash);
    }
}

impl PartialEq for CachedKey {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
            && self.verified.source.token_bytes() == other.verified.source.token_bytes()
    }
}

impl Eq for CachedKey {}

impl Equivalent<CachedKey> for Key<'_> {
    fn equivalent(&self, other: &CachedKey) -> bool {
        self.hash == other.hash && other.verified.source.token_bytes() == self.text.as_bytes()
    }
}

/// Returns the hash that a key brings.
#[derive(Default)]
struct PassThrough(u64);

impl Hasher for PassThrough {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        // Keys do not call it. Any hash is right, since the tokens are compared.
        self.0 = bytes.len() as u64;
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<CachedKey, Arc<Verified>> for ByBytes {
    fn weight(&self, _: &CachedKey, verified: &Arc<Verified>) -> u64 {
        // A small token counts as a whole share, which bounds the number too.
        SHARE.max(verified.weight() as u64)
    }
}

impl TokenCache {
    /// Returns a cache for at most `capacity` tokens; 0 turns it off.
    pub(crate) fn new(capacity: usize) -> TokenCache {
        TokenCache::with_hasher(capacity, random_state())
    }
}

/// Returns a hasher with a random key.
pub(super) fn random_state() -> SeedableRandomState {
    // std's key is from the system's random numbers, foldhash's own from addresses and the time.
    let key = RandomState::new().hash_one(0);
    SeedableRandomState::with_seed(key, SharedSeed::global_random())
}

impl<S: BuildHasher> TokenCache<S> {
    pub(crate) fn with_hasher(capacity: usize, hasher: S) -> TokenCache<S> {
        let tokens = (capacity > 0).then(|| {
            // The library keeps no entry above 0.97 of the whole: the rest admits one to a capacity
            // of 1.
            let weight = (capacity as u64)
                .saturating_mul(SHARE)
                .saturating_add(SHARE / 16);
            Cache::with(
                capacity,
                weight,
                ByBytes,
                BuildHasherDefault::default(),
                DefaultLifecycle::default(),
            )
        });
        TokenCache {
            tokens,
            hasher,
            capacity,
        }
    }

    /// Returns the entry of the token `text`, occupied or not; `None` if the cache is turned off.
    pub(crate) fn entry<'a>(&'a self, text: &'a str) -> Option<Entry<'a>> {
        self.entry_by(hashed_parts(text), text)
    }

    /// Returns the entry of `text`, which need not be a JWT: all of it is hashed.
    #[cfg(feature = "introspection")]
    pub(super) fn entry_of_opaque<'a>(&'a self, text: &'a str) -> Option<Entry<'a>> {
        self.entry_by((text.as_bytes(), b""), text)
    }

    fn entry_by<'a>(&'a self, hashed: (&[u8], &[u8]), text: &'a str) -> Option<Entry<'a>> {
        let tokens = self.tokens.as_ref()?;
        Some(Entry {
            tokens,
            key: Key {
                hash: self.hasher.hash_one(hashed),
                text,
            },
        })
    }
}

/// Returns the bytes of `text` that its hash covers: the first and the last 32 of its signature.
///
/// Signatures of different tokens differ there, also those that one signer chose: a repeated nonce
/// repeats the first half of an ECDSA or Ed25519 signature, and not the second; the end of an
/// ML-DSA signature may be padding, its beginning is a hash. Failures are not stored, so that no
/// forged signature meets an entry of another.
// perf: a hash of the whole token is a third of a cached verification, benches/cache.rs.
fn hashed_parts(text: &str) -> (&[u8], &[u8]) {
    let text = text.as_bytes();
    let signature = memrchr(b'.', text).and_then(|dot| text.get(dot + 1..));
    match signature.map(|signature| (signature.first_chunk(), signature.last_chunk())) {
        Some((Some(first), Some(last))) => (first as &[u8; 32], last as &[u8; 32]),
        _ => (text, b""),
    }
}

/// The entry of one token, occupied or not.
pub(crate) struct Entry<'a> {
    tokens: &'a Tokens,
    key: Key<'a>,
}

impl Entry<'_> {
    /// Returns the cached proof.
    pub(crate) fn get(&self) -> Option<Arc<Verified>> {
        self.tokens.get(&self.key)
    }

    /// Stores `verified`, which must be of this entry's token.
    pub(crate) fn insert(&self, verified: &Arc<Verified>) {
        let key = CachedKey {
            hash: self.key.hash,
            verified: Arc::clone(verified),
        };
        self.tokens.insert(key, Arc::clone(verified));
    }

    /// Removes `verified`, but not what another thread stored in the meantime.
    pub(crate) fn remove(&self, verified: &Arc<Verified>) {
        self.tokens
            .remove_if(&self.key, |cached| Arc::ptr_eq(cached, verified));
    }
}

impl<S: BuildHasher> TokenCache<S> {
    /// Returns the fill level, hits and misses; `None` if the cache is turned off.
    // perf: the library counts under the shard lock that a reader takes anyway, benches/cache.rs.
    pub(crate) fn figures(&self) -> Option<CacheFigures> {
        let tokens = self.tokens.as_ref()?;
        Some(CacheFigures {
            tokens: tokens.len(),
            capacity: self.capacity,
            hits: tokens.hits(),
            misses: tokens.misses(),
        })
    }
}

/// The fill level, hits and misses of a cache.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CacheFigures {
    pub(crate) tokens: usize,
    pub(crate) capacity: usize,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
}

/// The fill level, hits and misses, for the log.
impl<S: BuildHasher> fmt::Display for TokenCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.figures() {
            None => f.write_str("off"),
            Some(CacheFigures {
                tokens,
                capacity,
                hits,
                misses,
            }) => {
                write!(
                    f,
                    "{tokens} of at most {capacity} tokens, {hits} hits, {misses} misses"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, Hasher};
    use std::sync::Arc;

    use quick_cache::Equivalent;

    use super::{CachedKey, Key, SHARE, TokenCache, Verified, hashed_parts};

    /// Gives every token the same hash.
    #[derive(Clone)]
    struct Constant;

    impl BuildHasher for Constant {
        type Hasher = Constant;

        fn build_hasher(&self) -> Constant {
            Constant
        }
    }

    impl Hasher for Constant {
        fn finish(&self) -> u64 {
            7
        }

        fn write(&mut self, _: &[u8]) {}
    }

    impl<S: BuildHasher> TokenCache<S> {
        fn get(&self, text: &str) -> Option<Arc<Verified>> {
            self.entry(text)?.get()
        }

        fn insert(&self, text: &str, raw: &str) {
            if let Some(entry) = self.entry(text) {
                entry.insert(&Verified::unread(raw, text));
            }
        }

        fn remove(&self, text: &str) {
            if let Some(entry) = self.entry(text) {
                entry.get().inspect(|verified| entry.remove(verified));
            }
        }
    }

    fn cached_claims<S: BuildHasher>(cache: &TokenCache<S>, text: &str) -> Option<String> {
        cache.get(text).map(|verified| verified.claims().to_owned())
    }

    #[test]
    fn tokens_of_equal_hashes_are_told_apart() {
        let cache = TokenCache::with_hasher(64, Constant);
        // One differs in its last character, one in its first, one is a part of the other.
        let texts = [
            "a.b.signature",
            "a.b.signaturf",
            "b.b.signature",
            "a.b.signatur",
        ];
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(
                cached_claims(&cache, text),
                None,
                "{text} is not one of those before it"
            );
            cache.insert(text, text);
            for (other, known) in texts.iter().enumerate() {
                assert_eq!(
                    cached_claims(&cache, known),
                    (other <= at).then(|| (*known).to_owned())
                );
            }
        }
        cache.remove(texts[0]);
        assert_eq!(
            texts.map(|text| cache.get(text).is_some()),
            [false, true, true, true]
        );
    }

    #[test]
    fn the_hash_covers_both_ends_of_the_signature() {
        let (first, last) = ("f".repeat(32), "l".repeat(32));
        let signature = format!("{first}{}{last}", "-".repeat(22));
        let long = format!("a.b.{signature}");
        for (text, hashed) in [
            (&*long, (&*first, &*last)),
            ("a.b.signature", ("a.b.signature", "")),
            ("a.b.", ("a.b.", "")),
            (&*signature, (&*signature, "")),
            ("", ("", "")),
        ] {
            let (one, other) = hashed;
            assert_eq!(
                hashed_parts(text),
                (one.as_bytes(), other.as_bytes()),
                "{text}"
            );
        }
        // A payload before the signature of another token has its hash, and is another token.
        let cache = TokenCache::new(64);
        cache.insert(&format!("a.b.{signature}"), "{}");
        assert!(cache.get(&format!("a.c.{signature}")).is_none());
        assert!(cache.get(&format!("a.b.{signature}")).is_some());
    }

    #[test]
    fn remove_leaves_what_another_thread_stored() {
        let cache = TokenCache::new(64);
        cache.insert("a.b.c", "old");
        let old = cache.get("a.b.c").unwrap();
        cache.insert("a.b.c", "new");
        cache.entry("a.b.c").unwrap().remove(&old);
        assert_eq!(cached_claims(&cache, "a.b.c").as_deref(), Some("new"));
    }

    #[test]
    fn texts_are_compared_only_when_their_hashes_are_equal() {
        let cached = |hash| CachedKey {
            hash,
            verified: Verified::unread("{}", "a.b.c"),
        };
        assert!(
            Key {
                hash: 1,
                text: "a.b.c"
            }
            .equivalent(&cached(1))
        );
        assert!(
            !Key {
                hash: 2,
                text: "a.b.c"
            }
            .equivalent(&cached(1)),
            "the same text is not compared"
        );
        assert!(cached(1) == cached(1) && cached(1) != cached(2));
    }

    #[test]
    fn every_cache_has_its_own_hash_key() {
        let [one, other] =
            [TokenCache::new(1), TokenCache::new(1)].map(|cache| cache.hasher.hash_one("a.b.c"));
        assert_ne!(one, other);
    }

    #[test]
    fn the_number_of_tokens_is_bounded() {
        for capacity in [1, 2, 100] {
            let cache = TokenCache::new(capacity);
            for at in 0..10 * capacity {
                cache.insert(&at.to_string(), "{}");
            }
            let held = (0..10 * capacity)
                .filter(|at| cache.get(&at.to_string()).is_some())
                .count();
            assert!(
                (capacity.div_ceil(2)..=capacity).contains(&held),
                "{held} of {capacity}"
            );
        }
    }

    #[test]
    fn the_bytes_are_bounded_too() {
        let cache = TokenCache::new(16);
        let large = "x".repeat(4 * SHARE as usize);
        for at in 0..100 {
            cache.insert(&at.to_string(), &large);
        }
        let held = (0..100)
            .filter(|at| cache.get(&at.to_string()).is_some())
            .count();
        assert!(
            (1..=16 / 4).contains(&held),
            "{held} tokens of four shares in 16"
        );
        // A token larger than the whole cache is not stored, and evicts no other.
        let cache = TokenCache::new(2);
        cache.insert("small", "{}");
        cache.insert("large", &large);
        assert_eq!(
            (cache.get("small").is_some(), cache.get("large").is_some()),
            (true, false)
        );
    }

    #[test]
    fn a_long_token_weighs_as_much_as_long_claims() {
        let cache = TokenCache::new(16);
        let long = |at: usize| format!("{at}{}", "x".repeat(4 * SHARE as usize));
        for at in 0..100 {
            cache.insert(&long(at), "{}");
        }
        let held = (0..100)
            .filter(|at| cache.get(&long(*at)).is_some())
            .count();
        assert!(
            (1..=16 / 4).contains(&held),
            "{held} tokens of four shares in 16"
        );
    }

    #[test]
    fn a_flood_of_one_time_tokens_evicts_none_in_use() {
        let cache = TokenCache::new(1000);
        let users: Vec<String> = (0..100).map(|at| format!("user {at}")).collect();
        for user in &users {
            cache.insert(user, "{}");
            cache.get(user);
        }
        for at in 0..20_000 {
            cache.insert(&format!("once {at}"), "{}");
        }
        assert_eq!(
            users
                .iter()
                .filter(|user| cache.get(user).is_some())
                .count(),
            users.len()
        );
    }

    #[test]
    fn the_log_shows_fill_level_hits_and_misses() {
        let cache = TokenCache::new(64);
        cache.get("a");
        cache.insert("a", "{}");
        cache.get("a");
        cache.get("a");
        cache.get("b");
        assert_eq!(
            cache.to_string(),
            "1 of at most 64 tokens, 2 hits, 2 misses"
        );
    }

    #[test]
    fn a_cache_of_capacity_0_stores_nothing() {
        let cache = TokenCache::new(0);
        cache.insert("a", "{}");
        cache.remove("a");
        assert_eq!(
            (cached_claims(&cache, "a"), cache.to_string()),
            (None, "off".to_owned())
        );
    }
}
