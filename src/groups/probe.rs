//! The guards in a route's signature, as Rocket knows them.
//!
//! A route keeps the sentinels of its signature where only Rocket reads them. So a scratch launch
//! is made of one clone of the route, which manages a probe: its sentinels are asked, ours find the
//! probe and abort, and the error lists each of them with its type, file and line.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use log::LevelFilter;
use rocket::config::{Config, LogLevel};
use rocket::error::ErrorKind;
use rocket::figment::Figment;
use rocket::futures::FutureExt;
use rocket::sentinel::Sentry;
use rocket::{Build, Error, Ignite, Phase, Rocket, Route};
use tracing::subscriber::NoSubscriber;

use crate::request::{Declaration, Probe};

/// A type of the signature, and the guards that its sentinel asks: more than one if it is written
/// by hand.
pub(super) struct Found {
    pub(super) sentry: Sentry,
    pub(super) declarations: Vec<Declaration>,
}

/// The guards of one signature.
#[derive(Default)]
pub(super) struct Signature {
    pub(super) guards: Vec<Found>,
    pub(super) location: Option<(&'static str, u32)>,
    /// A sentinel panicked, or Rocket refused the scratch launch: there may be more guards.
    pub(super) is_incomplete: bool,
}

/// Asks the signatures of `routes`, without a log line; nothing within a scratch launch.
pub(super) fn signatures<'r, P: Phase>(
    rocket: &Rocket<P>,
    routes: impl Iterator<Item = &'r Route>,
) -> Vec<Signature> {
    if rocket.state::<Probe>().is_some() {
        return routes.map(|_| Signature::default()).collect();
    }
    let silence = Silence::begin();
    let ask = || {
        let scratch = Scratch::new(rocket, &silence);
        routes.map(|route| scratch.signature(route)).collect()
    };
    // The first subscriber of a process, also one for a while, ends the way of `tracing` to `log`.
    match tracing::dispatcher::has_been_set() {
        true => tracing::subscriber::with_default(NoSubscriber::new(), ask),
        false => ask(),
    }
}

struct Scratch<'s> {
    silence: &'s Silence,
    figment: Figment,
    /// A launch without routes, with which single sentinels are asked.
    asking: Option<Rocket<Ignite>>,
}

impl Scratch<'_> {
    fn new<'s, P: Phase>(rocket: &Rocket<P>, silence: &'s Silence) -> Scratch<'s> {
        // Each launch decides for the process whether Rocket's log is in colour.
        let cli_colors = rocket
            .figment()
            .extract_inner("cli_colors")
            .unwrap_or_else(|_| Config::debug_default().cli_colors);
        let config = Config {
            log_level: LogLevel::Off,
            cli_colors,
            ..Config::debug_default()
        };
        let mut scratch = Scratch {
            silence,
            figment: Figment::from(config),
            asking: None,
        };
        scratch.asking = scratch
            .ignite(scratch.build(Probe::asking()))
            .and_then(Result::ok);
        scratch
    }

    fn build(&self, probe: Probe) -> Rocket<Build> {
        self.silence
            .keep(|| rocket::custom(self.figment.clone()).manage(probe))
    }

    /// Returns the outcome of the launch; `None` if it panicked. It does no I/O, and so is ready at
    /// once.
    fn ignite(&self, rocket: Rocket<Build>) -> Option<Result<Rocket<Ignite>, Error>> {
        let ignite = AssertUnwindSafe(|| rocket.ignite().now_or_never());
        self.silence.keep(|| catch_unwind(ignite).ok().flatten())
    }

    fn signature(&self, route: &Route) -> Signature {
        let rocket = self.build(Probe::aborting()).mount("/", [route.clone()]);
        let sentries = match self.ignite(rocket) {
            Some(Ok(_)) => Vec::new(),
            Some(Err(error)) => match error.kind() {
                ErrorKind::SentinelAborts(sentries) => sentries.clone(),
                _ => return Signature::incomplete(),
            },
            None => return Signature::incomplete(),
        };
        let mut signature = Signature {
            location: sentries.first().map(|sentry| {
                let (file, line, _) = sentry.location;
                (file, line)
            }),
            ..Signature::default()
        };
        for sentry in sentries {
            match self.declarations(&sentry) {
                Some(declarations) if declarations.is_empty() => {}
                Some(declarations) => signature.guards.push(Found {
                    sentry,
                    declarations,
                }),
                None => signature.is_incomplete = true,
            }
        }
        signature
    }

    /// Returns the declarations of the guards that `sentry` asks; `None` if it panics.
    fn declarations(&self, sentry: &Sentry) -> Option<Vec<Declaration>> {
        let rocket = self.asking.as_ref()?;
        let asked = catch_unwind(AssertUnwindSafe(|| (sentry.abort)(rocket)));
        let declarations = rocket.state::<Probe>()?.take();
        asked.ok().map(|_| declarations)
    }
}

impl Signature {
    fn incomplete() -> Signature {
        Signature {
            is_incomplete: true,
            ..Signature::default()
        }
    }
}

/// One report at a time: each of its launches sets the level of the `log` crate for the whole
/// process, as all of Rocket's do.
static PROBING: Mutex<()> = Mutex::new(());

/// Silences the `log` crate, and restores its level in the end, also after a panic.
struct Silence {
    before: Cell<LevelFilter>,
    _alone: MutexGuard<'static, ()>,
}

impl Silence {
    fn begin() -> Silence {
        let alone = PROBING.lock().unwrap_or_else(PoisonError::into_inner);
        let before = Cell::new(log::max_level());
        log::set_max_level(LevelFilter::Off);
        Silence {
            before,
            _alone: alone,
        }
    }

    /// Does `work`, which sets the level, and silences again.
    fn keep<T>(&self, work: impl FnOnce() -> T) -> T {
        // A launch of another thread may have set the level: then it is the one to restore.
        if log::max_level() != LevelFilter::Off {
            self.before.set(log::max_level());
        }
        let done = work();
        log::set_max_level(LevelFilter::Off);
        done
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        if log::max_level() == LevelFilter::Off {
            log::set_max_level(self.before.get());
        }
    }
}
