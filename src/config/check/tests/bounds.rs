//! Bounds of numbers, and files.

use super::{of, spoilt};
use crate::config::Config;

type Set = fn(&mut Config, u64);

#[test]
fn numbers_have_bounds() {
    let least_and_most: [(&str, Set, u64, u64, &str); 9] = [
        ("leeway", |c, n| c.leeway = n, 0, 300, "seconds"),
        (
            "max_token_age",
            |c, n| c.max_token_age = Some(n),
            1,
            315_360_000,
            "seconds",
        ),
        (
            "jwks_refresh_interval",
            |c, n| (c.jwks_refresh_interval, c.jwks_cache_ttl) = (n, 315_360_000),
            1,
            157_680_000,
            "",
        ),
        (
            "jwks_cache_ttl",
            |c, n| (c.jwks_cache_ttl, c.jwks_refresh_interval) = (n, 60),
            120,
            315_360_000,
            "",
        ),
        (
            "jwks_stale_ttl",
            |c, n| c.jwks_stale_ttl = n,
            0,
            315_360_000,
            "seconds",
        ),
        (
            "jwks_cooldown",
            |c, n| c.jwks_cooldown = n,
            1,
            315_360_000,
            "seconds",
        ),
        ("http_timeout", |c, n| c.http_timeout = n, 1, 60, "seconds"),
        (
            "max_token_bytes",
            |c, n| c.max_token_bytes = n as usize,
            1,
            1_048_576,
            "bytes",
        ),
        (
            "token_cache_capacity",
            |c, n| c.token_cache_capacity = n as usize,
            0,
            1_000_000,
            "tokens",
        ),
    ];
    for (key, set, least, most, unit) in least_and_most {
        of(|c| set(c, least));
        of(|c| set(c, most));
        if !unit.is_empty() {
            let too_much = most + 1;
            assert_eq!(
                spoilt(|c| set(c, too_much)),
                [format!("{key}: is {too_much} {unit}; at most {most}")]
            );
        }
        if !unit.is_empty() && least > 0 {
            assert_eq!(
                spoilt(|c| set(c, 0)),
                [format!("{key}: is 0 {unit}; at least {least}")]
            );
        }
    }
    assert_eq!(
        spoilt(|c| c.jwks_refresh_interval = 0),
        ["jwks_refresh_interval: is 0 seconds; at least 1"]
    );
    assert_eq!(
        spoilt(|c| c.jwks_cache_ttl = u64::MAX),
        ["jwks_cache_ttl: is 18446744073709551615 seconds; at most 315360000"]
    );
}

#[test]
fn a_cache_of_less_than_two_intervals_names_both_numbers() {
    assert_eq!(
        spoilt(|c| (c.jwks_refresh_interval, c.jwks_cache_ttl) = (1000, 1999)),
        [
            "jwks_cache_ttl: is 1999 seconds, less than twice jwks_refresh_interval, which is \
             1000 seconds (code (AxiomsFairing::from_config)): one failed refresh would already \
             leave no keys"
        ]
    );
    of(|c| (c.jwks_refresh_interval, c.jwks_cache_ttl) = (1000, 2000));
}

#[test]
fn a_ca_bundle_is_a_readable_file_of_certificates() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    let bundle = |path: &std::path::Path| {
        let path = path.to_owned();
        move |c: &mut Config| c.http_ca_bundle = Some(path)
    };
    let shown = path.display();
    assert_eq!(
        spoilt(bundle(&path)),
        [format!(
            "http_ca_bundle: `{shown}` cannot be read: {}",
            std::fs::read(&path).unwrap_err()
        )]
    );
    std::fs::write(&path, "-----BEGIN PRIVATE KEY-----").unwrap();
    assert_eq!(
        spoilt(bundle(&path)),
        [format!(
            "http_ca_bundle: `{shown}` holds no PEM certificate"
        )]
    );
    std::fs::write(&path, "# ours\n-----BEGIN CERTIFICATE-----\n").unwrap();
    assert_eq!(of(bundle(&path)).http.ca_bundle, Some(path));
}
