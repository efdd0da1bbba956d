//! Whom we trust, and where its keys are: explicit, discovered, or at the conventional place.

mod discovery;
mod error;
mod locator;
mod members;
mod metadata;
mod well_known;

#[cfg(test)]
mod tests;

pub(crate) use error::IssuerError;
pub(crate) use locator::{Errand, Locator};
pub(crate) use members::{Members, MembersError};
#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use metadata::jwks_uri;
