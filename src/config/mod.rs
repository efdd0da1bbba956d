//! What the operator says: every setting, its sources and its checks.

mod algorithm;
mod settings;

pub(crate) use algorithm::{Algorithm, Algorithms};
pub(crate) use settings::{HttpSettings, IssuerSettings, KeyLocation, KeySettings, Prefetch, Settings};
