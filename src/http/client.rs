//! Building the `reqwest` client: TLS roots, redirects, and nothing that would surprise.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder};

use super::error::{HttpError, reason};
use super::rules::check_redirect;
use crate::config::HttpSettings;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const USER_AGENT: &str = concat!("axioms-rocket/", env!("CARGO_PKG_VERSION"));

pub(super) fn build(settings: &HttpSettings) -> Result<Client, HttpError> {
    let roots = match &settings.ca_bundle {
        Some(path) => read_bundle(path)?,
        None => Vec::new(),
    };
    let with_platform = match plain(settings)
        .tls_certs_merge(roots.iter().cloned())
        .build()
    {
        Ok(client) => return Ok(client),
        Err(error) => reason(error),
    };
    // Without a single root certificate on the machine the platform's verifier cannot be made. The program starts
    // all the same: with the bundle alone, or else with an empty store, and then https fails when it is used.
    match plain(settings).tls_certs_only(roots).build() {
        Ok(client) => {
            tracing::warn!(
                reason = with_platform,
                "the root certificates of this platform cannot be used: only those of `http_ca_bundle` are trusted"
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

fn plain(settings: &HttpSettings) -> ClientBuilder {
    let allow_http = settings.allow_http;
    Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(HeaderMap::from_iter([(
            ACCEPT,
            HeaderValue::from_static("application/json"),
        )]))
        .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout))
        // An idle connection would be dead by the next refresh, and belongs to the runtime that opened it.
        .pool_max_idle_per_host(0)
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .redirect(Policy::custom(move |attempt| {
            match check_redirect(attempt.previous(), attempt.url(), allow_http) {
                Ok(()) => attempt.follow(),
                Err(refusal) => attempt.error(refusal),
            }
        }))
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
