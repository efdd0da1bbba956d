//! 5.8: no keys yet. And 5.4: how long it waits before it tries again.

use std::time::{Duration, Instant};

use axioms_rocket::testing::IssuerFault;
use axioms_rocket::{AxiomsFairing, Config, JwksPrefetch};
use rocket::local::blocking::Client;

use super::{Bench, SECOND, issuer, launch};
use crate::support::{config, everything, rocket, routes};

/// An application that was started while its issuer was down.
fn cold() -> Bench {
    let (issuer, clock) = issuer();
    issuer.down();
    let app = launch(config(&issuer), &clock);
    Bench { issuer, clock, app }
}

#[test]
fn row_5_8_an_issuer_that_is_down_at_launch_is_503_and_its_first_good_fetch_heals_it() {
    let bench = cold();
    let token = bench.token();
    let wait = bench.unavailable(&token);
    assert!((SECOND..=3 * SECOND).contains(&wait), "{wait:?}");

    bench.issuer.up();
    bench.clock.advance(wait);
    bench.accepts(&token);
    bench.accepts(&bench.token());
}

#[test]
fn row_5_8_without_keys_every_guard_of_a_good_token_is_503_and_the_rest_is_as_ever() {
    let bench = cold();
    let token = bench.token();
    for path in ["/token", "/scope", "/role", "/permission", "/someone"] {
        let answer = bench.app.get(path, &token);
        answer.refused(
            503,
            "temporarily_unavailable",
            "Signing keys are temporarily unavailable",
        );
        bench.app.anonymous(path).missing();
    }
    bench.app.anonymous("/public").passes("public");
    bench
        .app
        .get("/states", &token)
        .passes("temporarily_unavailable");
    // What needs no key to be refused is refused.
    let issuer = &bench.issuer;
    bench
        .app
        .get("/token", &everything(issuer).expired().sign())
        .invalid("Token has expired");
    bench
        .app
        .get(
            "/token",
            &everything(issuer).claim("iss", "https://a.test").sign(),
        )
        .invalid("Invalid token issuer");
    bench
        .app
        .get("/token", &everything(issuer).audience("other").sign())
        .invalid("Invalid token audience");
    bench
        .app
        .get("/token", &everything(issuer).unsecured().sign())
        .invalid("Unsupported algorithm");
    bench.app.get("/token", "x").invalid("Malformed token");
}

#[test]
fn row_5_8_without_prefetch_the_first_token_fetches() {
    let bench = Bench::with(|config| config.jwks_prefetch = JwksPrefetch::Never);
    bench.app.anonymous("/token").missing();
    bench.app.anonymous("/public").passes("public");
    assert_eq!(bench.issuer.requests(), []);
    bench.accepts(&bench.token());
    assert_eq!(bench.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_8_an_issuer_that_hangs_holds_up_the_launch_and_a_request_for_http_timeout_each() {
    let (issuer, clock) = issuer();
    issuer.answer_with(IssuerFault::Hang);
    let start = Instant::now();
    let app = launch(
        Config {
            http_timeout: 1,
            ..config(&issuer)
        },
        &clock,
    );
    assert!(
        (SECOND..4 * SECOND).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );
    clock.advance(2 * SECOND);
    let bench = Bench { issuer, clock, app };
    let start = Instant::now();
    bench.unavailable(&bench.token());
    assert!(
        (SECOND / 2..4 * SECOND).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn row_5_8_with_prefetch_required_an_application_without_keys_does_not_start() {
    let (issuer, clock) = issuer();
    let start = || {
        let required = Config {
            jwks_prefetch: JwksPrefetch::Require,
            ..config(&issuer)
        };
        let fairing = AxiomsFairing::from_config(required).with_clock(clock.clone());
        Client::untracked(rocket(fairing).mount("/", routes()))
            .map(drop)
            .map_err(Box::new)
    };
    issuer.down();
    let error = start().expect_err("no keys");
    assert!(
        matches!(error.kind(), rocket::error::ErrorKind::FailedFairings(_)),
        "{error:?}"
    );
    issuer.up();
    start().expect("keys");
}

#[test]
fn row_5_4_retries_back_off_from_one_second_to_sixty_and_retry_after_says_so() {
    let bench = Bench::with(|config| config.jwks_prefetch = JwksPrefetch::Never);
    bench.issuer.answer_keys_with(IssuerFault::Status(500));
    let token = bench.token();
    let waits: Vec<u64> = (1..=9)
        .map(|attempt| {
            let wait = bench.unavailable(&token);
            assert_eq!(bench.issuer.jwks_requests(), attempt);
            // Until it is over nobody is asked, and nobody waits.
            bench.clock.advance(wait - SECOND);
            assert_eq!(bench.unavailable(&token), SECOND);
            assert_eq!(bench.issuer.jwks_requests(), attempt);
            bench.clock.advance(SECOND);
            wait.as_secs()
        })
        .collect();
    // Seconds, give or take a tenth, rounded up.
    let expected = [
        1..=2,
        2..=3,
        4..=5,
        8..=9,
        15..=18,
        29..=36,
        54..=60,
        54..=60,
        54..=60,
    ];
    for (wait, expected) in waits.iter().zip(&expected) {
        assert!(expected.contains(wait), "{waits:?}");
    }

    // A success forgets them all.
    bench.issuer.heal();
    bench.accepts(&token);
    bench.issuer.answer_keys_with(IssuerFault::Status(500));
    bench.clock.advance(Duration::from_secs(7200 + 86_400));
    assert!(bench.unavailable(&bench.token()) <= 2 * SECOND);
}
