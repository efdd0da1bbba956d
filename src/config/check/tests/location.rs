//! The settings that say where the keys are, and what excludes them.

use super::{good, of, problems_with, spoilt};
use crate::config::{Config, IssuerConfig, KeyLocation, KeysGiven};

const METADATA: &str = "https://login.internal.example/metadata?p=1";
/// A file that exists.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

#[test]
fn metadata_and_files_are_locations() {
    let settings = of(|c| c.metadata_url = Some(METADATA.into()));
    let metadata = KeyLocation::Metadata(METADATA.parse().unwrap());
    assert_eq!(settings.issuers[0].location, metadata);
    let settings = of(|c| c.jwks_file = Some(FILE.into()));
    let file = KeyLocation::File(FILE.into());
    assert_eq!(settings.issuers[0].location, file);
    // The issuer need not be a URL.
    for location in [metadata, file] {
        let settings = of(|c| {
            c.iss_url = Some("acme".into());
            match location {
                KeyLocation::File(_) => c.jwks_file = Some(FILE.into()),
                _ => c.metadata_url = Some(METADATA.into()),
            }
        });
        assert_eq!(settings.issuers[0].location, location);
    }
}

#[test]
fn two_locations_are_a_problem_of_the_second() {
    let beside =
        |key, other| format!("{key}: cannot be set beside {other}: both say where the keys are");
    let jwks_url = || Some("https://keys.example.com/".to_owned());
    assert_eq!(
        spoilt(|c| (c.jwks_url, c.jwks_file) = (jwks_url(), Some(FILE.into()))),
        [beside("jwks_file", "jwks_url")]
    );
    assert_eq!(
        spoilt(|c| {
            (c.jwks_url, c.jwks_file) = (jwks_url(), Some(FILE.into()));
            c.metadata_url = Some(METADATA.into());
        }),
        [
            beside("jwks_file", "jwks_url"),
            beside("metadata_url", "jwks_url")
        ]
    );
    let entry = IssuerConfig {
        iss_url: Some("https://b.example.com".into()),
        jwks_file: Some(FILE.into()),
        discovery: Some(true),
        ..IssuerConfig::default()
    };
    assert_eq!(
        spoilt(|c| c.issuers = vec![entry]),
        [beside("issuers[0].discovery", "issuers[0].jwks_file")]
    );
}

#[test]
fn given_keys_exclude_files_and_metadata() {
    for (config, key) in [
        (
            Config {
                jwks_file: Some(FILE.into()),
                ..good()
            },
            "jwks_file",
        ),
        (
            Config {
                metadata_url: Some(METADATA.into()),
                ..good()
            },
            "metadata_url",
        ),
    ] {
        let words = "cannot be set beside with_keys, which gives the keys of this issuer";
        assert_eq!(
            problems_with(&config, KeysGiven::Yes),
            [format!("{key}: {words}")]
        );
    }
}

#[test]
fn metadata_need_an_issuer_discovery_and_an_address() {
    assert_eq!(
        spoilt(|c| {
            c.metadata_url = Some(METADATA.into());
            c.discovery = false;
        }),
        ["discovery: is off, and metadata_url needs it: metadata are read"]
    );
    let spoilt = spoilt(|c| {
        c.metadata_url = Some("https://user:hunter2@login.internal.example/".into());
    });
    assert_eq!(spoilt, ["metadata_url: must not hold user information"]);
}

#[test]
fn a_file_alone_is_an_issuer_without_iss() {
    let settings = of(|c| (c.iss_url, c.jwks_file) = (None, Some(FILE.into())));
    assert_eq!(settings.issuers[0].issuer, None);
    let entry = IssuerConfig {
        iss_url: Some("https://b.example.com".into()),
        ..IssuerConfig::default()
    };
    assert_eq!(
        spoilt(|c| {
            (c.iss_url, c.jwks_file) = (None, Some(FILE.into()));
            c.issuers = vec![entry];
        }),
        [
            "iss_url: is needed beside jwks_file when there are issuers too: without it every \
             token would be the first one's"
        ]
    );
}
