//! Detects duplicate member names in one object.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use super::JsonError;

/// The names of one object so far, as keyed hashes: an object of thousands of members costs little
/// more than its length.
///
/// Two names of equal hash are refused as duplicates. With 64 bits and a secret key that does not
/// happen in practice.
pub(crate) struct MemberNames {
    key: RandomState,
    few: [u64; FEW],
    count: usize,
    /// All of them, if there are more than `FEW`.
    many: Option<HashSet<u64, RandomState>>,
    /// The initial capacity of `many`.
    capacity: usize,
}

/// Up to this many names, a linear scan beats a hash set. Most objects have fewer members.
const FEW: usize = 24;

/// Upper limit of the initial capacity; a token of the default size has fewer members.
const MAX_CAPACITY: usize = 4096;

/// Bytes of the shortest member: `"a":0,`.
const MIN_MEMBER: usize = 6;

impl MemberNames {
    /// Returns an empty set.
    pub(crate) fn new() -> MemberNames {
        MemberNames {
            key: RandomState::default(),
            few: [0; FEW],
            count: 0,
            many: None,
            capacity: 2 * FEW,
        }
    }

    /// Returns an empty set for the names of the object `json`.
    pub(crate) fn of(json: &str) -> MemberNames {
        MemberNames {
            capacity: (json.len() / MIN_MEMBER).clamp(2 * FEW, MAX_CAPACITY),
            ..MemberNames::new()
        }
    }

    /// Adds `name`.
    ///
    /// # Errors
    ///
    /// [`JsonError::Duplicate`] if it is there already (RFC 7515 §4, RFC 7519 §4).
    pub(crate) fn insert(&mut self, name: &str) -> Result<(), JsonError> {
        let hash = self.key.hash_one(name);
        let count = self.count;
        self.count += 1;
        let fresh = match self.few.get(..count) {
            Some(few) if few.contains(&hash) => false,
            Some(_) => match self.few.get_mut(count) {
                Some(entry) => {
                    *entry = hash;
                    true
                }
                None => self.many().insert(hash),
            },
            None => self.many().insert(hash),
        };
        if fresh {
            Ok(())
        } else {
            Err(JsonError::Duplicate)
        }
    }

    fn many(&mut self) -> &mut HashSet<u64, RandomState> {
        let (few, capacity) = (self.few, self.capacity);
        self.many.get_or_insert_with(|| {
            let mut many = HashSet::with_capacity_and_hasher(capacity, RandomState::default());
            many.extend(few);
            many
        })
    }
}
