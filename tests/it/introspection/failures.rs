//! Questions without an answer: 503, and what the log says about it.

use std::net::TcpListener;
use std::time::Duration;

use axioms_rocket::{AxiomsFairing, Config};
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::serde::json::json;

use super::server::{self, Call, Reply, response, text};
use super::{Fixture, SECOND, TOKEN, active, fixture, fixture_of};
use crate::recorder::{Log, record};
use crate::support::{Answer, rocket, routes};

/// Asserts the answer while the issuer cannot be asked.
#[track_caller]
fn unavailable(answer: &Answer, retry_after: &str) {
    answer.refused(
        503,
        "temporarily_unavailable",
        "Token introspection is temporarily unavailable",
    );
    assert_eq!(
        answer.retry_after.as_deref(),
        Some(retry_after),
        "{answer:?}"
    );
}

/// Sends a request on this thread; returns its status and the log.
fn logged(script: fn(&Call) -> Reply, requests: usize) -> (u16, Log) {
    let Fixture {
        server,
        clock,
        issuer,
        app,
    } = fixture(script, |_| {});
    drop(app);
    let mut config = crate::support::config(&issuer);
    config.introspection = Some(super::introspection(&server));
    let runtime = rocket::tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let fairing = AxiomsFairing::from_config(config)
        .with_keys(issuer.jwks())
        .with_clock(clock);
    let (status, log) = record(|| {
        runtime.block_on(async {
            let rocket = rocket(fairing).mount("/", routes());
            let client = Client::untracked(rocket).await.expect("it starts");
            let mut status = 0;
            for _ in 0..requests {
                let request = client.get("/token");
                let header = Header::new("Authorization", format!("Bearer {TOKEN}"));
                status = request.header(header).dispatch().await.status().code;
            }
            status
        })
    });
    assert!(
        !log.0.contains(TOKEN) && !log.0.contains("2YotnFZFEjr1zCsi"),
        "{}",
        log.0
    );
    assert!(!log.0.contains("hunter2"), "{}", log.0);
    (status, log)
}

#[test]
fn row_7_6_our_own_credentials_are_503_and_the_log_says_what_to_do() {
    for (status, advice) in [
        (
            401,
            "check introspection.client_id, which is \"api\", its secret or key, and `auth`",
        ),
        (403, "allow the client \"api\" to introspect"),
    ] {
        let script = move |_: &Call| response(status, "", r#"{"error":"invalid_client"}"#);
        let fixture = fixture(script, |_| {});
        unavailable(&fixture.app.get("/token", TOKEN), "1");
        unavailable(&fixture.app.get("/token", TOKEN), "1");
        assert_eq!(fixture.calls(), 2, "a failure is not remembered");
        let of = |status| match status {
            401 => logged(|_| response(401, "", ""), 3),
            _ => logged(|_| response(403, "", ""), 3),
        };
        let (answer, log) = of(status);
        assert_eq!(answer, 503);
        let (level, line) = log.line("cannot be introspected");
        assert_eq!(level, "ERROR", "once, for three requests");
        assert!(line.contains(&format!("status {status}")), "{line}");
        assert!(line.contains(advice), "{line}");
    }
    // RFC 6749 §5.2 allows 400 for it.
    let (answer, log) = logged(|_| response(400, "", r#"{"error":"invalid_client"}"#), 1);
    assert_eq!(
        (answer, log.line("cannot be introspected").0),
        (503, "ERROR")
    );
}

#[test]
fn row_7_7_every_failure_is_503_with_retry_after() {
    let large = format!(r#"{{"active":true,"x":"{}"}}"#, "x".repeat(512 * 1024));
    let large = move |_: &Call| text(&large);
    let scripts: Vec<Box<dyn Fn(&Call) -> Reply + Send + Sync>> = vec![
        Box::new(|_| Reply::Close),
        Box::new(|_| response(400, "", r#"{"error":"invalid_request"}"#)),
        Box::new(|_| response(404, "", "")),
        Box::new(|_| response(429, "", "")),
        Box::new(|_| response(500, "", "")),
        Box::new(|_| response(503, "", "")),
        Box::new(|_| response(302, "Location: /elsewhere\r\n", "")),
        Box::new(|_| response(307, "Location: /elsewhere\r\n", "")),
        Box::new(|_| text("")),
        Box::new(|_| text("[]")),
        Box::new(|_| text("true")),
        Box::new(|_| text("<html>")),
        Box::new(|_| text(r#"{"active":true"#)),
        Box::new(|_| text(r#"{"active":true}{}"#)),
        Box::new(|_| text(r#"{"active":true,"active":true}"#)),
        Box::new(|_| text(r#"{"active":true,"sub":"a","sub":"b"}"#)),
        Box::new(|_| text(r#"{"active":true,"cnf":{"jkt":"a","jkt":"b"}}"#)),
        Box::new(|_| text(r#"{"active":true,"exp":1e999}"#)),
        Box::new(|_| response(200, "", b"{\"active\":true,\"sub\":\"\xff\"}")),
        Box::new(|_| response(200, "Content-Encoding: gzip\r\n", "{}")),
        Box::new(large),
    ];
    for (at, script) in scripts.into_iter().enumerate() {
        let fixture = fixture(script, |_| {});
        let answer = fixture.app.get("/token", TOKEN);
        unavailable(&answer, "1");
        assert!(fixture.calls() >= 1, "{at}");
        for call in fixture.server.calls() {
            assert!(
                call.line.starts_with("POST /introspect?v=1 "),
                "{at}: {}",
                call.line
            );
        }
        // The next request asks again, and heals.
        fixture.server.script(|_| server::json(&active()));
        fixture.app.get("/token", TOKEN).passes("alice");
    }
}

#[test]
fn row_7_7_the_server_says_when_to_retry_at_most_in_a_minute() {
    for (header, expected) in [
        ("Retry-After: 7\r\n", "7"),
        ("Retry-After: 60\r\n", "60"),
        ("Retry-After: 86400\r\n", "60"),
        ("Retry-After: 0\r\n", "1"),
        ("Retry-After: -5\r\n", "1"),
        ("Retry-After: Wed, 21 Oct 2030 07:28:00 GMT\r\n", "1"),
        ("", "1"),
    ] {
        let fixture = fixture(move |_| response(429, header, ""), |_| {});
        unavailable(&fixture.app.get("/token", TOKEN), expected);
    }
}

#[test]
fn row_7_7_a_refused_connection_and_a_server_that_hangs() {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    drop(port);
    let refused = fixture(
        |_| Reply::Close,
        |table| table.url = Some(format!("http://{address}/")),
    );
    unavailable(&refused.app.get("/token", TOKEN), "1");

    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let hangs = fixture_of(
        move |_| {
            let _ = held.lock().expect("no other waits").recv();
            Reply::Close
        },
        |config: &mut Config| config.http_timeout = 1,
    );
    let started = std::time::Instant::now();
    unavailable(&hangs.app.get("/token", TOKEN), "1");
    let waited = started.elapsed();
    assert!(waited >= Duration::from_millis(900), "{waited:?}");
    drop(hold);
}

#[test]
fn row_7_7_a_kept_connection_that_the_server_closed_is_opened_again() {
    let fixture = fixture(|_| server::json(&active()), |table| table.cache_ttl = 0);
    for _ in 0..5 {
        fixture.app.get("/token", TOKEN).passes("alice");
    }
    assert_eq!(fixture.server.connections(), 1, "the connection is kept");
    // Asked once more, the server ends the connection without a response.
    let closes = std::sync::atomic::AtomicBool::new(true);
    fixture.server.script(
        move |_| match closes.swap(false, std::sync::atomic::Ordering::SeqCst) {
            true => Reply::Close,
            false => server::json(&active()),
        },
    );
    fixture.app.get("/token", TOKEN).passes("alice");
    assert_eq!(fixture.server.connections(), 2);
}

#[test]
fn row_7_15_an_outage_is_bridged_by_what_is_remembered_and_no_longer() {
    let fixture = fixture(|_| server::json(&active()), |_| {});
    fixture.app.get("/token", TOKEN).passes("alice");
    fixture.server.script(|_| response(500, "", ""));
    fixture.clock.advance(59 * SECOND);
    fixture.app.get("/token", TOKEN).passes("alice");
    unavailable(&fixture.app.get("/token", "another"), "1");
    fixture.clock.advance(SECOND);
    unavailable(&fixture.app.get("/token", TOKEN), "1");
    fixture.server.script(|_| server::json(&active()));
    fixture.app.get("/token", TOKEN).passes("alice");
}

#[test]
fn a_refused_answer_logs_its_facts_and_never_the_token() {
    fn other(_: &Call) -> Reply {
        server::json(&json!({ "active": true, "aud": "https://other.example.test", "x": TOKEN }))
    }
    let (status, log) = logged(other, 1);
    assert_eq!(status, 401);
    let (_, line) = log.line("Invalid token audience");
    assert!(line.contains("https://other.example.test"), "{line}");
}
