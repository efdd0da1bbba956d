//! **For tests and development only**: an authorization server small enough to live inside a test.
//!
//! [`TestIssuer`] has keys, publishes them as a real one does (OpenID Connect Discovery, RFC 8414, RFC 7517), signs
//! whatever claims a test asks for, and rotates, hangs and fails on command. It authenticates nobody: whoever can call
//! it has every right it can write down. It listens on loopback only, makes new keys each time it starts, and exists
//! only with the feature `testing`; put that feature under `[dev-dependencies]`.
//!
//! ```
//! use axioms_rocket::testing::TestIssuer;
//!
//! let issuer = TestIssuer::start(); // http://127.0.0.1:<a free port>
//! let token = issuer.token().subject("alice").scope("openid profile").sign();
//!
//! assert_eq!(token.split('.').count(), 3);
//! ```
//!
//! | to do this | ask |
//! | --- | --- |
//! | an issuer with a path, a fixed port, a clock | [`TestIssuer::builder`] |
//! | an issuer without any socket | [`TestIssuer::offline`] |
//! | a token, right or wrong | [`TestIssuer::token`] |
//! | a token that no serializer would write | [`TestIssuer::sign_raw`] |
//! | new keys | [`TestIssuer::rotate`], [`publish`](TestIssuer::publish), [`promote`](TestIssuer::promote), [`retire`](TestIssuer::retire), [`emergency`](TestIssuer::emergency) |
//! | trouble | [`TestIssuer::down`], [`TestIssuer::answer_with`] |
//! | what was asked of it | [`TestIssuer::requests`] |

mod alg;
mod answer;
mod bearer;
mod body;
mod builder;
mod claims;
mod documents;
mod faults;
pub mod hostile;
mod issuer;
mod keyring;
mod keys;
mod refused;
mod requests;
mod rotation;
mod seed;
mod server;
mod shapes;
mod shared;
#[cfg(test)]
mod tests;
mod tls;
mod token;
mod unproven;
mod verify;

pub use alg::Alg;
pub use bearer::{Bearer, BearerToken};
pub use builder::TestIssuerBuilder;
pub use faults::Fault;
pub use issuer::TestIssuer;
#[doc(hidden)]
pub use refused::check as __check_refused;
pub use requests::Request;
pub use token::TokenBuilder;
pub use unproven::{token_with, typed_token_with};
pub use verify::verify;

#[doc(inline)]
pub use crate::__assert_refused as assert_refused;
