//! The attack table: what strangers send to get in, room by room, and what each is answered to the octet.
//!
//! Tokens are in `axioms_rocket::testing::hostile`, so that every application can be attacked with them; here is what is no
//! token: how it is carried, what is asked of it, where the keys come from and what they are. A good token is answered
//! 200 before and after each. Whatever any crate logs meanwhile, down to the last level, is searched for pieces of what was sent,
//! save for two lines of Rocket's (`ear`).

mod ear;
mod fetch;
mod field;
mod guards;
mod key_set;
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
    let rooms = [
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
    let sizes = rooms.each_ref().map(Vec::len);
    let names: Vec<String> = rooms.into_iter().flatten().collect();
    assert!(names.len() >= 300, "{sizes:?}");
    let mut seen = BTreeSet::new();
    let twice: Vec<&String> = names.iter().filter(|name| !seen.insert(*name)).collect();
    assert_eq!(twice, [""; 0], "{sizes:?}");
}
