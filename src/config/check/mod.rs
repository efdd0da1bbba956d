//! The rules that a configuration must hold, and the settings that it makes.

mod addresses;
#[cfg(feature = "introspection")]
mod client;
mod fetching;
#[cfg(feature = "introspection")]
mod introspection;
mod issuers;
mod location;
mod mistaken;
mod names;
mod numbers;
mod placeholders;
mod provider;
mod report;
mod resource;
mod tenants;
#[cfg(test)]
mod tests;
mod token_header;
mod trust_domain;

use std::fs;
use std::path::Path;
use std::time::Duration;

pub(super) use fetching::proxy;

use super::fields::Config;
use super::fields::IssuerConfig;
use super::hints::nearest;
use super::origins::Origins;
use super::problem::ConfigProblem;
use super::settings::{HttpSettings, IssuerSettings, KeySettings, Settings};
use crate::base::redact::one_line;
use crate::jose::KeyUse;
pub(crate) use addresses::is_plausible_issuer;
use report::Report;

/// `Yes` if the first issuer's keys are given in code, so that they need not be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeysGiven {
    Yes,
    No,
}

/// `Yes` if there is an `IssuerSource`, so that there need be no issuer in the settings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum IssuersElsewhere {
    Yes,
    #[default]
    No,
}

/// The methods of HTTP (RFC 9110 §9.3, RFC 5789).
const METHODS: [&str; 9] = [
    "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "TRACE", "CONNECT", "PATCH",
];

/// Applies every rule to `config`; `origins` say where to look for what is wrong.
///
/// # Errors
///
/// All problems at once. An empty list if the only problems were found in reading already.
pub(crate) fn check(
    config: &Config,
    origins: &Origins,
    keys: KeysGiven,
    elsewhere: IssuersElsewhere,
) -> Result<Settings, Vec<ConfigProblem>> {
    let mut report = Report::new(origins);

    let issuers = issuers::check(config, keys, elsewhere, &mut report);
    let safe_methods = safe_methods(&config.safe_methods, &mut report);
    numbers::check(config, &mut report);
    if let Some(path) = &config.http_ca_bundle {
        ca_bundle(path, &mut report);
    }
    if let Some(realm) = &config.realm {
        report.text("realm", realm);
    }
    let resource = resource::check(config, &issuers, &mut report);
    let first = issuers.first();
    let default_realm = || {
        let issuer = first.filter(|first| first.template.is_none());
        let audience = first.map_or(&config.audience, |first| &first.audience);
        let issuer = issuer.and_then(|first| first.issuer.clone());
        issuer.or_else(|| audience.first().cloned())
    };

    let settings = Settings {
        leeway: Duration::from_secs(config.leeway),
        max_token_age: config.max_token_age.map(Duration::from_secs),
        safe_methods,
        issuer_ttl: Duration::from_secs(config.issuer_ttl),
        keys: KeySettings {
            refresh_interval: Duration::from_secs(config.jwks_refresh_interval),
            cache_ttl: Duration::from_secs(config.jwks_cache_ttl),
            stale_ttl: Duration::from_secs(config.jwks_stale_ttl),
            cooldown: Duration::from_secs(config.jwks_cooldown),
            prefetch: config.jwks_prefetch,
            uses: KeyUse::Signatures,
        },
        http: HttpSettings::of(config),
        realm: config
            .realm
            .clone()
            .or_else(default_realm)
            .unwrap_or_default(),
        max_token_bytes: config.max_token_bytes,
        token_cache_capacity: config.token_cache_capacity,
        log_subject: config.log_subject,
        resource,
        issuers,
    };
    report.finish(settings)
}

/// Applies the rules to `entry`, an issuer that is known only at run time. The settings that it
/// leaves out are those of `config`, which was checked and is of `origins`.
///
/// # Errors
///
/// All problems at once.
pub(crate) fn check_issuer(
    config: &Config,
    origins: &Origins,
    entry: &IssuerConfig,
) -> Result<IssuerSettings, Vec<ConfigProblem>> {
    let of_entry = Origins::code();
    let mut report = Report::new(&of_entry);
    // Ignored, it would accept tokens that its operator believes to be asked about.
    if entry.introspection.is_some() {
        let message = "is a table of configured issuers, and not of those of an IssuerSource";
        report.problem("introspection", message);
        return report.finish(None)?.ok_or_else(Vec::new);
    }
    let settings = issuers::check_one(config, origins, entry, &mut report);
    report.finish(settings)?.ok_or_else(Vec::new)
}

fn safe_methods(methods: &[String], report: &mut Report<'_>) -> Vec<String> {
    let methods: Vec<_> = methods
        .iter()
        .map(|method| method.to_ascii_uppercase())
        .collect();
    for method in methods
        .iter()
        .filter(|method| !METHODS.contains(&method.as_str()))
    {
        let nearest = nearest(METHODS, method);
        report.problem(
            "safe_methods",
            format!(
                "`{}` is not a method that HTTP knows; the nearest one is `{nearest}`",
                one_line(method)
            ),
        );
    }
    methods
}

/// Checks that the file can be read and holds PEM. The HTTP client parses the certificates.
fn ca_bundle(path: &Path, report: &mut Report<'_>) {
    let message = match fs::read(path) {
        Err(error) => format!(
            "`{}` cannot be read: {error}",
            one_line(&path.display().to_string())
        ),
        Ok(pem)
            if pem
                .windows(CERTIFICATE.len())
                .any(|window| window == CERTIFICATE) =>
        {
            return;
        }
        Ok(_) => format!(
            "`{}` holds no PEM certificate",
            one_line(&path.display().to_string())
        ),
    };
    report.problem("http_ca_bundle", message);
}

const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
