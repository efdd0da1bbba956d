//! Freshness of a key set over time, and the wait after a failure.
//! Pure: time and chance are parameters. A chance is a number from 0 to 1.

use std::time::Duration;

use crate::config::KeySettings;

/// The shortest refresh interval that `max-age` can cause.
const SHORTEST: Duration = Duration::from_secs(60);

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(60);

/// The time for which a failed fetch allows the use of stale keys.
const STALE_IF_ERROR: Duration = Duration::from_secs(300);

/// The backward clock jump that is tolerated.
const SLACK: Duration = Duration::from_secs(60);

/// The times at which a set's freshness changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lifetime {
    pub(super) fetched_at: Duration,
    pub(super) refresh_at: Duration,
    /// `jwks_cache_ttl` is over.
    pub(super) expires_at: Duration,
    /// `jwks_stale_ttl` is over too.
    pub(super) unusable_at: Duration,
}

/// The freshness of a set, in the words of RFC 5861.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    Fresh,
    /// Usable while it is refreshed.
    Due,
    /// Usable only while refreshes fail.
    Stale,
    Expired,
}

impl Lifetime {
    /// The lifetime of a set that was never fetched.
    pub(super) const NONE: Lifetime = Lifetime {
        fetched_at: Duration::ZERO,
        refresh_at: Duration::ZERO,
        expires_at: Duration::ZERO,
        unusable_at: Duration::ZERO,
    };

    /// The lifetime of a set that was given in code.
    pub(super) const ENDLESS: Lifetime = Lifetime {
        fetched_at: Duration::ZERO,
        refresh_at: Duration::MAX,
        expires_at: Duration::MAX,
        unusable_at: Duration::MAX,
    };

    pub(super) fn new(
        settings: &KeySettings,
        fetched_at: Duration,
        max_age: Option<Duration>,
        chance: f64,
    ) -> Self {
        let expires_at = fetched_at.saturating_add(settings.cache_ttl);
        Self {
            fetched_at,
            refresh_at: fetched_at.saturating_add(interval(
                settings.refresh_interval,
                max_age,
                chance,
            )),
            expires_at,
            unusable_at: expires_at.saturating_add(settings.stale_ttl),
        }
    }

    pub(super) fn freshness(&self, now: Duration) -> Freshness {
        if now < self.refresh_at {
            // A clock that was put back far would keep the set for as long again.
            if self.fetched_at > now.saturating_add(SLACK) {
                Freshness::Due
            } else {
                Freshness::Fresh
            }
        } else if now < self.expires_at {
            Freshness::Due
        } else if now < self.unusable_at {
            Freshness::Stale
        } else {
            Freshness::Expired
        }
    }
}

/// Returns the configured interval, or the issuer's `max-age` if that is shorter, varied by a tenth
/// so that a fleet does not refresh at once. `max-age` cannot bring it below a minute.
fn interval(configured: Duration, max_age: Option<Duration>, chance: f64) -> Duration {
    let shortest = SHORTEST.min(configured);
    match max_age.filter(|max_age| *max_age < configured) {
        None => jittered(configured, chance),
        Some(max_age) => jittered(max_age.max(shortest), chance).max(shortest),
    }
}

/// Returns the wait after this many failures in a row: 1 s, doubled up to 60 s.
pub(super) fn back_off(failures: u32, chance: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(6);
    jittered(FIRST_RETRY * 2_u32.pow(doublings), chance).clamp(FIRST_RETRY, LAST_RETRY)
}

/// Checks whether a fetch that failed at `failed_at` allows the use of stale keys. Retries come at
/// least once a minute.
pub(super) fn allows_stale(failed_at: Duration, now: Duration) -> bool {
    now.saturating_sub(failed_at) <= STALE_IF_ERROR
}

/// Checks whether `until` is ahead. If it is further ahead than `longest`, the clock was put back.
pub(super) fn is_ahead(until: Duration, now: Duration, longest: Duration) -> bool {
    until > now && until - now <= longest
}

/// Checks whether a retry is not due yet.
pub(super) fn backs_off(retry_at: Duration, now: Duration) -> bool {
    is_ahead(retry_at, now, LAST_RETRY)
}

fn jittered(duration: Duration, chance: f64) -> Duration {
    let drawn = duration.as_secs_f64() * (0.9 + 0.2 * chance);
    // Beyond the range of a `Duration` a tenth makes no difference.
    Duration::try_from_secs_f64(drawn).unwrap_or(duration)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::JwksPrefetch;

    const SETTINGS: KeySettings = KeySettings {
        refresh_interval: Duration::from_secs(3600),
        cache_ttl: Duration::from_secs(7200),
        stale_ttl: Duration::from_secs(86_400),
        cooldown: Duration::from_secs(10),
        prefetch: JwksPrefetch::Warm,
        uses: crate::jose::KeyUse::Signatures,
    };

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// The shortest and the longest of many draws, rounded to seconds.
    fn draws(draw: impl Fn() -> Duration) -> (u64, u64) {
        let all: Vec<_> = (0..5000)
            .map(|_| draw().as_secs_f64().round() as u64)
            .collect();
        (
            all.iter().copied().min().unwrap_or(0),
            all.iter().copied().max().unwrap_or(0),
        )
    }

    #[test]
    fn the_interval_is_jittered_by_a_tenth() {
        let (least, most) = draws(|| interval(seconds(3600), None, fastrand::f64()));
        assert!(
            (3240..3300).contains(&least) && (3900..=3960).contains(&most),
            "{least} {most}"
        );
    }

    #[test]
    fn max_age_shortens_the_interval_but_never_below_a_minute() {
        let (least, most) = draws(|| interval(seconds(3600), Some(seconds(600)), fastrand::f64()));
        assert!(
            (540..550).contains(&least) && (650..=660).contains(&most),
            "{least} {most}"
        );
        for max_age in [0, 1, 59, 60] {
            let (least, most) =
                draws(|| interval(seconds(3600), Some(seconds(max_age)), fastrand::f64()));
            assert!(least == 60 && (65..=66).contains(&most), "{least} {most}");
        }
    }

    #[test]
    fn max_age_never_lengthens_the_interval() {
        let (least, most) =
            draws(|| interval(seconds(600), Some(seconds(86_400)), fastrand::f64()));
        assert!(least >= 540 && most <= 660, "{least} {most}");
    }

    #[test]
    fn an_interval_that_the_operator_set_below_a_minute_stays() {
        let (least, most) = draws(|| interval(seconds(20), Some(seconds(5)), fastrand::f64()));
        assert!(least >= 18 && most <= 22, "{least} {most}");
    }

    #[test]
    fn back_off_doubles_from_one_second_to_sixty() {
        for (failures, least, most) in [
            (1, 1.0, 1.1),
            (2, 1.8, 2.2),
            (3, 3.6, 4.4),
            (6, 28.8, 35.2),
            (7, 54.0, 60.0),
        ] {
            for _ in 0..1000 {
                let drawn = back_off(failures, fastrand::f64()).as_secs_f64();
                assert!((least..=most).contains(&drawn), "{failures}: {drawn}");
            }
        }
        assert!((54.0..=60.0).contains(&back_off(u32::MAX, fastrand::f64()).as_secs_f64()));
        let drawn: BTreeSet<Duration> = (0..100).map(|_| back_off(3, fastrand::f64())).collect();
        assert!(drawn.len() > 50, "a fleet does not retry at once");
    }

    #[test]
    fn a_set_is_fresh_then_due_then_stale_then_expired() {
        let life = Lifetime::new(&SETTINGS, seconds(1_000_000), None, fastrand::f64());
        assert_eq!(life.freshness(seconds(1_000_000)), Freshness::Fresh);
        assert_eq!(life.freshness(seconds(1_003_239)), Freshness::Fresh);
        assert_eq!(life.freshness(seconds(1_003_961)), Freshness::Due);
        assert_eq!(life.freshness(seconds(1_007_199)), Freshness::Due);
        assert_eq!(life.freshness(seconds(1_007_200)), Freshness::Stale);
        assert_eq!(life.freshness(seconds(1_093_599)), Freshness::Stale);
        assert_eq!(life.freshness(seconds(1_093_600)), Freshness::Expired);
    }

    #[test]
    fn a_clock_that_was_put_back_far_makes_a_set_due() {
        let life = Lifetime::new(&SETTINGS, seconds(1_000_000), None, fastrand::f64());
        assert_eq!(life.freshness(seconds(999_940)), Freshness::Fresh);
        assert_eq!(life.freshness(seconds(999_939)), Freshness::Due);
        assert_eq!(life.freshness(Duration::ZERO), Freshness::Due);
    }

    #[test]
    fn none_is_expired_and_endless_is_fresh_at_any_time() {
        for now in [Duration::ZERO, seconds(1), seconds(u64::MAX)] {
            assert_eq!(Lifetime::NONE.freshness(now), Freshness::Expired);
            assert_eq!(Lifetime::ENDLESS.freshness(now), Freshness::Fresh);
        }
    }

    #[test]
    fn what_is_farther_ahead_than_it_can_be_is_not_ahead() {
        assert!(backs_off(seconds(100), seconds(99)));
        assert!(!backs_off(seconds(100), seconds(100)));
        assert!(!backs_off(seconds(100), seconds(39)));
    }
}
