//! The fuzz targets without libFuzzer: the committed seeds, and mutations of them for a few
//! seconds.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::{fs, iter};

use fastrand::Rng;

use super::verifier::WORLD;

/// The seeds and the dictionary of one target.
struct Corpus {
    seeds: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

impl Corpus {
    /// Reads both. The published package has neither; then there is one seed and one word.
    fn of(target: &str, dictionary: &str) -> Corpus {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        if !folder.exists() {
            return Corpus {
                seeds: vec![b"S{}\n{\"a\":[1,\"b\"]}".to_vec()],
                words: vec![b"\"".to_vec()],
            };
        }
        let seeds = fs::read_dir(folder.join("corpus").join(target)).expect("a folder of seeds");
        let mut paths: Vec<_> = seeds.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        assert!(paths.len() >= 8, "{target} has {} seeds", paths.len());
        let seeds = paths
            .iter()
            .map(|path| fs::read(path).expect("a file"))
            .collect();
        let text =
            fs::read_to_string(folder.join("dictionaries").join(dictionary)).expect("a dictionary");
        let words = text
            .lines()
            .filter(|line| !line.is_empty())
            .map(word)
            .collect();
        Corpus { seeds, words }
    }

    /// Returns a seed with a few mutations.
    fn mutated(&self, random: &mut Rng) -> Vec<u8> {
        let mut data = self.any(&self.seeds, random).clone();
        for _ in 0..random.usize(1..=4) {
            let at = random.usize(0..=data.len());
            let end = (at + random.usize(0..=16)).min(data.len());
            match random.u8(0..8) {
                0 if at < data.len() => data[at] ^= 1 << random.u8(0..8),
                1 if at < data.len() => data[at] = random.u8(..),
                2 => data.insert(at, random.u8(b' '..=b'~')),
                3 => drop(data.drain(at..end)),
                4 => drop(data.splice(at..at, data[at..end].to_vec())),
                5 => {
                    let other = self.any(&self.seeds, random);
                    let from = random.usize(0..=other.len());
                    data.splice(at..end, other[from..].iter().copied());
                }
                6 => drop(data.splice(at..end, self.any(&self.words, random).iter().copied())),
                _ => drop(data.splice(at..at, self.any(&self.words, random).iter().copied())),
            }
        }
        data.truncate(4096);
        data
    }

    fn any<'a>(&self, all: &'a [Vec<u8>], random: &mut Rng) -> &'a Vec<u8> {
        &all[random.usize(..all.len())]
    }
}

/// Parses a line of a dictionary: a quoted string with `\"`, `\\` and `\xAB`.
fn word(line: &str) -> Vec<u8> {
    let inside = line
        .strip_prefix('"')
        .and_then(|line| line.strip_suffix('"'))
        .expect("a quoted string");
    let mut rest = inside.bytes();
    let unescape = || match rest.next()? {
        b'\\' => match rest.next()? {
            b'x' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()
            }
            other => Some(other),
        },
        other => Some(other),
    };
    iter::from_fn(unescape).collect()
}

fn fuzz(target: &str, dictionary: &str, body: fn(&[u8]), rounds: usize) {
    let corpus = Corpus::of(target, dictionary);
    let check = |data: &[u8]| {
        let outcome = catch_unwind(AssertUnwindSafe(|| body(data)));
        outcome.unwrap_or_else(|panic| {
            eprintln!("{target} fails for b\"{}\"", data.escape_ascii());
            resume_unwind(panic)
        });
    };
    check(b"");
    corpus.seeds.iter().for_each(|seed| check(seed));
    // A fixed sequence, and a random one.
    for mut random in [Rng::with_seed(7), Rng::new()] {
        for _ in 0..rounds / 2 {
            check(&corpus.mutated(&mut random));
        }
    }
}

#[test]
fn the_authorization_header_reads_like_the_reference() {
    fuzz("header", "header.dict", super::header, 60_000);
}

#[test]
fn a_compact_token_reads_like_the_reference() {
    fuzz("compact", "json.dict", super::compact, 10_000);
}

#[test]
fn claims_read_like_the_reference() {
    fuzz("claims", "json.dict", super::claims, 15_000);
}

#[cfg(feature = "introspection")]
#[test]
fn an_introspection_answer_reads_like_the_reference() {
    fuzz("introspection", "json.dict", super::introspection, 15_000);
}

#[test]
fn keys_of_a_set_are_selected_like_the_reference() {
    fuzz("key_set", "key_set.dict", super::key_set, 1_500);
}

#[test]
fn metadata_is_accepted_like_the_reference() {
    fuzz("metadata", "metadata.dict", super::metadata, 15_000);
}

#[test]
fn a_claim_is_found_where_a_naive_walk_finds_it() {
    fuzz("claim_path", "json.dict", super::claim_path, 20_000);
}

#[test]
fn a_configuration_is_valid_or_names_its_invalid_keys() {
    fuzz(
        "configuration",
        "configuration.dict",
        super::configuration,
        2_000,
    );
}

#[test]
fn a_challenge_parses_to_its_parameters() {
    fuzz("challenge", "challenge.dict", super::challenge, 20_000);
}

#[test]
fn only_signed_tokens_are_accepted() {
    fuzz("verifier", "json.dict", super::verifier, 1_500);
}

#[test]
fn hostile_tokens_pass_through_every_reader() {
    let [issuer, _] = &WORLD.issuers;
    let tokens: Vec<String> = crate::testing::hostile::all(issuer)
        .map(|bad| bad.token)
        .collect();
    assert!(tokens.len() >= 60);
    for token in tokens {
        super::verifier(token.as_bytes());
        super::compact(token.as_bytes());
        super::header(format!("Bearer {token}").as_bytes());
    }
}

#[test]
fn a_target_can_fail() {
    let fails = |body: fn(&[u8]), data: &[u8]| catch_unwind(|| body(data)).is_err();
    let [issuer, _] = &WORLD.issuers;
    // A valid token that is not an input of the target.
    assert!(fails(super::verifier, issuer.token().sign().as_bytes()));
}
