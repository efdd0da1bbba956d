//! The nested tables of settings.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::choice::{ClientAuth, IntrospectWhen};
use super::fields::{key, show};
use super::keys::{Keys, Setting, Table};
use crate::base::redact::Secret;

/// Makes the type of a nested table and its keys from rows `name: type = default;`.
macro_rules! table {
    (
        $(#[$docs:meta])*
        $config:ident: $table:ident, needs $missing_feature:expr;
        $($(#[$doc:meta])* $name:ident: $type:ty = $default:expr;)*
    ) => {
        $(#[$docs])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $config {
            $(
                $(#[$doc])*
                #[serde(
                    deserialize_with = "Setting::read",
                    skip_serializing_if = "Setting::is_unset"
                )]
                pub $name: $type,
            )*
        }

        impl Default for $config {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        pub(super) const $table: &Table = &Table {
            keys: {
                const KEYS: Keys = &[$(key::<$type>(stringify!($name)),)*];
                KEYS
            },
            missing_feature: $missing_feature,
        };
    };
}

table! {
    /// The table `resource`: this API in its protected-resource metadata (RFC 9728).
    ///
    /// With `identifier` here, or [`Config::public_url`](crate::Config::public_url), the fairing
    /// serves the document at `/.well-known/oauth-protected-resource` and, if the identifier has a
    /// path, also with that path appended (RFC 9728 §3.1). It is public whatever rule the
    /// application has, and each challenge names it in `resource_metadata` (RFC 9728 §5.1). From
    /// it, a client finds the authorization server that it has never heard of: MCP clients and
    /// agents begin there.
    ///
    /// ```toml
    /// [default.axioms.resource]
    /// identifier = "https://api.example.com"
    /// name = "Orders"
    /// documentation = "https://docs.example.com/orders"
    /// ```
    ///
    /// In the environment: `AXIOMS_RESOURCE_IDENTIFIER`, `AXIOMS_RESOURCE_NAME` and so on.
    ///
    /// ```
    /// use axioms_rocket::{Config, ResourceConfig};
    ///
    /// let config = Config {
    ///     audience: vec!["https://api.example.com".into()],
    ///     iss_url: Some("https://auth.example.com".into()),
    ///     resource: ResourceConfig {
    ///         identifier: Some("https://api.example.com".into()),
    ///         ..ResourceConfig::default()
    ///     },
    ///     ..Config::default()
    /// };
    /// assert_eq!(config.resource.name, None);
    /// ```
    ///
    /// End a literal with `..ResourceConfig::default()`: a new field is a minor change.
    #[derive(Debug)]
    ResourceConfig: RESOURCE, needs None;

    /// The member `resource`: the URL of this API as clients know it. Strict clients compare it
    /// with the URL that they were given, character by character; write it without a slash at the
    /// end. It should be one of `audience`, since clients ask for tokens with it (RFC 8707 §2): the
    /// launch warns if it is none. Must be `https`, or a loopback host, without query and fragment
    /// (RFC 9728 §1.2). Default: [`Config::public_url`](crate::Config::public_url); without either
    /// there is no document.
    identifier: Option<String> = None;

    /// The member `resource_name`: a name to show to users. Default: none.
    name: Option<String> = None;

    /// The member `resource_documentation`: the URL of a page for developers. Default: none.
    documentation: Option<String> = None;

    /// The member `resource_policy_uri`: the URL of a page that says what clients may do with the
    /// data. Default: none.
    policy: Option<String> = None;

    /// The member `resource_tos_uri`: the URL of the terms of service. Default: none.
    tos: Option<String> = None;

    /// Names for the member `scopes_supported`, besides the scopes that the routes ask for. A
    /// scope that a handler checks by itself belongs here. `offline_access` is left out: it is the
    /// client's affair. Default: none.
    scopes: Vec<String> = Vec::new();

    /// The member `authorization_servers`: the issuers (RFC 8414 §2) of which a client may get a
    /// token. Default, also with an empty list: the configured issuers whose `iss` is a URL.
    authorization_servers: Vec<String> = Vec::new();
}

/// The feature that `introspection` needs, if it is not compiled in.
const WITHOUT_INTROSPECTION: Option<&str> = match cfg!(feature = "introspection") {
    true => None,
    false => Some("introspection"),
};

table! {
    /// The table `introspection`: ask the issuer about tokens (RFC 7662). Needs the feature
    /// `introspection`.
    ///
    /// A token that is no JWT can be checked by its issuer only. The table at the top level belongs
    /// to the first issuer; an entry of `issuers` has its own,
    /// `[default.axioms.issuers.introspection]`. "Opaque tokens" (`docs/opaque.md`,
    /// the page `guide::opaque`) has recipes.
    ///
    /// ```toml
    /// [default.axioms.introspection]
    /// client_id = "orders-api"
    /// client_secret_file = "/run/secrets/orders-api"
    /// ```
    ///
    /// In the environment: `AXIOMS_INTROSPECTION_CLIENT_ID`, `AXIOMS_INTROSPECTION_CLIENT_SECRET`
    /// and so on.
    ///
    /// ```
    /// use axioms_rocket::{Config, IntrospectionConfig, Secret};
    ///
    /// let config = Config {
    ///     audience: vec!["https://api.example.com".into()],
    ///     iss_url: Some("https://auth.example.com".into()),
    ///     introspection: Some(IntrospectionConfig {
    ///         client_id: Some("orders-api".into()),
    ///         client_secret: Some(Secret::new("from the vault")),
    ///         ..IntrospectionConfig::default()
    ///     }),
    ///     ..Config::default()
    /// };
    /// assert!(!format!("{config:?}").contains("vault"));
    /// ```
    ///
    /// End a literal with `..IntrospectionConfig::default()`: a new field is a minor change. A
    /// secret is not serialized. An issuer of an [`IssuerSource`](crate::IssuerSource) cannot have
    /// this table: its tokens are answered 503 then.
    IntrospectionConfig: INTROSPECTION, needs WITHOUT_INTROSPECTION;

    /// The URL that is asked (RFC 7662 §2). Must be `https`, or a loopback host. Default:
    /// `introspection_endpoint` of the issuer's metadata (RFC 8414 §2).
    url: Option<String> = None;

    /// The identifier of this API as a client of the authorization server (RFC 6749 §2.2).
    /// Required.
    client_id: Option<String> = None;

    /// The secret of this client. Required for `basic` and `post`, here or in `client_secret_file`,
    /// and not in both. Default: none.
    #[serde(skip_serializing)]
    client_secret: Option<Secret> = None;

    /// A file with the secret; one newline at its end is dropped. Read at launch. Default: none.
    client_secret_file: Option<PathBuf> = None;

    /// How this client proves who it is (RFC 6749 §2.3): `"basic"`, `"post"` or
    /// `"private_key_jwt"`. Default: `"basic"`.
    auth: ClientAuth = ClientAuth::Basic;

    /// The private key of `private_key_jwt`: a file with one key, PEM of PKCS#8 (RFC 5958),
    /// unencrypted. RSA of 2048 bits or more, P-256, P-384, P-521, or Ed25519. Read at launch.
    /// Default: none.
    private_key_file: Option<PathBuf> = None;

    /// The `kid` of that key at the authorization server. Default: none.
    key_id: Option<String> = None;

    /// The `alg` of the assertions (RFC 7518 §3.1), which must fit the key. Default: `RS256`, or
    /// the one of the key's curve.
    algorithm: Option<String> = None;

    /// Which tokens are asked about: `"opaque"`, those that are no JWTs; `"always"`, JWTs of this
    /// issuer too, after their own checks have passed, so that a revoked one ends at once. Default:
    /// `"opaque"`.
    when: IntrospectWhen = IntrospectWhen::Opaque;

    /// Seconds for which an active answer is used, never beyond its `exp`; at most 3600. A token
    /// that is revoked is accepted so long. 0: each request asks. Default: 60.
    cache_ttl: u64 = 60;

    /// Seconds for which an inactive answer is used; at most 3600. 0: each request asks.
    /// Default: 5.
    negative_ttl: u64 = 5;

    /// Refuse an answer for an opaque token that has no `aud`: the token may be meant for another
    /// API. Default: `true`.
    require_audience: bool = true;

    /// The text with which opaque tokens of this issuer begin. Others are refused without a call.
    /// Default: none.
    token_prefix: Option<String> = None;

    /// Calls at a time; 1 to 1024. A request that waits longer than
    /// [`Config::http_timeout`](crate::Config::http_timeout) is answered 503. Default: 32.
    max_in_flight: usize = 32;

    /// Ask for answers that the issuer signed (RFC 9701), and accept no other. Default: `false`.
    signed: bool = false;
}

impl fmt::Debug for IntrospectionConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show("IntrospectionConfig", self, f)
    }
}
