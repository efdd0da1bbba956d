//! The keys of an issuer: the set, choosing from it, and its life over time.

mod error;
mod flight;
mod key;
mod keyring;
mod landing;
mod refresh;
mod schedule;
mod set;
mod skipped;
mod source;
mod waiting;

#[cfg(test)]
mod tests;

pub(crate) use error::{KeySetError, KeyringError, Unavailable};
pub(crate) use key::Key;
pub(crate) use keyring::{Keyring, Loaded, Snapshot};
pub(crate) use set::{Candidates, Choice, KeySet};
pub(crate) use skipped::{SkipReason, Skipped};
