//! Chapter 7 of docs/behaviour.md: opaque tokens, checked by asking their issuer (RFC 7662).

mod answers;
mod authentication;
mod calls;
mod failures;
mod jwts;
mod kit;
mod server;
mod signed;

use std::time::{Duration, UNIX_EPOCH};

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{AxiomsFairing, Clock, Config, IntrospectionConfig, Secret};
use rocket::serde::json::{Value, json};
use rocket::{Build, Rocket};

use crate::support::{AUDIENCE, App, ISSUER, config, rocket, routes};
use server::Server;

const NOW: u64 = 1_900_000_000;
const SECOND: Duration = Duration::from_secs(1);

/// An opaque token, which no line of the log holds.
const TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA-opaque";

/// An application, the server that it asks, and their time.
struct Fixture {
    server: Server,
    clock: Clock,
    issuer: TestIssuer,
    app: App,
}

/// The answer about a token of `alice` for this API.
fn active() -> Value {
    json!({ "active": true, "sub": "alice", "aud": AUDIENCE, "exp": NOW + 3600 })
}

/// That answer with other members.
fn active_with(members: Value) -> Value {
    let mut answer = active();
    for (name, value) in members.as_object().expect("an object") {
        answer[name] = value.clone();
    }
    answer
}

fn introspection(server: &Server) -> IntrospectionConfig {
    IntrospectionConfig {
        url: Some(server.url.clone()),
        client_id: Some("api".into()),
        client_secret: Some(Secret::new("hunter2")),
        ..IntrospectionConfig::default()
    }
}

fn clock() -> Clock {
    Clock::manual(UNIX_EPOCH + Duration::from_secs(NOW))
}

fn issuer(clock: &Clock) -> TestIssuer {
    let builder = TestIssuer::builder()
        .audience(AUDIENCE)
        .clock(clock.clone());
    builder.algorithms([Alg::Es256]).offline(ISSUER)
}

fn application(issuer: &TestIssuer, clock: &Clock, config: Config) -> Rocket<Build> {
    // In a bundle of SPIFFE each key says for what it is.
    let usage = match config.trust_domain {
        Some(_) => r#""use":"jwt-svid""#,
        None => r#""use":"sig""#,
    };
    let fairing = AxiomsFairing::from_config(config)
        .with_keys(issuer.jwks().replace(r#""use":"sig""#, usage))
        .with_clock(clock.clone());
    rocket(fairing).mount("/", routes())
}

/// An application that asks a server which answers `answer`.
fn answered(answer: Value) -> Fixture {
    fixture(move |_| server::json(&answer), |_| {})
}

fn fixture(
    script: impl Fn(&server::Call) -> server::Reply + Send + Sync + 'static,
    change: impl FnOnce(&mut IntrospectionConfig),
) -> Fixture {
    fixture_of(script, |config| {
        change(config.introspection.as_mut().expect("it is set"));
    })
}

fn fixture_of(
    script: impl Fn(&server::Call) -> server::Reply + Send + Sync + 'static,
    change: impl FnOnce(&mut Config),
) -> Fixture {
    let (server, clock) = (Server::start(script), clock());
    let issuer = issuer(&clock);
    let mut config = config(&issuer);
    config.introspection = Some(introspection(&server));
    change(&mut config);
    let app = App::launch(application(&issuer, &clock, config));
    Fixture {
        server,
        clock,
        issuer,
        app,
    }
}

impl Fixture {
    fn calls(&self) -> usize {
        self.server.calls().len()
    }
}
