//! A JSON Web Key Set (RFC 7517 §5): read key by key, and the choice of a key for a token.

use std::array;
use std::fmt;
use std::iter::Flatten;
use std::sync::Arc;

use super::error::KeySetError;
use crate::base::redact::Excerpt;
use crate::jose::{Algorithm, Algorithms, Header, Key, KeyUse, Skipped};
use crate::json::LazyMembers;

/// Keys of one published set that are tried for one token, so that no set makes a token expensive.
const MAX_CANDIDATES: usize = 4;

/// Published sets that are used together at most.
pub(super) const MAX_SETS: usize = 5;

/// `kid`s in a log line.
const MAX_SHOWN: usize = 16;

/// The usable keys of an issuer.
#[derive(PartialEq)]
pub(crate) struct KeySet {
    /// Sorted by `kid`; keys of one `kid` in the order of publication.
    keys: Box<[Entry]>,
    /// For each algorithm, the keys for a token without `kid`.
    without_kid: [Fitting; Algorithm::ALL.len()],
}

/// A key, and the algorithms of the tokens that it is tried for.
#[derive(Clone, PartialEq)]
struct Entry {
    key: Arc<Key>,
    /// For a token with its `kid`: those that it fits, unless four keys before it fit them too.
    with_kid: Algorithms,
    /// For a token without `kid`: those that it fits, if at most four keys fit them.
    without_kid: Algorithms,
}

/// The keys for an algorithm, as indices into `keys`. `None`: more than `MAX_CANDIDATES` fit.
type Fitting = Option<Box<[usize]>>;

/// The answer to the question which key signed a token.
#[derive(Debug, PartialEq)]
pub(crate) enum Choice<'a> {
    /// Keys, at least one and at most four of each published set.
    Candidates(Candidates<'a>),
    /// The `kid` is known, but none of its keys is for this algorithm.
    WrongAlgorithm,
    /// Without `kid`, and more than four keys fit.
    Ambiguous,
    /// The `kid` is not in the set; or there is none, and no key fits.
    Unknown,
}

impl Choice<'_> {
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Choice::Unknown)
    }
}

/// The keys to try, in the order of publication.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidates<'a>([Option<&'a Key>; MAX_CANDIDATES * MAX_SETS]);

impl KeySet {
    /// Returns a set without keys.
    pub(super) fn empty() -> Self {
        Self::of(Vec::new())
    }

    /// Parses a set of keys for signatures; see [`KeySet::parse_for`].
    #[cfg(any(test, fuzzing))]
    pub(crate) fn parse(
        body: &[u8],
        allowed: Algorithms,
    ) -> Result<(Self, Vec<Skipped>), KeySetError> {
        KeySet::parse_for(body, allowed, KeyUse::Signatures)
    }

    /// Parses a set. Unusable keys are skipped and returned; a set without any usable key is an
    /// error.
    pub(crate) fn parse_for(
        body: &[u8],
        allowed: Algorithms,
        uses: KeyUse,
    ) -> Result<(Self, Vec<Skipped>), KeySetError> {
        let members = LazyMembers::parse(body).map_err(KeySetError::Members)?;
        let list = members.items("keys").ok_or(KeySetError::NoList)?;
        let (mut keys, mut skipped) = (Vec::new(), Vec::new());
        for (index, jwk) in list.into_iter().enumerate() {
            match Key::parse(jwk, allowed, uses) {
                Ok(key) => keys.push(Arc::new(key)),
                Err(reason) => skipped.push(Skipped {
                    index,
                    kid: printed_kid(jwk),
                    reason,
                }),
            }
        }
        if keys.is_empty() {
            return Err(KeySetError::NoUsableKey(skipped));
        }
        Ok((Self::of(keys), skipped))
    }

    /// Returns a set with the keys of all `sets`. The order of the sets does not matter.
    ///
    /// The limit of four keys for a token holds for each of the sets: a token is accepted that one
    /// of them confirms.
    pub(super) fn union<'a>(sets: impl Iterator<Item = &'a KeySet> + Clone) -> Self {
        let mut keys: Vec<Entry> = sets
            .clone()
            .flat_map(|set| set.keys.iter().cloned())
            .collect();
        keys.sort_by(|a, b| a.key.sort_key().cmp(&b.key.sort_key()));
        keys.dedup_by(|next, first| {
            let same = next.key == first.key;
            if same {
                first.with_kid = either(first.with_kid, next.with_kid);
                first.without_kid = either(first.without_kid, next.without_kid);
            }
            same
        });
        let is_ambiguous = |algorithm| {
            sets.clone()
                .any(|set| set.choose_without_kid(algorithm) == Choice::Ambiguous)
        };
        Self::with_entries(keys, is_ambiguous)
    }

    fn of(mut keys: Vec<Arc<Key>>) -> Self {
        keys.sort_by(|a, b| a.kid().cmp(&b.kid()));
        let ambiguous: Algorithms = Algorithm::ALL
            .into_iter()
            .filter(|algorithm| {
                let fitting = keys.iter().filter(|key| key.fits(*algorithm));
                fitting.count() > MAX_CANDIDATES
            })
            .collect();
        let mut entries = Vec::with_capacity(keys.len());
        for same_kid in keys.chunk_by(|a, b| a.kid() == b.kid()) {
            let mut left = Algorithm::ALL.map(|algorithm| (algorithm, MAX_CANDIDATES));
            entries.extend(same_kid.iter().map(|key| {
                let tried = left
                    .iter_mut()
                    .filter(|(algorithm, left)| *left > 0 && key.fits(*algorithm));
                Entry {
                    key: Arc::clone(key),
                    with_kid: tried
                        .map(|(algorithm, left)| {
                            *left -= 1;
                            *algorithm
                        })
                        .collect(),
                    without_kid: Algorithm::ALL
                        .into_iter()
                        .filter(|a| key.fits(*a) && !ambiguous.contains(*a))
                        .collect(),
                }
            }));
        }
        Self::with_entries(entries, |algorithm| ambiguous.contains(algorithm))
    }

    fn with_entries(keys: Vec<Entry>, is_ambiguous: impl Fn(Algorithm) -> bool) -> Self {
        let without_kid = Algorithm::ALL.map(|algorithm| {
            let tried = keys.iter().enumerate();
            let tried = tried.filter(|(_, entry)| entry.without_kid.contains(algorithm));
            let indices: Box<[usize]> = tried.map(|(index, _)| index).collect();
            Some(indices).filter(|indices| !indices.is_empty() || !is_ambiguous(algorithm))
        });
        Self {
            keys: keys.into(),
            without_kid,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns the keys for a token with this `kid` and `alg`.
    pub(crate) fn choose(&self, kid: Option<&str>, algorithm: Algorithm) -> Choice<'_> {
        let Some(kid) = kid else {
            return self.choose_without_kid(algorithm);
        };
        let start = self
            .keys
            .partition_point(|entry| entry.key.kid() < Some(kid));
        let rest = self.keys.get(start..).unwrap_or_default();
        let same = rest.iter().take_while(|entry| entry.key.kid() == Some(kid));
        let mut tried = same
            .clone()
            .filter(|entry| entry.with_kid.contains(algorithm))
            .peekable();
        if tried.peek().is_some() {
            Choice::Candidates(tried.map(|entry| &*entry.key).collect())
        } else if same.count() > 0 {
            Choice::WrongAlgorithm
        } else {
            Choice::Unknown
        }
    }

    fn choose_without_kid(&self, algorithm: Algorithm) -> Choice<'_> {
        match self.without_kid.get(algorithm as usize) {
            Some(None) => Choice::Ambiguous,
            Some(Some(indices)) if !indices.is_empty() => {
                let keys = indices.iter().filter_map(|index| self.keys.get(*index));
                Choice::Candidates(keys.map(|entry| &*entry.key).collect())
            }
            _ => Choice::Unknown,
        }
    }

    /// Returns the `kid`s for the log.
    pub(super) fn kids(&self) -> String {
        let kids = self.keys.iter().map(|entry| {
            let kid = entry.key.kid();
            kid.map_or("none".to_owned(), |kid| Excerpt(kid).to_string())
        });
        let mut shown: Vec<String> = kids.take(MAX_SHOWN).collect();
        if self.keys.len() > MAX_SHOWN {
            shown.push("…".to_owned());
        }
        shown.join(", ")
    }
}

fn either(a: Algorithms, b: Algorithms) -> Algorithms {
    a.iter().chain(b.iter()).collect()
}

fn printed_kid(jwk: &str) -> Option<String> {
    let kid = LazyMembers::parse(jwk.as_bytes())
        .ok()?
        .string("kid")
        .ok()??;
    Some(Excerpt(&kid).to_string())
}

impl<'a> Candidates<'a> {
    /// Moves the key that `header` names by thumbprint to the front.
    pub(crate) fn thumbprint_first(mut self, header: &Header<'_>) -> Self {
        let named = self
            .0
            .iter()
            .position(|key| key.is_some_and(|key| key.has_thumbprint_of(header)));
        if let Some(before) = named.and_then(|index| self.0.get_mut(..=index)) {
            before.rotate_right(1);
        }
        self
    }
}

/// Takes the first `MAX_CANDIDATES * MAX_SETS`.
impl<'a> FromIterator<&'a Key> for Candidates<'a> {
    fn from_iter<I: IntoIterator<Item = &'a Key>>(keys: I) -> Self {
        let mut keys = keys.into_iter();
        Candidates(std::array::from_fn(|_| keys.next()))
    }
}

impl<'a> IntoIterator for Candidates<'a> {
    type Item = &'a Key;
    type IntoIter = Flatten<array::IntoIter<Option<&'a Key>, { MAX_CANDIDATES * MAX_SETS }>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().flatten()
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.iter().map(|entry| &entry.key);
        f.debug_list().entries(keys).finish()
    }
}
