//! `docs/threats.md` names files and tests: they must be there.

use std::fs;
use std::path::{Path, PathBuf};

/// Everything below `path`, or the file itself, as one text.
fn read(path: &Path) -> String {
    if path.is_file() {
        return fs::read_to_string(path).expect("text");
    }
    let entries = fs::read_dir(path)
        .expect("a folder")
        .map(|entry| entry.expect("readable").path());
    entries
        .filter(|entry| entry.is_dir() || entry.extension().is_some_and(|end| end == "rs"))
        .map(|entry| read(&entry))
        .collect()
}

/// What stands in backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn is_path(text: &str) -> bool {
    let ends = [".rs", ".toml", ".md", "/"];
    ends.iter().any(|end| text.ends_with(end)) && !text.contains(char::is_whitespace)
}

/// What is wrong with a page whose files are below `root`.
fn complaints(page: &str, root: &Path) -> (usize, Vec<String>) {
    let (mut proofs, mut complaints) = (0, Vec::new());
    let mut columns: Vec<&str> = Vec::new();
    for line in page.lines() {
        let Some(row) = line
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"))
        else {
            columns.clear();
            continue;
        };
        let cells: Vec<&str> = row.split(" | ").collect();
        if columns.is_empty() {
            columns = cells;
            continue;
        }
        if row.starts_with("---") {
            continue;
        }
        if cells.len() != columns.len() {
            complaints.push(format!("{} cells: {line}", cells.len()));
        }
        for (column, cell) in columns.iter().zip(cells) {
            let (mut place, mut names): (Option<PathBuf>, usize) = (None, 0);
            for text in quoted(cell) {
                if is_path(text) {
                    place = Some(root.join(text)).filter(|path| path.exists());
                    if place.is_none() {
                        complaints.push(format!("{text} is not there"));
                    }
                } else if *column == "proof" {
                    names += 1;
                    let there = |place: &PathBuf| read(place).contains(&format!("fn {text}("));
                    if !place.as_ref().is_some_and(there) {
                        complaints.push(format!("{text} is no test of {place:?}"));
                    }
                }
            }
            if *column == "proof" && names == 0 {
                complaints.push(format!("no test: {line}"));
            }
            proofs += names;
        }
    }
    (proofs, complaints)
}

#[test]
fn every_file_and_every_test_that_the_page_of_threats_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/threats.md")).expect("the page");
    let (proofs, complaints) = complaints(&page, root);
    assert_eq!(complaints, [""; 0]);
    assert!(proofs > 80, "{proofs}");
}

#[test]
fn a_name_that_is_not_there_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let wrong = |row: &str| {
        complaints(
            &format!("| attack | stops in | proof |\n| --- | --- | --- |\n{row}\n"),
            root,
        )
        .1
    };
    assert_eq!(
        wrong("| x | `src/lib.rs` | `tests/it/threats.rs` `a_name_that_is_not_there_is_found` |"),
        [""; 0]
    );
    for row in [
        "| x | `src/attic.rs` | `tests/it/threats.rs` `a_name_that_is_not_there_is_found` |",
        "| x | `src/lib.rs` | `tests/it/threats.rs` `a_name_that_is_nowhere` |",
        "| x | `src/lib.rs` | `tests/ui.rs` `a_name_that_is_not_there_is_found` |",
        "| x | `src/lib.rs` | `a_name_that_is_not_there_is_found` |",
        "| x | `src/lib.rs` | none |",
        "| x | `src/lib.rs` |",
    ] {
        assert_eq!(wrong(row).len(), 1, "{row}");
    }
}
