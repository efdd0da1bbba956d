//! One attempt at a time, in its own task: whoever wants keys joins the attempt that is under way or starts one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use super::error::KeyringError;
use super::keyring::Keyring;
use super::landing::Sought;
use super::schedule::Age;
use crate::issuer::Errand;
use crate::jose::Algorithm;

/// Why keys are wanted, which decides whether an attempt is warranted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cause<'a> {
    /// Launch: without conditions.
    Launch,
    /// The set is missing, due or expired.
    Age,
    /// A token names a key that is not in the set.
    Kid(Option<&'a str>, Algorithm),
}

pub(super) type Outcome = Result<(), KeyringError>;

/// An attempt that is under way.
#[derive(Clone)]
pub(super) struct Flight {
    /// Attempts are counted from 1: of two, the higher number began later.
    pub(super) number: u64,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Flight {
    /// Waits until what the attempt brought, if anything, is in place.
    pub(super) async fn landed(mut self) -> Outcome {
        match self.outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Err(KeyringError::BrokenOff)),
            // The task ended without a word.
            Err(_) => Err(KeyringError::BrokenOff),
        }
    }
}

/// The attempts of one keyring.
#[derive(Default)]
pub(super) struct Flights {
    slot: Mutex<Slot>,
    /// A hint that spares readers the lock.
    aloft: AtomicBool,
    begun: Notify,
}

#[derive(Default)]
struct Slot {
    /// The number of the last attempt.
    number: u64,
    aloft: Option<Flight>,
}

impl Flights {
    /// Whether an attempt is under way, without a lock; it may just have ended or begun.
    pub(super) fn any_aloft(&self) -> bool {
        self.aloft.load(Ordering::Relaxed)
    }

    /// The number of the last attempt that began.
    pub(super) fn last(&self) -> u64 {
        self.slot().number
    }

    /// Waits until an attempt has begun, however long ago. For one at a time.
    pub(super) async fn begun(&self) {
        while self.last() == 0 {
            self.begun.notified().await;
        }
    }

    /// Held for a moment only, never across an await.
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn depart(&self, slot: &mut Slot) -> (Flight, watch::Sender<Option<Outcome>>) {
        let (sender, outcome) = watch::channel(None);
        slot.number += 1;
        let flight = Flight {
            number: slot.number,
            outcome,
        };
        slot.aloft = Some(flight.clone());
        self.aloft.store(true, Ordering::Relaxed);
        self.begun.notify_one();
        (flight, sender)
    }

    fn clear(&self, number: u64) {
        let mut slot = self.slot();
        if slot.number == number {
            slot.aloft = None;
            self.aloft.store(false, Ordering::Relaxed);
        }
    }
}

impl Keyring {
    /// The attempt that is under way, or a new one if `cause` warrants it.
    ///
    /// `None`: it does not (any more), or there is no network or no runtime to start it on.
    pub(super) fn fly(self: &Arc<Self>, cause: Cause<'_>) -> Option<Flight> {
        self.source.as_ref()?;
        let runtime = Handle::try_current().ok()?;
        let mut slot = self.flights.slot();
        if let Some(flight) = &slot.aloft {
            return Some(flight.clone());
        }
        // Under the lock, for an attempt may have landed since the caller looked.
        let started = self.clock.now();
        if !self.warrants(cause, started) {
            return None;
        }
        let (flight, outcome) = self.flights.depart(&mut slot);
        drop(slot);
        let sought = match cause {
            Cause::Kid(kid, algorithm) => Some(Sought {
                kid: kid.map(Box::from),
                algorithm,
            }),
            Cause::Launch | Cause::Age => None,
        };
        let attempt = Attempt {
            keyring: Arc::clone(self),
            number: flight.number,
            started,
            sought,
            outcome,
            landed: false,
        };
        runtime.spawn(attempt.run());
        Some(flight)
    }

    fn warrants(&self, cause: Cause<'_>, now: Duration) -> bool {
        match cause {
            Cause::Launch => true,
            Cause::Age => {
                self.current.load().lifetime.age(now) != Age::Fresh && !self.backs_off(now)
            }
            Cause::Kid(kid, algorithm) => {
                !self.is_cooling(now) && self.with_kid(kid, algorithm).is_none()
            }
        }
    }
}

/// The attempt itself. Whatever becomes of its task, dropping it lets the next one start.
struct Attempt {
    keyring: Arc<Keyring>,
    number: u64,
    started: Duration,
    sought: Option<Sought>,
    outcome: watch::Sender<Option<Outcome>>,
    landed: bool,
}

impl Attempt {
    async fn run(mut self) {
        let errand = if self.sought.is_some() {
            Errand::Key
        } else {
            Errand::Refresh
        };
        let result = self.keyring.fetch(errand, self.started).await;
        let outcome = self
            .keyring
            .land(result, self.started, self.sought.as_ref());
        self.landed = true;
        // Before anyone wakes up: who is not satisfied must not join this one again.
        self.keyring.flights.clear(self.number);
        self.outcome.send_replace(Some(outcome));
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        // A panic is a failure like any other, or each request would cause the next one. A task that ended with its
        // runtime says nothing about the issuer.
        if std::thread::panicking() {
            let _ = self.keyring.land(
                Err(KeyringError::BrokenOff),
                self.started,
                self.sought.as_ref(),
            );
        }
        self.keyring.flights.clear(self.number);
    }
}
