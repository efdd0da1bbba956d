//! The proxy and the token of an issuer.

use std::fs;
use std::io::Write;
use std::process::Command;

use tempfile::TempDir;

use super::loopback::{Server, ok, redirect};
use super::rules::RedirectRefusal;
use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn http(allow_http: bool) -> Http {
    Http::new(&HttpSettings {
        timeout: Duration::from_secs(2),
        ca_bundle: None,
        allow_http,
        proxy: None,
    })
    .unwrap()
}

fn through(proxy: &str) -> Http {
    http(true).with(Some(&ProxyUrl(url(proxy))), None).unwrap()
}

/// A file with a token, and the client that sends it to `url`.
fn with_token(to: &Url) -> (TempDir, Http) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    fs::write(&file, "first-token\n").unwrap();
    let bearer = BearerSettings {
        file,
        sent_to: to.clone(),
    };
    (directory, http(true).with(None, Some(&bearer)).unwrap())
}

fn authorization(head: &str) -> Option<&str> {
    head.lines()
        .find_map(|line| line.strip_prefix("authorization: "))
}

#[tokio::test]
async fn the_token_is_sent_to_its_origin_and_read_again_each_time() {
    let server = Server::with(ok("", b"{}"));
    let (directory, http) = with_token(&server.url("/metadata"));
    http.fetch(&server.url("/keys")).await.unwrap();
    fs::write(directory.path().join("token"), "second-token").unwrap();
    http.fetch(&server.url("/keys")).await.unwrap();
    let heads = server.heads();
    let sent: Vec<_> = heads.iter().map(|head| authorization(head)).collect();
    assert_eq!(
        sent,
        [Some("Bearer first-token"), Some("Bearer second-token")]
    );
}

#[tokio::test]
async fn the_token_is_not_sent_to_another_origin() {
    let (ours, other) = (Server::with(ok("", b"{}")), Server::with(ok("", b"{}")));
    let (_directory, http) = with_token(&ours.url("/"));
    http.fetch(&other.url("/keys")).await.unwrap();
    assert_eq!(authorization(&other.heads()[0]), None);
    for status in [401, 403] {
        let head = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n");
        let locked = Server::with(head);
        let error = http.fetch(&locked.url("/keys")).await.unwrap_err();
        assert_eq!(error, FetchError::WithoutToken(status));
        assert_eq!(authorization(&locked.heads()[0]), None);
    }
}

#[test]
fn a_token_is_for_https_or_loopback_alone() {
    for (origin, asked, expected) in [
        ("https://a.example/x", "https://a.example/keys", true),
        ("https://a.example/x", "https://a.example:443/keys", true),
        ("https://a.example/x", "http://a.example/keys", false),
        ("https://a.example/x", "https://a.example:8443/keys", false),
        ("https://a.example/x", "https://b.a.example/keys", false),
        ("http://a.example/x", "http://a.example/keys", false),
        ("http://127.0.0.1:1/x", "http://127.0.0.1:1/keys", true),
    ] {
        let bearer = BearerFile::new(&BearerSettings {
            file: "token".into(),
            sent_to: url(origin),
        });
        assert_eq!(bearer.is_for(&url(asked)), expected, "{origin} {asked}");
    }
}

#[tokio::test]
async fn a_request_with_a_token_follows_no_redirect() {
    let aim = Server::with(ok("", b"{}"));
    for to in [aim.url("/").to_string(), "/elsewhere".to_owned()] {
        let server = Server::with(redirect(&to));
        let (_directory, http) = with_token(&server.url("/"));
        assert_eq!(
            http.fetch(&server.url("/keys")).await,
            Err(FetchError::Redirect(RedirectRefusal::WithToken))
        );
        assert_eq!((server.heads().len(), aim.heads().len()), (1, 0));
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_read_fails_the_fetch_and_is_not_shown() {
    let server = Server::with(ok("", b"{}"));
    let (directory, http) = with_token(&server.url("/"));
    let file = directory.path().join("token");
    for content in [
        &b"s3cret s3cret"[..],
        b"",
        b"\n",
        b"s3cret\r\nX: y",
        &[b's'; 70_000],
    ] {
        fs::write(&file, content).unwrap();
        let error = http.fetch(&server.url("/keys")).await.unwrap_err();
        let text = format!("{error} {error:?} {http:?}");
        assert!(
            text.contains("token` cannot") || text.contains("jwks_bearer_file"),
            "{text}"
        );
        assert!(!text.contains("s3cret"), "{text}");
    }
    fs::remove_file(&file).unwrap();
    let error = http.fetch(&server.url("/keys")).await.unwrap_err();
    assert!(error.to_string().contains("No such file"), "{error}");
    assert_eq!(server.heads(), [""; 0], "nothing was asked");
}

#[tokio::test]
async fn a_proxy_is_asked_with_its_credentials_for_all_but_loopback() {
    let proxy = Server::with(ok("", b"{\"proxied\": 1}"));
    let address = proxy.url("/").authority().to_owned();
    let http = through(&format!("http://user:p%40ss@{address}"));
    let document = http.fetch(&url("http://keys.example/set?a=b")).await;
    assert_eq!(document.unwrap().body, b"{\"proxied\": 1}");
    let heads = proxy.heads();
    let head = heads[0].to_ascii_lowercase();
    assert!(
        head.starts_with("get http://keys.example/set?a=b http/1.1"),
        "{head}"
    );
    // user:p@ss
    assert!(heads[0].contains("Basic dXNlcjpwQHNz"), "{head}");

    let loopback = Server::with(ok("", b"{}"));
    http.fetch(&loopback.url("/keys")).await.unwrap();
    assert_eq!((loopback.heads().len(), proxy.heads().len()), (1, 0));
}

#[tokio::test]
async fn https_goes_through_a_tunnel_and_a_refusal_is_told_without_the_password() {
    for status in ["407 Proxy Authentication Required", "302 Found", "502 x"] {
        let location = "Location: http://127.0.0.1:9/\r\n";
        let head = format!("HTTP/1.1 {status}\r\n{location}Content-Length: 0\r\n\r\n");
        let proxy = Server::with(head);
        let address = proxy.url("/").authority().to_owned();
        let http = through(&format!("http://user:hunter2@{address}"));
        let error = http
            .fetch(&url("https://keys.example/set"))
            .await
            .unwrap_err();
        let text = format!("{error} {error:?} {http:?}");
        assert!(!text.contains("hunter2"), "{text}");
        let heads = proxy.heads();
        assert!(
            heads[0].starts_with("CONNECT keys.example:443 HTTP/1.1"),
            "{heads:?}"
        );
        assert!(!heads[0].contains("/set"), "the path is in the tunnel");
        assert_eq!(heads.len(), 1);
    }
}

#[tokio::test]
async fn a_proxy_that_hangs_runs_into_the_timeout() {
    let proxy = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 ");
        std::thread::sleep(Duration::from_secs(4));
    });
    for target in ["https://keys.example/set", "http://keys.example/set"] {
        let http = through(proxy.url("/").as_str());
        assert_eq!(http.fetch(&url(target)).await, Err(FetchError::Timeout));
    }
}

#[tokio::test]
async fn proxies_of_the_environment_are_never_used() {
    const HERE: &str = "http::tests_of_issuers::proxies_of_the_environment_are_never_used";
    const PROXY: &str = "TEST_PROXY_OF_THE_ENVIRONMENT";
    if std::env::var_os(PROXY).is_some() {
        // No such host, and no proxy that would answer for it.
        let fetched = http(true).fetch(&url("http://keys.invalid/set")).await;
        assert!(
            matches!(fetched, Err(FetchError::Network(_))),
            "{fetched:?}"
        );
        return;
    }
    let proxy = Server::with(ok("", b"{}"));
    let address = proxy.url("/").to_string();
    let names = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
    ];
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", HERE])
        .envs(names.map(|name| (name, address.clone())))
        .env(PROXY, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
    assert_eq!(proxy.heads(), [""; 0]);
}
