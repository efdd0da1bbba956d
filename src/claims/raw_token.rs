//! A token and its claims, as text.

/// A token and the JSON of its claims, one behind the other in one allocation.
// perf: freeing evicted tokens dominates the cost of an insert into the cache, benches/cache.rs.
#[derive(Clone)]
#[repr(C)] // See `Verified`.
pub(crate) struct RawToken {
    text: Box<str>,
    /// The offset of the claims.
    start: usize,
}

impl RawToken {
    /// Joins `claims` and the `token` that carried them.
    ///
    /// [`ClaimSelector::select`](super::ClaimSelector::select) must have accepted `claims`: then
    /// serde_json accepts them too.
    pub(crate) fn new(claims: &str, token: &str) -> RawToken {
        RawToken {
            text: [token, claims].concat().into(),
            start: token.len(),
        }
    }

    /// Returns the token.
    pub(crate) fn token(&self) -> &str {
        self.text.get(..self.start).unwrap_or_default()
    }

    /// Returns the bytes of the token.
    // perf: slicing a `str` checks a char boundary, a cache miss before the comparison,
    // benches/cache.rs.
    pub(crate) fn token_bytes(&self) -> &[u8] {
        self.text.as_bytes().get(..self.start).unwrap_or_default()
    }

    /// Returns the JSON of the claims.
    pub(crate) fn claims(&self) -> &str {
        self.text.get(self.start..).unwrap_or_default()
    }

    /// Returns the bytes on the heap.
    pub(crate) fn weight(&self) -> usize {
        self.text.len()
    }
}
