//! Each rule, by its message.

mod addresses;
mod bounds;
mod fetching;
#[cfg(feature = "introspection")]
mod introspection;
mod issuers;
mod location;
mod names;
mod providers;
mod tenants;

use super::{IssuersElsewhere, KeysGiven, check};
use crate::config::origins::Origins;
use crate::config::{Config, KeyLocation, Settings};

const ISSUER: &str = "https://auth.example.com";

/// A configuration that works, to spoil.
fn good() -> Config {
    Config {
        audience: texts(&["api"]),
        iss_url: Some(ISSUER.into()),
        ..Config::default()
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(str::to_owned).collect()
}

fn settings(config: &Config) -> Settings {
    check(
        config,
        &Origins::default(),
        KeysGiven::No,
        IssuersElsewhere::No,
    )
    .unwrap()
}

/// `key: message` of every problem.
fn problems_with(config: &Config, keys: KeysGiven) -> Vec<String> {
    let problems = check(config, &Origins::code(), keys, IssuersElsewhere::No).unwrap_err();
    problems
        .iter()
        .map(|problem| format!("{}: {}", problem.key(), problem.message()))
        .collect()
}

fn problems(config: &Config) -> Vec<String> {
    problems_with(config, KeysGiven::No)
}

fn spoilt(spoil: impl FnOnce(&mut Config)) -> Vec<String> {
    let mut config = good();
    spoil(&mut config);
    problems(&config)
}

fn of(spoil: impl FnOnce(&mut Config)) -> Settings {
    let mut config = good();
    spoil(&mut config);
    settings(&config)
}

#[test]
fn a_configuration_of_two_fields_works_with_every_default() {
    let settings = settings(&good());
    assert_eq!(settings.issuers.len(), 1);
    let issuer = &settings.issuers[0];
    assert_eq!(issuer.issuer.as_deref(), Some(ISSUER));
    assert_eq!(
        issuer.location,
        KeyLocation::Discover(ISSUER.parse().unwrap())
    );
    assert_eq!(issuer.audience, ["api"]);
    assert_eq!(issuer.algorithms.iter().count(), 13);
    assert_eq!(issuer.scope_claims, ["scope", "scp"]);
    assert_eq!(
        issuer.roles_claims,
        ["roles", "https://auth.example.com/claims/roles"]
    );
    assert_eq!(
        issuer.permissions_claims,
        ["permissions", "https://auth.example.com/claims/permissions"]
    );
    assert_eq!(issuer.token_typs, ["jwt", "at+jwt"]);
    assert_eq!(settings.safe_methods, ["OPTIONS"]);
    assert_eq!(settings.realm, ISSUER);
}

#[test]
fn a_problem_of_code_says_so() {
    let problems = check(
        &Config::default(),
        &Origins::code(),
        KeysGiven::No,
        IssuersElsewhere::No,
    )
    .unwrap_err();
    assert_eq!(problems[0].source(), "code (AxiomsFairing::from_config)");
}
