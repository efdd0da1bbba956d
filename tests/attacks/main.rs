//! The attack table: what strangers send to get in, room by room, and what each is answered to the octet.
//!
//! Tokens are in `axioms_rocket::testing::hostile`, so that every application can be attacked with them; here is what is no
//! token: how it is carried, what is asked of it, where the keys come from and what they are. A good token is answered
//! 200 before and after each. Whatever is logged meanwhile, down to the last level, is searched for pieces of what was sent.

mod fetch;
mod field;
mod guards;
mod key_set;
mod names;
mod order;
#[allow(dead_code, reason = "shared with the other tests")]
#[path = "../it/recorder.rs"]
mod recorder;
mod signature;
#[allow(dead_code, reason = "shared with the other tests")]
#[path = "../it/support.rs"]
mod support;
mod tokens;
mod transport;
