//! Protect Rocket APIs with OAuth 2.0 / OpenID Connect access tokens.
//!
//! An authorization server (Auth0, Cognito, Okta, Entra, Keycloak, …) gives out the tokens. This crate checks them (RFC 9068,
//! RFC 7519, RFC 8725) and lets a request reach a route only if the route's guards agree. It finds, fetches and refreshes the
//! server's keys by itself.
//!
//! # Thirty lines
//!
//! ```no_run
//! use axioms_rocket::{AxiomsFairing, Permissions, Roles, Scopes, ValidToken};
//! use rocket::{get, launch, post, routes};
//!
//! // Any name of a list is enough.
//! axioms_rocket::scopes! { pub Profile = "openid" | "profile"; }
//! axioms_rocket::roles! { pub Editor = "editor"; }
//! axioms_rocket::permissions! { pub CreateSample = "sample:create"; }
//!
//! #[get("/public")]
//! fn public() -> &'static str {
//!     "Anyone may read this."
//! }
//!
//! #[get("/private")]
//! fn private(token: ValidToken, _scope: Scopes<Profile>) -> String {
//!     format!("Hello {}.", token.subject().unwrap_or("nobody"))
//! }
//!
//! // Two guards: both must agree.
//! #[post("/sample")]
//! fn create(_may: Permissions<CreateSample>, _role: Roles<Editor>) -> &'static str {
//!     "Sample created."
//! }
//!
//! #[launch]
//! fn rocket() -> _ {
//!     rocket::build().attach(AxiomsFairing::default()).mount("/", routes![public, private, create])
//! }
//! ```
//!
//! It needs two settings, from the environment, a `.env` file or `Rocket.toml` (see [`Config`] for all of them):
//! `AXIOMS_ISS_URL`, exactly the `iss` of the tokens, and `AXIOMS_AUDIENCE`, what this API is called in their `aud`. Whatever is
//! wrong with the settings stops the launch and is reported at once. A route with a guard of ours in its
//! signature stops it too if the fairing is missing.
//!
//! # Guards
//!
//! | guard | lets a request through if |
//! | --- | --- |
//! | [`ValidToken`] | it brings a valid access token; hands out the token, or the claims as a type of yours |
//! | [`Authenticated`] | it brings a valid access token; no data |
//! | [`Scopes`], [`Roles`], [`Permissions`] | the token holds any name of the list; declare lists with [`scopes!`], [`roles!`], [`permissions!`] |
//! | [`Any`], [`All`] | any, or all, of the policies agree |
//! | [`Lacks`] | the claim is there and holds none of the list |
//! | [`Require`] | a [`Policy`] of yours allows it |
//! | [`IssuedBy`] | the token is of a named issuer, and a policy allows it; declare names with [`issuers!`] |
//! | [`Owned`] | the token's subject owns the resource ([`HasOwner`]); hands out the resource |
//! | [`Optional`] | it brings no token, or the guard inside agrees; a bad token is refused |
//! | [`Unless`] | its method is listed, or the guard inside agrees; declare lists with [`methods!`] |
//! | [`Always`] | a policy allows it, also on [`safe_methods`](Config::safe_methods) |
//! | `Result<ValidToken, AuthError>` | always: no token, bad token and good token are yours to tell apart |
//!
//! A list is OR, a second guard on the same route is AND. [`protect`] puts a guard before a group of routes,
//! [`AxiomsFairing::require_everywhere`] before everything, and [`RouteReport`] says what they ask. One request's token is verified
//! once, however many guards look at it.
//!
//! # How refusals look
//!
//! | status | body's `error` | when |
//! | --- | --- | --- |
//! | 400 | `invalid_request` | more than one `Authorization` header |
//! | 401 | `missing_token` | no bearer token |
//! | 401 | `invalid_token` | one that does not hold |
//! | 403 | `insufficient_scope` | a good token that the policy refuses, ownership included |
//! | 503 | `temporarily_unavailable` | no keys to check it with; comes with `Retry-After` |
//!
//! The challenge (`WWW-Authenticate`, RFC 6750 §3) is added by the fairing, the JSON body by [`catchers`], which an application can
//! replace ([`AxiomsFairing::without_catchers`], [`AuthError::of`]). A refusal is an error, never a forward: a refused request does
//! not fall through to another route.
//!
//! ```
//! # use axioms_rocket::{AxiomsFairing, Config, Scopes};
//! # use axioms_rocket::testing::TestIssuer;
//! # use rocket::{get, local::blocking::Client, routes};
//! axioms_rocket::scopes! { Read = "read:orders"; }
//!
//! #[get("/orders")]
//! fn orders(_scope: Scopes<Read>) -> &'static str {
//!     "orders"
//! }
//!
//! # let issuer = TestIssuer::offline("https://auth.example.com");
//! # let config = Config {
//! #     audience: vec![issuer.audience().into()],
//! #     iss_url: Some(issuer.url().into()),
//! #     ..Config::default()
//! # };
//! # let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
//! # let client = Client::tracked(rocket::build().attach(fairing).mount("/", routes![orders])).unwrap();
//! let answer = client.get("/orders").dispatch();
//! assert_eq!(answer.status().code, 401);
//! assert_eq!(
//!     answer.headers().get_one("WWW-Authenticate"),
//!     Some(r#"Bearer realm="https://auth.example.com", scope="read:orders""#)
//! );
//! assert_eq!(
//!     answer.into_string().as_deref(),
//!     Some(r#"{"error":"missing_token","error_description":"Missing Authorization header"}"#)
//! );
//! ```
//!
//! # Where to read on
//!
//! - [`Config`]: every setting with its default and its reason.
//! - [`AxiomsFairing`]: what happens at launch, and what the application can change.
//! - [`ValidToken`] and [`Claims`]: what a token says. [`Policy`] and [`Requirement`]: deciding for yourself.
//! - The module `testing`, with the feature of that name: an issuer for the tests of your application.
//! - [`guide::configuration`] and [`guide::providers`]: the settings, and those for Cognito, Auth0,
//!   Okta, Entra and Keycloak.
//! - [`guide::authorization`]: formulas, ownership, groups, deny by default.
//! - [`guide::refusals`], [`guide::cors`] and [`guide::logging`]: responses, browsers, log lines.
//! - [`guide::behaviour`]: the answer to each kind of request and token, with the test that holds it.
//! - [`guide::threats`]: attacks, the defence against each, its test, and the limits.
//! - [`guide::performance`]: the measured cost of the guards.
//! - [`guide::coming_from`]: migration from axioms-flask-py, axioms-fastapi, axioms-drf-py,
//!   flask-of-oil and py-oidc-auth.
//!
//! # Features
//!
//! `testing` adds the module of that name; it belongs under `[dev-dependencies]`. None is on by default.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod base;
mod binding;
mod claims;
mod config;
mod error;
mod fairing;
/// What the fuzz targets assert (`fuzz/README.md`).
#[cfg(all(any(fuzzing, test), feature = "testing"))]
#[doc(hidden)]
pub mod fuzzing;
mod groups;
mod guards;
mod http;
mod issuer;
mod jose;
mod json;
mod policy;
mod request;
mod respond;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod verify;

pub use base::clock::Clock;
pub use base::redact::Secret;
pub use config::{Config, ConfigError, ConfigProblem, IssuerConfig, JwksPrefetch};
pub use error::{AuthError, Reason};
pub use fairing::AxiomsFairing;
pub use groups::{RouteReport, protect};
pub use guards::{Always, Guard, MethodList, Optional, Owned, OwnedError, Unless};
pub use policy::{
    All, Any, Authenticated, ClaimKind, Decision, HasOwner, IssuedBy, IssuerName, Lacks, NameList,
    PermissionList, Permissions, Policies, Policy, Require, Requirement, RoleList, Roles,
    ScopeList, Scopes,
};
pub use respond::catchers;
pub use token::{Binding, Claims, TokenClaims, TokenFormat, ValidToken};

#[doc(hidden)]
pub use policy::declare::check as __check_names;
#[doc(hidden)]
pub use rocket::http::Method as __Method;

/// The manual: pages to read, without items.
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("../docs/authorization.md")]
    pub mod authorization {}
    #[doc = include_str!("../docs/behaviour.md")]
    pub mod behaviour {}
    #[doc = include_str!("../COMING_FROM.md")]
    pub mod coming_from {}
    #[doc = include_str!("../docs/configuration.md")]
    pub mod configuration {}
    #[doc = include_str!("../docs/cors.md")]
    pub mod cors {}
    #[doc = include_str!("../docs/logging.md")]
    pub mod logging {}
    #[doc = include_str!("../docs/performance.md")]
    pub mod performance {}
    #[doc = include_str!("../docs/providers.md")]
    pub mod providers {}
    #[doc = include_str!("../docs/refusals.md")]
    pub mod refusals {}
    #[doc = include_str!("../docs/threats.md")]
    pub mod threats {}
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
