//! The format of a token, and its binding to a key.

/// The format of an access token, by [`ValidToken::format`](crate::ValidToken::format).
///
/// ```
/// use axioms_rocket::{TokenFormat, ValidToken};
///
/// fn describe(token: &ValidToken) -> &'static str {
///     match token.format() {
///         TokenFormat::Jwt => "verified here, by its signature",
///         TokenFormat::Opaque => "verified by its issuer",
///         _ => "another format",
///     }
/// }
/// # let token = axioms_rocket::testing::token_with(serde_json::json!({}));
/// # assert_eq!(describe(&token), "verified here, by its signature");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFormat {
    /// A signed JWT (RFC 7519, RFC 9068).
    Jwt,
    /// A string that only its issuer understands (RFC 7662).
    Opaque,
}

/// The key to which a token is bound, by [`ValidToken::binding`](crate::ValidToken::binding).
///
/// ```
/// use axioms_rocket::{Binding, ValidToken};
///
/// fn sender(token: &ValidToken) -> String {
///     match token.binding() {
///         None => "any bearer".into(),
///         Some(Binding::Dpop { jkt }) => format!("the key {jkt}"),
///         Some(Binding::Certificate { x5t_s256 }) => format!("the certificate {x5t_s256}"),
///         Some(_) => "another key".into(),
///     }
/// }
/// # let token = axioms_rocket::testing::token_with(serde_json::json!({}));
/// # assert_eq!(sender(&token), "any bearer");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Binding<'t> {
    /// A DPoP key (RFC 9449 §6.1).
    Dpop {
        /// The SHA-256 thumbprint of the key (RFC 7638), in base64url.
        jkt: &'t str,
    },
    /// A client certificate (RFC 8705 §3.1).
    Certificate {
        /// The SHA-256 thumbprint of the certificate, in base64url.
        x5t_s256: &'t str,
    },
}
