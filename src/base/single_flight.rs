//! One run of a piece of work at a time: callers join the run in flight or start one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

/// Runs work in a task of its own, one run at a time. A caller that goes away does not cancel it.
///
/// An outcome is shared with the callers that waited for it and is then forgotten.
pub(crate) struct SingleFlight<T>(Arc<Shared<T>>);

/// A run in flight.
pub(crate) struct Flight<T> {
    number: u64,
    outcome: watch::Receiver<Option<T>>,
}

struct Shared<T> {
    slot: Mutex<Slot<T>>,
    // perf: spares readers the lock, bench `verify`
    in_flight: AtomicBool,
    started: Notify,
}

struct Slot<T> {
    /// The number of the latest run.
    number: u64,
    flight: Option<Flight<T>>,
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    /// Returns the run in flight, or starts the work that `start` returns.
    ///
    /// `start` is called under the lock, so that its decision still holds when the run begins.
    /// `None` if it declines, or outside a runtime.
    pub(crate) fn join_or_start<W>(&self, start: impl FnOnce() -> Option<W>) -> Option<Flight<T>>
    where
        W: Future<Output = T> + Send + 'static,
    {
        let runtime = Handle::try_current().ok()?;
        let mut slot = self.0.slot();
        if let Some(flight) = &slot.flight {
            return Some(flight.clone());
        }
        let work = start()?;
        let (sender, outcome) = watch::channel(None);
        slot.number += 1;
        let flight = Flight {
            number: slot.number,
            outcome,
        };
        slot.flight = Some(flight.clone());
        self.0.in_flight.store(true, Ordering::Relaxed);
        drop(slot);
        self.0.started.notify_one();
        let running = Running {
            shared: Arc::clone(&self.0),
            number: flight.number,
        };
        runtime.spawn(async move {
            let outcome = work.await;
            // Before callers wake: one that needs another run must not join this one again.
            drop(running);
            sender.send_replace(Some(outcome));
        });
        Some(flight)
    }

    /// Checks without a lock whether a run is in flight. It may just have ended or started.
    pub(crate) fn in_flight(&self) -> bool {
        self.0.in_flight.load(Ordering::Relaxed)
    }

    /// Returns the number of the latest run, 0 before the first.
    pub(crate) fn latest(&self) -> u64 {
        self.0.slot().number
    }

    /// Waits until a first run has started. For one caller at a time.
    pub(crate) async fn started(&self) {
        while self.latest() == 0 {
            self.0.started.notified().await;
        }
    }
}

impl<T: Clone> Flight<T> {
    /// Returns the run's number. Of two runs the one with the higher number started later.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Waits for the outcome. `None` if the work panicked or its runtime ended.
    pub(crate) async fn finished(mut self) -> Option<T> {
        let outcome = self.outcome.wait_for(Option::is_some).await;
        outcome.ok().and_then(|outcome| outcome.clone())
    }
}

impl<T> Shared<T> {
    /// Locks the slot: for a moment, never across an await.
    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the next run start when it is dropped, however the task ends.
struct Running<T> {
    shared: Arc<Shared<T>>,
    number: u64,
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        let mut slot = self.shared.slot();
        if slot.number == self.number {
            slot.flight = None;
            self.shared.in_flight.store(false, Ordering::Relaxed);
        }
    }
}

impl<T> Clone for Flight<T> {
    fn clone(&self) -> Self {
        Self {
            number: self.number,
            outcome: self.outcome.clone(),
        }
    }
}

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self(Arc::new(Shared {
            slot: Mutex::new(Slot {
                number: 0,
                flight: None,
            }),
            in_flight: AtomicBool::new(false),
            started: Notify::new(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Semaphore;

    use super::*;

    /// Work that counts its runs and waits for a permit.
    #[derive(Clone)]
    struct Work {
        runs: Arc<AtomicUsize>,
        gate: Arc<Semaphore>,
    }

    impl Work {
        fn new(permits: usize) -> Work {
            Work {
                runs: Arc::default(),
                gate: Arc::new(Semaphore::new(permits)),
            }
        }

        fn start(&self) -> Option<impl Future<Output = usize> + Send + 'static> {
            let work = self.clone();
            Some(async move {
                let run = work.runs.fetch_add(1, Ordering::SeqCst) + 1;
                work.gate.acquire().await.unwrap().forget();
                run
            })
        }
    }

    #[tokio::test]
    async fn callers_that_come_together_share_one_run() {
        let (flights, work) = (SingleFlight::default(), Work::new(0));
        let waiting: Vec<_> = (0..10)
            .map(|_| flights.join_or_start(|| work.start()).unwrap())
            .collect();
        assert!(flights.in_flight());
        work.gate.add_permits(1);
        for flight in waiting {
            assert_eq!((flight.number(), flight.finished().await), (1, Some(1)));
        }
        assert!(!flights.in_flight());
    }

    #[tokio::test]
    async fn a_later_caller_gets_a_run_of_its_own() {
        let (flights, work) = (SingleFlight::default(), Work::new(2));
        for run in [1, 2] {
            let flight = flights.join_or_start(|| work.start()).unwrap();
            assert_eq!(flight.finished().await, Some(run));
        }
        assert_eq!(flights.latest(), 2);
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_does_not_cancel_the_run() {
        let (flights, work) = (SingleFlight::default(), Work::new(0));
        drop(flights.join_or_start(|| work.start()));
        let second = flights.join_or_start(|| work.start()).unwrap();
        work.gate.add_permits(1);
        assert_eq!(second.finished().await, Some(1));
    }

    #[tokio::test]
    async fn work_that_panics_or_declines_blocks_nothing() {
        let (flights, work) = (SingleFlight::default(), Work::new(1));
        let panics = || Some(async { panic!("a defect, on purpose") });
        assert_eq!(
            flights.join_or_start(panics).unwrap().finished().await,
            None
        );
        let declines = || None::<std::future::Ready<usize>>;
        assert!(flights.join_or_start(declines).is_none());
        let flight = flights.join_or_start(|| work.start()).unwrap();
        assert_eq!(flight.finished().await, Some(1));
    }

    #[test]
    fn a_run_that_ends_with_its_runtime_blocks_nothing() {
        let runtime = || tokio::runtime::Builder::new_current_thread().build();
        let (flights, work) = (SingleFlight::default(), Work::new(0));
        let first = runtime().unwrap();
        let flight = first.block_on(async { flights.join_or_start(|| work.start()).unwrap() });
        drop(first);
        work.gate.add_permits(1);
        runtime().unwrap().block_on(async {
            assert_eq!(flight.finished().await, None);
            let next = flights.join_or_start(|| work.start()).unwrap();
            assert!(next.finished().await.is_some());
        });
    }

    #[tokio::test]
    async fn started_waits_for_the_first_run() {
        let (flights, work) = (Arc::new(SingleFlight::default()), Work::new(1));
        let waiting = Arc::clone(&flights);
        let waiter = tokio::spawn(async move { waiting.started().await });
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        flights.join_or_start(|| work.start()).unwrap();
        waiter.await.unwrap();
    }

    #[test]
    fn outside_a_runtime_nothing_starts() {
        let (flights, work) = (SingleFlight::default(), Work::new(1));
        assert!(flights.join_or_start(|| work.start()).is_none());
    }
}
