//! The table `introspection` of an issuer.

use std::time::Duration;

use super::addresses::{self, PlainHttp};
use super::client::{self, Given};
use super::report::Report;
use crate::base::b64token::is_b64;
use crate::config::choice::IntrospectWhen;
use crate::config::fields::{Config, IssuerConfig};
use crate::config::settings::{EndpointLocation, IntrospectionSettings, IssuerSettings};

/// The longest time that an answer may be used, in seconds: so long a revoked token is accepted.
const LONGEST_TTL: u64 = 3600;

/// Checks the table of one issuer, whose identifier is `issuer`. `place` is before each key.
///
/// The table at the top level belongs to the first issuer: `issuers[0]`, unless the top level is an
/// issuer itself (`has_first`).
pub(super) fn check(
    config: &Config,
    has_first: bool,
    entry: &IssuerConfig,
    issuer: Option<&str>,
    place: &str,
    report: &mut Report<'_>,
) -> Option<IntrospectionSettings> {
    let (given, place) = match (&entry.introspection, &config.introspection) {
        (Some(_), Some(_)) if place == "issuers[0]." && !has_first => {
            let message = "is set beside issuers[0].introspection, which is of the same issuer; \
                           keep one of them";
            report.problem("introspection", message);
            return None;
        }
        (None, Some(top)) if place == "issuers[0]." && !has_first => (top, ""),
        (own, _) => (own.as_ref()?, place),
    };
    let place = format!("{place}introspection.");
    let key = |name: &str| format!("{place}{name}");
    let numbers = [
        ("cache_ttl", given.cache_ttl, 0, LONGEST_TTL, "seconds"),
        (
            "negative_ttl",
            given.negative_ttl,
            0,
            LONGEST_TTL,
            "seconds",
        ),
        (
            "max_in_flight",
            given.max_in_flight as u64,
            1,
            1024,
            "calls",
        ),
    ];
    for (name, is, least, most, unit) in numbers {
        if is < least {
            report.problem(&key(name), format!("is {is} {unit}; at least {least}"));
        } else if is > most {
            report.problem(&key(name), format!("is {is} {unit}; at most {most}"));
        }
    }
    if let Some(prefix) = &given.token_prefix
        && report.text(&key("token_prefix"), prefix)
        && !prefix.bytes().all(is_b64)
    {
        let message = "holds a character that a bearer token may not hold (RFC 6750 §2.1)";
        report.problem(&key("token_prefix"), message);
    }
    let client = Given {
        client_id: given.client_id.as_ref(),
        client_secret: given.client_secret.as_ref(),
        client_secret_file: given.client_secret_file.as_ref(),
        auth: given.auth,
        private_key_file: given.private_key_file.as_ref(),
        key_id: given.key_id.as_ref(),
        algorithm: given.algorithm.as_ref(),
    };
    let client = client::check(&client, issuer, &place, report);
    if given.signed && issuer.is_none() {
        let message = "needs iss_url or domain: a signed answer names the issuer (RFC 9701 §5)";
        report.problem(&key("signed"), message);
    }
    Some(IntrospectionSettings {
        endpoint: endpoint(config, entry, given.url.as_deref(), issuer, &place, report)?,
        client: client?,
        opaque: true,
        jwts: given.when == IntrospectWhen::Always,
        cache_ttl: Duration::from_secs(given.cache_ttl),
        negative_ttl: Duration::from_secs(given.negative_ttl),
        require_audience: given.require_audience,
        token_prefix: given.token_prefix.clone(),
        max_in_flight: given.max_in_flight,
        signed: given.signed,
    })
}

fn endpoint(
    config: &Config,
    entry: &IssuerConfig,
    url: Option<&str>,
    issuer: Option<&str>,
    place: &str,
    report: &mut Report<'_>,
) -> Option<EndpointLocation> {
    let plain = match config.allow_http {
        true => PlainHttp::Everywhere,
        false => PlainHttp::Loopback,
    };
    let key = format!("{place}url");
    if let Some(url) = url {
        return match addresses::fetchable(url, plain) {
            Ok(url) => Some(EndpointLocation::At(url)),
            Err(fault) => {
                report.problem(&key, fault);
                None
            }
        };
    }
    if let Some(metadata_url) = entry.metadata_url.as_deref().filter(|_| issuer.is_some()) {
        // Its faults are reported where the keys are found.
        let url = addresses::fetchable(metadata_url, plain).ok()?;
        return Some(EndpointLocation::Metadata(url));
    }
    match issuer.map(|issuer| addresses::fetchable(issuer, plain)) {
        Some(Ok(issuer)) => Some(EndpointLocation::Discover(issuer)),
        _ => {
            let message = "is required: without an issuer that is a URL its metadata cannot name \
                           the endpoint";
            report.problem(&key, message);
            None
        }
    }
}

/// Decides which issuer is asked about tokens that are no JWTs: the one with `when = "opaque"`, or
/// the only one that is asked at all. Two are a problem, since the token does not tell.
pub(super) fn one_for_opaque(issuers: &mut [(String, IssuerSettings)], report: &mut Report<'_>) {
    let tables = issuers
        .iter_mut()
        .filter_map(|(place, issuer)| Some((&*place, issuer.introspection.as_mut()?)));
    let mut tables: Vec<_> = tables.collect();
    let only = tables.len() == 1;
    let mut taken: Option<&str> = None;
    for (place, table) in &mut tables {
        table.opaque = only || !table.jwts;
        if !table.opaque {
            continue;
        }
        match taken {
            None => taken = Some(place),
            Some(first) => {
                let first = match first {
                    "" => "the top level",
                    entry => entry.trim_end_matches('.'),
                };
                let message = format!(
                    "is \"opaque\", as that of {first}: a token that is no JWT does not tell its \
                     issuer, so one can be asked; use \"always\" for JWTs of the other"
                );
                report.problem(&format!("{place}introspection.when"), message);
            }
        }
    }
}
