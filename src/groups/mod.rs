//! Rules for more than one route: groups, the whole application, and the report of both.

mod deny_by_default;
mod probe;
mod protect;
mod registry;
mod report;
mod unguarded;

pub(crate) use deny_by_default::{EVERYWHERE_RANK, Everywhere, Exceptions};
pub(crate) use protect::ask;
pub use protect::protect;
pub(crate) use registry::{named_issuers, record};
pub(crate) use report::index_of;
pub(crate) use unguarded::{CHECKS, launch_checks, warn_of};
