//! Protect Rocket APIs with OAuth 2.0 / OpenID Connect access tokens.

mod clock;
mod config;

#[cfg(feature = "testing")]
pub mod testing;
