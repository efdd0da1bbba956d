//! Shows that the time of a refusal tells neither which tokens are cached nor how much was guessed.
//!
//! `cargo bench --bench timing -- table`. Within a table all rows take turns, and each ratio is
//! the median of 301 rounds, beside the middle half of them. The last row repeats
//! the first: its distance from 1 is noise.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a bench fails"
)]

mod compare;

use std::hint::black_box;
use std::time::Instant;

use axioms_rocket::testing::{Alg, TestIssuer, verify};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use criterion::{Criterion, criterion_group};
use rocket::{Ignite, Rocket};

use compare::{application, issuer, ready};

const AUDIENCE: &str = "https://api.example.test";
const ISSUER: &str = "https://issuer.example.test";

/// Applications by their cache: the measured token and others, the others alone, empty, and none.
struct Applications {
    all: [(&'static str, Rocket<Ignite>); 4],
}

impl Applications {
    fn start(issuer: &TestIssuer, token: &str) -> Applications {
        let [it, others, nothing, off] =
            [8192, 8192, 8192, 0].map(|capacity| application(issuer, capacity));
        for _ in 0..500 {
            let other = compare::token(issuer).sign();
            [&it, &others]
                .into_iter()
                .for_each(|rocket| remember(rocket, &other));
        }
        remember(&it, token);
        Applications {
            all: [
                ("it and 500 others", it),
                ("500 others", others),
                ("nothing", nothing),
                ("no cache", off),
            ],
        }
    }
}

fn remember(rocket: &Rocket<Ignite>, token: &str) {
    drop(ready(verify(rocket, token)).expect("a good token"));
}

/// A name, and what is done in a turn.
type Row<'a> = (String, Box<dyn Fn() + 'a>);

/// Nanoseconds of each row, and its ratio to the first: the quartiles of all rounds.
fn measure(rows: &[Row<'_>]) -> Vec<(f64, [f64; 3])> {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let start = Instant::now();
    (rows[0].1)();
    let (rounds, turns) = if smoke {
        (1, 1)
    } else {
        (
            301,
            (500_000 / start.elapsed().as_nanos().max(1)).clamp(5, 2000),
        )
    };
    let mut times = vec![Vec::with_capacity(rounds); rows.len()];
    for round in 0..rounds {
        // The order rotates: no row always follows the same one.
        for at in 0..rows.len() {
            let row = (at + round) % rows.len();
            let start = Instant::now();
            (0..turns).for_each(|_| (rows[row].1)());
            times[row].push(start.elapsed().as_nanos() as f64 / turns as f64);
        }
    }
    let quartiles = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
    };
    let ratios = |row: &Vec<f64>| {
        quartiles(
            row.iter()
                .zip(&times[0])
                .map(|(own, first)| own / first)
                .collect(),
        )
    };
    times
        .iter()
        .map(|row| (quartiles(row.clone())[1], ratios(row)))
        .collect()
}

fn table<'a>(criterion: &mut Criterion, title: &str, mut rows: Vec<Row<'a>>, again: Row<'a>) {
    rows.push(again);
    println!("\n| {title} | ns | ÷ the first | middle half |\n| --- | --- | --- | --- |");
    for ((name, _), (time, [low, middle, high])) in rows.iter().zip(measure(&rows)) {
        println!("| {name} | {time:.0} | {middle:.3} | {low:.3} to {high:.3} |");
    }
    for (name, work) in &rows {
        criterion.bench_function(&format!("timing/{title}/{name}"), |b| b.iter(work));
    }
}

/// Each of `tokens` at each application; all are refused in these words.
fn refusals(
    criterion: &mut Criterion,
    applications: &Applications,
    title: &str,
    tokens: &[(&str, String)],
    expected: &str,
) {
    let length = tokens[0].1.len();
    let row = |what: &str, remembered: &str, rocket, token| -> Row<'_> {
        let refuse = move || ready(verify(rocket, black_box(token))).expect_err("a bad token");
        assert_eq!(refuse().description(), expected, "{title}: {what}");
        (
            format!("{what}; remembered: {remembered}"),
            Box::new(move || drop(refuse())),
        )
    };
    let mut rows = Vec::new();
    for (what, token) in tokens {
        assert_eq!(token.len(), length, "{title}: {what}");
        rows.extend(
            applications
                .all
                .iter()
                .map(|(remembered, rocket)| row(what, remembered, rocket, token)),
        );
    }
    let (remembered, rocket) = &applications.all[0];
    let again = row("the first row once more", remembered, rocket, &tokens[0].1);
    table(criterion, title, rows, again);
}

/// A comparison with the cached text by `==`, for contrast.
fn compared<'a>(what: &str, text: &'a str, token: &'a str) -> Row<'a> {
    (
        what.to_owned(),
        Box::new(move || _ = black_box(black_box(text) == black_box(token))),
    )
}

/// With another last, or first, byte of its kind.
fn ends(text: &str) -> [(&'static str, String); 2] {
    let other = |byte: &str| if byte == "x" { "y" } else { "x" };
    let (head, last) = text.split_at(text.len() - 1);
    let (first, tail) = text.split_at(1);
    [
        ("all but the last byte", format!("{head}{}", other(last))),
        ("all but the first byte", format!("{}{tail}", other(first))),
    ]
}

/// A good token whose signature, as a number, stays below the modulus when its first byte becomes
/// smaller.
fn token(issuer: &TestIssuer) -> (String, Vec<u8>) {
    loop {
        let token = compare::token(issuer).sign();
        let (_, signature) = token.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        if signature[0] > 0 {
            return (token, signature);
        }
    }
}

fn timing(criterion: &mut Criterion) {
    let issuer = issuer(Alg::Rs256);
    let (token, signature) = token(&issuer);
    let (message, _) = token.rsplit_once('.').expect("three parts");
    let (header, payload) = message.split_once('.').expect("three parts");
    let applications = Applications::start(&issuer, &token);

    let [mut last, mut first] = [signature.clone(), signature.clone()];
    *last.last_mut().expect("an byte") ^= 1;
    first[0] -= 1;
    let claims =
        String::from_utf8(URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("text");
    let others = URL_SAFE_NO_PAD.encode(claims.replace("0f2a8c1e-user", "0f2a8c1e-usez"));
    assert_ne!(others, payload);
    let encode = |signature: &[u8]| URL_SAFE_NO_PAD.encode(signature);
    let tokens = [
        (
            "all but the last byte of the signature",
            format!("{message}.{}", encode(&last)),
        ),
        (
            "all but the first byte of the signature",
            format!("{message}.{}", encode(&first)),
        ),
        (
            "another payload and all but the last byte",
            format!("{header}.{others}.{}", encode(&last)),
        ),
        // Here the padding under the signature is right and the digest is not, which anybody can
        // compute.
        (
            "another payload and the whole signature",
            format!("{header}.{others}.{}", encode(&signature)),
        ),
    ];
    refusals(
        criterion,
        &applications,
        "bad signature",
        &tokens,
        "Invalid token signature",
    );

    // The cheapest refusal, in which a comparison of texts would be the largest part.
    let tokens = [
        (
            "all but the last byte",
            format!("{}.", &token[..token.len() - 1]),
        ),
        ("all but the first byte", format!(".{}", &token[1..])),
    ];
    refusals(
        criterion,
        &applications,
        "four parts",
        &tokens,
        "Malformed token",
    );
    let rows = tokens
        .iter()
        .map(|(what, text)| compared(what, text, &token))
        .collect();
    let again = compared("the first row once more", &tokens[0].1, &token);
    table(criterion, "ordinary comparison", rows, again);

    let guessed = |what: &str, known: &str, spoil: &dyn Fn(String) -> String| {
        ends(known).map(|(shared, text)| (what.replace('#', shared), spoil(text)))
    };
    let mut group =
        |title: &str, what: &str, known: &str, spoil: &dyn Fn(String) -> String, expected: &str| {
            let tokens = guessed(what, known, spoil);
            let tokens = tokens
                .each_ref()
                .map(|(what, token)| (what.as_str(), token.clone()));
            refusals(criterion, &applications, title, &tokens, expected);
        };
    let contents = || compare::token(&issuer);
    let key = |kid| contents().kid(kid).sign();
    group(
        "unknown key",
        "# of the kid",
        &issuer.kid(Alg::Rs256),
        &key,
        "Unknown signing key",
    );
    let audience = |audience: String| contents().claim("aud", audience).sign();
    group(
        "wrong audience",
        "# of the audience",
        AUDIENCE,
        &audience,
        "Invalid token audience",
    );
    let other_issuer = |issuer: String| contents().claim("iss", issuer).sign();
    group(
        "wrong issuer",
        "# of the issuer",
        ISSUER,
        &other_issuer,
        "Invalid token issuer",
    );
}

criterion_group!(benches, timing);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
