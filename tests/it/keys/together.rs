//! Several guards of one request while its keys are still fetched.

use std::future::Future;

use axioms_rocket::testing::IssuerFault;
use axioms_rocket::{AuthError, AxiomsFairing, Config, JwksPrefetch, Roles, Scopes, ValidToken};
use rocket::futures::FutureExt;
use rocket::futures::future::join;
use rocket::http::Status;
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{get, routes};

use super::{Fixture, config, issuer, rocket};
use crate::recorder::record;
use crate::support::{App, Editor, Profile, full_token};

const UNAVAILABLE: &str = "Signing keys are temporarily unavailable";

/// Two guards at once.
struct AtOnce;

/// Runs after one that was never polled, and one that was polled once and given up.
struct Afresh;

/// A guard that was begun first and is waited for last.
struct Late;

/// The value of the application's own guard.
type Answer<T> = Outcome<T, AuthError>;

/// Polls `guard` once, which begins the fetch, and drops it.
fn give_up<T>(guard: impl Future<Output = Answer<T>>) {
    // Seldom the keys are so quick that it is ready.
    drop(guard.now_or_never());
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for AtOnce {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Answer<Self> {
        let guards = (
            request.guard::<ValidToken>(),
            request.guard::<Scopes<Profile>>(),
        );
        let (token, scopes) = join(guards.0, guards.1).await;
        try_outcome!(token);
        try_outcome!(scopes);
        // The keys are here: it is ready.
        request
            .guard::<ValidToken>()
            .now_or_never()
            .expect("it is known")
            .map(|_| AtOnce)
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Afresh {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Answer<Self> {
        drop(request.guard::<ValidToken>());
        give_up(request.guard::<Scopes<Profile>>());
        try_outcome!(request.guard::<Scopes<Profile>>().await);
        request.guard::<ValidToken>().await.map(|_| Afresh)
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Late {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Answer<Self> {
        let late = request.guard::<Roles<Editor>>();
        try_outcome!(request.guard::<ValidToken>().await);
        late.await.map(|_| Late)
    }
}

#[get("/at-once")]
fn at_once(_guard: AtOnce) -> &'static str {
    "at once"
}

#[get("/afresh")]
fn afresh(_guard: Afresh) -> &'static str {
    "afresh"
}

#[get("/late")]
fn late(_guard: Late) -> &'static str {
    "late"
}

#[get("/swallowed")]
fn swallowed(
    token: Option<ValidToken>,
    scopes: Result<Scopes<Profile>, AuthError>,
) -> (Status, String) {
    (
        Status::Accepted,
        format!("{} {}", token.is_some(), scopes.is_ok()),
    )
}

/// An application that has not yet asked for keys.
fn cold() -> Fixture {
    let (issuer, clock) = issuer();
    let config = Config {
        jwks_prefetch: JwksPrefetch::Never,
        ..config(&issuer)
    };
    let fairing = AxiomsFairing::from_config(config).with_clock(clock.clone());
    let app = App::launch(rocket(fairing).mount("/", routes![at_once, afresh, late, swallowed]));
    Fixture { issuer, clock, app }
}

#[test]
fn guards_that_wait_for_the_same_keys_pass_together() {
    for (path, body) in [
        ("/at-once", "at once"),
        ("/afresh", "afresh"),
        ("/late", "late"),
    ] {
        let fixture = cold();
        fixture.app.get(path, &fixture.token()).passes(body);
        assert_eq!(fixture.issuer.jwks_requests(), 1, "{path}");
    }
}

#[test]
fn guards_that_wait_for_the_same_keys_are_refused_together() {
    for path in ["/at-once", "/afresh", "/late"] {
        let fixture = cold();
        fixture.issuer.answer_keys_with(IssuerFault::Status(500));
        fixture.app.get(path, &fixture.token()).refused(
            503,
            "temporarily_unavailable",
            UNAVAILABLE,
        );
    }
}

#[test]
fn a_policy_is_asked_when_the_keys_have_come() {
    let fixture = cold();
    let (answer, log) = record(|| {
        fixture.app.get(
            "/late",
            &full_token(&fixture.issuer).without("roles").sign(),
        )
    });
    answer.insufficient();
    assert_eq!(
        format!("{log:?}").matches("refused with 403").count(),
        1,
        "{log:?}"
    );
}

#[test]
fn a_late_refusal_is_shared_and_not_logged_if_the_route_answers() {
    let fixture = cold();
    fixture.issuer.answer_keys_with(IssuerFault::Status(500));
    let (answer, log) = record(|| fixture.app.get("/swallowed", &fixture.token()));
    assert_eq!((answer.status, answer.body.as_str()), (202, "false false"));
    assert_eq!(fixture.issuer.jwks_requests(), 1);
    assert_eq!(log.lines("refus"), [""; 0]);
}
