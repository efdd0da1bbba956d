//! Nothing prints a secret: no `Debug`, no `Display`, no answer and no line of the log holds
//! sixteen characters of a token.
//!
//! Secret are tokens, their claims, the client's secret of `introspection`, the test issuer's seed,
//! and whatever an operator puts into a URL or hands over by mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::SystemTime;

use axioms_rocket::testing::{
    AccessTable, Alg, IssuerFault, Persona, TestIssuer, TokenBuilder, hostile, token_with,
};
use axioms_rocket::{
    All, Always, Any, AuthError, Authenticated, Axioms, AxiomsFairing, Claims, Clock, Config,
    ConfigError, HasOwner, IntrospectionConfig, IssuerConfig, JwksPrefetch, Optional, Owned,
    OwnedOr, ResourceConfig, Roles, RouteReport, Scopes, Secret, Tenant, Unless, ValidToken,
    methods, protect,
};
use rocket::error::ErrorKind;
use rocket::http::Method;
use rocket::local::asynchronous::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::serde::Deserialize;
use rocket::serde::json::{Value, json, to_string};
use rocket::{Request, Route, get, routes};

use crate::harness::{LAUNCHES, Reply, Run, Target, run};
use crate::log_capture::capture_all_crates;
use crate::recorder::launch;
use crate::support::{AUDIENCE, Editor, Profile, config, full_token, offline, rocket, routes};

/// Public types that hold a token, its claims or settings, with a text that identifies their
/// output.
const HOLD: [(&str, &str); 30] = [
    ("AccessTableBuilder", "AccessTableBuilder {"),
    ("AuthError", "invalid_token: Malformed token ("),
    ("Axioms", "Axioms { .. }"),
    ("AxiomsFairing", "AxiomsFairing {"),
    ("AxiomsStatus", "AxiomsStatus {"),
    ("BadToken", "BadToken {"),
    ("Claims", "Claims { .. }"),
    ("Config", "Config {"),
    ("ConfigError", "the axioms configuration cannot work:"),
    ("DecisionEvent", "DecisionEvent {"),
    ("IntrospectionConfig", "IntrospectionConfig {"),
    ("IssuerFault", "Body("),
    ("IssuerConfig", "IssuerConfig {"),
    ("IssuerStatus", "IssuerStatus {"),
    ("Optional", "Optional(Some("),
    ("Owned", "Owned("),
    ("OwnedOr", "OwnedOr {"),
    ("OwnedError", "refused ownership: insufficient_scope: "),
    ("ConfigProblem", "ConfigProblem {"),
    ("Persona", "Persona {"),
    ("Request", "Request {"),
    ("ResourceConfig", "ResourceConfig {"),
    ("RouteReport", "RouteReport {"),
    ("Secret", "Secret(…)"),
    ("Tenant", "Tenant {"),
    ("TestIssuer", "TestIssuer {"),
    ("TestIssuerBuilder", "TestIssuerBuilder {"),
    ("TokenBuilder", "TokenBuilder {"),
    ("Unless", "Unless(Some("),
    ("ValidToken", "ValidToken {"),
];

/// Public types that hold words of this crate or of the program, numbers, or nothing.
const HOLD_NOTHING: [&str; 48] = [
    "AccessTable",
    "Acr",
    "ActedBy",
    "Amr",
    "AuditStatus",
    "ClaimShape",
    "Direct",
    "MaxAuthAge",
    "RunTimeIssuersStatus",
    "Set",
    "Text",
    "Internal",
    "TokenCacheStatus",
    "Binding",
    "BuiltIn",
    "Claim",
    "ClaimValue",
    "ClientAuth",
    "IntrospectWhen",
    "IntrospectionStatus",
    "Literal",
    "Misfit",
    "Mismatch",
    "ParamError",
    "Subject",
    "TokenFormat",
    "Alg",
    "All",
    "Always",
    "Any",
    "Authenticated",
    "Clock",
    "Decision",
    "Expected",
    "IssuedBy",
    "ClaimKind",
    "Lacks",
    "Permissions",
    "JwksPrefetch",
    "Public",
    "Reason",
    "ReportedGuard",
    "ReportedRoute",
    "Require",
    "Requirement",
    "Roles",
    "Security",
    "SecurityAddon",
];

/// One more of these, which is long.
const SCOPES: &str = "Scopes";

#[test]
fn every_public_type_is_on_one_of_the_lists() {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if entry.is_dir() {
                // Types of tests are not part of the API.
                if !entry.ends_with("tests") {
                    folders.push(entry);
                }
                continue;
            }
            for line in fs::read_to_string(&entry)
                .unwrap()
                .lines()
                .map(str::trim_start)
            {
                let rest = ["pub struct ", "pub enum ", "pub union "]
                    .iter()
                    .find_map(|kind| line.strip_prefix(kind))
                    // The head of a `table!`, whose type a macro makes.
                    .or_else(|| line.contains(", needs ").then_some(line));
                let name = rest.map(|rest| {
                    rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                        .next()
                        .unwrap()
                });
                found.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
            }
        }
    }
    let listed = HOLD
        .iter()
        .map(|(name, _)| *name)
        .chain(HOLD_NOTHING)
        .chain([SCOPES]);
    assert_eq!(found, listed.map(str::to_owned).collect::<BTreeSet<_>>());
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Staff {
    #[expect(dead_code, reason = "asked for and not used")]
    email: String,
}

#[derive(Debug)]
struct Note(&'static str);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Note {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Note(if request.uri().path() == "/debug" {
            "alice"
        } else {
            "bob"
        }))
    }
}

impl HasOwner for Note {
    fn owner(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.0.into())
    }
}

methods! { Puts = Put; }

type Formula = Any<(Scopes<Profile>, All<(Roles<Editor>, Authenticated)>)>;

/// Everything that could be printed of a request's token, in one answer.
#[get("/debug")]
#[expect(clippy::too_many_arguments, reason = "one of each")]
fn debug(
    token: Result<ValidToken, AuthError>,
    typed: Result<ValidToken<Staff>, AuthError>,
    scope: Result<Scopes<Profile>, AuthError>,
    formula: Result<Formula, AuthError>,
    always: Result<Always<Roles<Editor>>, AuthError>,
    optional: Result<Optional<ValidToken>, AuthError>,
    unless: Result<Unless<Puts, ValidToken>, AuthError>,
    owned: Result<Owned<Note>, axioms_rocket::OwnedError<std::convert::Infallible>>,
    owned_or: Result<
        OwnedOr<Note, Roles<Editor>>,
        axioms_rocket::OwnedError<std::convert::Infallible>,
    >,
    tenant: Result<Tenant, AuthError>,
) -> String {
    let claims: Option<&Claims> = token.as_ref().ok().map(ValidToken::claims);
    let errors = [
        token.as_ref().err(),
        typed.as_ref().err(),
        scope.as_ref().err(),
        formula.as_ref().err(),
        always.as_ref().err(),
        optional.as_ref().err(),
    ];
    let displayed: Vec<String> = errors
        .into_iter()
        .flatten()
        .map(AuthError::to_string)
        .collect();
    format!(
        "{token:?} {token:#?} {:#?} {scope:?} {formula:?} {always:?} {optional:?} {unless:?} \
         {owned:?} {owned_or:?} {tenant:?} {claims:?} {displayed:?}",
        typed.as_ref().map(|_| ()),
    )
}

#[get("/staff")]
fn staff(_token: ValidToken<Staff>) {}

#[get("/note")]
fn note(owned: Result<Owned<Note>, axioms_rocket::OwnedError<std::convert::Infallible>>) -> String {
    format!("refused ownership: {:?}", owned.expect_err("bob's"))
}

#[get("/own-note")]
fn own_note(_owned: Owned<Note>) {}

fn all_routes() -> Vec<Route> {
    [routes(), routes![debug, staff, note, own_note]].concat()
}

fn token(issuer: &TestIssuer) -> TokenBuilder<'_> {
    full_token(issuer)
        .claim("email", "alice@example.test")
        .claim("medical", "a private diagnosis")
}

/// Good ones that may do little, or have claims of every type everywhere.
fn odd_tokens(issuer: &TestIssuer) -> Vec<String> {
    let mut tokens = vec![
        issuer.token(),
        issuer.token().claim("scope", 7).claim("roles", json!({})),
        token(issuer).without("email"),
        token(issuer).claim("email", json!({ "very private": "alice@example.test" })),
        token(issuer).kid("an-unknown-key-of-some-length"),
        token(issuer).kid("k".repeat(1000)),
        token(issuer).id("j".repeat(2000)),
        token(issuer).issuer("i".repeat(2000)),
        token(issuer).audiences([
            "an audience ".repeat(200),
            "b ".repeat(900),
            "c ".repeat(900),
        ]),
        token(issuer).typ("t".repeat(2000)),
        token(issuer).header("alg", "ES256 ".repeat(300)),
    ];
    for claim in [
        "iss", "aud", "sub", "jti", "exp", "iat", "nbf", "cnf", "scope", "email",
    ] {
        for value in [
            json!(null),
            json!(-1),
            json!("a text of some length, to be seen"),
            json!([[]]),
            json!({ "a": 1 }),
        ] {
            tokens.push(token(issuer).claim(claim, value));
        }
    }
    for member in ["alg", "typ", "kid", "x"] {
        for value in [
            json!(null),
            json!(7),
            json!("something of some length"),
            json!(["HS256"]),
            json!({}),
        ] {
            tokens.push(token(issuer).header(member, value));
        }
    }
    tokens.iter().map(TokenBuilder::sign).collect()
}

/// The `Authorization` headers that a token may come in, well formed or not.
fn headers(token: &str) -> Vec<Vec<String>> {
    let one = |header: String| vec![header];
    vec![
        one(format!("Bearer {token} {token}")),
        one(format!("Bearer\t{token}")),
        one(format!("Bearer \"{token}\"")),
        one(format!("Bearer {token},x=y")),
        one(format!("Basic {token}")),
        one(format!("DPoP {token}")),
        one(token.to_owned()),
        vec![format!("Bearer {token}"), format!("Bearer {token}")],
        vec![format!("Bearer {token}"), "Basic dTpw".to_owned()],
    ]
}

async fn online(issuer: &TestIssuer) -> Target {
    let fairing = AxiomsFairing::from_config(Config {
        jwks_cooldown: 1,
        ..config(issuer)
    });
    Target::launch(rocket(fairing).mount("/", all_routes()), issuer.url()).await
}

#[test]
fn no_part_of_a_token_is_ever_printed() {
    run(async |run| {
        let issuer = TestIssuer::builder().audience(AUDIENCE).start();
        let target = online(&issuer).await;
        let bad: Vec<String> = hostile::spoiled(&token(&issuer))
            .map(|bad| bad.token)
            .collect();
        let good: Vec<String> = (0..9).map(|_| token(&issuer).sign()).collect();
        // The first path twice: a cached token prints no more than a verified one.
        for text in bad.iter().chain(&good).chain(&odd_tokens(&issuer)) {
            for path in ["/debug", "/staff", "/own-note", "/states", "/debug"] {
                // The other topics assert the answers.
                let reply: Reply = run.get(&target, path, text).await;
                assert_ne!(reply.status, 500, "{path} {reply:?}");
            }
        }
        for text in bad.iter().step_by(20).chain(&good) {
            run.secret(text);
            for headers in headers(text) {
                let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
                run.ask(&target, Method::Get, "/debug", &headers).await;
                run.ask(&target, Method::Get, "/token", &headers).await;
            }
        }
        // Nor are claims that were not the cause.
        for secret in ["a private diagnosis", "\"very private\""] {
            assert!(!run.printed().contains(secret));
        }
    });
}

/// Secrets that an operator may have written into the wrong setting.
const PASSWORD: &str = "0123456789-the-operators-password";

/// Everything else that prints, as text by its type.
async fn shown(run: &mut Run) {
    let issuer = TestIssuer::builder()
        .audience(AUDIENCE)
        .seed(u64::MAX)
        .start();
    let builder = TestIssuer::builder().seed(u64::MAX);
    let text = token(&issuer).sign();
    run.secret(&text);
    run.secret(PASSWORD);
    run.secret(&u64::MAX.to_string());

    let alice = Persona::new("alice", token(&issuer));
    let access = AccessTable::builder([alice.clone()]);
    run.print(&format!(
        "{issuer:?} {builder:?} {:?} {alice:?} {access:?}",
        token(&issuer),
    ));
    hostile::spoiled(&token(&issuer)).for_each(|bad| {
        run.secret(&bad.token);
        run.print(&format!("{bad:?} {bad:#?}"));
    });
    run.print(&format!(
        "{:?} {:?} {:?}",
        ResourceConfig::default(),
        IssuerFault::Body(String::new()),
        token_with(json!({ "sub": "alice" }))
    ));

    // A password in a URL, and a private key where a public one is asked for.
    let urls = [
        format!("https://user:{PASSWORD}@127.0.0.1:9/keys"),
        format!("https://127.0.0.1:9/keys?key={PASSWORD}"),
        format!("https://127.0.0.1:9/keys#{PASSWORD}"),
        format!("http://{PASSWORD}@keys.example.test/"),
        format!("{PASSWORD}://127.0.0.1"),
        format!("https://127.0.0.1:9/ {PASSWORD}"),
    ];
    let mut private: Value = rocket::serde::json::from_str(&issuer.jwks()).expect("a set");
    private["keys"][0]["d"] = json!(PASSWORD);
    for url in &urls {
        let entry = IssuerConfig {
            iss_url: Some("https://b.test".into()),
            jwks_url: Some(url.into()),
            introspection: Some(IntrospectionConfig {
                url: Some(url.into()),
                client_id: Some("api".into()),
                client_secret: Some(Secret::new(PASSWORD)),
                ..Default::default()
            }),
            ..Default::default()
        };
        run.print(&format!(
            "{:?}",
            entry.introspection.as_ref().expect("it is set")
        ));
        let entries = vec![entry.clone()];
        let config = Config {
            jwks_url: Some(url.into()),
            issuers: entries,
            http_timeout: 1,
            ..config(&issuer)
        };
        let fairing = || AxiomsFairing::from_config(config.clone());
        run.print(&format!("{config:?} {config:#?} {entry:?} {:?}", fairing()));
        launched(run, fairing()).await;
        launched(
            run,
            AxiomsFairing::from_config(Config {
                jwks_prefetch: JwksPrefetch::Require,
                ..config.clone()
            }),
        )
        .await;
    }
    for keys in [
        private.to_string(),
        PASSWORD.to_owned(),
        format!("{{\"keys\":[{{\"kty\":\"oct\",\"k\":\"{PASSWORD}\"}}]}}"),
    ] {
        let fairing = || AxiomsFairing::from_config(config(&issuer)).with_keys(keys.clone());
        run.print(&format!("{:?}", fairing()));
        launched(run, fairing()).await;
    }
    for figment in [
        rocket::Config::figment().merge(("axioms.jwks_url", [PASSWORD])),
        rocket::Config::figment().merge(("axioms.audience", json!({ "a": PASSWORD }))),
        rocket::Config::figment().merge(("axioms.leeway", PASSWORD)),
        rocket::Config::figment().merge(("axioms.jwks_prefetch", PASSWORD)),
        rocket::Config::figment().merge(("axioms", PASSWORD)),
    ] {
        let error: ConfigError = Config::from_figment(&figment).unwrap_err();
        let problems = error.problems();
        run.print(&format!(
            "{error} {error:?} {problems:?} {problems:#?} {:?}",
            Secret::new(PASSWORD)
        ));
    }

    let report =
        RouteReport::of(&rocket::build().mount("/", protect::<Roles<Editor>>(all_routes())));
    run.print(&format!("{report:?} {report}"));
    let target = online(&issuer).await;
    for (path, text) in [("/debug", &*text), ("/note", &text), ("/debug", "a.b.c")] {
        run.get(&target, path, text).await;
    }
    run.print(&format!("{:?}", issuer.requests()));

    let (sender, events) = channel();
    let audited = AxiomsFairing::from_config(config(&issuer)).on_decision(move |event| {
        let json = to_string(event).expect("an event serializes");
        let _ = sender.send(format!("{event:?} {event:#?} {json}"));
    });
    let target = Target::launch(rocket(audited).mount("/", all_routes()), issuer.url()).await;
    let forged = token(&issuer).tampered().sign();
    run.secret(&forged);
    for path in ["/token", "/role", "/staff", "/note", "/own-note", "/debug"] {
        for text in [&*text, &forged, "a.b.c"] {
            run.get(&target, path, text).await;
        }
    }
    run.print(&status(&target));
    // The sink has every event once the application has ended.
    drop(target);
    events.iter().for_each(|event| run.print(&event));
}

fn status(target: &Target) -> String {
    let axioms = target.client.rocket().state::<Axioms>().expect("managed");
    let status = axioms.status();
    let json = to_string(&status).expect("a status serializes");
    format!("{axioms:?} {status:?} {status:#?} {json}")
}

/// The output of a launch, and of a request where there is one.
async fn launched(run: &mut Run, fairing: AxiomsFairing) {
    let _launching = LAUNCHES.read().await;
    match Client::untracked(rocket(fairing).mount("/", all_routes())).await {
        Err(error) => {
            let kind: &ErrorKind = error.kind();
            run.print(&format!("{kind:?} {kind} {error:?} {error}"));
        }
        Ok(client) => {
            let target = Target {
                client,
                realm: String::new(),
            };
            run.print(&status(&target));
            let issuer = offline();
            run.get(&target, "/debug", &token(&issuer).sign()).await;
            run.get(
                &target,
                "/debug",
                &token(&issuer).issuer("https://b.test").sign(),
            )
            .await;
        }
    }
}

#[test]
fn no_public_type_prints_a_secret() {
    run(async |run| {
        shown(run).await;
        let missing: BTreeMap<_, _> = HOLD
            .into_iter()
            .filter(|(_, words)| !run.printed().contains(words))
            .collect();
        assert_eq!(missing, BTreeMap::new(), "these were not looked at");
    });
}

/// Rocket prints requests before any guard is asked: the launch can only warn.
#[test]
fn the_launch_warns_that_rocket_prints_tokens_at_level_debug() {
    capture_all_crates();
    let issuer = offline();
    let logged = |log_level: &str| {
        let figment = rocket::Config::figment().merge(("log_level", log_level));
        let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
        let (client, log) = launch(rocket::custom(figment).attach(fairing));
        assert!(client.is_ok());
        log.lines("whole requests")
            .iter()
            .map(|line| line.to_string())
            .collect::<Vec<_>>()
    };
    let words = "WARN axioms_rocket::fairing::launch: \
                 axioms: with log_level = \"debug\" Rocket prints whole requests, tokens included";
    assert_eq!(logged("debug"), [words]);
    for quieter in ["normal", "critical", "off"] {
        assert_eq!(logged(quieter), [""; 0]);
    }
}

#[test]
fn types_without_secrets_print_the_programs_own_words() {
    run(async |run| {
        let at = SystemTime::UNIX_EPOCH;
        let prints = format!(
            "{:?} {:?} {:?}",
            Clock::manual(at),
            Alg::Es256,
            JwksPrefetch::Require
        );
        assert_eq!(prints, "Clock(Some(0)) Es256 Require");
        let issuer = offline();
        let target = Target::with(&issuer, config(&issuer), all_routes()).await;
        let reply = run.get(&target, "/debug", &token(&issuer).sign()).await;
        reply.passes("a good token");
        for words in ["Ok(Scopes(", "Ok(Any(", "Ok(Always("] {
            assert!(reply.body.contains(words), "{words} in {}", reply.body);
        }
    });
}
