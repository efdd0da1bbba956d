//! Test vectors of third parties, sent to an application over HTTP; README.md lists their origins.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod jose;
#[allow(dead_code, reason = "its other reader looks at more of it")]
#[path = "../../src/issuer/keys/tests/jose/file.rs"]
mod jose_file;
mod json;
mod keys;
mod rfc;
mod signatures;
mod support;
#[allow(dead_code, reason = "its other reader looks at more of it")]
#[path = "../../src/jose/tests/wycheproof/file.rs"]
mod wycheproof;
