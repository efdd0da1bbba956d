//! 5.3: a token names a key that is not in the set.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer};
use axioms_rocket::{Clock, Config, JwksPrefetch};
use tokio::task::JoinSet;

use super::gate::Gate;
use super::{Bench, SECOND, UNKNOWN, asked, eventually, issuer, launch, launch_async, status};
use crate::support::{config, everything};

#[test]
fn row_5_3_the_request_waits_for_one_refresh_and_is_accepted() {
    let bench = Bench::new();
    bench.issuer.rotate();
    bench.accepts(&bench.token());
    assert_eq!(bench.issuer.jwks_requests(), 1);
    bench.accepts(&bench.token());
    assert_eq!(bench.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_without_kid_a_key_that_fits_is_looked_for_too() {
    let bench = Bench::new();
    let token = everything(&bench.issuer)
        .algorithm(Alg::EdDsa)
        .without_header("kid");
    bench.accepts(&token.sign());
    assert_eq!(bench.issuer.jwks_requests(), 1);
}

/// Another authorization server with the same URL and keys of its own.
fn twin(issuer: &TestIssuer, clock: &Clock) -> TestIssuer {
    TestIssuer::builder()
        .clock(clock.clone())
        .algorithms([Alg::Es256, Alg::Rs256])
        .offline(issuer.url())
}

/// The key set of `twin` in which `kid` names its key for `algorithm`.
fn renamed(twin: &TestIssuer, algorithm: Alg, kid: &str) -> IssuerFault {
    IssuerFault::Body(twin.jwks().replace(&twin.kid(algorithm), kid))
}

#[test]
fn row_5_3_a_new_key_under_an_old_kid_is_accepted_and_the_old_one_refused() {
    let bench = Bench::new();
    let (twin, kid) = (
        twin(&bench.issuer, &bench.clock),
        bench.issuer.kid(Alg::Es256),
    );
    let (old, unseen) = (bench.token(), bench.token());
    bench.accepts(&old);
    bench
        .issuer
        .answer_keys_with(renamed(&twin, Alg::Es256, &kid));
    let new = everything(&twin).kid(&*kid).sign();
    let refuses = |token| {
        bench
            .app
            .get("/token", token)
            .invalid("Invalid token signature")
    };

    bench.clock.advance(9 * SECOND);
    refuses(&new);
    assert_eq!(bench.issuer.jwks_requests(), 0, "the set is young");
    bench.clock.advance(SECOND);
    bench.accepts(&new);
    refuses(&old);
    refuses(&unseen);
    bench.accepts(&everything(&twin).kid(&*kid).sign());
    assert_eq!(bench.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_the_one_key_without_kid_is_replaced_too() {
    let bench = Bench::new();
    let nameless = |issuer: &TestIssuer| {
        let kid = issuer.kid(Alg::Es256);
        IssuerFault::Body(issuer.jwks().replace(&format!("\"kid\":\"{kid}\","), ""))
    };
    let twin = TestIssuer::builder()
        .clock(bench.clock.clone())
        .offline(bench.issuer.url());
    let token = |issuer| everything(issuer).without_header("kid").sign();
    let old = token(&bench.issuer);
    bench.accepts(&old);
    bench.issuer.answer_keys_with(nameless(&twin));
    bench.clock.advance(10 * SECOND);
    bench.accepts(&token(&twin));
    bench
        .app
        .get("/token", &old)
        .invalid("Invalid token signature");
    assert_eq!(bench.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_a_kid_that_changes_its_algorithm_is_followed() {
    let bench = Bench::new();
    let (twin, kid) = (
        twin(&bench.issuer, &bench.clock),
        bench.issuer.kid(Alg::Es256),
    );
    bench
        .issuer
        .answer_keys_with(renamed(&twin, Alg::Rs256, &kid));
    let token = everything(&twin).algorithm(Alg::Rs256).kid(&*kid).sign();
    bench
        .app
        .get("/token", &token)
        .invalid("Unsupported algorithm");
    bench.clock.advance(10 * SECOND);
    bench.accepts(&token);
    assert_eq!(bench.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_fifty_forged_signatures_cause_one_fetch_in_a_cooldown() {
    let bench = Bench::new();
    let forge = || {
        for number in 0..50 {
            let forged = everything(&bench.issuer).claim("n", number).tampered();
            bench
                .app
                .get("/token", &forged.sign())
                .invalid("Invalid token signature");
        }
    };
    for fetches in 1..=3 {
        bench.clock.advance(10 * SECOND);
        forge();
        assert_eq!(bench.issuer.jwks_requests(), fetches);
        bench.accepts(&bench.token());
    }
    // A fetch that fails begins a cooldown too.
    bench.issuer.answer_keys_with(IssuerFault::Status(503));
    bench.clock.advance(10 * SECOND);
    forge();
    bench.clock.advance(9 * SECOND);
    forge();
    assert_eq!(bench.issuer.jwks_requests(), 4);

    // At once: with an issuer that hangs, one request waits and the others do not.
    bench.issuer.answer_keys_with(IssuerFault::Hang);
    bench.clock.advance(SECOND);
    let start = Instant::now();
    forge();
    eventually("the fetch is over", || {
        let start = Instant::now();
        forge();
        start.elapsed() < SECOND
    });
    assert!(start.elapsed() < 15 * SECOND, "{:?}", start.elapsed());
    assert_eq!(bench.issuer.jwks_requests(), 5);
}

#[test]
fn row_5_3_replicas_with_different_keys_are_fetched_once_a_second() {
    let ((one, clock), gate) = (issuer(), Gate::start());
    let two = twin(&one, &clock);
    for _ in 0..100 {
        gate.answer(one.jwks());
        gate.answer(two.jwks());
    }
    let config = Config {
        jwks_url: Some(gate.url()),
        ..config(&one)
    };
    let app = launch(config, &clock);
    let token = |issuer: &TestIssuer| {
        everything(issuer)
            .claim("jti", format!("{:?}", Instant::now()))
            .sign()
    };
    let fetches = |seconds: usize| {
        for _ in 0..20 {
            for issuer in [&two, &one] {
                app.get("/token", &token(issuer)).passes("alice");
            }
        }
        assert!(gate.asked() <= 3 + seconds, "{} fetches", gate.asked());
    };
    fetches(0);
    for second in 1..=30 {
        clock.advance(SECOND);
        fetches(second);
    }
}

#[test]
fn row_5_3_rotations_a_second_apart_are_all_followed_at_once() {
    let bench = Bench::new();
    for rotation in 1..=20 {
        bench.clock.advance(SECOND);
        bench.issuer.rotate();
        bench.accepts(&bench.token());
        assert_eq!(bench.issuer.jwks_requests(), rotation);
    }
}

#[test]
fn row_5_3_a_fruitless_refresh_starts_a_cooldown_in_which_nobody_is_asked() {
    let bench = Bench::new();
    let made_up = |kid: &str| everything(&bench.issuer).kid(kid).sign();
    bench.does_not_know_the_key_of(&made_up("a"));
    assert_eq!(bench.issuer.jwks_requests(), 1);
    bench.clock.advance(9 * SECOND);
    for kid in ["a", "b", "", "../../etc", "https://evil.test/keys"] {
        bench.does_not_know_the_key_of(&made_up(kid));
    }
    assert_eq!(bench.issuer.jwks_requests(), 1);
    // Tokens whose key is known are nobody's flood.
    bench.accepts(&bench.token());

    bench.clock.advance(SECOND);
    bench.does_not_know_the_key_of(&made_up("a"));
    assert_eq!(bench.issuer.jwks_requests(), 2);
}

#[test]
fn row_5_3_the_cooldown_is_as_long_as_configured() {
    let bench = Bench::with(|config| config.jwks_cooldown = 60);
    bench.does_not_know_the_key_of(&everything(&bench.issuer).kid("a").sign());
    bench.clock.advance(59 * SECOND);
    bench.does_not_know_the_key_of(&everything(&bench.issuer).kid("b").sign());
    assert_eq!(bench.issuer.jwks_requests(), 1);
    bench.clock.advance(SECOND);
    bench.does_not_know_the_key_of(&everything(&bench.issuer).kid("c").sign());
    assert_eq!(bench.issuer.jwks_requests(), 2);
}

#[test]
fn row_5_3_the_cooldown_counts_from_the_attempt_and_not_from_its_end() {
    let ((issuer, clock), gate) = (issuer(), Gate::start());
    gate.answer(issuer.jwks());
    let app = launch(
        Config {
            jwks_url: Some(gate.url()),
            http_timeout: 60,
            ..config(&issuer)
        },
        &clock,
    );
    assert_eq!(gate.asked(), 1);
    let token = everything(&issuer).kid("made up").sign();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            eventually("the fetch began", || gate.asked() == 2);
            clock.advance(9 * SECOND);
            gate.answer(issuer.jwks());
        });
        app.get("/token", &token).invalid(UNKNOWN);
    });
    app.get("/token", &token).invalid(UNKNOWN);
    assert_eq!(gate.asked(), 2);
    clock.advance(SECOND);
    gate.answer(issuer.jwks());
    app.get("/token", &token).invalid(UNKNOWN);
    assert_eq!(gate.asked(), 3);
}

#[test]
fn row_5_3_a_refresh_that_fails_is_fruitless() {
    let bench = Bench::new();
    let seen = bench.token();
    bench.accepts(&seen);
    bench.issuer.rotate();
    bench.issuer.answer_keys_with(IssuerFault::Status(503));
    let token = bench.token();
    bench.does_not_know_the_key_of(&token);
    assert_eq!(bench.issuer.jwks_requests(), 1);

    bench.issuer.heal();
    bench.does_not_know_the_key_of(&token);
    assert_eq!(bench.issuer.jwks_requests(), 1);
    bench.accepts(&seen);
    bench.clock.advance(10 * SECOND);
    bench.accepts(&token);
    assert_eq!(bench.issuer.jwks_requests(), 2);
}

#[test]
fn row_5_3_a_request_waits_at_most_http_timeout_and_in_the_cooldown_not_at_all() {
    let bench = Bench::with(|config| config.http_timeout = 1);
    bench.issuer.rotate();
    bench.issuer.answer_keys_with(IssuerFault::Hang);
    let token = bench.token();
    let start = Instant::now();
    bench.does_not_know_the_key_of(&token);
    assert!(
        (SECOND / 2..4 * SECOND).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );

    // The fetch itself ends a moment after or before; then the cooldown has begun.
    eventually("the cooldown began", || {
        let start = Instant::now();
        bench.does_not_know_the_key_of(&token);
        start.elapsed() < SECOND / 10
    });
    assert_eq!(bench.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_a_request_that_waits_for_the_set_and_then_for_the_key_waits_no_longer_than_for_one() {
    let (issuer, clock) = issuer();
    let gate = Gate::start();
    let cold = Config {
        jwks_url: Some(gate.url()),
        http_timeout: 4,
        jwks_prefetch: JwksPrefetch::Never,
        ..config(&issuer)
    };
    let app = launch(cold, &clock);
    let token = everything(&issuer).kid("nobody's").sign();
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            eventually("most of the time is over", || {
                gate.asked() == 1 && start.elapsed() > 3 * SECOND
            });
            gate.answer(issuer.jwks());
        });
        app.get("/token", &token).invalid("Unknown signing key");
    });
    assert!(
        (3 * SECOND..6 * SECOND).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(gate.asked(), 2);
}

#[test]
fn row_5_3_a_token_that_is_refused_without_a_key_causes_no_request() {
    let bench = Bench::with(|config| config.algorithms = vec!["ES256".into(), "RS256".into()]);
    let token = || everything(&bench.issuer).kid("unknown");
    let before = asked(&bench.issuer);
    for (token, description) in [
        (
            token().claim("iss", "https://issuer.example.test").sign(),
            "Invalid token issuer",
        ),
        (
            token()
                .claim("iss", format!("{}/", bench.issuer.url()))
                .sign(),
            "Invalid token issuer",
        ),
        (token().without("iss").sign(), "Invalid token issuer"),
        (
            token().header("alg", "ES384").sign(),
            "Unsupported algorithm",
        ),
        (
            token().header("alg", "HS256").sign(),
            "Unsupported algorithm",
        ),
        (token().unsecured().sign(), "Unsupported algorithm"),
        (token().typ("secevent+jwt").sign(), "Invalid token type"),
        (
            token().header("crit", vec!["exp"]).sign(),
            "Malformed token",
        ),
        (token().expired().sign(), "Token has expired"),
        (
            token().audience("https://other.example.test").sign(),
            "Invalid token audience",
        ),
        (token().kid("k".repeat(1025)).sign(), "Malformed token"),
        (token().header("kid", 7).sign(), "Malformed token"),
    ] {
        bench.app.get("/token", &token).invalid(description);
    }
    assert_eq!(asked(&bench.issuer), before);
    // A known key with a wrong signature, or with an algorithm that is not its own, is no unknown key.
    bench
        .app
        .get("/token", &everything(&bench.issuer).tampered().sign())
        .invalid("Invalid token signature");
    bench
        .app
        .get(
            "/token",
            &everything(&bench.issuer).header("alg", "RS256").sign(),
        )
        .invalid("Unsupported algorithm");
    assert_eq!(asked(&bench.issuer), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_5_3_ten_thousand_random_kids_cause_one_fetch_and_a_rotation_is_followed_within_a_cooldown()
 {
    const CLIENTS: usize = 16;
    let (issuer, clock) = issuer();
    let client = launch_async(config(&issuer), &clock).await;
    let issuer = Arc::new(issuer);
    let at_launch: BTreeSet<String> = asked(&issuer).into_iter().collect();
    issuer.forget_requests();
    issuer.rotate();

    let flood = |name: &'static str| {
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let (client, issuer) = (Arc::clone(&client), Arc::clone(&issuer));
            clients.spawn(async move {
                for count in 0..10_000 / CLIENTS {
                    let token = everything(&issuer)
                        .kid(format!("{name}-{number}-{count}"))
                        .sign();
                    assert_eq!(status(&client, &token).await, 401);
                    tokio::task::yield_now().await;
                }
            });
        }
        clients
    };
    flood("first").join_all().await;
    assert_eq!(asked(&issuer), ["GET /.well-known/jwks.json"]);

    // The one fetch brought the key of the rotation along. The next one is made as soon as the cooldown is over,
    // whoever comes first, and serves all.
    issuer.rotate();
    let rotated = everything(&issuer).sign();
    assert_eq!(status(&client, &rotated).await, 401);
    clock.advance(10 * SECOND);
    let clients = flood("second");
    super::eventually_async("the rotation was followed", async || {
        status(&client, &rotated).await == 200
    })
    .await;
    clients.join_all().await;
    // One of the flood's; and if the rotated key itself was first, it brought that and began no cooldown.
    assert!(
        (2..=3).contains(&issuer.jwks_requests()),
        "{}",
        issuer.jwks_requests()
    );

    // The metadata, since the first flood's was in vain; and once more if that of the second was.
    assert!(
        issuer.requests().len() <= 2 * issuer.jwks_requests(),
        "{:?}",
        asked(&issuer)
    );

    // Nothing that a token names is part of a request.
    let requested: BTreeSet<String> = asked(&issuer).into_iter().collect();
    assert!(requested.is_subset(&at_launch), "{requested:?}");
}
