//! How the documents of an issuer are fetched: through a proxy, with a token.

use std::time::Duration;

use url::Url;

use super::addresses::{self, PlainHttp};
use super::report::Report;
use crate::base::file::{self, SmallFile};
use crate::base::loopback::is_loopback;
use crate::config::fields::{Config, IssuerConfig};
use crate::config::prefetch::JwksPrefetch;
use crate::config::settings::{BearerSettings, KeyLocation, ProxyUrl};

/// The value of `http_proxy` without a proxy.
const NO_PROXY: &str = "none";

/// Returns the proxy; `None` without one.
///
/// # Errors
///
/// The fault, which does not repeat the text: it may hold a password.
pub(in crate::config) fn proxy(text: &str) -> Result<Option<ProxyUrl>, &'static str> {
    if text == NO_PROXY {
        return Ok(None);
    }
    if addresses::without_prefix(text, "http://").is_none() {
        return Err("must begin with http://, or be `none`");
    }
    let Ok(url) = Url::parse(text) else {
        return Err("is not a URL");
    };
    if text.matches('@').count() > 1 {
        return Err("holds more than one @; write those of user and password as %40");
    }
    let without_user = text
        .rsplit_once('@')
        .map_or_else(|| text.to_owned(), |(_, host)| format!("http://{host}"));
    addresses::fetchable(&without_user, PlainHttp::Everywhere)?;
    if url.path() != "/" || url.query().is_some() {
        return Err("must be a host and a port, without a path");
    }
    Ok(Some(ProxyUrl(url)))
}

/// Returns the token that documents of this issuer are fetched with.
///
/// # Errors
///
/// Problems, which are in `report` already.
pub(super) fn bearer(
    config: &Config,
    entry: &IssuerConfig,
    location: &KeyLocation,
    place: &str,
    report: &mut Report<'_>,
) -> Result<Option<BearerSettings>, ()> {
    let Some(path) = &entry.jwks_bearer_file else {
        return Ok(None);
    };
    let key = format!("{place}jwks_bearer_file");
    let sent_to = match location {
        KeyLocation::At(url)
        | KeyLocation::Discover(url)
        | KeyLocation::Conventional(url)
        | KeyLocation::Metadata(url) => url,
        KeyLocation::File(_) | KeyLocation::Given => {
            report.problem(
                &key,
                "is for fetching, and nothing is fetched for this issuer",
            );
            return Err(());
        }
    };
    if sent_to.scheme() != "https" && !is_loopback(sent_to) {
        let message = "is sent over https only, and the keys of this issuer are fetched over http";
        report.problem(&key, message);
        return Err(());
    }
    let file = file::absolute(path);
    // It may come later.
    if config.jwks_prefetch != JwksPrefetch::Never {
        let timeout = Duration::from_secs(config.http_timeout.clamp(1, 60));
        let read = SmallFile::new(&file, BearerSettings::MAX_FILE).read_blocking(timeout);
        if let Err(error) = read {
            let message = format!("`{}` cannot be read: {error}", file::shown(&file));
            report.problem(&key, message);
            return Err(());
        }
    }
    Ok(Some(BearerSettings {
        file,
        sent_to: sent_to.clone(),
    }))
}
