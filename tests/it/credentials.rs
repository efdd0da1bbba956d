//! Chapter 2 of docs/behaviour.md: the credentials.

use std::sync::Mutex;

use axioms_rocket::AxiomsFairing;
use rocket::fairing::AdHoc;
use rocket::http::{ContentType, Cookie, Header, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::support::{app, app_with, config, everything, offline, rocket, routes};

#[test]
fn row_2_1_no_header_is_a_missing_token_and_the_challenge_has_no_error() {
    let issuer = offline();
    let app = app(&issuer);
    for path in ["/token", "/scope", "/role", "/permission", "/someone"] {
        app.anonymous(path).missing();
    }
    let answer = app.anonymous("/token");
    assert_eq!(
        answer.challenge.as_deref(),
        Some("Bearer realm=\"https://issuer.example.test\"")
    );
    app.anonymous("/public").passes("public");
}

#[test]
fn row_2_2_and_2_3_another_scheme_or_an_empty_header_is_no_credentials() {
    let issuer = offline();
    let app = app(&issuer);
    let token = everything(&issuer).sign();
    for header in [
        "Basic dTpw",
        "",
        " ",
        "Digest x",
        &format!("DPoP {token}"),
        &format!("Token {token}"),
        &token,
    ] {
        app.call(Method::Get, "/token", &[header]).missing();
    }
}

#[test]
fn row_2_4_a_bearer_header_that_is_no_b64token_is_an_invalid_token() {
    let issuer = offline();
    let app = app(&issuer);
    let token = everything(&issuer).sign();
    let tab = format!("Bearer\t{token}");
    let comma = format!("Bearer {token}, Basic x");
    let quoted = format!("Bearer \"{token}\"");
    for header in [
        "Bearer",
        "Bearer ",
        "Bearer    ",
        "Bearer a b",
        "Bearer ä",
        "Bearer a=b",
        "Bearer =",
        &tab,
        &comma,
        &quoted,
    ] {
        app.call(Method::Get, "/token", &[header])
            .invalid("Invalid Authorization header");
    }
}

#[test]
fn row_2_5_the_scheme_has_no_case_and_spaces_around_the_token_do_not_count() {
    let issuer = offline();
    let app = app(&issuer);
    let token = everything(&issuer).sign();
    for header in [
        "bearer {}",
        "BEARER {}",
        "bEaReR {}",
        "Bearer     {}",
        "Bearer {}   ",
    ] {
        app.call(Method::Get, "/token", &[&header.replace("{}", &token)])
            .passes("alice");
    }
}

#[test]
fn row_2_6_two_headers_are_an_invalid_request_whatever_their_schemes() {
    let issuer = offline();
    let app = app(&issuer);
    let good = format!("Bearer {}", everything(&issuer).sign());
    for pair in [
        [good.as_str(), good.as_str()],
        [&good, "Basic dTpw"],
        ["Basic dTpw", &good],
        ["Basic a", "Basic b"],
        ["", &good],
    ] {
        let answer = app.call(Method::Get, "/token", &pair);
        answer.refused(400, "invalid_request", "Invalid Authorization header");
    }
}

#[test]
fn the_name_of_the_header_has_no_case_and_one_that_is_only_like_it_is_another() {
    let issuer = offline();
    let app = app(&issuer);
    let good = format!("Bearer {}", everything(&issuer).sign());
    let status = |headers: &[(&'static str, &str)]| {
        let mut request = app.0.get("/token");
        for (name, value) in headers {
            request.add_header(Header::new(*name, (*value).to_owned()));
        }
        request.dispatch().status().code
    };
    for name in [
        "Authorization",
        "authorization",
        "AUTHORIZATION",
        "aUTHORIZATION",
    ] {
        assert_eq!(
            status(&[("X-First", "x"), (name, &good), ("X-Last", "x")]),
            200,
            "{name}"
        );
        assert_eq!(
            status(&[
                (name, &good),
                ("X-Between", "x"),
                ("Authorization", "Basic dTpw")
            ]),
            400,
            "{name}"
        );
    }
    for name in [
        "Authorization-Info",
        "Proxy-Authorization",
        "Authorizatio",
        "X",
    ] {
        assert_eq!(status(&[(name, &good)]), 401, "{name}");
        assert_eq!(
            status(&[(name, &good), ("Authorization", &good)]),
            200,
            "{name}"
        );
        assert_eq!(
            status(&[("Authorization", &good), (name, "Basic dTpw")]),
            200,
            "{name}"
        );
    }
}

/// The status and the body of the answer to a GET that no client library would send.
async fn raw(port: u16, path: &str, headers: &[&[u8]]) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("a connection");
    let mut request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n").into_bytes();
    for header in headers {
        request.extend_from_slice(header);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await.expect("sent");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("an answer in text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (
        head.get(9..12).unwrap_or_default().to_owned(),
        body.to_owned(),
    )
}

/// Rocket hands on only headers that are UTF-8 text: what it drops is not there, neither as credentials nor as a second header.
#[tokio::test]
async fn row_2_1_a_header_that_is_not_text_is_no_header() {
    let issuer = offline();
    let (said, hears) = oneshot::channel();
    let said = Mutex::new(Some(said));
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let on_a_port = rocket::Config::figment()
        .merge(("port", 0))
        .merge(("log_level", "off"));
    let rocket = rocket(fairing).configure(on_a_port).mount("/", routes());
    let rocket = rocket.attach(AdHoc::on_liftoff("port", move |rocket| {
        let port = rocket.config().port;
        if let Some(said) = said.lock().unwrap().take() {
            said.send((port, rocket.shutdown())).unwrap();
        }
        Box::pin(async {})
    }));
    let server = tokio::spawn(rocket.launch());
    let (port, shutdown) = hears.await.expect("a launch");

    let missing =
        "{\"error\":\"missing_token\",\"error_description\":\"Missing Authorization header\"}";
    let odd: &[u8] = b"Authorization: Bearer \xff";
    let good = format!("Authorization: Bearer {}", everything(&issuer).sign()).into_bytes();
    assert_eq!(
        raw(port, "/token", &[odd]).await,
        ("401".into(), missing.into())
    );
    assert_eq!(
        raw(port, "/token", &[&good, odd]).await,
        ("200".into(), "alice".into())
    );
    assert_eq!(raw(port, "/token", &[&good, &good]).await.0, "400");
    shutdown.notify();
    server.await.expect("no panic").expect("a graceful end");
}

#[test]
fn row_2_7_a_token_elsewhere_is_ignored() {
    let issuer = offline();
    let app = app(&issuer);
    let token = everything(&issuer).sign();
    app.anonymous(&format!("/token?access_token={token}"))
        .missing();
    let cookie = app
        .0
        .get("/token")
        .cookie(Cookie::new("access_token", token.clone()))
        .dispatch();
    assert_eq!(cookie.status().code, 401);
    let form = app
        .0
        .get("/token")
        .header(ContentType::Form)
        .body(format!("access_token={token}"))
        .dispatch();
    assert_eq!(form.status().code, 401);
    // And it does not disturb a good one.
    app.get("/token?access_token=other", &token).passes("alice");
}

#[test]
fn row_2_8_a_token_that_is_too_long_is_refused_unread() {
    let issuer = offline();
    let app = app(&issuer);
    let long = everything(&issuer)
        .claim("padding", "x".repeat(16_384))
        .sign();
    assert!(long.len() > 16_384);
    app.get("/token", &long).invalid("Malformed token");
    app.get("/token", &"a".repeat(16_385))
        .invalid("Malformed token");

    let token = everything(&issuer).sign();
    let mut exact = config(&issuer);
    exact.max_token_bytes = token.len();
    app_with(&issuer, exact.clone())
        .get("/token", &token)
        .passes("alice");
    exact.max_token_bytes = token.len() - 1;
    app_with(&issuer, exact)
        .get("/token", &token)
        .invalid("Malformed token");
}
