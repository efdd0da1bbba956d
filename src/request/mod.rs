//! What a request brings: its credentials, verified once, and the word that refusing guards leave.

mod authenticate;
mod credentials;
mod protection;
mod refusals;

pub(crate) use authenticate::{authenticate, marks};
pub(crate) use credentials::has_credentials;
pub(crate) use protection::{Protection, Rule, abort_without_fairing};
pub(crate) use refusals::remember;
