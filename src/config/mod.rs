//! What the operator says: every setting, its sources and its checks.

mod check;
mod dotenv;
mod fields;
mod keys;
mod list;
mod load;
mod prefetch;
mod problem;
mod settings;
mod shown;
#[cfg(test)]
mod tests;
mod variables;

pub(crate) use check::KeysGiven;
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use dotenv::parse as read_dotenv;
pub use fields::{Config, IssuerConfig};
pub(crate) use load::{Loaded, load};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use load::{Surroundings, load_in};
pub use prefetch::JwksPrefetch;
pub use problem::ConfigProblem;
pub(crate) use problem::shown;
pub(crate) use settings::{HttpSettings, IssuerSettings, KeyLocation, KeySettings, Settings};
