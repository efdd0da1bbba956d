//! Tokens that were verified before: a token costs its signature check once.

use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::sync::Arc;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, Weighter};

use super::Verified;

/// The verified-token cache.
///
/// Found by a hash whose key is random per process, **decided by comparing the whole token**. Only successes are kept, and
/// whoever takes one out must check its window and its key-set generation. Bounded by number and by bytes; eviction is
/// S3-FIFO's, which one-time tokens cannot flood.
pub(crate) struct TokenCache<S: BuildHasher = SeedableRandomState> {
    /// `None` when it is turned off.
    tokens: Option<Tokens>,
    hasher: S,
    capacity: usize,
}

type Tokens = Cache<
    Known,
    Arc<Verified>,
    Bytes,
    BuildHasherDefault<AsItIs>,
    DefaultLifecycle<Known, Arc<Verified>>,
>;

/// What one token may weigh on average: a capacity of n tokens holds at most n × this many bytes.
const SHARE: u64 = 3 * 1024;

/// A token's text and its hash, which is taken once: neither putting it in nor throwing it out reads the text again, and texts of
/// different hashes are not compared, so that no time depends on how much of somebody else's token was guessed.
struct Key<'a> {
    hash: u64,
    text: &'a str,
}

/// The same of a token that is in the cache; its text is where its claims are.
struct Known {
    hash: u64,
    verified: Arc<Verified>,
}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash);
    }
}

impl Hash for Known {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash);
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
            && self.verified.source.token_bytes() == other.verified.source.token_bytes()
    }
}

impl Eq for Known {}

impl Equivalent<Known> for Key<'_> {
    fn equivalent(&self, other: &Known) -> bool {
        self.hash == other.hash && other.verified.source.token_bytes() == self.text.as_bytes()
    }
}

/// Hands on the hash that a key brings.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, octets: &[u8]) {
        // Not what a `Key` calls; any hash will do, since the texts decide.
        self.0 = octets.len() as u64;
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Known, Arc<Verified>> for Bytes {
    fn weight(&self, _: &Known, verified: &Arc<Verified>) -> u64 {
        // A small token takes its whole share, so that the number is bounded too.
        SHARE.max(verified.weight() as u64)
    }
}

impl TokenCache {
    /// For at most `capacity` tokens; 0 turns it off.
    pub(crate) fn new(capacity: usize) -> TokenCache {
        // foldhash's own key comes of addresses and the time; std's of the system's random numbers.
        let key = RandomState::new().hash_one(0);
        TokenCache::with_hasher(
            capacity,
            SeedableRandomState::with_seed(key, SharedSeed::global_random()),
        )
    }
}

impl<S: BuildHasher> TokenCache<S> {
    pub(crate) fn with_hasher(capacity: usize, hasher: S) -> TokenCache<S> {
        let tokens = (capacity > 0).then(|| {
            // The library keeps nothing that takes more than 0.97 of it all: without the rest a single place would hold no token.
            let weight = (capacity as u64)
                .saturating_mul(SHARE)
                .saturating_add(SHARE / 16);
            Cache::with(
                capacity,
                weight,
                Bytes,
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

    /// The place of the token `text`, known here or not; `None` when the cache is turned off.
    pub(crate) fn entry<'a>(&'a self, text: &'a str) -> Option<Entry<'a>> {
        let tokens = self.tokens.as_ref()?;
        Some(Entry {
            tokens,
            key: Key {
                hash: self.hasher.hash_one(text),
                text,
            },
        })
    }
}

/// Where one token is, or would be.
pub(crate) struct Entry<'a> {
    tokens: &'a Tokens,
    key: Key<'a>,
}

impl Entry<'_> {
    pub(crate) fn get(&self) -> Option<Arc<Verified>> {
        self.tokens.get(&self.key)
    }

    /// `verified` holds the text that this is the place of.
    pub(crate) fn insert(&self, verified: &Arc<Verified>) {
        let known = Known {
            hash: self.key.hash,
            verified: Arc::clone(verified),
        };
        self.tokens.insert(known, Arc::clone(verified));
    }

    /// `verified` is forgotten, and not what another thread put in its place meanwhile.
    pub(crate) fn remove(&self, verified: &Arc<Verified>) {
        self.tokens
            .remove_if(&self.key, |known| Arc::ptr_eq(known, verified));
    }
}

/// For the log: how full it is, and what it was asked. The library counts in each of its shards, whose lock a reader takes anyway.
impl<S: BuildHasher> fmt::Display for TokenCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(tokens) = &self.tokens else {
            return f.write_str("off");
        };
        let (len, hits, misses) = (tokens.len(), tokens.hits(), tokens.misses());
        write!(
            f,
            "{len} of at most {} tokens, {hits} hits, {misses} misses",
            self.capacity
        )
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, Hasher};
    use std::sync::Arc;

    use quick_cache::Equivalent;

    use super::{Key, Known, SHARE, TokenCache, Verified};

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
            if let Some(place) = self.entry(text) {
                place.insert(&Verified::unread(raw, text));
            }
        }

        fn remove(&self, text: &str) {
            if let Some(place) = self.entry(text) {
                place.get().inspect(|verified| place.remove(verified));
            }
        }
    }

    fn recalled<S: BuildHasher>(cache: &TokenCache<S>, text: &str) -> Option<String> {
        cache.get(text).map(|verified| verified.claims().to_owned())
    }

    #[test]
    fn tokens_with_equal_hashes_never_stand_in_for_each_other() {
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
                recalled(&cache, text),
                None,
                "{text} is not one of those before it"
            );
            cache.insert(text, text);
            for (other, known) in texts.iter().enumerate() {
                assert_eq!(
                    recalled(&cache, known),
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
    fn what_another_thread_remembered_meanwhile_is_not_forgotten() {
        let cache = TokenCache::new(64);
        cache.insert("a.b.c", "old");
        let old = cache.get("a.b.c").unwrap();
        cache.insert("a.b.c", "new");
        cache.entry("a.b.c").unwrap().remove(&old);
        assert_eq!(recalled(&cache, "a.b.c").as_deref(), Some("new"));
    }

    #[test]
    fn texts_are_compared_only_when_their_hashes_are_equal() {
        let known = |hash| Known {
            hash,
            verified: Verified::unread("{}", "a.b.c"),
        };
        assert!(
            Key {
                hash: 1,
                text: "a.b.c"
            }
            .equivalent(&known(1))
        );
        assert!(
            !Key {
                hash: 2,
                text: "a.b.c"
            }
            .equivalent(&known(1)),
            "the same text, which nobody looked at"
        );
        assert!(known(1) == known(1) && known(1) != known(2));
    }

    #[test]
    fn every_cache_hashes_with_a_key_of_its_own() {
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
        // One that is larger than everything is not kept, and costs nobody else the place.
        let cache = TokenCache::new(2);
        cache.insert("small", "{}");
        cache.insert("large", &large);
        assert_eq!(
            (cache.get("small").is_some(), cache.get("large").is_some()),
            (true, false)
        );
    }

    #[test]
    fn a_long_text_takes_as_much_as_long_claims() {
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
    fn a_flood_of_one_time_tokens_does_not_take_those_in_use_away() {
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
    fn the_log_says_how_full_it_is_and_what_it_was_asked() {
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
    fn turned_off_it_remembers_nothing() {
        let cache = TokenCache::new(0);
        cache.insert("a", "{}");
        cache.remove("a");
        assert_eq!(
            (recalled(&cache, "a"), cache.to_string()),
            (None, "off".to_owned())
        );
    }
}
