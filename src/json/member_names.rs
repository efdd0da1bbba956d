//! The names seen so far in one object.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use super::JsonError;

/// Keeps only a keyed hash of each name, so that an object of thousands of members costs little more than its length. Two
/// names of one hash, which nobody will see by chance or bring about without the key, would be refused as one.
pub(crate) struct MemberNames {
    key: RandomState,
    few: [u64; FEW],
    count: usize,
    /// All of them, when `few` has no room for one more.
    many: Option<HashSet<u64, RandomState>>,
    /// How many it has room for then.
    most: usize,
}

/// More members than most objects have; so many are compared one by one.
const FEW: usize = 24;

/// The most that there is room for from the beginning: more than a token of the default size can have.
const MOST: usize = 4096;

/// No member is written in fewer octets: `"a":0,`.
const SHORTEST: usize = 6;

impl MemberNames {
    /// None yet.
    pub(crate) fn new() -> MemberNames {
        MemberNames {
            key: RandomState::default(),
            few: [0; FEW],
            count: 0,
            many: None,
            most: 2 * FEW,
        }
    }

    /// None yet, of the one object that `text` is.
    pub(crate) fn of(text: &str) -> MemberNames {
        MemberNames {
            most: (text.len() / SHORTEST).clamp(2 * FEW, MOST),
            ..MemberNames::new()
        }
    }

    /// Remembers `name`.
    ///
    /// # Errors
    ///
    /// [`JsonError::Twice`] when it was there already (RFC 7515 §4, RFC 7519 §4).
    pub(crate) fn remember(&mut self, name: &str) -> Result<(), JsonError> {
        let hash = self.key.hash_one(name);
        let count = self.count;
        self.count += 1;
        let fresh = match self.few.get(..count) {
            Some(few) if few.contains(&hash) => false,
            Some(_) => match self.few.get_mut(count) {
                Some(place) => {
                    *place = hash;
                    true
                }
                None => self.many().insert(hash),
            },
            None => self.many().insert(hash),
        };
        if fresh { Ok(()) } else { Err(JsonError::Twice) }
    }

    fn many(&mut self) -> &mut HashSet<u64, RandomState> {
        let (few, most) = (self.few, self.most);
        self.many.get_or_insert_with(|| {
            let mut many = HashSet::with_capacity_and_hasher(most, RandomState::default());
            many.extend(few);
            many
        })
    }
}
