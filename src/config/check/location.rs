//! The location of an issuer's keys: one setting says it, and none beside it.

use std::time::Duration;

use super::KeysGiven;
use super::addresses::{self, PlainHttp};
use super::mistaken;
use super::report::Report;
use super::tenants;
use crate::base::file::{self, SmallFile};
use crate::config::fields::{Config, IssuerConfig};
use crate::config::prefetch::JwksPrefetch;
use crate::config::settings::{KeyLocation, MAX_KEY_FILE};

/// Returns the settings of `entry` that say where its keys are.
pub(super) fn given(entry: &IssuerConfig) -> impl Iterator<Item = &'static str> {
    let set = [
        ("jwks_url", entry.jwks_url.is_some()),
        ("jwks_file", entry.jwks_file.is_some()),
        ("metadata_url", entry.metadata_url.is_some()),
    ];
    set.into_iter()
        .filter_map(|(key, is_set)| is_set.then_some(key))
}

/// Returns the location of the keys. The issuer must be a URL only if its keys are found through
/// it.
pub(super) fn check(
    config: &Config,
    entry: &IssuerConfig,
    issuer: Option<&str>,
    place: &str,
    keys: KeysGiven,
    report: &mut Report<'_>,
) -> Option<KeyLocation> {
    let plain = match config.allow_http {
        true => PlainHttp::Everywhere,
        false => PlainHttp::Loopback,
    };
    let is_alone = is_alone(config, entry, place, keys, report);
    let mut location = None;
    if let Some(jwks_url) = &entry.jwks_url {
        let url = addresses::fetchable(jwks_url, plain)
            .and_then(|url| mistaken::never_keys(&url).map_or(Ok(url), Err));
        match url {
            Ok(url) => location = Some(KeyLocation::At(url)),
            Err(fault) => {
                report.problem(&format!("{place}jwks_url"), fault);
                return None;
            }
        }
    }
    if let Some(path) = &entry.jwks_file {
        let path = file::absolute(path);
        let timeout = Duration::from_secs(config.http_timeout.clamp(1, 60));
        let read = match config.jwks_prefetch {
            // It may come later.
            JwksPrefetch::Never => Ok(Vec::new()),
            _ => SmallFile::new(&path, MAX_KEY_FILE).read_blocking(timeout),
        };
        if let Err(error) = read {
            let message = format!("`{}` cannot be read: {error}", file::shown(&path));
            report.problem(&format!("{place}jwks_file"), message);
            return None;
        }
        location = Some(KeyLocation::File(path));
    }
    if let Some(metadata_url) = &entry.metadata_url {
        let key = format!("{place}metadata_url");
        match addresses::fetchable(metadata_url, plain) {
            Err(fault) => report.problem(&key, fault),
            Ok(_) if issuer.is_none() => report.problem_of_many(
                &key,
                &[&format!("{place}iss_url"), &format!("{place}domain")],
                "needs iss_url or domain beside it: the issuer that the metadata must name",
            ),
            Ok(url) => location = Some(KeyLocation::Metadata(url)),
        }
        location.as_ref()?;
    }
    if !is_alone {
        return None;
    }
    if keys == KeysGiven::Yes {
        return Some(KeyLocation::Given);
    }
    let is_template = issuer.is_some_and(|issuer| issuer.contains(tenants::TENANT));
    // Metadata name one issuer.
    let is_discovered = matches!(location, None | Some(KeyLocation::Metadata(_)));
    if is_template && is_discovered {
        let message = "is required with `{tenant}` in iss_url: no token may choose where its keys \
                       are fetched from";
        report.problem(&format!("{place}jwks_url"), message);
        return None;
    }
    if location.is_some() {
        return location;
    }
    let fault = match addresses::fetchable(issuer?, plain) {
        Ok(url) if url.query().is_some() => "must not hold a query",
        Ok(url) if entry.discovery.unwrap_or(config.discovery) => {
            return Some(KeyLocation::Discover(url));
        }
        Ok(url) => return Some(KeyLocation::Conventional(url)),
        Err(fault) => fault,
    };
    let message = format!("{fault}; an issuer of any other form needs jwks_url");
    report.problem_of_many(
        &format!("{place}iss_url"),
        &[&format!("{place}jwks_url")],
        message,
    );
    None
}

/// Checks that nothing else says where the keys are.
fn is_alone(
    config: &Config,
    entry: &IssuerConfig,
    place: &str,
    keys: KeysGiven,
    report: &mut Report<'_>,
) -> bool {
    let mut problem =
        |key: &str, message: String| report.problem(&format!("{place}{key}"), message);
    let mut given = given(entry);
    let Some(first) = given.next() else {
        return true;
    };
    let mut is_alone = true;
    for key in given {
        let message = format!("cannot be set beside {place}{first}: both say where the keys are");
        problem(key, message);
        is_alone = false;
    }
    // `jwks_url` beside them has no effect, of which `overruled` warns.
    if keys == KeysGiven::Yes && first != "jwks_url" {
        let message = "cannot be set beside with_keys, which gives the keys of this issuer";
        problem(first, message.to_owned());
        is_alone = false;
    }
    let is_discovered = entry.discovery.unwrap_or(config.discovery);
    if first == "metadata_url" && !is_discovered {
        let message = format!("is off, and {place}metadata_url needs it: metadata are read");
        problem("discovery", message);
        is_alone = false;
    }
    // An entry of `issuers` has a value of its own only if it was set.
    if first == "jwks_file" && !place.is_empty() && entry.discovery == Some(true) {
        let message = format!("cannot be set beside {place}jwks_file: both say where the keys are");
        problem("discovery", message);
        is_alone = false;
    }
    is_alone
}
