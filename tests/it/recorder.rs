//! Records the log lines of a test, on its own thread.
//!
//! One subscriber for all tests, which writes into the record of the current thread. A subscriber
//! per thread misses lines of call sites that another thread reached first.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use rocket::local::blocking::Client;
use rocket::{Build, Rocket};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;

thread_local! {
    static RECORD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// The outcome of `work` and every line that it logged at any level, as `LEVEL target: message`.
///
/// Lines of other threads are not in it: use a runtime of the current thread where that matters.
pub fn record<T>(work: impl FnOnce() -> T) -> (T, Log) {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .without_time()
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(|| Recorder)
            .finish();
        tracing::subscriber::set_global_default(subscriber)
            .expect("the only subscriber of the tests");
    });
    RECORD.set(Some(Vec::new()));
    let outcome = work();
    let text =
        String::from_utf8(RECORD.take().expect("records are not nested")).expect("lines are text");
    (outcome, Log(text))
}

/// A writer into the record of the current thread.
pub struct Recorder;

impl Write for Recorder {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // Not while the thread ends, and not while a record is read.
        let _ = RECORD.try_with(|record| {
            if let Ok(mut record) = record.try_borrow_mut()
                && let Some(record) = record.as_mut()
            {
                record.extend_from_slice(line);
            }
        });
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The recorded lines.
#[derive(Debug)]
pub struct Log(pub String);

impl Log {
    /// The crate's own lines of INFO and above that hold `part`, from their level on.
    pub fn lines(&self, part: &str) -> Vec<&str> {
        let own = |line: &&str| line.contains(" axioms_rocket::") && line.contains(part);
        let loud = |line: &&str| {
            ["ERROR", "WARN", "INFO"]
                .iter()
                .any(|level| line.starts_with(level))
        };
        self.0
            .lines()
            .map(str::trim_start)
            .filter(loud)
            .filter(own)
            .collect()
    }

    /// The one line that holds `part`: its level, and its message.
    #[track_caller]
    pub fn line(&self, part: &str) -> (&str, &str) {
        match self.lines(part).as_slice() {
            [line] => {
                let (level, rest) = line.split_once(' ').expect("a line has a level");
                (level, rest.split_once(": ").expect("a line has a target").1)
            }
            lines => panic!("not one line with {part:?}, but {lines:?}, in:\n{}", self.0),
        }
    }
}

/// Launches `rocket`; returns the client or the error, and the log.
pub fn launch(rocket: Rocket<Build>) -> (Result<Client, Box<rocket::Error>>, Log) {
    record(|| Client::untracked(rocket).map_err(Box::new))
}
