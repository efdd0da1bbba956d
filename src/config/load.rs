//! From the four sources to a `Config`, key by key, so that every mistake is found at once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Value};
use figment::{Figment, Metadata, Profile, Source};
use serde::de::DeserializeOwned;

use super::check::{KeysGiven, check};
use super::dotenv;
use super::fields::{Config, IssuerConfig};
use super::keys::{self, ISSUER_KEYS, KEYS, Kind};
use super::problem::{ConfigProblem, Origins, shown};
use super::settings::{HttpSettings, Settings};
use super::variables::Variables;

/// What was read. With problems, `config` holds what could be read besides, so that it can be checked too.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) origins: Origins,
    pub(crate) problems: Vec<ConfigProblem>,
}

impl Loaded {
    /// Exactly this configuration: no other source is looked at.
    pub(crate) fn of_code(config: &Config) -> Self {
        Self {
            config: config.clone(),
            origins: Origins::code(),
            problems: Vec::new(),
        }
    }

    /// # Errors
    ///
    /// Every problem: of what could not be read, and of what was read and cannot work.
    pub(crate) fn check(&self, keys: KeysGiven) -> Result<Settings, Vec<ConfigProblem>> {
        match check(&self.config, &self.origins, keys) {
            Ok(settings) if self.problems.is_empty() => Ok(settings),
            checked => Err([self.problems.clone(), checked.err().unwrap_or_default()].concat()),
        }
    }

    /// How documents are fetched, be there problems or not: whether there can be a client is not for this module to know.
    pub(crate) fn http(&self) -> HttpSettings {
        HttpSettings::of(&self.config)
    }

    /// What turned out elsewhere to be wrong about `key`.
    pub(crate) fn problem(&self, key: &str, message: impl Into<String>) -> ConfigProblem {
        ConfigProblem::new(key, self.origins.of(key), message)
    }
}

/// Where a program runs, as far as a configuration may depend on it.
pub(crate) struct Surroundings {
    pub(crate) directory: Option<PathBuf>,
    pub(crate) variables: Vec<(OsString, OsString)>,
}

/// Reads the defaults, the `axioms` table of `figment`, the nearest `.env` and the process environment, each above the one
/// before it.
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

    let mut sources = table(figment, &mut problems);
    problems.extend(astray(figment));
    if let Some(path) = surroundings.directory.as_deref().and_then(dotenv::find) {
        let shown = Source::from(path.as_path()).to_string();
        let pairs = dotenv::read(&path, &shown, &mut problems);
        let variables = Variables::read(
            &format!(".env file ({shown})"),
            pairs,
            &mut origins,
            &mut problems,
        );
        sources = sources.merge(variables.of_file(&path));
    }
    let variables = surroundings.variables;
    sources = sources.merge(Variables::read(
        "environment variable",
        variables,
        &mut origins,
        &mut problems,
    ));

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
    };
    let given = reading.sift::<Config>(given, KEYS, "");
    let config = Value::from(given).deserialize().unwrap_or_else(|error| {
        reading.problems.extend(figments(error));
        Config::default()
    });
    Loaded {
        config,
        origins: reading.origins,
        problems: reading.problems,
    }
}

/// The `axioms` table of every profile; nothing, and a problem, where it is not a table or `figment` holds an error.
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
                format!("must be a table, found {}", keys::found(&value)),
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

/// Keys that stand beside the table, where nobody reads them: `ROCKET_AXIOMS_LEEWAY` is `axioms_leeway` to Rocket, and
/// `ROCKET_AXIOMS__LEEWAY`, as others split names, `axioms__leeway`.
///
/// Whoever has Rocket split the names of its variables finds the same in the table too, and is left alone.
fn astray(figment: &Figment) -> impl Iterator<Item = ConfigProblem> {
    KEYS.iter().flat_map(|(key, _)| [(*key, "_"), (*key, "__")]).filter_map(|(key, between)| {
        let value = figment.find_value(&format!("axioms{between}{key}")).ok()?;
        if figment.find_value(&format!("axioms.{key}")).is_ok_and(|read| read == value) {
            return None;
        }
        let variable = key.to_ascii_uppercase();
        let source = match figment.get_metadata(value.tag()) {
            Some(metadata) if metadata.source.is_none() => format!("{}{between}{variable}", whence(metadata, None)),
            Some(metadata) => whence(metadata, None),
            None => String::new(),
        };
        let message =
            format!("is read by nobody; it belongs into the table `axioms`, or into the variable AXIOMS_{variable}");
        Some(ConfigProblem::new(key, source, message))
    })
}

/// Figment's own errors, such as a file that is not TOML, in its own words.
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

/// A parser's words on one line, without texts in quotes and the piece of the file that it points at: they may be
/// somebody's secret.
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
    shown(&words)
}

/// Where a value came from, in words.
fn whence(metadata: &Metadata, profile: Option<&Profile>) -> String {
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
}

impl Reading<'_> {
    /// Keeps of `given` what a `T` can be made of; everything else becomes a problem. `place` stands before each key.
    fn sift<T: DeserializeOwned>(
        &mut self,
        given: Dict,
        keys: &[(&str, Kind)],
        place: &str,
    ) -> Dict {
        let mut kept = Dict::new();
        for (name, value) in given {
            // A value that is there and says nothing, as a serialised `None` does, leaves the default.
            if matches!(value, Value::Empty(..)) {
                continue;
            }
            let key = format!("{place}{name}");
            let source = self.source(&value, &key);
            self.origins.give(&key, source.clone());
            let Some(kind) = keys::kind(keys, &name) else {
                let message = match keys::kind(KEYS, &name) {
                    Some(_) => {
                        "is not a setting of one issuer; it belongs at the top level".to_owned()
                    }
                    None => {
                        let nearest = keys::nearest(keys.iter().map(|(name, _)| *name), &name);
                        format!("is not a setting; the nearest one is `{nearest}`")
                    }
                };
                self.problems.push(ConfigProblem::new(key, source, message));
                continue;
            };
            let value = match (kind, value) {
                (Kind::Issuers, Value::Array(tag, entries)) => {
                    Value::Array(tag, self.issuers(entries))
                }
                (Kind::Path, Value::String(tag, path)) => Value::String(tag, self.path(tag, path)),
                (_, value) => value,
            };
            // Whatever is wrong with the rest must not hide what is wrong with this one: each is tried alone.
            let alone = Dict::from([(name, value)]);
            match Value::from(alone.clone()).deserialize::<T>() {
                Ok(_) => kept.extend(alone),
                Err(_) => {
                    let found = alone.values().next().map(keys::found).unwrap_or_default();
                    self.origins.mark_unread(&key);
                    self.problems.push(ConfigProblem::new(
                        key,
                        source,
                        format!("must be {}, found {found}", kind.expects()),
                    ));
                }
            }
        }
        kept
    }

    /// The same for the entries of `issuers`. Each keeps its place in the list, since problems name it.
    fn issuers(&mut self, entries: Vec<Value>) -> Vec<Value> {
        let entry = |(at, entry): (usize, Value)| {
            let key = format!("issuers[{at}]");
            match entry {
                Value::Dict(tag, entry) => Value::Dict(
                    tag,
                    self.sift::<IssuerConfig>(entry, ISSUER_KEYS, &format!("{key}.")),
                ),
                other => {
                    self.origins.mark_unread(&key);
                    let message = format!("must be a table, found {}", keys::found(&other));
                    self.problems.push(ConfigProblem::new(
                        &key,
                        self.source(&other, &key),
                        message,
                    ));
                    Value::from(Dict::new())
                }
            }
        };
        entries.into_iter().enumerate().map(entry).collect()
    }

    /// A relative path in a file is meant from where the file is.
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

    fn source(&self, value: &Value, key: &str) -> String {
        let Some(metadata) = self.sources.get_metadata(value.tag()) else {
            return "configuration".into();
        };
        let name = key.split(['[', '.']).next().unwrap_or_default();
        let profile = value.tag().profile();
        let source = Variables::origin(metadata, name).unwrap_or_else(|| {
            whence(
                metadata,
                Some(profile.as_ref().unwrap_or(self.sources.profile())),
            )
        });
        shown(&source)
    }
}
