//! `Rocket.toml` and `.env.example` at the root show every key with its default.

use std::ffi::OsString;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Format, Toml};

use super::super::keys::KEYS;
use super::super::load::{Surroundings, load_in};
use super::super::tables::{INTROSPECTION, RESOURCE};
use super::super::{Config, IntrospectionConfig, KeysGiven, Loaded, ResourceConfig};
use super::problems;

const ROCKET_TOML: &str = include_str!("../../../Rocket.toml");
const ENV_EXAMPLE: &str = include_str!("../../../.env.example");

/// Settings are commented out without a blank after the `#`; remarks have one.
fn uncommented(file: &str) -> Vec<&str> {
    file.lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(' '))
        .collect()
}

fn assert_shows_every_default(mut loaded: Loaded) {
    assert_eq!(problems(&loaded), [""; 0]);
    let nested = [("resource", RESOURCE), ("introspection", INTROSPECTION)];
    let nested = nested.into_iter().flat_map(|(table, keys)| {
        keys.keys
            .iter()
            .map(move |key| format!("{table}.{}", key.name))
    });
    for key in KEYS.iter().map(|key| key.name.to_owned()).chain(nested) {
        assert!(
            !["default", "not set"].contains(&loaded.origins.of(&key)),
            "{key} is not shown"
        );
    }
    let examples = loaded.config.clone();
    let bundle = examples.http_ca_bundle.clone();
    assert_eq!(
        bundle.as_deref().and_then(|path| path.file_name()),
        Some("ca.pem".as_ref())
    );
    let name_of = |path: &Option<PathBuf>| path.as_ref()?.file_name().map(ToOwned::to_owned);
    assert_eq!(name_of(&examples.jwks_file), Some("keys.json".into()));
    // They exclude each other.
    (loaded.config.jwks_file, loaded.config.metadata_url) = (None, None);
    assert_eq!(name_of(&examples.jwks_bearer_file), Some("token".into()));
    loaded.config.jwks_bearer_file = None;
    let checked = loaded.check(KeysGiven::No).unwrap_err();
    let keys: Vec<_> = checked.iter().map(|problem| problem.key()).collect();
    let needs_another_auth = [
        "private_key_file",
        "key_id",
        "algorithm",
        "client_secret_file",
    ];
    let introspection = cfg!(feature = "introspection").then_some(needs_another_auth);
    let introspection = introspection.into_iter().flatten();
    let of_other_providers = [
        "tenant",
        "region",
        "pool",
        "project",
        "application",
        "authorization_server",
    ];
    let expected: Vec<_> = of_other_providers
        .into_iter()
        .chain(["tenants", "tenant_claim"])
        .map(str::to_owned)
        .chain(introspection.map(|key| format!("introspection.{key}")))
        .chain(["trust_domain", "http_ca_bundle"].map(str::to_owned))
        .collect();
    assert_eq!(
        keys, expected,
        "the examples work, but for alternatives, parts of other providers, a file that is only \
         an example, and tenants and a trust domain, which are for another iss_url"
    );

    let defaults = Config {
        audience: vec!["https://api.example.com".into()],
        provider: Some("auth0".into()),
        domain: Some("auth.example.com".into()),
        tenant: Some("72f988bf-86f1-41af-91ab-2d7cd011db47".into()),
        region: Some("eu-west-1".into()),
        pool: Some("eu-west-1_AbCd12345".into()),
        project: Some("my-project".into()),
        application: Some("my-app".into()),
        authorization_server: Some("default".into()),
        iss_url: Some("https://auth.example.com".into()),
        jwks_url: Some("https://auth.example.com/.well-known/jwks.json".into()),
        tenants: Some(vec!["acme".into(), "globex".into()]),
        tenant_claim: Some("tid".into()),
        jwks_file: examples.jwks_file.clone(),
        jwks_bearer_file: examples.jwks_bearer_file.clone(),
        metadata_url: Some(
            "https://login.internal.example/.well-known/openid-configuration".into(),
        ),
        trust_domain: Some("example.org".into()),
        token_header: Some("Cf-Access-Jwt-Assertion".into()),
        max_token_age: Some(86400),
        http_ca_bundle: bundle,
        realm: Some("https://auth.example.com".into()),
        public_url: Some("https://api.example.com".into()),
        resource: ResourceConfig {
            identifier: Some("https://api.example.com".into()),
            name: Some("Orders".into()),
            documentation: Some("https://docs.example.com/orders".into()),
            policy: Some("https://example.com/policy".into()),
            tos: Some("https://example.com/terms".into()),
            ..ResourceConfig::default()
        },
        introspection: examples.introspection.clone(),
        ..Config::default()
    };
    let without_default = KEYS.iter().filter(|key| !key.has_default).count();
    assert_eq!(without_default, 22, "those above, and `audience`");
    assert_eq!(examples, defaults);
    let introspection = examples.introspection.unwrap();
    let secret = introspection.client_secret.as_ref().unwrap();
    assert_eq!(secret.expose(), "change-me");
    let defaults = IntrospectionConfig {
        url: Some("https://auth.example.com/introspect".into()),
        client_id: Some("orders-api".into()),
        client_secret: Some(secret.clone()),
        client_secret_file: Some("/run/secrets/orders-api".into()),
        private_key_file: Some("/run/secrets/orders-api.pem".into()),
        key_id: Some("orders-1".into()),
        algorithm: Some("ES256".into()),
        token_prefix: Some("tok_".into()),
        ..IntrospectionConfig::default()
    };
    assert_eq!(introspection, defaults);
}

#[test]
fn rocket_toml_shows_every_key_with_its_default() {
    let toml = uncommented(ROCKET_TOML).join("\n");
    let sources = Figment::from(Toml::string(&toml).nested());
    assert_shows_every_default(load_in(
        &sources,
        Surroundings {
            directory: None,
            variables: Vec::new(),
        },
    ));
}

#[test]
fn env_example_shows_every_key_with_its_default() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join(".env"),
        uncommented(ENV_EXAMPLE).join("\n"),
    )
    .unwrap();
    let surroundings = Surroundings {
        directory: Some(directory.path().into()),
        variables: Vec::<(OsString, _)>::new(),
    };
    assert_shows_every_default(load_in(&Figment::new(), surroundings));
}

#[test]
fn as_they_stand_they_set_nothing() {
    for line in ROCKET_TOML.lines().chain(ENV_EXAMPLE.lines()) {
        assert!(line.is_empty() || line.starts_with('#'), "{line}");
    }
}
