//! A module uses itself and the modules before it in one order; below `error` nothing uses Rocket.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::ext::IdentExt;
use syn::parse::discouraged::AnyDelimiter;
use syn::parse::{ParseStream, Parser};
use syn::visit::{Visit, visit_item_mod};
use syn::{Ident, Item, ItemMod, ItemUse, Macro, Path as SynPath, Token, UseTree};

/// Modules that do not use Rocket, each above those before it. `.ci/run` compiles them without it.
const WITHOUT_ROCKET: [&str; 12] = [
    "base", "json", "claims", "jose", "config", "http", "store", "issuer", "verify", "binding",
    "token", "policy",
];

/// The modules above them. A module of either list may be absent; one of neither is an error.
const WITH_ROCKET: [&str; 11] = [
    "error",
    "request",
    "session",
    "respond",
    "guards",
    "groups",
    "endpoints",
    "openapi",
    "fairing",
    "testing",
    "fuzzing",
];

/// Crates that only the modules after them use.
const USED_BY: [(&str, &[&str]); 4] = [
    ("reqwest", &["http", "testing/tests"]),
    (
        "aws_lc_rs",
        &[
            "jose/signature",
            "jose/signing",
            "jose/sign_rsa",
            "jose/signing_key",
            "testing",
        ],
    ),
    ("dotenvy", &["config"]),
    ("hyper", &["testing"]),
];

/// The path of a file below `src`, and its content.
type Source = (PathBuf, String);

#[test]
fn no_module_uses_a_later_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap().path();
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&entry).unwrap();
                files.push((entry.strip_prefix(&root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(files.len() > 50, "these are not the crate's files");
    files.sort();
    assert_eq!(complaints(&files), [""; 0]);
}

const VIOLATIONS: &str = "
http/client.rs | use crate::issuer::Keyring; | uses `issuer`, which is above it
http.rs | use crate::{base, guards, config::{a, b}}; | uses `guards`, which is above it
http.rs | fn f() -> crate::AuthError {} | uses `error`, which is above it
http.rs | fn f() -> crate::Why {} | uses `error`, which is above it
http.rs | fn f() -> crate::Verb {} | uses `rocket`, which is above it
http.rs | use super::issuer::Key; | uses `issuer`, which is above it
http/mod.rs | use super::issuer::Key; | uses `issuer`, which is above it
http/a/b.rs | use super::super::super::{issuer::Key}; | uses `issuer`, which is above it
http/a.rs | mod t { use super::super::super::error; } | uses `error`, which is above it
http.rs | fn f() { info!(x = %y, (crate::issuer::Z)) } | uses `issuer`, which is above it
http.rs | use crate::*; | uses `crate::*`, which hides the module
http.rs | use crate::nowhere; | uses `nowhere`, which is not in the root
http.rs | fn f() { rocket::build(); } | uses `rocket`
http.rs | #[rocket::async_trait] trait A {} | uses `rocket`
issuer/key.rs | use ::reqwest::get; | uses `reqwest`
attic.rs |  | is in no layer
http.rs | /* use rocket; */ use crate::Config; // See crate::issuer.
http.rs | const A: &str = r#\"crate::issuer rocket::x\"#; use base::C;
http.rs | fn f<'a>(rocket: &'a str) {}
http.rs | macro_rules! m { ($a:ident) => { $crate::$a } } use self::rules;
http/a.rs | use super::issuer::Key; mod tests { use super::super::x; }
guards/a.rs | use crate::http::Http; use rocket::get; use crate::{Config, Verb};
testing/tests/a.rs | use reqwest::get; use aws_lc_rs::hmac;
";

#[test]
fn each_violation_is_found() {
    let front = "mod config; pub use config::Config; \
        pub use error::{AuthError, LaunchError as Why}; pub use rocket::http::Method as Verb;";
    for case in VIOLATIONS.lines().filter(|line| !line.is_empty()) {
        let cells: Vec<_> = case.split(" | ").collect();
        let files = [("lib.rs", front), (cells[0], cells[1])];
        let files = files.map(|(file, code)| (file.into(), code.into()));
        let expected = cells
            .get(2)
            .map(|complaint| format!("{} {complaint}", cells[0]));
        assert_eq!(complaints(&files), Vec::from_iter(expected), "{case}");
    }
}

fn complaints(files: &[Source]) -> Vec<String> {
    let homes = homes(files);
    let mut complaints = Vec::new();
    for (file, code) in files.iter().filter(|(file, _)| file != Path::new("lib.rs")) {
        let layer = layer_of(file);
        let mut complain = |words: String| complaints.push(format!("{} {words}", file.display()));
        let Some(height) = height(&layer) else {
            complain("is in no layer".into());
            continue;
        };
        let module = file.with_extension("");
        let mut paths = Paths {
            depth: module.iter().filter(|part| *part != "mod").count(),
            found: Vec::new(),
        };
        paths.visit_file(&syn::parse_file(code).unwrap_or_else(|e| panic!("{file:?}: {e}")));
        for (from_root, name) in paths.found {
            if from_root {
                match homes.get(&name) {
                    _ if name == "*" => complain("uses `crate::*`, which hides the module".into()),
                    Some(home) if self::height(home).is_some_and(|other| other > height) => {
                        complain(format!("uses `{home}`, which is above it"));
                    }
                    Some(_) => {}
                    None => complain(format!("uses `{name}`, which is not in the root")),
                }
            } else {
                let mut users = USED_BY.iter().filter(|(library, _)| *library == name);
                let outside = |users: &[&str]| !users.iter().any(|user| module.starts_with(user));
                if (name == "rocket" && WITHOUT_ROCKET.contains(&layer.as_str()))
                    || users.any(|(_, users)| outside(users))
                {
                    complain(format!("uses `{name}`"));
                }
            }
        }
    }
    complaints
}

/// The index of a layer in the order; names of Rocket are level with the first module that uses it.
fn height(layer: &str) -> Option<usize> {
    let layer = if layer == "rocket" {
        WITH_ROCKET[0]
    } else {
        layer
    };
    WITHOUT_ROCKET
        .iter()
        .chain(&WITH_ROCKET)
        .position(|known| *known == layer)
}

/// `http` of `http.rs` and of `http/client.rs`.
fn layer_of(file: &Path) -> String {
    let module = file.with_extension("");
    module.iter().next().unwrap().to_string_lossy().into_owned()
}

/// Each name of the crate's root and its module: the layers, re-exports, and exported macros.
fn homes(files: &[Source]) -> BTreeMap<String, String> {
    let layers = WITHOUT_ROCKET.iter().chain(&WITH_ROCKET);
    let mut homes: BTreeMap<String, String> = layers
        .map(|layer| ((*layer).to_owned(), (*layer).to_owned()))
        .collect();
    for (file, code) in files {
        for item in syn::parse_file(code).unwrap().items {
            match item {
                Item::Use(item) if file == Path::new("lib.rs") => {
                    for path in flatten(&item.tree) {
                        homes.insert(path[path.len() - 1].clone(), path[0].clone());
                    }
                }
                Item::Macro(item) => {
                    // The module `claims`, not the macro `claims!`, is meant by `crate::claims`.
                    if let Some(name) = item.ident {
                        let home = homes.entry(name.to_string());
                        home.or_insert_with(|| layer_of(file));
                    }
                }
                _ => {}
            }
        }
    }
    homes
}

/// The paths that a `use` imports; a renamed one ends in its new name.
fn flatten(tree: &UseTree) -> Vec<Vec<String>> {
    match tree {
        UseTree::Path(path) => {
            let mut paths = flatten(&path.tree);
            paths
                .iter_mut()
                .for_each(|rest| rest.insert(0, path.ident.to_string()));
            paths
        }
        UseTree::Name(name) => vec![vec![name.ident.to_string()]],
        UseTree::Rename(name) => vec![vec![name.ident.to_string(), name.rename.to_string()]],
        UseTree::Glob(_) => vec![vec!["*".into()]],
        UseTree::Group(group) => group.items.iter().flat_map(flatten).collect(),
    }
}

/// Collects the first name of each path, and `true` if it is a name of the crate's root.
struct Paths {
    /// How many `super::` lead to the root.
    depth: usize,
    found: Vec<(bool, String)>,
}

impl Paths {
    fn add(&mut self, path: &[String]) {
        let up = path.iter().take_while(|name| *name == "super").count();
        match path {
            [first, name, ..] if first == "crate" => self.found.push((true, name.clone())),
            [name, _, ..] if up == 0 => self.found.push((false, name.clone())),
            path if up == self.depth => {
                self.found
                    .extend(path.get(up).map(|name| (true, name.clone())));
            }
            _ => {}
        }
    }

    /// Paths among the tokens of a macro, without `$crate::…`: those are the crate's public names.
    fn scan(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        while !input.is_empty() {
            if input.parse::<Option<Token![$]>>()?.is_some() {
                while input.peek(Ident::peek_any) || input.peek(Token![::]) || input.peek(Token![$])
                {
                    next_token(input)?;
                }
            } else if let Ok(path) = input.fork().call(SynPath::parse_mod_style) {
                input.call(SynPath::parse_mod_style)?;
                self.visit_path(&path);
            } else if let Ok((_, _, group)) = input.parse_any_delimiter() {
                self.scan(&group)?;
            } else {
                next_token(input)?;
            }
        }
        Ok(())
    }
}

fn next_token(input: ParseStream<'_>) -> syn::Result<()> {
    input.step(|cursor| {
        let (_, rest) = cursor.token_tree().expect("it is not empty");
        Ok(((), rest))
    })
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        flatten(&item.tree).iter().for_each(|path| self.add(path));
    }

    fn visit_path(&mut self, path: &'ast SynPath) {
        let names: Vec<_> = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        self.add(&names);
        syn::visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.depth += 1;
        visit_item_mod(self, module);
        self.depth -= 1;
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.visit_path(&item.path);
        let scan = |input: ParseStream<'_>| self.scan(input);
        scan.parse2(item.tokens.clone()).expect("tokens");
    }
}
