//! 5.3: a token names a key that is not in the set.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer};
use axioms_rocket::{Clock, Config, JwksPrefetch};
use tokio::task::JoinSet;

use super::held_jwks_server::HeldJwksServer;
use super::{Fixture, SECOND, UNKNOWN, asked, eventually, issuer, launch, launch_async, status};
use crate::support::{config, full_token};

#[test]
fn row_5_3_the_request_waits_for_one_refresh_and_is_accepted() {
    let fixture = Fixture::new();
    fixture.issuer.rotate();
    fixture.accepts(&fixture.token());
    assert_eq!(fixture.issuer.jwks_requests(), 1);
    fixture.accepts(&fixture.token());
    assert_eq!(fixture.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_without_kid_a_key_that_fits_is_looked_for_too() {
    let fixture = Fixture::new();
    let token = full_token(&fixture.issuer)
        .algorithm(Alg::EdDsa)
        .without_header("kid");
    fixture.accepts(&token.sign());
    assert_eq!(fixture.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_without_kid_a_smaller_set_is_looked_for_if_too_many_fit() {
    let (issuer, clock) = issuer();
    let one = issuer.jwks();
    for _ in 0..4 {
        issuer.publish();
    }
    let app = launch(config(&issuer), &clock);
    issuer.forget_requests();
    let token = |number: usize| {
        let token = full_token(&issuer).claim("n", number);
        token.without_header("kid").sign()
    };
    let refuses = || {
        for number in 0..50 {
            app.get("/token", &token(number)).invalid(UNKNOWN);
        }
    };
    refuses();
    assert_eq!(issuer.jwks_requests(), 0, "the set is young");
    clock.advance(10 * SECOND);
    refuses();
    assert_eq!(issuer.jwks_requests(), 1, "one in a cooldown");
    issuer.answer_keys_with(IssuerFault::Body(one));
    clock.advance(10 * SECOND);
    for number in 0..50 {
        app.get("/token", &token(number)).passes("alice");
    }
    assert_eq!(issuer.jwks_requests(), 2);
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
    let fixture = Fixture::new();
    let (twin, kid) = (
        twin(&fixture.issuer, &fixture.clock),
        fixture.issuer.kid(Alg::Es256),
    );
    let (old, unseen) = (fixture.token(), fixture.token());
    fixture.accepts(&old);
    fixture
        .issuer
        .answer_keys_with(renamed(&twin, Alg::Es256, &kid));
    let new = full_token(&twin).kid(&*kid).sign();
    let refuses = |token| {
        fixture
            .app
            .get("/token", token)
            .invalid("Invalid token signature")
    };

    fixture.clock.advance(9 * SECOND);
    refuses(&new);
    assert_eq!(fixture.issuer.jwks_requests(), 0, "the set is young");
    fixture.clock.advance(SECOND);
    fixture.accepts(&new);
    refuses(&old);
    refuses(&unseen);
    fixture.accepts(&full_token(&twin).kid(&*kid).sign());
    assert_eq!(fixture.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_the_one_key_without_kid_is_replaced_too() {
    let fixture = Fixture::new();
    let nameless = |issuer: &TestIssuer| {
        let kid = issuer.kid(Alg::Es256);
        IssuerFault::Body(issuer.jwks().replace(&format!("\"kid\":\"{kid}\","), ""))
    };
    let twin = TestIssuer::builder()
        .clock(fixture.clock.clone())
        .offline(fixture.issuer.url());
    let token = |issuer| full_token(issuer).without_header("kid").sign();
    let old = token(&fixture.issuer);
    fixture.accepts(&old);
    fixture.issuer.answer_keys_with(nameless(&twin));
    fixture.clock.advance(10 * SECOND);
    fixture.accepts(&token(&twin));
    fixture
        .app
        .get("/token", &old)
        .invalid("Invalid token signature");
    assert_eq!(fixture.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_a_kid_that_changes_its_algorithm_is_followed() {
    let fixture = Fixture::new();
    let (twin, kid) = (
        twin(&fixture.issuer, &fixture.clock),
        fixture.issuer.kid(Alg::Es256),
    );
    fixture
        .issuer
        .answer_keys_with(renamed(&twin, Alg::Rs256, &kid));
    let token = full_token(&twin).algorithm(Alg::Rs256).kid(&*kid).sign();
    fixture
        .app
        .get("/token", &token)
        .invalid("Unsupported algorithm");
    fixture.clock.advance(10 * SECOND);
    fixture.accepts(&token);
    assert_eq!(fixture.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_fifty_forged_signatures_cause_one_fetch_in_a_cooldown() {
    let fixture = Fixture::new();
    let forge = || {
        for number in 0..50 {
            let forged = full_token(&fixture.issuer).claim("n", number).tampered();
            fixture
                .app
                .get("/token", &forged.sign())
                .invalid("Invalid token signature");
        }
    };
    for fetches in 1..=3 {
        fixture.clock.advance(10 * SECOND);
        forge();
        assert_eq!(fixture.issuer.jwks_requests(), fetches);
        fixture.accepts(&fixture.token());
    }
    // A fetch that fails begins a cooldown too.
    fixture.issuer.answer_keys_with(IssuerFault::Status(503));
    fixture.clock.advance(10 * SECOND);
    forge();
    fixture.clock.advance(9 * SECOND);
    forge();
    assert_eq!(fixture.issuer.jwks_requests(), 4);

    // At once: with an issuer that hangs, one request waits and the others do not.
    fixture.issuer.answer_keys_with(IssuerFault::Hang);
    fixture.clock.advance(SECOND);
    let start = Instant::now();
    forge();
    eventually("the fetch is over", || {
        let start = Instant::now();
        forge();
        start.elapsed() < SECOND
    });
    assert!(start.elapsed() < 15 * SECOND, "{:?}", start.elapsed());
    assert_eq!(fixture.issuer.jwks_requests(), 5);
}

#[test]
fn row_5_3_replicas_with_different_keys_are_fetched_once_a_second() {
    let ((one, clock), server) = (issuer(), HeldJwksServer::start());
    let two = twin(&one, &clock);
    for _ in 0..100 {
        server.answer(one.jwks());
        server.answer(two.jwks());
    }
    let config = Config {
        jwks_url: Some(server.url()),
        ..config(&one)
    };
    let app = launch(config, &clock);
    let token = |issuer: &TestIssuer| {
        full_token(issuer)
            .claim("jti", format!("{:?}", Instant::now()))
            .sign()
    };
    let fetches = |seconds: usize| {
        for _ in 0..20 {
            for issuer in [&two, &one] {
                app.get("/token", &token(issuer)).passes("alice");
            }
        }
        assert!(server.asked() <= 3 + seconds, "{} fetches", server.asked());
    };
    fetches(0);
    for second in 1..=30 {
        clock.advance(SECOND);
        fetches(second);
    }
}

#[test]
fn row_5_3_rotations_a_second_apart_are_all_followed_at_once() {
    let fixture = Fixture::new();
    for rotation in 1..=20 {
        fixture.clock.advance(SECOND);
        fixture.issuer.rotate();
        fixture.accepts(&fixture.token());
        assert_eq!(fixture.issuer.jwks_requests(), rotation);
    }
}

#[test]
fn row_5_3_a_fruitless_refresh_starts_a_cooldown_without_fetches() {
    let fixture = Fixture::new();
    let made_up = |kid: &str| full_token(&fixture.issuer).kid(kid).sign();
    fixture.does_not_know_the_key_of(&made_up("a"));
    assert_eq!(fixture.issuer.jwks_requests(), 1);
    fixture.clock.advance(9 * SECOND);
    for kid in ["a", "b", "", "../../etc", "https://evil.test/keys"] {
        fixture.does_not_know_the_key_of(&made_up(kid));
    }
    assert_eq!(fixture.issuer.jwks_requests(), 1);
    // Tokens whose key is known cause no fetch.
    fixture.accepts(&fixture.token());

    fixture.clock.advance(SECOND);
    fixture.does_not_know_the_key_of(&made_up("a"));
    assert_eq!(fixture.issuer.jwks_requests(), 2);
}

#[test]
fn row_5_3_the_cooldown_is_as_long_as_configured() {
    let fixture = Fixture::with(|config| config.jwks_cooldown = 60);
    fixture.does_not_know_the_key_of(&full_token(&fixture.issuer).kid("a").sign());
    fixture.clock.advance(59 * SECOND);
    fixture.does_not_know_the_key_of(&full_token(&fixture.issuer).kid("b").sign());
    assert_eq!(fixture.issuer.jwks_requests(), 1);
    fixture.clock.advance(SECOND);
    fixture.does_not_know_the_key_of(&full_token(&fixture.issuer).kid("c").sign());
    assert_eq!(fixture.issuer.jwks_requests(), 2);
}

#[test]
fn row_5_3_the_cooldown_counts_from_the_attempt_and_not_from_its_end() {
    let ((issuer, clock), server) = (issuer(), HeldJwksServer::start());
    server.answer(issuer.jwks());
    let app = launch(
        Config {
            jwks_url: Some(server.url()),
            http_timeout: 60,
            ..config(&issuer)
        },
        &clock,
    );
    assert_eq!(server.asked(), 1);
    let token = full_token(&issuer).kid("made up").sign();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            eventually("the fetch began", || server.asked() == 2);
            clock.advance(9 * SECOND);
            server.answer(issuer.jwks());
        });
        app.get("/token", &token).invalid(UNKNOWN);
    });
    app.get("/token", &token).invalid(UNKNOWN);
    assert_eq!(server.asked(), 2);
    clock.advance(SECOND);
    server.answer(issuer.jwks());
    app.get("/token", &token).invalid(UNKNOWN);
    assert_eq!(server.asked(), 3);
}

#[test]
fn row_5_3_a_refresh_that_fails_is_fruitless() {
    let fixture = Fixture::new();
    let seen = fixture.token();
    fixture.accepts(&seen);
    fixture.issuer.rotate();
    fixture.issuer.answer_keys_with(IssuerFault::Status(503));
    let token = fixture.token();
    fixture.does_not_know_the_key_of(&token);
    assert_eq!(fixture.issuer.jwks_requests(), 1);

    fixture.issuer.heal();
    fixture.does_not_know_the_key_of(&token);
    assert_eq!(fixture.issuer.jwks_requests(), 1);
    fixture.accepts(&seen);
    fixture.clock.advance(10 * SECOND);
    fixture.accepts(&token);
    assert_eq!(fixture.issuer.jwks_requests(), 2);
}

#[test]
fn row_5_3_a_request_waits_http_timeout_at_most_and_not_in_the_cooldown() {
    let fixture = Fixture::with(|config| config.http_timeout = 1);
    fixture.issuer.rotate();
    fixture.issuer.answer_keys_with(IssuerFault::Hang);
    let token = fixture.token();
    let start = Instant::now();
    fixture.does_not_know_the_key_of(&token);
    assert!(
        (SECOND / 2..4 * SECOND).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );

    // The fetch itself ends a moment after or before; then the cooldown has begun.
    eventually("the cooldown began", || {
        let start = Instant::now();
        fixture.does_not_know_the_key_of(&token);
        start.elapsed() < SECOND / 10
    });
    assert_eq!(fixture.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_3_waiting_for_the_set_and_then_the_key_takes_one_timeout() {
    let (issuer, clock) = issuer();
    let server = HeldJwksServer::start();
    let cold = Config {
        jwks_url: Some(server.url()),
        http_timeout: 4,
        jwks_prefetch: JwksPrefetch::Never,
        ..config(&issuer)
    };
    let app = launch(cold, &clock);
    let token = full_token(&issuer).kid("unknown").sign();
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            eventually("most of the time is over", || {
                server.asked() == 1 && start.elapsed() > 3 * SECOND
            });
            server.answer(issuer.jwks());
        });
        app.get("/token", &token).invalid("Unknown signing key");
    });
    assert!(
        (3 * SECOND..6 * SECOND).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(server.asked(), 2);
}

#[test]
fn row_5_3_a_token_that_is_refused_without_a_key_causes_no_request() {
    let fixture = Fixture::with(|config| config.algorithms = vec!["ES256".into(), "RS256".into()]);
    let token = || full_token(&fixture.issuer).kid("unknown");
    let before = asked(&fixture.issuer);
    for (token, description) in [
        (
            token().claim("iss", "https://issuer.example.test").sign(),
            "Invalid token issuer",
        ),
        (
            token()
                .claim("iss", format!("{}/", fixture.issuer.url()))
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
        fixture.app.get("/token", &token).invalid(description);
    }
    assert_eq!(asked(&fixture.issuer), before);
    // A known key with a wrong signature, or with an algorithm that is not its own, is no unknown
    // key.
    fixture
        .app
        .get("/token", &full_token(&fixture.issuer).tampered().sign())
        .invalid("Invalid token signature");
    fixture
        .app
        .get(
            "/token",
            &full_token(&fixture.issuer).header("alg", "RS256").sign(),
        )
        .invalid("Unsupported algorithm");
    assert_eq!(asked(&fixture.issuer), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_5_3_ten_thousand_random_kids_cause_one_fetch() {
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
                    let token = full_token(&issuer)
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

    // The one fetch brought the key of the rotation along. The next one is made as soon as the
    // cooldown is over, by the first request, and serves all.
    issuer.rotate();
    let rotated = full_token(&issuer).sign();
    assert_eq!(status(&client, &rotated).await, 401);
    clock.advance(10 * SECOND);
    let clients = flood("second");
    super::eventually_async("the rotation was followed", async || {
        status(&client, &rotated).await == 200
    })
    .await;
    clients.join_all().await;
    // One of the flood's; and if the rotated key itself was first, it brought that and began no
    // cooldown.
    assert!(
        (2..=3).contains(&issuer.jwks_requests()),
        "{}",
        issuer.jwks_requests()
    );

    // The metadata, since the first flood's was fruitless; and once more if that of the second was.
    assert!(
        issuer.requests().len() <= 2 * issuer.jwks_requests(),
        "{:?}",
        asked(&issuer)
    );

    // Nothing that a token names is part of a request.
    let requested: BTreeSet<String> = asked(&issuer).into_iter().collect();
    assert!(requested.is_subset(&at_launch), "{requested:?}");
}
