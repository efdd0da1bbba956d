//! Protects Rocket APIs with OAuth 2.0 and OpenID Connect access tokens.
//!
//! An authorization server (Auth0, Cognito, Okta, Entra, Keycloak, …) issues the tokens. This crate
//! verifies them (RFC 9068, RFC 7519, RFC 8725), and a request reaches a route only if the route's
//! guards pass. The keys of the server are found, fetched and refreshed automatically.
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
//!     format!("Hello {}.", token.subject().unwrap_or_default())
//! }
//!
//! // Two guards: both must pass.
//! #[post("/sample")]
//! fn create(_may: Permissions<CreateSample>, _role: Roles<Editor>) -> &'static str {
//!     "Sample created."
//! }
//!
//! #[launch]
//! fn rocket() -> _ {
//!     rocket::build()
//!         .attach(AxiomsFairing::default())
//!         .mount("/", routes![public, private, create])
//! }
//! ```
//!
//! Two settings are required, from the environment, a `.env` file or `Rocket.toml` ([`Config`] has
//! all of them): `AXIOMS_ISS_URL`, exactly the `iss` of the tokens, and `AXIOMS_AUDIENCE`, the
//! identifier of this API in their `aud`. Settings that cannot work end the launch, and all
//! problems are reported at once. So does a guard in a route's signature without the fairing.
//!
//! # Guards
//!
//! | guard | passes if |
//! | --- | --- |
//! | [`ValidToken`] | the request has a valid access token; returns it, or its claims as a type |
//! | [`Authenticated`] | the request has a valid access token; returns no data |
//! | [`Scopes`] | the token holds any name of the list; [`scopes!`] declares lists |
//! | [`Roles`], [`Permissions`] | the same for roles and permissions: [`roles!`], [`permissions!`] |
//! | [`Any`], [`All`] | any, or all, of the policies allow it |
//! | [`Lacks`] | the claim is present and holds none of the list |
//! | [`Require`] | a [`Policy`] of yours allows it |
//! | [`IssuedBy`] | the token is of a named issuer ([`issuers!`]), and a policy allows it |
//! | [`Owned`] | the subject owns the resource ([`HasOwner`]); returns the resource |
//! | [`Optional`] | there are no credentials, or the inner guard passes |
//! | [`Unless`] | the method is listed ([`methods!`]), or the inner guard passes |
//! | [`Always`] | a policy allows it, also on [`safe_methods`](Config::safe_methods) |
//! | `Result<ValidToken, AuthError>` | always: no token, an invalid one or a valid one |
//!
//! A list is OR, a second guard on the same route is AND. [`protect`] adds a guard to a group of
//! routes, [`AxiomsFairing::require_everywhere`] to everything, and [`RouteReport`] lists the
//! requirements. The token of a request is verified once, however many guards the route has.
//!
//! # Refusals
//!
//! | status | `error` in the body | when |
//! | --- | --- | --- |
//! | 400 | `invalid_request` | more than one `Authorization` header |
//! | 401 | `missing_token` | no bearer token |
//! | 401 | `invalid_token` | a token that fails a check |
//! | 403 | `insufficient_scope` | a valid token that the policy refuses, ownership included |
//! | 503 | `temporarily_unavailable` | no keys to verify it with; comes with `Retry-After` |
//!
//! The fairing adds the challenge (`WWW-Authenticate`, RFC 6750 §3), [`catchers`] write the JSON
//! body. An application can replace them ([`AxiomsFairing::without_catchers`], [`AuthError::of`]).
//! A refusal is an error and never a forward: a refused request does not reach another route.
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
//! # let rocket = rocket::build().attach(fairing).mount("/", routes![orders]);
//! # let client = Client::tracked(rocket).unwrap();
//! let response = client.get("/orders").dispatch();
//! assert_eq!(response.status().code, 401);
//! assert_eq!(
//!     response.headers().get_one("WWW-Authenticate"),
//!     Some(r#"Bearer realm="https://auth.example.com", scope="read:orders""#)
//! );
//! assert_eq!(
//!     response.into_string().as_deref(),
//!     Some(r#"{"error":"missing_token","error_description":"Missing Authorization header"}"#)
//! );
//! ```
//!
//! # Read on
//!
//! - [`Config`]: every setting with its default and its reason.
//! - [`AxiomsFairing`]: the launch, and the options of the application.
//! - [`ValidToken`] and [`Claims`]: the content of a token. [`Policy`] and [`Requirement`]:
//!   decisions of your own.
//! - The module `testing`, with the feature of that name: an issuer for tests.
//! - [`guide::configuration`] and [`guide::providers`]: the settings, and those for Cognito, Auth0,
//!   Okta, Entra and Keycloak.
//! - [`guide::authorization`]: formulas, ownership, groups, deny by default.
//! - [`guide::refusals`], [`guide::cors`] and [`guide::logging`]: responses, browsers, log lines.
//! - [`guide::behaviour`]: the answer to each kind of request and token, with its test.
//! - [`guide::threats`]: attacks, the defence against each, its test, and the limits.
//! - [`guide::performance`]: the measured cost of the guards.
//! - [`guide::coming_from`]: migration from axioms-flask-py, axioms-fastapi, axioms-drf-py,
//!   flask-of-oil and py-oidc-auth.
//!
//! # Features
//!
//! `testing` adds the module of that name, for `[dev-dependencies]`. No feature is on by default.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod base;
mod binding;
mod claims;
mod config;
mod error;
mod fairing;
/// The assertions of the fuzz targets (`fuzz/README.md`).
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
