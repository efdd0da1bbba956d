//! The pages about settings against the settings.

use figment::Figment;
use figment::providers::{Format, Toml};

use super::super::KeysGiven;
use super::super::keys::KEYS;
use super::super::load::{Surroundings, load_in};
use super::super::tables::{INTROSPECTION, RESOURCE};
use super::problems;

const CONFIGURATION: &str = include_str!("../../../docs/configuration.md");
const PROVIDERS: &str = include_str!("../../../docs/providers.md");

#[test]
fn the_page_has_a_row_for_every_key_in_order() {
    let table = CONFIGURATION
        .split_once("## Settings")
        .and_then(|(_, rest)| rest.split_once("\n## "))
        .unwrap()
        .0;
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let keys = KEYS.iter().map(|key| key.name.to_owned());
    let nested = [("resource", RESOURCE), ("introspection", INTROSPECTION)];
    let nested = nested.into_iter().flat_map(|(table, keys)| {
        keys.keys
            .iter()
            .map(move |key| format!("{table}.{}", key.name))
    });
    assert_eq!(
        rows.map(|(key, _)| key).collect::<Vec<_>>(),
        keys.filter(|key| key != "resource" && key != "introspection")
            .chain(nested)
            .collect::<Vec<_>>()
    );
}

#[test]
fn the_providers_settings_work() {
    let recipes = PROVIDERS
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let recipes: Vec<_> = recipes
        .filter(|recipe| recipe.starts_with("[default.axioms]"))
        .collect();
    assert_eq!(recipes.len(), 8);
    for recipe in recipes {
        // The launch refuses a placeholder in its place.
        let recipe = recipe.replace("TENANT_ID", "72f988bf-86f1-41af-91ab-2d7cd011db47");
        let sources = Figment::from(Toml::string(&recipe).nested());
        let loaded = load_in(
            &sources,
            Surroundings {
                directory: None,
                variables: Vec::new(),
            },
        );
        assert_eq!(problems(&loaded), [""; 0], "{recipe}");
        let settings = loaded.check(KeysGiven::No);
        assert!(
            settings.is_ok_and(|settings| settings
                .issuers
                .iter()
                .all(|issuer| issuer.issuer.is_some())),
            "{recipe}"
        );
    }
}
