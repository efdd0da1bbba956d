//! Reads a `Config` from the four sources, key by key, so that every mistake is found at once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use figment::value::{Dict, Value};
use figment::{Figment, Metadata, Profile, Source};
use serde::de::DeserializeOwned;

use super::check::{KeysGiven, check};
use super::dotenv::{self, Dotenv};
use super::fields::{Config, IssuerConfig};
use super::hints;
use super::keys::{self, KEYS, Keys, Kind, Table};
use super::origins::{Layer, Origin, Origins};
use super::overruled;
use super::problem::{ConfigError, ConfigProblem};
use super::settings::{HttpSettings, Settings};
use super::variables::Variables;
use crate::base::log;
use crate::base::redact::one_line;

impl Config {
    /// Reads the configuration of an application: the defaults, then the `axioms` table of
    /// `figment` (`Rocket.toml` and its profiles), the nearest `.env`, the environment `AXIOMS_*`,
    /// each above the one before. [`AxiomsFairing::default`](crate::AxiomsFairing) does the same
    /// with Rocket's figment.
    ///
    /// # Errors
    ///
    /// Every value that does not fit its key, and every unknown key. The rules that values must
    /// hold together are checked at launch, which also logs what was ignored.
    ///
    /// ```
    /// use axioms_rocket::Config;
    /// use rocket::figment::Figment;
    /// use rocket::figment::providers::{Format, Toml};
    ///
    /// let figment = Figment::from(Toml::string("[default.axioms]\naudience = \"api\"").nested());
    /// let config = Config::from_figment(&figment)?;
    /// assert_eq!(config.audience, ["api"]);
    /// # Ok::<_, axioms_rocket::ConfigError>(())
    /// ```
    pub fn from_figment(figment: &Figment) -> Result<Config, ConfigError> {
        let loaded = load(figment);
        if !loaded.problems.is_empty() {
            return Err(ConfigError::new(loaded.problems));
        }
        let config = loaded.config.clone();
        *unlogged() = Some(loaded);
        Ok(config)
    }
}

/// Returns the last configuration of `Config::from_figment` whose remarks no fairing has logged. It
/// is often read before Rocket's logger works, and by the fairing once more.
fn unlogged() -> MutexGuard<'static, Option<Loaded>> {
    static UNLOGGED: Mutex<Option<Loaded>> = Mutex::new(None);
    UNLOGGED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The configuration that was read. With problems, `config` holds the readable rest, so that it can
/// be checked too.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) origins: Origins,
    pub(crate) problems: Vec<ConfigProblem>,
    /// The files that settings came from.
    pub(crate) files: Vec<PathBuf>,
    /// Variables of Kubernetes and Docker.
    pub(super) foreign: Vec<String>,
    /// Of the `.env` file.
    pub(super) warnings: Vec<String>,
}

impl Loaded {
    /// Exactly this configuration; no other source is read.
    pub(crate) fn of_code(config: &Config) -> Self {
        Self {
            config: config.clone(),
            origins: Origins::code(),
            ..Self::default()
        }
    }

    /// # Errors
    ///
    /// Every problem: of reading, and of the rules.
    pub(crate) fn check(&self, keys: KeysGiven) -> Result<Settings, Vec<ConfigProblem>> {
        match check(&self.config, &self.origins, keys) {
            Ok(settings) if self.problems.is_empty() => Ok(settings),
            checked => Err([self.problems.clone(), checked.err().unwrap_or_default()].concat()),
        }
    }

    /// The settings of the HTTP client, which is built despite problems, to report those of its CA
    /// bundle too.
    pub(crate) fn http(&self) -> HttpSettings {
        HttpSettings::of(&self.config)
    }

    /// A problem of `key` that was found outside of this module.
    pub(crate) fn problem(&self, key: &str, message: impl Into<String>) -> ConfigProblem {
        ConfigProblem::new(key, self.origins.of(key), message)
    }

    /// Logs what was ignored or has no effect, here and in what `Config::from_figment` read.
    pub(crate) fn log_remarks(&self, keys: KeysGiven) {
        let earlier = unlogged().take().unwrap_or_default();
        let foreign = union(earlier.foreign.clone(), self.foreign.clone());
        if !foreign.is_empty() {
            log::launch(format_args!(
                "axioms: ignored variables that Kubernetes or Docker set for a service: {}",
                foreign.join(", ")
            ));
        }
        for warning in union(earlier.all_warnings(keys), self.all_warnings(keys)) {
            tracing::warn!("axioms: {warning}");
        }
    }

    fn all_warnings(&self, keys: KeysGiven) -> Vec<String> {
        let overruled = overruled::warnings(&self.config, &self.origins, keys);
        self.warnings.iter().cloned().chain(overruled).collect()
    }
}

/// Returns `texts`, and those of `more` that are not in it.
fn union(mut texts: Vec<String>, more: Vec<String>) -> Vec<String> {
    for text in more {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// The parts of a program's surroundings that a configuration depends on.
pub(crate) struct Surroundings {
    pub(crate) directory: Option<PathBuf>,
    pub(crate) variables: Vec<(OsString, OsString)>,
}

/// Reads the defaults, the `axioms` table of `figment`, the nearest `.env` and the process
/// environment, each above the one before it.
pub(crate) fn load(figment: &Figment) -> Loaded {
    load_in(
        figment,
        Surroundings {
            directory: std::env::current_dir().ok(),
            variables: std::env::vars_os().collect(),
        },
    )
}

pub(crate) fn load_in(figment: &Figment, surroundings: Surroundings) -> Loaded {
    let (mut origins, mut problems) = (Origins::default(), Vec::new());
    let (mut foreign, mut warnings) = (Vec::new(), Vec::new());

    let mut sources = table(figment, &mut problems);
    problems.extend(astray(figment));
    if let Some(path) = surroundings.directory.as_deref().and_then(dotenv::find) {
        let shown = Source::from(path.as_path()).to_string();
        let Dotenv {
            pairs,
            foreign: lines,
        } = Dotenv::read(&path, &shown, &mut problems);
        warnings.extend(passed_over(&path, &lines));
        let variables = Variables {
            layer: Layer::Dotenv,
            whence: &format!(".env file ({shown})"),
            file: Some(&path),
        };
        sources = variables.merge(sources, pairs, &mut origins, &mut problems, &mut foreign);
    }
    let variables = Variables {
        layer: Layer::Environment,
        whence: "environment variable",
        file: None,
    };
    let pairs = surroundings.variables;
    sources = variables.merge(sources, pairs, &mut origins, &mut problems, &mut foreign);

    let given = match sources.find_value("") {
        Ok(given) => given.into_dict().unwrap_or_default(),
        Err(error) => {
            problems.extend(figments(error));
            Dict::new()
        }
    };
    let mut reading = Reading {
        sources: &sources,
        origins,
        problems,
        files: Vec::new(),
    };
    let given = reading.sift::<Config>(given, KEYS, "", &|alone| alone);
    let config = Value::from(given).deserialize().unwrap_or_else(|error| {
        reading.problems.extend(figments(error));
        Config::default()
    });
    Loaded {
        config,
        origins: reading.origins,
        problems: reading.problems,
        files: reading.files,
        foreign,
        warnings,
    }
}

/// Names the lines of a `.env` that other programs may understand.
fn passed_over(path: &Path, lines: &[usize]) -> Option<String> {
    const SHOWN: usize = 10;
    let mut numbers: Vec<String> = lines.iter().take(SHOWN).map(ToString::to_string).collect();
    if lines.len() > SHOWN {
        numbers.push("…".to_owned());
    }
    let path = one_line(&path.display().to_string());
    (!lines.is_empty()).then(|| {
        format!(
            "{path}: passed over what is not `NAME=value` and does not begin with AXIOMS_ (line \
             {})",
            numbers.join(", ")
        )
    })
}

/// Returns the `axioms` table of every profile; nothing, and a problem, if it is not a table or
/// `figment` holds an error.
fn table(figment: &Figment, problems: &mut Vec<ConfigProblem>) -> Figment {
    match figment.find_value("axioms") {
        Ok(Value::Dict(..)) => figment.focus("axioms"),
        Ok(value) => {
            let source = figment
                .get_metadata(value.tag())
                .map_or_else(String::new, |metadata| whence(metadata, None));
            problems.push(ConfigProblem::new(
                "axioms",
                source,
                format!("must be a table, found {}", Kind::Claims.found(&value)),
            ));
            Figment::new()
        }
        Err(error) if error.missing() => Figment::new(),
        Err(error) => {
            problems.extend(figments(error));
            Figment::new()
        }
    }
}

/// Finds settings outside of the table, which would be ignored: `ROCKET_AXIOMS_LEEWAY` is
/// `axioms_leeway` to Rocket, and `ROCKET_AXIOMS__LEEWAY`, as others split names, `axioms__leeway`.
///
/// A figment that splits the names of Rocket's variables has the same value in the table too, and
/// is accepted.
fn astray(figment: &Figment) -> impl Iterator<Item = ConfigProblem> {
    KEYS.iter()
        .flat_map(|key| [(key.name, "_"), (key.name, "__")])
        .filter_map(|(key, between)| {
            let value = figment.find_value(&format!("axioms{between}{key}")).ok()?;
            if figment
                .find_value(&format!("axioms.{key}"))
                .is_ok_and(|read| read == value)
            {
                return None;
            }
            let variable = key.to_ascii_uppercase();
            let source = match figment.get_metadata(value.tag()) {
                Some(metadata) if metadata.source.is_none() => {
                    format!("{}{between}{variable}", whence(metadata, None))
                }
                Some(metadata) => whence(metadata, None),
                None => String::new(),
            };
            let message = format!(
                "is not read; it belongs into the table `axioms`, or into the variable \
             AXIOMS_{variable}"
            );
            Some(ConfigProblem::new(key, source, message))
        })
}

/// Converts figment's own errors, such as a file that is not TOML.
fn figments(error: figment::Error) -> impl Iterator<Item = ConfigProblem> {
    error.into_iter().map(|error| {
        let source = error
            .metadata
            .as_ref()
            .map_or_else(|| "configuration".into(), |metadata| whence(metadata, None));
        let key = if error.path.is_empty() {
            "axioms".into()
        } else {
            error.path.join(".")
        };
        ConfigProblem::new(key, source, without_excerpt(&error.kind.to_string()))
    })
}

/// Returns a parser's message on one line, without quoted texts and the excerpt of the file: they
/// may be secrets.
fn without_excerpt(message: &str) -> String {
    // `12 | realm = "…"`, and `|     ^` below it.
    let is_excerpt = |line: &&str| {
        line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ')
            .starts_with('|')
    };
    let lines: Vec<&str> = message.lines().filter(|line| !is_excerpt(line)).collect();
    let line = lines.join(": ");
    let (mut words, mut quoted) = (String::new(), false);
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quoted => drop(characters.next()),
            '"' => {
                quoted = !quoted;
                words.extend(quoted.then_some('…'));
            }
            other => words.extend((!quoted).then_some(other)),
        }
    }
    one_line(&words)
}

/// Describes where a value came from.
fn whence(metadata: &Metadata, profile: Option<&Profile>) -> String {
    if let Some((_, source)) = Layer::of(&metadata.name) {
        return source.to_owned();
    }
    let variable = metadata
        .name
        .strip_prefix('`')
        .and_then(|name| name.split_once("` environment variable"));
    match (&metadata.source, profile) {
        // `ROCKET_AXIOMS`: figment says "`ROCKET_` environment variable(s)".
        _ if variable.is_some() => format!(
            "environment variable {}AXIOMS",
            variable.map_or("", |(prefix, _)| prefix)
        ),
        (Some(source @ Source::File(_)), Some(profile)) => format!("{source} [{profile}.axioms]"),
        (Some(Source::Code(place)), _) => format!("code at {place}"),
        (Some(source), _) => source.to_string(),
        (None, _) => metadata.name.to_string(),
    }
}

struct Reading<'a> {
    sources: &'a Figment,
    origins: Origins,
    problems: Vec<ConfigProblem>,
    files: Vec<PathBuf>,
}

impl Reading<'_> {
    /// Keeps the readable values of `given`; everything else becomes a problem. `place` is
    /// prepended to each key, and `wrap` makes what a `T` is read from of the value of one key.
    fn sift<T: DeserializeOwned>(
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
                    Some(_) if place.starts_with("issuers[") => {
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
        let message = format!(
            "needs the feature `{feature}`; write `axioms-rocket = {{ version = \"{}\", features \
             = [\"{feature}\"] }}` in Cargo.toml",
            env!("CARGO_PKG_VERSION")
        );
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
    use super::{Origins, Reading};

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
        let mut reading = Reading {
            sources: &sources,
            origins: Origins::default(),
            problems: Vec::new(),
            files: Vec::new(),
        };
        let given = sources.find_value("").unwrap().into_dict().unwrap();
        let kept = reading.sift::<Outer>(given, OUTER, "", &|alone| alone);
        let problems = reading.problems.iter();
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
