//! Hosts and URLs, and where the keys are found by them.

use super::{ISSUER, good, of, problems, settings, spoilt};
use crate::config::{Config, KeyLocation};

#[test]
fn a_domain_is_shorthand_for_an_https_issuer() {
    for domain in [
        "auth.example.com",
        "https://auth.example.com",
        "HTTP://auth.example.com/",
        "auth.example.com/",
    ] {
        let settings = settings(&Config {
            iss_url: None,
            domain: Some(domain.into()),
            ..good()
        });
        assert_eq!(
            settings.issuers[0].issuer.as_deref(),
            Some(ISSUER),
            "{domain}"
        );
        assert_eq!(
            settings.issuers[0].location,
            KeyLocation::Discover(ISSUER.parse().unwrap()),
            "{domain}"
        );
    }
    let port = settings(&Config {
        iss_url: None,
        domain: Some("localhost:8443".into()),
        ..good()
    });
    assert_eq!(
        port.issuers[0].issuer.as_deref(),
        Some("https://localhost:8443")
    );
}

#[test]
fn a_domain_is_a_host_alone() {
    for (domain, fault) in [
        ("", "must not be empty"),
        ("https://", "must not be empty"),
        (
            "a.example.com/tenant",
            "must be a host alone, without a path; use iss_url for an issuer with one",
        ),
        (
            "a.example.com//",
            "must be a host alone, without a path; use iss_url for an issuer with one",
        ),
        (
            "ftp://a.example.com",
            "must be a host alone, without a path; use iss_url for an issuer with one",
        ),
        ("a.example.com?x", "must be a host alone, without a query"),
        ("a.example.com#x", "must be a host alone, without a query"),
        (
            "user:pass@a.example.com",
            "must be a host alone, without user information",
        ),
        ("a example.com", "must not hold blanks"),
        (" a.example.com", "must not hold blanks"),
        ("a.example.com:port", "is not a host"),
        ("[::1", "is not a host"),
    ] {
        assert_eq!(
            spoilt(|c| c.domain = Some(domain.into())),
            [format!("domain: {fault}")],
            "{domain}"
        );
    }
}

#[test]
fn an_issuer_is_kept_exactly_as_it_is_written() {
    for issuer in [
        "https://AUTH.example.com",
        "https://auth.example.com/",
        "https://auth.example.com/a/../b",
    ] {
        assert_eq!(
            of(|c| c.iss_url = Some(issuer.into())).issuers[0]
                .issuer
                .as_deref(),
            Some(issuer)
        );
    }
}

#[test]
fn an_issuer_that_is_not_a_url_needs_jwks_url() {
    assert_eq!(
        spoilt(|c| c.iss_url = Some("acme.com".into())),
        [
            "iss_url: is not a URL that begins with https://; an issuer of any other form needs jwks_url"
        ]
    );
    assert_eq!(
        spoilt(|c| c.iss_url = Some("urn:acme".into())),
        [
            "iss_url: is not a URL that begins with https://; an issuer of any other form needs jwks_url"
        ]
    );
    for issuer in [
        "acme.com",
        "urn:acme",
        "http://adfs.example.com/trust",
        "https://a.example.com?x=1",
    ] {
        let settings = of(|c| {
            c.iss_url = Some(issuer.into());
            c.jwks_url = Some("https://keys.example.com/jwks".into());
        });
        assert_eq!(settings.issuers[0].issuer.as_deref(), Some(issuer));
        assert_eq!(
            settings.issuers[0].location,
            KeyLocation::At("https://keys.example.com/jwks".parse().unwrap()),
            "{issuer} is a name and nothing is asked of it"
        );
    }
    assert_eq!(
        problems(&Config {
            jwks_url: Some("https://k".into()),
            iss_url: Some(String::new()),
            ..good()
        }),
        ["iss_url: must not be empty"]
    );
}

#[test]
fn plain_http_is_for_loopback_hosts_and_for_others_only_with_allow_http() {
    let refused = "must begin with https://: plain http is for loopback hosts, and for others only with allow_http";
    for host in [
        "localhost",
        "localhost:8080",
        "127.0.0.1",
        "127.9.9.9:1",
        "[::1]:8080",
    ] {
        of(|c| c.iss_url = Some(format!("http://{host}")));
        of(|c| c.jwks_url = Some(format!("http://{host}/jwks")));
    }
    for host in [
        "auth.example.com",
        "localhost.example.com",
        "10.0.0.1",
        "[::2]",
        "0.0.0.0",
        "127.0.0.1.example.com",
    ] {
        assert_eq!(
            spoilt(|c| c.iss_url = Some(format!("http://{host}"))),
            [format!(
                "iss_url: {refused}; an issuer of any other form needs jwks_url"
            )],
            "{host}"
        );
        assert_eq!(
            spoilt(|c| c.jwks_url = Some(format!("http://{host}/jwks"))),
            [format!("jwks_url: {refused}")]
        );
        of(|c| (c.iss_url, c.allow_http) = (Some(format!("http://{host}")), true));
        of(|c| (c.jwks_url, c.allow_http) = (Some(format!("http://{host}/jwks")), true));
    }
}

#[test]
fn a_url_holds_nothing_that_it_should_not_and_is_never_repeated() {
    for (url, fault) in [
        ("", "is not a URL that begins with https://"),
        (
            "keys.example.com/jwks",
            "is not a URL that begins with https://",
        ),
        ("file:///etc/jwks", "is not a URL that begins with https://"),
        (
            "https:keys.example.com",
            "is not a URL that begins with https://",
        ),
        ("https://", "is not a URL"),
        (
            "https://user@keys.example.com",
            "must not hold user information",
        ),
        (
            "https://:hunter2@keys.example.com",
            "must not hold user information",
        ),
        ("https://keys.example.com/#a", "must not hold a fragment"),
        (
            " https://keys.example.com",
            "is not a URL: it holds blanks or backslashes",
        ),
        (
            "https://keys.example.com/a b",
            "is not a URL: it holds blanks or backslashes",
        ),
        (
            "https:\\\\keys.example.com",
            "is not a URL: it holds blanks or backslashes",
        ),
    ] {
        assert_eq!(
            spoilt(|c| c.jwks_url = Some(url.into())),
            [format!("jwks_url: {fault}")],
            "{url}"
        );
    }
    of(|c| c.jwks_url = Some("https://keys.example.com/jwks?v=1".into()));
    assert_eq!(
        spoilt(|c| c.iss_url = Some("https://auth.example.com/?v=1".into())),
        ["iss_url: must not hold a query; an issuer of any other form needs jwks_url"]
    );
}

#[test]
fn without_discovery_the_keys_are_at_the_conventional_path() {
    let settings = of(|c| c.discovery = false);
    assert_eq!(
        settings.issuers[0].location,
        KeyLocation::Conventional(ISSUER.parse().unwrap())
    );
}

#[test]
fn with_jwks_url_alone_the_issuer_is_not_checked_and_names_no_claims() {
    let settings =
        of(|c| (c.iss_url, c.jwks_url) = (None, Some("https://keys.example.com/".into())));
    assert_eq!(settings.issuers[0].issuer, None);
    assert_eq!(settings.issuers[0].roles_claims, ["roles"]);
    assert_eq!(settings.realm, "api");
}
