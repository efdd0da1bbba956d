//! What the fuzz targets assert: each body is a function of octets that panics when a property does not hold.
//!
//! `fuzz/` calls them with libFuzzer, the module's own tests on any compiler. Every body compares what the crate makes of its
//! input with a slow reading of the same input that shares no code with it.

mod base64url;
mod challenge;
mod claim_path;
mod claims;
mod compact;
mod configuration;
mod header;
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
pub use key_set::key_set;
pub use metadata::metadata;
pub use verifier::verifier;

/// Text that stands in a log line: one line, and not endless.
fn assert_printable(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() < 16 * 1024, "{} octets", text.len());
}
