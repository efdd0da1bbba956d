//! The `axioms` table of a figment, settings beside it, and the source of each value.

use figment::value::Value;
use figment::{Figment, Metadata, Profile, Source};

use super::keys::{KEYS, Kind};
use super::origins::Layer;
use super::problem::ConfigProblem;
use crate::base::redact::one_line;

/// Returns the `axioms` table of every profile; nothing, and a problem, if it is not a table or
/// `figment` holds an error.
pub(super) fn table(figment: &Figment, problems: &mut Vec<ConfigProblem>) -> Figment {
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
            problems.extend(problems_of(error));
            Figment::new()
        }
    }
}

/// Finds settings outside of the table, which would be ignored: `ROCKET_AXIOMS_LEEWAY` is
/// `axioms_leeway` to Rocket, and `ROCKET_AXIOMS__LEEWAY`, as others split names, `axioms__leeway`.
///
/// A figment that splits the names of Rocket's variables has the same value in the table too, and
/// is accepted.
pub(super) fn astray(figment: &Figment) -> impl Iterator<Item = ConfigProblem> {
    let of_tables = KEYS.iter().flat_map(|key| {
        let keys = match key.kind {
            Kind::Table(table) => table.keys,
            _ => &[],
        };
        keys.iter()
            .map(|nested| format!("{}.{}", key.name, nested.name))
    });
    KEYS.iter()
        .map(|key| key.name.to_owned())
        .chain(of_tables)
        .flat_map(|key| [(key.clone(), "_"), (key, "__")])
        .filter_map(|(key, between)| {
            let joined = key.replace('.', between);
            let value = figment
                .find_value(&format!("axioms{between}{joined}"))
                .ok()?;
            if figment
                .find_value(&format!("axioms.{key}"))
                .is_ok_and(|read| read == value)
            {
                return None;
            }
            let variable = joined.to_ascii_uppercase();
            let own = key.replace('.', "_").to_ascii_uppercase();
            let source = match figment.get_metadata(value.tag()) {
                Some(metadata) if metadata.source.is_none() => {
                    format!("{}{between}{variable}", whence(metadata, None))
                }
                Some(metadata) => whence(metadata, None),
                None => String::new(),
            };
            let message = format!(
                "is not read; it belongs into the table `axioms`, or into the variable \
             AXIOMS_{own}"
            );
            Some(ConfigProblem::new(key, source, message))
        })
}

/// Converts figment's own errors, such as a file that is not TOML.
pub(super) fn problems_of(error: figment::Error) -> impl Iterator<Item = ConfigProblem> {
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
pub(super) fn whence(metadata: &Metadata, profile: Option<&Profile>) -> String {
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
