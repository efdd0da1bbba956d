//! Signing keys: their algorithms, generations and origin.

mod algorithm;
mod keyring;
mod seed;
mod signing_key;

pub use algorithm::Alg;
pub(in crate::testing) use keyring::Keyring;
pub(in crate::testing) use seed::Seed;
pub(in crate::testing) use signing_key::{SigningKey, encode};
