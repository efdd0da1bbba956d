//! One issuer, several, or none.

use std::collections::BTreeMap;

use serde_json::json;

use super::{ISSUER, good, of, problems, problems_with, settings, spoilt, texts};
use crate::config::check::check;
use crate::config::origins::Origins;
use crate::config::{Config, IssuerConfig, IssuersElsewhere, KeyLocation, KeysGiven};
use crate::jose::Algorithm;

#[test]
fn the_audience_is_required_and_none_of_it_empty() {
    let required =
        "audience: is required: the identifier of this API, which a token's `aud` must name";
    assert_eq!(spoilt(|c| c.audience.clear()), [required]);
    assert_eq!(
        spoilt(|c| c.audience = texts(&["a", ""])),
        ["audience: entry 2 must not be empty"]
    );
    assert_eq!(
        spoilt(|c| c.audience = texts(&[" a"])),
        ["audience: entry 1 must not begin or end with a blank"]
    );
    assert_eq!(
        spoilt(|c| c.audience = texts(&["a\nb"])),
        ["audience: entry 1 must not hold control characters"]
    );
}

#[test]
fn without_an_issuer_the_four_keys_are_named() {
    let nothing =
        "iss_url: nothing says whose tokens are accepted; set domain, iss_url, jwks_url or issuers";
    assert_eq!(spoilt(|c| c.iss_url = None), [nothing]);
    let required =
        "audience: is required: the identifier of this API, which a token's `aud` must name";
    assert_eq!(problems(&Config::default()), [nothing, required]);
}

#[test]
fn jwks_url_alone_beside_issuers_is_refused() {
    let problems = spoilt(|c| {
        (c.iss_url, c.jwks_url) = (None, Some("https://keys.example.com/".into()));
        c.issuers = vec![further("https://b.example.com")];
    });
    assert_eq!(
        problems,
        [
            "iss_url: is needed beside jwks_url when there are issuers too: without it every \
             token would be the first one's"
        ]
    );
}

fn further(issuer: &str) -> IssuerConfig {
    IssuerConfig {
        iss_url: Some(issuer.into()),
        ..IssuerConfig::default()
    }
}

#[test]
fn keys_that_are_given_belong_to_the_first_issuer_alone() {
    let locations = |config: &Config| {
        let settings = check(
            config,
            &Origins::default(),
            KeysGiven::Yes,
            IssuersElsewhere::No,
        )
        .unwrap();
        settings
            .issuers
            .into_iter()
            .map(|issuer| (issuer.issuer, issuer.location))
            .collect::<Vec<_>>()
    };
    let nameless = Config {
        audience: texts(&["api"]),
        ..Config::default()
    };
    assert_eq!(locations(&nameless), [(None, KeyLocation::Given)]);
    let opaque = Config {
        iss_url: Some("acme".into()),
        ..good()
    };
    assert_eq!(
        locations(&opaque),
        [(Some("acme".into()), KeyLocation::Given)]
    );
    let overridden = Config {
        jwks_url: Some("https://keys.example.com".into()),
        ..good()
    };
    assert_eq!(
        locations(&overridden),
        [(Some(ISSUER.into()), KeyLocation::Given)]
    );
    let (a, b) = ("https://a.example.com", "https://b.example.com");
    let both = Config {
        issuers: vec![further(a), further(b)],
        ..nameless
    };
    let second = (
        Some(b.to_owned()),
        KeyLocation::Discover(b.parse().unwrap()),
    );
    assert_eq!(
        locations(&both),
        [(Some(a.into()), KeyLocation::Given), second]
    );
    assert_eq!(
        problems_with(
            &Config {
                audience: vec![],
                ..good()
            },
            KeysGiven::Yes
        )
        .len(),
        1,
        "audience is still needed"
    );
}

#[test]
fn a_further_issuer_has_its_own_or_the_top_levels() {
    let own = IssuerConfig {
        name: Some("partners".into()),
        domain: Some("b.example.com".into()),
        discovery: Some(false),
        audience: Some(texts(&["b"])),
        algorithms: Some(texts(&["ES256"])),
        roles_claims: Some(texts(&["groups"])),
        expected_claims: Some(BTreeMap::from([("tier".to_owned(), json!([1, 2]))])),
        ..IssuerConfig::default()
    };
    let settings = of(|c| {
        c.issuers = vec![own, further("https://c.example.com/t")];
        c.required_claims = texts(&["sub"]);
        c.expected_claims
            .insert("token_use".into(), json!("access"));
    });
    let [first, own, bare] = &settings.issuers[..] else {
        panic!()
    };
    assert_eq!(
        first.expected_claims,
        [("token_use".to_owned(), vec![json!("access")])]
    );

    assert_eq!(own.name.as_deref(), Some("partners"));
    assert_eq!(own.issuer.as_deref(), Some("https://b.example.com"));
    assert_eq!(
        own.location,
        KeyLocation::Conventional("https://b.example.com".parse().unwrap())
    );
    assert_eq!(own.audience, ["b"]);
    assert_eq!(
        own.algorithms.iter().collect::<Vec<_>>(),
        [Algorithm::Es256]
    );
    assert_eq!(
        own.roles_claims,
        ["groups", "https://b.example.com/claims/roles"]
    );
    assert_eq!(own.required_claims, ["sub"]);
    assert_eq!(
        own.expected_claims,
        [("tier".to_owned(), vec![json!(1), json!(2)])]
    );

    assert_eq!(
        bare.location,
        KeyLocation::Discover("https://c.example.com/t".parse().unwrap())
    );
    assert_eq!(bare.audience, ["api"]);
    assert_eq!(
        bare.roles_claims,
        ["roles", "https://c.example.com/claims/roles"]
    );
    assert_eq!(bare.expected_claims, first.expected_claims);
}

#[test]
fn issuers_alone_are_enough_if_each_has_an_audience() {
    let own = |issuer: &str| IssuerConfig {
        audience: Some(texts(&["x"])),
        ..further(issuer)
    };
    let alone = Config {
        issuers: vec![own("https://a.example.com")],
        ..Config::default()
    };
    assert_eq!(settings(&alone).issuers.len(), 1);
    assert_eq!(settings(&alone).realm, "https://a.example.com");

    let missing = Config {
        issuers: vec![
            own("https://a.example.com"),
            further("https://b.example.com"),
            IssuerConfig {
                audience: Some(vec![]),
                ..further("https://c.example.com")
            },
        ],
        ..Config::default()
    };
    assert_eq!(
        problems(&missing),
        [
            "issuers[1].audience: is required, here or at the top level",
            "issuers[2].audience: must not be empty"
        ]
    );
}

#[test]
fn every_further_issuer_has_an_identity_of_its_own() {
    let named = |name: &str, issuer: &str| IssuerConfig {
        name: Some(name.into()),
        ..further(issuer)
    };
    let problems = spoilt(|c| {
        c.issuers = vec![
            named("a", "https://a.example.com"),
            named("a", "https://b.example.com"),
            IssuerConfig {
                domain: Some("b.example.com".into()),
                ..IssuerConfig::default()
            },
            further(ISSUER),
            IssuerConfig {
                jwks_url: Some("https://keys.example.com".into()),
                ..IssuerConfig::default()
            },
            further("https://a.example.com/"),
            named("", "https://d.example.com"),
            named("CORP\\staff", "https://e.example.com"),
        ];
    });
    assert_eq!(
        problems,
        [
            "issuers[4].iss_url: is required: each of several issuers needs iss_url or domain",
            "issuers[6].name: must not be empty",
            "issuers[1].name: is also the name of issuers[0]",
            "issuers[2].domain: is the same issuer as that of issuers[1]",
            "issuers[3].iss_url: is the same issuer as that of the top level",
        ]
    );
}

#[test]
fn what_is_wrong_at_the_top_level_is_not_repeated_for_each_issuer() {
    let problems = spoilt(|c| {
        c.algorithms = texts(&["HS256"]);
        c.issuers = vec![
            further("https://a.example.com"),
            IssuerConfig {
                algorithms: Some(texts(&["none"])),
                ..further("https://b.example.com")
            },
        ];
    });
    assert_eq!(
        problems,
        [
            "algorithms: `HS256` is symmetric: a key that checks such tokens can also make them; \
             allow asymmetric ones only",
            "issuers[1].algorithms: `none` means tokens without a signature: anybody could make \
             one",
        ]
    );
}
