//! The pages that name tests: each file and each test that they name exists, and docs/behaviour.md
//! has a row for every test called `row_…`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A row of a page that has a column `proof`.
struct Row {
    /// `3_11` for row 3.11, `1_audience` for the row `audience` of chapter 1.
    id: String,
    /// False for a clause in words, which tests of any name hold.
    numbered: bool,
    tests: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Concatenates the Rust sources below `path`, or returns the file itself.
fn read(path: &Path) -> String {
    if path.is_file() {
        return fs::read_to_string(path).expect("a text file");
    }
    let entries = fs::read_dir(path).expect("a directory");
    entries
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|entry| entry.is_dir() || entry.extension().is_some_and(|end| end == "rs"))
        .map(|entry| read(&entry))
        .collect()
}

/// Returns the parts of `cell` in backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn is_path(text: &str) -> bool {
    let ends = [".rs", ".toml", ".md", "/"];
    ends.iter().any(|end| text.ends_with(end)) && !text.contains(char::is_whitespace)
}

/// Reads the tables of `page` and lists each file and each test that does not exist below `root`.
fn check(page: &str, root: &Path) -> (Vec<Row>, Vec<String>) {
    let (mut rows, mut complaints) = (Vec::new(), Vec::new());
    let mut columns: Vec<&str> = Vec::new();
    let mut chapter = "";
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            chapter = heading.split_once('.').map_or("", |(number, _)| number);
        }
        let cells = line
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"));
        let Some(cells) = cells.map(|row| row.split(" | ").collect::<Vec<_>>()) else {
            columns.clear();
            continue;
        };
        if columns.is_empty() {
            columns = cells;
            continue;
        }
        if cells[0].starts_with("---") {
            continue;
        }
        if cells.len() != columns.len() {
            complaints.push(format!("{} cells: {line}", cells.len()));
        }
        let mut tests = Vec::new();
        for (column, cell) in columns.iter().zip(&cells) {
            let mut file: Option<PathBuf> = None;
            for text in quoted(cell) {
                if is_path(text) {
                    file = Some(root.join(text)).filter(|path| path.exists());
                    if file.is_none() {
                        complaints.push(format!("{text} does not exist"));
                    }
                } else if *column == "proof" {
                    let defined = |file: &PathBuf| read(file).contains(&format!("fn {text}("));
                    if !file.as_ref().is_some_and(defined) {
                        complaints.push(format!("{text} is no test of {file:?}"));
                    }
                    tests.push(text.to_owned());
                }
            }
        }
        if columns.contains(&"proof") {
            if tests.is_empty() && cells.len() == columns.len() {
                complaints.push(format!("no test: {line}"));
            }
            rows.push(Row {
                id: id_of_row(chapter, cells[0]),
                numbered: cells[0].starts_with(|c: char| c == '`' || c.is_ascii_digit()),
                tests,
            });
        }
    }
    (rows, complaints)
}

fn id_of_row(chapter: &str, cell: &str) -> String {
    let cell = cell.trim_matches('`').replace(['.', ' '], "_");
    match cell.starts_with(|c: char| c.is_ascii_digit()) {
        true => cell,
        false => format!("{chapter}_{cell}"),
    }
}

/// Returns the rows that the name of a test claims: `row_3_11_and_3_12_…` has two.
fn claimed<'r>(name: &str, rows: &'r [Row]) -> Vec<&'r Row> {
    let mut rest = name.strip_prefix("row_").unwrap_or(name);
    let mut claimed = Vec::new();
    loop {
        let begins = |row: &&Row| {
            let after = rest.strip_prefix(row.id.as_str());
            after.is_some_and(|after| after.is_empty() || after.starts_with('_'))
        };
        // The longest: `1_audience_claims` and not `1_audience`.
        let Some(row) = rows.iter().filter(begins).max_by_key(|row| row.id.len()) else {
            return claimed;
        };
        claimed.push(row);
        match rest[row.id.len()..].strip_prefix("_and_") {
            Some(more) => rest = more,
            None => return claimed,
        }
    }
}

/// Returns the names of all tests below `root` that begin with `row_`.
fn numbered_tests(root: &Path) -> BTreeSet<String> {
    let sources = read(&root.join("src")) + &read(&root.join("tests"));
    let names = sources.match_indices("fn row_").filter_map(|(start, _)| {
        let name = sources[start + 3..].split('(').next()?;
        let is_name = name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        is_name.then(|| name.to_owned())
    });
    names.collect()
}

/// Lists what is missing between `tests` and the rows of the page.
fn unmatched(rows: &[Row], tests: &BTreeSet<String>) -> Vec<String> {
    let mut complaints = Vec::new();
    for test in tests {
        let claimed = claimed(test, rows);
        if claimed.is_empty() {
            complaints.push(format!("{test} has no row"));
        }
        for row in claimed.iter().filter(|row| !row.tests.contains(test)) {
            complaints.push(format!("row {} does not name {test}", row.id));
        }
    }
    for row in rows {
        for test in row.tests.iter().filter(|test| test.starts_with("row_")) {
            if !claimed(test, rows).iter().any(|other| other.id == row.id) {
                complaints.push(format!("row {} names {test}", row.id));
            }
        }
    }
    complaints
}

#[test]
fn the_threats_page_names_existing_files_and_tests() {
    let page = fs::read_to_string(root().join("docs/threats.md")).expect("the page");
    let (rows, complaints) = check(&page, root());
    assert_eq!(complaints, [""; 0]);
    let tests: usize = rows.iter().map(|row| row.tests.len()).sum();
    assert!(tests > 80, "{tests}");
}

/// The rules of the Model Context Protocol for servers, each with its tests; and each test of the
/// example has its rule.
#[test]
fn the_page_of_agents_maps_each_rule_to_tests_and_back() {
    let page = fs::read_to_string(root().join("docs/agents.md")).expect("the page");
    let (rows, complaints) = check(&page, root());
    assert_eq!(complaints, [""; 0]);
    let named: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| &row.tests)
        .map(String::as_str)
        .collect();
    let source = fs::read_to_string(root().join("tests/it/mcp.rs")).expect("the source");
    let tests = source.split("#[rocket::async_test]\nasync fn ").skip(1);
    let unnamed: Vec<_> = tests
        .filter_map(|test| test.split('(').next())
        .filter(|test| !named.contains(test))
        .collect();
    assert_eq!(unnamed, [""; 0], "tests without a rule");
    assert!(rows.len() >= 25, "{}", rows.len());
}

#[test]
fn the_page_of_refusals_has_every_reason() {
    let page = fs::read_to_string(root().join("docs/refusals.md")).expect("the page");
    let reasons = fs::read_to_string(root().join("src/error/reason.rs")).expect("the source");
    let labels = reasons
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Reason::")?.split_once("=> \""))
        .filter_map(|(_, label)| label.strip_suffix("\","));
    let missing: Vec<_> = labels
        .clone()
        .filter(|label| !page.contains(&format!("`{label}`")))
        .collect();
    assert_eq!(missing, [""; 0]);
    assert!(labels.count() > 20);
}

#[test]
fn the_first_files_to_open_exist() {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("the page");
    let (_, complaints) = check(&page, root());
    assert_eq!(complaints, [""; 0]);
}

#[test]
fn the_behaviour_page_has_a_test_per_row_and_a_row_per_test() {
    let page = fs::read_to_string(root().join("docs/behaviour.md")).expect("the page");
    let (rows, complaints) = check(&page, root());
    assert_eq!(complaints, [""; 0]);
    let tests = numbered_tests(root());
    assert_eq!(unmatched(&rows, &tests), [""; 0]);
    for row in rows.iter().filter(|row| row.numbered) {
        let named = row.tests.iter().any(|test| test.starts_with("row_"));
        assert!(named, "no test is named after row {}", row.id);
    }
    assert!(tests.len() > 120 && rows.len() > 90, "{}", tests.len());
}

#[test]
fn a_missing_file_test_or_row_is_found() {
    let wrong = |row: &str| {
        let page = format!("| attack | stops in | proof |\n| --- | --- | --- |\n{row}\n");
        check(&page, root()).1
    };
    let good = "| x | `src/lib.rs` | `tests/it/pages.rs` `a_missing_file_test_or_row_is_found` |";
    assert_eq!(wrong(good), [""; 0]);
    for row in [
        "| x | `src/attic.rs` | `tests/it/pages.rs` `a_missing_file_test_or_row_is_found` |",
        "| x | `src/lib.rs` | `tests/it/pages.rs` `a_name_that_is_nowhere` |",
        "| x | `src/lib.rs` | `tests/ui.rs` `a_missing_file_test_or_row_is_found` |",
        "| x | `src/lib.rs` | `a_missing_file_test_or_row_is_found` |",
        "| x | `src/lib.rs` | none |",
        "| x | `src/lib.rs` |",
    ] {
        assert_eq!(wrong(row).len(), 1, "{row}");
    }

    let row = |id: &str, tests: &[&str]| Row {
        id: id.into(),
        numbered: true,
        tests: tests.iter().map(|test| (*test).to_owned()).collect(),
    };
    let tests = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let rows = [
        row("1_audience", &["row_1_audience_x"]),
        row("1_audience_claims", &["row_1_audience_claims_x"]),
        row("3_1", &["row_3_1_x", "row_3_1_and_3_11_x"]),
        row("3_11", &["row_3_1_and_3_11_x"]),
    ];
    let all = [
        "row_1_audience_x",
        "row_1_audience_claims_x",
        "row_3_1_x",
        "row_3_1_and_3_11_x",
    ];
    assert_eq!(unmatched(&rows, &tests(&all)), [""; 0]);
    let more = ["row_3_11_y", "row_3_12_y", "row_3_1_and_3_11_z"];
    assert_eq!(
        unmatched(&rows, &tests(&more)),
        [
            "row 3_11 does not name row_3_11_y",
            "row_3_12_y has no row",
            "row 3_1 does not name row_3_1_and_3_11_z",
            "row 3_11 does not name row_3_1_and_3_11_z",
        ]
    );
    let misplaced = [row("3_1", &["row_3_11_y"]), row("3_11", &["row_3_11_y"])];
    assert_eq!(
        unmatched(&misplaced, &tests(&["row_3_11_y"])),
        ["row 3_1 names row_3_11_y"]
    );
}
