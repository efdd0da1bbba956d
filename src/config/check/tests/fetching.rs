//! The proxy, and the token that keys are fetched with.

use super::{good, of, problems, spoilt};
use crate::config::{Config, IssuerConfig};

/// A file that exists.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rustfmt.toml");

#[test]
fn each_issuer_has_the_proxy_of_the_top_level_or_its_own() {
    let entry = |host: &str, http_proxy: Option<&str>| IssuerConfig {
        iss_url: Some(format!("https://{host}.example.com")),
        http_proxy: http_proxy.map(str::to_owned),
        ..IssuerConfig::default()
    };
    let settings = of(|c| {
        c.http_proxy = "http://user:p%40@proxy.example.com:3128".into();
        c.issuers = vec![
            entry("a", None),
            entry("b", Some("none")),
            entry("c", Some("http://other.example.com/")),
        ];
    });
    let proxies: Vec<_> = settings
        .issuers
        .iter()
        .map(|issuer| {
            issuer
                .proxy
                .as_ref()
                .map(|proxy| proxy.0.as_str().to_owned())
        })
        .collect();
    let top = Some("http://user:p%40@proxy.example.com:3128/".to_owned());
    let other = Some("http://other.example.com/".to_owned());
    assert_eq!(proxies, [top.clone(), top, None, other]);
    let shown = format!("{settings:?}");
    assert!(
        !shown.contains("p%40") && !shown.contains("user:"),
        "{shown}"
    );
}

#[test]
fn a_proxy_is_a_host_with_a_port() {
    for (proxy, words) in [
        (
            "proxy.example.com:3128",
            "must begin with http://, or be `none`",
        ),
        (
            "https://proxy.example.com",
            "must begin with http://, or be `none`",
        ),
        (
            "socks5://proxy.example.com",
            "must begin with http://, or be `none`",
        ),
        ("", "must begin with http://, or be `none`"),
        ("http://", "is not a URL"),
        (
            "http://hunter2@proxy.example.com/x",
            "must be a host and a port, without a path",
        ),
        (
            "http://proxy.example.com?hunter2",
            "must be a host and a port, without a path",
        ),
        (
            "http://user:hunter2@x@proxy.example.com",
            "holds more than one @",
        ),
        ("http://proxy.example.com:0", "has port 0"),
        ("http://a b", "is not a URL"),
    ] {
        let problems = spoilt(|c| c.http_proxy = proxy.into());
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("http_proxy: "), "{problems:?}");
        assert!(problems[0].contains(words), "{proxy}: {problems:?}");
        assert!(!problems[0].contains("hunter2"), "{problems:?}");
    }
    let config = Config {
        http_proxy: "http://user:hunter2@proxy.example.com".into(),
        ..good()
    };
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_token_needs_an_address_over_https_and_a_file() {
    let bearer = of(|c| c.jwks_bearer_file = Some(FILE.into())).issuers[0]
        .bearer
        .clone();
    assert_eq!(
        bearer.unwrap().sent_to.as_str(),
        "https://auth.example.com/"
    );
    let problem = |change: &dyn Fn(&mut Config)| {
        let mut config = good();
        config.jwks_bearer_file = Some(FILE.into());
        change(&mut config);
        problems(&config)
    };
    assert_eq!(
        problem(&|c| c.jwks_file = Some(FILE.into())),
        ["jwks_bearer_file: is for fetching, and nothing is fetched for this issuer"]
    );
    assert_eq!(
        problem(&|c| {
            c.iss_url = Some("http://auth.example.com".into());
            c.allow_http = true;
        }),
        [
            "jwks_bearer_file: is sent over https only, and the keys of this issuer are fetched \
             over http"
        ]
    );
    let absent = problem(&|c| c.jwks_bearer_file = Some("no/such/token".into()));
    assert!(
        absent[0].contains("no/such/token` cannot be read: "),
        "{absent:?}"
    );
}
