//! A checked `Config`: every default filled in, every URL parsed.

use std::fmt;
use std::path::PathBuf;
#[cfg(feature = "introspection")]
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::check::proxy;
use super::fields::Config;
use super::prefetch::JwksPrefetch;
use super::providers::Preset;
#[cfg(feature = "introspection")]
use crate::base::redact::Secret;
use crate::base::redact::{RedactedUrl, one_line};
use crate::base::segment::SegmentPattern;
use crate::claims::ClaimShape;
#[cfg(feature = "introspection")]
use crate::jose::SigningKey;
use crate::jose::{Algorithms, KeyUse};

/// A configuration that can work. Only `check` constructs it.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The issuers, at least one; the top-level issuer first when there is one, then `issuers` in
    /// their order.
    pub(crate) issuers: Vec<IssuerSettings>,
    pub(crate) leeway: Duration,
    pub(crate) max_token_age: Option<Duration>,
    /// Names of HTTP methods, in upper case.
    pub(crate) safe_methods: Vec<String>,
    /// How long an answer of an `IssuerSource` is used.
    pub(crate) issuer_ttl: Duration,
    pub(crate) keys: KeySettings,
    pub(crate) http: HttpSettings,
    pub(crate) realm: String,
    pub(crate) max_token_bytes: usize,
    pub(crate) token_cache_capacity: usize,
    pub(crate) log_subject: bool,
    /// `None`: no metadata are served.
    pub(crate) resource: Option<ResourceSettings>,
}

/// One issuer: the expected `iss` and audience, the location of its keys, the names of its claims.
#[derive(Debug, Clone)]
pub(crate) struct IssuerSettings {
    /// The operator's name for it.
    pub(crate) name: Option<String>,
    /// The exact `iss`. `None`, and then not checked, only for the one issuer of a configuration
    /// with `jwks_url` alone or keys alone. With `{tenant}` in it if there is a `template`.
    pub(crate) issuer: Option<String>,
    /// One issuer of each tenant, instead of exactly one.
    pub(crate) template: Option<IssuerTemplate>,
    pub(crate) location: KeyLocation,
    pub(crate) audience: Vec<String>,
    pub(crate) algorithms: Algorithms,
    /// The preset of `provider`.
    pub(crate) preset: Option<&'static Preset>,
    /// Accepted `typ`, in lower case and without `application/`.
    pub(crate) token_typs: Vec<String>,
    pub(crate) require_typ: bool,
    pub(crate) audience_claims: Vec<String>,
    /// Names with the implicit namespaced ones at the end, where they apply (not for scopes).
    pub(crate) scope_claims: Vec<String>,
    pub(crate) roles_claims: Vec<String>,
    pub(crate) permissions_claims: Vec<String>,
    pub(crate) roles_shape: ClaimShape,
    pub(crate) permissions_shape: ClaimShape,
    pub(crate) required_claims: Vec<String>,
    /// Claim name and the values of which it must have one; never empty.
    pub(crate) expected_claims: Vec<(String, Vec<Value>)>,
    /// The trust domain of SPIFFE that the subjects of its tokens are of.
    pub(crate) trust_domain: Option<String>,
    pub(crate) proxy: Option<ProxyUrl>,
    /// The token that its documents are fetched with.
    pub(crate) bearer: Option<BearerSettings>,
    /// The header that its tokens come in, in lower case. `None`: `Authorization`.
    pub(crate) token_header: Option<String>,
    /// Tokens that look like ID tokens pass.
    pub(crate) accept_id_tokens: bool,
    #[cfg(feature = "introspection")]
    pub(crate) introspection: Option<IntrospectionSettings>,
}

/// The questions to an issuer about its tokens (RFC 7662).
#[cfg(feature = "introspection")]
#[derive(Debug, Clone)]
pub(crate) struct IntrospectionSettings {
    pub(crate) endpoint: EndpointLocation,
    pub(crate) client: ClientSettings,
    /// Tokens that are no JWTs are asked about.
    pub(crate) opaque: bool,
    /// JWTs of the issuer are asked about.
    pub(crate) jwts: bool,
    pub(crate) cache_ttl: Duration,
    pub(crate) negative_ttl: Duration,
    pub(crate) require_audience: bool,
    pub(crate) token_prefix: Option<String>,
    pub(crate) max_in_flight: usize,
    /// Answers must be signed (RFC 9701).
    pub(crate) signed: bool,
}

/// The location of an endpoint of an issuer.
#[cfg(feature = "introspection")]
#[derive(Debug, Clone)]
pub(crate) enum EndpointLocation {
    At(Url),
    /// In the metadata of this issuer.
    Discover(Url),
    /// In the metadata at this URL: `metadata_url`.
    Metadata(Url),
}

/// This API as a client of an authorization server (RFC 6749 §2).
#[cfg(feature = "introspection")]
#[derive(Debug, Clone)]
pub(crate) struct ClientSettings {
    pub(crate) client_id: String,
    pub(crate) proof: ClientProof,
}

/// The proof of a client that it is the one it says.
#[cfg(feature = "introspection")]
#[derive(Debug, Clone)]
pub(crate) enum ClientProof {
    Basic(Secret),
    Post(Secret),
    PrivateKey {
        key: Arc<SigningKey>,
        key_id: Option<String>,
        /// The `aud` of assertions: the issuer alone.
        audience: String,
    },
}

/// The issuers of many tenants, which share their keys.
#[derive(Debug, Clone)]
pub(crate) struct IssuerTemplate {
    pub(crate) pattern: SegmentPattern,
    /// The accepted ones, sorted; `None`: all.
    pub(crate) tenants: Option<Vec<String>>,
    /// Names of other issuers, which no tenant has where all are accepted.
    pub(crate) reserved: Vec<String>,
    /// The claim that must equal the tenant in `iss`.
    pub(crate) tenant_claim: Option<String>,
}

/// The protected-resource metadata (RFC 9728 §2).
#[derive(Debug, Clone)]
pub(crate) struct ResourceSettings {
    /// The audience as configured.
    pub(crate) identifier: String,
    /// The path of the identifier; empty, or with a slash at the start.
    pub(crate) path: String,
    /// The URL of the document: the well-known path before that of the identifier (§3.1).
    pub(crate) metadata_url: String,
    pub(crate) name: Option<String>,
    pub(crate) documentation: Option<String>,
    pub(crate) policy: Option<String>,
    pub(crate) tos: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) authorization_servers: Vec<String>,
    /// The identifier, one of the audiences of an issuer.
    pub(crate) is_audience: bool,
}

impl ResourceSettings {
    /// The path of the document (RFC 9728 §3).
    pub(crate) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
}

/// The longest key file, in bytes: as long as a key set that is fetched.
pub(crate) const MAX_KEY_FILE: u64 = 512 * 1024;

impl IssuerSettings {
    /// Returns the keys that count. A bundle of SPIFFE has its own kinds; an issuer that has a
    /// trust domain and an `iss` may publish an ordinary set, too (SPIRE's discovery provider).
    pub(crate) fn key_use(&self) -> KeyUse {
        match (&self.trust_domain, &self.issuer) {
            (None, _) => KeyUse::Signatures,
            (Some(_), None) => KeyUse::Svids,
            (Some(_), Some(_)) => KeyUse::Both,
        }
    }
}

/// The location of an issuer's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyLocation {
    /// `jwks_url`.
    At(Url),
    /// Read `<issuer>/.well-known/openid-configuration`, then RFC 8414's, then the conventional
    /// path.
    Discover(Url),
    /// `<issuer>/.well-known/jwks.json`: `discovery = false`.
    Conventional(Url),
    /// `metadata_url`: read `jwks_uri` there.
    Metadata(Url),
    /// `jwks_file`. No network.
    File(PathBuf),
    /// Handed over in code: `AxiomsFairing::with_keys`. No network.
    Given,
}

/// For operators.
impl fmt::Display for KeyLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyLocation::At(url) => write!(f, "{}", RedactedUrl(url)),
            KeyLocation::Discover(url) => write!(f, "the metadata of {}", RedactedUrl(url)),
            KeyLocation::Conventional(url) => {
                write!(f, "the well-known path of {}", RedactedUrl(url))
            }
            KeyLocation::Metadata(url) => write!(f, "the metadata at {}", RedactedUrl(url)),
            KeyLocation::File(path) => {
                write!(f, "the file {}", one_line(&path.display().to_string()))
            }
            KeyLocation::Given => f.write_str("code"),
        }
    }
}

/// The times of keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeySettings {
    pub(crate) refresh_interval: Duration,
    pub(crate) cache_ttl: Duration,
    pub(crate) stale_ttl: Duration,
    pub(crate) cooldown: Duration,
    pub(crate) prefetch: JwksPrefetch,
    /// Of one issuer.
    pub(crate) uses: KeyUse,
}

/// Limits of fetches.
#[derive(Debug, Clone)]
pub(crate) struct HttpSettings {
    /// The whole fetch, redirects included.
    pub(crate) timeout: Duration,
    pub(crate) ca_bundle: Option<PathBuf>,
    pub(crate) allow_http: bool,
    /// The proxy of the top level.
    pub(crate) proxy: Option<ProxyUrl>,
}

/// The URL of a proxy, which prints without its user and password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ProxyUrl(pub(crate) Url);

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", RedactedUrl(&self.0))
    }
}

/// A token in a file, and the URL that it is sent to.
#[derive(Debug, Clone)]
pub(crate) struct BearerSettings {
    pub(crate) file: PathBuf,
    pub(crate) sent_to: Url,
}

impl BearerSettings {
    /// The longest file, in bytes.
    pub(crate) const MAX_FILE: u64 = 64 * 1024;
}

impl HttpSettings {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            timeout: Duration::from_secs(config.http_timeout),
            ca_bundle: config.http_ca_bundle.clone(),
            allow_http: config.allow_http,
            // Its fault is a problem of the checks.
            proxy: proxy(&config.http_proxy).ok().flatten(),
        }
    }
}
