//! The crate's foundations: time, and redaction of foreign text.

pub(crate) mod clock;
pub(crate) mod redact;
