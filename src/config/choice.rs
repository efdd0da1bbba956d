//! Settings that take one of a few words.

use serde::{Deserialize, Serialize};

/// The way in which this API proves to an authorization server which client it is (RFC 6749 §2.3):
/// [`IntrospectionConfig::auth`](crate::IntrospectionConfig::auth).
///
/// ```
/// use axioms_rocket::{ClientAuth, IntrospectionConfig};
///
/// let auth: ClientAuth = serde_json::from_str(r#""private_key_jwt""#).unwrap();
/// assert_eq!(auth, ClientAuth::PrivateKeyJwt);
/// assert_eq!(IntrospectionConfig::default().auth, ClientAuth::Basic);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientAuth {
    /// `"basic"`, the default: identifier and secret in the `Authorization` header, each
    /// form-encoded first (RFC 6749 §2.3.1).
    #[default]
    Basic,
    /// `"post"`: identifier and secret in the form.
    Post,
    /// `"private_key_jwt"`: an assertion that a private key signs (RFC 7523 §2.2). No secret
    /// travels.
    PrivateKeyJwt,
}

/// The tokens that are introspected:
/// [`IntrospectionConfig::when`](crate::IntrospectionConfig::when).
///
/// ```
/// use axioms_rocket::{IntrospectWhen, IntrospectionConfig};
///
/// assert_eq!(IntrospectionConfig::default().when, IntrospectWhen::Opaque);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntrospectWhen {
    /// `"opaque"`, the default: tokens that are no JWTs.
    #[default]
    Opaque,
    /// `"always"`: JWTs of the issuer too, after their own checks have passed.
    Always,
}

/// The words of [`ClaimShape`](crate::ClaimShape).
pub(super) const CLAIM_SHAPE: &str = "\"list\", \"keys\", \"text\" or \"comma\"";

/// The words of [`ClientAuth`], to be read after "must be".
pub(super) const CLIENT_AUTH: &str = "\"basic\", \"post\" or \"private_key_jwt\"";

/// The words of [`IntrospectWhen`].
pub(super) const INTROSPECT_WHEN: &str = "\"opaque\" or \"always\"";
