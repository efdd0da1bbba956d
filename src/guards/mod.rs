//! The request guards: each extracts, authorizes and answers.

mod authorize;
pub(crate) mod declare;
mod guard;
mod methods;
mod optional;
mod owned;
mod param;
mod policies;
mod public;
mod require;
mod tenant;
mod valid_token;

#[cfg(feature = "openapi")]
pub(crate) use guard::FITTING_CLAIMS;
pub use guard::Guard;
pub(crate) use guard::declaration;
pub use methods::{Always, MethodList, Unless};
pub use optional::Optional;
pub use owned::{Owned, OwnedError, OwnedOr};
pub use param::{ParamError, param};
pub use public::Public;
pub use tenant::Tenant;
