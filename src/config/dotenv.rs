//! The `.env` file: the nearest one, read and never put into the process environment.

use std::cell::Cell;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use dotenvy::Error;

use super::problem::ConfigProblem;

/// The nearest `.env`: of `directory` or of one above it.
pub(super) fn find(directory: &Path) -> Option<PathBuf> {
    directory
        .ancestors()
        .map(|directory| directory.join(".env"))
        .find(|path| path.is_file())
}

/// The variables of the file at `path`, in its order. A line that cannot be read is a problem that names it and does not
/// repeat it: it may hold somebody's secret.
pub(super) fn read(
    path: &Path,
    source: &str,
    problems: &mut Vec<ConfigProblem>,
) -> Vec<(OsString, OsString)> {
    match fs::read_to_string(path) {
        Ok(text) => parse(text, source, problems),
        Err(error) => {
            problems.push(ConfigProblem::new(
                ".env",
                source,
                format!("cannot be read: {error}"),
            ));
            Vec::new()
        }
    }
}

/// The same of the file's text.
pub(crate) fn parse(
    mut text: String,
    source: &str,
    problems: &mut Vec<ConfigProblem>,
) -> Vec<(OsString, OsString)> {
    let mut problem = |message: String| problems.push(ConfigProblem::new(".env", source, message));
    // dotenvy takes a blank at the very end for an unfinished line.
    text.push('\n');
    let line = Cell::new(0);
    let lines = Lines {
        rest: text.trim_start_matches('\u{feff}').as_bytes(),
        line: &line,
    };
    let mut pairs = Vec::new();
    for pair in dotenvy::from_read_iter(lines) {
        match pair {
            Ok((name, value)) => pairs.push((name.into(), value.into())),
            Err(Error::LineParse(text, _)) => {
                // A quote that is never closed swallows the rest of the file: it is its first line that matters.
                let first = (line.get() + 1).saturating_sub(text.lines().count().max(1));
                problem(format!(
                    "line {first} is not `NAME=value`, or its quotes or escapes are unfinished"
                ));
            }
            Err(error) => problem(format!("cannot be read: {error}")),
        }
    }
    pairs
}

/// Hands out at most one line at a time, so that what was handed out is what dotenvy has looked at.
struct Lines<'a> {
    rest: &'a [u8],
    line: &'a Cell<usize>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self
            .rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(self.rest.len(), |at| at + 1);
        let length = end.min(buffer.len());
        let (line, rest) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(line);
        self.rest = rest;
        if line.ends_with(b"\n") {
            self.line.set(self.line.get() + 1);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::{find, read};

    fn reading(text: &str) -> (Vec<(String, String)>, Vec<String>) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".env");
        std::fs::write(&path, text).unwrap();
        let mut problems = Vec::new();
        let pairs = read(&path, "here", &mut problems);
        let text = |text: std::ffi::OsString| text.into_string().unwrap();
        (
            pairs
                .into_iter()
                .map(|(name, value)| (text(name), text(value)))
                .collect(),
            problems.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn lines_that_cannot_be_read_are_named_by_number_and_not_repeated() {
        let long = "x".repeat(20_000);
        let text = format!(
            "# one\nA=1\nhunter two=2\n\nL={long}\nB='x y' z\n\nC=\"c\nd\"\n  D=\"secret\ne\n# f\n"
        );
        let (pairs, problems) = reading(&text);
        let wrong = "is not `NAME=value`, or its quotes or escapes are unfinished";
        assert_eq!(
            problems,
            [3, 6, 10].map(|line| format!(".env (here): line {line} {wrong}"))
        );
        assert_eq!(
            pairs,
            [("A", "1"), ("L", &long), ("C", "c\nd")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }

    #[test]
    fn a_mark_at_the_start_and_a_blank_at_the_end_do_no_harm() {
        let (pairs, problems) = reading("\u{feff}A=1\nexport B=2 ");
        assert_eq!(problems, [""; 0]);
        assert_eq!(
            pairs,
            [("A", "1"), ("B", "2")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }

    #[test]
    fn a_file_that_is_not_text_is_a_problem() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".env");
        std::fs::write(&path, b"A=\xff\n").unwrap();
        let mut problems = Vec::new();
        assert_eq!(read(&path, "here", &mut problems), []);
        assert_eq!(
            problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [".env (here): cannot be read: stream did not contain valid UTF-8"]
        );
    }

    #[test]
    fn the_nearest_file_is_found_and_a_directory_of_the_name_is_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("a/b");
        std::fs::create_dir_all(inner.join(".env")).unwrap();
        std::fs::write(directory.path().join(".env"), "").unwrap();
        assert_eq!(find(&inner), Some(directory.path().join(".env")));
        std::fs::write(directory.path().join("a/.env"), "").unwrap();
        assert_eq!(find(&inner), Some(directory.path().join("a/.env")));
    }
}
