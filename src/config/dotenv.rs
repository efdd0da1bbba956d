//! The `.env` file: found, and read without touching the process environment.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::problem::ConfigProblem;
use super::variables::PREFIX;

/// Lines that a quoted value may go on for.
const LONGEST_VALUE: usize = 100;

/// Finds the nearest `.env`: of `directory` or of one above it.
pub(super) fn find(directory: &Path) -> Option<PathBuf> {
    directory
        .ancestors()
        .map(|directory| directory.join(".env"))
        .find(|path| path.is_file())
}

/// The variables of a `.env` file whose names begin with `AXIOMS_`, in its order.
#[derive(Debug, Default)]
pub(crate) struct Dotenv {
    pub(crate) pairs: Vec<(OsString, OsString)>,
    /// Numbers of the other programs' lines that are not `NAME=value`.
    pub(super) foreign: Vec<usize>,
}

impl Dotenv {
    /// Reads the file at `path`, which messages call `source`.
    pub(super) fn read(path: &Path, source: &str, problems: &mut Vec<ConfigProblem>) -> Self {
        match fs::read(path) {
            Ok(bytes) => Self::parse(&bytes, source, problems),
            Err(error) => {
                let message = format!("cannot be read: {error}");
                problems.push(ConfigProblem::new(".env", source, message));
                Self::default()
            }
        }
    }

    /// Parses `bytes`. A line that cannot be read is a problem if it begins with `AXIOMS_`, after
    /// an optional `export`, by the reading of any program. It is named and not repeated, since it
    /// may hold a secret.
    pub(crate) fn parse(bytes: &[u8], source: &str, problems: &mut Vec<ConfigProblem>) -> Self {
        let mut dotenv = Self::default();
        let mut problem =
            |message: String| problems.push(ConfigProblem::new(".env", source, message));
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            problem("is UTF-16; save it as UTF-8".to_owned());
            return dotenv;
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let mut at = 0;
        while let Some((line, rest)) = lines.get(at..).and_then(<[_]>::split_first) {
            let number = at + 1;
            at += 1;
            if hides_ours(line) {
                problem(format!(
                    "line {number} has AXIOMS_ after a line break that is no line feed; save the \
                     file with line feeds"
                ));
                continue;
            }
            match entry(line, rest) {
                Entry::Blank => {}
                Entry::Pair(name, value, more) => {
                    at += more;
                    if is_ours(name.as_bytes()) {
                        dotenv.pairs.push((name.into(), value.into()));
                    }
                }
                Entry::Malformed if seems_ours(line) => problem(format!(
                    "line {number} is not `NAME=value`, or its quotes or escapes are unfinished"
                )),
                Entry::NotUtf8 if seems_ours(line) => {
                    problem(format!("line {number} is not UTF-8"));
                }
                Entry::Malformed | Entry::NotUtf8 => dotenv.foreign.push(number),
            }
        }
        dotenv
    }
}

enum Entry {
    Blank,
    /// Name, value, and the number of further lines that the value takes.
    Pair(String, String, usize),
    Malformed,
    NotUtf8,
}

/// Reads the entry that begins with `line`. A value in quotes may go on in `rest`, up to the next
/// line of ours.
fn entry(line: &[u8], rest: &[&[u8]]) -> Entry {
    let mut bytes = line.to_vec();
    let further = rest
        .iter()
        .take_while(|line| !is_ours(line) && !hides_ours(line));
    let mut further = further.take(LONGEST_VALUE).enumerate();
    let mut more = 0;
    loop {
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(_) if more == 0 => return Entry::NotUtf8,
            Err(_) => return Entry::Malformed,
        };
        match dotenvy::from_read_iter(literal(text).as_bytes()).next() {
            None => return Entry::Blank,
            Some(Ok((name, value))) => return Entry::Pair(name, value, more),
            Some(Err(_)) => {}
        }
        let Some((at, next)) = further.next() else {
            return Entry::Malformed;
        };
        more = at + 1;
        bytes.push(b'\n');
        bytes.extend_from_slice(next);
    }
}

/// Returns `text` so that dotenvy takes each `$` as itself, and a blank at the end as none.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 1);
    let (mut in_single, mut in_double, mut is_escaped) = (false, false, false);
    for character in text.trim_end().chars() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if !in_single => is_escaped = true,
            '\'' if !in_double => in_single = !in_single,
            '"' if !in_single => in_double = !in_double,
            '$' if !in_single => literal.push('\\'),
            _ => {}
        }
        literal.push(character);
    }
    literal.push('\n');
    literal
}

/// Returns `true` for a line that begins with `AXIOMS_`, after an optional `export`, with the white
/// space that dotenvy skips.
fn is_ours(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_start();
    let name = match line.strip_prefix("export") {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start(),
        _ => line,
    };
    has_prefix(name)
}

/// Returns `true` for a line that another program may read as one of ours: marks, such as quotes
/// and a byte order mark, and words of shells may be before the name.
fn seems_ours(line: &[u8]) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let line = String::from_utf8_lossy(line);
    let mut rest = line.as_ref();
    loop {
        rest = rest.trim_start_matches(|c: char| !is_name(c) && c != '#');
        let after = ["export", "set", "env"]
            .iter()
            .find_map(|word| rest.strip_prefix(word))
            .filter(|after| !after.starts_with(is_name));
        match after {
            Some(after) => rest = after,
            None => return has_prefix(rest),
        }
    }
}

/// Returns `true` if `line` has an entry of ours after a character that ends lines elsewhere.
fn hides_ours(line: &[u8]) -> bool {
    String::from_utf8_lossy(line)
        .trim_start()
        .split(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
        .skip(1)
        .any(|line| is_ours(line.as_bytes()))
}

fn has_prefix(name: &str) -> bool {
    name.get(..PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

#[cfg(test)]
mod tests {
    use super::{Dotenv, find};

    /// The pairs, the problems and the numbers of the lines that are passed over.
    fn parse(bytes: &[u8]) -> (Vec<(String, String)>, Vec<String>, Vec<usize>) {
        let mut problems = Vec::new();
        let dotenv = Dotenv::parse(bytes, "here", &mut problems);
        let text = |text: std::ffi::OsString| text.into_string().unwrap();
        let pairs = dotenv.pairs.into_iter();
        (
            pairs
                .map(|(name, value)| (text(name), text(value)))
                .collect(),
            problems.iter().map(ToString::to_string).collect(),
            dotenv.foreign,
        )
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).into()
    }

    #[test]
    fn unreadable_lines_of_ours_are_named_by_number_and_not_repeated() {
        let long = "x".repeat(20_000);
        let text = format!(
            "# one\nAXIOMS_A=1\nAXIOMS_hunter two=2\n\nAXIOMS_L={long}\nAXIOMS_B='x y' z\n\n\
             AXIOMS_C=\"c\nd\"\n  AXIOMS_D=\"secret\ne\n# f\n"
        );
        let (read, problems, foreign) = parse(text.as_bytes());
        let wrong = "is not `NAME=value`, or its quotes or escapes are unfinished";
        assert_eq!(
            problems,
            [3, 6, 10].map(|line| format!(".env (here): line {line} {wrong}"))
        );
        let expected = [
            ("AXIOMS_A", "1"),
            ("AXIOMS_L", long.as_str()),
            ("AXIOMS_C", "c\nd"),
        ];
        assert_eq!(read, pairs(expected));
        assert_eq!(foreign, [11]);
    }

    #[test]
    fn lines_of_other_programs_are_passed_over() {
        let text = b"JAVA_OPTS=-Xmx512m -Xms128m\nit's\nKEY: v\nFINE=\"a\nb\"\nNAME=\xff\n\
            OPEN=\"x\nexport AXIOMS_LEEWAY=3\nAXIOMS=1\nMY_AXIOMS_X y\naxioms_realm=r";
        let (read, problems, foreign) = parse(text);
        assert_eq!(problems, [""; 0]);
        assert_eq!(read, pairs([("AXIOMS_LEEWAY", "3"), ("axioms_realm", "r")]));
        assert_eq!(foreign, [1, 2, 3, 6, 7, 10]);
    }

    #[test]
    fn an_entry_of_ours_is_never_hidden_by_the_quotes_of_another() {
        for open in ["A=\"x", "A='x", "it's", "AXIOMS_B=\"x"] {
            let (read, ..) = parse(format!("{open}\nAXIOMS_LEEWAY=\"3\"\n").as_bytes());
            assert_eq!(read, pairs([("AXIOMS_LEEWAY", "3")]), "{open}");
        }
    }

    #[test]
    fn an_entry_of_ours_after_any_white_space_is_read() {
        for blank in [
            " ", "\t", "\u{b}", "\u{c}", "\u{85}", "\u{a0}", "\u{2003}", "\u{2028}", "\u{3000}",
        ] {
            let text = format!("A=1\n{blank}AXIOMS_REQUIRED_CLAIMS=tenant\n");
            let (read, problems, foreign) = parse(text.as_bytes());
            assert_eq!(
                read,
                pairs([("AXIOMS_REQUIRED_CLAIMS", "tenant")]),
                "{text:?}"
            );
            assert_eq!((problems, foreign), (vec![], vec![]), "{text:?}");
        }
        for text in [
            "export\u{a0}AXIOMS_A=1",
            "export \u{3000} AXIOMS_A=1",
            "B=\"x\n\u{a0}AXIOMS_A=1",
        ] {
            assert_eq!(
                parse(text.as_bytes()).0,
                pairs([("AXIOMS_A", "1")]),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_entry_of_ours_that_only_other_programs_can_read_is_a_problem() {
        let wrong = "is not `NAME=value`, or its quotes or escapes are unfinished";
        for line in [
            "\"AXIOMS_A\"=1",
            "'AXIOMS_A'=1",
            "export export AXIOMS_A=1",
            "\u{feff}AXIOMS_A=1",
            "\u{200b}axioms_a=1",
            "export \u{feff}AXIOMS_A=1",
            "- AXIOMS_A=1",
            "set AXIOMS_A=1",
            "$env:AXIOMS_A = 1",
        ] {
            let (read, problems, foreign) = parse(format!("B=1\n{line}\nC=1\n").as_bytes());
            assert_eq!(
                problems,
                [format!(".env (here): line 2 {wrong}")],
                "{line:?}"
            );
            assert_eq!((read, foreign), (vec![], vec![]), "{line:?}");
        }
        let (_, problems, _) = parse(b"\xa0AXIOMS_A=1");
        assert_eq!(problems, [".env (here): line 1 is not UTF-8"]);
        for line in ["# \"AXIOMS_A\"=1", "#AXIOMS_A=1", " # export AXIOMS_A=1"] {
            assert_eq!(parse(line.as_bytes()), (vec![], vec![], vec![]), "{line:?}");
        }
        assert_eq!(parse(b"exports AXIOMS_A").2, [1]);
    }

    #[test]
    fn an_entry_of_ours_after_another_line_break_is_a_problem() {
        for text in [
            "A=1\rAXIOMS_REQUIRED_CLAIMS=tenant\r",
            "# a\r \u{a0}AXIOMS_A=1",
            "A=1\r\rexport AXIOMS_A=1\r\n",
            "A=1\u{2028}AXIOMS_A=1",
            "AXIOMS_B=1\u{85}AXIOMS_A=1",
        ] {
            let (read, problems, _) = parse(format!("AXIOMS_C=1\n{text}").as_bytes());
            assert_eq!(
                problems,
                [
                    ".env (here): line 2 has AXIOMS_ after a line break that is no line feed; save \
                     the file with line feeds"
                ],
                "{text:?}"
            );
            assert_eq!(read, pairs([("AXIOMS_C", "1")]), "{text:?}");
        }
        // Also within the value of another entry.
        assert_eq!(parse(b"A=\"x\ny\rAXIOMS_A=1\nz\"").1.len(), 1);
        let (read, problems, _) = parse(b"A=1\r\nAXIOMS_A=1\r\r\n");
        assert_eq!((read, problems), (pairs([("AXIOMS_A", "1")]), vec![]));
    }

    #[test]
    fn a_dollar_sign_is_literal() {
        for (value, read) in [
            ("a$b", "a$b"),
            ("$HOME/x", "$HOME/x"),
            ("${X}", "${X}"),
            ("\"a${X}$b\"", "a${X}$b"),
            ("'a${X}$b'", "a${X}$b"),
            ("\\$b", "$b"),
            ("\"it's $b\"", "it's $b"),
            ("'\"'$b", "\"$b"),
            ("$", "$"),
            ("a # $b", "a"),
        ] {
            let (pair, problems, _) = parse(format!("AXIOMS_A={value}").as_bytes());
            assert_eq!(problems, [""; 0], "{value}");
            assert_eq!(pair, pairs([("AXIOMS_A", read)]), "{value}");
        }
    }

    #[test]
    fn a_mark_at_the_start_and_a_blank_at_the_end_do_no_harm() {
        let (read, problems, foreign) =
            parse("\u{feff}AXIOMS_A=1\r\nexport AXIOMS_B=2 ".as_bytes());
        assert_eq!((problems, foreign), (vec![], vec![]));
        assert_eq!(read, pairs([("AXIOMS_A", "1"), ("AXIOMS_B", "2")]));
    }

    #[test]
    fn a_line_of_ours_that_is_not_utf_8_is_a_problem() {
        let (read, problems, _) = parse(b"AXIOMS_A=\xff\nAXIOMS_B=1\n");
        assert_eq!(read, pairs([("AXIOMS_B", "1")]));
        assert_eq!(problems, [".env (here): line 1 is not UTF-8"]);
        let (_, problems, _) = parse(b"\xff\xfeA\0");
        assert_eq!(problems, [".env (here): is UTF-16; save it as UTF-8"]);
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
