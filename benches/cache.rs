//! The cost of a cached token: always the same one, one of 2000, one of twice as many as the cache
//! holds, and on two threads.
//!
//! `cargo bench --bench cache`. The last table shows contention: without it, two threads verify
//! twice as many tokens as one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a bench fails"
)]

mod compare;

use std::cell::Cell;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use axioms_rocket::testing::{Alg, verify};
use criterion::{Criterion, criterion_group};
use rocket::{Ignite, Rocket};

use compare::{application, compare, issuer, median, ready};

/// One after the other, from the beginning again.
struct Tokens<'a> {
    texts: &'a [String],
    next: Cell<usize>,
}

impl<'a> Tokens<'a> {
    fn of(texts: &'a [String]) -> Tokens<'a> {
        Tokens {
            texts,
            next: Cell::new(0),
        }
    }

    fn next(&self) -> &'a str {
        let at = self.next.get();
        self.next.set((at + 1) % self.texts.len());
        &self.texts[at]
    }
}

fn recall(rocket: &Rocket<Ignite>, text: &str) {
    drop(ready(verify(rocket, black_box(text))).expect("a good token"));
}

/// Verifications per nanosecond of `threads` threads together, thread n over `texts(n)`, `turns`
/// each.
fn rate<'a>(
    rocket: &Rocket<Ignite>,
    threads: usize,
    turns: usize,
    texts: impl Fn(usize) -> &'a [String] + Sync,
) -> f64 {
    let barrier = Barrier::new(threads);
    let spans = thread::scope(|scope| {
        let work = |number: usize| {
            let (tokens, barrier) = (texts(number), &barrier);
            scope.spawn(move || {
                let tokens = Tokens::of(tokens);
                barrier.wait();
                let start = Instant::now();
                (0..turns).for_each(|_| recall(rocket, tokens.next()));
                start.elapsed().as_nanos() as f64
            })
        };
        let running: Vec<_> = (0..threads).map(work).collect();
        running
            .into_iter()
            .map(|thread| thread.join().expect("it does not panic"))
            .collect::<Vec<_>>()
    });
    spans.iter().map(|span| turns as f64 / span).sum()
}

/// The rates of one thread and of two, and the second by the first. They take turns, each as often
/// the first of a pair as the other; each of the three is the median of all rounds.
fn one_and_two<'a>(
    rocket: &Rocket<Ignite>,
    turns: usize,
    texts: impl Fn(usize) -> &'a [String] + Sync,
) -> [f64; 3] {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let (rounds, turns) = if smoke { (1, 10) } else { (15, turns) };
    let [mut singles, mut doubles, mut gains] = [const { Vec::new() }; 3];
    for round in 0..rounds {
        let rate = |threads| rate(rocket, threads, turns, &texts);
        let (single, double) = if round % 2 == 0 {
            let single = rate(1);
            (single, rate(2))
        } else {
            let double = rate(2);
            (rate(1), double)
        };
        singles.push(single);
        doubles.push(double);
        gains.push(double / single);
    }
    [singles, doubles, gains].map(median)
}

fn cache(criterion: &mut Criterion) {
    let issuer = issuer(Alg::EdDsa);
    let token = compare::token(&issuer);
    let texts: Vec<String> = (0..2000)
        .map(|at| token.clone().claim("jti", format!("{at:032x}")).sign())
        .collect();
    let [large, small, tiny, off] =
        [8192, 1000, 64, 0].map(|capacity| application(&issuer, capacity));
    let [one, many, twice, once, cold] =
        [&texts[..1], &texts, &texts, &texts, &texts].map(Tokens::of);
    texts.iter().for_each(|text| recall(&large, text));

    let names = [
        "one token",
        "2000 tokens",
        "2000 tokens, room for 1000",
        "2000 tokens, room for 64: few are found, all are put in",
        "2000 tokens, no cache (EdDSA)",
    ];
    let candidates: [&dyn Fn(); 5] = [
        &|| recall(&large, one.next()),
        &|| recall(&large, many.next()),
        &|| recall(&small, twice.next()),
        &|| recall(&tiny, once.next()),
        &|| recall(&off, cold.next()),
    ];
    println!("\n| cache, the others in between | ns | allocations of one turn |");
    println!("| --- | --- | --- |");
    for (name, (time, allocations)) in names.iter().zip(compare(&candidates)) {
        println!("| {name} | {time:.0} | {allocations} |");
    }
    for (name, candidate) in names.iter().zip(candidates) {
        criterion.bench_function(&format!("cache/{name}"), |b| b.iter(candidate));
    }

    println!("\n| cache, nothing else in between | one thread, ns | two threads, ns each | gain |");
    println!("| --- | --- | --- | --- |");
    let halves = |number: usize| &texts[number * 1000..][..1000];
    let (same, all) = (|_: usize| &texts[..1], |_: usize| &*texts);
    let rates = [
        ("the same token on both", one_and_two(&large, 100_000, same)),
        ("1000 tokens each", one_and_two(&large, 100_000, halves)),
        (
            "the same 2000 tokens on both",
            one_and_two(&large, 100_000, all),
        ),
        ("no cache", one_and_two(&off, 1_000, halves)),
    ];
    for (name, [single, double, gain]) in rates {
        println!(
            "| {name} | {:.0} | {:.0} | {gain:.2} |",
            1.0 / single,
            2.0 / double
        );
    }
}

criterion_group!(benches, cache);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
