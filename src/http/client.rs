//! The `reqwest` client: TLS roots, redirects, and everything pinned that a feature of `reqwest`
//! would change, since the application chooses those.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy};

use super::error::{HttpError, reason};
use super::rules::{RedirectRefusal, check_redirect};
use crate::config::{HttpSettings, ProxyUrl};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long an idle connection is kept: less than most servers do (Node.js: 5 s).
#[cfg(feature = "introspection")]
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// Some key servers answer 406 unless the type of key sets (RFC 7517 §8.5.2) is accepted, as
/// Kubernetes does.
const ACCEPTED: &str = "application/jwk-set+json, application/json, */*;q=0.5";
const USER_AGENT: &str = concat!("axioms-rocket/", env!("CARGO_PKG_VERSION"));

/// The use of a client.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// GET of documents: redirects are followed, and no connection is kept.
    Documents,
    /// Documents with a token, which no redirect takes elsewhere.
    DocumentsWithToken,
    /// POST of forms with credentials: no redirect is followed, which would hand them on, and
    /// connections are kept, up to so many.
    #[cfg(feature = "introspection")]
    Forms(usize),
}

pub(super) fn build(settings: &HttpSettings, purpose: Purpose) -> Result<Client, HttpError> {
    let proxy = settings.proxy.as_ref().map(through).transpose()?;
    let plain = || plain(settings, purpose, proxy.clone());
    let roots = match &settings.ca_bundle {
        Some(path) => read_bundle(path)?,
        None => Vec::new(),
    };
    let with_platform = match plain().tls_certs_merge(roots.iter().cloned()).build() {
        Ok(client) => return Ok(client),
        Err(error) => reason(error),
    };
    // On a machine without root certificates the platform's verifier cannot be built. The program
    // starts all the same, with the bundle alone or without roots; then each https request fails.
    match plain().tls_certs_only(roots).build() {
        Ok(client) => {
            tracing::warn!(
                reason = with_platform,
                "the root certificates of this platform cannot be used: only those of \
                 `http_ca_bundle` are trusted"
            );
            Ok(client)
        }
        Err(error) => Err(match &settings.ca_bundle {
            Some(path) => HttpError::BadCertificate {
                path: path.clone(),
                reason: reason(error),
            },
            None => HttpError::Client(reason(error)),
        }),
    }
}

/// Returns the rule for a proxy: everything but loopback hosts.
fn through(proxy: &ProxyUrl) -> Result<Proxy, HttpError> {
    let all = Proxy::all(proxy.0.clone()).map_err(|error| HttpError::Client(reason(error)))?;
    Ok(all.no_proxy(NoProxy::from_string("localhost, 127.0.0.0/8, ::1")))
}

fn plain(settings: &HttpSettings, purpose: Purpose, proxy: Option<Proxy>) -> ClientBuilder {
    let allow_http = settings.allow_http;
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static(ACCEPTED)),
            (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        ]))
        // Nothing is unpacked, with the features `gzip`, `brotli`, `deflate` and `zstd` too.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .tls_backend_rustls()
        .no_hickory_dns()
        .http1_only()
        .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout))
        .retry(reqwest::retry::never())
        .referer(false)
        // Of the environment, too.
        .no_proxy();
    let builder = match proxy {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    };
    match purpose {
        // An idle connection would be dead by the next refresh, and it belongs to the runtime that
        // opened it.
        Purpose::Documents => {
            builder
                .pool_max_idle_per_host(0)
                .redirect(Policy::custom(move |attempt| {
                    match check_redirect(attempt.previous(), attempt.url(), allow_http) {
                        Ok(()) => attempt.follow(),
                        Err(refusal) => attempt.error(refusal),
                    }
                }))
        }
        Purpose::DocumentsWithToken => {
            builder
                .pool_max_idle_per_host(0)
                .redirect(Policy::custom(|attempt| {
                    attempt.error(RedirectRefusal::WithToken)
                }))
        }
        #[cfg(feature = "introspection")]
        Purpose::Forms(connections) => builder
            .pool_max_idle_per_host(connections)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .redirect(Policy::none()),
    }
}

fn read_bundle(path: &Path) -> Result<Vec<Certificate>, HttpError> {
    let pem = std::fs::read(path).map_err(|error| HttpError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(roots) if roots.is_empty() => Err(HttpError::NoCertificate {
            path: path.to_owned(),
        }),
        Ok(roots) => Ok(roots),
        Err(error) => Err(HttpError::BadCertificate {
            path: path.to_owned(),
            reason: reason(error),
        }),
    }
}
