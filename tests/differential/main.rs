//! Thousands of tokens, good and damaged, verified by this crate and by other libraries.
//!
//! A token that this crate accepts, they accept too. A token that they alone accept belongs to a
//! class with a reason (`classes.rs`).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod classes;
mod peers;
mod python;
mod recipe;
#[path = "../it/skip.rs"]
mod skip;
#[path = "../it/venv.rs"]
mod venv;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axioms_rocket::testing::{TestIssuer, verify};
use axioms_rocket::{AxiomsFairing, Clock, Config};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config as Runs, RngAlgorithm, TestRng, TestRunner};
use rocket::{Ignite, Rocket};

use self::classes::{Class, STRICTER, WIDER};
use self::peers::JsonWebToken;
use self::recipe::{ALGORITHMS, AUDIENCE, FUTURE, ISSUER, PAST, Recipe, recipe};
use self::skip::skip;

/// Half of them the same each time.
const TOKENS: usize = 4_000;

static COMPARISON: LazyLock<Comparison> = LazyLock::new(Comparison::new);

struct Comparison {
    issuer: TestIssuer,
    other: TestIssuer,
    ours: Rocket<Ignite>,
    runtime: rocket::tokio::runtime::Runtime,
}

impl Comparison {
    fn new() -> Comparison {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        assert!(
            (PAST..FUTURE).contains(&now),
            "the times of the tokens are no longer past and to come"
        );
        let issuer = || {
            TestIssuer::builder()
                .algorithms(ALGORITHMS)
                .audience(AUDIENCE)
                .offline(ISSUER)
        };
        let (issuer, other) = (issuer(), issuer());
        let config = Config {
            audience: vec![AUDIENCE.into()],
            iss_url: Some(ISSUER.into()),
            ..Config::default()
        };
        let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(now));
        let fairing = AxiomsFairing::from_config(config)
            .with_keys(issuer.jwks())
            .with_clock(clock);
        let runtime = rocket::tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let figment = rocket::Config::figment().merge(("log_level", "off"));
        let ours = runtime
            .block_on(rocket::custom(figment).attach(fairing).ignite())
            .unwrap();
        Comparison {
            issuer,
            other,
            ours,
            runtime,
        }
    }

    fn token(&self, recipe: &Recipe) -> String {
        recipe.token(&self.issuer, &self.other)
    }

    fn our_verdict(&self, token: &str) -> Result<(), String> {
        let verdict = self.runtime.block_on(verify(&self.ours, token));
        verdict.map(drop).map_err(|error| error.to_string())
    }

    /// Half of them the same in each run, half of them new.
    fn recipes(&self) -> Vec<Recipe> {
        let same = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let runners = [
            TestRunner::new_with_rng(Runs::default(), same),
            TestRunner::default(),
        ];
        let strategy = recipe();
        let make = |mut runner: TestRunner| {
            let make = |_| strategy.new_tree(&mut runner).unwrap().current();
            (0..TOKENS / 2).map(make).collect::<Vec<_>>()
        };
        runners.into_iter().flat_map(make).collect()
    }
}

/// How often each class of disagreement came up.
#[derive(Default)]
struct Tally {
    peer: &'static str,
    accepted: usize,
    refused: usize,
    classes: BTreeMap<(&'static str, &'static str, &'static str), usize>,
    /// By reason: how often, and the first token.
    unexplained: BTreeMap<String, (usize, String)>,
}

impl Tally {
    fn of(peer: &'static str) -> Tally {
        Tally {
            peer,
            ..Tally::default()
        }
    }

    fn compare(
        &mut self,
        ours: &Result<(), String>,
        theirs: &Result<(), String>,
        recipe: &Recipe,
        token: &str,
    ) {
        let (list, reason, verdict) = match (ours, theirs) {
            (Ok(()), Ok(())) => return self.accepted += 1,
            (Err(_), Err(_)) => return self.refused += 1,
            (Err(reason), Ok(())) => (STRICTER, reason.replace("invalid_token: ", ""), "we refuse"),
            (Ok(()), Err(reason)) if recipe::alg(token).as_deref() == Some("Ed25519") => {
                (WIDER, format!("alg Ed25519: {reason}"), "we accept")
            }
            (Ok(()), Err(reason)) => (WIDER, reason.clone(), "we accept"),
        };
        match list.iter().find(|class| class.covers(self.peer, &reason)) {
            Some(Class {
                reason, because, ..
            }) => *self.classes.entry((verdict, reason, because)).or_default() += 1,
            None => {
                let example = || {
                    (
                        0,
                        format!("{recipe:?}\n  {}\n  {token}", recipe::shown(token)),
                    )
                };
                self.unexplained
                    .entry(format!("{verdict}: {reason}"))
                    .or_insert_with(example)
                    .0 += 1;
            }
        }
    }

    /// Prints the classes; returns the number of disagreements without one.
    fn shown(&self, tokens: usize) -> usize {
        println!(
            "{tokens} tokens: {} accepted and {} refused by us and {}",
            self.accepted, self.refused, self.peer
        );
        for ((verdict, reason, because), count) in &self.classes {
            println!("{count:6} {verdict}: {reason}: {because}");
        }
        for (what, (count, example)) in &self.unexplained {
            println!("{count:6} without a class, {what}\n  {example}");
        }
        // A comparison that knows only one verdict has looked at nothing.
        assert!(self.accepted > tokens / 20 && self.refused > tokens / 20);
        self.unexplained.len()
    }
}

#[test]
fn jsonwebtoken_accepts_our_tokens_and_the_rest_has_a_class() {
    let comparison = &*COMPARISON;
    let peer = JsonWebToken::new(&comparison.issuer);
    let mut tally = Tally::of("jsonwebtoken");
    for recipe in comparison.recipes() {
        let token = comparison.token(&recipe);
        tally.compare(
            &comparison.our_verdict(&token),
            &peer.verdict(&token),
            &recipe,
            &token,
        );
    }
    assert_eq!(
        tally.shown(TOKENS),
        0,
        "disagreements without a class, see above"
    );
}

#[test]
fn pyjwt_and_jwcrypto_accept_our_tokens_and_the_rest_has_a_class() {
    let comparison = &*COMPARISON;
    let recipes = comparison.recipes();
    let tokens: Vec<String> = recipes
        .iter()
        .map(|recipe| comparison.token(recipe))
        .collect();
    let verdicts = match python::judge(&comparison.issuer, &tokens) {
        Ok(verdicts) => verdicts,
        Err(reason) => return skip("the comparison with Python", &reason),
    };
    let mut tallies = ["PyJWT", "jwcrypto"].map(Tally::of);
    for ((recipe, token), verdicts) in recipes.iter().zip(&tokens).zip(&verdicts) {
        let ours = comparison.our_verdict(token);
        for tally in &mut tallies {
            let theirs = verdicts[tally.peer].clone().map_or(Ok(()), Err);
            tally.compare(&ours, &theirs, recipe, token);
        }
    }
    let wrong: usize = tallies.iter().map(|tally| tally.shown(TOKENS)).sum();
    assert_eq!(wrong, 0, "disagreements without a class, see above");
}

#[test]
fn a_good_token_is_good_everywhere_and_a_forged_one_nowhere() {
    let comparison = &*COMPARISON;
    let peer = JsonWebToken::new(&comparison.issuer);
    let tokens = ALGORITHMS.map(|alg| {
        let good = comparison.token(&Recipe {
            alg,
            before: Vec::new(),
            after: Vec::new(),
        });
        let forged = comparison.token(&Recipe {
            alg,
            before: vec![recipe::Change::OtherSigner],
            after: Vec::new(),
        });
        assert_eq!(
            (comparison.our_verdict(&good), peer.verdict(&good)),
            (Ok(()), Ok(()))
        );
        let ours = comparison.our_verdict(&forged).unwrap_err();
        assert_eq!(
            ours,
            "invalid_token: Invalid token signature (the signature does not verify)"
        );
        assert_eq!(peer.verdict(&forged).unwrap_err(), "InvalidSignature");
        [good, forged]
    });
    let verdicts = match python::judge(&comparison.issuer, tokens.as_flattened()) {
        Ok(verdicts) => verdicts,
        Err(reason) => return skip("the comparison of one token with Python", &reason),
    };
    for pair in verdicts.chunks(2) {
        for peer in ["PyJWT", "jwcrypto"] {
            assert_eq!(
                (pair[0][peer].is_none(), pair[1][peer].is_some()),
                (true, true),
                "{pair:?}"
            );
        }
    }
}
