//! The table as a file of the repository: compared, or written.

use std::collections::HashMap;
use std::path::Path;
use std::{env, fs};

use super::AccessTable;
use crate::config::BLESS;

/// The first line of a file.
const NOTE: &str =
    "<!-- Who may call what: a test compares this file, AXIOMS_BLESS=1 writes it. -->";

impl AccessTable {
    /// Asserts that the file at `path` holds this table; with `AXIOMS_BLESS=1` in the environment
    /// writes it. A relative path begins at the package, where `cargo test` runs tests.
    ///
    /// ```sh
    /// AXIOMS_BLESS=1 cargo test
    /// ```
    ///
    /// # Panics
    ///
    /// - If the file differs or does not exist: with the lines and the cells that changed.
    /// - With each route that no one decided about, also when it writes: without a guard, a group,
    ///   a rule for everything, an exception and the marker [`Public`](crate::Public). So a new
    ///   route cannot be forgotten.
    ///
    /// ```no_run
    /// use axioms_rocket::testing::{AccessTable, Persona};
    /// # let client = rocket::local::blocking::Client::untracked(rocket::build()).unwrap();
    ///
    /// # let issuer = axioms_rocket::testing::TestIssuer::offline("https://issuer.example.test");
    /// let access = AccessTable::builder([Persona::guest(), Persona::alice(&issuer)]);
    /// access.dispatched(&client).assert_file("tests/access.md");
    /// ```
    #[track_caller]
    pub fn assert_file(&self, path: impl AsRef<Path>) {
        let blesses = env::var_os(BLESS).is_some_and(|value| value == "1");
        if let Err(message) = self.check(path.as_ref(), blesses) {
            panic!("{message}");
        }
    }

    /// # Errors
    ///
    /// The message for the developer.
    pub(super) fn check(&self, path: &Path, blesses: bool) -> Result<(), String> {
        if !self.undeclared.is_empty() {
            return Err(format!(
                "who may call these routes?\n  {}\nGive each a guard or the marker `Public`, or \
                 declare a guard of your own with `axioms_rocket::guard!`",
                self.undeclared.join("\n  ")
            ));
        }
        let shown = path.display();
        let table = format!("{NOTE}\n\n{self}");
        let file = fs::read_to_string(path);
        // Git may have changed the line breaks.
        let file = file.map(|text| text.replace("\r\n", "\n"));
        let problem = match file {
            Ok(file) if file == table => return Ok(()),
            Ok(file) => format!(
                "{shown} is not what the application answers:\n{}",
                difference(&file, &table)
            ),
            Err(error) => format!("{shown} cannot be read ({error}); it would be:\n\n{table}"),
        };
        if !blesses {
            return Err(format!(
                "{problem}\nIf this is intended, run the test with {BLESS}=1 and commit the file"
            ));
        }
        let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = parent.and_then(|()| fs::write(path, table));
        written.map_err(|error| format!("{shown} cannot be written: {error}"))
    }
}

/// Returns the lines that differ: `-` of the file, `+` of the application, each with the cells that
/// changed.
fn difference(file: &str, table: &str) -> String {
    let (old, new) = (lines(file), lines(table));
    let by_route: HashMap<&str, &str> = old.iter().copied().collect();
    // With other personas no cell can be compared.
    let head = new.iter().find(|(name, _)| *name == "route");
    let head = head.filter(|(name, head)| by_route.get(name) == Some(head));
    let mut text = head.map_or_else(String::new, |(_, head)| format!("\n  {head}"));
    for (route, line) in &new {
        match by_route.get(route) {
            Some(before) if before == line => {}
            Some(before) => {
                text += &format!("\n- {before}\n+ {line}");
                text += &head.map_or_else(String::new, |(_, head)| changes(head, before, line));
            }
            None => text += &format!("\n+ {line}"),
        }
    }
    let is_gone = |(route, _): &&(&str, &str)| new.iter().all(|(other, _)| other != route);
    for (_, line) in old.iter().filter(is_gone) {
        text += &format!("\n- {line}");
    }
    text + "\n"
}

/// Returns each line that is not blank with the cell that names it, the last one.
fn lines(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| (cells(line).last().copied().unwrap_or(line), line))
        .collect()
}

fn cells(line: &str) -> Vec<&str> {
    let inner = line
        .trim()
        .strip_prefix('|')
        .and_then(|line| line.strip_suffix('|'));
    inner.map_or_else(Vec::new, |line| line.split(" | ").map(str::trim).collect())
}

/// Returns a line such as `    alice: 403 → 200` for each cell that changed.
fn changes(head: &str, before: &str, after: &str) -> String {
    let (names, before, after) = (cells(head), cells(before), cells(after));
    let cells = names.iter().zip(before.iter().zip(&after));
    cells
        .filter(|(_, (before, after))| before != after)
        .map(|(name, (before, after))| format!("\n    {name}: {before} → {after}"))
        .collect()
}
