//! A real server under rotations, outages and floods: no wrong answer, no growth of memory.
//!
//! In real time, with real concurrency and memory. The assertions count events; none compares
//! durations.

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
#[expect(dead_code, reason = "`tests/it` starts examples with it, too")]
mod program;
#[path = "../it/skip.rs"]
mod skip;
mod soak;

use tokio::sync::Mutex;

/// One test at a time: each is a load for the whole machine.
static TURN: Mutex<()> = Mutex::const_new(());
