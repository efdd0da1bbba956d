//! The pages about settings against the settings.

use figment::Figment;
use figment::providers::{Format, Toml};

use super::super::keys::KEYS;
use super::super::load::{Surroundings, load_in};
use super::super::providers::{PRESETS, Preset};
use super::super::tables::{INTROSPECTION, RESOURCE};
use super::super::{IssuerSettings, KeysGiven};
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

/// A section of the page of providers: its name, and its text.
fn sections() -> Vec<(&'static str, &'static str)> {
    let sections = PROVIDERS.split("\n### ").skip(1);
    let sections = sections.map(|section| section.split("\n## ").next().unwrap_or(section));
    sections
        .map(|section| section.split_once(": ").expect("a name and a title"))
        .collect()
}

/// Returns the blocks of `text` in that language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    let rest = text.split(fence.as_str()).skip(1);
    rest.filter_map(|rest| rest.split("```").next()).collect()
}

/// Reads settings as they are on the page; its files are not on this machine.
fn settings_of(recipe: &str) -> Vec<IssuerSettings> {
    let lines = recipe
        .lines()
        .filter(|line| !line.starts_with("http_ca_bundle"));
    // Nor is the token of a pod.
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = text.replacen(
        "[default.axioms]",
        "[default.axioms]\njwks_prefetch = false",
        1,
    );
    let sources = Figment::from(Toml::string(&text).nested());
    let loaded = load_in(
        &sources,
        Surroundings {
            directory: None,
            variables: Vec::new(),
        },
    );
    assert_eq!(problems(&loaded), [""; 0], "{recipe}");
    loaded.check(KeysGiven::No).expect(recipe).issuers
}

#[test]
fn the_page_of_providers_has_a_section_for_each_preset_and_no_other() {
    let names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
    let titles: Vec<_> = sections().into_iter().map(|(name, _)| name).collect();
    assert_eq!(titles, names);
    let rows = PROVIDERS
        .lines()
        .filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<Vec<_>> = rows
        .map(|row| row.split(" |").next().unwrap_or(row))
        .map(|cell| cell.split('`').step_by(2).collect())
        .collect();
    let of_table: Vec<Vec<_>> = PRESETS
        .iter()
        .map(|it| Preset::names(it).collect())
        .collect();
    assert_eq!(rows, of_table, "names with aliases");
}

#[test]
fn each_section_of_a_provider_has_settings_that_work_and_a_token() {
    let tokens = include_str!("../../../tests/providers/tokens.json");
    let tokens: Vec<serde_json::Value> = serde_json::from_str(tokens).unwrap();
    assert_eq!(tokens.len(), PRESETS.len());
    for ((name, section), product) in sections().into_iter().zip(tokens) {
        assert_eq!(product["provider"], name);
        let [recipe] = blocks(section, "toml")[..] else {
            panic!("{name}")
        };
        let [issuer] = &settings_of(recipe)[..] else {
            panic!("{name}")
        };
        assert_eq!(issuer.preset.map(|preset| preset.name), Some(name));
        assert!(recipe.lines().count() <= 5, "{name}");
        let [token] = blocks(section, "json")[..] else {
            panic!("{name}")
        };
        let token: serde_json::Value = serde_json::from_str(token).expect(name);
        for part in ["header", "claims"] {
            assert_eq!(token[part], product["tokens"][0][part], "{name}");
        }
        for (line, of) in [
            ("- Test token: ", "how to get one"),
            ("- Evidence: ", "how sure"),
        ] {
            assert!(section.contains(line), "{name}: {of}");
        }
    }
}

#[test]
fn the_other_settings_of_the_page_of_providers_work() {
    let of_sections: Vec<_> = sections()
        .into_iter()
        .flat_map(|(_, section)| blocks(section, "toml"))
        .collect();
    let others = blocks(PROVIDERS, "toml");
    let others: Vec<_> = others
        .into_iter()
        .filter(|it| !of_sections.contains(it))
        .collect();
    assert!(!others.is_empty(), "those of several issuers");
    for recipe in others {
        assert!(!settings_of(recipe).is_empty(), "{recipe}");
    }
}
