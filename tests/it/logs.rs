//! What is logged; what never is, is in `tests/attacks/secrets.rs`.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer, TokenBuilder};
use axioms_rocket::{AuthError, AxiomsFairing, Config, HasOwner, ValidToken};
use rocket::http::{Header, Method};
use rocket::local::asynchronous::Client;
use rocket::serde::Deserialize;
use rocket::serde::json::json;
use rocket::{get, routes};

use crate::recorder::{Log, launch, record};
use crate::support::{
    AUDIENCE, App, ISSUER, app_with, config, everything, offline, online_app, rocket, routes,
};

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Staff {
    #[expect(dead_code, reason = "asked for and not used")]
    email: String,
}

struct Note;

impl HasOwner for Note {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some("bob".into())
    }
}

#[get("/note")]
fn note(token: ValidToken) -> Result<(), AuthError> {
    token.owns(&Note)
}

#[get("/staff")]
fn staff(_token: ValidToken<Staff>) {}

fn refusal_app(issuer: &TestIssuer) -> App {
    let fairing = AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks());
    App::launch(rocket(fairing).mount("/", [routes(), routes![note, staff]].concat()))
}

#[test]
fn the_launch_says_what_is_protected() {
    let issuer = TestIssuer::builder()
        .audience(AUDIENCE)
        .algorithms([Alg::Es256, Alg::EdDsa])
        .offline(ISSUER);
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let (client, log) = launch(rocket(fairing));
    assert!(client.is_ok());
    let line =
        format!("axioms: protected by access tokens of {ISSUER} (audience {AUDIENCE}; 2 keys)");
    assert_eq!(log.line("protected"), ("INFO", line.as_str()));
}

#[test]
fn a_refusal_says_why_and_of_which_key_issuer_and_token() {
    let issuer = offline();
    let app = refusal_app(&issuer);
    let kid = issuer.kid(Alg::Es256);
    let token = || issuer.token().id("token-1");
    let marks = format!("kid=\"{kid}\" iss=\"{ISSUER}\" jti=\"token-1\"");
    let said = |path: &str, authorization: &[&str]| {
        let (_, log) = record(|| app.call(Method::Get, path, authorization));
        let (level, line) = log.line("refused with");
        assert_eq!(level, "INFO");
        line.to_owned()
    };
    let bearer = |token: TokenBuilder<'_>| format!("Bearer {}", token.sign());

    let now = SystemTime::now();
    let expired = said(
        "/token",
        &[&bearer(token().expires_at(now - Duration::from_secs(7200)))],
    );
    let words = "refused with 401: invalid_token: Token has expired (expired 720";
    assert!(
        expired.starts_with(words) && expired.ends_with(&format!(" s ago); {marks}")),
        "{expired}"
    );
    for (token, reason) in [
        (
            token().claim("aud", json!([])),
            format!("Invalid token audience (audience (none) is none of [\"{AUDIENCE}\"])"),
        ),
        (
            token().audience("b"),
            format!("Invalid token audience (audience \"b\" is none of [\"{AUDIENCE}\"])"),
        ),
        (
            token().tampered(),
            "Invalid token signature (the signature does not verify)".into(),
        ),
        (
            token().without("exp"),
            "Token is missing a required claim (claim exp is missing)".into(),
        ),
        (
            token().typ("ID"),
            "Invalid token type (typ \"ID\" is not accepted)".into(),
        ),
    ] {
        assert_eq!(
            said("/token", &[&bearer(token)]),
            format!("refused with 401: invalid_token: {reason}; {marks}")
        );
    }
    assert_eq!(
        said("/token", &[&bearer(token().kid("other").issuer(ISSUER))]),
        format!(
            "refused with 401: invalid_token: Unknown signing key (no key \"other\"); kid=\"other\" iss=\"{ISSUER}\" jti=\"token-1\""
        )
    );
    assert_eq!(
        said("/token", &["Bearer a.b"]),
        "refused with 401: invalid_token: Malformed token (not a JWT: an opaque token, or not three parts); not a compact token"
    );
    assert_eq!(
        said("/token", &["Bearer"]),
        "refused with 401: invalid_token: Invalid Authorization header (no token after the scheme)"
    );
    assert_eq!(
        said("/token", &["Bearer a", "Bearer b"]),
        "refused with 400: invalid_request: Invalid Authorization header (more than one)"
    );

    // And of a token that holds, but not enough.
    let good = bearer(token());
    assert_eq!(
        said("/scope", &[&good]),
        format!("refused with 403: asked scope openid or scope profile; {marks}")
    );
    assert_eq!(
        said("/permission", &[&good]),
        format!("refused with 403: asked permission sample:create; {marks}")
    );
    assert_eq!(
        said("/staff", &[&good]),
        format!(
            "refused with 401: invalid_token: Token is missing a required claim: email (claim \"email\" does not fit the route's type); {marks}"
        )
    );
    assert_eq!(
        said("/note", &[&good]),
        format!("refused with 403: the owner is someone else; iss=\"{ISSUER}\" jti=\"token-1\"")
    );

    // To bring nothing is no incident, and neither is success.
    for authorization in [vec![], vec![good.as_str()]] {
        let (_, log) = record(|| app.call(Method::Get, "/token", &authorization));
        assert_eq!(log.lines(""), [""; 0]);
    }
}

#[test]
fn what_a_stranger_wrote_is_escaped_and_cut_short() {
    let issuer = offline();
    let app = refusal_app(&issuer);
    let hostile = format!("a\r\nINFO forged\u{1b}[2J\"{}", "x".repeat(500));
    let token = issuer.token().expired().kid(&*hostile).id(&*hostile).sign();
    let (_, log) = record(|| app.get("/token", &token));
    let (_, line) = log.line("refused with");
    let shown = format!(
        "\"a\\r\\nINFO forged\\u{{1b}}[2J\\\"{}…\"",
        "x".repeat(80 - 19)
    );
    assert!(
        line.ends_with(&format!("; kid={shown} iss=\"{ISSUER}\" jti={shown}")),
        "{line}"
    );
    let foreign = issuer.token().issuer(&*hostile).sign();
    let (_, log) = record(|| app.get("/token", &foreign));
    assert!(
        log.line("refused with")
            .1
            .contains(&format!("(iss {shown} is not configured)"))
    );
}

#[test]
fn without_keys_the_refusal_says_so() {
    let issuer = TestIssuer::start();
    issuer.down();
    let app = online_app(config(&issuer));
    let (_, log) = record(|| app.get("/token", &issuer.token().sign()));
    let words = "refused with 503: temporarily_unavailable: Signing keys are temporarily unavailable (no usable keys of the issuer); kid=";
    assert!(log.line("refused with 503").1.starts_with(words), "{log:?}");
}

/// Everything on the thread of the test, fetches included.
fn on_one_thread<T>(work: impl AsyncFnOnce() -> T) -> (T, Log) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    record(|| runtime.block_on(work()))
}

async fn status(client: &Client, path: &str, token: &str) -> u16 {
    client
        .get(path)
        .header(Header::new("Authorization", format!("Bearer {token}")))
        .dispatch()
        .await
        .status()
        .code
}

#[test]
fn the_keys_say_when_they_come_and_change_and_fail_to() {
    let issuer = TestIssuer::start();
    let url = issuer.url();
    let first = issuer.kid(Alg::Es256);
    let ((), log) = on_one_thread(async || {
        let rocket = rocket(AxiomsFairing::from_config(config(&issuer))).mount("/", routes());
        let client = Client::untracked(rocket).await.unwrap();
        assert_eq!(status(&client, "/token", &issuer.token().sign()).await, 200);
        issuer.rotate();
        assert_eq!(status(&client, "/token", &issuer.token().sign()).await, 200);
        issuer.down();
        assert_eq!(
            status(&client, "/token", &issuer.token().kid("unheard-of").sign()).await,
            401
        );
    });
    let loaded = format!("signing keys loaded issuer=\"{url}\" keys=1 kids=\"{first}\"");
    assert_eq!(log.line("keys loaded"), ("INFO", loaded.as_str()));
    let (level, changed) = log.line("keys changed");
    assert!(
        level == "INFO" && changed.contains(&issuer.kid(Alg::Es256)),
        "{changed}"
    );
    let (level, failed) = log.line("not refreshed");
    assert_eq!(level, "WARN");
    assert!(
        failed.starts_with("signing keys not refreshed, those at hand stay in use: "),
        "{failed}"
    );
    assert!(
        failed.contains(&format!("issuer=\"{url}\"")) && failed.contains("retry_in="),
        "{failed}"
    );
}

/// Those of a set that cannot be used, first to last, and what is said of the rest.
#[track_caller]
fn names_sixteen(log: &Log, issuer: &str, more: usize) {
    let line = |place| {
        format!(
            "WARN axioms_rocket::jose::skipped: signing key not used: key {place} without `kid`: malformed: `kty` is missing issuer=\"{issuer}\""
        )
    };
    assert_eq!(
        log.lines("signing key not used"),
        (0..16).map(line).collect::<Vec<_>>()
    );
    let rest = format!("signing keys not used: {more} more issuer=\"{issuer}\"");
    assert_eq!(log.line("signing keys not used"), ("WARN", rest.as_str()));
}

#[test]
fn of_keys_that_were_handed_over_the_log_names_sixteen_too() {
    let issuer = offline();
    for (scraps, more) in [(17, 1), (100_000, 99_984)] {
        let keys = issuer
            .jwks()
            .replacen('[', &format!("[{}", "{},".repeat(scraps)), 1);
        let (client, log) = launch(rocket(
            AxiomsFairing::from_config(config(&issuer)).with_keys(keys),
        ));
        assert!(client.is_ok());
        names_sixteen(&log, ISSUER, more);
    }
}

#[test]
fn of_a_hundred_thousand_keys_that_cannot_be_used_the_log_names_sixteen() {
    let issuer = TestIssuer::start();
    issuer.answer_keys_with(IssuerFault::Body(issuer.jwks().replacen(
        '[',
        &format!("[{}", "{},".repeat(100_000)),
        1,
    )));
    let ((), log) = on_one_thread(async || {
        let rocket = rocket(AxiomsFairing::from_config(config(&issuer))).mount("/", routes());
        let client = Client::untracked(rocket).await.unwrap();
        assert_eq!(status(&client, "/token", &issuer.token().sign()).await, 200);
    });
    names_sixteen(&log, issuer.url(), 99_984);
}

#[test]
fn a_token_that_is_refused_unread_is_not_read_for_the_log() {
    let issuer = offline();
    let token = everything(&issuer).sign();
    let limit = token.rfind('.').expect("three parts") + 3;
    let app = app_with(
        &issuer,
        Config {
            max_token_bytes: limit,
            ..config(&issuer)
        },
    );
    let (answer, log) = record(|| app.get("/token", &token));
    answer.invalid("Malformed token");
    let line = format!(
        "refused with 401: invalid_token: Malformed token (longer than max_token_bytes ({limit}))"
    );
    assert_eq!(log.line("refused"), ("INFO", line.as_str()));
}
