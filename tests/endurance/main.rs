//! A real server on bad days, for as long as one likes.
//!
//! Real time, because it is about real concurrency and real memory; what decides is counted, never timed.

mod application;
mod chaos;
#[path = "../it/program.rs"]
#[expect(dead_code, reason = "`tests/it` starts examples with it, too")]
mod program;
mod soak;

use tokio::sync::Mutex;

/// One test at a time: each is a load for the whole machine.
static TURN: Mutex<()> = Mutex::const_new(());
