//! **For tests and development only.** Testing your app: an authorization server that lives inside a test.
//!
//! [`TestIssuer`] has keys, publishes them as a real one does (OpenID Connect Discovery, RFC 8414, RFC 7517), signs
//! whatever claims a test asks for, and rotates, hangs and fails on command. It authenticates nobody: whoever can call
//! it has every right it can write down. It listens on loopback only, makes new keys each time it starts, and exists
//! only with the feature `testing`. Put that feature under `[dev-dependencies]`, where a release build does not see it:
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
//! Build each request anew. A clone of one that was dispatched shares what its guards found (Rocket's `local_cache`), and is answered like
//! it whatever token it is given.
//!
//! # A whole test
//!
//! `tests/api.rs` of an application whose library has the function `api`, which mounts its routes and attaches the fairing it
//! is given. `main` gives it `AxiomsFairing::default()`; the test gives it one that trusts a test issuer.
//!
//! ```
//! # mod shop {
//! #     use axioms_rocket::{AxiomsFairing, Permissions, ValidToken};
//! #     use rocket::{Build, Rocket, get, post, routes};
//! #     axioms_rocket::permissions! { pub Sell = "orders:create"; }
//! #     #[get("/me")]
//! #     pub fn me(token: ValidToken) -> String {
//! #         token.subject().unwrap_or("nobody").to_owned()
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
//! /// The application, and whom it trusts: no socket, no network, a few milliseconds.
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
//! fn who_may_order_orders_and_who_may_not_is_told_why() {
//!     let (issuer, client) = start();
//!     let seller = issuer.token().subject("alice").permissions(["orders:create"]);
//!     assert_eq!(client.post("/orders").bearer(seller).dispatch().status().code, 200);
//!
//!     let reader = issuer.token().subject("bob").permissions(["orders:read"]);
//!     assert_refused!(client.post("/orders").bearer(reader).dispatch(), 403, "insufficient_scope");
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
//! # run! { who_may_order_orders_and_who_may_not_is_told_why no_bad_token_passes a_handler_is_a_function }
//! ```
//!
//! # Time and trouble
//!
//! A [`Clock`](crate::Clock) that the issuer and the fairing share is moved by hand, so that a test of expiry does not wait.
//! An issuer that is [started](TestIssuer::start), not offline, is fetched from like a real one: it rotates its keys and
//! goes down on command.
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
//! let token = issuer.token().expires_in(Duration::from_secs(600)).sign(); // by a key that the application has not seen
//! assert_eq!(client.get("/me").bearer(&token).dispatch().status().code, 200);
//!
//! issuer.down();
//! assert_eq!(client.get("/me").bearer(&token).dispatch().status().code, 200);
//!
//! clock.advance(Duration::from_secs(631)); // the lifetime, and more than the leeway of 30 s
//! assert_refused!(client.get("/me").bearer(&token).dispatch(), 401, "invalid_token", "Token has expired");
//! ```
//!
//! # In CI
//!
//! Nothing has to be installed or started, and nothing outside is asked, so an ordinary job will do. The last step makes sure
//! that what is shipped cannot mint tokens.
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
//!       - name: the testing kit is not in the release
//!         run: "! cargo tree --locked --edges normal,features | grep 'axioms-rocket feature \"testing\"'"
//! ```
//!
//! # What there is
//!
//! | to do this | ask |
//! | --- | --- |
//! | an issuer with a path, a fixed port, a clock, a seed, HTTPS | [`TestIssuer::builder`] |
//! | an issuer without any socket | [`TestIssuer::offline`] |
//! | a token, right or wrong | [`TestIssuer::token`] |
//! | a token as Cognito, Auth0, Okta, Entra or Keycloak mint it | [`TokenBuilder::as_cognito`], [`as_auth0`](TokenBuilder::as_auth0), [`as_okta`](TokenBuilder::as_okta), [`as_entra_v2`](TokenBuilder::as_entra_v2), [`as_keycloak`](TokenBuilder::as_keycloak) |
//! | a token that no serializer would write | [`TestIssuer::sign_raw`] |
//! | every wrong token that we know of | [`hostile::all`] |
//! | a token into a local request | [`Bearer`] |
//! | a refusal, asserted | [`assert_refused!`](assert_refused) |
//! | a `ValidToken` for a handler's own test | [`token_with`], [`typed_token_with`] |
//! | an application's rules without a request | [`verify`](verify()) |
//! | new keys | [`TestIssuer::rotate`], [`publish`](TestIssuer::publish), [`promote`](TestIssuer::promote), [`retire`](TestIssuer::retire), [`emergency`](TestIssuer::emergency) |
//! | trouble | [`TestIssuer::down`], [`TestIssuer::answer_with`] |
//! | what was asked of it | [`TestIssuer::requests`] |
//! | a server to develop against, with a page to mint tokens on | `cargo run --example dev_issuer` in this crate's repository |

mod assertions;
mod bearer;
pub mod hostile;
mod issuer;
#[cfg(test)]
mod tests;
mod token;
mod verify;

#[doc(hidden)]
pub use assertions::check as __check_refused;
pub use bearer::{Bearer, BearerToken};
pub use issuer::{Alg, IssuerFault, Request, TestIssuer, TestIssuerBuilder};
pub use token::{TokenBuilder, token_with, typed_token_with};
pub use verify::verify;

#[doc(inline)]
pub use crate::__assert_refused as assert_refused;
