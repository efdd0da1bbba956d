//! Health routes and the status: over HTTP, from this machine and from elsewhere.

use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use axioms_rocket::testing::{IssuerFault, TestIssuer};
use axioms_rocket::{
    Axioms, AxiomsFairing, AxiomsStatus, Clock, Config, IssuerConfig, JwksPrefetch, Public, Reason,
    Roles, ValidToken, health, protect,
};
use rocket::config::LogLevel;
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::http::uri::{Authority, Host};
use rocket::local::asynchronous::Client;
use rocket::serde::json::{Value, from_str, json, to_value};
use rocket::tokio::io::{AsyncReadExt, AsyncWriteExt};
use rocket::tokio::net::TcpStream;
use rocket::{Build, Rocket, Route, get};

use crate::recorder::launch;
use crate::server::{Server, header, status};
use crate::support::{App, Editor, config, full_token, offline, online_app, rocket, routes};

const LIVE: &str = r#"{"status":"live"}"#;
const READY: &str = r#"{"status":"ready"}"#;
const NOT_READY: &str = r#"{"status":"not ready"}"#;

fn with_health(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket
        .mount("/health", health::routes())
        .mount("/", routes())
}

fn given(issuer: &TestIssuer) -> AxiomsFairing {
    AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks())
}

fn status_of(app: &App) -> AxiomsStatus {
    app.0.rocket().state::<Axioms>().expect("managed").status()
}

async fn get(client: &Client, path: &'static str) -> (u16, String) {
    let response = client.get(path).dispatch().await;
    (
        response.status().code,
        response.into_string().await.unwrap_or_default(),
    )
}

#[rocket::async_test]
async fn row_16_1_live_is_200_and_ready_follows_the_keys() {
    let issuer = TestIssuer::start();
    issuer.answer_keys_with(IssuerFault::Status(500));
    let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_clock(clock.clone());
    let client = Client::untracked(with_health(rocket(fairing)))
        .await
        .unwrap();
    assert_eq!(get(&client, "/health/live").await, (200, LIVE.into()));
    assert_eq!(get(&client, "/health/ready").await, (503, NOT_READY.into()));
    let axioms = client.rocket().state::<Axioms>().unwrap();
    let down = axioms.status();
    assert!(!down.is_ready() && !down.issuers()[0].is_ready());
    assert!(
        down.issuers()[0]
            .last_error()
            .unwrap()
            .contains("status 500")
    );

    issuer.heal();
    clock.advance(Duration::from_secs(120));
    while get(&client, "/health/ready").await.0 == 503 {
        rocket::tokio::task::yield_now().await;
    }
    assert_eq!(get(&client, "/health/ready").await, (200, READY.into()));
    let up = axioms.status();
    let [of_issuer] = up.issuers() else {
        panic!("one issuer: {up:?}")
    };
    assert_eq!(of_issuer.name(), issuer.url());
    assert_eq!(
        (of_issuer.keys(), of_issuer.age()),
        (1, Some(Duration::ZERO))
    );
    let next = of_issuer.next_refresh().unwrap().as_secs();
    assert!((3200..=4000).contains(&next), "{next}");
    assert_eq!(of_issuer.last_error_ago(), Some(Duration::from_secs(120)));
}

#[rocket::async_test]
async fn row_16_1_each_issuer_must_have_keys() {
    let (one, other) = (TestIssuer::start(), TestIssuer::start());
    other.down();
    let entry = |issuer: &TestIssuer| IssuerConfig {
        name: Some(issuer.url().rsplit(':').next().unwrap().into()),
        iss_url: Some(issuer.url().into()),
        audience: Some(vec![issuer.audience().into()]),
        ..IssuerConfig::default()
    };
    let fairing = AxiomsFairing::from_config(Config {
        issuers: vec![entry(&one), entry(&other)],
        ..Config::default()
    });
    let client = Client::untracked(with_health(rocket(fairing)))
        .await
        .unwrap();
    assert_eq!(get(&client, "/health/ready").await, (503, NOT_READY.into()));
    let axioms = client.rocket().state::<Axioms>().unwrap();
    let ready: Vec<bool> = axioms
        .status()
        .issuers()
        .iter()
        .map(|i| i.is_ready())
        .collect();
    assert_eq!(ready, [true, false]);
}

#[rocket::async_test]
async fn row_16_1_without_prefetch_the_probe_causes_the_first_fetch() {
    let issuer = TestIssuer::start();
    let client = Client::untracked(with_health(rocket(AxiomsFairing::from_config(Config {
        jwks_prefetch: JwksPrefetch::Never,
        ..config(&issuer)
    }))))
    .await
    .unwrap();
    let axioms = client.rocket().state::<Axioms>().unwrap();
    for _ in 0..10 {
        assert!(!axioms.status().is_ready());
    }
    assert_eq!(issuer.jwks_requests(), 0, "the status starts nothing");
    while get(&client, "/health/ready").await.0 == 503 {
        rocket::tokio::task::yield_now().await;
    }
    assert_eq!(issuer.jwks_requests(), 1);
}

#[rocket::async_test]
async fn row_16_1_probes_of_an_issuer_that_is_down_cause_no_flood() {
    let issuer = TestIssuer::start();
    issuer.answer_keys_with(IssuerFault::Status(500));
    let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_clock(clock);
    let client = Client::untracked(with_health(rocket(fairing)))
        .await
        .unwrap();
    let before = issuer.jwks_requests();
    for _ in 0..1000 {
        assert_eq!(get(&client, "/health/ready").await.0, 503);
    }
    assert!(
        issuer.jwks_requests() <= before + 1,
        "{}",
        issuer.jwks_requests()
    );
}

#[test]
fn row_16_1_probes_pass_the_rule_for_everything_and_nothing_else_does() {
    let issuer = offline();
    for base in ["/health", "/"] {
        let app = App::launch(
            rocket(given(&issuer).require_everywhere::<ValidToken>())
                .mount(base, health::routes())
                .mount("/", routes()),
        );
        let at = |path: &str| format!("{}{path}", base.trim_end_matches('/'));
        app.anonymous(&at("/live")).passes(LIVE);
        app.anonymous(&at("/ready")).passes(READY);
        for path in ["/live/x", "/ready/x", "/livex", "/live/..", "/..%2flive"] {
            app.anonymous(&at(path)).missing();
        }
        app.anonymous("/public").missing();
        let posted = app.call(rocket::http::Method::Post, &at("/live"), &[]);
        posted.missing();
    }
    // In a group, its guard decides.
    let app =
        App::launch(rocket(given(&issuer)).mount("/", protect::<ValidToken>(health::routes())));
    app.anonymous("/live").missing();
}

#[test]
fn a_route_of_the_application_cannot_rank_before_the_rule() {
    #[get("/first")]
    fn first() {}
    let issuer = offline();
    let lowest = || {
        let mut routes = rocket::routes![first];
        routes[0].rank = isize::MIN;
        routes
    };
    let launched = |routes: Vec<Route>| {
        let rocket = rocket(given(&issuer).require_everywhere::<ValidToken>());
        launch(rocket.mount("/", routes))
    };
    let later = |routes: Vec<Route>| {
        let rocket = rocket(given(&issuer).require_everywhere::<ValidToken>());
        launch(rocket.attach(AdHoc::on_ignite("later", |rocket| async {
            rocket.mount("/", routes)
        })))
    };
    for (client, log) in [launched(lowest()), later(lowest())] {
        let error = client.expect_err("an open route");
        assert!(matches!(error.kind(), ErrorKind::SentinelAborts(_)));
        assert_eq!(
            log.line("lowest rank").1,
            "AxiomsFairing: require_everywhere would not be asked for GET /first, which has the \
             lowest rank there is; give it another, or mount it with protect::<Public>"
        );
    }
    let (client, _) = launched(protect::<Public>(lowest()));
    assert!(client.is_ok());
}

#[rocket::async_test]
async fn row_16_1_head_answers_as_get_without_a_body_and_no_cache_keeps_it() {
    let issuer = offline();
    let server = Server::start(with_health(rocket(
        given(&issuer).require_everywhere::<ValidToken>(),
    )))
    .await;
    for path in ["/health/live", "/health/ready"] {
        for (method, has_body) in [("GET", true), ("HEAD", false)] {
            let (head, body) = server.send(&format!("{method} {path}"), &[]).await;
            assert_eq!(status(&head), "200", "{head}");
            assert_eq!(header(&head, "Cache-Control"), Some("no-store"));
            assert_eq!(header(&head, "Content-Type"), Some("application/json"));
            assert_eq!(!body.is_empty(), has_body, "{method} {path}: {body}");
        }
    }
    server.end().await;
}

fn localhost() -> Host<'static> {
    Host::from(Authority::parse("localhost:8000").unwrap())
}

fn is_detailed(body: &str) -> bool {
    let body: Value = from_str(body).expect("JSON");
    assert_eq!(body["status"], "ready");
    body.get("issuers").is_some()
}

/// Asks for details under another name of the server; returns the body.
async fn ask_with_host(server: &Server, host: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    let request =
        format!("GET /health/ready?verbose HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
}

#[rocket::async_test]
async fn row_16_1_details_are_for_this_machine_and_no_header_opens_them() {
    let issuer = offline();
    let server = Server::start(with_health(rocket(given(&issuer)))).await;
    let line = "GET /health/ready?verbose";
    let (_, body) = server.send(line, &[]).await;
    assert!(is_detailed(&body), "{body}");
    for header in [
        "X-Forwarded-For: 203.0.113.9",
        "x-forwarded-proto: https",
        "X-Real-IP: 203.0.113.9",
        "X-Real-IP: 127.0.0.1",
        "Forwarded: for=127.0.0.1",
        "Via: 1.1 proxy",
    ] {
        let (head, body) = server.send(line, &[header.as_bytes()]).await;
        assert_eq!(status(&head), "200");
        assert!(!is_detailed(&body), "{header}: {body}");
    }
    // A page of another site, whose name leads to this machine.
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "0.0.0.0",
    ] {
        let body = ask_with_host(&server, host).await;
        assert!(!is_detailed(&body), "{host}: {body}");
    }
    for host in ["127.0.0.1:8000", "LOCALHOST", "[::1]:1"] {
        let body = ask_with_host(&server, host).await;
        assert!(is_detailed(&body), "{host}: {body}");
    }
    server.end().await;
}

#[test]
fn row_16_1_the_address_is_that_of_the_connection() {
    let issuer = offline();
    let local = App::launch(with_health(rocket(given(&issuer))));
    let ask = |peer: Option<&str>, headers: &[(&'static str, &'static str)]| {
        let mut request = local.0.get("/health/ready?a=1&verbose=1");
        request.inner_mut().set_host(localhost());
        if let Some(peer) = peer {
            request = request.remote(peer.parse::<SocketAddr>().unwrap());
        }
        for (name, value) in headers {
            request.add_header(rocket::http::Header::new(*name, *value));
        }
        is_detailed(&request.dispatch().into_string().unwrap())
    };
    let spoofed = [("X-Real-IP", "127.0.0.1"), ("X-Forwarded-For", "127.0.0.1")];
    for peer in [
        "203.0.113.9:1",
        "[2001:db8::1]:1",
        "0.0.0.0:1",
        "10.0.0.1:1",
    ] {
        assert!(
            !ask(Some(peer), &[]) && !ask(Some(peer), &spoofed),
            "{peer}"
        );
    }
    // A Unix socket has no address.
    assert!(!ask(None, &[]) && !ask(None, &spoofed));
    for peer in [
        "127.0.0.1:1",
        "127.9.9.9:1",
        "[::1]:1",
        "[::ffff:127.0.0.1]:1",
    ] {
        assert!(ask(Some(peer), &[]), "{peer}");
    }
}

#[test]
fn row_16_1_the_header_that_rocket_believes_is_one_of_a_proxy() {
    let issuer = offline();
    let configured = rocket::custom(rocket::Config {
        log_level: LogLevel::Off,
        ip_header: Some("Client-Address".into()),
        ..rocket::Config::debug_default()
    });
    let local = App::launch(with_health(configured.attach(given(&issuer))));
    let peer: SocketAddr = "127.0.0.1:1".parse().unwrap();
    for (name, detailed) in [("Other", true), ("Client-Address", false)] {
        let mut request = local.0.get("/health/ready?verbose").remote(peer);
        request.inner_mut().set_host(localhost());
        request.add_header(rocket::http::Header::new(name, "127.0.0.1"));
        let body = request.dispatch().into_string().unwrap();
        assert_eq!(is_detailed(&body), detailed, "{name}");
    }
}

#[test]
fn row_16_1_a_guard_decides_on_details_from_everywhere() {
    let issuer = offline();
    let app = App::launch(
        rocket(given(&issuer).require_everywhere::<ValidToken>())
            .mount("/health", health::routes_guarded::<Roles<Editor>>()),
    );
    app.anonymous("/health/live").passes(LIVE);
    app.anonymous("/health/ready").passes(READY);
    app.anonymous("/health/ready?verbose").missing();
    app.get(
        "/health/ready?verbose",
        &issuer.token().roles(["viewer"]).sign(),
    )
    .insufficient();
    let answer = app.get("/health/ready?verbose", &full_token(&issuer).sign());
    assert!(is_detailed(&answer.body), "{answer:?}");
    assert_eq!(answer.cache_control.as_deref(), Some("no-store"));
    // The address of this machine does not replace the guard.
    let mut request = app.0.get("/health/ready?verbose");
    request = request.remote("127.0.0.1:1".parse::<SocketAddr>().unwrap());
    assert_eq!(request.dispatch().status().code, 401);
}

#[test]
fn row_16_2_the_status_counts_refusals_by_reason_and_cached_tokens() {
    let issuer = offline();
    let app = App::launch(with_health(rocket(
        AxiomsFairing::from_config(Config {
            token_cache_capacity: 100,
            ..config(&issuer)
        })
        .with_keys(issuer.jwks()),
    )));
    let token = full_token(&issuer).sign();
    for _ in 0..3 {
        app.get("/token", &token).passes("alice");
        app.anonymous("/token").missing();
    }
    app.get("/token", "a.b").invalid("Malformed token");
    app.get("/states", "a.b").passes("invalid_token");
    app.get("/role", &issuer.token().sign()).insufficient();
    let status = status_of(&app);
    let counts = [
        (Reason::MissingToken, 3),
        (Reason::Malformed, 1),
        (Reason::Forbidden, 1),
    ];
    assert_eq!(status.refusals().collect::<Vec<_>>(), counts);
    assert_eq!(
        (
            status.refused(Reason::Forbidden),
            status.refused(Reason::Expired)
        ),
        (1, 0)
    );
    let cache = status.token_cache().unwrap();
    assert_eq!(
        (cache.tokens(), cache.capacity(), cache.hits()),
        (2, 100, 2)
    );
    let [of_issuer] = status.issuers() else {
        panic!("one issuer")
    };
    assert_eq!((of_issuer.keys(), of_issuer.is_ready()), (1, true));
    assert_eq!(
        (of_issuer.age(), of_issuer.next_refresh()),
        (None, None),
        "given in code"
    );
    assert_eq!(
        to_value(&status).unwrap(),
        json!({
            "ready": true,
            "issuers": [{
                "name": issuer.url(), "ready": true, "key_source": "code", "keys": 1, "age": null,
                "next_refresh": null, "fetches": 0, "failed_fetches": 0, "last_error": null,
            }],
            "token_cache": {"tokens": 2, "capacity": 100, "hits": 2, "misses": cache.misses()},
            "refusals": {"missing_token": 3, "malformed": 1, "forbidden": 1},
            "audit": null,
        })
    );
}

#[test]
fn row_16_2_the_status_holds_no_secret_and_no_url_with_credentials() {
    let issuer = TestIssuer::start();
    let secret = issuer.url();
    let app = online_app(Config {
        jwks_url: Some(format!("{secret}/nothing?key=hunter2")),
        token_cache_capacity: 0,
        ..config(&issuer)
    });
    app.get("/token", &full_token(&issuer).sign());
    let status = status_of(&app);
    assert!(status.token_cache().is_none());
    let text = format!("{status:?}{}", to_value(&status).unwrap());
    assert!(
        text.contains("/nothing") && !text.contains("hunter2"),
        "{text}"
    );
}
