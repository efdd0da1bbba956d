//! Issuers that a source knows at run time, row 14.5.

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer, TokenBuilder};
use axioms_rocket::{
    Authenticated, Axioms, AxiomsFairing, Clock, Config, HasOwner, IssuedBy, IssuerConfig,
    IssuerSource, Owned, Roles, Tenant, ValidToken, health, issuers, roles,
};
use rocket::error::ErrorKind;
use rocket::http::Header;
use rocket::local::{asynchronous, blocking};
use rocket::request::{FromRequest, Outcome};
use rocket::serde::json::{Value, json};
use rocket::{Build, Request, Rocket, get, routes};

use crate::recorder;
use crate::support::{AUDIENCE, Answer, App, bare_rocket, config, offline, rocket};

issuers! { Staff = "staff"; Acme = "acme"; }
roles! { Admin = "admin"; }

/// A table of tenants, and every question about it.
#[derive(Clone, Default)]
struct Table(Arc<Mutex<Content>>);

#[derive(Default)]
struct Content {
    issuers: HashMap<String, IssuerConfig>,
    asked: Vec<String>,
    broken: bool,
}

impl Table {
    fn of<'i>(issuers: impl IntoIterator<Item = (&'static str, &'i TestIssuer)>) -> Table {
        let table = Table::default();
        for (name, issuer) in issuers {
            table.put(issuer.url(), tenant_of(name, issuer));
        }
        table
    }

    fn put(&self, iss: &str, config: IssuerConfig) {
        self.lock().issuers.insert(iss.to_owned(), config);
    }

    fn remove(&self, issuer: &TestIssuer) {
        self.lock().issuers.remove(issuer.url());
    }

    fn asked(&self) -> usize {
        self.lock().asked.len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Content> {
        self.0.lock().unwrap()
    }
}

impl IssuerSource for Table {
    async fn issuer(
        &self,
        iss: &str,
    ) -> Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
        let mut content = self.lock();
        content.asked.push(iss.to_owned());
        match content.broken {
            true => Err("the database is gone".into()),
            false => Ok(content.issuers.get(iss).cloned()),
        }
    }
}

fn tenant_of(name: &str, issuer: &TestIssuer) -> IssuerConfig {
    IssuerConfig {
        name: Some(name.to_owned()),
        iss_url: Some(issuer.url().to_owned()),
        ..IssuerConfig::default()
    }
}

#[get("/token")]
fn token(token: ValidToken) -> String {
    token.subject().unwrap_or_default().to_owned()
}

#[get("/tenant")]
fn tenant(tenant: Tenant) -> String {
    tenant.to_string()
}

#[get("/admin")]
fn admin(_admin: Roles<Admin>) -> &'static str {
    "admin"
}

#[get("/staff")]
fn staff(_from: IssuedBy<Staff, Authenticated>) -> &'static str {
    "staff"
}

#[get("/acme")]
fn acme(_from: IssuedBy<Acme, Authenticated>) -> &'static str {
    "acme"
}

struct Article(Option<String>);

impl HasOwner for Article {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some("alice".into())
    }

    fn owner_issuer(&self) -> Option<Cow<'_, str>> {
        self.0.as_deref().map(Cow::from)
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Article {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let issuer = request.query_value::<String>("issuer");
        Outcome::Success(Article(issuer.and_then(Result::ok)))
    }
}

#[get("/article")]
fn article(_article: Owned<Article>) -> &'static str {
    "article"
}

/// Without an issuer in the settings.
fn bare_config() -> Config {
    Config {
        audience: vec![AUDIENCE.into()],
        ..Config::default()
    }
}

fn api(fairing: AxiomsFairing) -> Rocket<Build> {
    rocket(fairing)
        .mount("/", routes![token, tenant, admin, staff, acme, article])
        .mount("/health", health::routes())
}

fn fairing(table: &Table, clock: &Clock) -> AxiomsFairing {
    AxiomsFairing::from_config(bare_config())
        .with_issuers(table.clone())
        .with_clock(clock.clone())
}

struct World {
    a: TestIssuer,
    b: TestIssuer,
    table: Table,
    clock: Clock,
    app: App,
}

/// Two tenants, `acme` and `globex`, and no other issuer.
fn world() -> World {
    let clock = Clock::manual(SystemTime::now());
    let (a, b) = (online(&clock), online(&clock));
    let table = Table::of([("acme", &a), ("globex", &b)]);
    let app = App::launch(api(fairing(&table, &clock)));
    World {
        a,
        b,
        table,
        clock,
        app,
    }
}

fn online(clock: &Clock) -> TestIssuer {
    let issuer = TestIssuer::builder().audience(AUDIENCE);
    issuer.clock(clock.clone()).start()
}

fn of(issuer: &TestIssuer) -> String {
    alice(issuer).sign()
}

fn alice(issuer: &TestIssuer) -> TokenBuilder<'_> {
    let token = issuer.token().subject("alice");
    token.expires_in(Duration::from_secs(86_400))
}

impl World {
    fn forget(&self, issuer: &TestIssuer) -> bool {
        let axioms: &Axioms = self.app.0.rocket().state().unwrap();
        axioms.forget_issuer(issuer.url())
    }

    fn unknown(&self, issuer: &TestIssuer) {
        self.app
            .get("/token", &of(issuer))
            .invalid("Invalid token issuer");
    }

    fn unavailable(&self, token: &str) {
        unavailable(&self.app.get("/token", token));
    }
}

fn unavailable(answer: &Answer) {
    answer.refused(
        503,
        "temporarily_unavailable",
        "Signing keys are temporarily unavailable",
    );
    assert_eq!(answer.retry_after.as_deref(), Some("1"));
}

#[test]
fn row_14_5_an_unknown_issuer_is_asked_for_once() {
    let world = world();
    for _ in 0..3 {
        for (issuer, name) in [(&world.a, "acme"), (&world.b, "globex")] {
            world.app.get("/token", &of(issuer)).passes("alice");
            world.app.get("/tenant", &of(issuer)).passes(name);
        }
    }
    let urls = [world.a.url(), world.b.url()];
    assert_eq!(world.table.lock().asked, urls);
    assert_eq!((world.a.jwks_requests(), world.b.jwks_requests()), (1, 1));
    // The keys of one do not sign for the other.
    let forged = world.b.token().claim("iss", world.a.url()).sign();
    world
        .app
        .get("/token", &forged)
        .invalid("Unknown signing key");
}

#[test]
fn row_14_5_that_an_issuer_is_unknown_is_kept_for_a_minute() {
    let world = world();
    let c = online(&world.clock);
    for _ in 0..3 {
        world.unknown(&c);
    }
    assert_eq!(world.table.asked(), 1);
    world.table.put(c.url(), tenant_of("c", &c));
    world.clock.advance(Duration::from_secs(59));
    world.unknown(&c);
    world.clock.advance(Duration::from_secs(1));
    world.app.get("/tenant", &of(&c)).passes("c");
    assert_eq!(world.table.asked(), 2);
}

#[test]
fn row_14_5_an_answer_is_used_for_issuer_ttl() {
    let world = world();
    let token = of(&world.a);
    world.app.get("/token", &token).passes("alice");
    world.clock.advance(Duration::from_secs(299));
    world.table.lock().broken = true;
    world.app.get("/token", &token).passes("alice");
    world.clock.advance(Duration::from_secs(2));
    world.unavailable(&token);
    world.table.lock().broken = false;
    world.app.get("/token", &token).passes("alice");
    assert_eq!(world.a.jwks_requests(), 1, "the same answer keeps its keys");
    world.table.remove(&world.a);
    world.clock.advance(Duration::from_secs(301));
    world
        .app
        .get("/token", &token)
        .invalid("Invalid token issuer");
}

#[test]
fn row_1_issuer_ttl_is_the_time_of_an_answer() {
    let clock = Clock::manual(SystemTime::now());
    let issuer = online(&clock);
    let table = Table::of([("acme", &issuer)]);
    let config = Config {
        issuer_ttl: 10,
        ..bare_config()
    };
    let fairing = AxiomsFairing::from_config(config).with_issuers(table.clone());
    let app = App::launch(api(fairing.with_clock(clock.clone())));
    app.get("/token", &of(&issuer)).passes("alice");
    table.remove(&issuer);
    clock.advance(Duration::from_secs(11));
    app.get("/token", &of(&issuer))
        .invalid("Invalid token issuer");
    // That it is unknown is not kept for longer.
    table.put(issuer.url(), tenant_of("acme", &issuer));
    clock.advance(Duration::from_secs(10));
    app.get("/token", &of(&issuer)).passes("alice");
}

#[test]
fn row_14_5_a_forgotten_issuer_ends_at_once() {
    let world = world();
    let tokens = [of(&world.a), of(&world.b)];
    for token in &tokens {
        world.app.get("/token", token).passes("alice");
        world.app.get("/token", token).passes("alice");
    }
    world.table.remove(&world.a);
    assert!(world.forget(&world.a));
    world
        .app
        .get("/token", &tokens[0])
        .invalid("Invalid token issuer");
    world.app.get("/token", &tokens[1]).passes("alice");
    assert!(!world.forget(&world.a));
    // Back again: what the source did not know is forgotten, too.
    world.table.put(world.a.url(), tenant_of("acme", &world.a));
    world.forget(&world.a);
    world.app.get("/token", &tokens[0]).passes("alice");
    assert_eq!(world.table.asked(), 4);
}

#[test]
fn row_14_5_a_changed_configuration_takes_effect() {
    let world = world();
    let token = of(&world.a);
    world.app.get("/token", &token).passes("alice");
    let stricter = IssuerConfig {
        audience: Some(vec!["another-api".into()]),
        ..tenant_of("acme", &world.a)
    };
    world.table.put(world.a.url(), stricter);
    world.app.get("/token", &token).passes("alice");
    world.clock.advance(Duration::from_secs(301));
    world
        .app
        .get("/token", &token)
        .invalid("Invalid token audience");
    world
        .table
        .put(world.a.url(), tenant_of("renamed", &world.a));
    world.forget(&world.a);
    world.app.get("/tenant", &token).passes("renamed");
}

#[test]
fn row_14_5_an_error_is_503_and_the_next_request_asks_again() {
    let world = world();
    world.table.lock().broken = true;
    let token = of(&world.a);
    let ((), log) = recorder::record(|| world.unavailable(&token));
    drop(log);
    world.unavailable(&token);
    assert_eq!(world.table.asked(), 2);
    world.table.lock().broken = false;
    world.app.get("/token", &token).passes("alice");
}

#[test]
fn row_14_5_an_answer_for_another_issuer_is_none() {
    let world = world();
    let c = online(&world.clock);
    for wrong in [
        world.a.url().to_owned(),
        format!("{}/", c.url()),
        c.url().to_uppercase(),
        c.url().replace("127.0.0.1", "localhost"),
    ] {
        let answer = IssuerConfig {
            iss_url: Some(wrong.clone()),
            jwks_url: Some(c.jwks_url().into()),
            ..IssuerConfig::default()
        };
        world.table.put(c.url(), answer);
        world.forget(&c);
        world
            .app
            .get("/token", &of(&c))
            .invalid("Invalid token issuer");
    }
    assert_eq!(c.requests().len(), 0, "nothing was fetched");
}

#[test]
fn row_14_5_a_configuration_that_cannot_work_is_503() {
    let world = world();
    let c = online(&world.clock);
    let put = |change: fn(&mut IssuerConfig)| {
        let mut config = tenant_of("c", &c);
        change(&mut config);
        world.table.put(c.url(), config);
    };
    put(|config| config.algorithms = Some(vec!["none".into()]));
    world.unavailable(&of(&c));
    put(|config| config.jwks_url = Some("http://keys.example.test/".into()));
    world.unavailable(&of(&c));
    assert_eq!(c.requests().len(), 0);
    put(|_| {});
    world.app.get("/token", &of(&c)).passes("alice");
}

#[test]
fn row_14_5_a_configured_name_is_not_for_the_source() {
    let (issuer, tenant) = (offline(), online(&Clock::system()));
    let table = Table::of([("staff", &tenant)]);
    let config = Config {
        audience: vec![AUDIENCE.into()],
        issuers: vec![IssuerConfig {
            name: Some("staff".into()),
            iss_url: Some(issuer.url().into()),
            ..IssuerConfig::default()
        }],
        ..Config::default()
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    let app = App::launch(api(fairing.with_issuers(table.clone())));
    app.get("/staff", &of(&issuer)).passes("staff");
    unavailable(&app.get("/staff", &of(&tenant)));
    // Under another name it is no member of the staff.
    table.put(tenant.url(), tenant_of("acme", &tenant));
    app.get("/staff", &of(&tenant)).insufficient();
    app.get("/acme", &of(&tenant)).passes("acme");
    app.get("/acme", &of(&issuer)).insufficient();
    assert!(!table.lock().asked.iter().any(|iss| iss == issuer.url()));
}

#[test]
fn row_14_5_nothing_is_asked_for_a_token_that_is_refused_anyway() {
    let world = world();
    let hostile = offline();
    let with = |iss: &str| hostile.token().claim("iss", iss);
    let a = world.a.url();
    let unsigned = |header: Value| {
        let token = with(a).sign();
        let (_, rest) = token.split_once('.').unwrap();
        let header = axioms_rocket_base64(&header.to_string());
        format!("{header}.{rest}")
    };
    for (token, description) in [
        (unsigned(json!({ "alg": "none" })), "Unsupported algorithm"),
        (unsigned(json!({ "alg": "HS256" })), "Unsupported algorithm"),
        (
            unsigned(json!({ "alg": "ES256", "crit": ["x"] })),
            "Malformed token",
        ),
        (
            unsigned(json!({ "alg": "ES256", "kid": 1 })),
            "Malformed token",
        ),
        (with(a).expired().sign(), "Token has expired"),
        (
            with(a).without("exp").sign(),
            "Token is missing a required claim",
        ),
        (
            with(a).claim("pad", "x".repeat(20_000)).sign(),
            "Malformed token",
        ),
        (format!("{}x.y", with(a).sign()), "Malformed token"),
    ] {
        let answer = world.app.get("/token", &token);
        assert_eq!(answer.status, 401, "{description}: {answer:?}");
    }
    for iss in [
        "https://evil.test/%7Btenant%7D",
        "https://user@evil.test",
        "https://EVIL.test",
        "https://evil.test.",
        "https://evil.test/..",
        "https://evil.test/?x",
        "http://evil.test",
        "file:///etc/passwd",
        "evil",
        "",
    ] {
        world
            .app
            .get("/token", &with(iss).sign())
            .invalid("Invalid token issuer");
    }
    for iss in [json!(null), json!(1), json!([a])] {
        let token = hostile.token().claim("iss", iss).sign();
        world
            .app
            .get("/token", &token)
            .invalid("Invalid token issuer");
    }
    assert_eq!(world.table.asked(), 0);
    assert_eq!(world.a.requests().len(), 0);
}

fn axioms_rocket_base64(text: &str) -> String {
    use base64::Engine;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn row_14_5_a_flood_of_made_up_issuers_fetches_nothing() {
    let world = world();
    let hostile = offline();
    world.app.get("/token", &of(&world.a)).passes("alice");
    let (a, b) = (world.a.requests().len(), world.b.requests().len());
    for at in 0..300 {
        let iss = format!("https://made-up-{at}.test");
        let token = hostile.token().claim("iss", iss).sign();
        world
            .app
            .get("/token", &token)
            .invalid("Invalid token issuer");
        world
            .app
            .get("/token", &token)
            .invalid("Invalid token issuer");
    }
    assert_eq!(world.table.asked(), 301);
    assert_eq!((world.a.requests().len(), world.b.requests().len()), (a, b));
    world.app.get("/token", &of(&world.a)).passes("alice");
    let axioms: &Axioms = world.app.0.rocket().state().unwrap();
    let status = axioms.status();
    let figures = status.run_time_issuers().unwrap();
    assert_eq!(
        (figures.issuers(), figures.known(), figures.unknown()),
        (1, 1, 300)
    );
}

#[test]
fn row_14_5_each_issuer_has_claim_names_and_algorithms_of_its_own() {
    let world = world();
    let own = IssuerConfig {
        roles_claims: Some(vec!["realm_access.roles".into()]),
        algorithms: Some(vec!["EdDSA".into()]),
        required_claims: Some(vec!["org.id".into()]),
        ..tenant_of("acme", &world.a)
    };
    world.table.put(world.a.url(), own);
    let with = |alg: Alg| {
        alice(&world.a)
            .algorithm(alg)
            .claim("org", json!({ "id": 7 }))
            .claim("realm_access", json!({ "roles": ["admin"] }))
    };
    world
        .app
        .get("/admin", &with(Alg::EdDsa).sign())
        .passes("admin");
    world
        .app
        .get("/admin", &with(Alg::Es256).sign())
        .invalid("Unsupported algorithm");
    world
        .app
        .get("/admin", &with(Alg::EdDsa).without("org").sign())
        .invalid("Token is missing a required claim");
    // The other issuer has those of the top level.
    let b = |token: TokenBuilder<'_>| world.app.get("/admin", &token.sign());
    b(alice(&world.b).roles(["admin"])).passes("admin");
    b(alice(&world.b).claim("realm_access", json!({ "roles": ["admin"] }))).insufficient();
}

#[test]
fn row_14_5_equal_subjects_of_two_issuers_are_two_owners() {
    let world = world();
    let path = format!("/article?issuer={}", world.a.url());
    world.app.get(&path, &of(&world.a)).passes("article");
    for (path, issuer) in [(path.as_str(), &world.b), ("/article", &world.a)] {
        world.app.get(path, &of(issuer)).refused(
            403,
            "insufficient_scope",
            "You do not own this resource",
        );
    }
    // A configured issuer beside a source is one of several, too.
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let app = App::launch(api(fairing.with_issuers(Table::default())));
    app.get("/article", &of(&issuer)).refused(
        403,
        "insufficient_scope",
        "You do not own this resource",
    );
}

#[test]
fn row_14_5_readiness_is_not_that_of_tenants() {
    let world = world();
    world.a.down();
    assert_eq!(world.app.get("/token", &of(&world.a)).status, 503);
    world.app.get("/token", &of(&world.b)).passes("alice");
    assert_eq!(world.app.anonymous("/health/ready").status, 200);
    let axioms: &Axioms = world.app.0.rocket().state().unwrap();
    let status = axioms.status();
    assert!(status.is_ready() && status.issuers().is_empty());
    let figures = status.run_time_issuers().unwrap();
    assert_eq!(
        rocket::serde::json::to_value(figures).unwrap(),
        json!({
            "issuers": 2, "without_keys": 1, "keys": 1, "fetches": 1, "failed_fetches": 1,
            "known": 2, "unknown": 0, "unanswered": 0
        })
    );
    // The fetches of an issuer stay in the sums when it is gone.
    world.forget(&world.b);
    let status = axioms.status();
    let figures = status.run_time_issuers().unwrap();
    assert_eq!(
        (figures.issuers(), figures.fetches(), figures.keys()),
        (1, 1, 0)
    );
}

#[test]
fn row_14_5_keys_are_followed_through_rotations() {
    let world = world();
    let old = of(&world.a);
    world.app.get("/token", &old).passes("alice");
    world.a.rotate();
    world.app.get("/token", &of(&world.a)).passes("alice");
    assert_eq!(world.table.asked(), 1);
}

async fn get(client: &asynchronous::Client, token: &str) -> u16 {
    let bearer = Header::new("Authorization", format!("Bearer {token}"));
    let request = client.get("/token").header(bearer);
    request.dispatch().await.status().code
}

#[rocket::async_test]
async fn row_14_5_a_hanging_issuer_costs_others_nothing() {
    let clock = Clock::manual(SystemTime::now());
    let (a, b) = (online(&clock), online(&clock));
    let table = Table::of([("acme", &a), ("globex", &b)]);
    let client = asynchronous::Client::untracked(api(fairing(&table, &clock))).await;
    let client = Arc::new(client.unwrap());
    a.answer_with(IssuerFault::Hang);
    // More than the source is ever asked at a time.
    let hanging: Vec<_> = (0..40)
        .map(|at| {
            let (client, token) = (Arc::clone(&client), alice(&a).claim("n", at).sign());
            tokio::spawn(async move { get(&client, &token).await })
        })
        .collect();
    for at in 0..100 {
        assert_eq!(get(&client, &alice(&b).claim("n", at).sign()).await, 200);
    }
    assert!(hanging.iter().all(|request| !request.is_finished()));
    a.heal();
    hanging.iter().for_each(tokio::task::JoinHandle::abort);
}

#[rocket::async_test]
async fn row_14_5_requests_that_come_together_ask_once() {
    let clock = Clock::manual(SystemTime::now());
    let issuer = online(&clock);
    let table = Table::of([("acme", &issuer)]);
    let client = asynchronous::Client::untracked(api(fairing(&table, &clock))).await;
    let client = Arc::new(client.unwrap());
    let requests: Vec<_> = (0..50)
        .map(|at| {
            let (client, token) = (Arc::clone(&client), alice(&issuer).claim("n", at).sign());
            tokio::spawn(async move { get(&client, &token).await })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), 200);
    }
    assert_eq!((table.asked(), issuer.jwks_requests()), (1, 1));
}

struct Panics;

impl IssuerSource for Panics {
    async fn issuer(&self, _: &str) -> Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
        panic!("a defect, on purpose")
    }
}

#[test]
fn row_14_5_a_source_that_panics_is_503() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(bare_config()).with_issuers(Panics);
    let app = App::launch(api(fairing));
    for _ in 0..2 {
        unavailable(&app.get("/token", &of(&issuer)));
    }
    app.anonymous("/token").missing();
}

struct Hangs;

impl IssuerSource for Hangs {
    async fn issuer(&self, _: &str) -> Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
        std::future::pending().await
    }
}

#[test]
fn row_14_5_a_source_that_hangs_is_503_after_http_timeout() {
    let issuer = offline();
    let config = Config {
        http_timeout: 1,
        ..bare_config()
    };
    let fairing = AxiomsFairing::from_config(config).with_issuers(Hangs);
    let app = App::launch(api(fairing));
    unavailable(&app.get("/token", &of(&issuer)));
}

#[test]
fn row_14_5_a_launch_that_cannot_work_ends() {
    let issuer = offline();
    let with_url = Config {
        jwks_url: Some("https://keys.example.test/keys".into()),
        ..bare_config()
    };
    let twice = AxiomsFairing::from_config(bare_config())
        .with_issuers(Table::default())
        .with_issuers(Table::default());
    for (fairing, reason) in [
        (twice, "with_issuers is said twice"),
        (
            AxiomsFairing::from_config(with_url).with_issuers(Table::default()),
            "is needed beside keys when an IssuerSource knows further issuers",
        ),
        (
            AxiomsFairing::from_config(bare_config())
                .with_keys(issuer.jwks())
                .with_issuers(Table::default()),
            "is needed beside keys when an IssuerSource knows further issuers",
        ),
    ] {
        let (launched, log) = recorder::launch(bare_rocket().attach(fairing));
        let error = launched.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)));
        assert!(
            !log.lines(reason).is_empty() || log.0.contains(reason),
            "{log:?}"
        );
    }
    let fairing = AxiomsFairing::from_config(bare_config()).with_issuers(Table::default());
    let client = blocking::Client::untracked(api(fairing)).unwrap();
    let challenge = App(client).anonymous("/token").challenge;
    assert_eq!(challenge, Some(format!("Bearer realm=\"{AUDIENCE}\"")));
}

#[test]
fn row_14_5_no_log_line_of_the_source_holds_a_token() {
    let issuer = offline();
    let token = of(&issuer);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (status, log) = recorder::record(|| {
        runtime.block_on(async {
            let table = Table::default();
            table.lock().broken = true;
            let fairing = AxiomsFairing::from_config(bare_config()).with_issuers(table);
            let client = asynchronous::Client::untracked(api(fairing)).await.unwrap();
            get(&client, &token).await
        })
    });
    assert_eq!(status, 503);
    let (level, line) = log.line("the IssuerSource, asked about");
    assert_eq!(level, "ERROR");
    assert!(
        line.contains("the database is gone") && line.contains(issuer.url()),
        "{line}"
    );
    for part in token.split('.') {
        assert!(!log.0.contains(part));
    }
}
