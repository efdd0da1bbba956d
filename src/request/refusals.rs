//! The refusals of an application: a count for each reason, and one log line for each reason and
//! minute where the lines of single requests are hidden.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Reason;

/// The time that one line of the summary covers.
const WINDOW: Duration = Duration::from_secs(60);

/// Longest example in a line, in bytes. Its parts are excerpts already; their number is bounded.
const EXAMPLE: usize = 2048;

/// The count and the current window of each reason: of a fixed size, whatever requests bring.
pub(crate) struct Refusals {
    tallies: [Tally; Reason::ALL.len()],
    /// Requests that were allowed, which only the feature `metrics` counts.
    #[cfg(feature = "metrics")]
    allowed: AtomicU64,
}

#[derive(Default)]
struct Tally {
    total: AtomicU64,
    window: Mutex<Option<Window>>,
}

/// The refusals of a reason since its last line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window {
    since: Duration,
    count: u64,
    example: String,
}

impl Refusals {
    pub(crate) fn new() -> Refusals {
        Refusals {
            tallies: std::array::from_fn(|_| Tally::default()),
            #[cfg(feature = "metrics")]
            allowed: AtomicU64::new(0),
        }
    }

    /// Adds one to the count of `reason`.
    pub(super) fn count(&self, reason: Reason) {
        if let Some(tally) = self.tallies.get(reason as usize) {
            tally.total.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn count_allowed(&self) {
        self.allowed.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(feature = "metrics")]
    pub(super) fn allowed(&self) -> u64 {
        self.allowed.load(Ordering::Relaxed)
    }

    /// Returns the counts above zero.
    pub(super) fn counts(&self) -> Vec<(Reason, u64)> {
        let counts = Reason::ALL.into_iter().zip(&self.tallies);
        counts
            .map(|(reason, tally)| (reason, tally.total.load(Ordering::Relaxed)))
            .filter(|(_, total)| *total > 0)
            .collect()
    }

    /// Adds a refusal to the window of `reason`; of the first one `example` is kept. Returns the
    /// window before, if it is over.
    pub(super) fn summarize(
        &self,
        reason: Reason,
        now: Duration,
        example: impl FnOnce() -> String,
    ) -> Option<Window> {
        let tally = self.tallies.get(reason as usize)?;
        let mut window = tally.lock();
        let over = window.take_if(|window| window.is_over(now));
        match &mut *window {
            Some(window) => window.count += 1,
            None => {
                *window = Some(Window {
                    since: now,
                    count: 1,
                    example: cut(example()),
                });
            }
        }
        over
    }

    /// Logs a line for each reason whose window is over.
    pub(crate) fn log_due(&self, now: Duration) {
        for window in self.take(|window| window.is_over(now)) {
            window.log(now);
        }
    }

    /// Logs a line for each reason: at the end of the application.
    pub(crate) fn log_rest(&self, now: Duration) {
        for window in self.take(|_| true) {
            window.log(now);
        }
    }

    fn take(&self, wanted: impl Fn(&Window) -> bool) -> Vec<Window> {
        let tallies = self.tallies.iter();
        tallies
            .filter_map(|tally| tally.lock().take_if(|window| wanted(window)))
            .collect()
    }
}

impl Tally {
    fn lock(&self) -> impl std::ops::DerefMut<Target = Option<Window>> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    /// A clock that was put back ends the window, too.
    fn is_over(&self, now: Duration) -> bool {
        now.checked_sub(self.since).is_none_or(|age| age >= WINDOW)
    }

    pub(super) fn log(&self, now: Duration) {
        tracing::warn!("{}", self.line(now));
    }

    fn line(&self, now: Duration) -> impl fmt::Display {
        let Window {
            since,
            count,
            example,
        } = self;
        let seconds = now.saturating_sub(*since).as_secs().max(1);
        let first = if *count == 1 { "" } else { ", the first" };
        format!("axioms: refused {count} × in {seconds} s{first}: {example}")
    }
}

fn cut(mut example: String) -> String {
    if example.len() > EXAMPLE {
        let end = (0..=EXAMPLE).rev().find(|at| example.is_char_boundary(*at));
        example.truncate(end.unwrap_or(0));
        example.push('…');
    }
    example
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1_900_000_000);

    fn after(seconds: u64) -> Duration {
        START + Duration::from_secs(seconds)
    }

    #[test]
    fn a_reason_has_one_line_a_minute_with_its_count_and_the_first_example() {
        let refusals = Refusals::new();
        for number in 0..37 {
            let over = refusals.summarize(Reason::WrongAudience, after(number), || {
                format!("audience {number}")
            });
            assert_eq!(over, None);
        }
        assert_eq!(
            refusals.summarize(Reason::Expired, after(40), || "expired".into()),
            None
        );
        let over = refusals.summarize(Reason::WrongAudience, after(61), || "next".into());
        assert_eq!(
            over.unwrap().line(after(61)).to_string(),
            "axioms: refused 37 × in 61 s, the first: audience 0"
        );
        let rest = refusals.take(|_| true);
        let lines: Vec<_> = rest
            .iter()
            .map(|window| window.line(after(62)).to_string())
            .collect();
        assert_eq!(
            lines,
            [
                "axioms: refused 1 × in 22 s: expired",
                "axioms: refused 1 × in 1 s: next"
            ]
        );
        assert_eq!(refusals.take(|_| true), []);
    }

    #[test]
    fn a_window_ends_without_a_further_refusal_and_when_the_clock_is_put_back() {
        let refusals = Refusals::new();
        refusals.summarize(Reason::Expired, START, String::new);
        assert_eq!(refusals.take(|window| window.is_over(after(59))), []);
        assert_eq!(refusals.take(|window| window.is_over(after(60))).len(), 1);
        refusals.summarize(Reason::Expired, START, String::new);
        let earlier = START - Duration::from_secs(1);
        assert_eq!(refusals.take(|window| window.is_over(earlier)).len(), 1);
    }

    #[test]
    fn distinct_texts_without_end_are_one_example_that_is_cut() {
        let refusals = Refusals::new();
        for number in 0..100_000 {
            refusals.summarize(Reason::Malformed, START, || {
                format!("{number}{}", "é".repeat(5000))
            });
        }
        let windows = refusals.take(|_| true);
        let [window] = windows.as_slice() else {
            panic!("one window: {}", windows.len())
        };
        assert_eq!(window.count, 100_000);
        assert!(window.example.starts_with("0é") && window.example.len() <= EXAMPLE + 3);
    }

    #[test]
    fn counts_are_kept_for_each_reason() {
        let refusals = Refusals::new();
        for reason in Reason::ALL {
            for _ in 0..=reason as usize {
                refusals.count(reason);
            }
        }
        let expected: Vec<_> = Reason::ALL
            .into_iter()
            .map(|reason| (reason, reason as u64 + 1))
            .collect();
        assert_eq!(refusals.counts(), expected);
    }
}
