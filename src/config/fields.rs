//! The one table of settings: names, types, defaults, and which of them each issuer has of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::keys::{Key, Keys, Setting};
use super::prefetch::JwksPrefetch;
use super::tables::{IntrospectionConfig, ResourceConfig};
use crate::base::redact::RedactedUrl;
use crate::claims::ClaimShape;
use crate::jose::Algorithm;

/// Makes [`Config`], [`IssuerConfig`], their tables of keys and their inheritance from rows
/// `name: type = default;`. A row that begins with `own` is a setting of the top-level issuer, and
/// each entry of `issuers` has one too; a row that begins with `inherited` is the same, and an
/// entry that leaves it out takes the top level's.
macro_rules! settings {
    (@ $docs:tt [$($all:tt)*] [$($own:tt)*] [$($inherited:tt)*]
        $(#[$doc:meta])* own $name:ident: $type:ty = $default:expr; $($rest:tt)*) => {
        settings! { @ $docs [$($all)* [$(#[$doc])* $name: $type = $default]]
            [$($own)* [$name: $type = $default]] [$($inherited)*] $($rest)* }
    };
    (@ $docs:tt [$($all:tt)*] [$($own:tt)*] [$($inherited:tt)*]
        $(#[$doc:meta])* inherited $name:ident: $type:ty = $default:expr; $($rest:tt)*) => {
        settings! { @ $docs [$($all)* [$(#[$doc])* $name: $type = $default]]
            [$($own)*] [$($inherited)* [$name: $type]] $($rest)* }
    };
    (@ $docs:tt [$($all:tt)*] $own:tt $inherited:tt
        $(#[$doc:meta])* $name:ident: $type:ty = $default:expr; $($rest:tt)*) => {
        settings! { @ $docs [$($all)* [$(#[$doc])* $name: $type = $default]]
            $own $inherited $($rest)* }
    };
    (@ { { $(#[$config:meta])* } { $(#[$issuer:meta])* } }
        [$([$(#[$doc:meta])* $name:ident: $type:ty = $default:expr])*]
        [$([$own:ident: $own_type:ty = $own_default:expr])*]
        [$([$inherited:ident: $inherited_type:ty])*]) => {
        $(#[$config])*
        #[derive(Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Config {
            $(
                $(#[$doc])*
                #[serde(
                    deserialize_with = "Setting::read",
                    skip_serializing_if = "Setting::is_unset"
                )]
                pub $name: $type,
            )*
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        $(#[$issuer])*
        #[derive(Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct IssuerConfig {
            /// The name of this issuer in guards and log lines; unique. Default: none.
            #[serde(
                deserialize_with = "Setting::read",
                skip_serializing_if = "Setting::is_unset"
            )]
            pub name: Option<String>,
            $(
                #[doc = concat!("As [`Config::", stringify!($own), "`]; not inherited.")]
                #[serde(
                    deserialize_with = "Setting::read",
                    skip_serializing_if = "Setting::is_unset"
                )]
                pub $own: $own_type,
            )*
            $(
                #[doc = concat!("As [`Config::", stringify!($inherited), "`], the default.")]
                #[serde(
                    deserialize_with = "Setting::read",
                    skip_serializing_if = "Setting::is_unset"
                )]
                pub $inherited: Option<$inherited_type>,
            )*
        }

        impl Default for IssuerConfig {
            fn default() -> Self {
                Self { name: None, $($own: $own_default,)* $($inherited: None,)* }
            }
        }

        impl IssuerConfig {
            /// Returns the top level of `config` as an entry that leaves out each setting that
            /// equals its default, unless `is_set` says that a source has it.
            pub(super) fn top_level(config: &Config, is_set: impl Fn(&str) -> bool) -> Self {
                let default = Config::default();
                Self {
                    name: None,
                    $($own: config.$own.clone(),)*
                    $($inherited: {
                        let is_set = config.$inherited != default.$inherited
                            || is_set(stringify!($inherited));
                        is_set.then(|| config.$inherited.clone())
                    },)*
                }
            }

            /// Returns the defaults as an entry in which nothing is left out.
            pub(super) fn defaults() -> Self {
                Self::top_level(&Config::default(), |_| true)
            }

            /// Returns this entry with the inherited settings of `base` where it leaves them out.
            pub(super) fn or(mut self, base: &Self) -> Self {
                $(if self.$inherited.is_none() {
                    self.$inherited.clone_from(&base.$inherited);
                })*
                self
            }

            /// Names the inherited settings that this entry sets itself.
            pub(super) fn overrides(&self) -> impl Iterator<Item = &'static str> {
                let set = [$((stringify!($inherited), self.$inherited.is_some()),)*];
                set.into_iter().filter_map(|(key, is_set)| is_set.then_some(key))
            }
        }

        /// The keys at the top level.
        pub(super) const KEYS: Keys = &[$(key::<$type>(stringify!($name)),)*];

        /// The keys of an entry of `issuers`.
        pub(super) const ISSUER_KEYS: Keys = &[
            key::<Option<String>>("name"),
            $(key::<$own_type>(stringify!($own)),)*
            $(key::<Option<$inherited_type>>(stringify!($inherited)),)*
        ];
    };
    ({ $($docs:tt)* } $($rows:tt)*) => {
        settings! { @ { $($docs)* } [] [] [] $($rows)* }
    };
}

pub(super) const fn key<T: Setting>(name: &'static str) -> Key {
    Key {
        name,
        kind: T::KIND,
        has_default: T::HAS_DEFAULT,
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(str::to_owned).collect()
}

settings! {
    {
        {
/// Every setting of the crate.
///
/// `AxiomsFairing::default()` fills one from four sources, lowest to highest: the defaults below;
/// the `axioms` table of Rocket's own configuration (`[default.axioms]` of `Rocket.toml`, any
/// profile, and `ROCKET_AXIOMS`); the nearest `.env` file; the process environment, where the field
/// `iss_url` is the variable `AXIOMS_ISS_URL`. A variable beats every profile.
/// `AxiomsFairing::from_config` takes one from code and reads no other source.
///
/// - A list may be written as one text. In a variable it is `a,b` or `["a", "b"]`; `[]` is the
///   empty list.
/// - A table in a variable is `{token_use="access"}`, or JSON. The tables of several sources are
///   merged.
/// - One pair of quotes around the whole of a variable is not part of it: `"45"` is 45. In a list
///   they hold one entry together.
/// - A variable that is set and empty is a problem: unset it to have the default.
/// - A `$` in a value of `.env` is literal: no variable is substituted.
/// - A relative path in a file is taken from that file's directory, otherwise from the working
///   directory.
/// - An unknown key, a wrong type, a value that cannot work: the launch stops and reports all of
///   them at once.
///
/// Variables that Kubernetes and Docker set for a service called `axioms-…`
/// (`AXIOMS_API_SERVICE_HOST`, `AXIOMS_API_PORT_80_TCP_ADDR`) are ignored, and one log line names
/// them. Lines of `.env` that do not begin with `AXIOMS_` are other programs' business.
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
        }
        {
/// One of the [`Config::issuers`]: an issuer besides the first.
///
/// It needs `iss_url` or `domain`, and no two issuers may share one; its `iss` is always checked.
/// Settings that are `None` here are as at the top level of [`Config`], except `name`, `provider`
/// and the parts that it names, `domain`, `iss_url`, `jwks_url`, `jwks_file`, `jwks_bearer_file`,
/// `metadata_url`, `tenants`, `tenant_claim`, `trust_domain`, `token_header` and
/// `accept_id_tokens`, which are not inherited.
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
/// let partners = IssuerConfig {
///     iss_url: Some("https://login.partner.example".into()),
///     ..IssuerConfig::default()
/// };
/// let config = Config { issuers: vec![partners], ..Config::default() };
/// assert_eq!(config.issuers[0].audience, None);
/// ```
///
/// End a literal with `..IssuerConfig::default()`: a new field is a minor change.
        }
    }

    /// The identifiers of this API (RFC 7519 §4.1.3): one of them must be in the token's `aud`. A
    /// text or a list. Required, so that a token for another API does not pass.
    inherited audience: Vec<String> = Vec::new();

    /// The product that issues the tokens: `auth0`, `cognito`, `entra`, `keycloak` and further ones
    /// (`docs/providers.md`). It sets defaults: the form of `iss`, the claims that hold scopes and
    /// roles, the claims by which its access tokens are known. All other settings, here or at the
    /// top level, override them; the entries of `expected_claims` are merged. In code, a field
    /// that equals its default counts as not set. An unknown name is a problem that names the
    /// nearest. Default: none.
    own provider: Option<String> = None;

    /// Shorthand for the issuer `https://<domain>`; with `provider`, for that product's form of it
    /// (`https://<domain>/` for `auth0`). Also the host of the namespaced claims. A scheme and a
    /// trailing slash are stripped. Default: none.
    own domain: Option<String> = None;

    /// The part `tenant` of the issuer, for a `provider` that names it: the directory id of
    /// `entra`, the environment id of `pingone`, the tenant of `logto` and `wso2`. Without such a
    /// `provider` a problem, as are all these parts. Default: none.
    own tenant: Option<String> = None;

    /// The part `region` of the issuer, for a `provider` that names it: `cognito`, where it is also
    /// the start of `pool`. Default: none.
    own region: Option<String> = None;

    /// The part `pool` of the issuer: the id of the user pool, for `cognito`. Default: none.
    own pool: Option<String> = None;

    /// The part `project` of the issuer, for `firebase` and `supabase`. Default: none.
    own project: Option<String> = None;

    /// The part `application` of the issuer, for a `provider` whose applications are issuers: the
    /// slug of `authentik`, the client of `kanidm`. Default: none.
    own application: Option<String> = None;

    /// The part `authorization_server` of the issuer: its id, for `okta`. Default: none, which
    /// `okta` takes as `default`.
    own authorization_server: Option<String> = None;

    /// The `iss` that tokens must carry, compared exactly: no slash is added or removed (RFC 7519
    /// §4.1.1). One that is not a URL (`acme.com`) needs `jwks_url`. Default: from `domain`.
    own iss_url: Option<String> = None;

    /// The URL of the issuer's keys (RFC 7517 §5). With this alone, without `domain` and `iss_url`,
    /// `iss` is not checked and ownership is refused. Default: discovered.
    own jwks_url: Option<String> = None;

    /// The tenants of an `iss_url` with `{tenant}` in it
    /// (`https://login.microsoftonline.com/{tenant}/v2.0`): the path segments or host labels in its
    /// position, ASCII letters, digits and hyphens. `["*"]` is each one, and each launch warns
    /// of it. Such an issuer needs `jwks_url` or `jwks_file`, so that no token chooses an address.
    /// See `docs/tenants.md`. Default: none.
    own tenants: Option<Vec<String>> = None;

    /// The claim that must equal the tenant in `iss`, with `{tenant}` in `iss_url` only: `tid` of
    /// Microsoft Entra. Default: none.
    own tenant_claim: Option<String> = None;

    /// A file with the issuer's keys: a JWK set as JSON (RFC 7517 §5), 512 KiB at most. It is read
    /// at launch and again every ten seconds, and at once for an unknown `kid`, so that a key that
    /// is removed from it ends access within twelve seconds. It may be replaced by renaming another
    /// file or symbolic link over it, as Kubernetes does with mounted secrets. While it is absent,
    /// half written or without a usable key, the keys that were read last stay in use (as in an
    /// outage, see `jwks_stale_ttl`), and log and status say so; at launch, unless `jwks_prefetch`
    /// is `false`, that is an error. Nothing is fetched. With this alone, without `domain` and
    /// `iss_url`, `iss` is not checked and ownership is refused. Not beside `jwks_url`,
    /// `metadata_url` or [`with_keys`](crate::AxiomsFairing::with_keys). Default: none.
    own jwks_file: Option<PathBuf> = None;

    /// A file with a token (RFC 6750) that the issuer's keys and metadata are fetched with, such as
    /// that of a Kubernetes service account. It is read at each fetch, since it is replaced often.
    /// It is sent over https (or to loopback) and only to the origin of `jwks_url`, `metadata_url`
    /// or else the issuer: not to a `jwks_uri` of another origin, and redirects are not followed. A
    /// file that cannot be read makes the fetch fail; at launch, unless `jwks_prefetch` is `false`,
    /// it is an error. The token is never logged. Default: none.
    own jwks_bearer_file: Option<PathBuf> = None;

    /// The URL of the issuer's metadata, if they are not where its `iss` says: behind another host
    /// name, or with a query (Azure AD B2C). Their member `issuer` must still be exactly `iss_url`
    /// (RFC 8414 §3.3), which need not be a URL then, and no other document is tried. Not beside
    /// `jwks_url`, `jwks_file`, `with_keys` or `discovery = false`. Default: found through the
    /// issuer.
    own metadata_url: Option<String> = None;

    /// Read the issuer's metadata (OpenID Connect Discovery 1.0 §4, RFC 8414) to find its keys.
    /// Off: they are at `<issuer>/.well-known/jwks.json`. Default: `true`.
    inherited discovery: bool = true;

    /// Further issuers, each with its own keys, audience and claim names; a token's `iss` selects
    /// one. The issuer of the fields above, if there is one, is the first. Guards accept the tokens
    /// of all, with the rights in them; [`IssuedBy`](crate::IssuedBy) requires one. Default: none.
    issuers: Vec<IssuerConfig> = Vec::new();

    /// Seconds for which an answer of an [`IssuerSource`](crate::IssuerSource) is used, 1 to 86400;
    /// that an issuer is unknown is used for at most 60 of them. Default: 300.
    issuer_ttl: u64 = 300;

    /// The accepted signature algorithms (`alg`, RFC 7518 §3.1). Symmetric ones and `none` are
    /// refused at launch (RFC 8725 §3.1). Default: every asymmetric one, `RS256` to `RS512`,
    /// `PS256` to `PS512`, `ES256` to `ES512`, `EdDSA`, `ML-DSA-44`, `ML-DSA-65`, `ML-DSA-87`.
    inherited algorithms: Vec<String> = texts(&Algorithm::ALL.map(Algorithm::name));

    /// The accepted `typ` of a token's header, compared without case and without `application/`
    /// (RFC 7515 §4.1.9). A token without one is accepted unless `require_typ`. Default: `JWT`,
    /// `at+jwt`.
    inherited token_typs: Vec<String> = texts(&["JWT", "at+jwt"]);

    /// Refuse a token without `typ` (RFC 9068 §4); list `at+jwt` alone in `token_typs` to be
    /// strict. Default: `false`, since many issuers do not write it.
    inherited require_typ: bool = false;

    /// Claims that must be present and not null, besides `exp`. Default: none.
    inherited required_claims: Vec<String> = Vec::new();

    /// Claims that must have the given value or, where a list is given, one of its values:
    /// `token_use = "access"`. Default: none.
    inherited expected_claims: BTreeMap<String, Value> = BTreeMap::new();

    /// The trust domain of SPIFFE, `example.org`, whose workloads this issuer's tokens are of
    /// (JWT-SVID): `sub` must be `spiffe://example.org/…`, and the algorithms are those of JWT-SVID
    /// §2.1. With `jwks_file` or `jwks_url`, a bundle, it needs no `iss_url`: it has the tokens
    /// without `iss` and with such a `sub`, and [`ValidToken::issuer`](crate::ValidToken::issuer)
    /// is `spiffe://example.org`. Of a bundle the keys with `use` = `jwt-svid` count; with
    /// `iss_url` or `domain` (SPIRE's OIDC discovery provider) also those without, or `sig`.
    /// Default: none.
    own trust_domain: Option<String> = None;

    /// The header in which a proxy hands on tokens of this issuer, such as
    /// `Cf-Access-Jwt-Assertion` (Cloudflare Access) or `X-Goog-IAP-JWT-Assertion` (Google): the
    /// bare token, without a scheme. Its tokens are accepted there alone, and those of other
    /// issuers never there. It is verified like any other. A request with this header and an
    /// `Authorization: Bearer` header, or with two such headers, is answered 400 (RFC 6750 §3.1).
    /// The proxy adds it to each request of a browser that has the proxy's cookie, so the
    /// application must defend itself against cross-site requests. Default: none, tokens come in
    /// `Authorization`.
    own token_header: Option<String> = None;

    /// Accept tokens of the top-level issuer that look like ID tokens: `token_use` = `id`,
    /// `typ` = `ID`, or a text in `at_hash`, `c_hash` or `s_hash` (OpenID Connect Core 1.0
    /// §3.1.3.6). For issuers that write `at_hash` into access tokens (Dex). Refresh and logout
    /// tokens are still refused. Each launch warns of it. Default: `false`.
    own accept_id_tokens: bool = false;

    /// The claims that hold the audience. An issuer that leaves `aud` out may name the client
    /// instead: `["aud", "client_id"]`. Default: `aud`.
    inherited audience_claims: Vec<String> = texts(&["aud"]);

    /// Seconds by which the issuer's clock may differ, for `exp`, `nbf` and `iat` (RFC 7519
    /// §4.1.4); at most 300. Default: 30.
    leeway: u64 = 30;

    /// Seconds after its `iat` at which a token is refused even if it has not expired; a token
    /// without `iat` is refused then. Default: no limit.
    max_token_age: Option<u64> = None;

    /// The claims that hold scopes; the first that is present and not null counts (RFC 8693 §4.2).
    /// Like all claim names here: exact, else a path by dots (`realm_access.roles`), or with a
    /// leading `/` a JSON Pointer (RFC 6901). Default: `scope`, `scp`.
    inherited scope_claims: Vec<String> = texts(&["scope", "scp"]);

    /// The claims that hold roles (RFC 9068 §2.2.3.1), found like scopes. Default: `roles`, then
    /// the namespaced name.
    inherited roles_claims: Vec<String> = texts(&["roles"]);

    /// The claims that hold permissions, found like scopes. Default: `permissions`, then the
    /// namespaced name.
    inherited permissions_claims: Vec<String> = texts(&["permissions"]);

    /// The form of the claim that holds roles: [`ClaimShape`]. Default: `"list"`.
    inherited roles_shape: ClaimShape = ClaimShape::List;

    /// The form of the claim that holds permissions: [`ClaimShape`]. Default: `"list"`.
    inherited permissions_shape: ClaimShape = ClaimShape::List;

    /// Look for roles and permissions also in `https://<domain>/claims/roles` and
    /// `https://<domain>/claims/permissions`, with `domain` or else the issuer's host: issuers that
    /// only let custom claims be added under a URL. Default: `true`.
    namespaced_claims: bool = true;

    /// The HTTP methods for which guards that only authorise pass without a token: a browser's
    /// preflight carries none. Default: `OPTIONS`.
    safe_methods: Vec<String> = texts(&["OPTIONS"]);

    /// Seconds between background refreshes of the keys, varied by 10 %; at least 1. The answer's
    /// own `Cache-Control: max-age` can shorten it, never below 60. Default: 3600.
    jwks_refresh_interval: u64 = 3600;

    /// Seconds for which keys may be used without a successful refresh; at least twice
    /// `jwks_refresh_interval`, so that one failed refresh is harmless. A discovered `jwks_uri` is
    /// used as long while the metadata cannot be fetched. Default: 7200.
    jwks_cache_ttl: u64 = 7200;

    /// Further seconds for which keys may be used while refreshes fail, with a warning: an outage
    /// of the issuer is not one of the API. Default: 86400.
    jwks_stale_ttl: u64 = 86400;

    /// Fetch the keys at launch: `true`, `false`, or `"require"` to abort the launch when that
    /// fails. Default: `true`.
    jwks_prefetch: JwksPrefetch = JwksPrefetch::Warm;

    /// Seconds from a fetch that did not bring an unknown `kid` until the next one; at least 1.
    /// Invented `kid`s cause no more requests to the issuer than that. Default: 10.
    jwks_cooldown: u64 = 10;

    /// Seconds for a whole fetch of keys or metadata, redirects included; 1 to 60. Default: 5.
    http_timeout: u64 = 5;

    /// A file of further trusted root certificates (PEM), for an issuer behind a private CA.
    /// Default: none.
    http_ca_bundle: Option<PathBuf> = None;

    /// The proxy through which keys and metadata are fetched: `http://host:port`, with
    /// `user:password@` where it asks for them (RFC 9110 §11.7), which never print. For https it is
    /// asked for a tunnel (RFC 9110 §9.3.6), so that it sees no content. Loopback hosts are reached
    /// directly. The variables `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are never read. The calls
    /// of `introspection` take that of the top level. Default: `none`.
    inherited http_proxy: String = "none".to_owned();

    /// Accept plain `http` for every host, for development networks only: on the way its answer can
    /// be replaced, and with it the keys. Loopback hosts need no permission. Default: `false`.
    allow_http: bool = false;

    /// The `realm` of the challenge (RFC 9110 §11.5). Default: the first issuer, else the first
    /// audience. With the `provider` `keycloak` or `pingam` it is also the realm in the issuer; in
    /// an entry of `issuers` it is only that.
    own realm: Option<String> = None;

    /// Bytes beyond which a token is refused unread; 1 to 1048576. Default: 16384.
    max_token_bytes: usize = 16384;

    /// Number of verified tokens that are cached, at most 1000000; 0 turns the cache off. It is
    /// bounded by bytes too: 3 KiB a token on average. Default: 8192.
    token_cache_capacity: usize = 8192;

    /// Name the subject of a valid token in the `tracing` span `axioms.verify`, as `user.id`: it is
    /// personal data, and collectors of traces keep it. Default: `false`.
    log_subject: bool = false;

    /// How clients reach this API, `https://api.example.com` or with a path; the default of
    /// [`ResourceConfig::identifier`]. A proxy may be in between, so the `Host` of a request does
    /// not tell. `https`, or a loopback host; a slash at the end is dropped; query, fragment and
    /// user information are problems. Default: none.
    public_url: Option<String> = None;

    /// This API in its protected-resource metadata (RFC 9728). Default: no document, unless
    /// `public_url` is set.
    resource: ResourceConfig = ResourceConfig::default();

    /// Ask this issuer about tokens (RFC 7662). Needs the feature `introspection`. Default: none;
    /// tokens that are no JWTs are refused.
    own introspection: Option<IntrospectionConfig> = None;
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show("Config", self, f)
    }
}

impl fmt::Debug for IssuerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show("IssuerConfig", self, f)
    }
}

/// Writes all settings; URLs that may hold secrets are redacted.
pub(super) fn show(
    name: &str,
    settings: &impl Serialize,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    if let Ok(mut settings) = serde_json::to_value(settings) {
        redact(&mut settings);
        for (key, value) in settings.as_object().into_iter().flatten() {
            shown.field(key, &format_args!("{value}"));
        }
    }
    shown.finish()
}

fn redact(settings: &mut Value) {
    for key in ["jwks_url", "metadata_url", "url", "http_proxy"] {
        if let Some(Value::String(url)) = settings.get_mut(key).filter(|url| *url != "none") {
            *url = RedactedUrl::of_text(url);
        }
    }
    if let Some(introspection) = settings.get_mut("introspection") {
        redact(introspection);
    }
    if let Some(Value::Array(issuers)) = settings.get_mut("issuers") {
        issuers.iter_mut().for_each(redact);
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, IssuerConfig};

    #[test]
    fn settings_print_without_the_secrets_of_their_urls() {
        for (url, shown) in [
            ("https://keys.test/set", "https://keys.test/set"),
            ("https://keys.test/set?key=secret", "https://keys.test/set"),
            ("https://user:secret@keys.test/set", "https://keys.test/set"),
            ("user:secret@keys.test", "…"),
            ("HTTPS://secret@", "…"),
        ] {
            let issuer = IssuerConfig {
                jwks_url: Some(url.into()),
                ..IssuerConfig::default()
            };
            assert_eq!(
                format!("{issuer:?}"),
                format!("IssuerConfig {{ accept_id_tokens: false, jwks_url: \"{shown}\" }}")
            );
            let config = Config {
                jwks_url: Some(url.into()),
                issuers: vec![issuer],
                ..Config::default()
            };
            let text = format!("{config:?}");
            let entry =
                format!("issuers: [{{\"accept_id_tokens\":false,\"jwks_url\":\"{shown}\"}}]");
            assert!(text.contains(&entry), "{text}");
            assert!(
                text.contains(&format!(", jwks_url: \"{shown}\", ")) && text.contains("leeway: 30"),
                "{text}"
            );
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
