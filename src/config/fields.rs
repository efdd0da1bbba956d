//! Every setting, with its default, its unit and its reason.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::list;
use super::prefetch::JwksPrefetch;
use crate::jose::Algorithm;

/// Every setting of the crate.
///
/// `AxiomsFairing::default()` fills one from four sources, lowest to highest: the defaults below; the `axioms` table of
/// Rocket's own configuration (`[default.axioms]` of `Rocket.toml`, any profile, and `ROCKET_AXIOMS`); the nearest `.env`
/// file; the process environment, where the field `iss_url` is the variable `AXIOMS_ISS_URL`. A variable beats every
/// profile. `AxiomsFairing::from_config` takes one from code and looks at no other source.
///
/// - A list may be written as one text. In a variable it is `a,b` or `["a", "b"]`, and nothing at all is the empty list.
/// - A table in a variable is `{token_use="access"}`, or JSON. The tables of several sources are merged.
/// - One pair of quotes around the whole of a variable is no part of it: `"45"` is 45. In a list they hold one entry together.
/// - A variable that is set to nothing is a mistake unless it is a list: unset it to have the default.
/// - A relative path in a file is taken from that file's directory, otherwise from the working directory.
/// - An unknown key, a wrong type, a value that cannot work: the launch stops and reports all of them at once.
///
/// ```
/// use axioms_rocket::Config;
///
/// let config = Config {
///     audience: vec!["https://api.example.com".into()],
///     iss_url: Some("https://auth.example.com".into()),
///     ..Config::default()
/// };
/// assert_eq!(config.leeway, 30);
/// ```
///
/// End a literal with `..Config::default()` as above: a new field is a minor change.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The identifiers of this API that a token may be meant for (RFC 7519 §4.1.3); one of them must be in the token's
    /// `aud`. Required: a token for somebody else's API must not open this one. A text or a list.
    #[serde(deserialize_with = "list::deserialize")]
    pub audience: Vec<String>,

    /// Shorthand for the issuer `https://<domain>`; also the host of the namespaced claims. A scheme and a trailing slash
    /// are stripped. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,

    /// The `iss` that tokens must carry, compared exactly: no slash is added or removed (RFC 7519 §4.1.1). One that is not a
    /// URL (`acme.com`) needs `jwks_url`. Default: from `domain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss_url: Option<String>,

    /// Where the issuer's keys are (RFC 7517 §5). With this alone, without `domain` and `iss_url`, `iss` is not checked.
    /// Default: discovered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,

    /// Read the issuer's metadata (OpenID Connect Discovery 1.0 §4, RFC 8414) to find its keys. Off: they are at
    /// `<issuer>/.well-known/jwks.json`. Default: `true`.
    pub discovery: bool,

    /// Further issuers, each with its own keys, audience and claim names; a token's `iss` selects one. The issuer of the
    /// fields above, if there is one, is the first. Guards take the tokens, and the rights in them, of all; [`IssuedBy`](crate::IssuedBy)
    /// asks for one. Default: none.
    pub issuers: Vec<IssuerConfig>,

    /// The signature algorithms (`alg`, RFC 7518 §3.1) that are accepted. Symmetric ones and `none` are refused at launch
    /// (RFC 8725 §3.1). Default: every asymmetric one, `RS256` to `RS512`, `PS256` to `PS512`, `ES256` to `ES512`, `EdDSA`.
    #[serde(deserialize_with = "list::deserialize")]
    pub algorithms: Vec<String>,

    /// The accepted `typ` of a token's header, compared without case and without `application/` (RFC 7515 §4.1.9). A token
    /// without one is accepted unless `require_typ`. Default: `JWT`, `at+jwt`.
    #[serde(deserialize_with = "list::deserialize")]
    pub token_typs: Vec<String>,

    /// Refuse a token without `typ` (RFC 9068 §4); list `at+jwt` alone in `token_typs` to be strict. Default: `false`, since
    /// many issuers do not write it.
    pub require_typ: bool,

    /// Claims that must be present and not null, besides `exp`. Default: none.
    #[serde(deserialize_with = "list::deserialize")]
    pub required_claims: Vec<String>,

    /// Claims that must have the given value or, where a list is given, one of its values: `token_use = "access"`.
    /// Default: none.
    pub expected_claims: BTreeMap<String, Value>,

    /// Accept tokens of the top-level issuer that carry the marks of an ID token: `token_use` = `id`, `typ` = `ID`, `Refresh` or
    /// `Logout`, or a text in `at_hash`, `c_hash` or `s_hash` (OpenID Connect Core 1.0 §3.1.3.6). For issuers that write
    /// `at_hash` into access tokens (Dex). Each launch warns of it. Default: `false`.
    pub accept_id_tokens: bool,

    /// The claims in which the audience is looked for. An issuer that leaves `aud` out may name the client instead:
    /// `["aud", "client_id"]`. Default: `aud`.
    #[serde(deserialize_with = "list::deserialize")]
    pub audience_claims: Vec<String>,

    /// Seconds by which the issuer's clock may differ, for `exp`, `nbf` and `iat` (RFC 7519 §4.1.4); at most 300.
    /// Default: 30.
    pub leeway: u64,

    /// Seconds after its `iat` at which a token is refused even if it has not expired; a token without `iat` is refused then.
    /// Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_token_age: Option<u64>,

    /// The claims in which scopes are looked for; the first that is present and not null counts (RFC 8693 §4.2). Like all
    /// claim names here: exact, else a path by dots (`realm_access.roles`), or with a leading `/` a JSON Pointer (RFC 6901).
    /// Default: `scope`, `scp`.
    #[serde(deserialize_with = "list::deserialize")]
    pub scope_claims: Vec<String>,

    /// The same for roles (RFC 9068 §2.2.3.1). Default: `roles`, then the namespaced name.
    #[serde(deserialize_with = "list::deserialize")]
    pub roles_claims: Vec<String>,

    /// The same for permissions. Default: `permissions`, then the namespaced name.
    #[serde(deserialize_with = "list::deserialize")]
    pub permissions_claims: Vec<String>,

    /// Look for roles and permissions also in `https://<domain>/claims/roles` and `https://<domain>/claims/permissions`, with
    /// `domain` or else the issuer's host: issuers that only let custom claims be added under a URL. Default: `true`.
    pub namespaced_claims: bool,

    /// The HTTP methods for which guards that only authorise pass without a token: a browser's preflight carries none.
    /// Default: `OPTIONS`.
    #[serde(deserialize_with = "list::deserialize")]
    pub safe_methods: Vec<String>,

    /// Seconds between background refreshes of the keys, varied by 10 %; at least 1. The answer's own
    /// `Cache-Control: max-age` can shorten it, never below 60. Default: 3600.
    pub jwks_refresh_interval: u64,

    /// Seconds for which keys may be used without a successful refresh; at least twice `jwks_refresh_interval`, so that one
    /// failed refresh is harmless. For so long the place of the keys is believed too while the metadata cannot be had. Default: 7200.
    pub jwks_cache_ttl: u64,

    /// Further seconds for which keys may be used while refreshes fail, loudly logged: an issuer's outage should not be ours.
    /// Default: 86400.
    pub jwks_stale_ttl: u64,

    /// Fetch the keys at launch: `true`, `false`, or `"require"` to abort the launch when that fails. Default: `true`.
    pub jwks_prefetch: JwksPrefetch,

    /// Seconds until the next fetch for an unknown `kid` after one that was in vain, counted from its attempt; at least 1. It
    /// keeps made-up `kid`s from becoming requests to the issuer. Default: 10.
    pub jwks_cooldown: u64,

    /// Seconds for a whole fetch of keys or metadata, redirects included; 1 to 60. Default: 5.
    pub http_timeout: u64,

    /// A file of further trusted root certificates (PEM), for an issuer behind a private CA. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_ca_bundle: Option<PathBuf>,

    /// Accept plain `http` for every host, for development networks only: who can change the answer can sign tokens. Loopback
    /// hosts need no permission. Default: `false`.
    pub allow_http: bool,

    /// The `realm` of the challenge (RFC 9110 §11.5). Default: the first issuer, else the first audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realm: Option<String>,

    /// Bytes beyond which a token is refused unread; 1 to 1048576. Default: 16384.
    pub max_token_bytes: usize,

    /// How many verified tokens are remembered; 0 turns the memory off, at most 1000000. Bounded by bytes too: 3 KiB a token on
    /// average. Default: 8192.
    pub token_cache_capacity: usize,
}

impl Default for Config {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().copied().map(str::to_owned).collect::<Vec<_>>();
        Self {
            audience: Vec::new(),
            domain: None,
            iss_url: None,
            jwks_url: None,
            discovery: true,
            issuers: Vec::new(),
            algorithms: texts(&Algorithm::ALL.map(Algorithm::name)),
            token_typs: texts(&["JWT", "at+jwt"]),
            require_typ: false,
            required_claims: Vec::new(),
            expected_claims: BTreeMap::new(),
            accept_id_tokens: false,
            audience_claims: texts(&["aud"]),
            leeway: 30,
            max_token_age: None,
            scope_claims: texts(&["scope", "scp"]),
            roles_claims: texts(&["roles"]),
            permissions_claims: texts(&["permissions"]),
            namespaced_claims: true,
            safe_methods: texts(&["OPTIONS"]),
            jwks_refresh_interval: 3600,
            jwks_cache_ttl: 7200,
            jwks_stale_ttl: 86400,
            jwks_prefetch: JwksPrefetch::Warm,
            jwks_cooldown: 10,
            http_timeout: 5,
            http_ca_bundle: None,
            allow_http: false,
            realm: None,
            max_token_bytes: 16384,
            token_cache_capacity: 8192,
        }
    }
}

/// One of the [`Config::issuers`]: an issuer besides the first.
///
/// It needs `iss_url` or `domain`. What is `None` among the rest is as at the top level of [`Config`], except `name`,
/// `domain`, `iss_url` and `jwks_url`, which are nobody else's.
///
/// ```toml
/// [[default.axioms.issuers]]
/// name = "partners"
/// iss_url = "https://login.partner.example"
/// audience = "partner-api"
/// roles_claims = ["realm_access.roles"]
/// ```
///
/// ```
/// use axioms_rocket::{Config, IssuerConfig};
///
/// let partners = IssuerConfig { iss_url: Some("https://login.partner.example".into()), ..IssuerConfig::default() };
/// let config = Config { issuers: vec![partners], ..Config::default() };
/// assert_eq!(config.issuers[0].audience, None);
/// ```
///
/// End a literal with `..IssuerConfig::default()`: a new field is a minor change.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IssuerConfig {
    /// Your own word for it, in guards and log lines; no two issuers may share one, and it holds no quotation mark or backslash. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,

    /// As [`Config::domain`]. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,

    /// As [`Config::iss_url`]; no two issuers may share one. Default: from `domain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss_url: Option<String>,

    /// As [`Config::jwks_url`], but `iss` is always checked. Default: discovered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,

    /// As [`Config::discovery`]. Default: the top level's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery: Option<bool>,

    /// As [`Config::audience`]. Default: the top level's.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "list::deserialize_optional"
    )]
    pub audience: Option<Vec<String>>,

    /// As [`Config::algorithms`]. Default: the top level's.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "list::deserialize_optional"
    )]
    pub algorithms: Option<Vec<String>>,

    /// As [`Config::audience_claims`]. Default: the top level's.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "list::deserialize_optional"
    )]
    pub audience_claims: Option<Vec<String>>,

    /// As [`Config::scope_claims`]. Default: the top level's.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "list::deserialize_optional"
    )]
    pub scope_claims: Option<Vec<String>>,

    /// As [`Config::roles_claims`]. Default: the top level's, then this issuer's namespaced name.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "list::deserialize_optional"
    )]
    pub roles_claims: Option<Vec<String>>,

    /// As [`Config::permissions_claims`]. Default: the top level's, then this issuer's namespaced name.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "list::deserialize_optional"
    )]
    pub permissions_claims: Option<Vec<String>>,

    /// As [`Config::required_claims`]. Default: the top level's.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "list::deserialize_optional"
    )]
    pub required_claims: Option<Vec<String>>,

    /// As [`Config::expected_claims`]. Default: the top level's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_claims: Option<BTreeMap<String, Value>>,

    /// As [`Config::accept_id_tokens`], for this issuer alone. Default: `false`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub accept_id_tokens: bool,
}
