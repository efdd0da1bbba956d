//! One run of a piece of work at a time for each key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::single_flight::{Flight, SingleFlight};

/// Runs in flight, by a text. A text without a run in flight takes no memory.
pub(crate) struct Flights<T>(Arc<Runs<T>>);

type Runs<T> = Mutex<HashMap<Box<str>, Arc<SingleFlight<T>>>>;

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// Returns the run in flight of `key`, or starts the work that `start` returns.
    ///
    /// `start` must look once more for what an earlier run left: that run may just have ended.
    /// `None` if it declines, or outside a runtime.
    pub(crate) fn join_or_start<W>(
        &self,
        key: &str,
        start: impl FnOnce() -> Option<W>,
    ) -> Option<Flight<T>>
    where
        W: Future<Output = T> + Send + 'static,
    {
        let run = Arc::clone(lock(&self.0).entry(key.into()).or_default());
        let end = || End {
            runs: Arc::clone(&self.0),
            run: Arc::clone(&run),
            key: key.into(),
        };
        let flight = run.join_or_start(|| {
            let (work, end) = (start()?, end());
            Some(async move {
                let _end = end;
                work.await
            })
        });
        if flight.is_none() {
            drop(end());
        }
        flight
    }

    /// Returns the number of runs in flight.
    pub(crate) fn len(&self) -> usize {
        lock(&self.0).len()
    }
}
/// Removes a run when it is dropped, however its task ends.
struct End<T> {
    runs: Arc<Runs<T>>,
    run: Arc<SingleFlight<T>>,
    key: Box<str>,
}

impl<T> Drop for End<T> {
    fn drop(&mut self) {
        let mut runs = lock(&self.runs);
        // Not a later one of the same key.
        if runs
            .get(&self.key)
            .is_some_and(|run| Arc::ptr_eq(run, &self.run))
        {
            runs.remove(&self.key);
        }
    }
}

/// Locks for a moment, never across an await.
fn lock<T>(runs: &Runs<T>) -> MutexGuard<'_, HashMap<Box<str>, Arc<SingleFlight<T>>>> {
    runs.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(HashMap::new())))
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn each_key_has_one_run_and_leaves_nothing() {
        let (flights, gate) = (Flights::default(), Arc::new(Semaphore::new(0)));
        let start = |key: &str| {
            let gate = Arc::clone(&gate);
            let work = async move {
                gate.acquire().await.unwrap().forget();
                1
            };
            flights.join_or_start(key, || Some(work)).unwrap()
        };
        let waiting = [start("a"), start("a"), start("b")];
        assert_eq!(flights.len(), 2);
        gate.add_permits(2);
        for flight in waiting {
            assert_eq!(flight.finished().await, Some(1));
        }
        assert_eq!(flights.len(), 0);
    }

    #[tokio::test]
    async fn work_that_declines_or_panics_leaves_nothing() {
        let flights = Flights::default();
        let declines = || None::<std::future::Ready<u8>>;
        assert!(flights.join_or_start("a", declines).is_none());
        assert_eq!(flights.len(), 0);
        let panics = || Some(async { panic!("a defect, on purpose") });
        let flight = flights.join_or_start("a", panics).unwrap();
        assert_eq!(flight.finished().await, None);
        assert_eq!(flights.len(), 0);
        let flight = flights.join_or_start("a", || Some(ready(7))).unwrap();
        assert_eq!(flight.finished().await, Some(7));
    }

    #[test]
    fn outside_a_runtime_nothing_starts_or_stays() {
        let flights = Flights::default();
        assert!(flights.join_or_start("a", || Some(ready(7))).is_none());
        assert_eq!(flights.len(), 0);
    }
}
