use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use url::Url;

use super::error::{IssuerError, MetadataError};
use super::*;
use crate::claims::ClaimShape;
use crate::config::{HttpSettings, IssuerSettings, JwksPrefetch, KeyLocation, KeySettings};
use crate::http::loopback::{Server, ok};
use crate::http::{FetchError, Http, UrlRefusal};
use crate::jose::Algorithms;
use crate::json::MembersError;

const NOW: Duration = Duration::from_secs(1_000_000);
const TTL: Duration = Duration::from_secs(7200);
const CONFIRMED_FOR: Duration = Duration::from_secs(1800);
const KEYS: KeySettings = KeySettings {
    refresh_interval: Duration::from_secs(3600),
    cache_ttl: TTL,
    stale_ttl: Duration::ZERO,
    cooldown: Duration::ZERO,
    prefetch: JwksPrefetch::Warm,
    uses: crate::jose::KeyUse::Signatures,
};

const OIDC: &str = "/tenant/.well-known/openid-configuration";
const RFC8414: &str = "/.well-known/oauth-authorization-server/tenant";
const CONVENTIONAL: &str = "/tenant/.well-known/jwks.json";

/// Paths and their answers; `BASE` is replaced by the server's own address. Others are a 404.
type Answers = Arc<Mutex<Vec<(&'static str, u16, String)>>>;

struct Issuer {
    server: Server,
    answers: Answers,
}

impl Issuer {
    fn with(answers: &[(&'static str, u16, &str)]) -> Self {
        let answers: Answers = Arc::new(Mutex::new(
            answers
                .iter()
                .map(|(path, status, body)| (*path, *status, body.to_string()))
                .collect(),
        ));
        let served = Arc::clone(&answers);
        let server = Server::start(move |head, stream| {
            let path = head.split(' ').nth(1).unwrap();
            let host = head
                .lines()
                .find_map(|line| line.strip_prefix("host: "))
                .unwrap();
            let answers = served.lock().unwrap();
            let answer = answers.iter().find(|(known, ..)| *known == path);
            let (status, body) =
                answer.map_or((404, ""), |(_, status, body)| (*status, body.as_str()));
            let body = body.replace("BASE", &format!("http://{host}"));
            let response = String::from_utf8(ok("", body.as_bytes())).unwrap();
            let _ = stream.write_all(
                response
                    .replace("200 OK", &format!("{status} x"))
                    .as_bytes(),
            );
        });
        Self { server, answers }
    }

    /// Of the issuer `BASE/tenant`, whose URL is configured with `slash` behind it or not.
    fn locator(&self, location: fn(Url) -> KeyLocation) -> Locator {
        let issuer = self.server.url("/tenant");
        locator(location(issuer.clone()), issuer.as_str(), false)
    }
}

fn locator(location: KeyLocation, issuer: &str, allow_http: bool) -> Locator {
    let http = HttpSettings {
        timeout: Duration::from_secs(5),
        ca_bundle: None,
        allow_http,
        proxy: None,
    };
    let settings = IssuerSettings {
        trust_domain: None,
        token_header: None,
        proxy: None,
        bearer: None,
        accept_id_tokens: false,
        name: None,
        issuer: Some(issuer.to_owned()),
        template: None,
        location,
        audience: vec!["api".to_owned()],
        algorithms: Algorithms::ALL,
        preset: None,
        token_typs: Vec::new(),
        require_typ: false,
        audience_claims: Vec::new(),
        scope_claims: Vec::new(),
        roles_claims: Vec::new(),
        permissions_claims: Vec::new(),
        roles_shape: ClaimShape::List,
        permissions_shape: ClaimShape::List,
        required_claims: Vec::new(),
        expected_claims: Vec::new(),
        #[cfg(feature = "introspection")]
        introspection: None,
    };
    Locator::new(&settings, &KEYS, Http::new(&http).unwrap())
}

async fn body(locator: &Locator, now: Duration) -> Result<String, IssuerError> {
    fetched(locator, FetchReason::Refresh, now).await
}

async fn fetched(
    locator: &Locator,
    reason: FetchReason,
    now: Duration,
) -> Result<String, IssuerError> {
    locator
        .fetch(reason, now)
        .await
        .map(|document| String::from_utf8(document.body).unwrap())
}

/// The paths of the requests, sorted: of two requests at once either may come first.
fn asked(issuer: &Issuer) -> Vec<String> {
    let mut paths = issuer.server.paths();
    paths.sort();
    paths
}

const METADATA: &str = r#"{"issuer": "BASE/tenant", "jwks_uri": "BASE/keys", "jwks": []}"#;

#[tokio::test]
async fn openid_metadata_names_the_place() {
    let issuer = Issuer::with(&[(OIDC, 200, METADATA), ("/keys", 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::Discover);
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
    assert_eq!(issuer.server.paths(), [OIDC, "/keys"]);
}

#[tokio::test]
async fn without_openid_metadata_those_of_rfc_8414_are_asked() {
    let issuer = Issuer::with(&[(RFC8414, 200, METADATA), ("/keys", 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::Discover);
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
    assert_eq!(issuer.server.paths(), [OIDC, RFC8414, "/keys"]);
}

#[tokio::test]
async fn without_metadata_the_conventional_place_is_asked() {
    let issuer = Issuer::with(&[(CONVENTIONAL, 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::Discover);
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
    assert_eq!(issuer.server.paths(), [OIDC, RFC8414, CONVENTIONAL]);
}

#[tokio::test]
async fn without_discovery_only_the_conventional_place_is_asked() {
    let issuer = Issuer::with(&[(OIDC, 200, METADATA), (CONVENTIONAL, 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::Conventional);
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
    assert_eq!(issuer.server.paths(), [CONVENTIONAL]);
}

#[tokio::test]
async fn an_explicit_place_is_asked_as_it_stands() {
    let issuer = Issuer::with(&[("/tenant", 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::At);
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
    assert_eq!(issuer.server.paths(), ["/tenant"]);
}

#[tokio::test]
async fn keys_that_were_handed_over_are_nowhere() {
    let locator = locator(KeyLocation::Given, "https://a.example", false);
    assert_eq!(body(&locator, NOW).await, Err(IssuerError::NoLocation));
}

#[tokio::test]
async fn any_failure_but_a_404_ends_the_attempt() {
    for status in [400, 403, 405, 410, 500, 503] {
        let issuer = Issuer::with(&[
            (OIDC, status, ""),
            (RFC8414, 200, METADATA),
            ("/keys", 200, "the keys"),
        ]);
        let url = issuer.server.url(OIDC).to_string();
        let locator = issuer.locator(KeyLocation::Discover);
        let failed = Err(IssuerError::Fetch {
            url,
            error: FetchError::Status(status),
        });
        assert_eq!(body(&locator, NOW).await, failed);
        assert_eq!(issuer.server.paths(), [OIDC]);
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_search_for_a_key_fetches_the_known_uri_alone() {
    let issuer = Issuer::with(&[(OIDC, 200, METADATA), ("/keys", 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::Discover);
    for now in [NOW, NOW, NOW + CONFIRMED_FOR - SECOND] {
        assert_eq!(
            fetched(&locator, FetchReason::Token, now).await,
            Ok("the keys".to_owned())
        );
    }
    assert_eq!(issuer.server.paths(), [OIDC, "/keys", "/keys", "/keys"]);
    for now in [NOW + CONFIRMED_FOR, NOW + CONFIRMED_FOR + TTL, NOW] {
        assert_eq!(
            fetched(&locator, FetchReason::Token, now).await,
            Ok("the keys".to_owned())
        );
        assert_eq!(
            asked(&issuer),
            ["/keys", OIDC],
            "half an interval later, after the ttl, and with the clock put back"
        );
    }
}

#[tokio::test]
async fn a_refresh_and_a_suspect_uri_read_the_metadata_too() {
    let issuer = Issuer::with(&[(OIDC, 200, METADATA), ("/keys", 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::Discover);
    for reason in [FetchReason::Token, FetchReason::Refresh, FetchReason::Token] {
        assert_eq!(
            fetched(&locator, reason, NOW).await,
            Ok("the keys".to_owned())
        );
        locator.mark_suspect();
        assert_eq!(asked(&issuer), ["/keys", OIDC], "{reason:?}");
    }
    for reason in [FetchReason::Refresh, FetchReason::Token] {
        assert_eq!(
            fetched(&locator, reason, NOW).await,
            Ok("the keys".to_owned())
        );
    }
    assert_eq!(
        asked(&issuer),
        ["/keys", "/keys", OIDC],
        "confirmed by the refresh"
    );
}

#[tokio::test]
async fn keys_that_moved_are_followed_though_the_old_place_answers() {
    let issuer = Issuer::with(&[
        (OIDC, 200, METADATA),
        ("/keys", 200, "the keys"),
        ("/moved", 200, "the new keys"),
    ]);
    let locator = issuer.locator(KeyLocation::Discover);
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
    issuer.answers.lock().unwrap()[0].2 = METADATA.replace("/keys", "/moved");
    assert_eq!(body(&locator, NOW).await, Ok("the new keys".to_owned()));
    assert_eq!(
        fetched(&locator, FetchReason::Token, NOW).await,
        Ok("the new keys".to_owned())
    );
    // As long as the new place does not answer, the old one does.
    let issuer = Issuer::with(&[
        (OIDC, 200, METADATA),
        ("/keys", 200, "the keys"),
        ("/moved", 500, ""),
    ]);
    let locator = issuer.locator(KeyLocation::Discover);
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
    issuer.answers.lock().unwrap()[0].2 = METADATA.replace("/keys", "/moved");
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
    issuer.answers.lock().unwrap()[1].1 = 500;
    let url = issuer.server.url("/keys").to_string();
    assert_eq!(
        body(&locator, NOW).await,
        Err(IssuerError::Fetch {
            url,
            error: FetchError::Status(500)
        })
    );
    // And is doubted for as long.
    issuer.answers.lock().unwrap()[2].1 = 200;
    assert_eq!(
        fetched(&locator, FetchReason::Token, NOW).await,
        Ok("".to_owned())
    );
}

#[tokio::test]
async fn a_uri_that_fails_is_discovered_again_at_once() {
    for status in [404, 410, 500, 503] {
        let issuer = Issuer::with(&[
            (OIDC, 200, METADATA),
            ("/keys", 200, "the keys"),
            ("/moved", 200, "the new keys"),
        ]);
        let locator = issuer.locator(KeyLocation::Discover);
        assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
        issuer.answers.lock().unwrap()[0].2 = METADATA.replace("/keys", "/moved");
        issuer.answers.lock().unwrap()[1].1 = status;
        assert_eq!(
            fetched(&locator, FetchReason::Token, NOW).await,
            Ok("the new keys".to_owned())
        );
        assert_eq!(
            issuer.server.paths(),
            [OIDC, "/keys", "/keys", OIDC, "/moved"]
        );
    }
}

#[tokio::test]
async fn a_place_that_asks_for_patience_is_asked_for_nothing_else() {
    let issuer = Issuer::with(&[(OIDC, 200, METADATA), ("/keys", 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::Discover);
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
    issuer.answers.lock().unwrap()[1].1 = 429;
    for _ in 0..2 {
        let url = issuer.server.url("/keys").to_string();
        let refused = Err(IssuerError::Fetch {
            url,
            error: FetchError::Status(429),
        });
        assert_eq!(fetched(&locator, FetchReason::Token, NOW).await, refused);
    }
    assert_eq!(issuer.server.paths(), [OIDC, "/keys", "/keys", "/keys"]);
}

#[tokio::test]
async fn unusable_metadata_keep_the_known_jwks_uri_for_its_lifetime() {
    let wrong = METADATA.replace("BASE/tenant", "https://evil.example");
    for (status, text) in [(503, METADATA), (404, ""), (200, "<html>"), (200, &*wrong)] {
        let issuer = Issuer::with(&[
            (OIDC, 200, METADATA),
            ("/keys", 200, "the keys"),
            (CONVENTIONAL, 200, "a guess"),
        ]);
        let locator = issuer.locator(KeyLocation::Discover);
        assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
        {
            let mut answers = issuer.answers.lock().unwrap();
            (answers[0].1, answers[0].2) = (status, text.to_owned());
        }
        for now in [NOW, NOW + TTL - SECOND] {
            assert_eq!(
                body(&locator, now).await,
                Ok("the keys".to_owned()),
                "{status} {text}"
            );
        }
        issuer.server.paths();
        assert_eq!(
            fetched(&locator, FetchReason::Token, NOW).await,
            Ok("the keys".to_owned()),
            "{status} {text}"
        );
        assert!(
            asked(&issuer).contains(&OIDC.to_owned()),
            "{status} {text}: it was not confirmed"
        );
        let afterwards = body(&locator, NOW + TTL).await;
        assert!(
            if status == 404 {
                afterwards == Ok("a guess".into())
            } else {
                afterwards.is_err()
            },
            "{status} {text}"
        );
    }
}

#[tokio::test]
async fn an_issuer_without_metadata_is_not_asked_why_each_time() {
    let issuer = Issuer::with(&[(CONVENTIONAL, 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::Discover);
    for now in [NOW, NOW + TTL - SECOND] {
        assert_eq!(body(&locator, now).await, Ok("the keys".to_owned()));
    }
    issuer.server.paths();
    assert_eq!(
        fetched(&locator, FetchReason::Token, NOW + TTL).await,
        Ok("the keys".to_owned())
    );
    assert_eq!(
        issuer.server.paths(),
        [CONVENTIONAL],
        "the refresh confirmed it"
    );
}

/// Why that metadata is not believed.
async fn refusal(metadata: &str) -> MetadataError {
    let issuer = Issuer::with(&[
        (OIDC, 200, metadata),
        (RFC8414, 200, METADATA),
        ("/keys", 200, "the keys"),
    ]);
    let refused = body(&issuer.locator(KeyLocation::Discover), NOW).await;
    assert_eq!(issuer.server.paths(), [OIDC], "nothing else is asked");
    match refused {
        Err(IssuerError::Metadata { url, error }) if url == issuer.server.url(OIDC).as_str() => {
            error
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_byte_order_mark_before_the_metadata_is_skipped() {
    let marked = format!("\u{feff}{METADATA}");
    let issuer = Issuer::with(&[(OIDC, 200, &marked), ("/keys", 200, "the keys")]);
    let locator = issuer.locator(KeyLocation::Discover);
    assert_eq!(body(&locator, NOW).await, Ok("the keys".to_owned()));
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused_and_both_are_named() {
    let issuer = Issuer::with(&[(
        OIDC,
        200,
        &METADATA.replace("BASE/tenant", "https://evil.example/\\u001b"),
    )]);
    let locator = issuer.locator(KeyLocation::Discover);
    let error = body(&locator, NOW).await.unwrap_err().to_string();
    let (at, expected) = (issuer.server.url(OIDC), issuer.server.url("/tenant"));
    assert_eq!(
        error,
        format!(
            "{at}: it speaks for the issuer \"https://evil.example/\\u{{1b}}\", \
             expected is \"{expected}\"",
        )
    );
    for other in ["BASE/tenant/", "BASE", "BASE/Tenant", " BASE/tenant", ""] {
        let error = refusal(&METADATA.replace("BASE/tenant", other)).await;
        assert!(
            matches!(error, MetadataError::Issuer { .. }),
            "{other}: {error:?}"
        );
    }
}

#[tokio::test]
async fn metadata_that_is_not_an_object_with_both_members_is_refused() {
    use MembersError::{Missing, NotAString};
    let members = |error| MetadataError::Members(error);
    assert_eq!(
        refusal(r#"{"jwks_uri": "BASE/keys"}"#).await,
        members(Missing("issuer"))
    );
    assert_eq!(
        refusal(r#"{"issuer": "BASE/tenant"}"#).await,
        members(Missing("jwks_uri"))
    );
    assert_eq!(
        refusal(r#"{"issuer": "BASE/tenant", "jwks_uri": null}"#).await,
        members(Missing("jwks_uri"))
    );
    assert_eq!(
        refusal(r#"{"issuer": ["BASE/tenant"], "jwks_uri": "BASE/keys"}"#).await,
        members(NotAString("issuer"))
    );
    assert_eq!(
        refusal(r#"{"issuer": "BASE/tenant", "jwks_uri": 1}"#).await,
        members(NotAString("jwks_uri"))
    );
    for text in [
        "",
        "<html>",
        r#"["BASE/tenant", "BASE/keys"]"#,
        r#"{"issuer": "https://evil.example", "issuer": "BASE/tenant", "jwks_uri": "BASE/keys"}"#,
    ] {
        let error = refusal(text).await;
        assert!(
            matches!(
                error,
                MetadataError::Members(MembersError::NotAnObject { .. })
            ),
            "{text}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_jwks_uri_is_held_to_the_rule_for_urls() {
    let with = |uri: &str| METADATA.replace("BASE/keys", uri);
    assert_eq!(
        refusal(&with("/keys")).await,
        MetadataError::NotAUrl {
            name: "jwks_uri",
            text: "\"/keys\"".to_owned()
        }
    );
    for (uri, shown, refusal_of_url) in [
        (
            "http://u:p@evil.example/keys?a=b",
            "http://evil.example/keys",
            UrlRefusal::PlainHttp,
        ),
        (
            "file:///etc/passwd",
            "file:///etc/passwd",
            UrlRefusal::Scheme,
        ),
        (
            "https://u:p@keys.example/keys",
            "https://keys.example/keys",
            UrlRefusal::UserInformation,
        ),
        (
            "https://u@keys.example/keys",
            "https://keys.example/keys",
            UrlRefusal::UserInformation,
        ),
    ] {
        let refused = MetadataError::Refused {
            name: "jwks_uri",
            url: shown.to_owned(),
            refusal: refusal_of_url,
        };
        assert_eq!(refusal(&with(uri)).await, refused);
    }
}

#[test]
fn a_jwks_uri_does_not_leave_https() {
    let document = |url: &str| crate::http::Document {
        url: Url::parse(url).unwrap(),
        body: br#"{"issuer": "i", "jwks_uri": "http://127.0.0.1/keys"}"#.to_vec(),
        max_age: None,
    };
    let keys = Url::parse("http://127.0.0.1/keys").unwrap();
    let uri = |url, allow_http| metadata::jwks_uri(&document(url), "i", allow_http);
    assert_eq!(
        uri("https://a.example/", false),
        Err(MetadataError::Downgrade {
            name: "jwks_uri",
            url: keys.to_string()
        })
    );
    assert_eq!(uri("https://a.example/", true), Ok(keys.clone()));
    assert_eq!(uri("http://localhost/", false), Ok(keys));
}
