//! The cost of a bad token that is refused before its signature is checked, against a good token of
//! its length.
//!
//! `cargo bench --bench refusal` (`-- table` for the table alone, `-- scopes` for the rows that say
//! so). Their numbers are the rows of docs/behaviour.md, chapter 3; chapter 2 is in
//! `benches/bearer.rs`. The good token is never cached; where it must be long, one string makes it
//! so, which is the cheapest way.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a bench fails"
)]

mod compare;

use std::hint::black_box;
use std::time::{SystemTime, UNIX_EPOCH};

use axioms_rocket::testing::{Alg, TestIssuer, TokenBuilder, verify};
use axioms_rocket::{AxiomsFairing, Config, IssuerConfig, JwksPrefetch};
use criterion::{Criterion, criterion_group};
use rocket::serde::json::json;
use rocket::{Ignite, Rocket};

use compare::{application, compare, issuer, ready};

/// `max_token_bytes`: the default, and the most that it may be.
const LIMIT: usize = 16_384;
const HIGHEST_LIMIT: usize = 1 << 20;

/// Row, token, description of the refusal, and a good token that differs in the fault alone.
type Row = (String, String, &'static str, Option<String>);

fn rows(issuer: &TestIssuer) -> Vec<Row> {
    let token = || compare::token(issuer);
    let good = token().sign();
    let (head, _) = good.rsplit_once('.').expect("three parts");
    let header = header(issuer);
    let raw = |header: &str, payload: &str| issuer.sign_raw(header, payload, Alg::Rs256);
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let nested = format!(r#"{{"x":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    let long = format!("{head}.{}", "A".repeat(20_000));
    let rows = [
        ("2.8 longer than max_token_bytes", long, "Malformed token"),
        ("3.1 two parts", head.to_owned(), "Malformed token"),
        ("3.1 padded", format!("{good}="), "Malformed token"),
        (
            "3.1 the header is no JSON",
            raw("{", "{}"),
            "Malformed token",
        ),
        (
            "3.1 the claims are no JSON",
            raw(&header, "{"),
            "Malformed token",
        ),
        (
            "3.1 a claim twice",
            raw(&header, r#"{"sub":"alice","sub":"bob"}"#),
            "Malformed token",
        ),
        (
            "3.2 none",
            token().unsecured().sign(),
            "Unsupported algorithm",
        ),
        (
            "3.2 HS256",
            token().hmac_confused().sign(),
            "Unsupported algorithm",
        ),
        (
            "3.2 no alg",
            token().without_header("alg").sign(),
            "Unsupported algorithm",
        ),
        (
            "3.3 alg does not fit the key",
            token().header("alg", "ES256").sign(),
            "Unsupported algorithm",
        ),
        (
            "3.6 crit",
            token().header("crit", json!(["exp"])).sign(),
            "Malformed token",
        ),
        (
            "3.9 kid is no string",
            token().header("kid", 7).sign(),
            "Malformed token",
        ),
        (
            "3.9 kid over 1 KiB",
            token().kid("k".repeat(1025)).sign(),
            "Malformed token",
        ),
        (
            "3.10 an unknown kid",
            token().kid("unknown").sign(),
            "Unknown signing key",
        ),
        (
            "3.11 expired",
            token().expired().sign(),
            "Token has expired",
        ),
        (
            "3.11 exp is a text",
            token().claim("exp", "tomorrow").sign(),
            "Malformed token",
        ),
        (
            "3.12 nbf ahead",
            token().claim("nbf", seconds + 3600).sign(),
            "Token is not valid yet",
        ),
        (
            "3.13 another issuer",
            other_issuer(token()),
            "Invalid token issuer",
        ),
        (
            "3.14 another audience",
            token().claim("aud", "https://other.example.test").sign(),
            "Invalid token audience",
        ),
        (
            "3.16 typ of another kind",
            token().typ("dpop+jwt").sign(),
            "Invalid token type",
        ),
        (
            "3.20 nested 5000 deep",
            raw(&header, &nested),
            "Malformed token",
        ),
    ];
    rows.map(|(row, token, description)| (row.to_owned(), token, description, None))
        .into()
}

fn header(issuer: &TestIssuer) -> String {
    format!(r#"{{"alg":"RS256","kid":"{}"}}"#, issuer.kid(Alg::Rs256))
}

fn other_issuer(token: TokenBuilder<'_>) -> String {
    token.claim("iss", "https://other.example.test").sign()
}

/// Tokens of exactly `limit` bytes or a few less, with contents that take long to read.
fn floods(issuer: &TestIssuer, limit: usize) -> Vec<Row> {
    let header = header(issuer);
    let room = (limit - issuer.sign_raw(&header, "", Alg::Rs256).len()) / 4 * 3 - 2;
    const PAST: &str = r#""exp":1000000000"#;
    const FUTURE: &str = r#""exp":4000000000"#;
    let base = format!(
        r#"{{"iss":"{}","aud":"{}",{PAST}"#,
        issuer.url(),
        issuer.audience()
    );
    // Repeats `item` until the limit, or `most` times.
    let full = |open: &str, item: &dyn Fn(usize) -> String, close: &str, most: usize| {
        let mut text = open.to_owned();
        let mut count = 0;
        for number in 0..most {
            let next = item(number);
            if text.len() + next.len() + close.len() > room {
                break;
            }
            text += &next;
            count += 1;
        }
        if text.ends_with([',', ' ']) {
            text.pop();
        }
        text += close;
        (text, count)
    };
    let sign = |payload: &str| {
        let token = issuer.sign_raw(&header, payload, Alg::Rs256);
        assert!(token.len() <= limit, "{}", token.len());
        token
    };
    let expired = |claim: &str, item: &dyn Fn(usize) -> String, end: &str, most: usize| {
        let (text, count) = full(&format!("{base},{claim}"), item, end, most);
        (
            sign(&text),
            count,
            Some(sign(&text.replacen(PAST, FUTURE, 1))),
        )
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut row =
        |name: &str, (token, count, twin): (String, usize, Option<String>), description| {
            rows.push((
                name.replace('#', &count.to_string()),
                token,
                description,
                twin,
            ));
        };
    const EXPIRED: &str = "Token has expired";
    let all = usize::MAX;
    row(
        "3.11 expired, one long text",
        expired(r#""x":""#, &|_| "x".into(), "\"}", all),
        EXPIRED,
    );
    row(
        "3.11 expired, # members",
        expired("", &|n| format!(r#""{n:x}":0,"#), "}", all),
        EXPIRED,
    );
    let (_, _, once) = expired("", &|n| format!(r#""{n:x}":0,"#), "}", all);
    let (twice, count, _) = expired("", &|n| format!(r#""{n:x}":0,"#), r#","0":0}"#, all);
    row(
        "3.1 # members, the first of them twice",
        (twice, count, once),
        "Malformed token",
    );
    row(
        "3.11 expired, # scopes in a text",
        expired(r#""scope":""#, &|n| format!("s{n:05} "), "\"}", 100_000),
        EXPIRED,
    );
    row(
        "3.11 expired, # scopes in a list",
        expired(r#""scope":["#, &|n| format!(r#""s{n:05}","#), "]}", 100_000),
        EXPIRED,
    );
    row(
        "3.11 expired, # scopes in a list, empty",
        expired(r#""scope":["#, &|_| r#""","#.into(), "]}", all),
        EXPIRED,
    );
    row(
        "3.11 expired, # scopes with escapes",
        expired(r#""scope":["#, &|_| r#""\n","#.into(), "]}", all),
        EXPIRED,
    );
    row(
        "3.11 expired, # objects among the roles",
        expired(r#""roles":["#, &|_| r#"{"":0},"#.into(), "]}", all),
        EXPIRED,
    );
    row(
        "3.11 expired, # lists in the roles, 100 deep",
        expired(
            r#""roles":["#,
            &|_| format!("{}{},", "[".repeat(100), "]".repeat(100)),
            "]}",
            all,
        ),
        EXPIRED,
    );
    row(
        "3.11 expired, # numbers of 18 digits",
        expired(
            r#""roles":["#,
            &|_| "1.23456789012345e-300,".into(),
            "]}",
            all,
        ),
        EXPIRED,
    );
    // To tell exactly which of two doubles is nearer takes hundreds of digits.
    row(
        "3.11 expired, # numbers between two doubles",
        expired(
            r#""roles":["#,
            &|_| "12264681628418011061e261,".into(),
            "]}",
            all,
        ),
        EXPIRED,
    );
    let (token, count, _) = expired(r#""sub":["#, &|_| r#"{"":0},"#.into(), "]}", all);
    let (_, _, twin) = expired(r#""bus":["#, &|_| r#"{"":0},"#.into(), "]}", all);
    row(
        "3.11 expired, # objects in the sub",
        (token, count, twin),
        EXPIRED,
    );
    let foreign = |item: &dyn Fn(usize) -> String, most| {
        let open = format!(r#"{{"iss":"{}",{FUTURE},"aud":["#, issuer.url());
        let (text, count) = full(&open, item, "]}", most);
        let (ours, _) = full(
            &open,
            item,
            &format!(r#","{}"]}}"#, issuer.audience()),
            most,
        );
        (sign(&text), count, Some(sign(&ours)))
    };
    row(
        "3.14 # audiences, none of them ours",
        foreign(&|n| format!(r#""aud-{n:05}","#), 10_000),
        "Invalid token audience",
    );
    row(
        "3.14 # audiences, empty",
        foreign(&|_| r#""","#.into(), all),
        "Invalid token audience",
    );
    let claims = format!("{}}}", base.replacen(PAST, FUTURE, 1));
    let head = |open: &str, item: &dyn Fn(usize) -> String, close: &str| {
        let (text, count) = full(open, item, close, all);
        (issuer.sign_raw(&text, "{}", Alg::Rs256), count)
    };
    let twin = |members: &dyn Fn(usize) -> String, open: &str, close: &str, count: usize| {
        let members: String = (0..count).map(members).collect();
        let header = header.replacen(
            '{',
            &format!("{{{open}{}{close},", members.trim_matches(',')),
            1,
        );
        let token = issuer.sign_raw(header, &claims, Alg::Rs256);
        assert!(token.len() <= limit, "{}", token.len());
        Some(token)
    };
    let member = |n| format!(r#","h{n:x}":0"#);
    let (token, count) = head(r#"{"alg":"RS256""#, &member, "}");
    let good = twin(&member, "", "", count - 50);
    row(
        "3.13 no issuer, # members in the header",
        (token, count, good),
        "Invalid token issuer",
    );
    let object = |_| r#"{"":0},"#.to_owned();
    let (token, count) = head(r#"{"kid":["#, &object, "]}");
    let good = twin(&object, r#""x":["#, "]", count - 50);
    row(
        "3.2 no alg, # objects in the kid",
        (token, count, good),
        "Unsupported algorithm",
    );
    rows
}

/// A good token of about `length` bytes.
fn good(issuer: &TestIssuer, length: usize) -> String {
    let ordinary = compare::token(issuer);
    match length.saturating_sub(ordinary.sign().len()) {
        0..1024 => ordinary.sign(),
        more => ordinary
            .claim("filler", "x".repeat(more * 3 / 4 - 16))
            .sign(),
    }
}

fn ignite(
    issuer: &TestIssuer,
    fairing: impl FnOnce(AxiomsFairing) -> AxiomsFairing,
    change: impl FnOnce(&mut Config),
) -> Rocket<Ignite> {
    let mut config = Config {
        audience: vec![issuer.audience().into()],
        iss_url: Some(issuer.url().into()),
        token_cache_capacity: 0,
        ..Config::default()
    };
    change(&mut config);
    let rocket = rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    let fairing = fairing(AxiomsFairing::from_config(config));
    rocket::async_test(rocket.attach(fairing).ignite()).expect("the application ignites")
}

struct Table<'c> {
    criterion: &'c mut Criterion,
}

impl Table<'_> {
    fn measure(&mut self, issuer: &TestIssuer, application: &Rocket<Ignite>, rows: Vec<Row>) {
        let wanted = std::env::args()
            .skip(1)
            .find(|argument| !argument.starts_with('-') && argument != "table");
        for (row, token, expected, twin) in rows {
            if wanted
                .as_deref()
                .is_some_and(|wanted| !row.contains(wanted))
            {
                continue;
            }
            let length = if token.len() > LIMIT && row.starts_with("2.8") {
                0
            } else {
                token.len()
            };
            let good = good(issuer, length);
            let accept =
                || drop(ready(verify(application, black_box(&good))).expect("a good token"));
            let refuse = || ready(verify(application, black_box(&token))).expect_err("a bad token");
            assert_eq!(refuse().description(), expected, "{row}");
            let twin = twin.as_deref().unwrap_or(&good);
            let accept_twin =
                || drop(ready(verify(application, black_box(twin))).expect("a good token"));
            let measured = compare(&[&accept, &accept_twin, &|| drop(refuse())]);
            let [(accepted, _), (twins, _), (refused, allocations)] = measured[..] else {
                unreachable!("three")
            };
            let (bytes, by_length, by_contents) =
                (token.len(), refused / accepted, refused / twins);
            // No good token is as long as one beyond the limit.
            let by_length = if token.len() > LIMIT && length == 0 {
                "–".to_owned()
            } else {
                format!("{by_length:.3}")
            };
            let ratios = format!("{by_contents:.3} | {by_length}");
            println!("| {row} | {bytes} | {refused:.0} | {ratios} | {allocations} |");
            self.criterion
                .bench_function(&format!("refusal/{row}"), |b| b.iter(refuse));
        }
    }
}

fn refusals(criterion: &mut Criterion) {
    let issuer = issuer(Alg::Rs256);
    let mut table = Table { criterion };
    println!(
        "\n| refused | bytes | ns | ÷ a good one of these contents \
         | ÷ the cheapest good one of this length | allocations |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    let offline = |fairing: AxiomsFairing| fairing.with_keys(issuer.jwks());
    let ordinary = application(&issuer, 0);
    table.measure(&issuer, &ordinary, rows(&issuer));
    table.measure(&issuer, &ordinary, floods(&issuer, LIMIT));
    let with_five_keys = compare::issuer(Alg::Rs256);
    (0..4).for_each(|_| with_five_keys.publish());
    let unnamed = compare::token(&with_five_keys).without_header("kid").sign();
    let row = (
        "3.8 no kid, and five keys that fit".into(),
        unnamed,
        "Unknown signing key",
        None,
    );
    table.measure(&with_five_keys, &application(&with_five_keys, 0), vec![row]);
    let highest = ignite(&issuer, offline, |config| {
        config.max_token_bytes = HIGHEST_LIMIT
    });
    table.measure(&issuer, &highest, floods(&issuer, HIGHEST_LIMIT));

    let of_many = (0..200).map(|number| IssuerConfig {
        iss_url: Some(format!("https://issuer-{number:03}.example.test")),
        ..IssuerConfig::default()
    });
    let among_many = ignite(&issuer, offline, |config| {
        config.issuers = of_many.collect();
        config.jwks_prefetch = JwksPrefetch::Never;
    });
    let row = (
        "3.13 another issuer, where 201 are configured".to_owned(),
        other_issuer(compare::token(&issuer)),
        "Invalid token issuer",
        None,
    );
    table.measure(&issuer, &among_many, vec![row]);
    // Each issuer brings names to look for, each member of a token is looked for among them.
    let mut flood: Vec<Row> = floods(&issuer, LIMIT)
        .into_iter()
        .filter(|row| row.0.ends_with(" members"))
        .collect();
    assert_eq!(flood.len(), 1);
    flood
        .iter_mut()
        .for_each(|row| row.0 += ", where 201 are configured");
    table.measure(&issuer, &among_many, flood);

    // The first of them caused a fetch; now the cooldown has begun, and no request waits.
    let online = TestIssuer::builder()
        .audience(issuer.audience())
        .algorithms([Alg::Rs256])
        .start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let _context = runtime.enter();
    let cooling = ignite(
        &online,
        |fairing| fairing,
        |config| config.jwks_cooldown = 3600,
    );
    let unknown = compare::token(&online).kid("unknown").sign();
    runtime
        .block_on(verify(&cooling, &unknown))
        .expect_err("an unknown key");
    let row = (
        "3.10 an unknown kid, in the cooldown".to_owned(),
        unknown,
        "Unknown signing key",
        None,
    );
    table.measure(&online, &cooling, vec![row]);
}

criterion_group!(benches, refusals);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
