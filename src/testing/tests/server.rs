use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{client, fetch, json};
use crate::testing::{Alg, TestIssuer};

fn address(issuer: &TestIssuer) -> SocketAddr {
    issuer
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .parse()
        .expect("an address")
}

#[test]
fn it_serves_callers_without_a_runtime() {
    let issuer = TestIssuer::start();
    let mut stream = TcpStream::connect(address(&issuer)).expect("a connection");
    stream
        .write_all(
            b"GET /.well-known/jwks.json HTTP/1.1\r\nhost: issuer\r\nconnection: close\r\n\r\n",
        )
        .expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with(&issuer.jwks()), "{answer}");
}

#[tokio::test]
async fn it_serves_callers_in_a_single_threaded_runtime() {
    let issuer = TestIssuer::start();
    assert_eq!(fetch(issuer.jwks_url()).await, (200, issuer.jwks()));
}

#[test]
fn it_starts_within_milliseconds() {
    let start = || {
        let before = Instant::now();
        let issuer = TestIssuer::start();
        assert_eq!(issuer.token().sign().split('.').count(), 3);
        before.elapsed()
    };
    let quickest = (0..10).map(|_| start()).min().expect("ten");
    assert!(quickest < Duration::from_millis(50), "{quickest:?}");
}

#[tokio::test]
async fn both_metadata_documents_have_the_issuer_and_its_jwks_uri() {
    for (path, base) in [
        ("", ""),
        ("/", ""),
        ("/realms/x", "/realms/x"),
        ("/realms/x/", "/realms/x"),
    ] {
        let issuer = TestIssuer::builder().path(path).start();
        let origin = issuer
            .url()
            .strip_suffix(path)
            .expect("the path as it was given")
            .to_owned();
        let urls = [
            format!("{origin}{base}/.well-known/openid-configuration"),
            format!("{origin}/.well-known/oauth-authorization-server{base}"),
        ];
        for url in urls {
            let (status, metadata) = fetch(&url).await;
            let metadata = json(&metadata);
            assert_eq!(
                (status, &metadata["issuer"]),
                (200, &json!(issuer.url())),
                "{url}"
            );
            assert_eq!(metadata["jwks_uri"], issuer.jwks_url(), "{url}");
        }
        assert_eq!(
            issuer.jwks_url(),
            format!("{origin}{base}/.well-known/jwks.json")
        );
        assert_eq!(fetch(issuer.jwks_url()).await, (200, issuer.jwks()));
    }
}

#[test]
fn a_trailing_slash_is_optional() {
    assert_eq!(
        TestIssuer::builder()
            .trailing_slash()
            .start()
            .url()
            .matches('/')
            .count(),
        3
    );
    assert!(
        TestIssuer::builder()
            .path("realms/x")
            .trailing_slash()
            .start()
            .url()
            .ends_with("/realms/x/")
    );
}

#[tokio::test]
async fn a_key_is_published_from_the_moment_it_signs() {
    let issuer = TestIssuer::start();
    assert!(!fetch(issuer.jwks_url()).await.1.contains("OKP"));
    let kid = issuer.kid(Alg::EdDsa);
    assert!(fetch(issuer.jwks_url()).await.1.contains(&kid));
}

#[tokio::test]
async fn a_rotation_is_seen_by_the_next_request() {
    let issuer = TestIssuer::start();
    let old = issuer.kid(Alg::Es256);
    issuer.emergency();
    let set = json(&fetch(issuer.jwks_url()).await.1);
    assert_eq!(set["keys"].as_array().map(Vec::len), Some(1));
    assert_eq!(set["keys"][0]["kid"], issuer.kid(Alg::Es256));
    assert_ne!(set["keys"][0]["kid"], old);
}

#[tokio::test]
async fn two_issuers_share_nothing() {
    let (one, two) = (TestIssuer::start(), TestIssuer::start());
    assert_ne!(one.url(), two.url());
    assert_ne!(fetch(one.jwks_url()).await, fetch(two.jwks_url()).await);
    one.down();
    assert_eq!(fetch(two.jwks_url()).await.0, 200);
}

#[tokio::test]
async fn other_paths_are_404_and_other_methods_405() {
    let issuer = TestIssuer::start();
    assert_eq!(
        fetch(&format!("{}/userinfo", issuer.url())).await,
        (404, r#"{"error":"Not Found"}"#.into())
    );
    let response = client()
        .post(issuer.jwks_url())
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 405);
}

#[tokio::test]
async fn requests_are_recorded_until_they_are_forgotten() {
    let issuer = TestIssuer::start();
    let metadata = format!("{}/.well-known/openid-configuration", issuer.url());
    let with_query = format!("{}?kid=x", issuer.jwks_url());
    for url in [&*metadata, issuer.jwks_url(), &*with_query] {
        fetch(url).await;
    }
    client()
        .head(issuer.jwks_url())
        .send()
        .await
        .expect("an answer");
    let asked: Vec<_> = issuer.requests().iter().map(ToString::to_string).collect();
    assert_eq!(
        asked,
        [
            "GET /.well-known/openid-configuration",
            "GET /.well-known/jwks.json",
            "GET /.well-known/jwks.json?kid=x",
            "HEAD /.well-known/jwks.json",
        ]
    );
    assert_eq!(issuer.jwks_requests(), 3);

    issuer.forget_requests();
    assert_eq!((issuer.requests(), issuer.jwks_requests()), (vec![], 0));
}

#[test]
fn a_dropped_issuer_refuses_connections() {
    let issuer = TestIssuer::start();
    let address = address(&issuer);
    let mut open = TcpStream::connect(address).expect("a connection");
    drop(issuer);
    assert!(
        matches!(open.read(&mut [0]), Ok(0) | Err(_)),
        "the open connection broke"
    );
}

#[tokio::test]
async fn it_goes_down_and_comes_back_on_the_same_port() {
    let issuer = TestIssuer::start();
    let pool = client(); // Keeps its connection open between requests.
    let get = || pool.get(issuer.jwks_url()).send();
    assert_eq!(get().await.expect("an answer").status(), 200);

    for _ in 0..3 {
        issuer.down();
        issuer.down();
        get().await.expect_err("the open connection broke");
        assert!(
            client()
                .get(issuer.jwks_url())
                .send()
                .await
                .expect_err("connection refused")
                .is_connect()
        );

        issuer.up();
        issuer.up();
        assert_eq!(get().await.expect("an answer").status(), 200);
    }
    assert_eq!(issuer.jwks_requests(), 4);
}

#[tokio::test]
async fn going_down_breaks_a_waiting_request() {
    let issuer = TestIssuer::start();
    issuer.answer_with(crate::testing::IssuerFault::Hang);
    let request = tokio::spawn(client().get(issuer.jwks_url()).send());
    while issuer.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    issuer.down();
    let error = request.await.expect("no panic").expect_err("no answer");
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
}

#[test]
fn an_offline_issuer_has_exactly_the_given_url() {
    for (url, jwks_url) in [
        (
            "https://issuer.example.test",
            "https://issuer.example.test/.well-known/jwks.json",
        ),
        (
            "https://issuer.example.test/",
            "https://issuer.example.test/.well-known/jwks.json",
        ),
        (
            "https://issuer.example.test/a/b/",
            "https://issuer.example.test/a/b/.well-known/jwks.json",
        ),
        ("acme.com", "acme.com/.well-known/jwks.json"),
    ] {
        let issuer = TestIssuer::offline(url);
        assert_eq!((issuer.url(), issuer.jwks_url()), (url, jwks_url));
    }
}

#[test]
#[should_panic = "an offline issuer has no server"]
fn an_offline_issuer_cannot_go_down() {
    TestIssuer::offline("https://issuer.example.test").down();
}
