//! The figures of the token cache.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::verify::CacheFigures;

/// The figures of the token cache since the launch, in an [`AxiomsStatus`](crate::AxiomsStatus).
///
/// ```
/// # use axioms_rocket::TokenCacheStatus;
/// fn hit_rate(cache: &TokenCacheStatus) -> f64 {
///     cache.hits() as f64 / (cache.hits() + cache.misses()).max(1) as f64
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct TokenCacheStatus(pub(super) CacheFigures);

impl TokenCacheStatus {
    /// Returns the number of cached tokens.
    ///
    /// ```
    /// # use axioms_rocket::TokenCacheStatus;
    /// fn is_full(cache: &TokenCacheStatus) -> bool {
    ///     cache.tokens() == cache.capacity()
    /// }
    /// ```
    pub fn tokens(&self) -> usize {
        self.0.tokens
    }

    /// Returns `token_cache_capacity`.
    ///
    /// ```
    /// # use axioms_rocket::TokenCacheStatus;
    /// fn share(cache: &TokenCacheStatus) -> f64 {
    ///     cache.tokens() as f64 / cache.capacity() as f64
    /// }
    /// ```
    pub fn capacity(&self) -> usize {
        self.0.capacity
    }

    /// Returns how many look-ups found their token.
    ///
    /// ```
    /// # use axioms_rocket::TokenCacheStatus;
    /// fn is_used(cache: &TokenCacheStatus) -> bool {
    ///     cache.hits() > 0
    /// }
    /// ```
    pub fn hits(&self) -> u64 {
        self.0.hits
    }

    /// Returns how many look-ups did not find their token, which was verified then.
    ///
    /// ```
    /// # use axioms_rocket::TokenCacheStatus;
    /// fn verifications(cache: &TokenCacheStatus) -> u64 {
    ///     cache.misses()
    /// }
    /// ```
    pub fn misses(&self) -> u64 {
        self.0.misses
    }
}

impl Serialize for TokenCacheStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("tokens", &self.tokens())?;
        map.serialize_entry("capacity", &self.capacity())?;
        map.serialize_entry("hits", &self.hits())?;
        map.serialize_entry("misses", &self.misses())?;
        map.end()
    }
}
