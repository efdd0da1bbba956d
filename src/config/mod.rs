//! What the operator says: every setting, its sources and its checks.

mod algorithm;
mod fields;
mod keys;
mod list;
mod prefetch;
mod problem;
mod settings;

pub(crate) use algorithm::{Algorithm, Algorithms};
pub use fields::{Config, IssuerConfig};
pub use prefetch::Prefetch;
pub(crate) use problem::Origins;
pub use problem::Problem;
pub(crate) use settings::{HttpSettings, IssuerSettings, KeyLocation, KeySettings, Settings};
