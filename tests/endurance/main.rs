//! Real servers under load and faults, for seconds or, on request, for minutes.
//!
//! Real time, for real concurrency and memory. Assertions are about counts, never about durations.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod application;
mod chaos;
#[path = "../it/program.rs"]
#[expect(dead_code, reason = "`tests/it` uses the rest")]
mod program;
#[path = "../it/skip.rs"]
mod skip;
mod soak;

use tokio::sync::Mutex;

/// Serializes the tests: each needs the whole machine.
static SERIAL: Mutex<()> = Mutex::const_new(());
