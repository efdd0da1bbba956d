//! The queue between requests and the sink: bounded, with a thread of its own, so that a sink that
//! blocks or panics delays no request.

use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::DecisionEvent;

/// The number of events that wait at most. As many again may be with the sink's thread.
const CAPACITY: usize = 2048;

/// How long events are collected before the thread takes them.
///
/// perf: waking the thread for each event costs more than the rest of the audit,
/// benches/audit.rs
const COLLECT: Duration = Duration::from_millis(20);

/// How long the end of the application waits for the sink.
const FLUSH: Duration = Duration::from_secs(5);

/// The function that gets the events.
pub(crate) type Sink = Box<dyn FnMut(&DecisionEvent) + Send>;

/// The events on their way to the sink.
pub(crate) struct Audit {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Wakes the sink's thread.
    filled: Condvar,
    /// Wakes callers of `flush`.
    idle: Condvar,
    delivered: AtomicU64,
    panics: AtomicU64,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<DecisionEvent>,
    /// The number of events that were ever in `events`.
    sent: u64,
    dropped: u64,
    /// Callers of `flush`: nothing is collected while there are any.
    flushing: usize,
    /// The sink did not return within [`FLUSH`]: it is not waited for again.
    stuck: bool,
    closed: bool,
    /// The sink's thread has ended.
    ended: bool,
}

impl Audit {
    /// Starts the thread of `sink`.
    ///
    /// # Errors
    ///
    /// The system refuses a thread.
    pub(crate) fn start(sink: Sink) -> std::io::Result<Arc<Audit>> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        thread::Builder::new()
            .name("axioms-audit".into())
            .spawn(move || of_thread.deliver(sink))?;
        Ok(Arc::new(Audit { shared }))
    }

    /// Hands `event` to the sink's thread. Never waits for the sink; without room the event is
    /// dropped and counted.
    pub(crate) fn send(&self, event: DecisionEvent) {
        let mut queue = self.shared.lock();
        let waiting = queue.events.len();
        if waiting >= CAPACITY {
            queue.dropped += 1;
            return;
        }
        queue.events.push_back(event);
        queue.sent += 1;
        drop(queue);
        if waiting == 0 || waiting + 1 == CAPACITY / 2 {
            self.shared.filled.notify_one();
        }
    }

    /// Waits until the sink returned from every event that was sent before, at most [`FLUSH`].
    pub(crate) async fn flush(self: &Arc<Self>) {
        let audit = Arc::clone(self);
        // It fails if the runtime ends; then dropping waits.
        let _ = tokio::task::spawn_blocking(move || audit.shared.flush(false)).await;
    }

    pub(crate) fn status(&self) -> AuditStatus {
        let queue = self.shared.lock();
        let delivered = self.shared.delivered.load(Ordering::Relaxed);
        AuditStatus {
            delivered,
            waiting: queue.sent.saturating_sub(delivered),
            dropped: queue.dropped,
            panics: self.shared.panics.load(Ordering::Relaxed),
        }
    }
}

/// The end of the application; a local client has no other.
impl Drop for Audit {
    fn drop(&mut self) {
        self.shared.flush(true);
        let AuditStatus {
            waiting, dropped, ..
        } = self.status();
        if waiting + dropped > 0 {
            tracing::error!(
                "axioms: the sink of on_decision was too slow: it did not get {} decisions",
                waiting + dropped
            );
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_idle(&self, queue: &Queue) -> bool {
        queue.sent == self.delivered.load(Ordering::Relaxed)
    }

    /// Waits until the sink has everything; with `close`, until it was dropped, too. A file that it
    /// writes to is complete then.
    fn flush(&self, close: bool) {
        let mut queue = self.lock();
        if queue.stuck {
            return;
        }
        queue.closed |= close;
        queue.flushing += 1;
        self.filled.notify_one();
        let is_busy = |queue: &mut Queue| !(queue.ended || !close && self.is_idle(queue));
        let (mut queue, timeout) = self
            .idle
            .wait_timeout_while(queue, FLUSH, is_busy)
            .unwrap_or_else(PoisonError::into_inner);
        queue.flushing -= 1;
        queue.stuck |= timeout.timed_out();
    }

    /// The sink's thread: until the queue is closed and empty.
    fn deliver(&self, mut sink: Sink) {
        let mut batch = VecDeque::new();
        while self.take(&mut batch) {
            for event in batch.drain(..) {
                let outcome = catch_unwind(AssertUnwindSafe(|| sink(&event)));
                drop(event);
                if outcome.is_err() && self.panics.fetch_add(1, Ordering::Relaxed) == 0 {
                    tracing::error!(
                        "axioms: the sink of on_decision panicked; it gets further decisions"
                    );
                }
                self.delivered.fetch_add(1, Ordering::Relaxed);
            }
        }
        // It may panic, too.
        let _ = catch_unwind(AssertUnwindSafe(move || drop(sink)));
        self.lock().ended = true;
        self.idle.notify_all();
    }

    /// Waits for events and takes them all. Returns false at the end.
    fn take(&self, batch: &mut VecDeque<DecisionEvent>) -> bool {
        let mut queue = self.lock();
        if self.is_idle(&queue) {
            self.idle.notify_all();
        }
        while queue.events.is_empty() && !queue.closed {
            queue = self
                .filled
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let collects = |queue: &mut Queue| {
            queue.events.len() < CAPACITY / 2 && queue.flushing == 0 && !queue.closed
        };
        let (mut queue, _) = self
            .filled
            .wait_timeout_while(queue, COLLECT, collects)
            .unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut queue.events, batch);
        !batch.is_empty()
    }
}

/// The figures of the audit since the launch, in an [`AxiomsStatus`](crate::AxiomsStatus).
///
/// ```
/// # use axioms_rocket::AuditStatus;
/// fn is_complete(audit: &AuditStatus) -> bool {
///     audit.dropped() == 0 && audit.panics() == 0
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct AuditStatus {
    delivered: u64,
    waiting: u64,
    dropped: u64,
    panics: u64,
}

impl AuditStatus {
    /// Returns the number of events that the sink got.
    ///
    /// ```
    /// # use axioms_rocket::AuditStatus;
    /// fn total(audit: &AuditStatus) -> u64 {
    ///     audit.delivered() + audit.dropped()
    /// }
    /// ```
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Returns the number of events that the sink did not get yet, at most 4096.
    ///
    /// ```
    /// # use axioms_rocket::AuditStatus;
    /// fn lags(audit: &AuditStatus) -> bool {
    ///     audit.waiting() > 1000
    /// }
    /// ```
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Returns the number of events that the sink never gets, because it was too slow for them.
    ///
    /// ```
    /// # use axioms_rocket::AuditStatus;
    /// fn is_too_slow(audit: &AuditStatus) -> bool {
    ///     audit.dropped() > 0
    /// }
    /// ```
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Returns the number of events at which the sink panicked.
    ///
    /// ```
    /// # use axioms_rocket::AuditStatus;
    /// fn is_faulty(audit: &AuditStatus) -> bool {
    ///     audit.panics() > 0
    /// }
    /// ```
    pub fn panics(&self) -> u64 {
        self.panics
    }
}
