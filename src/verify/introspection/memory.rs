//! The answers that are remembered: active and inactive ones apart, so that inactive ones never
//! push out active ones.

use std::sync::Arc;
use std::time::Duration;

use foldhash::quality::SeedableRandomState;
use quick_cache::Weighter;
use quick_cache::sync::{Cache, DefaultLifecycle};

use crate::verify::cache::random_state;
use crate::verify::{TokenCache, TokenError};

/// The most active answers that are remembered.
const ACTIVE: usize = 8192;

/// The most inactive ones.
const INACTIVE: usize = 1024;

/// Bytes per inactive token: so many tokens hold at most this share each.
const SHARE: u64 = 1024;

/// Both memories, bounded by number and by bytes.
pub(super) struct Memories {
    pub(super) active: TokenCache,
    inactive: Cache<Box<str>, Refused, ByBytes, SeedableRandomState, Lifecycle>,
}

type Lifecycle = DefaultLifecycle<Box<str>, Refused>;

/// A token that was refused, by its issuer or by a check of its answer.
#[derive(Clone)]
struct Refused {
    refusal: Arc<TokenError>,
    from: Duration,
    until: Duration,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Box<str>, Refused> for ByBytes {
    fn weight(&self, token: &Box<str>, _: &Refused) -> u64 {
        SHARE.max(token.len() as u64)
    }
}

impl Memories {
    pub(super) fn new() -> Memories {
        Memories {
            active: TokenCache::new(ACTIVE),
            inactive: Cache::with(
                INACTIVE,
                INACTIVE as u64 * SHARE,
                ByBytes,
                random_state(),
                DefaultLifecycle::default(),
            ),
        }
    }

    /// Returns the refusal of `token`, if it is remembered at `now`.
    pub(super) fn refusal(&self, token: &str, now: Duration) -> Option<TokenError> {
        let refused = self.inactive.get(token)?;
        if refused.from <= now && now < refused.until {
            return Some((*refused.refusal).clone());
        }
        self.inactive.remove(token);
        None
    }

    /// Remembers the refusal of `token` for `ttl`.
    pub(super) fn refuse(&self, token: &str, refusal: &TokenError, now: Duration, ttl: Duration) {
        if ttl.is_zero() {
            return;
        }
        let refused = Refused {
            refusal: Arc::new(refusal.clone()),
            from: now,
            until: now + ttl,
        };
        self.inactive.insert(token.into(), refused);
    }

    /// Returns the number of inactive answers.
    pub(super) fn inactive(&self) -> usize {
        self.inactive.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Verified;

    const NOW: Duration = Duration::from_secs(1_900_000_000);
    const TTL: Duration = Duration::from_secs(5);

    #[test]
    fn a_refusal_ends_with_its_time_and_when_the_clock_is_put_back() {
        let memories = Memories::new();
        let refusal = TokenError::NotActive("inactive");
        let later = |seconds| NOW + Duration::from_secs(seconds);
        memories.refuse("a", &refusal, NOW, TTL);
        assert_eq!(memories.refusal("a", later(4)), Some(refusal.clone()));
        assert_eq!(memories.refusal("b", NOW), None);
        assert_eq!(memories.refusal("a", later(5)), None);
        memories.refuse("a", &refusal, NOW, TTL);
        assert_eq!(memories.refusal("a", NOW - TTL), None);
        memories.refuse("a", &refusal, NOW, Duration::ZERO);
        assert_eq!(memories.inactive(), 0);
    }

    #[test]
    fn refusals_are_bounded_and_push_out_no_active_answer() {
        let memories = Memories::new();
        let active = |at: usize| format!("active {at}");
        for at in 0..100 {
            let token = active(at);
            let verified = Verified::unread("{}", &token);
            let entry = memories.active.entry_of_opaque(&token).unwrap();
            entry.insert(&verified);
        }
        let refusal = TokenError::NotActive("inactive");
        for at in 0..10_000 {
            memories.refuse(&format!("random {at}"), &refusal, NOW, TTL);
        }
        assert!((1..=1024).contains(&memories.inactive()));
        let long = "x".repeat(16_000);
        let others = Memories::new();
        for at in 0..1000 {
            others.refuse(&format!("{at}{long}"), &refusal, NOW, TTL);
        }
        assert!(others.inactive() <= 1024 / 15, "{}", others.inactive());
        let held = (0..100).filter(|at| {
            let token = active(*at);
            let entry = memories.active.entry_of_opaque(&token).unwrap();
            entry.get().is_some()
        });
        assert_eq!(held.count(), 100);
    }
}
