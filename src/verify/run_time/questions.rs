//! The questions to a source: one at a time for each `iss`, and few at a time in all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Answer, Change, RunTimeIssuers};
use crate::base::redact::one_line;
use crate::base::single_flight::{Flight, SingleFlight};

/// Questions at a time about issuers that are not known.
const NEW: usize = 12;

/// Questions at a time about known issuers, apart from the others: made-up issuers do not delay
/// them.
const RENEWALS: usize = 4;

/// Unknown issuers that wait for their question. More are answered 503 at once.
const WAITING: usize = 1024;

type Asked = Arc<SingleFlight<Answer>>;

/// The questions that are asked, or wait.
pub(super) struct Questions {
    asked: Mutex<HashMap<Box<str>, Asked>>,
    new: Semaphore,
    renewals: Semaphore,
    timeout: Duration,
}

impl Questions {
    pub(super) fn new(timeout: Duration) -> Questions {
        Questions {
            asked: Mutex::default(),
            new: Semaphore::new(NEW),
            renewals: Semaphore::new(RENEWALS),
            timeout,
        }
    }

    /// Runs `change` and makes the answer void that is on its way.
    pub(super) fn supersede<T>(&self, iss: &str, change: impl FnOnce() -> T) -> T {
        let mut asked = self.asked();
        asked.remove(iss);
        change()
    }

    /// Runs `change`, which no answer interrupts.
    pub(super) fn change(&self, change: impl FnOnce()) {
        let _asked = self.asked();
        change();
    }

    /// Locks for a moment, never across an await.
    fn asked(&self) -> MutexGuard<'_, HashMap<Box<str>, Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RunTimeIssuers {
    /// Returns the question about `iss` that is asked, or asks it; `None` if too many wait.
    pub(super) fn question(self: &Arc<Self>, iss: &str) -> Option<Flight<Answer>> {
        let is_known = self.known.get(iss).is_some();
        let mut asked = self.questions.asked();
        let question = match asked.get(iss) {
            Some(question) => Arc::clone(question),
            None if asked.len() >= WAITING && !is_known => return None,
            None => Asked::default(),
        };
        let flight = question.join_or_start(|| {
            let entry = Entry {
                issuers: Arc::clone(self),
                iss: iss.into(),
                question: Arc::clone(&question),
                has_begun: false,
            };
            Some(entry.run(is_known))
        })?;
        asked.entry(iss.into()).or_insert(question);
        Some(flight)
    }
}

/// A question in the table. It leaves the table however its task ends.
struct Entry {
    issuers: Arc<RunTimeIssuers>,
    iss: Box<str>,
    question: Asked,
    /// A runtime that ends may drop the question unasked, under the lock of the table.
    has_begun: bool,
}

impl Entry {
    async fn run(mut self, is_known: bool) -> Answer {
        self.has_begun = true;
        let issuers = &self.issuers;
        let turns = if is_known {
            &issuers.questions.renewals
        } else {
            &issuers.questions.new
        };
        let asked = timeout(issuers.questions.timeout, async {
            let _turn = turns.acquire().await;
            issuers.source.ask(&self.iss).await
        });
        let answer = match asked.await {
            Ok(Ok(answer)) => {
                let change = issuers.prepare(&self.iss, answer);
                // Before the lock: the application's subscriber may ask anything.
                if let Change::Refuse(_, reason) = &change {
                    issuers.log_failure(&self.iss, reason);
                }
                // Under the lock, so that `forget` comes before or after.
                let asked = issuers.questions.asked();
                let is_current = asked
                    .get(&self.iss)
                    .is_some_and(|current| Arc::ptr_eq(current, &self.question));
                if is_current {
                    issuers.apply(&self.iss, change)
                } else {
                    Answer::Superseded
                }
            }
            Ok(Err(error)) => {
                issuers.log_failure(&self.iss, &one_line(&error.to_string()));
                Answer::Failed
            }
            Err(_) => {
                issuers.log_failure(&self.iss, "no answer within http_timeout");
                Answer::Failed
            }
        };
        issuers.count(&answer);
        answer
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.has_begun {
            return;
        }
        if std::thread::panicking() {
            self.issuers.log_failure(&self.iss, "it panicked");
            self.issuers.count(&Answer::Failed);
        }
        let mut asked = self.issuers.questions.asked();
        if asked
            .get(&self.iss)
            .is_some_and(|current| Arc::ptr_eq(current, &self.question))
        {
            asked.remove(&self.iss);
        }
    }
}
