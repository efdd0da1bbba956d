//! The house has one direction: a module uses itself and those that stand before it.
//!
//! Read from the text of `src/`, without its comments and strings: what a doc links to is no dependency.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of the crate's root, each above those before it.
const LAYERS: [&str; 19] = [
    "base", "json", "claims", "jose", "config", "http", "issuer", "verify", "binding", "token",
    "policy", // The wall: below it nothing knows of Rocket.
    "error", "request", "respond", "guards", "groups", "fairing", "testing", "fuzzing",
];

/// The first layer that knows of Rocket.
const WALL: &str = "error";

/// Crates that only these places know.
const KNOWN_BY: [(&str, &[&str]); 4] = [
    ("reqwest", &["http", "testing/tests"]),
    ("aws_lc_rs", &["jose/signature", "testing"]),
    ("dotenvy", &["config"]),
    ("hyper", &["testing"]),
];

#[test]
fn no_module_looks_up() {
    let house = House::read();
    assert_eq!(house.complaints(), [""; 0]);
}

#[test]
fn every_module_of_the_root_has_a_layer_and_every_layer_a_module() {
    let House { front, .. } = House::read();
    let mut modules: Vec<_> = modules(&front);
    let mut layers = LAYERS.to_vec();
    modules.sort_unstable();
    layers.sort_unstable();
    assert_eq!(modules, layers);
}

#[test]
fn what_breaks_the_rules_is_found() {
    let complaints = |place: &str, code: &str| {
        let front = "mod config; pub use config::Config; pub use error::{AuthError, LaunchError as Why}; \
                     pub use rocket::http::Method as Verb;";
        let files = vec![(PathBuf::from(place), without_comments(code))];
        House {
            front: front.into(),
            files,
        }
        .complaints()
    };
    let is = |place: &str, code: &str, complaint: &str| {
        assert_eq!(complaints(place, code), [complaint], "{code}")
    };
    is(
        "http/client.rs",
        "\nuse crate::issuer::Keyring;",
        "http/client.rs:2 looks up to `issuer`",
    );
    is(
        "http.rs",
        "use crate::{base::Clock, guards, config::{a, b}};",
        "http.rs:1 looks up to `guards`",
    );
    is(
        "http.rs",
        "use crate::{\n clock,\n issuer::{A, B},\n};",
        "http.rs:1 looks up to `issuer`",
    );
    is(
        "http.rs",
        "fn f() -> crate::AuthError {}",
        "http.rs:1 looks up to `error`",
    );
    is(
        "http.rs",
        "fn f() -> crate::Why {}",
        "http.rs:1 looks up to `error`",
    );
    is(
        "http.rs",
        "fn f() -> crate::Verb {}",
        "http.rs:1 looks up to `rocket`",
    );
    is(
        "http.rs",
        "use super::issuer::Key;",
        "http.rs:1 looks up to `issuer`",
    );
    is(
        "http/a/b.rs",
        "use super::super::super::{config, issuer::Key};",
        "http/a/b.rs:1 looks up to `issuer`",
    );
    is(
        "http/mod.rs",
        "use super::issuer::Key;",
        "http/mod.rs:1 looks up to `issuer`",
    );
    is(
        "http.rs",
        "use crate::*;",
        "http.rs:1 names `crate::*`, which hides where it looks",
    );
    is(
        "http.rs",
        "use crate::nowhere;",
        "http.rs:1 names `nowhere`, which is nothing of the root",
    );
    is(
        "http.rs",
        "fn f() { rocket::build(); }",
        "http.rs:1 knows of `rocket`",
    );
    is(
        "issuer/key.rs",
        "use ::reqwest::get;",
        "issuer/key.rs:1 knows of `reqwest`",
    );
    is("attic.rs", "", "attic.rs is in no layer");
    for (place, fine) in [
        (
            "http.rs",
            "//! See crate::issuer.\n/* crate::issuer /* use rocket; */ crate::issuer */ use crate::Config;",
        ),
        (
            "http.rs",
            "const A: &str = \"crate::issuer \\\" rocket::x\"; const B: &str = r#\"\"crate::issuer\"#; use clock::C;",
        ),
        (
            "http.rs",
            "const Q: char = '\"'; fn f<'a>(rocket: &'a str) {} // \" crate::issuer",
        ),
        (
            "http.rs",
            "macro_rules! m { ($a:ident) => { $crate::$a } } use super::config; use self::rules;",
        ),
        (
            "http/a.rs",
            "use super::issuer::Key; mod tests { use super::super::x; }",
        ),
        (
            "guards/a.rs",
            "use crate::http::Http; use rocket::get; use crate::{Config, Verb};",
        ),
        (
            "testing/tests/a.rs",
            "use reqwest::get; use aws_lc_rs::hmac;",
        ),
    ] {
        assert_eq!(complaints(place, fine), [""; 0], "{fine}");
    }
}

/// The crate as text.
struct House {
    /// `lib.rs`.
    front: String,
    /// Every other file by its path below `src`, without comments and strings.
    files: Vec<(PathBuf, String)>,
}

impl House {
    fn read() -> House {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut front, mut files, mut folders) = (String::new(), Vec::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
            {
                if entry.is_dir() {
                    folders.push(entry);
                } else if entry.extension().is_some_and(|extension| extension == "rs") {
                    let code = without_comments(&fs::read_to_string(&entry).unwrap());
                    match entry.strip_prefix(&root).unwrap() {
                        place if place == Path::new("lib.rs") => front = code,
                        place => files.push((place.to_owned(), code)),
                    }
                }
            }
        }
        assert!(
            !front.is_empty() && files.len() > 50,
            "this is not the crate"
        );
        files.sort();
        House { front, files }
    }

    fn complaints(&self) -> Vec<String> {
        let homes = self.homes();
        let mut complaints = Vec::new();
        for (place, code) in &self.files {
            let layer = layer_of(place);
            let Some(height) = height(&layer) else {
                complaints.push(format!("{} is in no layer", place.display()));
                continue;
            };
            let mut complain = |at: usize, words: String| {
                complaints.push(format!("{}:{} {words}", place.display(), line(code, at)))
            };
            for (at, name) in names_of_the_root(place, code) {
                let home = if name == layer {
                    Some(&layer)
                } else {
                    homes.get(&name)
                };
                match home {
                    _ if name == "*" => {
                        complain(at, "names `crate::*`, which hides where it looks".into())
                    }
                    Some(home) if home_height(home) > height => {
                        complain(at, format!("looks up to `{home}`"))
                    }
                    Some(_) => {}
                    None => complain(at, format!("names `{name}`, which is nothing of the root")),
                }
            }
            if height < self::height(WALL).unwrap() {
                uses(code, "rocket").for_each(|at| complain(at, "knows of `rocket`".into()));
            }
            for (library, places) in KNOWN_BY {
                let file = place.with_extension("");
                if !places.iter().any(|known| file.starts_with(known)) {
                    uses(code, library)
                        .for_each(|at| complain(at, format!("knows of `{library}`")));
                }
            }
        }
        complaints
    }

    /// Every name of the root and the layer that it comes from: the layers, what is re-exported, and exported macros.
    fn homes(&self) -> BTreeMap<String, String> {
        let mut homes: BTreeMap<String, String> = LAYERS
            .iter()
            .map(|layer| ((*layer).to_owned(), (*layer).to_owned()))
            .collect();
        for export in self
            .front
            .split(';')
            .filter_map(|item| item.split_once("use ").map(|(_, path)| path))
        {
            let (home, names) = export.split_once("::").unwrap_or((export, ""));
            for name in names.split(['{', '}', ',']) {
                let name = name
                    .rsplit([' ', ':'])
                    .find(|word| !word.is_empty())
                    .unwrap_or_default()
                    .trim();
                homes.insert(
                    name.to_owned(),
                    home.trim().trim_start_matches("self::").to_owned(),
                );
            }
        }
        for (place, code) in &self.files {
            for (at, _) in code.match_indices("macro_rules! ") {
                homes.insert(
                    word(&code[at + "macro_rules! ".len()..]).to_owned(),
                    layer_of(place),
                );
            }
        }
        homes
    }
}

fn height(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|known| *known == layer)
}

/// The same for what the root re-exports from elsewhere: Rocket's own names stand at the wall, others at the ground.
fn home_height(home: &str) -> usize {
    let ground = if home == "rocket" { height(WALL) } else { None };
    height(home).or(ground).unwrap_or(0)
}

/// `http` of `http.rs` and of `http/client.rs`.
fn layer_of(place: &Path) -> String {
    place
        .with_extension("")
        .iter()
        .next()
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

/// Every `mod name;` of `code`.
fn modules(code: &str) -> Vec<&str> {
    let after = |(at, found): (usize, &str)| {
        let rest = &code[at + found.len()..];
        let name = word(rest);
        (!name.is_empty() && rest[name.len()..].starts_with(';')).then_some(name)
    };
    code.match_indices("mod ").filter_map(after).collect()
}

/// What `code` names by `crate::`, or by as many `super::` as lead to the root, and where.
fn names_of_the_root(place: &Path, code: &str) -> Vec<(usize, String)> {
    let depth = place
        .with_extension("")
        .iter()
        .filter(|part| *part != "mod")
        .count();
    let up = "super::".repeat(depth);
    let mut names = Vec::new();
    for path in ["crate::", &up] {
        for (at, found) in code.match_indices(path) {
            let before = code[..at].chars().next_back().unwrap_or(' ');
            // Inside a longer name or path: `$crate::` is one of ours, `other_crate::` and `super::super::` are not.
            if before.is_alphanumeric() || before == '_' || before == ':' {
                continue;
            }
            let rest = &code[at + found.len()..];
            // A `super::` may be within a module that is written in the file itself, and lead less far: only what is
            // certainly a layer counts.
            let counts = |name: &str| {
                path == "crate::" || (height(name).is_some() && name != layer_of(place))
            };
            names.extend(
                firsts(rest)
                    .into_iter()
                    .filter(|name| counts(name))
                    .map(|name| (at, name)),
            );
        }
    }
    names
}

/// The first names of what follows a `crate::`: one, or those of a group. None for a macro's `$name`.
fn firsts(rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else {
        let name = if rest.starts_with('*') {
            "*"
        } else {
            word(rest)
        };
        return [name]
            .into_iter()
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
    };
    let (mut depth, mut items) = (0, vec![String::new()]);
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            other if depth == 0 => items.last_mut().unwrap().push(other),
            _ => {}
        }
    }
    items.iter().flat_map(|item| firsts(item.trim())).collect()
}

/// Where `code` uses the crate of that name: `name::`, or `use name`.
fn uses(code: &str, name: &str) -> impl Iterator<Item = usize> {
    code.match_indices(name)
        .map(|(at, _)| at)
        .filter(move |at| {
            let (before, after) = (&code[..*at], &code[at + name.len()..]);
            let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
                && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let within = before.ends_with("::")
                && before[..before.len() - 2].ends_with(|c: char| c.is_alphanumeric());
            whole && !within && (after.starts_with("::") || before.trim_end().ends_with("use"))
        })
}

fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}

fn line(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// The code alone: comments, strings and characters become blanks; lines stay lines.
fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => 1 + string(&rest[1..]),
            'r' if !code.ends_with(|c: char| c.is_alphanumeric() || c == '_') => {
                raw_string(rest).unwrap_or(0)
            }
            '\'' => character_literal(rest).unwrap_or(0),
            _ => 0,
        };
        if length == 0 {
            code.push(character);
            rest = &rest[character.len_utf8()..];
        } else {
            code.extend(
                rest[..length]
                    .chars()
                    .map(|c| if c == '\n' { '\n' } else { ' ' }),
            );
            rest = &rest[length..];
        }
    }
    code
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let step = match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

/// From behind the first quote to behind the last.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_string(text: &str) -> Option<usize> {
    let hashes = text[1..].len() - text[1..].trim_start_matches('#').len();
    let inside = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(text.len() - inside.len() + inside.find(&end)? + end.len())
}

/// `'x'` and `'\n'`, and no lifetime.
fn character_literal(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    match characters.next()? {
        (_, '\\') => Some(3 + text[3..].find('\'')? + 1),
        _ => characters
            .next()
            .filter(|(_, character)| *character == '\'')
            .map(|(at, _)| at + 1),
    }
}
