use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;

use super::error::FetchError;
use super::loopback::{Server, ok, redirect};
use super::rules::{RedirectRefusal, UrlRefusal, check_redirect};
use super::*;

fn settings() -> HttpSettings {
    HttpSettings {
        timeout: Duration::from_secs(5),
        ca_bundle: None,
        allow_http: false,
        proxy: None,
    }
}

fn http() -> Http {
    Http::new(&settings()).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[tokio::test]
async fn a_document_comes_with_its_max_age_and_a_plain_request() {
    let server = Server::with(ok(
        "Cache-Control: public, max-age=90\r\nSet-Cookie: a=b\r\n",
        b"{}",
    ));
    let place = server.url("/keys?tenant=1");
    let document = http().fetch(&place).await.unwrap();
    assert_eq!(
        document,
        Document {
            url: place,
            body: b"{}".to_vec(),
            max_age: Some(Duration::from_secs(90))
        }
    );
    let [head] = &*server.heads() else {
        panic!("one request")
    };
    let mut lines: Vec<_> = head
        .trim_end()
        .lines()
        .map(str::to_ascii_lowercase)
        .collect();
    lines[1..].sort();
    assert_eq!(
        lines,
        [
            "get /keys?tenant=1 http/1.1".to_owned(),
            "accept-encoding: identity".to_owned(),
            "accept: application/jwk-set+json, application/json, */*;q=0.5".to_owned(),
            format!("host: {}", server.url("/").authority()),
            format!("user-agent: axioms-rocket/{}", env!("CARGO_PKG_VERSION")),
        ]
    );
}

#[tokio::test]
async fn any_status_but_200_is_a_failure() {
    for status in [201, 204, 304, 400, 404, 500, 503] {
        let server = Server::with(format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n"));
        assert_eq!(
            http().fetch(&server.url("/")).await,
            Err(FetchError::Status(status))
        );
    }
    // A redirect to nowhere.
    let server = Server::with("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(
        http().fetch(&server.url("/")).await,
        Err(FetchError::Status(302))
    );
}

#[tokio::test]
async fn a_body_of_512_kib_is_read_and_one_byte_more_is_refused() {
    let server = Server::with(ok("", &vec![b' '; 512 * 1024]));
    assert_eq!(
        http()
            .fetch(&server.url("/"))
            .await
            .map(|document| document.body.len()),
        Ok(512 * 1024)
    );
    let server = Server::with(ok("", &vec![b' '; 512 * 1024 + 1]));
    assert_eq!(
        http().fetch(&server.url("/")).await,
        Err(FetchError::TooLarge)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_endless_body_without_a_length_is_cut_off() {
    let (sender, sent) = mpsc::channel();
    let server = Server::start(move |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let chunk = format!("400\r\n{}\r\n", " ".repeat(0x400));
        let _ = sender.send(
            std::iter::repeat_with(|| stream.write_all(chunk.as_bytes()))
                .take_while(Result::is_ok)
                .count(),
        );
    });
    assert_eq!(
        http().fetch(&server.url("/")).await,
        Err(FetchError::TooLarge)
    );
    // In KiB: what was read, and what the sockets of both sides hold.
    let sent = sent.recv().unwrap();
    assert!((512..16 * 1024).contains(&sent), "{sent}");
}

/// The tests are built with reqwest's features for these codings, as an application may be: nothing
/// changes.
#[tokio::test]
async fn a_compressed_body_is_not_asked_for_and_never_unpacked() {
    // 64 KiB of blanks.
    let (head, tail) = (
        b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc1\x81\0\0\0\0\x80\x20\x95\xfd\x29\x17\xa9\x0a",
        b"\x6a\x94\x19\x2c\xb4\0\0\x01\0",
    );
    let gzip = [&head[..], &[0; 63], tail].concat();
    for coding in ["gzip", "deflate", "br", "zstd", "gzip, gzip", "X-Own"] {
        let server = Server::with(ok(&format!("Content-Encoding: {coding}\r\n"), &gzip));
        let error = http().fetch(&server.url("/")).await.unwrap_err();
        assert_eq!(error, FetchError::ContentEncoding(coding.to_owned()));
        assert_eq!(
            error.to_string(),
            format!("sent with Content-Encoding {coding}, which was not asked for")
        );
        let heads = server.heads();
        assert!(
            heads.len() == 1
                && heads[0]
                    .to_ascii_lowercase()
                    .contains("accept-encoding: identity\r\n"),
            "{heads:?}"
        );
    }
    // Not declared: handed on as it came.
    let server = Server::with(ok("", &gzip));
    let document = http().fetch(&server.url("/")).await.unwrap();
    assert_eq!(document.body, gzip);
}

#[tokio::test]
async fn the_coding_identity_is_no_coding_and_a_long_one_is_cut() {
    for coding in ["identity", "Identity", ""] {
        let server = Server::with(ok(&format!("Content-Encoding: {coding}\r\n"), b"{}"));
        let document = http().fetch(&server.url("/")).await.unwrap();
        assert_eq!(document.body, b"{}", "{coding:?}");
    }
    let server = Server::with(ok(
        &format!("Content-Encoding: {}\r\n", "\u{e9}".repeat(100)),
        b"{}",
    ));
    let error = http().fetch(&server.url("/")).await.unwrap_err();
    let shown = r"\xc3\xa9".repeat(5);
    assert_eq!(error, FetchError::ContentEncoding(shown));
}

/// Kubernetes' rule.
#[tokio::test]
async fn a_server_that_insists_on_the_type_of_key_sets_is_satisfied() {
    let server = Server::start(|head, stream| {
        let head = head.to_ascii_lowercase();
        let accept = head.lines().find_map(|line| line.strip_prefix("accept: "));
        let accepted = accept.is_some_and(|types| types.contains("application/jwk-set+json"));
        let answer = if accepted {
            ok("Content-Type: application/jwk-set+json\r\n", b"{}")
        } else {
            b"HTTP/1.1 406 Not Acceptable\r\nContent-Length: 0\r\n\r\n".to_vec()
        };
        let _ = stream.write_all(&answer);
    });
    let document = http().fetch(&server.url("/openid/v1/jwks")).await.unwrap();
    assert_eq!(document.body, b"{}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_connection_is_kept_when_its_answer_was_read() {
    let (sender, ended) = mpsc::channel();
    let server = Server::start(move |_, stream| {
        let _ = stream.write_all(&ok("Connection: keep-alive\r\n", b"{}"));
        let _ = sender.send(stream.read(&mut [0]).ok());
    });
    let http = http();
    for _ in 0..3 {
        assert_eq!(
            http.fetch(&server.url("/"))
                .await
                .map(|document| document.body),
            Ok(b"{}".to_vec())
        );
        // The end of the stream: we hung up, while the client lives on.
        assert_eq!(ended.recv_timeout(Duration::from_secs(20)), Ok(Some(0)));
    }
}

#[tokio::test]
async fn a_silent_server_and_a_body_that_stops_run_into_the_timeout() {
    let settings = HttpSettings {
        timeout: Duration::from_millis(300),
        ..settings()
    };
    let http = Http::new(&settings).unwrap();
    for start in ["", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"] {
        let (hold, held) = mpsc::channel::<()>();
        let server = Server::start(move |_, stream| {
            let _ = stream.write_all(start.as_bytes());
            let _ = held.recv();
        });
        assert_eq!(http.fetch(&server.url("/")).await, Err(FetchError::Timeout));
        drop(hold);
    }
}

#[tokio::test]
async fn three_redirects_are_followed_without_a_referer_and_the_fourth_is_not() {
    let count_down = |head: &str, stream: &mut TcpStream| {
        let path = head.split(' ').nth(1).unwrap();
        let left: u32 = path.trim_start_matches('/').parse().unwrap();
        let answer = if left == 0 {
            ok("", b"{}")
        } else {
            redirect(&format!("/{}", left - 1)).into_bytes()
        };
        let _ = stream.write_all(&answer);
    };
    let server = Server::start(count_down);
    let document = http().fetch(&server.url("/3")).await.unwrap();
    assert_eq!(document.url, server.url("/0"));
    let heads = server.heads();
    assert_eq!(heads.len(), 4);
    assert!(
        heads
            .iter()
            .all(|head| !head.to_ascii_lowercase().contains("referer")),
        "{heads:?}"
    );

    let server = Server::start(count_down);
    assert_eq!(
        http().fetch(&server.url("/4")).await,
        Err(FetchError::Redirect(RedirectRefusal::TooMany))
    );
    assert_eq!(server.paths(), ["/4", "/3", "/2", "/1"]);
}

#[tokio::test]
async fn redirects_to_other_schemes_and_to_plain_http_are_not_followed() {
    for (target, refusal) in [
        ("ftp://127.0.0.1/keys", UrlRefusal::Scheme),
        ("gopher://127.0.0.1/1", UrlRefusal::Scheme),
        ("http://192.0.2.1/keys", UrlRefusal::PlainHttp),
        ("http://localhost.evil.example/keys", UrlRefusal::PlainHttp),
    ] {
        let server = Server::with(redirect(target));
        let refused = Err(FetchError::Redirect(RedirectRefusal::Target(refusal)));
        assert_eq!(http().fetch(&server.url("/")).await, refused, "{target}");
    }
    // A `Location` that is no HTTP URI is no redirect.
    for target in ["file:///etc/passwd", "data:,{}", "http://["] {
        let server = Server::with(redirect(target));
        assert_eq!(
            http().fetch(&server.url("/")).await,
            Err(FetchError::Status(302)),
            "{target}"
        );
    }
}

#[test]
fn redirects_never_lead_from_https_to_http() {
    let previous = [url("https://a.example/"), url("https://b.example/")];
    for allow_http in [false, true] {
        let check = |next: &str| check_redirect(&previous, &url(next), allow_http);
        assert_eq!(check("https://c.example/"), Ok(()));
        assert_eq!(check("http://a.example/"), Err(RedirectRefusal::Downgrade));
        assert_eq!(check("http://127.0.0.1/"), Err(RedirectRefusal::Downgrade));
    }
    let plain = [url("http://127.0.0.1/")];
    assert_eq!(
        check_redirect(&plain, &url("https://a.example/"), false),
        Ok(())
    );
    assert_eq!(
        check_redirect(&plain, &url("http://a.example/"), true),
        Ok(())
    );
}

#[test]
fn plain_http_is_for_loopback_hosts_only_unless_it_is_allowed() {
    for loopback in [
        "http://127.0.0.1/",
        "http://127.9.9.9:80/",
        "http://[::1]:8080/",
        "http://LOCALHOST/",
    ] {
        assert_eq!(check_url(&url(loopback), false), Ok(()), "{loopback}");
    }
    for other in [
        "http://a.example/",
        "http://localhost.a.example/",
        "http://127.0.0.1.a.example/",
        "http://10.0.0.1/",
        "http://[::2]/",
        "http://0.0.0.0/",
    ] {
        assert_eq!(
            check_url(&url(other), false),
            Err(UrlRefusal::PlainHttp),
            "{other}"
        );
        assert_eq!(check_url(&url(other), true), Ok(()), "{other}");
    }
    for other in [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "data:,{}",
        "ws://localhost/",
    ] {
        assert_eq!(
            check_url(&url(other), true),
            Err(UrlRefusal::Scheme),
            "{other}"
        );
    }
}

#[tokio::test]
async fn a_refused_url_is_not_asked() {
    let refused = Err(FetchError::Url(UrlRefusal::PlainHttp));
    assert_eq!(http().fetch(&url("http://192.0.2.1/keys")).await, refused);
}

#[tokio::test]
async fn a_network_error_tells_the_cause_and_no_secret_of_the_url() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let place = url(&format!(
        "http://user:secret@127.0.0.1:{port}/keys?key=secret"
    ));
    let Err(FetchError::Network(reason)) = http().fetch(&place).await else {
        panic!("it answered")
    };
    assert!(reason.contains("onnection refused"), "{reason}");
    assert!(
        !reason.contains("secret") && !reason.contains("user"),
        "{reason}"
    );
}

#[test]
fn a_shown_url_is_without_secrets_and_not_endless() {
    let shown = |text: &str| RedactedUrl(&url(text)).to_string();
    assert_eq!(
        shown("https://u:p@a.example:8443/k?secret=1#f"),
        "https://a.example:8443/k"
    );
    assert_eq!(
        shown("https://a.example/\r\n%0a\u{1b}é"),
        "https://a.example/%0a%1B%C3%A9"
    );
    assert_eq!(
        shown(&format!("https://a.example/{}", "a".repeat(1000)))
            .chars()
            .count(),
        201
    );
}

#[test]
fn debug_shows_no_body_and_no_secret() {
    let document = Document {
        url: url("https://u:p@a.example/k?s=1"),
        body: b"{\"keys\":[]}".to_vec(),
        max_age: None,
    };
    assert_eq!(
        format!("{document:?}"),
        "Document { url: https://a.example/k, bytes: 11, max_age: None }"
    );
    assert_eq!(
        format!("{:?}", http()),
        "Http { timeout: 5s, allow_http: false }"
    );
}

/// A server with this certificate, and why it is not trusted.
#[cfg(feature = "testing")]
async fn untrusted(params: rcgen::CertificateParams, ca_bundle: bool) -> String {
    use rustls::ServerConfig;
    use rustls::crypto::aws_lc_rs::default_provider;
    use rustls::pki_types::PrivatePkcs8KeyDer;
    use tokio_rustls::rustls;

    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let config = ServerConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = url(&format!("https://{}/", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
        let (stream, _) = listener.accept().await.unwrap();
        drop(acceptor.accept(stream).await);
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, certificate.pem()).unwrap();
    let settings = HttpSettings {
        ca_bundle: ca_bundle.then_some(path),
        ..settings()
    };
    let fetched = Http::new(&settings).unwrap().fetch(&place).await;
    fetched.unwrap_err().to_string()
}

#[cfg(feature = "testing")]
#[tokio::test]
async fn a_certificate_that_is_not_trusted_comes_with_advice() {
    let params = || rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let reason = untrusted(params(), false).await;
    assert!(
        reason.ends_with(
            "UnknownIssuer (its certificate is signed by an authority that is not trusted: \
             `http_ca_bundle` adds one)"
        ),
        "{reason}"
    );
    let mut authority = params();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let reason = untrusted(authority, true).await;
    assert!(
        reason.contains("CaUsedAsEndEntity")
            && reason.ends_with(
                "(the server presents the certificate of an authority, \
                 basicConstraints CA:TRUE, as its own: it needs \
                 one with CA:FALSE, signed by an authority that is trusted or in `http_ca_bundle`)"
            ),
        "{reason}"
    );
}

fn with_bundle(content: Option<&[u8]>) -> (Result<(), HttpError>, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    if let Some(content) = content {
        std::fs::write(&path, content).unwrap();
    }
    let settings = HttpSettings {
        ca_bundle: Some(path.clone()),
        ..settings()
    };
    (Http::new(&settings).map(drop), path)
}

#[test]
fn a_ca_bundle_that_cannot_serve_is_an_error_that_names_it() {
    let (result, path) = with_bundle(None);
    assert!(matches!(result, Err(HttpError::Unreadable { path: named, .. }) if named == path));
    let (result, path) = with_bundle(Some(b"no certificate here"));
    assert_eq!(result, Err(HttpError::NoCertificate { path }));
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let (result, path) = with_bundle(Some(broken));
    assert!(
        matches!(&result, Err(HttpError::BadCertificate { path: named, .. }) if *named == path),
        "{result:?}"
    );
}

#[test]
fn a_ca_bundle_adds_to_the_roots_of_the_platform() {
    assert_eq!(with_bundle(Some(ROOT)).0, Ok(()));
}

/// Runs itself again in a process whose platform has no root certificate.
#[test]
fn a_platform_without_root_certificates_does_not_prevent_the_launch() {
    const HERE: &str =
        "http::tests::a_platform_without_root_certificates_does_not_prevent_the_launch";
    if std::env::var_os("AXIOMS_TEST_WITHOUT_ROOTS").is_some() {
        let http = http();
        assert_eq!(with_bundle(Some(ROOT)).0, Ok(()));
        // It gets as far as the handshake.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = url(&format!("https://{}/", listener.local_addr().unwrap()));
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"no TLS, but plain text");
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let fetched = runtime.block_on(http.fetch(&place));
        let Err(FetchError::Network(reason)) = fetched else {
            panic!("{fetched:?}")
        };
        assert!(reason.contains("corrupt message"), "{reason}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", HERE])
        .env("AXIOMS_TEST_WITHOUT_ROOTS", "1")
        .env("SSL_CERT_FILE", folder.path().join("none"))
        .env("SSL_CERT_DIR", folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

/// A self-signed root whose key is dropped.
const ROOT: &[u8] = b"\
-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUMK1fv3HzXrNb2R3SYZHT8rR0Z70wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJVGVzdCByb290MCAXDTI2MTEyMjA0NTEzM1oYDzIxMjYxMDI5
MDQ1MTMzWjAUMRIwEAYDVQQDDAlUZXN0IHJvb3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARwTOP5lOdetJTBYPmBNriooocTZj2NDoAyYseesCnnTPj2atIAuEYx
6MfZia6MT8bOznH4UQOOj3YI7Dw/iuw9o1MwUTAdBgNVHQ4EFgQUq4iayhSL+14Q
NsnjxcWUIeZhyVQwHwYDVR0jBBgwFoAUq4iayhSL+14QNsnjxcWUIeZhyVQwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBH85KYOVss1M7Ywjf3uL/G
OjCjhnqLW+3A9YgXugOo3AIhAMtIVp69CCQ51oWRDQ85qzU+E2vix3fx5boSz2m+
QFMk
-----END CERTIFICATE-----
";
