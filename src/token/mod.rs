//! From text to proof: `Compact` (nothing believed), `Header` (read strictly), `Verified` (only `verify` makes one).

mod typed;
mod valid;
mod verified;
mod view;

pub(crate) use typed::Misfit;
pub use valid::{TokenClaims, ValidToken};
pub(crate) use verified::{ClaimSet, IssuedBy, ParsedLists, SubjectScope, Verified, Window};
pub use view::Claims;
