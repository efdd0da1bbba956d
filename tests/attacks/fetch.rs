//! The fetch of keys (behaviour chapter 5, and "Key location" of chapter 1): a bad answer is a 503
//! at launch and changes nothing later; keys of another issuer are never used.

use std::time::{Duration, SystemTime};

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer};
use axioms_rocket::{AxiomsFairing, Clock, Config};
use rocket::serde::json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::harness::{KEY, SIGNATURE, Target, UNAVAILABLE, run};
use crate::support::{AUDIENCE, config, full_token, rocket, routes};

/// Longer than any back-off, and than the cooldown.
const MINUTE: Duration = Duration::from_secs(61);

type Trouble = fn(&TestIssuer, &TestIssuer);

/// Faults of the issuer; the second issuer is the forger.
const TROUBLES: [(&str, Trouble); 55] = [
    ("no listener", |issuer, _| issuer.down()),
    ("status 201", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(201))
    }),
    ("status 203", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(203))
    }),
    ("status 204", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(204))
    }),
    ("status 206", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(206))
    }),
    ("status 304", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(304))
    }),
    ("status 401", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(401))
    }),
    ("status 403", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(403))
    }),
    ("status 404", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(404))
    }),
    ("status 407", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(407))
    }),
    ("status 429", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(429))
    }),
    ("status 500", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(500))
    }),
    ("status 503", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Status(503))
    }),
    ("a page of a portal", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Garbage)
    }),
    ("half of it", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::CutOff)
    }),
    ("nothing, for ever", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Hang)
    }),
    ("blanks, for ever", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::SlowDrip)
    }),
    ("more than is read", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::HugeSet)
    }),
    ("no keys", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::EmptySet)
    }),
    ("an empty body", |issuer, _| body(issuer, "")),
    ("null", |issuer, _| body(issuer, "null")),
    ("an empty object", |issuer, _| body(issuer, "{}")),
    ("a list without its object", |issuer, forger| {
        body(issuer, &forger.jwks()["{\"keys\":".len()..])
    }),
    ("keys that are null", |issuer, _| {
        body(issuer, r#"{"keys":null}"#)
    }),
    ("keys that are an object", |issuer, _| {
        body(issuer, r#"{"keys":{}}"#)
    }),
    ("keys that are a text", |issuer, _| {
        body(issuer, r#"{"keys":"[]"}"#)
    }),
    ("keys twice", |issuer, _| {
        let jwks = issuer.jwks();
        body(issuer, &jwks.replacen('{', "{\"keys\":[],", 1));
    }),
    ("keys twice, once escaped", |issuer, forger| {
        let (own, other) = (
            issuer.jwks(),
            forger.jwks().replacen("keys", "key\\u0073", 1),
        );
        body(
            issuer,
            &format!("{},{}", &own[..own.len() - 1], &other[1..]),
        );
    }),
    ("two documents", |issuer, _| {
        body(issuer, &issuer.jwks().repeat(2))
    }),
    ("a comma too many", |issuer, _| {
        body(issuer, &issuer.jwks().replace(']', ",]"))
    }),
    ("two byte order marks before it", |issuer, _| {
        body(issuer, &format!("\u{feff}\u{feff}{}", issuer.jwks()))
    }),
    ("it as a text", |issuer, _| {
        body(issuer, &json!(issuer.jwks()).to_string())
    }),
    ("it in a call, as JSONP", |issuer, _| {
        body(issuer, &format!("callback({})", issuer.jwks()))
    }),
    ("brackets by the hundred thousand", |issuer, _| {
        body(issuer, &"[".repeat(100_000))
    }),
    ("nothing but keys of no use", |issuer, _| {
        body(
            issuer,
            r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"},{"kty":"RSA","n":"AQAB","e":"AQ"}]}"#,
        );
    }),
    ("a certificate", |issuer, _| {
        body(
            issuer,
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        )
    }),
    ("a signed set", |issuer, _| {
        body(issuer, &issuer.sign_raw("{}", issuer.jwks(), Alg::Es256))
    }),
    ("a redirect to itself", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::RedirectLoop)
    }),
    ("four redirects", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Redirects(4))
    }),
    ("a redirect without a place", |issuer, _| {
        issuer.answer_keys_with(IssuerFault::Redirect(String::new()))
    }),
    ("a redirect to plain http elsewhere", |issuer, _| {
        redirect(issuer, "http://keys.example.test/")
    }),
    ("a redirect to a metadata service", |issuer, _| {
        redirect(issuer, "http://169.254.169.254/latest/meta-data/")
    }),
    ("a redirect to a name like loopback", |issuer, _| {
        redirect(issuer, "http://localhost.example.test/")
    }),
    ("a redirect to any address", |issuer, _| {
        redirect(issuer, "http://0.0.0.0/")
    }),
    ("a redirect with loopback for a user", |issuer, _| {
        redirect(issuer, "http://127.0.0.1@keys.example.test/")
    }),
    ("a redirect to a file", |issuer, _| {
        redirect(issuer, "file:///etc/passwd")
    }),
    ("a redirect to ftp", |issuer, _| {
        redirect(issuer, "ftp://127.0.0.1/keys")
    }),
    ("a redirect to data", |issuer, forger| {
        redirect(issuer, &format!("data:application/json,{}", forger.jwks()))
    }),
    ("a redirect to a script", |issuer, _| {
        redirect(issuer, "javascript:1")
    }),
    ("a redirect to gopher", |issuer, _| {
        redirect(issuer, "gopher://127.0.0.1/_keys")
    }),
    ("a redirect of many slashes", |issuer, _| {
        redirect(issuer, "///")
    }),
    ("a redirect that is no URL", |issuer, _| {
        redirect(issuer, "http://[::1")
    }),
    ("metadata, for the keys", |issuer, _| {
        body(issuer, &issuer.metadata())
    }),
    ("a token, for the keys", |issuer, _| {
        body(issuer, &full_token(issuer).sign())
    }),
    ("an error in JSON", |issuer, _| {
        body(issuer, r#"{"error":"temporarily_unavailable"}"#)
    }),
];

/// Faults of the metadata, which are read at launch, at each refresh, and after a fetch without the
/// wanted key.
const METADATA: [(&str, Trouble); 30] = [
    ("another issuer", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::WrongIssuer)
    }),
    ("the forger's own", |issuer, forger| {
        issuer.answer_metadata_with(IssuerFault::Body(forger.metadata()))
    }),
    ("the forger's, by a redirect", |issuer, forger| {
        let place = format!("{}/.well-known/openid-configuration", forger.url());
        issuer.answer_metadata_with(IssuerFault::Redirect(place));
    }),
    ("an issuer with a slash more", |issuer, _| {
        metadata(issuer, "issuer", &format!("{}/", issuer.url()))
    }),
    ("an issuer in capitals", |issuer, _| {
        metadata(issuer, "issuer", &issuer.url().to_uppercase())
    }),
    ("an issuer with a blank", |issuer, _| {
        metadata(issuer, "issuer", &format!(" {}", issuer.url()))
    }),
    ("an issuer with another scheme", |issuer, _| {
        metadata(issuer, "issuer", &issuer.url().replacen("http", "https", 1))
    }),
    ("an issuer with a query", |issuer, _| {
        metadata(issuer, "issuer", &format!("{}?", issuer.url()))
    }),
    ("an issuer that is empty", |issuer, _| {
        metadata(issuer, "issuer", "")
    }),
    ("an issuer that is a list", |issuer, _| {
        let body = json!({ "issuer": [issuer.url()], "jwks_uri": issuer.jwks_url() });
        issuer.answer_metadata_with(IssuerFault::Body(body.to_string()));
    }),
    ("no issuer", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::Body(
            json!({ "jwks_uri": issuer.jwks_url() }).to_string(),
        ));
    }),
    ("an issuer twice", |issuer, forger| {
        let twice =
            issuer
                .metadata()
                .replacen('{', &format!("{{\"issuer\":\"{}\",", forger.url()), 1);
        issuer.answer_metadata_with(IssuerFault::Body(twice));
    }),
    ("jwks_uri twice", |issuer, forger| {
        let twice = issuer.metadata().replacen(
            '{',
            &format!("{{\"jwks_uri\":\"{}\",", forger.jwks_url()),
            1,
        );
        issuer.answer_metadata_with(IssuerFault::Body(twice));
    }),
    ("no jwks_uri", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::NoJwksUri)
    }),
    ("jwks_uri that is null", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::Body(
            json!({ "issuer": issuer.url(), "jwks_uri": null }).to_string(),
        ));
    }),
    ("jwks_uri that is a list", |issuer, _| {
        let body = json!({ "issuer": issuer.url(), "jwks_uri": [issuer.jwks_url()] });
        issuer.answer_metadata_with(IssuerFault::Body(body.to_string()));
    }),
    ("keys without jwks_uri", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::Body(
            json!({ "issuer": issuer.url(), "jwks": { "keys": [] } }).to_string(),
        ));
    }),
    ("jwks_uri of plain http elsewhere", |issuer, _| {
        jwks_uri(issuer, "http://keys.example.test/")
    }),
    ("jwks_uri of a metadata service", |issuer, _| {
        jwks_uri(issuer, "http://169.254.169.254/latest/meta-data/")
    }),
    ("jwks_uri of a file", |issuer, _| {
        jwks_uri(issuer, "file:///etc/passwd")
    }),
    ("jwks_uri of data", |issuer, _| {
        jwks_uri(issuer, "data:application/json,{}")
    }),
    ("jwks_uri that is a path", |issuer, _| {
        jwks_uri(issuer, "/.well-known/jwks.json")
    }),
    ("jwks_uri without a scheme", |issuer, _| {
        jwks_uri(issuer, "//127.0.0.1/keys")
    }),
    ("jwks_uri that is empty", |issuer, _| jwks_uri(issuer, "")),
    ("metadata with status 500", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::Status(500))
    }),
    ("metadata with status 401", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::Status(401))
    }),
    ("metadata with status 410", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::Status(410))
    }),
    ("metadata that are a page", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::Garbage)
    }),
    ("metadata that end in the middle", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::CutOff)
    }),
    ("metadata in a loop", |issuer, _| {
        issuer.answer_metadata_with(IssuerFault::RedirectLoop)
    }),
];

/// An answer that the testing kit does not give: the head without its length, and the body as a
/// function of the key set.
type Raw = (&'static str, &'static str, fn(&str) -> Vec<u8>);

const RAW: [Raw; 12] = [
    (
        "a gzip of it",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n",
        |jwks| gzip(jwks.as_bytes()),
    ),
    (
        "a gzip that does not say so",
        "HTTP/1.1 200 OK\r\n",
        |jwks| gzip(jwks.as_bytes()),
    ),
    (
        "a gzip of a gzip",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n",
        |jwks| gzip(&gzip(jwks.as_bytes())),
    ),
    (
        "it in UTF-16",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-16\r\n",
        |jwks| jwks.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ),
    ("bytes that are not UTF-8", "HTTP/1.1 200 OK\r\n", |jwks| {
        jwks.replace("\"kty\"", "\"\u{1}kty\"").into_bytes()
    }),
    ("no status line", "keys 200\r\n", |jwks| jwks.into()),
    ("a status of two digits", "HTTP/1.1 20 OK\r\n", |jwks| {
        jwks.into()
    }),
    ("a version of the future", "HTTP/7.0 200 OK\r\n", |jwks| {
        jwks.into()
    }),
    (
        "two lengths",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n",
        |jwks| jwks.into(),
    ),
    ("a header of a megabyte", "HTTP/1.1 200 OK\r\nX: ", |jwks| {
        [vec![b'x'; 1 << 20], b"\r\n\r\n".to_vec(), jwks.into()].concat()
    }),
    (
        "a chunk that is longer than it says",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
        |jwks| format!("5\r\n{jwks}\r\n0\r\n\r\n").into(),
    ),
    (
        "a chunk of all memory",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
        |jwks| format!("ffffffffffffffff\r\n{jwks}\r\n0\r\n\r\n").into(),
    ),
];

/// Tokens of one issuer by the keys of another.
const CROSSED: [&str; 3] = [
    "a token of the first issuer by the second's key",
    "a token of the second issuer by the first's key",
    "both keys of one kid",
];

fn body(issuer: &TestIssuer, body: &str) {
    issuer.answer_keys_with(IssuerFault::Body(body.into()));
}

fn redirect(issuer: &TestIssuer, to: &str) {
    issuer.answer_keys_with(IssuerFault::Redirect(to.into()));
}

fn jwks_uri(issuer: &TestIssuer, uri: &str) {
    issuer.answer_metadata_with(IssuerFault::JwksUri(uri.into()));
}

fn metadata(issuer: &TestIssuer, member: &str, value: &str) {
    let mut metadata: rocket::serde::json::Value =
        rocket::serde::json::from_str(&issuer.metadata()).expect("JSON");
    metadata[member] = json!(value);
    issuer.answer_metadata_with(IssuerFault::Body(metadata.to_string()));
}

/// RFC 1952, with a stored block of RFC 1951 §3.2.4; its checksum is never reached.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u16).to_le_bytes();
    [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1],
        &length[..],
        &length.map(|byte| !byte),
        bytes,
        &[0; 8],
    ]
    .concat()
}

fn name(what: &str) -> String {
    format!("where the keys are: {what}")
}

pub fn names() -> Vec<String> {
    let troubles = TROUBLES.iter().chain(&METADATA).map(|(what, _)| *what);
    troubles
        .chain(RAW.iter().map(|(what, ..)| *what))
        .chain(CROSSED)
        .map(name)
        .collect()
}

fn issuer(clock: &Clock) -> TestIssuer {
    TestIssuer::builder()
        .audience(AUDIENCE)
        .clock(clock.clone())
        .start()
}

/// Patient, save where there is nothing to wait for.
async fn launch(what: &str, config: Config, clock: &Clock, realm: &str) -> Target {
    let http_timeout = if what.ends_with("for ever") { 1 } else { 5 };
    let fairing = AxiomsFairing::from_config(Config {
        http_timeout,
        ..config
    })
    .with_clock(clock.clone());
    Target::launch(rocket(fairing).mount("/", routes()), realm).await
}

#[test]
fn an_issuer_in_trouble_at_launch_is_a_503_and_heals_and_never_a_401() {
    run(async |run| {
        for (what, trouble) in TROUBLES.iter().chain(&METADATA) {
            let clock = Clock::manual(SystemTime::now());
            let (issuer, forger) = (issuer(&clock), issuer(&clock));
            let token = |issuer: &TestIssuer| {
                full_token(issuer)
                    .expires_in(100 * MINUTE)
                    .issuer(issuer.url())
                    .sign()
            };
            trouble(&issuer, &forger);
            let target = launch(what, config(&issuer), &clock, issuer.url()).await;
            for path in ["/token", "/role"] {
                run.get(&target, path, &token(&issuer)).await.is(
                    &name(what),
                    UNAVAILABLE,
                    issuer.url(),
                    None,
                );
            }
            issuer.heal();
            issuer.up();
            clock.advance(MINUTE);
            run.get(&target, "/token", &token(&issuer))
                .await
                .passes(&name(what));
            let forged = full_token(&forger).issuer(issuer.url()).sign();
            run.get(&target, "/token", &forged)
                .await
                .is(&name(what), KEY, issuer.url(), None);
        }
    });
}

#[test]
fn an_issuer_in_trouble_later_keeps_its_keys_and_brings_no_others() {
    run(async |run| {
        for (what, trouble) in TROUBLES.iter().chain(&METADATA) {
            let clock = Clock::manual(SystemTime::now());
            let (issuer, forger) = (issuer(&clock), issuer(&clock));
            let target = launch(what, config(&issuer), &clock, issuer.url()).await;
            let good = || full_token(&issuer).expires_in(100 * MINUTE).sign();
            let before = good();
            run.get(&target, "/token", &before)
                .await
                .passes(&name(what));
            let fresh = good();
            trouble(&issuer, &forger);
            // After a fetch without the wanted key the next one, after the cooldown, reads the
            // metadata too.
            for round in 0..2 {
                issuer.forget_requests();
                let forged = full_token(&forger).issuer(issuer.url()).sign();
                run.get(&target, "/token", &forged)
                    .await
                    .is(&name(what), KEY, issuer.url(), None);
                for token in [&before, &fresh, &good()] {
                    run.get(&target, "/token", token).await.passes(&name(what));
                }
                let asked = issuer
                    .requests()
                    .iter()
                    .any(|request| request.to_string().contains("openid-configuration"));
                if METADATA.iter().any(|(of_metadata, _)| of_metadata == what) {
                    assert_eq!(asked, round == 1, "{what}, round {round}");
                }
                clock.advance(MINUTE);
            }
        }
    });
}

/// Answers each connection with these bytes.
async fn answer(listener: TcpListener, bytes: Vec<u8>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
    }
}

#[test]
fn an_answer_that_is_no_plain_http_or_json_brings_no_keys() {
    run(async |run| {
        for (what, head, spoil) in RAW {
            let clock = Clock::manual(SystemTime::now());
            let issuer = issuer(&clock);
            let answers = |bytes: Vec<u8>| async {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
                let port = listener.local_addr().expect("an address").port();
                (
                    format!("http://127.0.0.1:{port}/keys"),
                    tokio::spawn(answer(listener, bytes)),
                )
            };
            let whole = |head: &str, content: Vec<u8>| {
                let length = match head.contains("chunked") || head.ends_with(' ') {
                    true => {
                        if head.ends_with(' ') {
                            String::new()
                        } else {
                            "\r\n".into()
                        }
                    }
                    false => format!("Content-Length: {}\r\n\r\n", content.len()),
                };
                [head.as_bytes(), length.as_bytes(), &content].concat()
            };
            let good = full_token(&issuer).sign();
            for (bytes, fails) in [
                (whole("HTTP/1.1 200 OK\r\n", issuer.jwks().into()), false),
                (whole(head, spoil(&issuer.jwks())), true),
                (
                    whole(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
                        issuer.jwks().into(),
                    ),
                    false,
                ),
            ] {
                let (url, server) = answers(bytes).await;
                let target = launch(
                    what,
                    Config {
                        jwks_url: Some(url),
                        ..config(&issuer)
                    },
                    &clock,
                    issuer.url(),
                )
                .await;
                let reply = run.get(&target, "/token", &good).await;
                match fails {
                    true => reply.is(&name(what), UNAVAILABLE, issuer.url(), None),
                    false => reply.passes(&name(what)),
                }
                server.abort();
            }
        }
    });
}

#[test]
fn an_issuers_key_signs_for_that_issuer_alone() {
    run(async |run| {
        let clock = Clock::manual(SystemTime::now());
        let (first, second) = (issuer(&clock), issuer(&clock));
        // The second publishes a key under the name of the first one's, its own.
        let mut twin: rocket::serde::json::Value =
            rocket::serde::json::from_str(&second.jwks()).expect("JSON");
        let mut twin = twin["keys"][0].take();
        twin["kid"] = json!(first.kid(Alg::Es256));
        second.extra_key(twin);
        let entry = axioms_rocket::IssuerConfig {
            iss_url: Some(second.url().into()),
            ..Default::default()
        };
        let target = launch(
            "",
            Config {
                issuers: vec![entry],
                ..config(&first)
            },
            &clock,
            first.url(),
        )
        .await;
        let signed = |by: &TestIssuer, issuer: &TestIssuer, kid: &str| {
            full_token(by).issuer(issuer.url()).kid(kid).sign()
        };
        let (one, two) = (first.kid(Alg::Es256), second.kid(Alg::Es256));
        for (what, good, bad, verdict) in [
            (
                CROSSED[0],
                signed(&first, &first, &one),
                signed(&second, &first, &two),
                KEY,
            ),
            (
                CROSSED[1],
                signed(&second, &second, &two),
                signed(&first, &second, &one),
                SIGNATURE,
            ),
            (
                CROSSED[2],
                signed(&second, &second, &one),
                signed(&second, &first, &one),
                SIGNATURE,
            ),
        ] {
            run.refuses(
                &target,
                &name(what),
                "/token",
                [&good, &bad],
                (verdict, None),
            )
            .await;
        }
    });
}
