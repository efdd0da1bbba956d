//! When a set is fresh, when it is to be refreshed and when it is dead; how long to wait after a failure.
//! Pure: the time and the chance are parameters or drawn here, nothing is read elsewhere.

use std::time::Duration;

use crate::config::KeySettings;

/// The shortest interval to which `max-age` can bring the refresh.
const SHORTEST: Duration = Duration::from_secs(60);

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(60);

/// For so long a failed attempt shows that the issuer cannot be reached.
const EXCUSE: Duration = Duration::from_secs(300);

/// How far a clock may stand before the time of the fetch without being thought wrong.
const SLACK: Duration = Duration::from_secs(60);

/// The stations of a set's life, as times of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lifetime {
    pub(super) fetched_at: Duration,
    pub(super) refresh_at: Duration,
    /// `jwks_cache_ttl` is over.
    pub(super) expires_at: Duration,
    /// `jwks_stale_ttl` is over too.
    pub(super) dies_at: Duration,
}

/// Where in its life a set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Fresh,
    /// Good, but to be refreshed.
    Due,
    /// Good only while refreshes fail.
    Expired,
    Dead,
}

impl Lifetime {
    /// Of a set that was never there.
    pub(super) const NONE: Lifetime = Lifetime {
        fetched_at: Duration::ZERO,
        refresh_at: Duration::ZERO,
        expires_at: Duration::ZERO,
        dies_at: Duration::ZERO,
    };

    /// Of a set that was handed over.
    pub(super) const ENDLESS: Lifetime = Lifetime {
        fetched_at: Duration::ZERO,
        refresh_at: Duration::MAX,
        expires_at: Duration::MAX,
        dies_at: Duration::MAX,
    };

    pub(super) fn new(
        settings: &KeySettings,
        fetched_at: Duration,
        max_age: Option<Duration>,
    ) -> Self {
        let expires_at = fetched_at.saturating_add(settings.cache_ttl);
        Self {
            fetched_at,
            refresh_at: fetched_at.saturating_add(interval(settings.refresh_interval, max_age)),
            expires_at,
            dies_at: expires_at.saturating_add(settings.stale_ttl),
        }
    }

    pub(super) fn age(&self, now: Duration) -> Age {
        if now < self.refresh_at {
            // A clock that was put back far would keep the set for as long again.
            if self.fetched_at > now.saturating_add(SLACK) {
                Age::Due
            } else {
                Age::Fresh
            }
        } else if now < self.expires_at {
            Age::Due
        } else if now < self.dies_at {
            Age::Expired
        } else {
            Age::Dead
        }
    }
}

/// The operator's interval, or the issuer's `max-age` if that is shorter, give or take a tenth so that a fleet does
/// not ask at once; `max-age` cannot bring it below a minute.
fn interval(configured: Duration, max_age: Option<Duration>) -> Duration {
    let shortest = SHORTEST.min(configured);
    match max_age.filter(|max_age| *max_age < configured) {
        None => jittered(configured),
        Some(max_age) => jittered(max_age.max(shortest)).max(shortest),
    }
}

/// How long to wait after this many failures in a row: 1 s, doubled up to 60 s.
pub(super) fn back_off(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(6);
    jittered(FIRST_RETRY * 2_u32.pow(doublings)).clamp(FIRST_RETRY, LAST_RETRY)
}

/// Whether a failure at `failed_at`, zero for none, excuses the use of expired keys: while retries go on, there is one each minute and
/// as long as an attempt takes.
pub(super) fn excuses(failed_at: Duration, now: Duration) -> bool {
    !failed_at.is_zero() && now.saturating_sub(failed_at) <= EXCUSE
}

/// Whether `until` is still ahead. Farther ahead than `longest` it can only be if the clock was put back.
pub(super) fn is_ahead(until: Duration, now: Duration, longest: Duration) -> bool {
    until > now && until - now <= longest
}

/// Whether a retry is not yet due.
pub(super) fn backs_off(retry_at: Duration, now: Duration) -> bool {
    is_ahead(retry_at, now, LAST_RETRY)
}

fn jittered(duration: Duration) -> Duration {
    let drawn = duration.as_secs_f64() * (0.9 + 0.2 * fastrand::f64());
    // Beyond what a `Duration` holds a tenth makes no difference.
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
        let (least, most) = draws(|| interval(seconds(3600), None));
        assert!(
            (3240..3300).contains(&least) && (3900..=3960).contains(&most),
            "{least} {most}"
        );
    }

    #[test]
    fn max_age_shortens_the_interval_but_never_below_a_minute() {
        let (least, most) = draws(|| interval(seconds(3600), Some(seconds(600))));
        assert!(
            (540..550).contains(&least) && (650..=660).contains(&most),
            "{least} {most}"
        );
        for max_age in [0, 1, 59, 60] {
            let (least, most) = draws(|| interval(seconds(3600), Some(seconds(max_age))));
            assert!(least == 60 && (65..=66).contains(&most), "{least} {most}");
        }
    }

    #[test]
    fn max_age_never_lengthens_the_interval() {
        let (least, most) = draws(|| interval(seconds(600), Some(seconds(86_400))));
        assert!(least >= 540 && most <= 660, "{least} {most}");
    }

    #[test]
    fn an_interval_that_the_operator_set_below_a_minute_stays() {
        let (least, most) = draws(|| interval(seconds(20), Some(seconds(5))));
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
                let drawn = back_off(failures).as_secs_f64();
                assert!((least..=most).contains(&drawn), "{failures}: {drawn}");
            }
        }
        assert!((54.0..=60.0).contains(&back_off(u32::MAX).as_secs_f64()));
        let drawn: BTreeSet<Duration> = (0..100).map(|_| back_off(3)).collect();
        assert!(drawn.len() > 50, "a fleet does not retry at once");
    }

    #[test]
    fn a_set_is_fresh_then_due_then_expired_then_dead() {
        let life = Lifetime::new(&SETTINGS, seconds(1_000_000), None);
        assert_eq!(life.age(seconds(1_000_000)), Age::Fresh);
        assert_eq!(life.age(seconds(1_003_239)), Age::Fresh);
        assert_eq!(life.age(seconds(1_003_961)), Age::Due);
        assert_eq!(life.age(seconds(1_007_199)), Age::Due);
        assert_eq!(life.age(seconds(1_007_200)), Age::Expired);
        assert_eq!(life.age(seconds(1_093_599)), Age::Expired);
        assert_eq!(life.age(seconds(1_093_600)), Age::Dead);
    }

    #[test]
    fn a_clock_that_was_put_back_far_makes_a_set_due() {
        let life = Lifetime::new(&SETTINGS, seconds(1_000_000), None);
        assert_eq!(life.age(seconds(999_940)), Age::Fresh);
        assert_eq!(life.age(seconds(999_939)), Age::Due);
        assert_eq!(life.age(Duration::ZERO), Age::Due);
    }

    #[test]
    fn none_is_dead_and_endless_is_fresh_at_any_time() {
        for now in [Duration::ZERO, seconds(1), seconds(u64::MAX)] {
            assert_eq!(Lifetime::NONE.age(now), Age::Dead);
            assert_eq!(Lifetime::ENDLESS.age(now), Age::Fresh);
        }
    }

    #[test]
    fn what_is_farther_ahead_than_it_can_be_is_not_ahead() {
        assert!(backs_off(seconds(100), seconds(99)));
        assert!(!backs_off(seconds(100), seconds(100)));
        assert!(!backs_off(seconds(100), seconds(39)));
    }
}
