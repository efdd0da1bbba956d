//! Captures the lines that any crate logs through `log`, at every level, as Rocket, reqwest and
//! rustls do. Lines that go through `tracing` are captured by `recorder`.
//!
//! Rocket prints requests as they arrive, before any guard runs (SECURITY.md). Those lines are
//! exempt, and no others.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AxiomsFairing, Config};
use log::Level;

use crate::harness::{LAUNCHES, run};
use crate::recorder::Recorder;
use crate::support::{AUDIENCE, config, full_token, offline, rocket, routes};
use crate::transport::{Server, ask};

/// A line of Rocket's that holds what a client sent, whatever a guard does.
struct Exemption {
    level: Level,
    /// Its target, and the module that writes it.
    module: &'static str,
    begins: &'static str,
    ends: &'static str,
}

const EXEMPTIONS: [Exemption; 2] = [
    // The request whole, with its headers: Rocket's level `debug`, of which the launch warns.
    Exemption {
        level: Level::Debug,
        module: "rocket::server",
        begins: "received request: Request {\n    method: ",
        ends: "\n}",
    },
    // The requested URI: a token in it is already published, and is not read from there.
    Exemption {
        level: Level::Info,
        module: "rocket::server",
        begins: "GET /token?access_token=",
        ends: ":",
    },
];

thread_local! {
    /// The rows that held, and what Rocket wrote.
    static ASIDE: RefCell<Vec<(usize, String)>> = const { RefCell::new(Vec::new()) };
}

/// Writes each later line of `log` into the record of its thread, as `LOG LEVEL target: message`.
pub fn capture_all_crates() {
    static LOGGER: Once = Once::new();
    LOGGER.call_once(|| {
        log::set_logger(&LogCapture).expect("the only logger of the tests");
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// The exempt lines on this thread since the last call.
fn put_aside() -> Vec<(usize, String)> {
    ASIDE.take()
}

struct LogCapture;

impl log::Log for LogCapture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let message = record.args().to_string();
        match EXEMPTIONS
            .iter()
            .position(|exemption| exemption.holds(record, &message))
        {
            Some(row) => ASIDE.with_borrow_mut(|aside| aside.push((row, message))),
            None => drop(writeln!(
                Recorder,
                "LOG {} {}: {message}",
                record.level(),
                record.target()
            )),
        }
    }

    fn flush(&self) {}
}

impl Exemption {
    fn holds(&self, record: &log::Record<'_>, message: &str) -> bool {
        (record.level(), record.target(), record.module_path())
            == (self.level, self.module, Some(self.module))
            && message.starts_with(self.begins)
            && message.ends_with(self.ends)
    }
}

#[test]
fn what_is_put_aside_is_written_by_rocket_word_for_word() {
    assert!(
        EXEMPTIONS
            .iter()
            .all(|exemption| exemption.module.starts_with("rocket::"))
    );
    run(async |run| {
        let issuer = offline();
        let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
        let server = Server::start(rocket(fairing).mount("/", routes())).await;
        let token = full_token(&issuer).sign();
        run.secret(&token);
        let _alone = LAUNCHES.write().await;
        put_aside();
        let asked = format!("GET /token?access_token={token}");
        ask(
            run,
            server.port,
            &asked,
            &format!("Authorization: Bearer {token}|"),
        )
        .await
        .passes("a good token");
        server.end().await;
        // Each row once: one that Rocket no longer writes like this is to be changed or to go.
        let (uri, body) = (&asked["GET ".len()..], "Body(\n        Empty,\n    )");
        let headers = [
            ("host", "localhost"),
            ("connection", "close"),
            ("authorization", &format!("Bearer {token}")),
        ];
        let headers: String = headers
            .iter()
            .map(|header| format!("        {:?}: {:?},\n", header.0, header.1))
            .collect();
        let request = format!(
            "received request: Request {{\n    method: GET,\n    uri: {uri},\n    version: \
             HTTP/1.1,\n    headers: {{\n{headers}    }},\n    body: {body},\n}}"
        );
        assert_eq!(put_aside(), [(0, request), (1, format!("{asked}:"))]);
    });
}

#[test]
#[should_panic(expected = "eyJhbGciOiJFUzI1NiJ9")]
fn the_words_of_rocket_in_another_mouth_are_searched() {
    run(async |run| {
        run.secret("eyJhbGciOiJFUzI1NiJ9.e30.AAAA");
        // Not the macro: it is silent while another test's launch makes its route report.
        log::logger().log(
            &log::Record::builder()
                .level(Level::Debug)
                .target("rocket::server")
                .module_path(Some(module_path!()))
                .args(format_args!(
                    "received request: Request {{\n    method: eyJhbGciOiJFUzI1NiJ9\n}}"
                ))
                .build(),
        );
    });
}

#[test]
fn every_crate_is_heard_down_to_the_last_level() {
    let log = run(async |run| {
        let issuer = TestIssuer::builder().audience(AUDIENCE).https().start();
        let config = Config {
            http_ca_bundle: Some(issuer.ca_file().to_owned()),
            ..config(&issuer)
        };
        let server =
            Server::start(rocket(AxiomsFairing::from_config(config)).mount("/", routes())).await;
        let _alone = LAUNCHES.write().await;
        let token = full_token(&issuer).sign();
        run.secret(&token);
        let bearer = format!("Authorization: Bearer {token}|");
        ask(run, server.port, "GET /token", &bearer)
            .await
            .passes("a good token");
        server.end().await;
    });
    // hyper itself says nothing in a build without its unstable tracing.
    for (line, whose) in [
        ("DEBUG axioms_rocket::fairing: ", "ours"),
        (
            "LOG DEBUG rocket::server: sending response: ",
            "what Rocket says in its level `debug` alone",
        ),
        ("LOG TRACE reqwest::", "of the fetch of the keys"),
        ("TRACE hyper_util::client::", "of the same"),
        ("LOG TRACE rustls::client::", "of its TLS"),
    ] {
        assert!(
            log.0.lines().any(|heard| heard.starts_with(line)),
            "{line}: {whose}"
        );
    }
}
