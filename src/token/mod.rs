//! The token as the application holds it: `ValidToken` and its `Claims`.

mod actor;
mod decision;
mod format;
mod held;
mod identity;
#[cfg(feature = "jsonwebtoken")]
mod jsonwebtoken;
mod names;
mod sign_in;
mod typed;
mod valid;
mod view;

pub(crate) use actor::Actor;
pub use decision::Decision;
pub use format::{Binding, TokenFormat};
pub use held::TokenClaims;
pub(crate) use typed::Misfit;
pub use valid::ValidToken;
pub use view::Claims;
