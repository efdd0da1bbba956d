//! The time that verifications take, for the feature `metrics`; without it nothing is measured.

#[cfg(all(feature = "metrics", feature = "introspection"))]
pub(super) use measured::Timer;
#[cfg(feature = "metrics")]
pub(super) use measured::Timing;
#[cfg(all(not(feature = "metrics"), feature = "introspection"))]
pub(super) use unmeasured::Timer;
#[cfg(not(feature = "metrics"))]
pub(super) use unmeasured::Timing;

#[cfg(feature = "metrics")]
mod measured {
    use std::sync::OnceLock;
    use std::time::Instant;

    use ::metrics::{Histogram, histogram};

    /// The histograms `axioms_verify_seconds`.
    ///
    /// perf: kept, since each look-up costs as much as a cached token; a handle that is taken
    /// before the recorder is installed counts nothing, so `begin` takes them at liftoff.
    #[derive(Default)]
    pub(in super::super) struct Timing(OnceLock<Handles>);

    struct Handles {
        hit: Histogram,
        miss: Histogram,
    }

    /// The start of one verification.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Timer(Instant);

    impl Timing {
        pub(in super::super) fn begin(&self) {
            let handle = |path: &'static str| histogram!("axioms_verify_seconds", "path" => path);
            self.0.get_or_init(|| Handles {
                hit: handle("hit"),
                miss: handle("miss"),
            });
        }

        pub(in super::super) fn start(&self) -> Timer {
            Timer(Instant::now())
        }

        pub(in super::super) fn hit(&self, Timer(started): Timer) {
            if let Some(handles) = self.0.get() {
                handles.hit.record(started.elapsed());
            }
        }

        pub(in super::super) fn miss(&self, Timer(started): Timer) {
            if let Some(handles) = self.0.get() {
                handles.miss.record(started.elapsed());
            }
        }
    }
}

#[cfg(not(feature = "metrics"))]
mod unmeasured {
    #[derive(Default)]
    pub(in super::super) struct Timing;

    #[derive(Clone, Copy)]
    pub(in super::super) struct Timer;

    impl Timing {
        pub(in super::super) fn start(&self) -> Timer {
            Timer
        }

        pub(in super::super) fn hit(&self, _: Timer) {}

        pub(in super::super) fn miss(&self, _: Timer) {}
    }
}
