//! `AXIOMS_*` variables, of the process environment or of a `.env` file, as a figment provider.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};
use serde_json::Value as Json;

use super::keys::{self, KEYS, Kind};
use super::list;
use super::problem::{ConfigProblem, Origins, shown};

const PREFIX: &str = "AXIOMS_";

/// The name of our providers' metadata: it tells them from others.
const NAME: &str = "AXIOMS_ variables";

/// Variables that were read. In figment's global profile, so that they beat every profile of a file.
pub(super) struct Variables {
    metadata: Metadata,
    values: Dict,
}

impl Variables {
    /// Sorts `pairs` into values by what each key takes, so that text stays text whatever it looks like. `whence` names
    /// the source, to be read before a variable's name. What cannot be read is a problem and no value.
    pub(super) fn read(
        whence: &str,
        pairs: impl IntoIterator<Item = (OsString, OsString)>,
        origins: &mut Origins,
        problems: &mut Vec<ConfigProblem>,
    ) -> Self {
        let mut values = Dict::new();
        let mut names = BTreeMap::new();
        for (name, text) in pairs {
            let name = name.to_string_lossy();
            let Some(key) = key(&name) else { continue };
            let read = match names.insert(key.clone(), name.clone().into_owned()) {
                Some(earlier) if earlier == name => {
                    Err(format!("{} is there twice; remove one", shown(&name)))
                }
                Some(earlier) => Err(format!(
                    "is there twice, as {} and as {}; remove one",
                    shown(&earlier),
                    shown(&name)
                )),
                None => match text.to_str() {
                    None => Err("is not UTF-8".to_owned()),
                    Some(text) => value(keys::kind(KEYS, &key), text),
                },
            };
            match read {
                Ok(value) => drop(values.insert(key, value)),
                Err(message) => {
                    origins.mark_unread(&key);
                    problems.push(ConfigProblem::new(&key, source(whence, &key), message));
                }
            }
        }
        let whence = whence.to_owned();
        let metadata = Metadata::named(NAME).interpolater(move |_: &Profile, path: &[&str]| {
            source(&whence, path.first().copied().unwrap_or_default())
        });
        Self { metadata, values }
    }

    /// The same, of a file: relative paths are meant from its directory.
    pub(super) fn of_file(self, path: &Path) -> Self {
        Self {
            metadata: self.metadata.source(path),
            ..self
        }
    }

    /// Where `key` came from, if `metadata` is ours.
    pub(super) fn origin(metadata: &Metadata, key: &str) -> Option<String> {
        (metadata.name == NAME).then(|| metadata.interpolate(&Profile::Global, &[key]))
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        self.metadata.clone()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Global.collect(self.values.clone()))
    }
}

/// The key that a variable sets, if it is one of ours. Capitals are the custom; figment's own variables may be in any case,
/// and so may these.
fn key(name: &str) -> Option<String> {
    let (prefix, key) = name.split_at_checked(PREFIX.len())?;
    prefix
        .eq_ignore_ascii_case(PREFIX)
        .then(|| key.to_ascii_lowercase())
}

fn source(whence: &str, key: &str) -> String {
    format!("{whence} {PREFIX}{}", key.to_ascii_uppercase())
}

fn value(kind: Option<Kind>, text: &str) -> Result<Value, String> {
    // An unknown key: it will be reported with the others.
    let Some(kind) = kind else {
        return Ok(Value::from(""));
    };
    if kind == Kind::List {
        return list::split(text).map(Value::from).map_err(str::to_owned);
    }
    // `docker run --env-file` leaves them in the value, and no value is meant to begin and end with them.
    let unquoted = list::unquoted(text);
    let text = unquoted.as_deref().unwrap_or(text);
    match kind {
        Kind::Issuers if text.trim().is_empty() => Ok(Value::from(Vec::<Value>::new())),
        _ if text.trim().is_empty() => {
            Err("must not be empty; unset it to have the default".into())
        }
        Kind::Text | Kind::Path => Ok(Value::from(text)),
        Kind::Claims | Kind::Issuers => match serde_json::from_str::<Json>(text) {
            Ok(json) => Value::serialize(json).map_err(|error| error.to_string()),
            Err(_) if is_misread(text) => {
                Err("holds a backslash beside letters that are not ASCII; write it as JSON".into())
            }
            Err(_) => Ok(parsed(text)),
        },
        _ => Ok(parsed(text)),
    }
}

/// Figment's notation; what does not parse is text.
fn parsed(text: &str) -> Value {
    if is_misread(text) {
        return Value::from(text);
    }
    text.parse()
        .unwrap_or_else(|never: std::convert::Infallible| match never {})
}

/// Figment's reader of escapes counts letters where it should count octets: beyond ASCII it cuts a text short, or panics.
fn is_misread(text: &str) -> bool {
    text.contains('\\') && !text.is_ascii()
}
