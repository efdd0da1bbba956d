//! The crate's foundations: time, loopback addresses, redaction, and work that runs once at a time.

pub(crate) mod clock;
pub(crate) mod loopback;
pub(crate) mod ready;
pub(crate) mod redact;
pub(crate) mod single_flight;
