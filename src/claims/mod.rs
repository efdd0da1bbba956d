//! What a token says: where the names live, and the lists in them.

mod list;
mod name;
mod raw_token;
mod selector;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use list::{LazyItems, List, Names, first_present};
pub(crate) use name::{ClaimName, find_claim};
pub(crate) use raw_token::RawToken;
pub(crate) use selector::{ClaimSelector, Registered, SelectedClaims};
pub(crate) use text::Text;
