//! `AXIOMS_*` variables, of the process environment or of a `.env` file, as figment providers.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};
use serde_json::Value as Json;

use super::keys::{self, KEYS, Keys, Kind};
use super::list;
use super::origins::{Layer, Origins};
use super::problem::ConfigProblem;
use crate::base::redact::one_line;

pub(super) const PREFIX: &str = "AXIOMS_";

/// The one variable of the environment that begins with [`PREFIX`] and sets nothing: tests write
/// their access tables with it.
pub(crate) const BLESS: &str = "AXIOMS_BLESS";

/// A variable that was read. In figment's global profile, so that it beats every profile of a
/// file.
struct Variable {
    metadata: Metadata,
    values: Dict,
}

impl Provider for Variable {
    fn metadata(&self) -> Metadata {
        self.metadata.clone()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Global.collect(self.values.clone()))
    }
}

/// The variables of one source.
pub(super) struct Variables<'a> {
    pub(super) layer: Layer,
    /// The source in messages, before the variable's name.
    pub(super) whence: &'a str,
    /// The file, from whose directory relative paths are taken.
    pub(super) file: Option<&'a Path>,
}

impl Variables<'_> {
    /// Merges `pairs` into `sources`, each read by what its key takes, so that text stays text
    /// whatever it looks like. Unreadable variables are problems; those of Kubernetes and Docker
    /// are added to `foreign`.
    pub(super) fn merge(
        &self,
        mut sources: Figment,
        pairs: impl IntoIterator<Item = (OsString, OsString)>,
        origins: &mut Origins,
        problems: &mut Vec<ConfigProblem>,
        foreign: &mut Vec<String>,
    ) -> Figment {
        let mut names = BTreeMap::new();
        for (name, text) in pairs {
            let name = name.to_string_lossy();
            if self.layer == Layer::Environment && name == BLESS {
                continue;
            }
            let Some(suffix) = suffix(&name) else {
                continue;
            };
            let (path, kind) = resolve(KEYS, &suffix);
            if kind.is_none() && is_foreign(&name, &text.to_string_lossy()) {
                foreign.push(one_line(&name));
                continue;
            }
            let key = path.join(".");
            let source = format!("{} {PREFIX}{}", self.whence, suffix.to_ascii_uppercase());
            let read = match names.insert(key.clone(), name.clone().into_owned()) {
                Some(earlier) if earlier == name => {
                    Err(format!("{} is there twice; remove one", one_line(&name)))
                }
                Some(earlier) => Err(format!(
                    "is there twice, as {} and as {}; remove one",
                    one_line(&earlier),
                    one_line(&name)
                )),
                None => match text.to_str() {
                    None => Err("is not UTF-8".to_owned()),
                    Some(text) => value(kind, text),
                },
            };
            match read {
                Ok(value) => {
                    let mut metadata = Metadata::named(self.layer.tag(source));
                    if let Some(file) = self.file {
                        metadata = metadata.source(file);
                    }
                    let values = nest(&path, value);
                    sources = sources.merge(Variable { metadata, values });
                }
                Err(message) => {
                    origins.mark_unread(&key);
                    problems.push(ConfigProblem::new(&key, source, message));
                }
            }
        }
        sources
    }
}

/// Returns the rest of a variable's name after `AXIOMS_`, in lower case. Figment's own variables
/// may be in any case, and so may these.
fn suffix(name: &str) -> Option<String> {
    let (prefix, suffix) = name.split_at_checked(PREFIX.len())?;
    prefix
        .eq_ignore_ascii_case(PREFIX)
        .then(|| suffix.to_ascii_lowercase())
}

/// Returns the path of the key that a variable sets, and its kind unless it is unknown. The name of
/// a table joins its keys with one underscore.
fn resolve(keys: Keys, name: &str) -> (Vec<String>, Option<Kind>) {
    if let Some(kind) = keys::kind(keys, name) {
        return (vec![name.to_owned()], Some(kind));
    }
    for key in keys {
        if let Kind::Table(table) = key.kind
            && let Some(rest) = name.strip_prefix(key.name)
            && let Some(rest) = rest.strip_prefix('_')
        {
            let (mut path, kind) = resolve(table.keys, rest);
            path.insert(0, key.name.to_owned());
            return (path, kind);
        }
    }
    (vec![name.to_owned()], None)
}

fn nest(path: &[String], value: Value) -> Dict {
    match path {
        [] => Dict::new(),
        [key] => Dict::from([(key.clone(), value)]),
        [table, rest @ ..] => Dict::from([(table.clone(), Value::from(nest(rest, value)))]),
    }
}

/// Returns `true` for a variable that Kubernetes sets for a Service, or Docker for a link, whose
/// name begins with `axioms`.
fn is_foreign(name: &str, value: &str) -> bool {
    let has_words = |words: &str| !words.is_empty();
    let Some(name) = name.strip_prefix("AXIOMS") else {
        return false;
    };
    // `_SERVICE_PORT` and `_SERVICE_PORT_HTTP` of Kubernetes, `_ENV_PATH` of Docker.
    if name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name
            .split_once("_SERVICE_PORT_")
            .is_some_and(|(_, port)| has_words(port))
        || name
            .split_once("_ENV_")
            .is_some_and(|(_, variable)| has_words(variable))
        || name.ends_with("_PORT")
    {
        return true;
    }
    // Docker's is the path of the linked container.
    if name.ends_with("_NAME") {
        return value.starts_with('/');
    }
    // `_PORT_80_TCP` and what follows it.
    name.match_indices("_PORT_").any(|(at, mark)| {
        let mut words = name.get(at + mark.len()..).unwrap_or_default().split('_');
        let is_port = words
            .next()
            .is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
        let is_protocol = matches!(words.next(), Some("TCP" | "UDP" | "SCTP"));
        let end: Vec<&str> = words.collect();
        let is_end = matches!(
            end[..],
            [] | ["ADDR" | "PORT" | "PROTO" | "START" | "END"] | ["PORT", "START" | "END"]
        );
        is_port && is_protocol && is_end
    })
}

fn value(kind: Option<Kind>, text: &str) -> Result<Value, String> {
    // An unknown key is reported with those of the other sources.
    let Some(kind) = kind else {
        return Ok(Value::from(""));
    };
    let is_empty = |text: &str| text.trim().is_empty();
    let empty = || match kind {
        Kind::List | Kind::Tables(_) => {
            "must not be empty; unset it to have the default, or write [] for the empty list"
        }
        _ => "must not be empty; unset it to have the default",
    };
    if is_empty(text) {
        return Err(empty().to_owned());
    }
    if kind == Kind::List {
        return list::split(text).map(Value::from).map_err(str::to_owned);
    }
    // `docker run --env-file` leaves quotes in the value, and no value is meant to begin and end
    // with them.
    let unquoted = list::unquoted(text);
    let text = unquoted.as_deref().unwrap_or(text);
    match kind {
        _ if is_empty(text) => Err(empty().to_owned()),
        Kind::Text | Kind::Secret | Kind::Path => Ok(Value::from(text)),
        Kind::Claims | Kind::Tables(_) | Kind::Table(_) => match serde_json::from_str::<Json>(text)
        {
            // Figment would merge nothing over the value of a lower source.
            Ok(Json::Null) => Err(format!("must be {}, found nothing", kind.expects())),
            Ok(json) => Value::serialize(json).map_err(|error| error.to_string()),
            Err(_) if is_misread(text) => {
                Err("holds a backslash beside letters that are not ASCII; write it as JSON".into())
            }
            Err(_) => Ok(parsed(text)),
        },
        _ => Ok(parsed(text)),
    }
}

/// Parses figment's notation; text that does not parse stays text.
fn parsed(text: &str) -> Value {
    if is_misread(text) {
        return Value::from(text);
    }
    text.parse()
        .unwrap_or_else(|never: std::convert::Infallible| match never {})
}

/// Figment's reader of escapes counts characters where it should count bytes: beyond ASCII it cuts
/// a text short, or panics.
fn is_misread(text: &str) -> bool {
    text.contains('\\') && !text.is_ascii()
}

#[cfg(test)]
mod tests {
    use figment::value::Value;

    use super::super::keys::{Key, Keys, Kind, Table};
    use super::{is_foreign, nest, resolve};

    const fn key(name: &'static str, kind: Kind) -> Key {
        Key {
            name,
            kind,
            has_default: false,
        }
    }

    const NESTED: Keys = &[
        key("probe_url", Kind::Text),
        key(
            "probe",
            Kind::Table(&Table {
                keys: &[key("client_id", Kind::Text), key("url", Kind::Text)],
                missing_feature: None,
            }),
        ),
    ];

    #[test]
    fn a_variable_names_the_key_of_a_table_after_one_underscore() {
        let path = |path: &[&str]| path.iter().map(|key| key.to_string()).collect::<Vec<_>>();
        let text = Some(Kind::Text);
        assert_eq!(
            resolve(NESTED, "probe_client_id"),
            (path(&["probe", "client_id"]), text)
        );
        // A key at the top level comes first.
        assert_eq!(resolve(NESTED, "probe_url"), (path(&["probe_url"]), text));
        assert_eq!(
            resolve(NESTED, "probe_cleint_id"),
            (path(&["probe", "cleint_id"]), None)
        );
        assert_eq!(resolve(NESTED, "probes_url"), (path(&["probes_url"]), None));
        let nested = nest(&path(&["probe", "client_id"]), Value::from("x"));
        assert_eq!(
            Value::from(nested).find("probe.client_id"),
            Some(Value::from("x"))
        );
    }

    #[test]
    fn variables_of_kubernetes_and_docker_are_told_from_ours() {
        for name in [
            "AXIOMS_SERVICE_HOST",
            "AXIOMS_API_SERVICE_HOST",
            "AXIOMS_API_SERVICE_PORT",
            "AXIOMS_API_SERVICE_PORT_HTTP",
            "AXIOMS_API_PORT",
            "AXIOMS_PORT",
            "AXIOMS_API_PORT_80_TCP",
            "AXIOMS_API_PORT_80_TCP_ADDR",
            "AXIOMS_API_PORT_80_TCP_PORT",
            "AXIOMS_API_PORT_80_TCP_PROTO",
            "AXIOMS_API_PORT_53_UDP_ADDR",
            "AXIOMS_API_PORT_5_SCTP_PROTO",
            "AXIOMS_PORT_8000_TCP_START",
            "AXIOMS_PORT_8000_TCP_PORT_END",
            "AXIOMS_DB_ENV_PATH",
        ] {
            assert!(is_foreign(name, "tcp://10.0.0.1:80"), "{name}");
        }
        assert!(is_foreign("AXIOMS_DB_NAME", "/api/axioms-db"));
        for name in [
            "AXIOMS_LEWAY",
            "AXIOMS_DB_NAME",
            "AXIOMS_SERVICE_HOSTS",
            "AXIOMS_PORT_80",
            "AXIOMS_PORT_x_TCP",
            "AXIOMS_PORT_80_TCP_X",
            "AXIOMS_PORT_80_HTTP",
            "AXIOMS_ENVIRONMENT",
            "AXIOMS_SERVICE_PORT_",
            "axioms_api_port",
        ] {
            assert!(!is_foreign(name, "x"), "{name}");
        }
    }
}
