//! Chapter 5 of docs/behaviour.md: keys over time. The fairing fetches them over HTTP, as in
//! production; the clock is moved by hand.

mod cold_start;
mod failures;
mod file;
mod flights;
mod held_jwks_server;
mod issuers;
mod location;
mod rotation;
mod together;
mod unknown_kid;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AxiomsFairing, Clock, Config};
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket};

use crate::support::{App, config, full_token, rocket, routes};

const SECOND: Duration = Duration::from_secs(1);
const UNKNOWN: &str = "Unknown signing key";

/// Longer than any refresh interval of the default 3600 s can become by chance.
const INTERVAL: Duration = Duration::from_secs(3961);

/// An issuer on the network, an application that trusts it, and the clock of both.
struct Fixture {
    issuer: TestIssuer,
    clock: Clock,
    app: App,
}

impl Fixture {
    fn new() -> Fixture {
        Fixture::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Config)) -> Fixture {
        let (issuer, clock) = issuer();
        let mut config = config(&issuer);
        change(&mut config);
        let app = launch(config, &clock);
        issuer.forget_requests();
        Fixture { issuer, clock, app }
    }

    /// A new token.
    fn token(&self) -> String {
        full_token(&self.issuer).expires_in(1000 * INTERVAL).sign()
    }

    #[track_caller]
    fn accepts(&self, token: &str) {
        self.app.get("/token", token).passes("alice");
    }

    #[track_caller]
    fn does_not_know_the_key_of(&self, token: &str) {
        self.app.get("/token", token).invalid(UNKNOWN);
    }

    /// Asserts the answer without keys; returns its `Retry-After`.
    #[track_caller]
    fn unavailable(&self, token: &str) -> Duration {
        let answer = self.app.get("/token", token);
        answer.refused(
            503,
            "temporarily_unavailable",
            "Signing keys are temporarily unavailable",
        );
        let seconds = answer
            .retry_after
            .as_deref()
            .and_then(|text| text.parse().ok());
        Duration::from_secs(seconds.unwrap_or_else(|| panic!("no Retry-After: {answer:?}")))
    }
}

fn issuer() -> (TestIssuer, Clock) {
    let clock = Clock::manual(SystemTime::now());
    (TestIssuer::builder().clock(clock.clone()).start(), clock)
}

fn application(config: Config, clock: &Clock) -> Rocket<Build> {
    rocket(AxiomsFairing::from_config(config).with_clock(clock.clone())).mount("/", routes())
}

fn launch(config: Config, clock: &Clock) -> App {
    App::launch(application(config, clock))
}

/// For many requests at the same time.
async fn launch_async(config: Config, clock: &Clock) -> Arc<Client> {
    Arc::new(
        Client::untracked(application(config, clock))
            .await
            .expect("the application starts"),
    )
}

async fn status(client: &Client, token: &str) -> u16 {
    let authorization = Header::new("Authorization", format!("Bearer {token}"));
    client
        .get("/token")
        .header(authorization)
        .dispatch()
        .await
        .status()
        .code
}

/// `METHOD target` of everything that was asked of `issuer`.
fn asked(issuer: &TestIssuer) -> Vec<String> {
    issuer.requests().iter().map(ToString::to_string).collect()
}

/// Waits for what a background task does, as long as a slow machine may need.
#[track_caller]
fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < 20 * SECOND, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

async fn eventually_async<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < 20 * SECOND, "never: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
