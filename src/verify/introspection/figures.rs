//! The figures of one issuer's introspection.

use std::sync::atomic::{AtomicU64, Ordering};

/// The answers since the launch.
#[derive(Default)]
pub(super) struct Counters {
    active: AtomicU64,
    inactive: AtomicU64,
    failed: AtomicU64,
}

/// The figures at one moment. The remembered answers are those of all issuers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct IntrospectionFigures {
    pub(crate) active: u64,
    pub(crate) inactive: u64,
    pub(crate) failed: u64,
    pub(crate) in_flight: usize,
    pub(crate) remembered: usize,
    pub(crate) remembered_inactive: usize,
}

impl Counters {
    pub(super) fn active(&self) {
        self.active.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn inactive(&self) {
        self.inactive.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn figures(&self) -> IntrospectionFigures {
        IntrospectionFigures {
            active: self.active.load(Ordering::Relaxed),
            inactive: self.inactive.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            ..IntrospectionFigures::default()
        }
    }
}
