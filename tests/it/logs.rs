//! What is logged, and what never is.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use axioms_rocket::testing::{Alg, Fault, TestIssuer, TokenBuilder};
use axioms_rocket::{Any, AuthError, AxiomsFairing, Claims, Config, HasOwner, Roles, Scopes, ValidToken};
use rocket::http::{Header, Method};
use rocket::local::asynchronous::Client;
use rocket::local::blocking;
use rocket::serde::Deserialize;
use rocket::serde::json::{Value, json};
use rocket::{get, routes};

use crate::recorder::{Log, launch, record};
use crate::support::{
    AUDIENCE, App, Editor, ISSUER, Profile, app_with, config, everything, offline, online_app, rocket, routes,
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

type Formula = Any<(Scopes<Profile>, Roles<Editor>)>;

/// Everything that could be printed of a token, in one answer.
#[get("/debug")]
fn debug(
    token: Result<ValidToken, AuthError>,
    typed: Result<ValidToken<Staff>, AuthError>,
    scope: Result<Scopes<Profile>, AuthError>,
    formula: Result<Formula, AuthError>,
) -> String {
    let claims: Option<&Claims> = token.as_ref().ok().map(ValidToken::claims);
    let displayed: Vec<String> = [
        token.as_ref().err().map(AuthError::to_string),
        typed.as_ref().err().map(AuthError::to_string),
        scope.as_ref().err().map(AuthError::to_string),
        formula.as_ref().err().map(AuthError::to_string),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!("{token:?} {:#?} {scope:?} {formula:?} {claims:?} {displayed:?}", typed.as_ref().map(|_| ()))
}

fn refusal_app(issuer: &TestIssuer) -> App {
    let fairing = AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks());
    App::launch(rocket(fairing).mount("/", [routes(), routes![note, staff]].concat()))
}

#[test]
fn the_launch_says_what_is_protected() {
    let issuer = TestIssuer::builder().audience(AUDIENCE).algorithms([Alg::Es256, Alg::EdDsa]).offline(ISSUER);
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let (client, log) = launch(rocket(fairing));
    assert!(client.is_ok());
    let line = format!("axioms: protected by access tokens of {ISSUER} (audience {AUDIENCE}; 2 keys)");
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
    let expired = said("/token", &[&bearer(token().expires_at(now - Duration::from_secs(7200)))]);
    let words = "refused with 401: invalid_token: Token has expired (expired 720";
    assert!(expired.starts_with(words) && expired.ends_with(&format!(" s ago); {marks}")), "{expired}");
    for (token, reason) in [
        (
            token().claim("aud", json!([])),
            format!("Invalid token audience (audience (none) is none of [\"{AUDIENCE}\"])"),
        ),
        (token().audience("b"), format!("Invalid token audience (audience \"b\" is none of [\"{AUDIENCE}\"])")),
        (token().tampered(), "Invalid token signature (the signature does not verify)".into()),
        (token().without("exp"), "Token is missing a required claim (claim exp is missing)".into()),
        (token().typ("ID"), "Invalid token type (typ \"ID\" is not accepted)".into()),
    ] {
        assert_eq!(said("/token", &[&bearer(token)]), format!("refused with 401: invalid_token: {reason}; {marks}"));
    }
    assert_eq!(
        said("/token", &[&bearer(token().kid("other").issuer(ISSUER))]),
        format!(
            "refused with 401: invalid_token: Unknown signing key (no key \"other\"); kid=\"other\" iss=\"{ISSUER}\" jti=\"token-1\""
        )
    );
    assert_eq!(
        said("/token", &["Bearer a.b"]),
        "refused with 401: invalid_token: Malformed token (not three parts); not a compact token"
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
    assert_eq!(said("/scope", &[&good]), format!("refused with 403: asked scope openid or scope profile; {marks}"));
    assert_eq!(said("/permission", &[&good]), format!("refused with 403: asked permission sample:create; {marks}"));
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
    let shown = format!("\"a\\r\\nINFO forged\\u{{1b}}[2J\\\"{}…\"", "x".repeat(80 - 19));
    assert!(line.ends_with(&format!("; kid={shown} iss=\"{ISSUER}\" jti={shown}")), "{line}");
    let foreign = issuer.token().issuer(&*hostile).sign();
    let (_, log) = record(|| app.get("/token", &foreign));
    assert!(log.line("refused with").1.contains(&format!("(iss {shown} is not configured)")));
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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    record(|| runtime.block_on(work()))
}

async fn status(client: &Client, path: &str, token: &str) -> u16 {
    client.get(path).header(Header::new("Authorization", format!("Bearer {token}"))).dispatch().await.status().code
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
        assert_eq!(status(&client, "/token", &issuer.token().kid("unheard-of").sign()).await, 401);
    });
    let loaded = format!("signing keys loaded issuer=\"{url}\" keys=1 kids=\"{first}\"");
    assert_eq!(log.line("keys loaded"), ("INFO", loaded.as_str()));
    let (level, changed) = log.line("keys changed");
    assert!(level == "INFO" && changed.contains(&issuer.kid(Alg::Es256)), "{changed}");
    let (level, failed) = log.line("not refreshed");
    assert_eq!(level, "WARN");
    assert!(failed.starts_with("signing keys not refreshed, those at hand stay in use: "), "{failed}");
    assert!(failed.contains(&format!("issuer=\"{url}\"")) && failed.contains("retry_in="), "{failed}");
}

#[test]
fn of_a_hundred_thousand_keys_that_cannot_be_used_the_log_names_sixteen() {
    let issuer = TestIssuer::start();
    issuer.answer_keys_with(Fault::Body(issuer.jwks().replacen('[', &format!("[{}", "{},".repeat(100_000)), 1)));
    let ((), log) = on_one_thread(async || {
        let rocket = rocket(AxiomsFairing::from_config(config(&issuer))).mount("/", routes());
        let client = Client::untracked(rocket).await.unwrap();
        assert_eq!(status(&client, "/token", &issuer.token().sign()).await, 200);
    });
    assert_eq!(log.0.lines().filter(|line| line.contains("signing key not used: key")).count(), 16);
    let (level, rest) = log.line("signing keys not used");
    assert!(level == "WARN" && rest.starts_with("signing keys not used: 99984 more"), "{rest}");
}

/// As many kinds of bad tokens as there are rows about them, and good ones that may do little.
fn tokens(issuer: &TestIssuer, forger: &TestIssuer) -> Vec<String> {
    let token = || everything(issuer).claim("email", "alice@example.test");
    let mut tokens: Vec<String> = [
        token(),
        issuer.token(),
        issuer.token().claim("scope", 7).claim("roles", json!({})),
        token().unsecured(),
        token().hmac_confused(),
        token().tampered(),
        token().signed_by(forger),
        token().algorithm(Alg::EdDsa),
        token().algorithm(Alg::Es512),
        token().expired(),
        token().claim("nbf", 4_000_000_000_u64),
        token().claim("iat", 4_000_000_000_u64),
        token().issuer("https://elsewhere.example.test/with/a/long/path"),
        token().audience("https://elsewhere.example.test/with/a/long/path"),
        token().audiences(["https://a.example.test", "https://b.example.test", "https://c.example.test"]),
        token().kid("an-unknown-key-of-some-length"),
        token().kid("k".repeat(2000)),
        token().id("j".repeat(2000)),
        token().subject("s".repeat(20_000)),
        token().without_header("kid"),
        token().claim("token_use", "id"),
        token().claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ"),
        token().claim("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })),
        token().claim("cnf", "a text"),
        token().without("email"),
        token().claim("email", json!({ "very private": "alice@example.test" })),
        token().header("crit", json!(["exp"])),
        token().header("b64", false),
        token().header("jku", "https://evil.example.test/keys.json"),
        token().header("x5c", json!(["MIIB"])),
        token().header("zip", "DEF"),
    ]
    .iter()
    .map(TokenBuilder::sign)
    .collect();
    for claim in ["iss", "aud", "sub", "jti", "exp", "iat", "nbf", "cnf", "scope"] {
        tokens.push(token().without(claim).sign());
        for value in
            [json!(null), json!(-1), json!("a text of some length, to be seen"), json!([[]]), json!({ "a": 1 })]
        {
            tokens.push(token().claim(claim, value).sign());
        }
    }
    for member in ["alg", "typ", "kid"] {
        tokens.push(token().without_header(member).sign());
        for value in [json!(null), json!(7), json!("something of some length"), json!(["HS256"]), json!({})] {
            tokens.push(token().header(member, value).sign());
        }
    }
    let good = token().sign();
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(300), "]".repeat(300));
    let raw = |header: &[u8], payload: &[u8]| issuer.sign_raw(header, payload, Alg::Es256);
    let alg = format!("{{\"alg\":\"ES256\",\"kid\":\"{}\"}}", issuer.kid(Alg::Es256));
    tokens.extend([
        raw(b"{\"alg\":\"ES256\",\"alg\":\"ES256\"}", b"{}"),
        raw(b"not json at all, but text of some length", b"{}"),
        raw(b"\xff\xfe\xfd and so on and so forth", b"\xff\xfe\xfd and so on and so forth"),
        raw(deep.as_bytes(), b"{}"),
        raw(alg.as_bytes(), deep.as_bytes()),
        raw(alg.as_bytes(), b"not json at all, but text of some length"),
        raw(alg.as_bytes(), b"[\"a list of some length, and no object\"]"),
        raw(alg.as_bytes(), b"{\"iss\":\"https://a.example.test\",\"iss\":\"https://b.example.test\"}"),
        raw(alg.as_bytes(), b"{\"exp\":1e400,\"sub\":\"somebody with a name\"}"),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}.{signature}."),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}..{signature}"),
        format!("{payload}.{header}.{signature}"),
        format!("{header}.{payload}.{}", "A".repeat(1400)),
        format!("{header}+.{payload}.{signature}"),
        format!("{header}.{payload}.{signature}=="),
        format!("{header}.{payload}.{signature}A"),
        header.to_owned(),
        signature.to_owned(),
        "an.opaque.token-of-forty-characters-or-so".to_owned(),
        "0123456789abcdef0123456789abcdef".repeat(1000),
    ]);
    tokens
}

/// The `Authorization` headers that a token may come in, well formed or not.
fn headers(token: &str) -> Vec<Vec<String>> {
    let mut headers: Vec<Vec<String>> = [
        format!("Bearer {token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer\t{token}"),
        format!("Bearer \"{token}\""),
        format!("Bearer {token},x=y"),
        format!("Basic {token}"),
        format!("DPoP {token}"),
        token.to_owned(),
    ]
    .map(|header| vec![header])
    .into();
    headers.push(vec![format!("Bearer {token}"), format!("Bearer {token}")]);
    headers
}

const WINDOW: usize = 16;

fn windows(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().windows(WINDOW)
}

#[test]
fn no_part_of_a_token_is_ever_printed() {
    let (issuer, forger) = (TestIssuer::builder().audience(AUDIENCE).start(), TestIssuer::start());
    let tokens = tokens(&issuer, &forger);
    assert!(tokens.len() > 120);
    // Twice: what is remembered prints no more than what is verified.
    let mut answers = 0;
    let (printed, log) = on_one_thread(async || {
        let config = Config { jwks_cooldown: 1, ..config(&issuer) };
        let rocket =
            rocket(AxiomsFairing::from_config(config)).mount("/", [routes(), routes![note, staff, debug]].concat());
        let client = Client::untracked(rocket).await.unwrap();
        let mut printed = String::new();
        for token in &tokens {
            for path in ["/debug", "/token", "/scope", "/staff", "/note", "/states", "/debug"] {
                let bearer = format!("Bearer {token}");
                printed += &answer(&client, path, &[bearer]).await;
                answers += 1;
            }
        }
        for token in tokens.iter().step_by(10) {
            for headers in headers(token) {
                printed += &answer(&client, "/debug", &headers).await;
                printed += &answer(&client, "/token", &headers).await;
                answers += 2;
            }
        }
        printed
    });
    assert!(answers > 1000);
    // The net would catch something: there is much to look through, down to the last level.
    assert!(log.0.contains("TRACE") && log.lines("refused with").len() > 500);
    assert!(printed.contains("Token has expired") && printed.contains("ValidToken"));

    let haystack: HashSet<&[u8]> = windows(&log.0).chain(windows(&printed)).collect();
    let caught: Vec<String> = tokens
        .iter()
        .flat_map(|token| windows(token).map(move |window| (token, window)))
        .filter(|(_, window)| haystack.contains(window))
        .map(|(token, window)| format!("{} of {token:.100}", String::from_utf8_lossy(window)))
        .collect();
    assert_eq!(caught, [""; 0]);
}

/// The whole answer as text.
async fn answer(client: &Client, path: &str, authorization: &[String]) -> String {
    let mut request = client.get(path.to_owned());
    for header in authorization {
        request.add_header(Header::new("Authorization", header.clone()));
    }
    let response = request.dispatch().await;
    assert_ne!(response.status().code, 500, "{authorization:?}");
    let headers: Vec<String> = response.headers().iter().map(|header| header.to_string()).collect();
    format!("{} {headers:?}\n{}\n", response.status(), response.into_string().await.unwrap_or_default())
}

#[test]
fn the_claims_of_a_token_print_nothing_of_themselves() {
    let issuer = offline();
    let client = blocking::Client::untracked(
        rocket(AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks())).mount("/", routes![debug]),
    )
    .unwrap();
    let secret: Value = json!("a secret of some length");
    let token = everything(&issuer).claim("secret", secret).claim("email", "alice@example.test").sign();
    let answer = App(client).get("/debug", &token);
    assert_eq!(answer.status, 200);
    assert!(!answer.body.contains("secret") && !answer.body.contains("alice"), "{answer:?}");
    assert!(answer.body.starts_with(&format!("Ok(ValidToken {{ issuer: Some(\"{ISSUER}\"), .. }})")), "{answer:?}");
}

#[test]
fn a_token_that_is_refused_unread_is_not_read_for_the_log() {
    let issuer = offline();
    let token = everything(&issuer).sign();
    let limit = token.rfind('.').expect("three parts") + 3;
    let app = app_with(&issuer, Config { max_token_bytes: limit, ..config(&issuer) });
    let (answer, log) = record(|| app.get("/token", &token));
    answer.invalid("Malformed token");
    let line = format!("refused with 401: invalid_token: Malformed token (longer than max_token_bytes ({limit}))");
    assert_eq!(log.line("refused"), ("INFO", line.as_str()));
}
