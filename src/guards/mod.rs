//! The request guards: each extracts, asks and answers.

mod authorize;
mod guard;
mod methods;
mod optional;
mod owned;
mod policies;
mod valid_token;

pub use guard::Guard;
pub use methods::{Always, MethodList, Unless};
pub use optional::Optional;
pub use owned::{Owned, OwnedError};
