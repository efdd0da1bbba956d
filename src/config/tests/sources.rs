use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::Serialized;
use serde_json::json;

use super::super::keys::{KEYS, Kind};
use super::super::{Config, IssuerConfig, JwksPrefetch, load};
use super::{jail, loaded, problems, rockets};

#[test]
fn without_any_source_everything_has_its_default() {
    jail(|_| {
        let loaded = loaded();
        assert_eq!(problems(&loaded), [""; 0]);
        assert_eq!(loaded.config, Config::default());
        assert_eq!(loaded.origins.of("leeway"), "default");
        assert_eq!(loaded.origins.of("audience"), "not set");
    });
}

#[test]
fn each_source_is_above_the_one_before_and_says_so() {
    jail(|jail| {
        let leeway = || {
            let loaded = loaded();
            assert_eq!(problems(&loaded), [""; 0]);
            (loaded.config.leeway, loaded.origins.of("leeway").to_owned())
        };
        assert_eq!(leeway(), (30, "default".into()));
        jail.create_file("Rocket.toml", "[default.axioms]\nleeway = 1")
            .unwrap();
        assert_eq!(leeway(), (1, "Rocket.toml [default.axioms]".into()));
        jail.set_env("ROCKET_AXIOMS", "{leeway=2}");
        assert_eq!(leeway(), (2, "environment variable ROCKET_AXIOMS".into()));
        jail.create_file(".env", "AXIOMS_LEEWAY=3").unwrap();
        assert_eq!(leeway(), (3, ".env file (.env) AXIOMS_LEEWAY".into()));
        jail.set_env("AXIOMS_LEEWAY", "4");
        assert_eq!(leeway(), (4, "environment variable AXIOMS_LEEWAY".into()));
    });
}

#[test]
fn a_profile_is_above_the_default_one_and_a_variable_above_both() {
    jail(|jail| {
        jail.create_file(
            "Rocket.toml",
            r#"
            [default.axioms]
            leeway = 1
            realm = "all"
            [release.axioms]
            leeway = 2
            [global.axioms]
            http_timeout = 3
            [debug.axioms]
            leway = 9
            "#,
        )
        .unwrap();
        let release = load(&rockets("release"));
        assert_eq!(
            problems(&release),
            [""; 0],
            "another profile's mistakes are not ours"
        );
        assert_eq!((release.config.leeway, release.config.http_timeout), (2, 3));
        assert_eq!(release.config.realm.as_deref(), Some("all"));
        assert_eq!(release.origins.of("leeway"), "Rocket.toml [release.axioms]");
        assert_eq!(release.origins.of("realm"), "Rocket.toml [default.axioms]");
        assert_eq!(
            release.origins.of("http_timeout"),
            "Rocket.toml [global.axioms]"
        );

        jail.create_file(".env", "AXIOMS_LEEWAY=4\nAXIOMS_HTTP_TIMEOUT=5")
            .unwrap();
        let release = load(&rockets("release"));
        assert_eq!((release.config.leeway, release.config.http_timeout), (4, 5));
    });
}

#[test]
fn the_env_file_never_reaches_the_process_environment() {
    jail(|jail| {
        jail.create_file(".env", "AXIOMS_AUDIENCE=a\nOTHER=b")
            .unwrap();
        assert_eq!(loaded().config.audience, ["a"]);
        assert_eq!(std::env::var_os("AXIOMS_AUDIENCE"), None);
        assert_eq!(std::env::var_os("OTHER"), None);
    });
}

#[test]
fn the_env_file_of_a_directory_above_is_found() {
    jail(|jail| {
        jail.create_file(".env", "AXIOMS_AUDIENCE=a\nAXIOMS_HTTP_CA_BUNDLE=ca.pem")
            .unwrap();
        let above = jail.directory().join("ca.pem");
        jail.create_dir("inner").unwrap();
        jail.change_dir("inner").unwrap();
        let loaded = loaded();
        assert_eq!(loaded.config.audience, ["a"]);
        assert_eq!(
            loaded.origins.of("audience"),
            ".env file (../.env) AXIOMS_AUDIENCE"
        );
        assert_eq!(
            loaded.config.http_ca_bundle,
            Some(above),
            "a relative path is meant from its file"
        );
    });
}

#[test]
fn a_relative_path_is_meant_from_its_file_or_from_the_working_directory() {
    jail(|jail| {
        jail.create_dir("inner").unwrap();
        jail.create_file(
            "Rocket.toml",
            "[default.axioms]\nhttp_ca_bundle = \"tls/ca.pem\"",
        )
        .unwrap();
        let file = jail.directory().join("tls/ca.pem");
        jail.change_dir("inner").unwrap();
        assert_eq!(loaded().config.http_ca_bundle, Some(file));
        jail.set_env("AXIOMS_HTTP_CA_BUNDLE", "tls/ca.pem");
        assert_eq!(
            loaded().config.http_ca_bundle,
            Some(PathBuf::from("tls/ca.pem"))
        );
        jail.set_env("AXIOMS_HTTP_CA_BUNDLE", "/tls/ca.pem");
        assert_eq!(
            loaded().config.http_ca_bundle.as_deref(),
            Some(Path::new("/tls/ca.pem"))
        );
    });
}

#[test]
fn text_in_a_variable_stays_text_whatever_it_looks_like() {
    jail(|jail| {
        jail.set_env("AXIOMS_AUDIENCE", "12345");
        jail.set_env("AXIOMS_REALM", "true");
        jail.set_env("AXIOMS_DOMAIN", "1.2");
        jail.set_env("AXIOMS_ISS_URL", "{a=b}");
        jail.set_env("AXIOMS_REQUIRED_CLAIMS", "[1, true, \"a,b\"]");
        let loaded = loaded();
        assert_eq!(problems(&loaded), [""; 0]);
        assert_eq!(loaded.config.audience, ["12345"]);
        assert_eq!(loaded.config.realm.as_deref(), Some("true"));
        assert_eq!(loaded.config.domain.as_deref(), Some("1.2"));
        assert_eq!(loaded.config.iss_url.as_deref(), Some("{a=b}"));
        assert_eq!(loaded.config.required_claims, ["1", "true", "a,b"]);
    });
}

#[test]
fn quotes_around_the_whole_of_a_variable_are_no_part_of_it() {
    let variables = [
        ("AUDIENCE", r#""a""#),
        ("ISS_URL", r#""https://x/""#),
        ("JWKS_URL", "'https://x/keys'"),
        ("REALM", r#""12""#),
        ("LEEWAY", r#""45""#),
        ("MAX_TOKEN_BYTES", "'100'"),
        ("REQUIRE_TYP", r#""true""#),
        ("JWKS_PREFETCH", r#""require""#),
        ("HTTP_CA_BUNDLE", r#""/a b/ca.pem""#),
        ("EXPECTED_CLAIMS", r#""{\"ver\":\"2.0\"}""#),
    ];
    let config = Config {
        audience: vec!["a".into()],
        iss_url: Some("https://x/".into()),
        jwks_url: Some("https://x/keys".into()),
        realm: Some("12".into()),
        leeway: 45,
        max_token_bytes: 100,
        require_typ: true,
        jwks_prefetch: JwksPrefetch::Require,
        http_ca_bundle: Some("/a b/ca.pem".into()),
        expected_claims: BTreeMap::from([("ver".to_owned(), json!("2.0"))]),
        ..Config::default()
    };
    jail(|jail| {
        // As they stand in the environment.
        for (name, value) in variables {
            jail.set_env(format!("AXIOMS_{name}"), value);
        }
        let loaded = loaded();
        assert_eq!(problems(&loaded), [""; 0]);
        assert_eq!(loaded.config, config);
    });
    jail(|jail| {
        // A file's own quotes around them.
        jail.create_file(
            ".env",
            "AXIOMS_ISS_URL='\"https://x/\"'\nAXIOMS_LEEWAY='\"45\"'\nAXIOMS_REALM=\"r\"",
        )
        .unwrap();
        let loaded = loaded();
        assert_eq!(problems(&loaded), [""; 0]);
        let read = (
            loaded.config.iss_url.as_deref(),
            loaded.config.leeway,
            loaded.config.realm.as_deref(),
        );
        assert_eq!(read, (Some("https://x/"), 45, Some("r")));
    });
    jail(|jail| {
        jail.set_env("AXIOMS_REALM", r#""a" or "b""#);
        jail.set_env("AXIOMS_LEEWAY", r#""45"#);
        jail.set_env("AXIOMS_ISS_URL", r#""""#);
        let loaded = loaded();
        assert_eq!(
            loaded.config.realm.as_deref(),
            Some(r#""a" or "b""#),
            "more than one pair"
        );
        assert_eq!(
            problems(&loaded),
            [
                "iss_url (environment variable AXIOMS_ISS_URL): must not be empty; unset it to \
                 have the default",
                "leeway (environment variable AXIOMS_LEEWAY): must be a whole number of seconds, \
                 found text",
            ]
        );
    });
}

#[test]
fn commas_make_a_list_in_variables_and_not_in_files() {
    jail(|jail| {
        jail.create_file(
            "Rocket.toml",
            "[default.axioms]\naudience = \"a,b\"\nscope_claims = \"c\"",
        )
        .unwrap();
        assert_eq!(loaded().config.audience, ["a,b"]);
        assert_eq!(loaded().config.scope_claims, ["c"]);
        jail.create_file(
            ".env",
            "AXIOMS_AUDIENCE=a,b\nAXIOMS_SCOPE_CLAIMS='[\"c\", \"d\"]'",
        )
        .unwrap();
        assert_eq!(loaded().config.audience, ["a", "b"]);
        assert_eq!(loaded().config.scope_claims, ["c", "d"]);
        jail.set_env("AXIOMS_SAFE_METHODS", "[]");
        jail.set_env("AXIOMS_ISSUERS", "[]");
        assert_eq!(loaded().config.safe_methods, [""; 0]);
        assert_eq!(loaded().config.issuers, []);
    });
}

#[test]
fn an_empty_variable_is_a_problem_whatever_its_key_takes() {
    let message = |kind: Kind| match kind {
        Kind::List | Kind::Tables(_) => {
            "must not be empty; unset it to have the default, or write [] for the empty list"
        }
        _ => "must not be empty; unset it to have the default",
    };
    let toml = r#"
        [default.axioms]
        required_claims = ["jti"]
        expected_claims = { tier = 1 }
        issuers = [{ iss_url = "https://i" }]
    "#;
    jail(|jail| {
        jail.create_file("Rocket.toml", toml).unwrap();
        for empty in ["", " ", "\t"] {
            for key in KEYS {
                let variable = format!("AXIOMS_{}", key.name.to_ascii_uppercase());
                jail.set_env(&variable, empty);
                let problem = format!(
                    "{} (environment variable {variable}): {}",
                    key.name,
                    message(key.kind)
                );
                assert_eq!(problems(&loaded()), [problem], "{empty:?}");
                jail.create_file(".env", &format!("{variable}={empty}"))
                    .unwrap();
                let dotenv = format!(
                    "{} (.env file (.env) {variable}): {}",
                    key.name,
                    message(key.kind)
                );
                jail.clear_env();
                assert_eq!(problems(&loaded()), [dotenv], "{empty:?}");
                std::fs::remove_file(".env").unwrap();
            }
        }
        // JSON's null would remove the requirement of a lower source.
        for key in ["EXPECTED_CLAIMS", "ISSUERS"] {
            jail.clear_env();
            jail.set_env(format!("AXIOMS_{key}"), "null");
            let problems = problems(&loaded());
            assert!(problems[0].contains("found nothing"), "{problems:?}");
        }
    });
}

#[test]
fn numbers_flags_and_tables_are_read_from_variables() {
    jail(|jail| {
        for (name, value) in [
            ("LEEWAY", "5"),
            ("MAX_TOKEN_AGE", "600"),
            ("REQUIRE_TYP", "true"),
            ("JWKS_PREFETCH", "require"),
            ("TOKEN_CACHE_CAPACITY", "0"),
            (
                "EXPECTED_CLAIMS",
                "{token_use=\"access\", tier=[1, \"2\"], \"https://x/y\"=true}",
            ),
            (
                "ISSUERS",
                "[{iss_url=\"https://i\", audience=\"a\", discovery=false}]",
            ),
        ] {
            jail.set_env(format!("AXIOMS_{name}"), value);
        }
        let loaded = loaded();
        assert_eq!(problems(&loaded), [""; 0]);
        let issuer = IssuerConfig {
            iss_url: Some("https://i".into()),
            audience: Some(vec!["a".into()]),
            discovery: Some(false),
            ..IssuerConfig::default()
        };
        let expected = [
            ("token_use", json!("access")),
            ("tier", json!([1, "2"])),
            ("https://x/y", json!(true)),
        ];
        let config = Config {
            leeway: 5,
            max_token_age: Some(600),
            require_typ: true,
            jwks_prefetch: JwksPrefetch::Require,
            token_cache_capacity: 0,
            expected_claims: expected
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            issuers: vec![issuer],
            ..Config::default()
        };
        assert_eq!(loaded.config, config);
    });
}

#[test]
fn tables_in_variables_may_be_json() {
    jail(|jail| {
        jail.set_env(
            "AXIOMS_EXPECTED_CLAIMS",
            r#"{"token_use": ["access", "at"], "v": 2}"#,
        );
        jail.set_env(
            "AXIOMS_ISSUERS",
            r#"[{"domain": "i", "scope_claims": ["a", "b"]}]"#,
        );
        let loaded = loaded();
        assert_eq!(problems(&loaded), [""; 0]);
        let expected = [
            ("token_use".to_owned(), json!(["access", "at"])),
            ("v".to_owned(), json!(2)),
        ];
        assert_eq!(loaded.config.expected_claims, BTreeMap::from(expected));
        assert_eq!(loaded.config.issuers[0].domain.as_deref(), Some("i"));
        assert_eq!(
            loaded.config.issuers[0].scope_claims,
            Some(vec!["a".into(), "b".into()])
        );
    });
}

#[test]
fn tables_of_several_sources_are_merged() {
    jail(|jail| {
        jail.create_file(
            "Rocket.toml",
            "[default.axioms.expected_claims]\na = 1\nb = 1",
        )
        .unwrap();
        jail.set_env("AXIOMS_EXPECTED_CLAIMS", "{b=2}");
        let expected = [("a".to_owned(), json!(1)), ("b".to_owned(), json!(2))];
        assert_eq!(loaded().config.expected_claims, BTreeMap::from(expected));
    });
}

#[test]
fn a_variable_in_small_letters_counts_and_others_do_not_concern_us() {
    jail(|jail| {
        jail.set_env("axioms_leeway", "5");
        jail.set_env("AXIOM_LEEWAY", "6");
        jail.set_env("MY_AXIOMS_LEEWAY", "7");
        let loaded = loaded();
        assert_eq!(problems(&loaded), [""; 0]);
        assert_eq!(loaded.config.leeway, 5);
    });
}

#[test]
fn the_variable_that_blesses_access_tables_sets_nothing() {
    jail(|jail| {
        jail.set_env("AXIOMS_BLESS", "1");
        let loaded = loaded();
        assert_eq!(problems(&loaded), [""; 0]);
        assert_eq!(loaded.foreign, [""; 0]);
        // Not in a file, where no test would read it, and in no other spelling.
        jail.create_file(".env", "AXIOMS_BLESS=1").unwrap();
        let unknown = problems(&super::loaded());
        assert!(
            unknown[0].contains(".env) AXIOMS_BLESS): is not a setting"),
            "{unknown:?}"
        );
        jail.set_env("axioms_bless", "1");
        jail.set_env("AXIOMS_BLESSED", "1");
        let unknown = problems(&super::loaded());
        assert_eq!(unknown.len(), 2, "{unknown:?}");
    });
}

#[test]
fn variables_of_kubernetes_and_docker_are_ignored_and_named() {
    jail(|jail| {
        jail.set_env("AXIOMS_API_SERVICE_HOST", "10.0.0.1");
        jail.set_env("AXIOMS_API_PORT_80_TCP_ADDR", "10.0.0.1");
        jail.create_file(".env", "AXIOMS_DB_NAME=/api/axioms-db")
            .unwrap();
        let loaded = loaded();
        assert_eq!(problems(&loaded), [""; 0]);
        let mut foreign = loaded.foreign.clone();
        foreign.sort_unstable();
        assert_eq!(
            foreign,
            [
                "AXIOMS_API_PORT_80_TCP_ADDR",
                "AXIOMS_API_SERVICE_HOST",
                "AXIOMS_DB_NAME"
            ]
        );
        jail.set_env("AXIOMS_API_HOST", "x");
        assert_eq!(problems(&super::loaded()).len(), 1);
    });
}

#[test]
fn the_files_that_settings_came_from_are_known_by_path() {
    jail(|jail| {
        jail.create_file("Rocket.toml", "[default.axioms]\nleeway = 1")
            .unwrap();
        jail.create_file(".env", "OTHER=1").unwrap();
        let files = [
            jail.directory().join("Rocket.toml"),
            jail.directory().join(".env"),
        ];
        assert_eq!(loaded().files, files[..1]);
        jail.create_file(".env", "AXIOMS_REALM=r").unwrap();
        jail.create_dir("inner").unwrap();
        jail.change_dir("inner").unwrap();
        let mut used = loaded().files;
        used.sort_unstable();
        assert_eq!(used, [files[1].clone(), files[0].clone()]);
        jail.set_env("AXIOMS_LEEWAY", "1");
        assert_eq!(loaded().files, files[1..]);
    });
}

#[test]
fn a_config_survives_being_written_and_read() {
    jail(|_| {
        let config = Config {
            audience: vec!["a".into()],
            iss_url: Some("https://i".into()),
            jwks_prefetch: JwksPrefetch::Require,
            expected_claims: BTreeMap::from([("a".to_owned(), json!([1, "x", true]))]),
            issuers: vec![IssuerConfig {
                domain: Some("i".into()),
                ..IssuerConfig::default()
            }],
            ..Config::default()
        };
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&json).unwrap(), config);
        let loaded = load(&Figment::from(Serialized::default("axioms", &config)));
        assert_eq!(problems(&loaded), [""; 0]);
        assert_eq!(loaded.config, config);
        assert_eq!(
            loaded.origins.of("audience").split(".rs").next(),
            Some("code at src/config/tests/sources")
        );
    });
}
