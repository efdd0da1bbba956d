//! Numbers and their bounds.

use super::report::Report;
use crate::config::fields::Config;

/// Ten years: long enough for everybody, and no sum of two can overflow.
const LONGEST: u64 = 3650 * 86400;

/// A set's own `max-age` never shortens it below 60; an operator may, knowingly.
const SHORTEST_REFRESH: u64 = 1;

pub(super) fn check(config: &Config, report: &mut Report<'_>) {
    let seconds = [
        ("leeway", config.leeway, 0, 300),
        (
            "max_token_age",
            config.max_token_age.unwrap_or(LONGEST),
            1,
            LONGEST,
        ),
        (
            "jwks_refresh_interval",
            config.jwks_refresh_interval,
            SHORTEST_REFRESH,
            LONGEST,
        ),
        ("jwks_cache_ttl", config.jwks_cache_ttl, 1, LONGEST),
        ("jwks_stale_ttl", config.jwks_stale_ttl, 0, LONGEST),
        ("jwks_cooldown", config.jwks_cooldown, 1, LONGEST),
        ("http_timeout", config.http_timeout, 1, 60),
        ("issuer_ttl", config.issuer_ttl, 1, 86400),
    ];
    let others = [
        (
            "max_token_bytes",
            config.max_token_bytes as u64,
            1,
            1 << 20,
            "bytes",
        ),
        (
            "token_cache_capacity",
            config.token_cache_capacity as u64,
            0,
            1_000_000,
            "tokens",
        ),
    ];
    let seconds = seconds.map(|(key, is, least, most)| (key, is, least, most, "seconds"));
    for (key, is, least, most, unit) in seconds.into_iter().chain(others) {
        if is < least {
            report.problem(key, format!("is {is} {unit}; at least {least}"));
        } else if is > most {
            report.problem(key, format!("is {is} {unit}; at most {most}"));
        }
    }

    let (ttl, interval) = (config.jwks_cache_ttl, config.jwks_refresh_interval);
    if (1..=LONGEST).contains(&ttl) && ttl < interval.saturating_mul(2) {
        let origin = report.origin("jwks_refresh_interval");
        let message = format!(
            "is {ttl} seconds, less than twice jwks_refresh_interval, which is {interval} seconds \
             ({origin}): one failed refresh would already leave no keys"
        );
        report.problem_of_many("jwks_cache_ttl", &["jwks_refresh_interval"], message);
    }
}
