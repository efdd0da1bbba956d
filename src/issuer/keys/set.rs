//! A JSON Web Key Set (RFC 7517 §5): read key by key, and the choice of a key for a token.

use std::fmt;

use serde_json::value::RawValue;

use super::error::KeySetError;
use crate::base::redact::Excerpt;
use crate::jose::Key;
use crate::jose::Skipped;
use crate::jose::{Algorithm, Algorithms};
use crate::json::RawMembers;

/// Keys of one `kid` that are tried for one token, so that no set makes a token expensive.
const MAX_CANDIDATES: usize = 4;

/// The usable keys of an issuer.
#[derive(PartialEq)]
pub(crate) struct KeySet {
    /// Ordered by `kid`, and as published where that is the same.
    keys: Box<[Key]>,
    /// For each algorithm, what serves a token without `kid`.
    without_kid: [Fitting; Algorithm::ALL.len()],
}

/// How many keys fit an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fitting {
    None,
    /// The one, by its place in `keys`.
    One(usize),
    Several,
}

/// The answer to "which key signed this?".
#[derive(Debug)]
pub(crate) enum Choice<'a> {
    /// At least one, at most four.
    Candidates(Candidates<'a>),
    /// The `kid` is known, but none of its keys is for this algorithm.
    WrongAlgorithm,
    /// No `kid`, and more than one key fits.
    Ambiguous,
    /// The `kid` is not in the set; or there is none, and no key fits.
    Unknown,
}

/// The keys to try, in the order in which they were published.
#[derive(Debug, Clone)]
pub(crate) struct Candidates<'a> {
    keys: &'a [Key],
    algorithm: Algorithm,
    left: usize,
}

impl KeySet {
    /// A set in which nothing is found.
    pub(super) fn empty() -> Self {
        Self::of(Vec::new())
    }

    /// Reads a set. Keys that cannot be used are left out and named; a set without any usable key is an error.
    pub(crate) fn parse(
        body: &[u8],
        allowed: Algorithms,
    ) -> Result<(Self, Vec<Skipped>), KeySetError> {
        let members = RawMembers::parse(body).map_err(KeySetError::Members)?;
        let list = members.raw("keys").ok_or(KeySetError::NoList)?;
        let list: Vec<&RawValue> =
            serde_json::from_str(list.get()).map_err(|_| KeySetError::NoList)?;
        let (mut keys, mut skipped) = (Vec::new(), Vec::new());
        for (index, jwk) in list.into_iter().enumerate() {
            match Key::parse(jwk, allowed) {
                Ok(key) => keys.push(key),
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

    fn of(mut keys: Vec<Key>) -> Self {
        keys.sort_by(|a, b| a.kid().cmp(&b.kid()));
        let without_kid = Algorithm::ALL.map(|algorithm| {
            let mut fitting = keys
                .iter()
                .enumerate()
                .filter(|(_, key)| key.fits(algorithm));
            match (fitting.next(), fitting.next()) {
                (None, _) => Fitting::None,
                (Some((place, _)), None) => Fitting::One(place),
                (Some(_), Some(_)) => Fitting::Several,
            }
        });
        Self {
            keys: keys.into(),
            without_kid,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys for a token with this `kid` and `alg`.
    pub(crate) fn choose(&self, kid: Option<&str>, algorithm: Algorithm) -> Choice<'_> {
        let Some(kid) = kid else {
            return self.choose_without_kid(algorithm);
        };
        let start = self.keys.partition_point(|key| key.kid() < Some(kid));
        let rest = &self.keys[start..];
        let same = &rest[..rest.partition_point(|key| key.kid() == Some(kid))];
        if same.is_empty() {
            Choice::Unknown
        } else if same.iter().any(|key| key.fits(algorithm)) {
            Choice::Candidates(Candidates {
                keys: same,
                algorithm,
                left: MAX_CANDIDATES,
            })
        } else {
            Choice::WrongAlgorithm
        }
    }

    fn choose_without_kid(&self, algorithm: Algorithm) -> Choice<'_> {
        match self.without_kid[algorithm as usize] {
            Fitting::None => Choice::Unknown,
            Fitting::One(place) => Choice::Candidates(Candidates {
                keys: &self.keys[place..=place],
                algorithm,
                left: 1,
            }),
            Fitting::Several => Choice::Ambiguous,
        }
    }

    /// The `kid`s, ready to print.
    pub(super) fn kids(&self) -> String {
        let kids = self.keys.iter().map(|key| {
            key.kid()
                .map_or("none".to_owned(), |kid| Excerpt(kid).to_string())
        });
        // More than a screenful says no more.
        let mut shown: Vec<String> = kids.take(17).collect();
        if shown.len() > 16 {
            shown[16] = "…".to_owned();
        }
        shown.join(", ")
    }
}

fn printed_kid(jwk: &RawValue) -> Option<String> {
    let kid = RawMembers::parse(jwk.get().as_bytes())
        .ok()?
        .string("kid")
        .ok()??;
    Some(Excerpt(&kid).to_string())
}

impl<'a> Iterator for Candidates<'a> {
    type Item = &'a Key;

    fn next(&mut self) -> Option<&'a Key> {
        self.left = self.left.checked_sub(1)?;
        let place = self.keys.iter().position(|key| key.fits(self.algorithm))?;
        let key = &self.keys[place];
        self.keys = &self.keys[place + 1..];
        Some(key)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}
