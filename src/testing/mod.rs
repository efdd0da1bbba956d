//! **For tests and development only.** An authorization server inside a test.
//!
//! [`TestIssuer`] has keys and publishes them as a real server does (OpenID Connect Discovery, RFC
//! 8414, RFC 7517). It signs any claims that a test asks for, rotates its keys, and hangs or fails
//! on command. It authenticates no one: each caller gets any token. It listens on loopback only,
//! generates new keys at each start, and exists only with the feature `testing`. Enable the feature
//! under `[dev-dependencies]`, where a release build does not see it:
//!
//! ```toml
//! [dependencies]
//! axioms-rocket = "0.1"
//!
//! [dev-dependencies]
//! axioms-rocket = { version = "0.1", features = ["testing"] }
//! serde_json = "1"
//! ```
//!
//! Build a new request for each dispatch. A clone of a dispatched request shares the results of its
//! guards (Rocket's `local_cache`): it gets the same answer, with whatever token.
//!
//! # A complete test
//!
//! This is `tests/api.rs` of an application. Its library has a function `api`, which mounts the
//! routes and attaches the fairing that it gets. `main` passes `AxiomsFairing::default()`; the test
//! passes a fairing that trusts a test issuer.
//!
//! ```
//! # mod shop {
//! #     use axioms_rocket::{AxiomsFairing, Permissions, ValidToken};
//! #     use rocket::{Build, Rocket, get, post, routes};
//! #     axioms_rocket::permissions! { pub Sell = "orders:create"; }
//! #     #[get("/me")]
//! #     pub fn me(token: ValidToken) -> String {
//! #         token.subject().unwrap_or("-").to_owned()
//! #     }
//! #     #[post("/orders")]
//! #     pub fn order(_may: Permissions<Sell>) -> &'static str {
//! #         "ordered"
//! #     }
//! #     pub fn api(protection: AxiomsFairing) -> Rocket<Build> {
//! #         rocket::build().attach(protection).mount("/", routes![me, order])
//! #     }
//! # }
//! use axioms_rocket::testing::{Bearer, TestIssuer, assert_refused, hostile, token_with};
//! use axioms_rocket::{AxiomsFairing, Config};
//! use rocket::local::blocking::Client;
//! use serde_json::json;
//!
//! /// Starts the application and its issuer, without a socket, in a few milliseconds.
//! fn start() -> (TestIssuer, Client) {
//!     let issuer = TestIssuer::offline("https://issuer.example.test");
//!     let protection = AxiomsFairing::from_config(Config {
//!         audience: vec![issuer.audience().to_owned()],
//!         iss_url: Some(issuer.url().to_owned()),
//!         ..Config::default()
//!     });
//!     let app = shop::api(protection.with_keys(issuer.jwks()));
//!     (issuer, Client::tracked(app).expect("the application starts"))
//! }
//!
//! # macro_rules! run { ($($name:ident)+) => { $($name();)+ } }
//! # /*
//! #[test]
//! # */
//! fn only_sellers_create_orders() {
//!     let (issuer, client) = start();
//!     let seller = issuer.token().subject("alice").permissions(["orders:create"]);
//!     assert_eq!(client.post("/orders").bearer(seller).dispatch().status().code, 200);
//!
//!     let reader = issuer.token().subject("bob").permissions(["orders:read"]);
//!     let response = client.post("/orders").bearer(reader).dispatch();
//!     assert_refused!(response, 403, "insufficient_scope");
//!     assert_refused!(client.post("/orders").dispatch(), 401, "missing_token");
//! }
//!
//! # /*
//! #[test]
//! # */
//! fn no_bad_token_passes() {
//!     let (issuer, client) = start();
//!     for bad in hostile::all(&issuer) {
//!         assert_refused!(client.post("/orders").bearer(&bad).dispatch(), &bad);
//!     }
//! }
//!
//! # /*
//! #[test]
//! # */
//! fn a_handler_is_a_function() {
//!     assert_eq!(shop::me(token_with(json!({ "sub": "alice" }))), "alice");
//! }
//! # run! { only_sellers_create_orders no_bad_token_passes a_handler_is_a_function }
//! ```
//!
//! # Time and outages
//!
//! A [`Clock`](crate::Clock) shared by issuer and fairing is moved by the test, so that a test of
//! expiry does not wait. Applications fetch from an issuer that is [started](TestIssuer::start),
//! not offline, like from a real one. It rotates its keys and goes down on command.
//!
//! ```
//! # use axioms_rocket::testing::{Bearer, TestIssuer, assert_refused};
//! # use axioms_rocket::{AxiomsFairing, Clock, Config, ValidToken};
//! # use rocket::local::blocking::Client;
//! # use rocket::{get, routes};
//! # use std::time::{Duration, SystemTime};
//! # #[get("/me")]
//! # fn me(_token: ValidToken) {}
//! let clock = Clock::manual(SystemTime::now());
//! let issuer = TestIssuer::builder().clock(clock.clone()).start();
//! let protection = AxiomsFairing::from_config(Config {
//!     audience: vec![issuer.audience().to_owned()],
//!     iss_url: Some(issuer.url().to_owned()),
//!     ..Config::default()
//! });
//! let app = rocket::build().attach(protection.with_clock(clock.clone())).mount("/", routes![me]);
//! let client = Client::tracked(app).expect("the application starts");
//!
//! issuer.rotate();
//! // Signed with a key that the application has not fetched yet.
//! let token = issuer.token().expires_in(Duration::from_secs(600)).sign();
//! assert_eq!(client.get("/me").bearer(&token).dispatch().status().code, 200);
//!
//! issuer.down();
//! assert_eq!(client.get("/me").bearer(&token).dispatch().status().code, 200);
//!
//! clock.advance(Duration::from_secs(631)); // the lifetime, the leeway of 30 s, and one more
//! let response = client.get("/me").bearer(&token).dispatch();
//! assert_refused!(response, 401, "invalid_token", "Token has expired");
//! ```
//!
//! # In CI
//!
//! The tests need no service and no network. The last step checks that the release build cannot
//! mint tokens.
//!
//! ```yaml
//! name: ci
//! on: [push, pull_request]
//! jobs:
//!   test:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v4
//!       - run: cargo test --locked
//!       - name: the release build is without the testing kit
//!         run: |
//!           ! cargo tree --locked --edges normal,features | grep 'axioms-rocket feature "testing"'
//! ```
//!
//! # A development server
//!
//! `cargo run --example dev_issuer` in this crate's repository starts an issuer at
//! `http://127.0.0.1:9000`, on loopback only, with a page to mint tokens. `POST /dev/token` mints
//! any claim:
//!
//! ```sh
//! curl -s http://127.0.0.1:9000/dev/token -H 'Content-Type: application/json' \
//!   -d '{"subject": "alice", "scopes": "openid", "claims": {"tenant": "acme"}}'
//! ```
//!
//! Everyone on the machine gets any token from it: an API that trusts it protects nothing.
//!
//! # Contents
//!
//! | for | see |
//! | --- | --- |
//! | an issuer with a path, a port, a clock, a seed, HTTPS | [`TestIssuer::builder`] |
//! | an issuer without a socket | [`TestIssuer::offline`] |
//! | a token, valid or not | [`TestIssuer::token`], [`TokenBuilder`] |
//! | a token as of Cognito, Okta, Keycloak, … | [`TokenBuilder::as_cognito`] and others |
//! | an opaque token, and its end | [`TokenBuilder::opaque`], [`TestIssuer::revoke`] |
//! | a token of any bytes | [`TestIssuer::sign_raw`] |
//! | every known bad token | [`hostile::all`] |
//! | a user of the application: a name and a token | [`Persona`] |
//! | who may call what: personas × routes, in a file | [`AccessTable`] |
//! | a local request with a token | [`Bearer`] |
//! | an assertion about a refusal | [`assert_refused!`](assert_refused) |
//! | a `ValidToken` for the unit test of a handler | [`token_with`], [`typed_token_with`] |
//! | a test of a configuration, without a request | [`verify`](verify()) |
//! | key rotation | [`TestIssuer::rotate`], [`TestIssuer::publish`], [`TestIssuer::emergency`] |
//! | outages and faults | [`TestIssuer::down`], [`TestIssuer::answer_with`] |
//! | any answer to an introspection | [`TestIssuer::answer_introspection_with`] |
//! | the requests that the issuer received | [`TestIssuer::requests`] |

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "runs inside tests, where a panic is the failure"
)]

mod access;
mod assertions;
mod bearer;
pub mod hostile;
mod issuer;
mod persona;
#[cfg(test)]
mod tests;
mod token;
mod verify;

pub use access::{AccessTable, AccessTableBuilder};
#[doc(hidden)]
pub use assertions::check as __check_refused;
pub use bearer::{Bearer, BearerToken};
pub use issuer::{Alg, IssuerFault, Request, TestIssuer, TestIssuerBuilder};
pub use persona::Persona;
pub use token::{TokenBuilder, token_with, typed_token_with};
pub use verify::verify;

#[doc(inline)]
pub use crate::__assert_refused as assert_refused;
