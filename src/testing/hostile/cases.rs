//! The table: what is wrong, what the answer says, and how to do it.

mod claims;
mod form;
mod header;
mod signature;

use super::good::Good;

/// Its name, the description that it deserves, and how to make it.
pub(super) type Case = (&'static str, &'static str, fn(&Good<'_>) -> String);

pub(super) const ALL: [&[Case]; 7] =
    [form::CASES, header::CASES, signature::CASES, claims::TIMES, claims::ISSUERS, claims::AUDIENCES, claims::OTHERS];
