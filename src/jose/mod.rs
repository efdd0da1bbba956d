//! JSON Object Signing and Encryption: algorithms, the compact form, headers, keys, signatures.

mod algorithm;
mod compact;
mod header;
mod jwk;
pub(crate) mod signature;
mod skipped;

pub(crate) use algorithm::{Algorithm, Algorithms};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use compact::SIGNATURE;
pub(crate) use compact::{Compact, DecodeBuffers};
pub(crate) use header::{Header, Member};
pub(crate) use jwk::Key;
#[cfg(test)]
pub(crate) use skipped::SkipReason;
pub(crate) use skipped::{Skipped, warn_of};
