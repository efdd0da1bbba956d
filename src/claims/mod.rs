//! What a token says: a read-only view of its claims, where their names live, and the lists in them.

mod list;
mod name;
mod reader;
#[cfg(test)]
mod tests;
mod text;
mod view;

pub(crate) use list::{Items, List, Names, present};
pub(crate) use name::ClaimName;
pub(crate) use reader::{Gathered, Plan, Registered};
pub(crate) use text::Text;
pub use view::Claims;
