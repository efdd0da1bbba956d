//! Protects Rocket APIs with OAuth 2.0 and OpenID Connect access tokens.
//!
//! An authorization server (Auth0, Cognito, Okta, Entra, Keycloak, …) issues the tokens. This crate
//! verifies them (RFC 9068, RFC 7519, RFC 8725). A request reaches a route only if all guards of
//! the route pass. The crate finds, fetches and refreshes the server's keys by itself.
//!
//! 1. [A complete program](#a-complete-program)
//! 2. [Guards](#guards)
//! 3. [The report](#the-report)
//! 4. [Refusals](#refusals)
//! 5. [Contents](#contents)
//! 6. [Features](#features)
//!
//! # A complete program
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
//!     "Everyone can read this."
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
//!     let routes = routes![public, private, create];
//!     rocket::build().attach(AxiomsFairing::default()).mount("/", routes)
//! }
//! ```
//!
//! It needs two settings, from the environment, a `.env` file or `Rocket.toml`. [`Config`] has all
//! others.
//!
//! | variable | value |
//! | --- | --- |
//! | `AXIOMS_ISS_URL` | the `iss` of the tokens, exactly |
//! | `AXIOMS_AUDIENCE` | the name of this API in their `aud` |
//!
//! Invalid settings abort the launch, and all problems are reported at once. A guarded route
//! without the fairing aborts it too.
//!
//! # Guards
//!
//! | guard | passes if |
//! | --- | --- |
//! | [`ValidToken`] | the token is valid; contains its claims |
//! | [`Authenticated`] | the token is valid; contains nothing |
//! | [`Scopes`], [`Roles`], [`Permissions`] | the token has any name of the list |
//! | [`Any`], [`All`] | any policy, or each policy, allows it |
//! | [`Lacks`] | the claim is present and has no name of the list |
//! | [`Claim`] | the claim is present, and is or contains a listed value ([`claims!`]) |
//! | [`Require`] | your own [`Policy`] allows it |
//! | [`IssuedBy`] | the token is of a named issuer, and a policy allows it |
//! | [`Owned`] | the token's subject owns the resource ([`HasOwner`]); contains the resource |
//! | [`OwnedOr`] | as `Owned`, or a policy allows it: the owner, or an administrator |
//! | [`Tenant`] | the token is valid; contains the name of its issuer |
//! | [`Optional`] | there are no credentials, or the inner guard passes; a bad token is refused |
//! | [`Unless`] | the method is in a list ([`methods!`]), or the inner guard passes |
//! | [`Always`] | a policy allows it, also for [`safe_methods`](Config::safe_methods) |
//! | `Result<ValidToken, AuthError>` | always; the route handles missing and bad tokens itself |
//!
//! Declare lists with [`scopes!`], [`roles!`] and [`permissions!`], issuer names with [`issuers!`].
//! A list means OR; several guards on a route mean AND. [`protect`] guards a group of routes,
//! [`AxiomsFairing::require_everywhere`] all of them, and [`RouteReport`] lists what each route
//! requires. [`AxiomsFairing::deny_unguarded`] ends a launch with a route that declares nothing;
//! [`Public`] marks an open one, and [`guard!`] declares a guard of your own. A token is verified
//! once per request, for all guards.
//!
//! # The report
//!
//! The signatures are the only declaration. The report, the challenges and the documents are read
//! from them; the launch logs the report at level debug. A test can compare it with a file:
//!
//! ```
//! use axioms_rocket::{Public, Roles, RouteReport, Scopes, ValidToken, protect};
//! use rocket::{get, routes};
//!
//! axioms_rocket::scopes! { Read = "read:orders"; }
//! axioms_rocket::roles! { Admin = "admin"; }
//!
//! #[get("/orders")]
//! fn orders(_token: ValidToken, _may: Scopes<Read>) {}
//!
//! #[get("/health")]
//! fn health(_anybody: Public) {}
//!
//! #[get("/stats")]
//! fn stats() {}
//!
//! let rocket = rocket::build()
//!     .mount("/", routes![orders, health])
//!     .mount("/admin", protect::<Roles<Admin>>(routes![stats]));
//! println!("{}", RouteReport::of(&rocket));
//! # let report = RouteReport::of(&rocket).to_string();
//! # let without_places = |line: &str| line.split(" (").next().unwrap_or(line).to_owned();
//! # let lines: Vec<String> = report.lines().map(without_places).collect();
//! # assert_eq!(lines, [
//! #     "GET  /admin/stats  stats   role admin",
//! #     "GET  /health       health  anybody            Public",
//! #     "GET  /orders       orders  scope read:orders  ValidToken, Scopes<Read>",
//! # ]);
//! ```
//!
//! ```text
//! GET  /admin/stats  stats   role admin
//! GET  /health       health  anybody            Public (src/main.rs:11)
//! GET  /orders       orders  scope read:orders  ValidToken, Scopes<Read> (src/main.rs:8)
//! ```
//!
//! # Refusals
//!
//! | status | `error` in the body | reason |
//! | --- | --- | --- |
//! | 400 | `invalid_request` | more than one `Authorization` header |
//! | 401 | `missing_token` | no bearer token |
//! | 401 | `invalid_token` | a token that is not valid |
//! | 401 | `insufficient_user_authentication` | a valid token whose user has to authenticate again |
//! | 403 | `insufficient_scope` | a valid token that the policy or the ownership check refuses |
//! | 503 | `temporarily_unavailable` | no keys to verify with; has `Retry-After` |
//!
//! The fairing adds the challenge (`WWW-Authenticate`, RFC 6750 §3), [`catchers`] write the JSON
//! body. An application can replace them ([`AxiomsFairing::without_catchers`], [`AuthError::of`]).
//! A refusal is an error and never a forward: no other route gets the request.
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
//! # let app = rocket::build().attach(fairing).mount("/", routes![orders]);
//! # let client = Client::tracked(app).unwrap();
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
//! # Contents
//!
//! | for | see |
//! | --- | --- |
//! | settings | [`Config`], [`IssuerConfig`], [`guide::configuration`] |
//! | Cognito, Auth0, Okta, Entra, Keycloak | [`guide::providers`] |
//! | launch, catchers, deny by default | [`AxiomsFairing`] |
//! | the claims of a token | [`ValidToken`], [`Claims`] |
//! | many tenants: templates, issuers in a database | [`guide::tenants`], [`IssuerSource`] |
//! | formulas, ownership, groups of routes | [`guide::authorization`] |
//! | stronger or more recent authentication | [`guide::step_up`] |
//! | the report of all routes, access tables in CI | [`guide::who_may_call_what`] |
//! | your own policies | [`Policy`], [`Requirement`], [`Guard`] |
//! | opaque tokens, JWTs that can be revoked | [`IntrospectionConfig`], `docs/opaque.md` |
//! | agents and MCP clients | [`ResourceConfig`], [`guide::agents`] |
//! | responses, browsers, log lines | [`guide::refusals`], [`guide::cors`], [`guide::logging`] |
//! | OpenAPI documents | the module `openapi`, with the feature of that name |
//! | probes, audit, key rotation, a new issuer | [`guide::operations`], [`health`], [`Axioms`] |
//! | tests of your application | the module `testing`, with the feature of that name |
//! | the answer to each kind of request and token | [`guide::behaviour`] |
//! | attacks, and the limits of the defence | [`guide::threats`] |
//! | the cost of the guards | [`guide::performance`] |
//! | migration from axioms-flask-py and others | [`guide::coming_from`] |
//! | migration from a guard on jsonwebtoken | [`guide::coming_from_jsonwebtoken`] |
//!
//! # Features
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `introspection` | no | opaque tokens, checked by their issuer: [`IntrospectionConfig`] |
//! | `jsonwebtoken` | no | keys and tokens as types of jsonwebtoken 11 |
//! | `openapi` | no | the module `openapi`: the security of a document of utoipa |
//! | `metrics` | no | figures for the `metrics` facade: [`guide::operations`] |
//! | `testing` | no | the module `testing`; enable it under `[dev-dependencies]` only |

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod base;
mod binding;
mod claims;
mod config;
mod endpoints;
mod error;
mod fairing;
/// The properties that the fuzz targets check (`fuzz/README.md`).
#[cfg(all(any(fuzzing, test), feature = "testing"))]
#[doc(hidden)]
pub mod fuzzing;
mod groups;
mod guards;
mod http;
mod issuer;
mod jose;
mod json;
#[cfg(feature = "openapi")]
pub mod openapi;
mod policy;
mod request;
mod respond;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod verify;

pub use base::clock::Clock;
pub use base::redact::Secret;
pub use claims::ClaimShape;
pub use config::{
    ClientAuth, Config, ConfigError, ConfigProblem, IntrospectWhen, IntrospectionConfig,
    IssuerConfig, JwksPrefetch, ResourceConfig,
};
pub use endpoints::health;
pub use error::{AuthError, Reason};
pub use fairing::{AxiomsFairing, IntoJwks};
pub use groups::protect;
pub use guards::{
    Always, Guard, MethodList, Optional, Owned, OwnedError, OwnedOr, ParamError, Public, Tenant,
    Unless, param,
};
pub use policy::{
    Acr, AcrList, ActedBy, ActorList, All, Amr, AmrList, Any, Authenticated, Claim, ClaimKind,
    ClaimList, ClaimValue, Decision, Direct, HasOwner, IssuedBy, IssuerName, Lacks, MaxAuthAge,
    NameList, OwnerOf, PermissionList, Permissions, Policies, Policy, Require, Requirement,
    RoleList, Roles, ScopeList, Scopes, Subject,
};
pub use request::{
    AuditStatus, Axioms, AxiomsStatus, DecisionEvent, IntrospectionStatus, IssuerStatus,
    ReportedGuard, ReportedRoute, RouteReport, RunTimeIssuersStatus, TokenCacheStatus,
};
pub use respond::catchers;
pub use token::{Binding, Claims, TokenClaims, TokenFormat, ValidToken};
pub use verify::IssuerSource;

#[doc(hidden)]
pub use guards::declare::{abort as __abort_of_guard, and_words as __and_words};
#[doc(hidden)]
pub use policy::declare::{
    Literal as __ClaimLiteral, check as __check_names, check_claim as __check_claim,
    check_plain as __check_plain,
};
#[doc(hidden)]
pub use rocket::data::FromData as __FromData;
#[doc(hidden)]
pub use rocket::http::Method as __Method;
#[doc(hidden)]
pub use rocket::request::FromParam as __FromParam;
#[doc(hidden)]
pub use rocket::response::Responder as __Responder;
#[doc(hidden)]
pub use rocket::{Ignite as __Ignite, Rocket as __Rocket, Sentinel as __Sentinel};

/// The manual: pages to read, without items.
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("../docs/agents.md")]
    pub mod agents {}
    #[doc = include_str!("../docs/authorization.md")]
    pub mod authorization {}
    #[doc = include_str!("../docs/behaviour.md")]
    pub mod behaviour {}
    #[doc = include_str!("../COMING_FROM.md")]
    pub mod coming_from {}
    #[doc = include_str!("../docs/coming_from_jsonwebtoken.md")]
    pub mod coming_from_jsonwebtoken {}
    #[doc = include_str!("../docs/configuration.md")]
    pub mod configuration {}
    #[doc = include_str!("../docs/cors.md")]
    pub mod cors {}
    #[doc = include_str!("../docs/logging.md")]
    pub mod logging {}
    #[cfg(feature = "openapi")]
    #[doc = include_str!("../docs/openapi.md")]
    pub mod openapi {}
    #[cfg(feature = "introspection")]
    #[doc = include_str!("../docs/opaque.md")]
    pub mod opaque {}
    #[doc = include_str!("../docs/operations.md")]
    pub mod operations {}
    #[doc = include_str!("../docs/performance.md")]
    pub mod performance {}
    #[doc = include_str!("../docs/providers.md")]
    pub mod providers {}
    #[doc = include_str!("../docs/refusals.md")]
    pub mod refusals {}
    #[doc = include_str!("../docs/step_up.md")]
    pub mod step_up {}
    #[doc = include_str!("../docs/tenants.md")]
    pub mod tenants {}
    #[doc = include_str!("../docs/threats.md")]
    pub mod threats {}
    #[doc = include_str!("../docs/who_may_call_what.md")]
    pub mod who_may_call_what {}
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
