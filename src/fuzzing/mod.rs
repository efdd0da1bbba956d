//! The properties that the fuzz targets check: functions of bytes that panic if a property fails.
//!
//! `fuzz/` calls them with libFuzzer, `tests.rs` on any compiler. Each compares the result of the
//! crate with that of a naive reference implementation, which shares no code with it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a property fails"
)]

mod base64url;
mod challenge;
mod claim_path;
mod claims;
mod compact;
mod configuration;
mod header;
#[cfg(feature = "introspection")]
mod introspection;
mod json;
mod key_set;
mod metadata;
#[cfg(test)]
mod tests;
mod verifier;

pub use challenge::challenge;
pub use claim_path::claim_path;
pub use claims::claims;
pub use compact::compact;
pub use configuration::configuration;
pub use header::header;
#[cfg(feature = "introspection")]
pub use introspection::introspection;
pub use key_set::key_set;
pub use metadata::metadata;
pub use verifier::verifier;

/// Checks that `text` can be a log line: no control characters, bounded length.
fn assert_printable(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() < 16 * 1024, "{} bytes", text.len());
}
