//! The crate's foundations: time, small files, log lines, loopback addresses, redaction, and
//! work that runs once at a time.

pub(crate) mod b64token;
pub(crate) mod clock;
pub(crate) mod file;
#[cfg(feature = "introspection")]
pub(crate) mod flights;
pub(crate) mod log;
pub(crate) mod loopback;
pub(crate) mod ready;
pub(crate) mod redact;
pub(crate) mod segment;
pub(crate) mod single_flight;
pub(crate) mod spiffe;
