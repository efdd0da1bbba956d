//! From text to proof: `Compact` (nothing believed), `Header` (read strictly), `Verified` (only `verify` makes one).

mod compact;
mod header;
mod typed;
mod valid;
mod verified;
mod view;

#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use compact::SIGNATURE;
pub(crate) use compact::{Compact, Room};
pub(crate) use header::{Header, Member};
pub(crate) use typed::Misfit;
pub use valid::{TokenClaims, ValidToken};
pub(crate) use verified::{IssuedBy, Said, TakenApart, Verified, Window};
pub use view::Claims;
