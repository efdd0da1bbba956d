//! Reads settings key by key, so that every mistake is found at once.

use std::path::{Path, PathBuf};

use figment::value::{Dict, Value};
use figment::{Figment, Profile, Source};
use serde::de::DeserializeOwned;

use super::fields::IssuerConfig;
use super::hints;
use super::keys::{self, KEYS, Keys, Kind, Table};
use super::origins::{Layer, Origin, Origins};
use super::problem::ConfigProblem;
use super::sources::whence;
use crate::base::redact::one_line;

/// Separates the values that can be read from those that cannot.
pub(super) struct Sifter<'a> {
    pub(super) sources: &'a Figment,
    pub(super) origins: Origins,
    pub(super) problems: Vec<ConfigProblem>,
    /// The files that settings came from.
    pub(super) files: Vec<PathBuf>,
}

impl Sifter<'_> {
    /// Keeps the readable values of `given`; everything else becomes a problem. `place` is
    /// prepended to each key, and `wrap` makes what a `T` is read from of the value of one key.
    pub(super) fn sift<T: DeserializeOwned>(
        &mut self,
        given: Dict,
        keys: Keys,
        place: &str,
        wrap: &dyn Fn(Dict) -> Dict,
    ) -> Dict {
        let mut kept = Dict::new();
        for (name, value) in given {
            // A value that is there and says nothing, as a serialised `None` does, leaves the
            // default.
            if matches!(value, Value::Empty(..)) {
                continue;
            }
            let key = format!("{place}{name}");
            let origin = self.origin(&value);
            let source = origin.source.clone();
            self.origins.give(&key, origin);
            let Some(kind) = keys::kind(keys, &name) else {
                let message = match keys::kind(KEYS, &name) {
                    Some(_) if place.ends_with("].") => {
                        "is not a setting of one issuer; it belongs at the top level".to_owned()
                    }
                    _ => hints::unknown(keys, &name),
                };
                self.problems.push(ConfigProblem::new(key, source, message));
                continue;
            };
            let value = match (kind, value) {
                (Kind::Tables(keys), Value::Array(tag, entries)) => {
                    Value::Array(tag, self.issuers(entries, keys))
                }
                (
                    Kind::Table(Table {
                        missing_feature: Some(feature),
                        ..
                    }),
                    value,
                ) => {
                    self.not_compiled(&key, &value, feature);
                    continue;
                }
                (Kind::Table(table), Value::Dict(tag, entries)) => {
                    let outer = |alone| wrap(Dict::from([(name.clone(), Value::from(alone))]));
                    let entries = self.sift::<T>(entries, table.keys, &format!("{key}."), &outer);
                    Value::Dict(tag, entries)
                }
                (Kind::Path, Value::String(tag, path)) => Value::String(tag, self.path(tag, path)),
                (_, value) => value,
            };
            // Each value is tried alone, so that a problem of one does not hide those of the
            // others.
            let alone = Dict::from([(name, value)]);
            match Value::from(wrap(alone.clone())).deserialize::<T>() {
                Ok(_) => kept.extend(alone),
                Err(_) => {
                    let found = alone.values().next().map(|value| kind.found(value));
                    self.origins.mark_unread(&key);
                    self.problems.push(ConfigProblem::new(
                        key,
                        source,
                        format!(
                            "must be {}, found {}",
                            kind.expects(),
                            found.unwrap_or_default()
                        ),
                    ));
                }
            }
        }
        kept
    }

    /// Sifts the entries of `issuers`. Each keeps its index, since problems name it.
    fn issuers(&mut self, entries: Vec<Value>, keys: Keys) -> Vec<Value> {
        let entry = |(at, entry): (usize, Value)| {
            let key = format!("issuers[{at}]");
            match entry {
                Value::Dict(tag, entry) => {
                    let place = format!("{key}.");
                    Value::Dict(
                        tag,
                        self.sift::<IssuerConfig>(entry, keys, &place, &|alone| alone),
                    )
                }
                other => {
                    self.origins.mark_unread(&key);
                    let found = Kind::Claims.found(&other);
                    let source = self.origin(&other).source;
                    self.problems.push(ConfigProblem::new(
                        &key,
                        source,
                        format!("must be a table, found {found}"),
                    ));
                    Value::from(Dict::new())
                }
            }
        };
        entries.into_iter().enumerate().map(entry).collect()
    }

    fn not_compiled(&mut self, key: &str, value: &Value, feature: &str) {
        let source = self.origin(value).source;
        let message = hints::not_compiled(feature);
        self.origins.mark_unread(key);
        self.problems.push(ConfigProblem::new(key, source, message));
    }

    /// Takes a relative path in a file from the file's directory.
    fn path(&self, tag: figment::value::Tag, path: String) -> String {
        let file = self
            .sources
            .get_metadata(tag)
            .and_then(|metadata| metadata.source.as_ref()?.file_path());
        match file
            .and_then(Path::parent)
            .map(|directory| directory.join(&path))
        {
            Some(joined) if !path.trim().is_empty() => joined.to_str().map_or(path, str::to_owned),
            _ => path,
        }
    }

    /// The source of `value`; a file is added to those that were used.
    fn origin(&mut self, value: &Value) -> Origin {
        let Some(metadata) = self.sources.get_metadata(value.tag()) else {
            return Origin {
                source: "configuration".into(),
                rank: 0,
            };
        };
        if let Some(file) = metadata.source.as_ref().and_then(Source::file_path)
            && !self.files.iter().any(|known| known == file)
        {
            self.files.push(file.to_owned());
        }
        let selected = self.sources.profile();
        let profile = value.tag().profile();
        let profile = profile.as_ref().unwrap_or(selected);
        let rank = match Layer::of(&metadata.name) {
            Some((Layer::Environment, _)) => 4,
            Some((Layer::Dotenv, _)) => 3,
            None if *profile == Profile::Global => 2,
            None if *profile != Profile::Default => 1,
            None => 0,
        };
        Origin {
            source: one_line(&whence(metadata, Some(profile))),
            rank,
        }
    }
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};
    use serde::{Deserialize, Serialize};

    use super::super::keys::{Key, Keys, Kind, Table};
    use super::{Origins, Sifter};

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Outer {
        leeway: u64,
        probe: Option<Inner>,
        other: Option<Inner>,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Inner {
        client_id: String,
        timeout: u64,
    }

    const fn key(name: &'static str, kind: Kind) -> Key {
        Key {
            name,
            kind,
            has_default: true,
        }
    }

    const INNER: Keys = &[
        key("client_id", Kind::Secret),
        key("timeout", Kind::Seconds),
    ];

    const fn table(missing_feature: Option<&'static str>) -> Table {
        Table {
            keys: INNER,
            missing_feature,
        }
    }

    const OUTER: Keys = &[
        key("leeway", Kind::Seconds),
        key("probe", Kind::Table(&table(None))),
        key("other", Kind::Table(&table(Some("probe")))),
    ];

    fn sift(toml: &str) -> (Outer, Vec<String>) {
        let sources = Figment::from(Toml::string(toml));
        let mut sifter = Sifter {
            sources: &sources,
            origins: Origins::default(),
            problems: Vec::new(),
            files: Vec::new(),
        };
        let given = sources.find_value("").unwrap().into_dict().unwrap();
        let kept = sifter.sift::<Outer>(given, OUTER, "", &|alone| alone);
        let problems = sifter.problems.iter();
        (
            super::Value::from(kept).deserialize().unwrap(),
            problems
                .map(|problem| format!("{}: {}", problem.key(), problem.message()))
                .collect(),
        )
    }

    #[test]
    fn a_nested_table_is_read_key_by_key() {
        let (outer, problems) = sift("leeway = 1\n[probe]\nclient_id = \"a\"\ntimeout = 3");
        assert_eq!(problems, [""; 0]);
        let probe = Inner {
            client_id: "a".into(),
            timeout: 3,
        };
        assert_eq!((outer.leeway, outer.probe), (1, Some(probe)));

        let (outer, problems) =
            sift("[probe]\nclient_id = 271828\ntimeout = 3\ncleint_id = \"b\"\nleeway = 2");
        assert_eq!(
            problems,
            [
                "probe.cleint_id: is not a setting; the nearest one is `client_id`",
                "probe.client_id: must be text, found another type",
                "probe.leeway: is not a setting; the nearest one is `timeout`",
            ]
        );
        assert_eq!(outer.probe.unwrap().timeout, 3);
    }

    #[test]
    fn a_table_without_its_feature_names_the_feature_and_the_line() {
        let (outer, problems) = sift("[other]\nclient_id = \"a\"");
        let line = format!(
            "axioms-rocket = {{ version = \"{}\", features = [\"probe\"] }}",
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(
            problems,
            [format!(
                "other: needs the feature `probe`; write `{line}` in Cargo.toml"
            )]
        );
        assert_eq!(outer.other, None);
    }
}
