//! Rules for more than one route: groups, the whole application, and the report of both.

mod deny_by_default;
mod probe;
mod protect;
mod registry;
mod report;

pub(crate) use deny_by_default::{EVERYWHERE_RANK, Everywhere};
pub(crate) use protect::ask;
pub use protect::protect;
pub(crate) use registry::named_issuers;
pub(crate) use report::index_of;
