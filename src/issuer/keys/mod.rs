//! The keys of an issuer: the set, choosing from it, and its life over time.

mod error;
mod flight;
mod keyring;
mod landing;
mod refresh;
mod schedule;
mod set;
mod source;
mod waiting;

#[cfg(test)]
mod tests;

pub(crate) use keyring::{Keyring, name_of};
pub(crate) use set::{Choice, KeySet};
