//! The claims of a token: names and paths, lists and their shapes, compact storage.

mod list;
mod name;
mod raw_token;
mod selector;
mod shape;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use list::{LazyItems, List, Names, first_present};
pub(crate) use name::{ClaimName, find_claim, find_member};
pub(crate) use raw_token::RawToken;
pub(crate) use selector::{ClaimSelector, Registered, SelectedClaims};
pub use shape::ClaimShape;
pub(crate) use text::Text;
