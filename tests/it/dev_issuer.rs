//! The example `dev_issuer`: its page in a browser, its endpoints over HTTP, its tokens at an API.
//!
//! Without a browser the test of the page is skipped (`browser.rs`).

use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use rocket::serde::json::{Value, json};

use crate::browser::browse;
use crate::program::{Program, Quickstart, example, free_port, http_client};

const TIMEOUT: Duration = Duration::from_secs(30);
const AUDIENCE: &str = "https://api.example.com";

/// Starts the issuer at a free port; returns it and its URL.
fn start_issuer() -> (Program, String) {
    // Its port is part of its URL, so it does not accept port 0.
    let port = free_port();
    let mut issuer = Program::start(Command::new(example("dev_issuer")).arg(port.to_string()));
    let url = format!("http://127.0.0.1:{port}");
    let announced = issuer.line(TIMEOUT, |_, line| {
        line.starts_with("Mint tokens at") && line.contains(&url)
    });
    assert!(
        announced.is_some(),
        "it did not start: {:#?}",
        issuer.output
    );
    (issuer, url)
}

/// Presses the button and waits for the token.
async fn mint(page: &Client) -> Result<String, CmdError> {
    page.find(Locator::Id("mint")).await?.click().await?;
    page.wait()
        .at_most(TIMEOUT)
        .for_element(Locator::XPath("//*[@id='token'][contains(., '.')]"))
        .await?
        .text()
        .await
}

/// Presses the button and waits until the page contains `then` (an XPath).
async fn press(page: &Client, button: &str, then: &str) -> Result<(), CmdError> {
    page.find(Locator::Id(button)).await?.click().await?;
    page.wait()
        .at_most(TIMEOUT)
        .for_element(Locator::XPath(then))
        .await
        .map(drop)
}

async fn call(api: &str, path: &str, token: &str) -> u16 {
    let request = http_client(None)
        .get(format!("{api}{path}"))
        .bearer_auth(token);
    request.send().await.expect("a response").status().as_u16()
}

/// Uses every control of the page: mints, rotates keys, goes down, comes up.
async fn visit(page: &Client, issuer: &str, api: &str) -> Result<(), CmdError> {
    page.goto(&format!("{issuer}/")).await?;
    page.wait()
        .at_most(TIMEOUT)
        .for_element(Locator::XPath("//*[@id='state'][text()='up']"))
        .await?;
    let warning = page.find(Locator::Css(".warning")).await?.text().await?;
    assert_eq!(
        warning,
        "For development only: anyone on this machine gets any token here."
    );

    let first = mint(page).await?;
    assert_eq!(call(api, "/private", &first).await, 200);
    assert_eq!(call(api, "/role", &first).await, 200);
    let claims = page.find(Locator::Id("token-claims")).await?.text().await?;
    let claims: Value = rocket::serde::json::from_str(&claims).expect("the claims, decoded");
    assert_eq!(
        (&claims["sub"], &claims["iss"], &claims["aud"]),
        (&json!("alice"), &json!(issuer), &json!(AUDIENCE))
    );
    let header = page.find(Locator::Id("token-header")).await?.text().await?;
    assert!(header.contains("\"at+jwt\""), "{header}");
    let curl = page.find(Locator::Id("curl")).await?.text().await?;
    assert!(
        curl.starts_with("curl -i -H 'Authorization: Bearer ") && curl.contains(&first),
        "{curl}"
    );

    let old = page.find(Locator::Id("kid")).await?.text().await?;
    press(page, "rotate", &format!("//*[@id='kid'][text()!='{old}']")).await?;
    let second = mint(page).await?;
    assert_ne!(first, second);
    assert_eq!(
        call(api, "/private", &second).await,
        200,
        "after a rotation"
    );
    assert_eq!(
        call(api, "/private", &first).await,
        200,
        "the key before is still published"
    );

    press(page, "switch", "//*[@id='switch'][text()='Come up']").await?;
    let documents = [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
    ];
    for document in documents {
        assert_eq!(call(issuer, document, "none").await, 503, "{document}");
    }
    let third = mint(page).await?;
    assert_eq!(
        call(api, "/private", &third).await,
        200,
        "the API has its keys"
    );
    press(page, "switch", "//*[@id='switch'][text()='Go down']").await?;
    for document in documents {
        assert_eq!(call(issuer, document, "none").await, 200, "{document}");
    }

    let problem = page.find(Locator::Id("problem")).await?.text().await?;
    assert_eq!(problem, "");
    Ok(())
}

#[rocket::async_test]
async fn tokens_minted_on_the_page_are_accepted_by_the_quickstart() {
    let (_issuer, issuer) = start_issuer();
    let quickstart =
        Quickstart::start(&[("AXIOMS_ISS_URL", &issuer), ("AXIOMS_AUDIENCE", AUDIENCE)]);
    let api = quickstart.url.clone();
    browse("the page of dev_issuer", async move |page| {
        visit(&page, &issuer, &api).await
    })
    .await;
}

#[rocket::async_test]
async fn every_shape_is_minted_for_loopback_origins_only() {
    let (_issuer, issuer) = start_issuer();
    let client = http_client(None);
    let post = |path: &str, body: &Value| {
        client
            .post(format!("{issuer}{path}"))
            .body(body.to_string())
    };
    for shape in [
        "rfc9068", "cognito", "auth0", "okta", "entra-v2", "keycloak",
    ] {
        let request = post(
            "/dev/token",
            &json!({ "shape": shape, "roles": "a b", "lifetime": -1 }),
        );
        let answer = request
            .header("Content-Type", "application/json")
            .send()
            .await
            .expect("a response");
        assert_eq!(answer.status(), 200, "{shape}");
    }
    // A browser sends this across origins without a preflight.
    let form = post("/dev/token", &json!({}))
        .header("Content-Type", "text/plain")
        .send()
        .await
        .expect("a response");
    assert_eq!(form.status(), 404);
    let rebound = post("/dev/token", &json!({}))
        .header("Content-Type", "application/json")
        .header("Host", "evil.test");
    assert_eq!(rebound.send().await.expect("a response").status(), 421);

    let allowed = async |path: &str, origin: &str| {
        let answer = client
            .get(format!("{issuer}{path}"))
            .header("Origin", origin)
            .send()
            .await
            .expect("a response");
        answer
            .headers()
            .get("Access-Control-Allow-Origin")
            .map(|value| value.to_str().expect("text").to_owned())
    };
    assert_eq!(
        allowed("/.well-known/jwks.json", "https://app.test")
            .await
            .as_deref(),
        Some("*")
    );
    assert_eq!(allowed("/dev/status", "https://app.test").await, None);
    assert_eq!(
        allowed("/dev/status", "http://localhost.evil.test").await,
        None
    );
    assert_eq!(
        allowed("/dev/status", "http://localhost:5173")
            .await
            .as_deref(),
        Some("http://localhost:5173")
    );
    assert_eq!(
        allowed("/dev/status", "http://[::1]:5173").await.as_deref(),
        Some("http://[::1]:5173")
    );
}

#[rocket::async_test]
async fn any_claim_with_any_value_is_minted_over_http() {
    let (_issuer, issuer) = start_issuer();
    let client = http_client(None);
    let claims = json!({
        "tenant": "acme", "level": 7, "admin": true, "nothing": null, "groups": ["a", "b"],
        "realm_access": { "roles": ["editor"] }, "sub": "bob", "exp": 1, "aud": ["x", "y"],
        "iss": "https://other.example.test",
    });
    let body = json!({ "shape": "keycloak", "claims": claims, "without": ["jti", "iat"] });
    let response = client
        .post(format!("{issuer}/dev/token"))
        .header("Content-Type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .expect("a response");
    assert_eq!(response.status(), 200);
    let body: Value =
        rocket::serde::json::from_str(&response.text().await.expect("text")).expect("JSON");
    let token = body["token"].as_str().expect("a token");
    let payload = token.split('.').nth(1).expect("a payload");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let minted: Value = rocket::serde::json::from_slice(&payload).expect("JSON");
    for (name, value) in claims.as_object().expect("an object") {
        assert_eq!(minted.get(name), Some(value), "{name}");
    }
    assert_eq!((minted.get("jti"), minted.get("iat")), (None, None));
    assert_eq!(
        minted["typ"], "Bearer",
        "the other claims of the shape stay"
    );
}

#[test]
fn it_refuses_to_listen_on_other_addresses_than_loopback() {
    for address in ["0.0.0.0:9000", "192.0.2.1:9000", "[::]:9000"] {
        let mut issuer = Program::start(Command::new(example("dev_issuer")).arg(address));
        let line = issuer.line(TIMEOUT, |_, line| line.contains("loopback only"));
        assert!(line.is_some(), "{address}: {:#?}", issuer.output);
        assert_eq!(issuer.wait().code(), Some(2), "{address}");
    }
}
