//! The keys of an issuer: the set, the choice of a key, and its life over time.

mod error;
mod keyring;
mod refresh;
mod schedule;
mod set;
mod source;
mod state;
mod update;
mod waiting;

#[cfg(test)]
mod tests;

pub(crate) use keyring::{Keyring, name_of};
pub(crate) use set::{Choice, KeySet};
pub(crate) use state::KeyStatus;
pub(crate) use update::WantedKey;
