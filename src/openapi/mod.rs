//! OpenAPI documents that say what the guards ask, with [utoipa](https://docs.rs/utoipa).
//!
//! utoipa describes operations from attributes of their handlers. The security of an operation is
//! in the handler's signature already: [`SecurityAddon`] reads it from the routes of the
//! application, with groups, the rule for everything and implied names, and adds security schemes,
//! security requirements and the responses of refusals. [`mismatches`] lists what the document and
//! the routes do not share. [`guide::openapi`](crate::guide::openapi) shows a whole program, with a
//! page where a reader logs in and tries the operations.

mod addon;
mod alternatives;
mod document;
mod mismatches;
mod paths;
mod responses;
mod schemes;
mod security;

pub use addon::SecurityAddon;
pub use document::document;
pub use mismatches::{Mismatch, mismatches};
pub use security::{Security, security};
