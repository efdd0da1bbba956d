//! Compares the dependencies that cargo resolves with the table in DESIGN.md and with `deny.toml`.
//!
//! `cargo deny check` looks further, and at advisories; this needs nothing but cargo.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[path = "it/skip.rs"]
mod skip;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket::serde::json::{Value, from_slice};

use self::skip::skip;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Advisories that `deny.toml` ignores, and the crate that each is about.
const IGNORED: [(&str, &str); 2] = [("RUSTSEC-2024-0363", "sqlx"), ("RUSTSEC-2023-0071", "rsa")];

#[test]
fn every_direct_dependency_has_a_row_in_the_design_and_vice_versa() {
    let design = read("DESIGN.md");
    let (_, section) = design
        .split_once("## Direct dependencies\n")
        .expect("the section");
    let (users, tests) = section
        .split_once("For our own tests:")
        .expect("two tables");
    let tree = Tree::resolve();
    for (table, dev) in [(users, false), (tests, true)] {
        let direct = tree
            .direct()
            .filter(|dependency| (dependency["kind"] == "dev") == dev);
        let direct: BTreeSet<_> = direct.map(|dependency| text(&dependency["name"])).collect();
        assert_eq!(named_in(table), direct, "dev: {dev}");
    }
}

#[test]
fn the_library_forbids_unsafe_code_and_denies_missing_docs() {
    // Not only the manifest, whose lints are cargo's to pass on.
    let library = read("src/lib.rs");
    let attributes: Vec<_> = library
        .lines()
        .filter(|line| line.starts_with("#!["))
        .collect();
    assert_eq!(
        attributes,
        ["#![forbid(unsafe_code)]", "#![deny(missing_docs)]"]
    );
}

#[test]
fn no_default_feature_comes_unasked() {
    let tree = Tree::resolve();
    for dependency in tree.direct() {
        let name = text(&dependency["name"]);
        let has_default = tree.packages.values().any(|package| {
            package["name"] == name
                && package["features"]["default"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
        });
        let comes = dependency["uses_default_features"]
            .as_bool()
            .expect("a boolean");
        assert!(
            !has_default || !comes,
            "{name} is asked for with its default features"
        );
    }
}

#[test]
fn everything_comes_from_crates_io() {
    let tree = Tree::resolve();
    assert!(tree.packages.len() > 200, "{}", tree.packages.len());
    for package in tree
        .packages
        .values()
        .filter(|package| package["name"] != env!("CARGO_PKG_NAME"))
    {
        assert_eq!(package["source"], CRATES_IO, "{}", package["name"]);
    }
    assert_eq!(
        list(&Rules::read().0["sources"]["allow-registry"]),
        [&CRATES_IO["registry+".len()..]]
    );
}

#[test]
fn what_users_build_is_under_licences_that_are_allowed() {
    let rules = Rules::read();
    let allowed = list(&rules.0["licenses"]["allow"]);
    let tree = Tree::resolve();
    for package in tree.of_users() {
        let licence = package["license"]
            .as_str()
            .unwrap_or_else(|| panic!("{} names none", package["name"]));
        assert!(
            allows(licence, &allowed),
            "{} is under {licence}",
            package["name"]
        );
    }
}

#[test]
fn what_is_excepted_or_ignored_is_not_what_users_build() {
    let (rules, tree) = (Rules::read(), Tree::resolve());
    let of_users: BTreeSet<_> = tree
        .of_users()
        .map(|package| text(&package["name"]))
        .collect();
    assert!(
        of_users.contains("rocket") && of_users.contains("aws-lc-rs"),
        "{of_users:?}"
    );
    let ignored = rules
        .tables("advisories", "ignore")
        .map(|table| text(&table["id"]));
    assert_eq!(ignored.collect::<Vec<_>>(), IGNORED.map(|(id, _)| id));
    let excepted = rules
        .tables("licenses", "exceptions")
        .map(|table| text(&table["crate"]));
    for name in excepted.chain(IGNORED.map(|(_, name)| name)) {
        let there = tree
            .packages
            .values()
            .any(|package| package["name"] == name);
        assert!(there && !of_users.contains(name), "{name}");
    }
}

#[test]
fn whatever_users_build_twice_is_listed_with_a_reason() {
    let (rules, tree) = (Rules::read(), Tree::resolve());
    let skipped: Vec<_> = rules
        .tables("bans", "skip")
        .map(|table| text(&table["crate"]))
        .collect();
    assert!(
        rules
            .tables("bans", "skip")
            .all(|table| text(&table["reason"]).len() > 5)
    );
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in tree.of_users() {
        versions
            .entry(text(&package["name"]))
            .or_default()
            .push(text(&package["version"]));
    }
    for (name, versions) in versions
        .into_iter()
        .filter(|(_, versions)| versions.len() > 1)
    {
        let listed = |version: &&str| {
            skipped.iter().any(|skip| {
                skip.split_once('@').is_some_and(|(crate_name, prefix)| {
                    crate_name == name
                        && version
                            .strip_prefix(prefix)
                            .is_some_and(|rest| rest.starts_with('.'))
                })
            })
        };
        let unlisted: Vec<_> = versions.iter().filter(|version| !listed(version)).collect();
        assert_eq!(
            unlisted.len(),
            1,
            "{name}: {versions:?}, of which {unlisted:?} are in no `skip` of deny.toml"
        );
    }
}

/// A backend of ours would be one in the user's program, whose own calls of jsonwebtoken panic if
/// it has the other.
#[test]
fn the_types_of_jsonwebtoken_come_without_a_backend_of_it() {
    let tree = |features: &[&str]| {
        let tree = "tree --edges=normal --prefix=none --locked --format={p}|{f}";
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = cargo.args(tree.split(' ')).args(features).output();
        String::from_utf8(output.expect("cargo runs").stdout).expect("UTF-8")
    };
    let of = |tree: &str, name: &str| -> BTreeSet<String> {
        let own = tree
            .lines()
            .filter(|line| line.split(' ').next() == Some(name));
        own.map(|line| line.trim_end_matches(" (*)").to_owned())
            .collect()
    };
    let default = tree(&[]);
    assert_eq!(of(&default, "jsonwebtoken"), BTreeSet::new());
    assert_eq!(of(&default, "base64").len(), 1, "{default}");
    for features in [&["--features=jsonwebtoken"][..], &["--all-features"]] {
        let tree = tree(features);
        let found = of(&tree, "jsonwebtoken");
        let [line] = found.iter().collect::<Vec<_>>()[..] else {
            panic!("{found:?}");
        };
        let (package, features) = line.split_once('|').expect("its features");
        assert!(package.contains(" v11."), "{package}");
        assert_eq!(features.trim(), "", "{package}");
        // jsonwebtoken 11 asks for 0.22, the HTTP client of Rocket and reqwest for 0.23. There is
        // no third one, and none beside the other of our own.
        let versions = of(&tree, "base64");
        let is = |version: &str| versions.iter().any(|line| line.contains(version));
        assert!(
            versions.len() == 2 && is(" v0.22.") && is(" v0.23."),
            "{versions:?}"
        );
    }
}

#[test]
fn licences_are_read_as_expressions() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
    for fine in [
        "MIT",
        "GPL-3.0 OR MIT",
        "Apache-2.0/MIT",
        "ISC AND (GPL-3.0 OR ISC)",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(allows(fine, &allowed), "{fine}");
    }
    for not in [
        "GPL-3.0",
        "Apache-2.0",
        "MIT AND GPL-3.0",
        "(MIT OR ISC) AND GPL-3.0",
        "GPL-3.0 AND MIT OR GPL-2.0",
    ] {
        assert!(!allows(not, &allowed), "{not}");
    }
}

/// Runs a command of cargo about the tree with all features; `options` come last.
fn cargo(command: &[&str], options: &[&str]) -> Result<Vec<u8>, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args(command);
    cargo.args(["--all-features", "--locked"]);
    let output = cargo.args(options).output().expect("cargo runs");
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Returns the target triple of the compiler, which is that of the tests.
fn this_machine() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().expect("rustc runs");
    let version = String::from_utf8(output.stdout).expect("UTF-8");
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("its host").to_owned()
}

/// Everything that cargo resolves, for the targets of `deny.toml`, with all features.
struct Tree {
    root: String,
    packages: BTreeMap<String, Value>,
    /// Name and version of the packages that a dependent crate builds.
    of_users: BTreeSet<(String, String)>,
}

impl Tree {
    /// Resolves once for all tests, which may download the crates of other platforms. If that
    /// fails, the crates of this machine remain: `cargo test` has them.
    fn resolve() -> &'static Tree {
        static TREE: LazyLock<Tree> = LazyLock::new(|| {
            let rules = Rules::read();
            let everywhere = list(&rules.0["graph"]["targets"]);
            Tree::on(&everywhere, &[]).unwrap_or_else(|reason| {
                skip("the crates of other platforms", &reason);
                Tree::on(&[&this_machine()], &["--offline"]).expect("the crates of this machine")
            })
        });
        &TREE
    }

    fn on(targets: &[&str], options: &[&str]) -> Result<Tree, String> {
        let on = |option: &'static str| {
            let targets = targets.iter().flat_map(move |target| [option, *target]);
            targets.chain(options.iter().copied()).collect::<Vec<_>>()
        };
        let metadata = cargo(
            &["metadata", "--format-version=1"],
            &on("--filter-platform"),
        )?;
        let metadata: Value = from_slice(&metadata).expect("JSON");
        // Not the edges of `metadata`, whose features are also those of the dev-dependencies.
        let tree = "tree --edges=normal,build --prefix=none --format={p}";
        let tree = cargo(&tree.split(' ').collect::<Vec<_>>(), &on("--target"))?;
        let tree = String::from_utf8(tree).expect("UTF-8");
        let packages = tree.lines().filter(|line| !line.is_empty());
        let of_users = packages.map(|line| {
            let mut words = line.split(' ');
            let name = words.next().expect("a name").to_owned();
            let version = words.next().and_then(|word| word.strip_prefix('v'));
            (name, version.expect("a version").to_owned())
        });
        let entries = |value: &Value| value.as_array().expect("an array").clone();
        let id = |value: &Value| text(&value["id"]).to_owned();
        let nodes = entries(&metadata["resolve"]["nodes"]);
        let there: BTreeSet<_> = nodes.iter().map(id).collect();
        Ok(Tree {
            root: text(&metadata["resolve"]["root"]).to_owned(),
            packages: entries(&metadata["packages"])
                .into_iter()
                .map(|package| (id(&package), package))
                .filter(|(id, _)| there.contains(id))
                .collect(),
            of_users: of_users.collect(),
        })
    }

    /// The dependencies in our Cargo.toml, without this package itself.
    fn direct(&self) -> impl Iterator<Item = &Value> {
        let asked = self.packages[&self.root]["dependencies"]
            .as_array()
            .expect("a list");
        asked
            .iter()
            .filter(|dependency| dependency["name"] != env!("CARGO_PKG_NAME"))
    }

    /// The packages that a dependent crate builds, with every feature.
    fn of_users(&self) -> impl Iterator<Item = &Value> {
        let key = |package: &Value| {
            let [name, version] = ["name", "version"].map(|member| text(&package[member]));
            (name.to_owned(), version.to_owned())
        };
        self.packages
            .values()
            .filter(move |package| self.of_users.contains(&key(package)))
    }
}

/// `deny.toml`.
struct Rules(Value);

impl Rules {
    fn read() -> Rules {
        Rules(
            Figment::from(Toml::string(&read("deny.toml")))
                .extract()
                .expect("TOML"),
        )
    }

    fn tables(&self, section: &str, key: &str) -> impl Iterator<Item = &Value> {
        self.0[section][key]
            .as_array()
            .unwrap_or_else(|| panic!("no list `{key}`"))
            .iter()
    }
}

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file))
        .expect("it is part of the package")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn list(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
        .iter()
        .map(text)
        .collect()
}

/// The names in backquotes in the first column.
fn named_in(table: &str) -> BTreeSet<&str> {
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    rows.flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

/// Evaluates an SPDX expression. `AND` binds tighter than `OR`; `/` is an old `OR`.
fn allows(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(" WITH ", "+WITH+");
    let words: Vec<_> = spaced
        .split_whitespace()
        .map(|word| word.replace('+', " "))
        .collect();
    let mut words = words.iter().map(String::as_str).peekable();
    let met = any(&mut words, allowed);
    assert_eq!(words.next(), None, "{expression}");
    met
}

type Words<'a, I> = std::iter::Peekable<I>;

fn any<'a>(words: &mut Words<'a, impl Iterator<Item = &'a str>>, allowed: &[&str]) -> bool {
    let mut met = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words, allowed);
    }
    met
}

fn all<'a>(words: &mut Words<'a, impl Iterator<Item = &'a str>>, allowed: &[&str]) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one<'a>(words: &mut Words<'a, impl Iterator<Item = &'a str>>, allowed: &[&str]) -> bool {
    match words.next() {
        Some("(") => {
            let met = any(words, allowed);
            assert_eq!(words.next(), Some(")"));
            met
        }
        licence => allowed.contains(&licence.expect("a licence")),
    }
}
