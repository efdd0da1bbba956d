//! The nested tables of settings.

use serde::{Deserialize, Serialize};

use super::fields::key;
use super::keys::{Keys, Setting, Table};

/// Makes the type of a nested table and its keys from rows `name: type = default;`.
macro_rules! table {
    (
        $(#[$docs:meta])*
        $config:ident: $table:ident, needs $missing_feature:expr;
        $($(#[$doc:meta])* $name:ident: $type:ty = $default:expr;)*
    ) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
