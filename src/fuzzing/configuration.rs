//! The settings, from all sources.

use std::collections::BTreeSet;

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};

use crate::config::{
    Config, ConfigProblem, Dotenv, KeyLocation, KeysGiven, Settings, Surroundings, load_in,
};
use crate::jose::Algorithms;

/// A secret that the input may have in the wrong setting.
const SECRET: &str = "hunter2";

/// Settings whose invalid values may be repeated in messages: they are names, never secrets.
const REPEATED: [&str; 8] = [
    "algorithms",
    "audience_claims",
    "expected_claims",
    "permissions_claims",
    "required_claims",
    "roles_claims",
    "safe_methods",
    "scope_claims",
];

/// Input: `Rocket.toml`, a `.env` file and variables, separated by lines `%%`. The result is
/// settings within all limits, or problems that each have a key, fit on one line and repeat no
/// value that may be a secret.
pub fn configuration(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.split("\n%%\n");
    let mut part = || parts.next().unwrap_or_default();
    let (toml, dotenv, environment) = (part(), part(), part());

    let mut problems = Vec::new();
    let mut variables = Dotenv::parse(dotenv.as_bytes(), "here", &mut problems).pairs;
    let pairs = environment.lines().filter_map(|line| line.split_once('='));
    variables.extend(pairs.map(|(name, value)| (name.into(), value.into())));
    let sources = Figment::from(Toml::string(toml).nested());
    let mut loaded = load_in(
        &sources,
        Surroundings {
            directory: None,
            variables,
        },
    );
    problems.append(&mut loaded.problems);
    problems.iter().for_each(assert_names_a_key);
    // Files are not read here.
    loaded.config.http_ca_bundle = None;

    for keys in [KeysGiven::No, KeysGiven::Yes] {
        match loaded.check(keys) {
            Ok(settings) => assert_within_limits(&settings, &loaded.config, keys),
            Err(checked) => {
                assert!(
                    !checked.is_empty() || !problems.is_empty(),
                    "refused without a reason"
                );
                checked.iter().for_each(assert_names_a_key);
            }
        }
    }
    if problems.is_empty() {
        let again = Figment::from(Serialized::default("axioms", &loaded.config));
        let again = load_in(
            &again,
            Surroundings {
                directory: None,
                variables: Vec::new(),
            },
        );
        assert_eq!(again.problems, []);
        assert_eq!(again.config, loaded.config, "serialized and read again");
    }
}

fn assert_names_a_key(problem: &ConfigProblem) {
    let line = problem.to_string();
    // A variable may have the name `AXIOMS_`, without a key; then the source names it.
    assert!(
        !problem.key().is_empty() || !problem.source().is_empty(),
        "{line}"
    );
    assert!(!problem.message().is_empty(), "{line}");
    assert!(!line.contains(char::is_control), "{line:?}");
    let (key, message) = (
        problem.key().rsplit('.').next().unwrap_or_default(),
        problem.message(),
    );
    // The name of an unknown setting is no secret and may be repeated.
    if message.contains(SECRET) && !problem.key().contains(SECRET) {
        // The TOML parser names a duplicate key, and a key that conflicts with a table.
        let names_keys_only = key == "axioms" && message.contains(" key `");
        assert!(
            names_keys_only || (REPEATED.contains(&key) && !message.starts_with("must be")),
            "{line}"
        );
    }
}

fn assert_within_limits(settings: &Settings, config: &Config, keys: KeysGiven) {
    assert!(!settings.issuers.is_empty());
    let issuers: BTreeSet<_> = settings
        .issuers
        .iter()
        .map(|issuer| (&issuer.issuer, &issuer.trust_domain))
        .collect();
    assert_eq!(issuers.len(), settings.issuers.len(), "`iss` is unique");
    let names: Vec<_> = settings
        .issuers
        .iter()
        .filter_map(|issuer| issuer.name.as_ref())
        .collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    for (index, issuer) in settings.issuers.iter().enumerate() {
        assert!(
            issuer.issuer.is_some() || issuer.trust_domain.is_some() || settings.issuers.len() == 1,
            "an issuer without `iss` is the only one"
        );
        assert!(!issuer.audience.is_empty() && !issuer.audience_claims.is_empty());
        assert!(issuer.algorithms != Algorithms::default());
        assert!(!issuer.token_typs.is_empty());
        let is_bare = |typ: &String| *typ == typ.to_ascii_lowercase() && !typ.is_empty();
        assert!(
            issuer.token_typs.iter().all(is_bare),
            "{:?}",
            issuer.token_typs
        );
        let texts = [
            &issuer.audience,
            &issuer.audience_claims,
            &issuer.scope_claims,
            &issuer.required_claims,
        ];
        for text in texts.into_iter().flatten().chain(&issuer.issuer) {
            assert!(
                !text.is_empty() && text.trim() == text && !text.contains(char::is_control),
                "{text:?}"
            );
        }
        for (name, values) in &issuer.expected_claims {
            assert!(!name.is_empty() && !values.is_empty());
            assert!(
                values
                    .iter()
                    .all(|value| value.is_string() || value.is_number() || value.is_boolean())
            );
        }
        let url = match &issuer.location {
            KeyLocation::Given => {
                assert!(keys == KeysGiven::Yes && index == 0);
                continue;
            }
            KeyLocation::File(_) => {
                assert!(keys == KeysGiven::No || index > 0);
                continue;
            }
            KeyLocation::At(url)
            | KeyLocation::Discover(url)
            | KeyLocation::Conventional(url)
            | KeyLocation::Metadata(url) => url,
        };
        assert!(keys == KeysGiven::No || index > 0);
        assert!(
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none(),
            "{url}"
        );
        let host = url.host_str().unwrap_or_default();
        let loopback = ["localhost", "[::1]"].contains(&host) || host.starts_with("127.");
        assert!(
            url.scheme() == "https" || (url.scheme() == "http" && (loopback || config.allow_http)),
            "{url}"
        );
    }
    if let Some(resource) = &settings.resource {
        assert!(resource.metadata_url.is_ascii() && !resource.metadata_url.contains('"'));
        let url = url::Url::parse(&resource.metadata_url).expect("a URL");
        assert!(url.path().ends_with(&resource.path) && url.query().is_none());
        let mut scopes = resource.scopes.iter();
        assert!(scopes.all(|scope| scope.is_ascii() && !scope.contains(' ')));
    }
    assert!(settings.leeway.as_secs() <= 300);
    assert!((1..=60).contains(&settings.http.timeout.as_secs()));
    assert!((1..=1 << 20).contains(&settings.max_token_bytes));
    assert!(settings.token_cache_capacity <= 1_000_000);
    assert!(settings.keys.refresh_interval.as_secs() >= 1 && settings.keys.cooldown.as_secs() >= 1);
    assert!(settings.keys.cache_ttl >= 2 * settings.keys.refresh_interval);
    assert!(settings.max_token_age.is_none_or(|age| !age.is_zero()));
    assert!(
        settings
            .safe_methods
            .iter()
            .all(|method| method.bytes().all(|byte| byte.is_ascii_uppercase()))
    );
    assert!(!settings.realm.contains(char::is_control));
}
