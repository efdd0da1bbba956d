//! Lines end at 100 columns, names of functions at 70 characters, and comments use standard words.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use std::fs;
use std::path::Path;

/// Each has a standard word instead: byte, caller, client, again, expensive, zero.
const WORDS: &str =
    "anew dear nobody nobodys nought octet octets somebody stranger strangers whoever";
const PHRASES: [&str; 4] = ["has its say", "in vain", "stand for", "stands for"];
/// The first word of a sentence in a comment is a verb or a noun, and none of these.
const OPENINGS: [&str; 11] = [
    "nobody", "so many", "somebody", "the same", "what", "where", "whether", "who", "whoever",
    "whom", "whose",
];

#[test]
fn no_line_breaks_a_rule_of_style() {
    let mut broken = Vec::new();
    check(Path::new(env!("CARGO_MANIFEST_DIR")), &mut broken);
    assert_eq!(broken, [""; 0]);
}

/// Checks the sources and the Markdown below `folder`, except the lists of this file.
fn check(folder: &Path, broken: &mut Vec<String>) {
    for path in fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        let name = path.file_name().unwrap().to_str().unwrap();
        let markdown = name.ends_with(".md");
        if path.is_dir() {
            let foreign = name.starts_with('.')
                || ["target", "corpus", "data", "node_modules"].contains(&name);
            if !foreign {
                check(&path, broken);
            }
        } else if markdown || (name.ends_with(".rs") && name != "style.rs") {
            let text = fs::read_to_string(&path).unwrap();
            broken.extend(faults(&text, markdown).map(|at| format!("{}:{at}", path.display())));
        }
    }
}

/// The numbers of the lines that break a rule.
fn faults(text: &str, markdown: bool) -> impl Iterator<Item = usize> {
    // The language of the fenced block, and whether the next comment begins a paragraph.
    let (mut fence, mut begins) = (None::<&str>, true);
    text.lines().enumerate().filter_map(move |(index, line)| {
        let comment = match line.trim_start().strip_prefix("//") {
            _ if markdown => Some(line.trim()),
            comment => comment.map(|text| text.trim_start_matches(['/', '!']).trim()),
        };
        if let Some(language) = comment.and_then(|text| text.strip_prefix("```")) {
            fence = if fence.is_none() {
                Some(language)
            } else {
                None
            };
        }
        let prose = comment.filter(|_| fence.is_none()).map(without_code);
        let opening = prose.as_deref().is_some_and(|text| {
            (!markdown && begins && opens(text)) || text.split(". ").skip(1).any(opens)
        });
        begins = prose.is_none_or(|text| text.is_empty());
        // Program output, table rows and URLs cannot be wrapped.
        let whole = matches!(fence, Some("http" | "text" | "console"))
            || comment.is_some_and(|text| text.starts_with('|'))
            || line.split_whitespace().any(|word| word.len() > 70);
        let words = match comment {
            Some(text) => without_code(text),
            None => line.replace(".octets()", ""),
        };
        let name = line.split_once("fn ").map_or("", |(_, rest)| rest);
        let name = name
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(0);
        let fault = opening
            || (line.chars().count() > 100 && !whole)
            || ((!markdown || fence.is_none()) && has_banned_word(&words))
            || name > 70;
        fault.then_some(index + 1)
    })
}

/// `text` without what is in backquotes.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

fn opens(text: &str) -> bool {
    let text = text.to_lowercase();
    let ends = |rest: &str| !rest.starts_with(char::is_alphanumeric);
    OPENINGS
        .iter()
        .any(|opening| text.strip_prefix(opening).is_some_and(ends))
}

fn has_banned_word(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| WORDS.split(' ').any(|banned| banned == word))
        || PHRASES.iter().any(|phrase| text.contains(phrase))
}

#[test]
fn each_rule_finds_its_fault() {
    let wide = format!("// {}", "word ".repeat(20));
    let long = format!("fn {}() {{}}", "a".repeat(71));
    let table = format!("| {} |", "cell ".repeat(20));
    for (text, markdown, expected) in [
        (wide.as_str(), false, vec![1]),
        (&long, false, vec![1]),
        ("/// What it is.\n/// what follows", false, vec![1]),
        ("/// Returns it.\n///\n/// Whether it is.", false, vec![3]),
        ("/// Returns it. Nobody knows.", false, vec![1]),
        ("let octets = address.octets();", false, vec![1]),
        ("// Tried in vain, `anew`.", false, vec![1]),
        ("let bytes = address.octets(); // `anew`", false, vec![1]),
        ("Whoever reads", true, vec![1]),
        ("```rust\nlet stranger = 1;\n```\na stranger", true, vec![4]),
        (&table, true, vec![]),
        ("/// Returns what it is.", false, vec![]),
    ] {
        assert_eq!(Vec::from_iter(faults(text, markdown)), expected, "{text}");
    }
}
