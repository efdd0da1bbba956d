//! Protect Rocket APIs with OAuth 2.0 / OpenID Connect access tokens.

mod claims;
mod clock;
mod config;
mod error;
mod excerpt;
mod fairing;
mod guards;
mod http;
mod issuer;
mod jwks;
mod policy;
mod request;
mod respond;
mod routes;
mod signature;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod verify;

pub use claims::Claims;
pub use clock::Clock;
pub use config::{Config, IssuerConfig, Prefetch, Problem};
pub use error::{AuthError, LaunchError};
pub use fairing::AxiomsFairing;
pub use guards::{Always, Guard, MethodList, Optional, Owned, OwnedError, Unless};
pub use policy::{
    All, Any, Authenticated, Decision, HasOwner, IssuedBy, IssuerName, Kind, Lacks, NameList, PermissionList,
    Permissions, Policies, Policy, Require, Requirement, RoleList, Roles, ScopeList, Scopes,
};
pub use respond::catchers;
pub use routes::{RouteReport, protect};
pub use token::{TokenClaims, ValidToken};

#[doc(hidden)]
pub use policy::names::check as __check_names;
#[doc(hidden)]
pub use rocket::http::Method as __Method;
