//! What the operator says: every setting, its sources and its checks.

mod algorithm;
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

use figment::Figment;

pub(crate) use algorithm::{Algorithm, Algorithms};
pub(crate) use check::{KeysGiven, check};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use dotenv::parse as read_dotenv;
pub use fields::{Config, IssuerConfig};
pub(crate) use load::{Loaded, load};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use load::{Surroundings, load_in};
pub use prefetch::Prefetch;
pub(crate) use problem::Origins;
pub use problem::Problem;
pub(crate) use settings::{HttpSettings, IssuerSettings, KeyLocation, KeySettings, Settings};

/// The settings of the four sources: see [`Config`].
///
/// # Errors
///
/// Every problem: of what could not be read, and of what was read and cannot work.
pub(crate) fn from_figment(figment: &Figment, keys: KeysGiven) -> Result<Settings, Vec<Problem>> {
    let Loaded { config, origins, mut problems } = load(figment);
    match check(&config, &origins, keys) {
        Ok(settings) if problems.is_empty() => Ok(settings),
        checked => {
            problems.extend(checked.err().unwrap_or_default());
            Err(problems)
        }
    }
}

/// The settings of exactly this configuration: no other source is looked at.
///
/// # Errors
///
/// Every problem.
pub(crate) fn from_code(config: &Config, keys: KeysGiven) -> Result<Settings, Vec<Problem>> {
    check(config, &Origins::code(), keys)
}
