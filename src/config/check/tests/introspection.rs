//! The rules of the table `introspection`.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::{IssuersElsewhere, KeysGiven, Origins, check, problems};
use crate::base::redact::Secret;
use crate::config::check_issuer;
use crate::config::{
    ClientAuth, ClientProof, Config, EndpointLocation, IntrospectWhen, IntrospectionConfig,
    IntrospectionSettings, IssuerConfig,
};

fn introspection() -> IntrospectionConfig {
    IntrospectionConfig {
        client_id: Some("api".into()),
        client_secret: Some(Secret::new("hunter2")),
        ..IntrospectionConfig::default()
    }
}

fn with(change: impl FnOnce(&mut IntrospectionConfig)) -> Config {
    let mut introspection = introspection();
    change(&mut introspection);
    Config {
        audience: vec!["api".into()],
        iss_url: Some("https://auth.test".into()),
        introspection: Some(introspection),
        ..Config::default()
    }
}

fn settings(config: &Config) -> IntrospectionSettings {
    let settings = check(
        config,
        &Origins::default(),
        KeysGiven::No,
        IssuersElsewhere::No,
    )
    .unwrap();
    settings.issuers[0].introspection.clone().unwrap()
}

#[test]
fn the_defaults_are_those_of_the_page() {
    let settings = settings(&with(|_| {}));
    assert!(matches!(settings.endpoint, EndpointLocation::Discover(_)));
    assert!(settings.opaque && !settings.jwts && !settings.signed && settings.require_audience);
    assert_eq!(settings.cache_ttl, Duration::from_secs(60));
    assert_eq!(settings.negative_ttl, Duration::from_secs(5));
    assert_eq!((settings.token_prefix, settings.max_in_flight), (None, 32));
    assert!(
        matches!(settings.client.proof, ClientProof::Basic(secret) if secret.expose() == "hunter2")
    );
}

#[test]
fn each_value_that_cannot_work_is_a_problem() {
    let cases: [(&str, fn(&mut IntrospectionConfig)); 16] = [
        ("client_id: is required", |i| i.client_id = None),
        ("client_id: must not be empty", |i| {
            i.client_id = Some(String::new())
        }),
        ("client_secret: is required", |i| i.client_secret = None),
        ("client_secret: holds no secret", |i| {
            i.client_secret = Some(Secret::new(""))
        }),
        ("client_secret: holds a secret with control", |i| {
            i.client_secret = Some(Secret::new("a\nb"));
        }),
        ("client_secret_file: is set beside client_secret", |i| {
            i.client_secret_file = Some("secret".into());
        }),
        ("url: must begin with https://", |i| {
            i.url = Some("http://auth.test/i".into())
        }),
        ("url: must not hold user information", |i| {
            i.url = Some("https://u:p@auth.test/".into())
        }),
        ("url: is not a URL", |i| i.url = Some("/introspect".into())),
        ("cache_ttl: is 3601 seconds; at most 3600", |i| {
            i.cache_ttl = 3601
        }),
        ("negative_ttl: is 3601 seconds; at most 3600", |i| {
            i.negative_ttl = 3601
        }),
        ("max_in_flight: is 0 calls; at least 1", |i| {
            i.max_in_flight = 0
        }),
        ("max_in_flight: is 1025 calls; at most 1024", |i| {
            i.max_in_flight = 1025
        }),
        ("token_prefix: holds a character", |i| {
            i.token_prefix = Some("tok:".into())
        }),
        ("key_id: has no effect without", |i| {
            i.key_id = Some("k".into())
        }),
        ("private_key_file: is required", |i| {
            i.client_secret = None;
            i.auth = ClientAuth::PrivateKeyJwt;
        }),
    ];
    for (expected, change) in cases {
        let problems = problems(&with(change));
        assert_eq!(problems.len(), 1, "{problems:?}");
        let expected = format!("introspection.{expected}");
        assert!(
            problems[0].starts_with(&expected),
            "{problems:?} for {expected}"
        );
        assert!(!problems[0].contains("hunter2"));
    }
    // All at once.
    let all = problems(&with(|i| {
        (i.client_id, i.client_secret) = (None, None);
        (i.url, i.cache_ttl) = (Some("x".into()), 9999);
    }));
    assert_eq!(all.len(), 4, "{all:?}");
}

#[test]
fn a_secret_of_a_file_loses_one_newline() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let from = |content: &[u8]| {
        fs::write(&path, content).unwrap();
        with(|i| {
            i.client_secret = None;
            i.client_secret_file = Some(path.clone());
        })
    };
    for content in ["hunter2", "hunter2\n", "hunter2\r\n"] {
        let proof = settings(&from(content.as_bytes())).client.proof;
        assert!(matches!(proof, ClientProof::Basic(secret) if secret.expose() == "hunter2"));
    }
    let long = vec![b'x'; 70_000];
    for (content, fault) in [
        (&b"hunter2\n\n"[..], "several lines"),
        (b"", "holds no secret"),
        (b"\n", "holds no secret"),
        (b"\xff", "is not UTF-8"),
        (&long, "is longer than 64 KiB"),
    ] {
        let problems = problems(&from(content));
        assert!(
            problems.len() == 1 && problems[0].contains(fault),
            "{problems:?}"
        );
    }
    fs::remove_file(&path).unwrap();
    let missing = problems(&with(|i| {
        i.client_secret = None;
        i.client_secret_file = Some(path.clone());
    }));
    assert!(missing[0].contains("cannot be read"), "{missing:?}");
}

/// RFC 8410 §10.3.
const ED25519: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

#[test]
fn a_private_key_is_one_of_pkcs8_that_fits_its_algorithm() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("key.pem");
    let from = |content: &str, algorithm: Option<&str>| {
        fs::write(&path, content).unwrap();
        with(|i| {
            i.client_secret = None;
            i.auth = ClientAuth::PrivateKeyJwt;
            i.private_key_file = Some(path.clone());
            i.algorithm = algorithm.map(str::to_owned);
        })
    };
    for algorithm in [None, Some("EdDSA"), Some("Ed25519")] {
        let proof = settings(&from(ED25519, algorithm)).client.proof;
        let ClientProof::PrivateKey { audience, .. } = proof else {
            panic!("{proof:?}")
        };
        assert_eq!(audience, "https://auth.test");
    }
    let twice = ED25519.repeat(2);
    for (content, algorithm, fault) in [
        ("", None, "holds no PEM private key"),
        (
            "-----BEGIN CERTIFICATE-----",
            None,
            "holds no PEM private key",
        ),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----",
            None,
            "encrypted key",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----", None, "not PKCS#8"),
        ("-----BEGIN EC PRIVATE KEY-----", None, "not PKCS#8"),
        (&twice, None, "more than one"),
        (
            "-----BEGIN PRIVATE KEY-----\n?\n-----END PRIVATE KEY-----",
            None,
            "not base64",
        ),
        (
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            None,
            "unknown type",
        ),
        (ED25519, Some("RS256"), "does not fit the algorithm RS256"),
        (
            ED25519,
            Some("HS256"),
            "`HS256` is not an asymmetric signature algorithm",
        ),
    ] {
        let problems = problems(&from(content, algorithm));
        assert!(
            problems.len() == 1 && problems[0].contains(fault),
            "{problems:?}: {fault}"
        );
        assert!(!problems[0].contains("MC4C"));
    }
    let beside = problems(&with(|i| {
        fs::write(&path, ED25519).unwrap();
        i.auth = ClientAuth::PrivateKeyJwt;
        i.private_key_file = Some(path.clone());
    }));
    assert!(
        beside[0].starts_with("introspection.client_secret: has no effect"),
        "{beside:?}"
    );
}

#[test]
fn without_an_issuer_the_url_is_required_and_nothing_can_name_the_issuer() {
    let config = Config {
        iss_url: None,
        jwks_url: Some("https://auth.test/keys".into()),
        ..with(|i| i.signed = true)
    };
    let problems = problems(&config);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("introspection.signed: needs iss_url or domain"));
    assert!(problems[1].starts_with("introspection.url: is required"));
}

fn issuer(number: usize, when: Option<IntrospectWhen>) -> IssuerConfig {
    IssuerConfig {
        iss_url: Some(format!("https://{number}.test")),
        introspection: when.map(|when| IntrospectionConfig {
            when,
            ..introspection()
        }),
        ..IssuerConfig::default()
    }
}

#[test]
fn one_issuer_at_most_is_asked_about_opaque_tokens() {
    use IntrospectWhen::{Always, Opaque};
    let of = |whens: &[Option<IntrospectWhen>]| Config {
        audience: vec!["api".into()],
        issuers: (0..)
            .zip(whens)
            .map(|(at, when)| issuer(at, *when))
            .collect(),
        ..Config::default()
    };
    let asked = |whens: &[Option<IntrospectWhen>]| -> Vec<bool> {
        let settings = check(
            &of(whens),
            &Origins::default(),
            KeysGiven::No,
            IssuersElsewhere::No,
        )
        .unwrap();
        let tables = settings.issuers.into_iter();
        tables
            .map(|issuer| issuer.introspection.is_some_and(|table| table.opaque))
            .collect()
    };
    assert_eq!(asked(&[Some(Opaque), None]), [true, false]);
    assert_eq!(asked(&[None, Some(Always)]), [false, true]);
    assert_eq!(asked(&[Some(Always), Some(Opaque)]), [false, true]);
    assert_eq!(asked(&[Some(Always), Some(Always)]), [false, false]);
    let two = problems(&of(&[Some(Opaque), None, Some(Opaque)]));
    assert_eq!(two.len(), 1);
    assert!(
        two[0].starts_with("issuers[2].introspection.when: is \"opaque\", as that of issuers[0]")
    );
}

#[test]
fn the_table_at_the_top_level_belongs_to_the_first_issuer() {
    let config = Config {
        iss_url: None,
        issuers: vec![issuer(0, None), issuer(1, None)],
        ..with(|_| {})
    };
    let checked = check(
        &config,
        &Origins::default(),
        KeysGiven::No,
        IssuersElsewhere::No,
    )
    .unwrap();
    let tables = checked.issuers.iter();
    let asked: Vec<_> = tables
        .map(|issuer| issuer.introspection.is_some())
        .collect();
    assert_eq!(asked, [true, false]);
    let both = Config {
        issuers: vec![issuer(0, Some(IntrospectWhen::Opaque))],
        ..config
    };
    let problems = problems(&both);
    assert!(problems[0].starts_with("introspection: is set beside issuers[0].introspection"));
}

#[test]
fn an_issuer_of_a_source_cannot_have_the_table() {
    let entry = issuer(0, Some(IntrospectWhen::Always));
    let problems = check_issuer(&with(|_| {}), &Origins::code(), &entry).unwrap_err();
    assert_eq!(problems[0].key(), "introspection");
    assert!(check_issuer(&with(|_| {}), &Origins::code(), &issuer(0, None)).is_ok());
}

#[test]
fn metadata_at_another_url_name_the_endpoint_too() {
    let config = Config {
        metadata_url: Some("https://inside.test/metadata".into()),
        ..with(|_| {})
    };
    let EndpointLocation::Metadata(url) = settings(&config).endpoint else {
        panic!("it is elsewhere")
    };
    assert_eq!(url.as_str(), "https://inside.test/metadata");
}

#[test]
fn the_table_of_a_top_level_without_a_domain_is_of_no_other_issuer() {
    let partner = IssuerConfig {
        iss_url: Some("https://partner.test".into()),
        ..IssuerConfig::default()
    };
    let of_preset = Config {
        iss_url: None,
        provider: Some("cognito".into()),
        pool: Some("eu-west-1_AbCd12345".into()),
        issuers: vec![partner.clone()],
        ..with(|table| {
            table.when = IntrospectWhen::Always;
            table.url = Some("https://auth.test/introspect".into());
        })
    };
    let only_partner = Config {
        iss_url: None,
        issuers: vec![partner],
        ..with(|_| {})
    };
    for (config, expected) in [(of_preset, vec![true, false]), (only_partner, vec![true])] {
        let settings = check(
            &config,
            &Origins::default(),
            KeysGiven::No,
            IssuersElsewhere::No,
        )
        .unwrap();
        let asked = settings.issuers.iter().map(|i| i.introspection.is_some());
        assert_eq!(asked.collect::<Vec<_>>(), expected);
    }
}
