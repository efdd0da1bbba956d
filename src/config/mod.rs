//! The operator's settings, their sources and their checks.

mod check;
mod choice;
mod dotenv;
mod fields;
mod hints;
mod keys;
mod list;
mod load;
mod origins;
mod overruled;
mod prefetch;
mod problem;
mod providers;
mod settings;
mod sift;
mod sources;
mod tables;
#[cfg(test)]
mod tests;
mod variables;

pub(crate) use check::{IssuersElsewhere, KeysGiven, check_issuer, is_plausible_issuer};
pub use choice::{ClientAuth, IntrospectWhen};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use dotenv::Dotenv;
pub use fields::{Config, IssuerConfig};
pub(crate) use load::{Loaded, load};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use load::{Surroundings, load_in};
pub(crate) use origins::Origins;
pub use prefetch::JwksPrefetch;
pub use problem::{ConfigError, ConfigProblem};
pub(crate) use settings::{
    BearerSettings, HttpSettings, IssuerSettings, IssuerTemplate, KeyLocation, KeySettings,
    MAX_KEY_FILE, ProxyUrl, ResourceSettings, Settings,
};
#[cfg(feature = "introspection")]
pub(crate) use settings::{ClientProof, ClientSettings, EndpointLocation, IntrospectionSettings};
pub use tables::{IntrospectionConfig, ResourceConfig};
#[cfg(feature = "testing")]
pub(crate) use variables::BLESS;
