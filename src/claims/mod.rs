//! What a token says: where the names live, and the lists in them.

mod list;
mod name;
mod reader;
mod source;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use list::{Items, List, Names, present};
pub(crate) use name::ClaimName;
pub(crate) use reader::{Gathered, Plan, Registered};
pub(crate) use source::Source;
pub(crate) use text::Text;
