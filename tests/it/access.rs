//! Tables of personas and routes: what the application answers, what the guards declare, and the
//! file that both are compared with.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use axioms_rocket::testing::{AccessTable, AccessTableBuilder, Persona, TestIssuer};
use axioms_rocket::{
    AuthError, Authenticated, AxiomsFairing, HasOwner, Optional, Owned, Public, Require,
    Requirement, Roles, Scopes, Unless, ValidToken, methods, protect, roles, scopes,
};
use rocket::http::{ContentType, Cookie, CookieJar, Header, Status};
use rocket::local::{asynchronous, blocking};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::serde::json::{Json, Value};
use rocket::{Build, Rocket, Route, State, delete, get, patch, post, put, routes};

use crate::support::{config, offline, rocket};

scopes! { Write = "notes:write"; }
roles! { Admin = "admin"; }
methods! { Reads = Get; }

#[get("/health")]
fn health(_open: Public) -> &'static str {
    "up"
}

#[get("/notes/<id>?<page>")]
fn note(_user: Authenticated, id: u32, page: Option<u32>) -> Option<String> {
    (id == 7).then(|| format!("{page:?}"))
}

#[post("/notes", format = "json", data = "<note>")]
fn create(_may: Scopes<Write>, note: Json<Value>) -> Status {
    match note.get("title") {
        Some(_) => Status::Created,
        None => Status::UnprocessableEntity,
    }
}

#[get("/files/<path..>")]
fn file(_open: Public, path: std::path::PathBuf) -> String {
    path.display().to_string()
}

#[get("/stats")]
fn stats() -> &'static str {
    "for administrators"
}

fn basic() -> Vec<Route> {
    let admin = protect::<Roles<Admin>>(routes![stats]);
    [routes![health, note, create, file], admin].concat()
}

fn app(issuer: &TestIssuer, routes: Vec<Route>) -> Rocket<Build> {
    let fairing = AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks());
    rocket(fairing).mount("/", routes)
}

fn client(issuer: &TestIssuer, routes: Vec<Route>) -> blocking::Client {
    blocking::Client::untracked(app(issuer, routes)).expect("the application starts")
}

fn personas(issuer: &TestIssuer) -> AccessTableBuilder<'_> {
    AccessTable::builder([
        Persona::guest(),
        Persona::expired(issuer),
        Persona::bob(issuer),
        Persona::alice(issuer).scopes(["notes:write"]),
        Persona::new("root", issuer.token().subject("root").roles(["admin"])),
    ])
}

/// Returns the message of a failed assertion.
fn message(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).expect_err("the assertion fails");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(other) => other.downcast_ref::<&str>().expect("a text").to_string(),
    }
}

const BASIC: &str = "\
| guest | expired | bob | alice | root | route |
| ----- | ------- | --- | ----- | ---- | ----- |
| 200   | 200     | 200 | 200   | 200  | `GET /files/<path..>` |
| 200   | 200     | 200 | 200   | 200  | `GET /health` |
| 401   | 401     | 403 | 201   | 403  | `POST /notes` |
| 401   | 401     | 200 | 200   | 200  | `GET /notes/<id>?<page>` |
| 401   | 401     | 403 | 403   | 200  | `GET /stats` |
";

fn with_note(builder: AccessTableBuilder<'_>) -> AccessTableBuilder<'_> {
    let note = (ContentType::JSON, r#"{ "title": "A note" }"#);
    builder
        .parameter("id", "7")
        .bodies(move |route| (route.handler() == Some("create")).then(|| note.clone()))
}

#[test]
fn row_19_1_the_statuses_of_all_routes_are_a_markdown_table() {
    let issuer = offline();
    let table = with_note(personas(&issuer)).dispatched(&client(&issuer, basic()));
    assert_eq!(table.to_string(), BASIC);
}

#[rocket::async_test]
async fn row_19_1_the_async_client_gives_the_same_table() {
    let issuer = offline();
    let client = asynchronous::Client::untracked(app(&issuer, basic()));
    let client = client.await.expect("the application starts");
    let access = with_note(personas(&issuer));
    let table = access.dispatched_async(&client).await;
    assert_eq!(table.to_string(), BASIC);
    table.assert_agrees_with(&access.computed(client.rocket()));
}

#[test]
fn row_19_1_a_parameter_without_a_value_is_named_with_its_route() {
    let issuer = offline();
    let client = client(&issuer, basic());
    let text = message(|| drop(personas(&issuer).parameter("page", "1").dispatched(&client)));
    let begins = "these parameters have no value, give them one with `parameter` or \
                  `parameters`:\n  \
                  <id> of GET /notes/<id>?<page> (note), tests/it/access.rs:";
    assert!(text.starts_with(begins), "{text}");
    // A query needs no values, and neither does the rest of a path.
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[get("/echo/<a>/<_>/<rest..>?kind=x&<q>&<more..>")]
fn echo(
    _open: Public,
    a: &str,
    rest: std::path::PathBuf,
    q: Option<&str>,
    more: std::collections::HashMap<String, String>,
) -> Result<(), Status> {
    let is_sent = a == "a b/c"
        && rest.to_str() == Some("d/e f")
        && q == Some("1&2")
        && more.get("m").is_some_and(|m| m == "3");
    is_sent.then_some(()).ok_or(Status::ImATeapot)
}

#[test]
fn row_19_1_values_go_into_path_and_query_percent_encoded() {
    let issuer = offline();
    let client = client(&issuer, routes![echo]);
    let access = AccessTable::builder([Persona::guest()])
        .parameter("a", "overruled")
        .parameters(|route, name| match (route.path(), name) {
            ("/echo/<a>/<_>/<rest..>?kind=x&<q>&<more..>", "a") => Some("a b/c"),
            (_, "rest") => Some("d/e f"),
            _ => None,
        })
        .parameter("q", "1&2")
        .parameter("more", "m=3");
    let table = access.dispatched(&client).to_string();
    assert!(table.contains("| 200   | `GET /echo/<a>"), "{table}");
}

#[put("/xml", format = "xml", data = "<body>")]
fn xml(_open: Public, body: String) -> Status {
    Status::new(if body.is_empty() { 202 } else { 200 })
}

#[get("/json", format = "json")]
fn json(_open: Public) {}

struct Tenant;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Tenant {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match request.headers().get_one("X-Tenant") {
            Some("acme") => Outcome::Success(Tenant),
            _ => Outcome::Error((Status::BadRequest, ())),
        }
    }
}

#[get("/tenant")]
fn tenant(_open: Public, _tenant: Tenant) {}

#[test]
fn row_19_1_requests_have_the_routes_format_a_body_and_headers() {
    let issuer = offline();
    let client = client(&issuer, routes![xml, json, tenant]);
    let access = AccessTable::builder([Persona::guest()]);
    let statuses = |access: &AccessTableBuilder<'_>| {
        let table = access.dispatched(&client).to_string();
        let rows = table.lines().skip(2).map(|row| row[2..5].to_owned());
        rows.collect::<Vec<_>>()
    };
    assert_eq!(statuses(&access), ["200", "400", "202"]);
    let access = access
        .header(Header::new("X-Tenant", "acme"))
        .bodies(|route| Some((ContentType::XML, route.path().to_owned())));
    assert_eq!(statuses(&access), ["200", "200", "200"]);
}

/// The number of applications that were started with a shelf.
static STARTS: AtomicUsize = AtomicUsize::new(0);

#[get("/shelf")]
fn shelf(_open: Public, items: &State<AtomicUsize>) -> Option<()> {
    (items.load(Ordering::SeqCst) == 1).then_some(())
}

#[delete("/shelf")]
fn clear(_user: Authenticated, items: &State<AtomicUsize>) -> Result<Status, Status> {
    match items.swap(0, Ordering::SeqCst) {
        0 => Err(Status::NotFound),
        _ => Ok(Status::NoContent),
    }
}

#[delete("/shelf/item")]
fn take(_user: Authenticated, items: &State<AtomicUsize>) -> Result<Status, Status> {
    match items.load(Ordering::SeqCst) {
        0 => Err(Status::NotFound),
        _ => Ok(Status::NoContent),
    }
}

#[patch("/shelf")]
fn tidy(_user: Authenticated, items: &State<AtomicUsize>) -> Option<()> {
    (items.load(Ordering::SeqCst) == 1).then_some(())
}

#[test]
fn row_19_1_reads_come_first_and_deletions_last_or_each_starts_afresh() {
    let issuer = offline();
    let start = || {
        STARTS.fetch_add(1, Ordering::SeqCst);
        let app = app(&issuer, routes![clear, take, tidy, shelf]).manage(AtomicUsize::new(1));
        blocking::Client::untracked(app).expect("the application starts")
    };
    let access = || {
        let users = [
            Persona::guest(),
            Persona::alice(&issuer),
            Persona::bob(&issuer),
        ];
        AccessTable::builder(users)
    };
    let table = access().dispatched(&start()).to_string();
    assert!(
        table.ends_with(
            "| 401   | 204   | 404 | `DELETE /shelf` |\n\
             | 200   | 200   | 200 | `GET /shelf` |\n\
             | 401   | 200   | 200 | `PATCH /shelf` |\n\
             | 401   | 204   | 204 | `DELETE /shelf/item` |\n"
        ),
        "{table}"
    );
    STARTS.store(0, Ordering::SeqCst);
    let table = access().dispatched_afresh(start).to_string();
    assert!(
        table.contains("| 401   | 204   | 204 | `DELETE /shelf` |"),
        "{table}"
    );
    // The first one, and one after each request that neither reads nor was refused.
    assert_eq!(STARTS.load(Ordering::SeqCst), 1 + 3 * 2);
}

#[get("/u/<id>")]
fn by_number(_open: Public, id: u32) -> String {
    id.to_string()
}

#[get("/u/<id>", rank = 2)]
fn by_name(_user: Authenticated, id: &str) -> String {
    id.to_owned()
}

#[test]
fn row_19_1_two_routes_for_one_path_are_told_apart_by_handler() {
    let issuer = offline();
    let client = client(&issuer, routes![by_name, by_number]);
    let access = AccessTable::builder([Persona::guest(), Persona::alice(&issuer)]);
    let table = access.parameters(|route, _| match route.rank() {
        2 => Some("ann"),
        _ => Some("7"),
    });
    assert_eq!(
        table.dispatched(&client).to_string(),
        "| guest | alice | route |\n\
         | ----- | ----- | ----- |\n\
         | 200   | 200   | `GET /u/<id> (by_number)` |\n\
         | 401   | 200   | `GET /u/<id> (by_name)` |\n"
    );
}

#[get("/login")]
fn login(_open: Public, cookies: &CookieJar<'_>) {
    cookies.add(Cookie::new("session", "of the first persona"));
}

#[test]
fn a_client_that_keeps_cookies_is_rejected() {
    let issuer = offline();
    let app = app(&issuer, routes![login]);
    let client = blocking::Client::tracked(app).expect("the application starts");
    let access = AccessTable::builder([Persona::guest()]);
    let text = message(|| drop(access.dispatched(&client)));
    assert!(text.starts_with("the client keeps cookies"), "{text}");
}

#[test]
fn two_personas_with_one_name_are_rejected() {
    let text = message(|| drop(AccessTable::builder([Persona::guest(), Persona::guest()])));
    assert_eq!(text, "two personas are called `guest`");
}

/// Returns an empty folder, and the path of a table in it.
fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tables/access.md");
    (folder, file)
}

#[test]
fn row_19_1_the_file_must_hold_the_table_and_a_failure_shows_the_cells() {
    if std::env::var_os("AXIOMS_BLESS").is_some() {
        return; // It would write the file.
    }
    let issuer = offline();
    let (_folder, file) = folder();
    let access = with_note(personas(&issuer));
    let table = access.dispatched(&client(&issuer, basic()));

    let text = message(|| table.assert_file(&file));
    assert!(
        text.contains("cannot be read") && text.contains(BASIC),
        "{text}"
    );
    assert!(
        text.ends_with("run the test with AXIOMS_BLESS=1 and commit the file"),
        "{text}"
    );
    assert!(!file.exists());

    fs::create_dir(file.parent().expect("a folder")).expect("a folder");
    let note =
        "<!-- Who may call what: a test compares this file, AXIOMS_BLESS=1 writes it. -->\n\n";
    fs::write(&file, format!("{note}{BASIC}")).expect("a file");
    table.assert_file(&file);
    fs::write(&file, format!("{note}{BASIC}").replace('\n', "\r\n")).expect("a file");
    table.assert_file(&file);

    let edited = BASIC
        .replace(
            "| 401   | 401     | 403 | 201   |",
            "| 200   | 401     | 201 | 201   |",
        )
        .replace("`GET /stats`", "`GET /old`");
    fs::write(&file, format!("{note}{edited}")).expect("a file");
    let text = message(|| table.assert_file(&file));
    let expected = "is not what the application answers:\n\n  \
         | guest | expired | bob | alice | root | route |\n\
         - | 200   | 401     | 201 | 201   | 403  | `POST /notes` |\n\
         + | 401   | 401     | 403 | 201   | 403  | `POST /notes` |\n    \
             guest: 200 → 401\n    \
             bob: 201 → 403\n\
         + | 401   | 401     | 403 | 403   | 200  | `GET /stats` |\n\
         - | 401   | 401     | 403 | 403   | 200  | `GET /old` |\n\n\
         If this is intended, run the test with AXIOMS_BLESS=1 and commit the file";
    assert!(text.ends_with(expected), "{text}");
}

/// Runs itself with the variable, in a process whose application reads its settings from the
/// environment: the variable is no setting.
#[test]
fn row_19_1_axioms_bless_writes_the_file_and_is_no_setting() {
    const FILE: &str = "TEST_ACCESS_FILE";
    let issuer = offline();
    if let Some(file) = std::env::var_os(FILE) {
        let fairing = AxiomsFairing::default().with_keys(issuer.jwks());
        let app = crate::support::bare_rocket()
            .attach(fairing)
            .mount("/", routes![health]);
        let client = blocking::Client::untracked(app).expect("the application starts");
        let access = AccessTable::builder([Persona::guest()]);
        access.dispatched(&client).assert_file(file);
        return;
    }
    let (_folder, file) = folder();
    let run = |bless: &str| {
        let test = "access::row_19_1_axioms_bless_writes_the_file_and_is_no_setting";
        let output = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", test])
            .env(FILE, &file)
            .env("AXIOMS_BLESS", bless)
            .env("AXIOMS_AUDIENCE", issuer.audience())
            .env("AXIOMS_ISS_URL", issuer.url())
            .output()
            .expect("this program runs");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    for other in ["", "0", "true"] {
        let (passed, output) = run(other);
        assert!(
            !passed && output.contains("access.md cannot be read"),
            "{output}"
        );
        assert!(!file.exists(), "{other:?}");
    }
    let (passed, output) = run("1");
    assert!(passed, "{output}");
    let text = fs::read_to_string(&file).expect("the file");
    assert!(
        text.ends_with("| ----- | ----- |\n| 200   | `GET /health` |\n"),
        "{text}"
    );
    let (passed, output) = run("0");
    assert!(passed, "{output}");
}

#[get("/new")]
fn new(_items: &State<AtomicUsize>) {}

#[test]
fn row_19_1_a_route_without_a_decision_fails_and_is_named() {
    let issuer = offline();
    let app = app(&issuer, [basic(), routes![new]].concat()).manage(AtomicUsize::new(1));
    let client = blocking::Client::untracked(app).expect("the application starts");
    let (_folder, file) = folder();
    let access = with_note(personas(&issuer));
    let computed = access.computed(client.rocket()).to_string();
    let unknown = "| ?     | ?       | ?    | ?     | ?    | `GET /new` |";
    assert!(computed.contains(unknown), "{computed}");
    for table in [access.dispatched(&client), access.computed(client.rocket())] {
        let text = message(|| table.assert_file(&file));
        let begins = "who may call these routes?\n  GET /new (new), tests/it/access.rs:";
        assert!(text.starts_with(begins), "{text}");
        assert_eq!(text.lines().count(), 3, "{text}");
    }
}

struct Memo(&'static str);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Memo {
    type Error = ();

    async fn from_request(_request: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Memo("alice"))
    }
}

impl HasOwner for Memo {
    fn owner(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.0.into())
    }
}

/// A policy whose requirement is in words.
struct OnWeekdays;

impl axioms_rocket::Policy for OnWeekdays {
    fn decide(_token: &ValidToken) -> axioms_rocket::Decision {
        axioms_rocket::Decision::Deny
    }

    fn requirement() -> Requirement {
        Requirement::Custom("a weekday")
    }
}

/// The claims that a handler reads.
#[derive(rocket::serde::Deserialize)]
#[serde(crate = "rocket::serde")]
struct Mail {
    #[expect(dead_code, reason = "it has to be there")]
    email: String,
}

#[get("/owned")]
fn owned(_memo: Owned<Memo>) {}

#[get("/owned/write")]
fn owned_and_more(_memo: Owned<Memo>, _may: Scopes<Write>) {}

#[get("/weekdays")]
fn weekdays(_day: Require<OnWeekdays>) {}

#[get("/mail")]
fn mail(_token: ValidToken<Mail>) {}

#[get("/feed")]
fn feed(_token: Optional<ValidToken>) {}

#[get("/feed/write")]
fn feed_of_writers(_token: Optional<Scopes<Write>>) {}

#[get("/handled")]
fn handled(_token: Result<ValidToken, AuthError>) {}

#[get("/unless")]
fn unless(_may: Unless<Reads, Scopes<Write>>) {}

#[post("/unless")]
fn unless_not(_may: Unless<Reads, Scopes<Write>>) {}

#[rocket::options("/weekdays")]
fn preflight(_may: Scopes<Write>) {}

fn special() -> Vec<Route> {
    routes![
        owned,
        owned_and_more,
        weekdays,
        mail,
        feed,
        feed_of_writers,
        handled,
        unless,
        unless_not,
        preflight
    ]
}

#[test]
fn row_20_11_cells_are_computed_and_question_marks_say_what_is_not_known() {
    let issuer = offline();
    let client = client(&issuer, special());
    let access = personas(&issuer);
    let computed = access.computed(client.rocket());
    assert_eq!(
        computed.to_string(),
        "\
| guest | expired | bob  | alice | root | route |
| ----- | ------- | ---- | ----- | ---- | ----- |
| pass  | 401     | pass | pass  | pass | `GET /feed` |
| pass  | 401     | 403  | pass  | 403  | `GET /feed/write` |
| pass  | pass    | pass | pass  | pass | `GET /handled` |
| 401   | 401     | ?    | ?     | ?    | `GET /mail` |
| 401   | 401     | ?    | ?     | ?    | `GET /owned` |
| 401   | 401     | 403  | ?     | 403  | `GET /owned/write` |
| pass  | pass    | pass | pass  | pass | `GET /unless` |
| 401   | 401     | 403  | pass  | 403  | `POST /unless` |
| 401   | 401     | ?    | ?     | ?    | `GET /weekdays` |
| pass  | pass    | pass | pass  | pass | `OPTIONS /weekdays` |
"
    );
    access.dispatched(&client).assert_agrees_with(&computed);
}

#[get("/stats/own")]
fn own_rule(token: ValidToken) -> Result<(), AuthError> {
    match token.has_role("admin") {
        true => Ok(()),
        false => Err(AuthError::forbidden::<Roles<Admin>>()),
    }
}

#[test]
fn row_20_11_a_rule_inside_of_a_handler_disagrees_and_is_named() {
    let issuer = offline();
    let client = client(&issuer, [basic(), routes![own_rule]].concat());
    let access = with_note(personas(&issuer));
    let (dispatched, computed) = (access.dispatched(&client), access.computed(client.rocket()));
    for (one, other, cells) in [
        (&dispatched, &computed, "403, and pass"),
        (&computed, &dispatched, "pass, and 403"),
    ] {
        let text = message(|| one.assert_agrees_with(other));
        assert_eq!(
            text,
            format!(
                "the tables do not agree:\n  \
                 GET /stats/own: bob: {cells}\n  \
                 GET /stats/own: alice: {cells}"
            )
        );
    }
    let others = AccessTable::builder([Persona::guest()]).computed(client.rocket());
    let text = message(|| dispatched.assert_agrees_with(&others));
    assert!(text.contains("the tables have other personas"), "{text}");
}
