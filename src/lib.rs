//! Protect Rocket APIs with OAuth 2.0 / OpenID Connect access tokens.

mod clock;
mod config;

pub use config::{Config, IssuerConfig, Prefetch};
