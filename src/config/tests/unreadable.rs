use std::ffi::OsString;

use figment::Figment;

use super::super::KeysGiven;
use super::super::load::{Surroundings, load_in};
use super::{jail, loaded, problems, rockets};

#[test]
fn a_wrong_type_is_reported_with_its_source_and_texts_are_not_repeated() {
    jail(|jail| {
        jail.create_file(
            "Rocket.toml",
            r#"
            [default.axioms]
            audience = ["a", 5]
            discovery = "hunter2"
            expected_claims = ["a"]
            issuers = ["a", { audience = 5, discovery = "no", name = "n" }]
            leeway = -1
            realm = 12
            [release.axioms]
            http_timeout = 1.5
            "#,
        )
        .unwrap();
        jail.create_file(".env", "AXIOMS_JWKS_PREFETCH=hunter2")
            .unwrap();
        jail.set_env("AXIOMS_REQUIRE_TYP", "1");
        jail.set_env("AXIOMS_JWKS_COOLDOWN", "10s");
        jail.set_env("AXIOMS_REALM", "");
        jail.set_env("AXIOMS_SCOPE_CLAIMS", "[\"a\"");
        let toml = "Rocket.toml [default.axioms]";
        let loaded = super::load(&rockets("release"));
        assert_eq!(
            problems(&loaded),
            [
                "realm (environment variable AXIOMS_REALM): must not be empty; unset it to have \
                 the default"
                    .to_owned(),
                "scope_claims (environment variable AXIOMS_SCOPE_CLAIMS): begins with `[` and \
                 does not end with `]`"
                    .into(),
                format!(
                    "audience ({toml}): must be a list of texts, or one text, found a list \
                 whose entry 2 is the number 5"
                ),
                format!("discovery ({toml}): must be true or false, found text"),
                format!(
                    "expected_claims ({toml}): must be a table, such as {{token_use = \
                 \"access\"}}, found a list"
                ),
                "http_timeout (Rocket.toml [release.axioms]): must be a whole number of seconds, \
                 found the number 1.5"
                    .into(),
                format!("issuers[0] ({toml}): must be a table, found text"),
                format!(
                    "issuers[1].audience ({toml}): must be a list of texts, or one text, \
                 found the number 5"
                ),
                format!("issuers[1].discovery ({toml}): must be true or false, found text"),
                "jwks_cooldown (environment variable AXIOMS_JWKS_COOLDOWN): must be a whole \
                 number of seconds, found text"
                    .into(),
                "jwks_prefetch (.env file (.env) AXIOMS_JWKS_PREFETCH): must be true, false or \
                 \"require\", found text"
                    .into(),
                format!("leeway ({toml}): must be a whole number of seconds, found the number -1"),
                format!("realm ({toml}): must be text, found the number 12"),
                "require_typ (environment variable AXIOMS_REQUIRE_TYP): must be true or false, \
                 found the number 1"
                    .into(),
            ]
        );
        assert_eq!(
            loaded.config.issuers[1].name.as_deref(),
            Some("n"),
            "what could be read is kept"
        );
    });
}

#[test]
fn an_unknown_key_is_reported_with_the_nearest_known_one() {
    jail(|jail| {
        jail.create_file(
            "Rocket.toml",
            "[default.axioms]\nleway = 1\nissuers = [{ issurl = \"a\", leeway = 3 }]",
        )
        .unwrap();
        jail.create_file(".env", "AXIOMS_AUDIENCES=a").unwrap();
        jail.set_env("AXIOMS_ISSUER_URL", "b");
        assert_eq!(
            problems(&loaded()),
            [
                "audiences (.env file (.env) AXIOMS_AUDIENCES): is not a setting; the nearest one \
                 is `audience`: the name of this API in the `aud` of tokens",
                "issuer_url (environment variable AXIOMS_ISSUER_URL): is not a setting; the \
                 nearest one is `iss_url`: the `iss` of tokens, from which metadata and keys are \
                 found",
                "issuers[0].issurl (Rocket.toml [default.axioms]): is not a setting; the nearest \
                 one is `iss_url`",
                "issuers[0].leeway (Rocket.toml [default.axioms]): is not a setting of one \
                 issuer; it belongs at the top level",
                "leway (Rocket.toml [default.axioms]): is not a setting; the nearest one is \
                 `leeway`",
            ]
        );
    });
}

#[test]
fn what_is_no_table_is_reported_and_other_sources_are_still_read() {
    jail(|jail| {
        jail.create_file("Rocket.toml", "[default]\naxioms = 5")
            .unwrap();
        jail.set_env("AXIOMS_LEEWAY", "x");
        let leeway = "leeway (environment variable AXIOMS_LEEWAY): must be a whole number of \
         seconds, found text";
        assert_eq!(
            problems(&loaded()),
            [
                "axioms (Rocket.toml): must be a table, found the number 5",
                leeway
            ]
        );
        jail.create_file("Rocket.toml", "[default]\naxioms = ")
            .unwrap();
        let [broken, other] = &problems(&loaded())[..] else {
            panic!()
        };
        assert!(broken.starts_with("axioms (Rocket.toml): "), "{broken}");
        assert_eq!(other, leeway);
    });
}

#[test]
fn a_file_that_is_not_toml_is_reported_and_not_repeated() {
    jail(|jail| {
        jail.create_file(
            "Rocket.toml",
            "[default.axioms]\nrealm = \"hunter2\naudience = \"a\"",
        )
        .unwrap();
        let broken =
            "axioms (Rocket.toml): TOML parse error at line 2, column 17: invalid basic string";
        assert_eq!(problems(&loaded()), [broken]);
    });
}

#[test]
fn unreadable_lines_of_the_env_file_are_named_and_not_repeated() {
    jail(|jail| {
        jail.create_file(
            ".env",
            "AXIOMS_AUDIENCE=a\nhunter two\nAXIOMS_hunter two\nAXIOMS_LEEWAY=3",
        )
        .unwrap();
        let loaded = loaded();
        assert_eq!(
            problems(&loaded),
            [".env (.env): line 3 is not `NAME=value`, or its quotes or escapes are unfinished"]
        );
        let path = jail.directory().join(".env");
        assert_eq!(
            loaded.warnings,
            [format!(
                "{}: passed over what is not `NAME=value` and does not begin with AXIOMS_ (line 2)",
                path.display()
            )]
        );
        assert_eq!(
            (loaded.config.audience, loaded.config.leeway),
            (vec!["a".to_owned()], 3)
        );
    });
}

#[test]
fn a_variable_that_is_there_twice_is_reported() {
    jail(|jail| {
        jail.create_file(".env", "AXIOMS_LEEWAY=1\nAXIOMS_LEEWAY=2")
            .unwrap();
        assert_eq!(
            problems(&loaded()),
            ["leeway (.env file (.env) AXIOMS_LEEWAY): AXIOMS_LEEWAY is there twice; remove one"]
        );
    });
}

#[test]
fn a_text_where_a_profile_should_be_is_not_repeated() {
    jail(|jail| {
        jail.create_file("Rocket.toml", r#"realm = "say \"hunter2\"""#)
            .unwrap();
        let broken = "axioms (Rocket.toml): TOML parse error at line 1, column 9: invalid type: \
         string …, expected a map";
        assert_eq!(problems(&loaded()), [broken]);
    });
}

#[test]
fn an_escape_beside_non_ascii_letters_must_be_json() {
    let load = |name: &str, text: &str| {
        let variables = vec![(name.into(), text.into())];
        load_in(
            &Figment::new(),
            Surroundings {
                directory: None,
                variables,
            },
        )
    };
    let claims = "AXIOMS_EXPECTED_CLAIMS";
    let at = "expected_claims (environment variable AXIOMS_EXPECTED_CLAIMS):";
    for text in [r#"{a="ü\\"}"#, r#"{a="Zürich \"A\""}"#, r#"{a="€€\n"}"#] {
        let message = "holds a backslash beside letters that are not ASCII; write it as JSON";
        assert_eq!(
            problems(&load(claims, text)),
            [format!("{at} {message}")],
            "{text}"
        );
    }
    for text in [
        r#"{"a":"Zürich \"A\""}"#,
        r#"{a='ü'}"#,
        r#"{a="ü"}"#,
        r#"{a="\u00fc\\"}"#,
    ] {
        assert_eq!(problems(&load(claims, text)), [""; 0], "{text}");
    }
    let read = load(claims, r#"{"a":"Zürich \"A\""}"#)
        .config
        .expected_claims;
    assert_eq!(read["a"], r#"Zürich "A""#);
    let leeway = "leeway (environment variable AXIOMS_LEEWAY): must be a whole number of seconds, \
     found text";
    assert_eq!(problems(&load("AXIOMS_LEEWAY", r#""€€\n""#)), [leeway]);
}

#[test]
fn a_key_outside_of_the_table_is_reported() {
    jail(|jail| {
        let file = "[default]\naxioms_leeway = 2\naxioms_service_host = \
         \"a\"\n[default.axioms]\ndiscovery = true";
        jail.create_file("Rocket.toml", file).unwrap();
        jail.set_env("ROCKET_AXIOMS", r#"{realm="r"}"#);
        jail.set_env("ROCKET_AXIOMS_REQUIRE_TYP", "true");
        // As figment's users have it split elsewhere.
        jail.set_env("ROCKET_AXIOMS__LEEWAY", "1");
        jail.set_env("ROCKET_AXIOMS_RESOURCE_NAME", "Orders");
        // Meant to be above what the file says.
        jail.set_env("ROCKET_AXIOMS_DISCOVERY", "false");
        // Of a service in Kubernetes that is called rocket-axioms.
        jail.set_env("ROCKET_AXIOMS_PORT", "tcp://10.0.0.1:80");
        // As if Rocket were told to split the names of its variables.
        jail.set_env("ROCKET_AXIOMS_REALM", "r");
        let loaded = loaded();
        let reason = "is not read; it belongs into the table `axioms`, or into the variable";
        assert_eq!(
            problems(&loaded),
            [
                format!(
                    "discovery (environment variable ROCKET_AXIOMS_DISCOVERY): {reason} \
                     AXIOMS_DISCOVERY"
                ),
                format!(
                    "require_typ (environment variable ROCKET_AXIOMS_REQUIRE_TYP): {reason} \
                     AXIOMS_REQUIRE_TYP"
                ),
                format!("leeway (Rocket.toml): {reason} AXIOMS_LEEWAY"),
                format!(
                    "leeway (environment variable ROCKET_AXIOMS__LEEWAY): {reason} AXIOMS_LEEWAY"
                ),
                format!(
                    "resource.name (environment variable ROCKET_AXIOMS_RESOURCE_NAME): {reason} \
                     AXIOMS_RESOURCE_NAME"
                ),
            ]
        );
        assert_eq!(
            loaded.config.realm.as_deref(),
            Some("r"),
            "Rocket's own variable for the table"
        );
    });
}

#[test]
fn a_name_that_would_break_the_line_is_escaped() {
    let variables =
        ["AXIOMS_A\nB", "AXIOMS_A\nB", "AXIOMS_a\nB"].map(|name| (name.into(), "x".into()));
    let loaded = load_in(
        &Figment::new(),
        Surroundings {
            directory: None,
            variables: variables.into(),
        },
    );
    let at = "a\\nb (environment variable AXIOMS_A\\nB):";
    assert_eq!(
        problems(&loaded),
        [
            format!("{at} AXIOMS_A\\nB is there twice; remove one"),
            format!("{at} is there twice, as AXIOMS_A\\nB and as AXIOMS_a\\nB; remove one"),
            format!("{at} is not a setting; the nearest one is `pool`"),
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_named() {
    use std::os::unix::ffi::OsStringExt;

    let odd = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let variables = vec![
        (odd(b"AXIOMS_REALM"), odd(b"\xff")),
        (odd(b"OTHER\xff"), odd(b"\xff")),
    ];
    let loaded = load_in(
        &Figment::new(),
        Surroundings {
            directory: None,
            variables,
        },
    );
    assert_eq!(
        problems(&loaded),
        ["realm (environment variable AXIOMS_REALM): is not UTF-8"]
    );
}

#[test]
fn problems_of_reading_and_of_the_rules_are_reported_together_once() {
    jail(|jail| {
        jail.create_file(
            "Rocket.toml",
            "[default.axioms]\naudience = 5\njwks_url = 6\njwks_refresh_interval = 5000",
        )
        .unwrap();
        jail.set_env("AXIOMS_LEEWAY", "400");
        let problems = loaded().check(KeysGiven::No).unwrap_err();
        let toml = "Rocket.toml [default.axioms]";
        assert_eq!(
            problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                format!(
                    "audience ({toml}): must be a list of texts, or one text, found the number 5"
                ),
                format!("jwks_url ({toml}): must be text, found the number 6"),
                "leeway (environment variable AXIOMS_LEEWAY): is 400 seconds; at most 300".into(),
                format!(
                    "jwks_cache_ttl (default): is 7200 seconds, less than twice \
                     jwks_refresh_interval, which is 5000 \
                     seconds ({toml}): one failed refresh would already leave no keys"
                ),
            ]
        );
    });
}

#[test]
fn four_sources_that_agree_make_settings() {
    jail(|jail| {
        jail.create_file("Rocket.toml", "[default.axioms]\naudience = \"a\"")
            .unwrap();
        jail.set_env("AXIOMS_DOMAIN", "auth.example.com");
        let settings = loaded().check(KeysGiven::No).unwrap();
        assert_eq!(settings.issuers[0].audience, ["a"]);
        assert_eq!(
            settings.issuers[0].issuer.as_deref(),
            Some("https://auth.example.com")
        );
    });
}
