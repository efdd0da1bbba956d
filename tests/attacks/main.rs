//! The attack table: hostile requests by topic, each with the exact answer it gets.
//!
//! The tokens are those of `axioms_rocket::testing::hostile`, with which applications test
//! themselves. The cases here vary the rest: the header that carries a token, the guard that it
//! meets, the origin of the keys and the keys themselves. A good token is answered 200 before and
//! after each case. Every line that any crate logs meanwhile is searched for parts of the tokens,
//! except two lines that Rocket writes (`log_capture`).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod fetch;
mod guards;
mod harness;
mod key_set;
mod log_capture;
mod names;
mod order;
mod paths;
#[allow(dead_code, reason = "shared with the other tests")]
#[path = "../it/recorder.rs"]
mod recorder;
mod secrets;
mod signature;
#[allow(dead_code, reason = "shared with the other tests")]
#[path = "../it/support.rs"]
mod support;
mod tokens;
mod transport;

use std::collections::BTreeSet;

#[test]
fn there_are_more_than_three_hundred_attacks_and_no_two_of_one_name() {
    let topics = [
        tokens::names(),
        signature::names(),
        order::names(),
        names::names(),
        guards::names(),
        transport::names(),
        paths::names(),
        key_set::names(),
        fetch::names(),
    ];
    let sizes = topics.each_ref().map(Vec::len);
    let names: Vec<String> = topics.into_iter().flatten().collect();
    assert!(names.len() >= 300, "{sizes:?}");
    let mut seen = BTreeSet::new();
    let twice: Vec<&String> = names.iter().filter(|name| !seen.insert(*name)).collect();
    assert_eq!(twice, [""; 0], "{sizes:?}");
}
