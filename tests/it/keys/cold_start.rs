//! 5.8: no keys yet. And 5.4: how long it waits before it tries again.

use std::time::{Duration, Instant};

use axioms_rocket::testing::IssuerFault;
use axioms_rocket::{AxiomsFairing, Config, JwksPrefetch};
use rocket::local::blocking::Client;

use super::{Fixture, SECOND, issuer, launch};
use crate::support::{config, full_token, rocket, routes};

/// An application that was started while its issuer was down.
fn cold() -> Fixture {
    let (issuer, clock) = issuer();
    issuer.down();
    let app = launch(config(&issuer), &clock);
    Fixture { issuer, clock, app }
}

#[test]
fn row_5_8_an_issuer_down_at_launch_is_503_until_its_first_good_fetch() {
    let fixture = cold();
    let token = fixture.token();
    let wait = fixture.unavailable(&token);
    assert!((SECOND..=3 * SECOND).contains(&wait), "{wait:?}");

    fixture.issuer.up();
    fixture.clock.advance(wait);
    fixture.accepts(&token);
    fixture.accepts(&fixture.token());
}

#[test]
fn row_5_8_without_keys_a_good_token_is_503_and_other_answers_stay() {
    let fixture = cold();
    let token = fixture.token();
    for path in ["/token", "/scope", "/role", "/permission", "/someone"] {
        let answer = fixture.app.get(path, &token);
        answer.refused(
            503,
            "temporarily_unavailable",
            "Signing keys are temporarily unavailable",
        );
        fixture.app.anonymous(path).missing();
    }
    fixture.app.anonymous("/public").passes("public");
    fixture
        .app
        .get("/states", &token)
        .passes("temporarily_unavailable");
    // Tokens that are refused without a key still are.
    let issuer = &fixture.issuer;
    fixture
        .app
        .get("/token", &full_token(issuer).expired().sign())
        .invalid("Token has expired");
    fixture
        .app
        .get(
            "/token",
            &full_token(issuer).claim("iss", "https://a.test").sign(),
        )
        .invalid("Invalid token issuer");
    fixture
        .app
        .get("/token", &full_token(issuer).audience("other").sign())
        .invalid("Invalid token audience");
    fixture
        .app
        .get("/token", &full_token(issuer).unsecured().sign())
        .invalid("Unsupported algorithm");
    fixture.app.get("/token", "x").invalid("Malformed token");
}

#[test]
fn row_5_8_without_prefetch_the_first_token_fetches() {
    let fixture = Fixture::with(|config| config.jwks_prefetch = JwksPrefetch::Never);
    fixture.app.anonymous("/token").missing();
    fixture.app.anonymous("/public").passes("public");
    assert_eq!(fixture.issuer.requests(), []);
    fixture.accepts(&fixture.token());
    assert_eq!(fixture.issuer.jwks_requests(), 1);
}

#[test]
fn row_5_8_an_issuer_that_hangs_delays_launch_and_request_by_http_timeout() {
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
    let fixture = Fixture { issuer, clock, app };
    let start = Instant::now();
    fixture.unavailable(&fixture.token());
    assert!(
        (SECOND / 2..4 * SECOND).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn row_5_8_with_required_prefetch_no_application_starts_without_keys() {
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
fn row_5_4_retries_back_off_from_1_to_60_s_and_retry_after_says_so() {
    let fixture = Fixture::with(|config| config.jwks_prefetch = JwksPrefetch::Never);
    fixture.issuer.answer_keys_with(IssuerFault::Status(500));
    let token = fixture.token();
    let waits: Vec<u64> = (1..=9)
        .map(|attempt| {
            let wait = fixture.unavailable(&token);
            assert_eq!(fixture.issuer.jwks_requests(), attempt);
            // Until it is over there is no fetch, and no request waits.
            fixture.clock.advance(wait - SECOND);
            assert_eq!(fixture.unavailable(&token), SECOND);
            assert_eq!(fixture.issuer.jwks_requests(), attempt);
            fixture.clock.advance(SECOND);
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
    fixture.issuer.heal();
    fixture.accepts(&token);
    fixture.issuer.answer_keys_with(IssuerFault::Status(500));
    fixture.clock.advance(Duration::from_secs(7200 + 86_400));
    assert!(fixture.unavailable(&fixture.token()) <= 2 * SECOND);
}
