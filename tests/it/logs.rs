//! Log lines. That they hold no secret is tested in `tests/attacks/secrets.rs`.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer, TokenBuilder};
use axioms_rocket::{
    AuthError, Authenticated, AxiomsFairing, Claim, Config, HasOwner, Policy, ValidToken, claims,
    protect,
};
use rocket::http::{Header, Method, Status};
use rocket::local::asynchronous::Client;
use rocket::response::Redirect;
use rocket::serde::Deserialize;
use rocket::serde::json::json;
use rocket::{catch, catchers, get, routes};

use crate::recorder::{Log, launch, record};
use crate::support::{
    AUDIENCE, App, ISSUER, app_with, config, full_token, offline, online_app, rocket, routes,
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

claims! { Admins = "groups": "admins"; }

#[get("/group")]
fn group(_admin: Claim<Admins>) {}

#[get("/staff")]
fn staff(_token: ValidToken<Staff>) {}

fn refusal_app(issuer: &TestIssuer) -> App {
    let fairing = AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks());
    App::launch(rocket(fairing).mount("/", [routes(), routes![note, staff, group]].concat()))
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
fn a_refusal_line_names_the_cause_the_token_and_the_route() {
    let issuer = offline();
    let app = refusal_app(&issuer);
    let kid = issuer.kid(Alg::Es256);
    let token = || issuer.token().id("token-1");
    let ids = format!("kid=\"{kid}\" iss=\"{ISSUER}\" jti=\"token-1\"");
    let logged = |path: &str, authorization: &[&str]| {
        let (_, log) = record(|| app.call(Method::Get, path, authorization));
        let (level, line) = log.line("refused with");
        assert_eq!(level, "INFO");
        line.to_owned()
    };
    let bearer = |token: TokenBuilder<'_>| format!("Bearer {}", token.sign());
    let at = |path: &str, reason: &str| {
        format!(
            "GET {path} ({}) reason=\"{reason}\"",
            path.trim_start_matches('/')
        )
    };

    let now = SystemTime::now();
    let expired = logged(
        "/token",
        &[&bearer(token().expires_at(now - Duration::from_secs(7200)))],
    );
    let words = "refused with 401: invalid_token: Token has expired (expired 720";
    let end = format!(" s ago); {ids}; {}", at("/token", "expired"));
    assert!(
        expired.starts_with(words) && expired.ends_with(&end),
        "{expired}"
    );
    for (token, cause, reason) in [
        (
            token().claim("aud", json!([])),
            format!("Invalid token audience (audience (none) is none of [\"{AUDIENCE}\"])"),
            "wrong_audience",
        ),
        (
            token().audience("b"),
            format!("Invalid token audience (audience \"b\" is none of [\"{AUDIENCE}\"])"),
            "wrong_audience",
        ),
        (
            token().tampered(),
            "Invalid token signature (the signature does not verify)".into(),
            "bad_signature",
        ),
        (
            token().without("exp"),
            "Token is missing a required claim (claim exp is missing)".into(),
            "missing_claim",
        ),
        (
            token().typ("ID"),
            "Invalid token type (typ \"ID\" is none of [\"jwt\", \"at+jwt\"])".into(),
            "wrong_type",
        ),
    ] {
        assert_eq!(
            logged("/token", &[&bearer(token)]),
            format!(
                "refused with 401: invalid_token: {cause}; {ids}; {}",
                at("/token", reason)
            )
        );
    }
    assert_eq!(
        logged("/token", &[&bearer(token().kid("other").issuer(ISSUER))]),
        format!(
            "refused with 401: invalid_token: Unknown signing key (no key \"other\"); \
             kid=\"other\" iss=\"{ISSUER}\" jti=\"token-1\"; {}",
            at("/token", "unknown_key")
        )
    );
    for (authorization, status, cause, reason) in [
        (
            &["Bearer a.b"][..],
            401,
            "invalid_token: Malformed token (not a JWT: an opaque token, or not three parts); \
             not a compact token",
            "malformed",
        ),
        (
            &["Bearer"],
            401,
            "invalid_token: Invalid Authorization header (no token after the scheme)",
            "malformed_header",
        ),
        (
            &["Bearer a", "Bearer b"],
            400,
            "invalid_request: Invalid Authorization header (more than one)",
            "repeated_header",
        ),
        (
            &["Basic dTpw"],
            401,
            "missing_token: Not a bearer token",
            "not_bearer",
        ),
    ] {
        assert_eq!(
            logged("/token", authorization),
            format!("refused with {status}: {cause}; {}", at("/token", reason))
        );
    }
}

#[test]
fn a_403_line_names_the_subject_what_was_asked_and_what_the_token_holds() {
    let issuer = offline();
    let app = refusal_app(&issuer);
    let kid = issuer.kid(Alg::Es256);
    let token = || issuer.token().id("token-1").subject("alice");
    let ids = format!("kid=\"{kid}\" iss=\"{ISSUER}\" jti=\"token-1\"");
    let implicit = |kind: &str| format!("{kind} in \"{kind}\" or \"{ISSUER}/claims/{kind}\"");
    let denied = "403: insufficient_scope: Insufficient role, scope or permission; asked";
    let eight: String = (0..8).map(|number| format!(" \"role-{number}\"")).collect();
    let (roles, permissions) = (implicit("roles"), implicit("permissions"));
    for (path, token, cause, client, reason) in [
        (
            "/scope",
            token(),
            format!(
                "{denied} scope openid or scope profile; scopes in \"scope\" or \"scp\": \
                 no such claim"
            ),
            "(none)",
            "forbidden",
        ),
        (
            "/role",
            token()
                .claim("realm_access", json!({ "roles": ["editor"] }))
                .claim("azp", "app"),
            format!("{denied} role editor; {roles}: no such claim, but objects \"realm_access\""),
            "\"app\"",
            "forbidden",
        ),
        (
            "/role",
            token().roles((0..10).map(|number| format!("role-{number}"))),
            format!("{denied} role editor; {roles}:{eight} and 2 more"),
            "(none)",
            "forbidden",
        ),
        (
            "/permission",
            token().claim("permissions", 7),
            format!("{denied} permission sample:create; {permissions}: not a list of names"),
            "(none)",
            "forbidden",
        ),
        (
            "/permission",
            token().claim("permissions", json!([])),
            format!("{denied} permission sample:create; {permissions}: none"),
            "(none)",
            "forbidden",
        ),
        (
            "/group",
            token().claim("groups", json!(["staff", "guests"])),
            format!(
                "{denied} {}; claim \"groups\": \"staff\" \"guests\"",
                <Claim<Admins> as Policy>::requirement()
            ),
            "(none)",
            "forbidden",
        ),
        (
            "/note",
            token(),
            "403: insufficient_scope: You do not own this resource (the owner is someone else)"
                .to_owned(),
            "(none)",
            "not_owner",
        ),
        (
            "/staff",
            token(),
            "401: invalid_token: Token is missing a required claim: email \
             (claim \"email\" does not fit the route's type)"
                .to_owned(),
            "(none)",
            "unfit_claims",
        ),
    ] {
        let (_, log) = record(|| app.get(path, &token.sign()));
        let route = path.trim_start_matches('/');
        let expected = format!(
            "refused with {cause}; {ids} sub=\"alice\" client={client}; \
             GET {path} ({route}) reason=\"{reason}\""
        );
        assert_eq!(log.line("refused with"), ("INFO", expected.as_str()));
    }
}

#[get("/option")]
fn option(token: Option<ValidToken>) -> &'static str {
    if token.is_some() { "some" } else { "none" }
}

#[get("/option/<code>")]
fn option_then(code: u16, _token: Option<ValidToken>) -> (Status, ()) {
    (Status::new(code), ())
}

#[catch(401)]
fn to_the_sign_in_page() -> Redirect {
    Redirect::to("/sign-in")
}

#[test]
fn a_request_is_logged_once_as_it_was_answered() {
    let issuer = offline();
    let fairing = || AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let build =
        |fairing| rocket(fairing).mount("/", [routes(), routes![option, option_then]].concat());
    let app = App::launch(build(fairing()));
    let good = full_token(&issuer).sign();
    let expired = full_token(&issuer).expired().sign();
    let lines = |app: &App, path: &str, authorization: &[&str]| -> Vec<String> {
        let (_, log) = record(|| app.call(Method::Get, path, authorization));
        log.lines("").into_iter().map(str::to_owned).collect()
    };
    let [good, expired] = [good, expired].map(|token| format!("Bearer {token}"));

    // A request without a token is no incident, and neither is success.
    for (path, authorization) in [
        ("/token", &[][..]),
        ("/token", &[&*good]),
        ("/option", &[&*expired]),
        ("/option", &["Basic dTpw"]),
        ("/option", &["Bearer a", "Bearer b"]),
        ("/states", &[&*expired]),
        ("/states", &["Bearer"]),
        ("/option/204", &[&*expired]),
        ("/option/303", &[&*good]),
        ("/option/404", &[]),
    ] {
        assert_eq!(lines(&app, path, authorization), [""; 0], "{path}");
    }
    // The handler's own status: it may or may not have to do with the refusal.
    for code in [303, 403, 404, 500] {
        let lines = lines(&app, &format!("/option/{code}"), &[&expired]);
        let [line] = &lines[..] else {
            panic!("{lines:?}")
        };
        let words =
            format!("answered {code} after a refusal with 401: invalid_token: Token has expired");
        assert!(line.contains(&words), "{line}");
    }
    let lines_of = |app: &App| lines(app, "/scope", &[&expired]).len();
    assert_eq!(lines_of(&app), 1);

    let redirecting = App::launch(
        build(fairing().without_catchers()).register("/", catchers![to_the_sign_in_page]),
    );
    let lines = lines(&redirecting, "/token", &[&expired]);
    let [line] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert!(
        line.contains("answered 303 after a refusal with 401: "),
        "{line}"
    );
    assert!(
        line.ends_with("; GET /token (token) reason=\"expired\""),
        "{line}"
    );

    // One line for a group and for the rule for everything too.
    let strict = App::launch(
        rocket(fairing().require_everywhere::<Authenticated>())
            .mount("/", protect::<Authenticated>(routes())),
    );
    // The rule refuses before Rocket tries the route that is named.
    for (method, path, named) in [
        (Method::Get, "/token?x=1", "GET /token (token)"),
        (Method::Get, "/public", "GET /public (public)"),
        (Method::Head, "/public", "HEAD /public (public)"),
        (Method::Get, "/nowhere", "GET /<_..> (everywhere)"),
        (Method::Delete, "/public", "DELETE /<_..> (everywhere)"),
    ] {
        let (_, log) = record(|| strict.call(method, path, &[&expired]));
        let end = format!("; {named} reason=\"expired\"");
        let (_, line) = log.line("");
        assert!(line.ends_with(&end), "{line}");
    }
}

#[test]
fn a_group_without_the_fairing_refuses_and_says_so() {
    let app = App::launch(
        crate::support::bare_rocket().mount("/", protect::<Authenticated>(routes![open])),
    );
    for authorization in [&[][..], &["Bearer a.b.c"]] {
        let (answer, log) = record(|| app.call(Method::Get, "/open", authorization));
        assert_eq!(answer.status, 401);
        assert_eq!(
            log.line("attach"),
            (
                "ERROR",
                "refused, since nothing checks tokens: attach `AxiomsFairing`"
            )
        );
    }
}

/// The variable that makes [`in_rockets_log`] print; its value is the log level.
const CHILD: &str = "LOG_LEVEL_OF_THE_CHILD";

/// Prints as a program without a `tracing` subscriber does, if the test below asks for it.
#[test]
fn in_rockets_log() {
    let Ok(level) = std::env::var(CHILD) else {
        return;
    };
    let issuer = offline();
    let fairing = || AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let build = |fairing| {
        let figment = rocket::Config::figment().merge(("log_level", &level));
        rocket::custom(figment).attach(fairing)
    };
    let expired = full_token(&issuer).expired().sign();
    println!("launch");
    let app = App::launch(
        build(fairing())
            .mount("/", [routes(), routes![note]].concat())
            .mount("/group", protect::<Authenticated>(routes![open])),
    );
    let strict = App::launch(build(fairing().require_everywhere::<Authenticated>()));
    for (name, app, path, token) in [
        ("signature", &app, "/token", &expired),
        ("group", &app, "/group/open", &expired),
        ("everywhere", &strict, "/open", &expired),
        ("handler", &app, "/note", &full_token(&issuer).sign()),
    ] {
        println!("{name}");
        app.get(path, token);
    }
}

#[test]
fn rockets_log_shows_the_reason_of_each_failed_guard_at_critical_too() {
    let printed = |level: &str| {
        let child = std::process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "logs::in_rockets_log", "--nocapture"])
            .env(CHILD, level)
            .output()
            .expect("the child runs");
        assert!(child.status.success(), "{child:?}");
        String::from_utf8(child.stdout).expect("text")
    };
    let part = |text: &str, from: &str, to: &str| -> String {
        let (_, rest) = text.split_once(&format!("{from}\n")).expect(from);
        let (part, _) = rest.split_once(&format!("{to}\n")).expect(to);
        part.to_owned()
    };
    // 3600 s, or a second more on a slow machine.
    let expired = "failed: invalid_token: Token has expired (expired 360";
    let not_owner = "failed: insufficient_scope: You do not own this resource";
    for (level, lines, refusals) in [
        ("off", false, false),
        ("critical", true, false),
        ("normal", true, true),
    ] {
        let text = printed(level) + "end\n";
        let launch = part(&text, "launch", "signature");
        let words = format!("axioms: protected by access tokens of {ISSUER}");
        assert_eq!(launch.contains(&words), lines, "{level}: {launch}");
        for (from, to, words) in [
            (
                "signature",
                "group",
                format!("Request guard `ValidToken` {expired}"),
            ),
            ("group", "everywhere", expired.to_owned()),
            ("everywhere", "handler", expired.to_owned()),
            ("handler", "end", not_owner.to_owned()),
        ] {
            let part = part(&text, from, to);
            assert_eq!(
                part.matches(&words).count(),
                usize::from(lines),
                "{level}: {part}"
            );
            let refused = part.matches("refused with 40").count();
            assert_eq!(refused, usize::from(refusals), "{level}: {part}");
        }
    }
}

#[get("/open")]
fn open() -> &'static str {
    "open"
}

#[test]
fn text_from_a_token_is_escaped_and_truncated() {
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
        line.contains(&format!(
            "; kid={shown} iss=\"{ISSUER}\" jti={shown}; GET /token"
        )),
        "{line}"
    );
    let foreign = issuer.token().issuer(&*hostile).sign();
    let (_, log) = record(|| app.get("/token", &foreign));
    assert!(
        log.line("refused with")
            .1
            .contains(&format!("(iss {shown} is none of [{ISSUER:?}])"))
    );
}

#[test]
fn without_keys_the_refusal_says_so() {
    let issuer = TestIssuer::start();
    issuer.down();
    let app = online_app(config(&issuer));
    let (_, log) = record(|| app.get("/token", &issuer.token().sign()));
    let words = "refused with 503: temporarily_unavailable: \
                 Signing keys are temporarily unavailable (no usable keys of the issuer); kid=";
    assert!(log.line("refused with 503").1.starts_with(words), "{log:?}");
}

/// Runs `work` on the thread of the test, fetches included.
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

/// Asserts one line for each of the first sixteen unusable keys, and one line for the rest.
#[track_caller]
fn names_sixteen(log: &Log, issuer: &str, more: usize) {
    let line = |place| {
        format!(
            "WARN axioms_rocket::jose::skipped: signing key not used: \
             key {place} without `kid`: malformed: `kty` is missing issuer=\"{issuer}\""
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
fn the_log_names_sixteen_unusable_keys_of_a_given_set_too() {
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
fn the_log_names_sixteen_of_100000_unusable_keys() {
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
    let token = full_token(&issuer).sign();
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
        "refused with 401: invalid_token: Malformed token \
         ({} bytes, longer than max_token_bytes ({limit})); GET /token (token) reason=\"too_long\"",
        token.len()
    );
    assert_eq!(log.line("refused"), ("INFO", line.as_str()));
}
