//! The crate's foundations: time, redaction of foreign text, and work that runs once at a time.

pub(crate) mod clock;
pub(crate) mod ready;
pub(crate) mod redact;
pub(crate) mod single_flight;
