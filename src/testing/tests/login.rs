use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HOST, LOCATION, ORIGIN};
use serde_json::json;
use url::Url;

use super::{client, json, part};
use crate::testing::TestIssuer;

/// The verifier of RFC 7636 Appendix B, whose challenge is there, too.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PAGE: &str = "http://127.0.0.1:8000/page?x=1";

/// Parameters of a request, of which a test changes some.
type Parameters = Vec<(&'static str, String)>;

fn authorization() -> Parameters {
    [
        ("response_type", "code"),
        ("client_id", "spa"),
        ("redirect_uri", PAGE),
        ("scope", "openid orders:read"),
        ("state", "a&b"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

fn redemption(code: &str) -> Parameters {
    [
        ("grant_type", "authorization_code"),
        ("client_id", "spa"),
        ("redirect_uri", PAGE),
        ("code", code),
        ("code_verifier", VERIFIER),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

fn with(mut parameters: Parameters, name: &'static str, value: &str) -> Parameters {
    parameters.retain(|(known, _)| *known != name);
    parameters.push((name, value.to_owned()));
    parameters
}

fn encoded(parameters: &Parameters) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(parameters).finish()
}

async fn authorize(issuer: &TestIssuer, parameters: &Parameters) -> Result<Url, u16> {
    let url = format!("{}/authorize?{}", issuer.url(), encoded(parameters));
    let response = client().get(url).send().await.expect("a response");
    match response.headers().get(LOCATION) {
        Some(to) => Ok(to.to_str().expect("text").parse().expect("a URL")),
        None => Err(response.status().as_u16()),
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find_map(|(known, value)| (known == name).then(|| value.into_owned()))
}

async fn code(issuer: &TestIssuer) -> String {
    let to = authorize(issuer, &authorization())
        .await
        .expect("a redirect");
    parameter(&to, "code").expect("a code")
}

async fn redeem(issuer: &TestIssuer, parameters: &Parameters) -> (u16, serde_json::Value) {
    let request = client()
        .post(format!("{}/token", issuer.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encoded(parameters));
    let response = request.send().await.expect("a response");
    let status = response.status().as_u16();
    (status, json(&response.text().await.expect("text")))
}

#[tokio::test]
async fn a_login_gives_a_token_of_the_scope_that_was_asked_for() {
    let challenge = digest::digest(&digest::SHA256, VERIFIER.as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(challenge), CHALLENGE);
    let issuer = TestIssuer::builder()
        .path("/realms/shop")
        .login_claim("sub", "alice")
        .login_claim("roles", json!(["editor"]))
        .start();
    let to = authorize(&issuer, &authorization())
        .await
        .expect("a redirect");
    assert!(to.as_str().starts_with(PAGE), "{to}");
    assert_eq!(parameter(&to, "state").as_deref(), Some("a&b"));
    assert_eq!(parameter(&to, "iss").as_deref(), Some(issuer.url()));
    let code = parameter(&to, "code").expect("a code");
    let (status, answer) = redeem(&issuer, &redemption(&code)).await;
    assert_eq!(
        (status, &answer["token_type"]),
        (200, &json!("Bearer")),
        "{answer}"
    );
    let claims = part(answer["access_token"].as_str().expect("a token"), 1);
    let expected = [
        ("sub", json!("alice")),
        ("roles", json!(["editor"])),
        ("scope", json!("openid orders:read")),
        ("client_id", json!("spa")),
        ("iss", json!(issuer.url())),
        ("aud", json!(issuer.audience())),
    ];
    for (name, value) in expected {
        assert_eq!(claims[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_code_is_good_for_one_request_of_its_client_and_verifier() {
    let issuer = TestIssuer::start();
    let refused = (400, json!({ "error": "invalid_grant" }));
    for (name, value) in [
        ("code_verifier", "another"),
        ("code_verifier", ""),
        ("client_id", "other"),
        ("redirect_uri", "http://127.0.0.1:8000/other"),
        ("code", "made-up"),
    ] {
        let code = code(&issuer).await;
        let changed = with(redemption(&code), name, value);
        assert_eq!(redeem(&issuer, &changed).await, refused, "{name} {value}");
    }
    let code = code(&issuer).await;
    assert_eq!(redeem(&issuer, &redemption(&code)).await.0, 200);
    assert_eq!(redeem(&issuer, &redemption(&code)).await, refused, "again");
    let other = with(redemption("x"), "grant_type", "password");
    let unsupported = (400, json!({ "error": "unsupported_grant_type" }));
    assert_eq!(redeem(&issuer, &other).await, unsupported);
}

#[tokio::test]
async fn an_authorization_request_without_pkce_is_refused() {
    let issuer = TestIssuer::start();
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("client_id", "", "invalid_request"),
    ] {
        let changed = with(authorization(), name, value);
        let to = authorize(&issuer, &changed).await.expect("a redirect");
        assert_eq!(parameter(&to, "error").as_deref(), Some(error), "{name}");
        assert_eq!(parameter(&to, "code"), None, "{name}");
    }
}

#[tokio::test]
async fn a_login_is_for_clients_on_loopback_only() {
    let issuer = TestIssuer::start();
    for uri in [
        "https://app.example.com/",
        "http://127.0.0.1.evil.test/",
        "x",
        "",
    ] {
        let changed = with(authorization(), "redirect_uri", uri);
        assert_eq!(authorize(&issuer, &changed).await, Err(400), "{uri}");
    }
    let token = format!("{}/token", issuer.url());
    let rebound = client().post(&token).header(HOST, "evil.test");
    assert_eq!(rebound.send().await.expect("a response").status(), 421);
    let preflight = async |origin: &str| {
        let request = client().request(reqwest::Method::OPTIONS, &token);
        let answer = request.header(ORIGIN, origin).send().await;
        let answer = answer.expect("a response");
        assert_eq!(answer.status(), 204);
        answer.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN).cloned()
    };
    assert_eq!(preflight("https://app.example.com").await, None);
    let local = "http://localhost:5173";
    assert_eq!(preflight(local).await.expect("allowed"), local);
    let get = client().get(&token).send().await.expect("a response");
    assert_eq!(get.status(), 405);
    let form = "x".repeat(20_000);
    let long = client().post(&token).body(form).send().await;
    assert_eq!(long.expect("a response").status(), 413);
}
