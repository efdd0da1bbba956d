//! JSON Object Signing and Encryption: algorithms, the compact form, headers, keys, signatures.

mod algorithm;
mod compact;
mod header;
mod jwk;
mod key_type;
#[cfg(any(feature = "testing", feature = "introspection"))]
mod sign_rsa;
pub(crate) mod signature;
#[cfg(feature = "testing")]
mod signing;
#[cfg(feature = "introspection")]
mod signing_key;
mod skipped;
#[cfg(test)]
pub(crate) mod tests;

#[cfg(feature = "testing")]
pub(crate) use algorithm::algorithms;
pub(crate) use algorithm::{Algorithm, Algorithms};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use compact::SIGNATURE;
pub(crate) use compact::{Compact, DecodeBuffers};
pub(crate) use header::{Header, Member};
pub(crate) use jwk::{Key, KeyUse};
#[cfg(any(test, feature = "testing", feature = "introspection"))]
pub(crate) use key_type::Curve;
#[cfg(any(feature = "testing", feature = "introspection"))]
pub(crate) use key_type::KeyType;
#[cfg(feature = "testing")]
pub(crate) use signing::SigningPair;
#[cfg(feature = "introspection")]
pub(crate) use signing_key::SigningKey;
#[cfg(test)]
pub(crate) use skipped::SkipReason;
pub(crate) use skipped::{Skipped, warn_of};
