//! The cache of verified tokens: its effect on answers, which is none.

use std::time::{Duration, SystemTime};

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{AxiomsFairing, Clock, Config, IssuerConfig, ValidToken};
use rocket::get;
use rocket::local::asynchronous::Client;
use rocket::serde::json::json;

use crate::recorder::record;
use crate::support::{AUDIENCE, App, ISSUER, config, full_token, offline, rocket, routes};

const SECOND: Duration = Duration::from_secs(1);
const DEFAULT: usize = 8192;

/// An application with this cache capacity and clock.
fn app(issuer: &TestIssuer, token_cache_capacity: usize, clock: &Clock) -> App {
    let config = Config {
        token_cache_capacity,
        ..config(issuer)
    };
    let fairing = AxiomsFairing::from_config(config)
        .with_keys(issuer.jwks())
        .with_clock(clock.clone());
    App::launch(rocket(fairing).mount("/", routes()))
}

fn issuer(clock: &Clock) -> TestIssuer {
    TestIssuer::builder()
        .audience(AUDIENCE)
        .clock(clock.clone())
        .offline(ISSUER)
}

/// Midday on a whole second, so that boundaries are exact.
fn midday() -> Clock {
    Clock::manual(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))
}

#[test]
fn the_default_capacity_is_the_one_that_is_documented() {
    assert_eq!(Config::default().token_cache_capacity, DEFAULT);
}

#[test]
fn a_remembered_token_is_refused_the_second_it_expires() {
    let clock = midday();
    let issuer = issuer(&clock);
    let app = app(&issuer, DEFAULT, &clock);
    let token = full_token(&issuer).expires_in(60 * SECOND).sign();
    // 60 s to live and a leeway of 30 s.
    app.get("/token", &token).passes("alice");
    clock.advance(89 * SECOND);
    app.get("/token", &token).passes("alice");
    clock.advance(Duration::from_millis(999));
    app.get("/token", &token).passes("alice");
    clock.advance(Duration::from_millis(1));
    app.get("/token", &token).invalid("Token has expired");
    app.get("/token", &token).invalid("Token has expired");
}

#[test]
fn a_remembered_token_is_refused_the_second_it_is_too_old() {
    let clock = midday();
    let issuer = issuer(&clock);
    let config = Config {
        max_token_age: Some(100),
        ..config(&issuer)
    };
    let fairing = AxiomsFairing::from_config(config)
        .with_keys(issuer.jwks())
        .with_clock(clock.clone());
    let app = App::launch(rocket(fairing).mount("/", routes()));
    let token = full_token(&issuer).sign();
    app.get("/token", &token).passes("alice");
    clock.advance(129 * SECOND);
    app.get("/token", &token).passes("alice");
    clock.advance(SECOND);
    app.get("/token", &token).invalid("Token has expired");
}

#[test]
fn a_remembered_token_is_refused_at_once_when_its_key_is_withdrawn() {
    let clock = midday();
    let issuer = TestIssuer::builder()
        .audience(AUDIENCE)
        .clock(clock.clone())
        .start();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_clock(clock.clone());
    let app = App::launch(rocket(fairing).mount("/", routes()));
    let (seen, other) = (full_token(&issuer).sign(), full_token(&issuer).sign());
    for token in [&seen, &other, &seen, &other] {
        app.get("/token", token).passes("alice");
    }
    issuer.emergency();
    // A token of the new key brings the new set; the clock has not moved.
    app.get("/token", &full_token(&issuer).sign())
        .passes("alice");
    for token in [&seen, &other, &seen, &other] {
        app.get("/token", token).invalid("Unknown signing key");
    }
}

#[test]
fn a_key_that_the_second_issuer_withdraws_is_refused_at_once() {
    let clock = midday();
    let start = || {
        TestIssuer::builder()
            .audience(AUDIENCE)
            .clock(clock.clone())
            .start()
    };
    let (first, second) = (start(), start());
    let entry = |issuer: &TestIssuer| IssuerConfig {
        iss_url: Some(issuer.url().into()),
        ..IssuerConfig::default()
    };
    let config = Config {
        iss_url: None,
        issuers: vec![entry(&first), entry(&second)],
        ..config(&first)
    };
    let fairing = AxiomsFairing::from_config(config).with_clock(clock.clone());
    let app = App::launch(rocket(fairing).mount("/", routes()));
    let [theirs, seen] = [&first, &second].map(|issuer| full_token(issuer).sign());
    for token in [&theirs, &seen, &theirs, &seen] {
        app.get("/token", token).passes("alice");
    }
    second.emergency();
    app.get("/token", &full_token(&second).sign())
        .passes("alice");
    app.get("/token", &seen).invalid("Unknown signing key");
    app.get("/token", &theirs).passes("alice");
}

#[test]
fn a_remembered_token_is_refused_by_a_clock_that_was_put_back() {
    let clock = midday();
    let issuer = issuer(&clock);
    let app = app(&issuer, DEFAULT, &clock);
    let token = full_token(&issuer).claim("nbf", 1_800_000_000).sign();
    app.get("/token", &token).passes("alice");
    // A manual clock wraps around.
    let back = |step: Duration| {
        clock.advance(Duration::from_millis(
            (step.as_millis() as u64).wrapping_neg(),
        ))
    };
    back(30 * SECOND);
    app.get("/token", &token).passes("alice");
    back(SECOND);
    app.get("/token", &token).invalid("Token is not valid yet");
    clock.advance(SECOND);
    app.get("/token", &token).passes("alice");
}

/// Good and bad tokens, each with the subject or the description of the expected answer.
fn tokens(issuer: &TestIssuer) -> Vec<(String, Result<&'static str, &'static str>)> {
    let good = || full_token(issuer);
    let other = TestIssuer::builder().audience(AUDIENCE).offline(ISSUER);
    let mut tokens = vec![
        (good().sign(), Ok("alice")),
        (good().subject("bob").sign(), Ok("bob")),
        (good().without_header("kid").sign(), Ok("alice")),
        (good().typ("JWT").sign(), Ok("alice")),
        (good().tampered().sign(), Err("Invalid token signature")),
        (
            good().signed_by(&other).sign(),
            Err("Invalid token signature"),
        ),
        (good().unsecured().sign(), Err("Unsupported algorithm")),
        (good().hmac_confused().sign(), Err("Unsupported algorithm")),
        (good().expired().sign(), Err("Token has expired")),
        (good().kid("unknown").sign(), Err("Unknown signing key")),
        (good().typ("ID").sign(), Err("Invalid token type")),
        (
            good().header("crit", json!(["exp"])).sign(),
            Err("Malformed token"),
        ),
        (
            good().claim("iss", "https://other.example.test").sign(),
            Err("Invalid token issuer"),
        ),
        (
            good().claim("aud", "https://other.example.test").sign(),
            Err("Invalid token audience"),
        ),
        (
            good().claim("at_hash", "x").sign(),
            Err("Not an access token"),
        ),
        (
            good().claim("cnf", json!({ "jkt": "x" })).sign(),
            Err("Invalid token type"),
        ),
        (good().claim("sub", 7).sign(), Err("Malformed token")),
        (
            issuer.sign_raw("{}", "{}", Alg::Es256),
            Err("Unsupported algorithm"),
        ),
        ("a.b.c".into(), Err("Malformed token")),
    ];
    // A good token with the signature of another, and one that differs in its last byte alone.
    let (one, two) = (tokens[0].0.clone(), tokens[1].0.clone());
    let (head, _) = one.rsplit_once('.').expect("three parts");
    let (_, signature) = two.rsplit_once('.').expect("three parts");
    tokens.push((
        format!("{head}.{signature}"),
        Err("Invalid token signature"),
    ));
    tokens
}

#[test]
fn the_capacity_changes_no_verdict() {
    let clock = Clock::manual(SystemTime::now());
    let issuer = issuer(&clock);
    let tokens = tokens(&issuer);
    for capacity in [0, 1, 2, DEFAULT] {
        let app = app(&issuer, capacity, &clock);
        // Each token before and after each other: no token affects another.
        for (first, _) in &tokens {
            app.get("/token", first);
            for (token, expected) in &tokens {
                let answer = app.get("/token", token);
                match expected {
                    Ok(subject) => answer.passes(subject),
                    Err(description) => answer.invalid(description),
                }
            }
        }
    }
}

#[test]
fn only_successes_are_remembered_and_the_debug_log_counts_them() {
    let issuer = offline();
    let runtime = rocket::tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let counted = |log: &crate::recorder::Log, words: &str| {
        let line = format!("axioms: token cache: {words}");
        log.0
            .lines()
            .any(|text| text.trim_start().starts_with("DEBUG") && text.ends_with(&line))
    };
    let config = Config {
        token_cache_capacity: DEFAULT,
        ..config(&issuer)
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    let application = rocket(fairing).mount("/", routes());
    let bad: Vec<String> = tokens(&issuer)
        .into_iter()
        .filter(|(_, expected)| expected.is_err())
        .map(|(token, _)| token)
        .collect();
    let good = full_token(&issuer).sign();
    let get = async |client: &Client, token: &str| {
        let header = rocket::http::Header::new("Authorization", format!("Bearer {token}"));
        client
            .get("/token")
            .header(header)
            .dispatch()
            .await
            .status()
            .code
    };

    let ((), log) = record(|| {
        runtime.block_on(async {
            let client = Client::untracked(application)
                .await
                .expect("the application starts");
            for _ in 0..2 {
                for token in &bad {
                    assert_eq!(get(&client, token).await, 401);
                }
            }
            for _ in 0..5 {
                assert_eq!(get(&client, &good).await, 200);
            }
            client.terminate().await;
        });
    });
    assert!(
        counted(&log, "0 of at most 8192 tokens, 0 hits, 0 misses"),
        "{log:?}"
    );
    let misses = 2 * bad.len() + 1;
    assert!(
        counted(
            &log,
            &format!("1 of at most 8192 tokens, 4 hits, {misses} misses")
        ),
        "{log:?}"
    );
}

#[test]
fn the_launch_says_that_the_cache_is_off() {
    let issuer = offline();
    let config = Config {
        token_cache_capacity: 0,
        ..config(&issuer)
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    let (client, log) = crate::recorder::launch(rocket(fairing));
    assert!(client.is_ok());
    assert!(
        log.0
            .lines()
            .any(|line| line.ends_with("axioms: token cache: off")),
        "{log:?}"
    );
}

#[get("/forward")]
fn forward(token: ValidToken) -> String {
    token.expose_token().to_owned()
}

#[test]
fn the_token_itself_is_at_hand_with_and_without_cache() {
    let clock = midday();
    let issuer = issuer(&clock);
    for capacity in [0, DEFAULT] {
        let config = Config {
            token_cache_capacity: capacity,
            ..config(&issuer)
        };
        let fairing = AxiomsFairing::from_config(config)
            .with_keys(issuer.jwks())
            .with_clock(clock.clone());
        let app = App::launch(rocket(fairing).mount("/", rocket::routes![forward]));
        let tokens = [1, 2].map(|id| full_token(&issuer).claim("jti", id.to_string()).sign());
        for token in tokens.iter().chain(&tokens) {
            app.get("/forward", token).passes(token);
        }
    }
}
