//! Chapter 4 of docs/behaviour.md: one test per error code, each with the whole response.
//! Catchers, realms and several guards are in `refusals.rs`.

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{Acr, AuthError, AxiomsFairing, ValidToken, acrs};
use rocket::http::Method;
use rocket::{Request, catch, catchers, get, routes};

use crate::recorder::record;
use crate::support::{App, app, config, full_token, offline, online_app, rocket};

const REALM: &str = "Bearer realm=\"https://issuer.example.test\"";

/// The challenge of a refusal that has a code of RFC 6750 §3.1.
fn challenge(code: &str, description: &str) -> Option<String> {
    Some(format!(
        "{REALM}, error=\"{code}\", error_description=\"{description}\""
    ))
}

fn body(code: &str, description: &str) -> String {
    format!("{{\"error\":\"{code}\",\"error_description\":\"{description}\"}}")
}

#[test]
fn row_4_invalid_request_is_400_for_two_authorization_headers() {
    let issuer = offline();
    let answer = app(&issuer).call(Method::Get, "/token", &["Bearer a", "Basic b"]);
    let description = "Invalid Authorization header";
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body, body("invalid_request", description));
    assert_eq!(answer.challenge, challenge("invalid_request", description));
}

#[test]
fn row_4_missing_token_is_401_and_its_challenge_has_no_error() {
    let issuer = offline();
    let answer = app(&issuer).anonymous("/token");
    assert_eq!(answer.status, 401);
    let description = "Missing Authorization header";
    assert_eq!(answer.body, body("missing_token", description));
    assert_eq!(answer.challenge.as_deref(), Some(REALM));
}

#[test]
fn row_4_invalid_token_is_401_for_a_token_that_fails_a_check() {
    let issuer = offline();
    let answer = app(&issuer).get("/token", &full_token(&issuer).expired().sign());
    let description = "Token has expired";
    assert_eq!(answer.status, 401);
    assert_eq!(answer.body, body("invalid_token", description));
    assert_eq!(answer.challenge, challenge("invalid_token", description));
}

#[test]
fn row_4_insufficient_scope_is_403_and_names_the_scopes() {
    let issuer = offline();
    let answer = app(&issuer).get("/scope", &issuer.token().sign());
    let description = "Insufficient role, scope or permission";
    assert_eq!(answer.status, 403);
    assert_eq!(answer.body, body("insufficient_scope", description));
    let expected = challenge("insufficient_scope", description);
    let expected = expected.map(|challenge| challenge + ", scope=\"openid\"");
    assert_eq!(answer.challenge, expected);
}

acrs! { Strong = "phr" | "mfa"; }

#[get("/level")]
fn level(_level: Acr<Strong>) {}

#[test]
fn row_4_insufficient_user_authentication_is_401_and_names_the_level() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let app = App::launch(rocket(fairing).mount("/", routes![level]));
    let answer = app.get("/level", &issuer.token().acr("pwd").sign());
    let (code, description) = (
        "insufficient_user_authentication",
        "A different authentication level is required",
    );
    assert_eq!(answer.status, 401);
    assert_eq!(answer.body, body(code, description));
    let expected = challenge(code, description);
    let expected = expected.map(|challenge| challenge + ", acr_values=\"phr mfa\"");
    assert_eq!(answer.challenge, expected);
}

#[test]
fn row_4_temporarily_unavailable_is_503_with_retry_after() {
    let issuer = TestIssuer::start();
    issuer.down();
    let answer = online_app(config(&issuer)).get("/token", &full_token(&issuer).sign());
    let description = "Signing keys are temporarily unavailable";
    assert_eq!(answer.status, 503);
    assert_eq!(answer.body, body("temporarily_unavailable", description));
    assert_eq!(answer.challenge, None);
    let seconds: u64 = answer.retry_after.expect("Retry-After").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[test]
fn row_4_body_is_json_that_no_cache_may_store() {
    let issuer = offline();
    let app = app(&issuer);
    for answer in [
        app.anonymous("/token"),
        app.get("/token", "a.b"),
        app.get("/role", &issuer.token().sign()),
        app.call(Method::Get, "/token", &["Bearer a", "Bearer b"]),
    ] {
        assert_eq!(answer.content_type.as_deref(), Some("application/json"));
        assert_eq!(answer.cache_control.as_deref(), Some("no-store"));
        assert_eq!(answer.retry_after, None);
    }
}

#[test]
fn row_4_challenge_is_printable_ascii_whatever_the_settings_hold() {
    let issuer = offline();
    let mut config = config(&issuer);
    config.realm = Some("a \"b\" \\ é".into());
    let answer = crate::support::app_with(&issuer, config).anonymous("/scope");
    assert_eq!(
        answer.challenge.as_deref(),
        Some("Bearer realm=\"a \\\"b\\\" \\\\ ?\", scope=\"openid\"")
    );
}

#[test]
fn row_4_secrecy_keeps_the_token_out_of_log_and_response() {
    let issuer = offline();
    let app = app(&issuer);
    let token = full_token(&issuer).expired().sign();
    let (answer, log) = record(|| app.get("/token", &token));
    answer.invalid("Token has expired");
    for part in token.split('.') {
        assert!(!log.0.contains(part) && !answer.body.contains(part));
        assert!(!answer.challenge.as_deref().unwrap_or("").contains(part));
    }
}

#[get("/things/<_>")]
fn guarded(_token: ValidToken) -> &'static str {
    "guarded"
}

#[get("/<_..>", rank = 20)]
fn wider() -> &'static str {
    "wider"
}

#[catch(401)]
fn unauthorized(request: &Request<'_>) -> String {
    let error = AuthError::of(request).expect("a refusal of a guard");
    format!("{} {}", error.status().code, error.description())
}

#[test]
fn row_4_no_forward_to_a_wider_route_and_catchers_read_the_error() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let app = App::launch(
        rocket(fairing.without_catchers())
            .mount("/", routes![guarded, wider])
            .register("/", catchers![unauthorized]),
    );
    let answer = app.anonymous("/things/1");
    assert_eq!(answer.status, 401);
    assert_eq!(answer.body, "401 Missing Authorization header");
    assert_eq!(answer.challenge.as_deref(), Some(REALM));
    let answer = app.get("/things/1", "a.b");
    assert_eq!(answer.body, "401 Malformed token");
    app.anonymous("/elsewhere").passes("wider");
}
