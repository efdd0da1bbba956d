//! Rules for more than one route: groups, the whole application, and the report of both.

mod everywhere;
mod protect;
mod report;

pub(crate) use everywhere::Everywhere;
pub use protect::protect;
pub use report::RouteReport;
pub(crate) use report::named_issuers;
