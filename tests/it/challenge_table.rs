//! Row 20.7 of docs/behaviour.md on the application of sixty routes: the challenge of each route,
//! written by hand, and mutants: each guard removed or changed changes its own challenge alone.

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    All, Always, Any, IssuedBy, Lacks, Optional, Owned, OwnedOr, Permissions, Roles, Scopes,
    Unless, ValidToken, protect,
};
use rocket::http::Method::{self, Delete, Get, Options, Post, Put};
use rocket::route::{Handler, Outcome, Route};
use rocket::{Data, Request, delete, get, options, post, put, routes};

use crate::sixty_routes::{
    self, Admin, Create, Editor, Main, Mutant, Note, Read, ReadOrList, Reads, Suspended, Write,
};
use crate::support::{Answer, App, offline};

axioms_rocket::scopes! {
    Other = "other";
    ListOrRead = "notes:list" | "notes:read";
    WriteFiles = "files:write" implied by "files:*";
}

/// The answers to a request without a token, with an expired one, and with one without rights.
type Answers = [&'static str; 3];

const OPEN: Answers = ["200", "200", "200"];
/// A guard that any valid token passes.
const TOKEN: Answers = ["401", "401", "200"];
/// A guard that asks for no scope, and that this token does not pass.
const RIGHT: Answers = ["401", "401", "403"];
const READ: Answers = ["401 notes:read", "401 notes:read", "403 notes:read"];
const WRITE: Answers = ["401 notes:write", "401 notes:write", "403 notes:write"];
const OTHER: Answers = ["401 other", "401 other", "403 other"];
const FILES: Answers = ["401 files:read", "401 files:read", "403 files:read"];
const READ_AND_WRITE: Answers = [
    "401 notes:read notes:write",
    "401 notes:read notes:write",
    "403 notes:read notes:write",
];
const WRITE_AND_READ: Answers = [
    "401 notes:write notes:read",
    "401 notes:write notes:read",
    "403 notes:write notes:read",
];

type Row = (Method, &'static str, Answers);

/// One row for each path; `second` is never reached.
const TABLE: [Row; 59] = [
    (Get, "/free/token", TOKEN),
    (Get, "/free/typed", TOKEN),
    (Get, "/free/authenticated", TOKEN),
    (Get, "/free/scope", READ),
    (Get, "/free/either-scope", READ),
    (Get, "/free/implied", FILES),
    (Get, "/free/role", RIGHT),
    (Get, "/free/permission", RIGHT),
    (Get, "/free/claim", RIGHT),
    (Get, "/free/has-claim", RIGHT),
    (Get, "/free/lacks", RIGHT),
    (Get, "/free/any", READ),
    (Get, "/free/all", READ),
    (Post, "/free/nested", WRITE),
    (Get, "/free/own-policy", TOKEN),
    (Get, "/free/issued-by", READ),
    (Options, "/free/always", WRITE),
    (Options, "/free/safe", OPEN),
    (Get, "/free/owned", RIGHT),
    (Get, "/free/assigned", RIGHT),
    (Delete, "/free/owned", RIGHT),
    (Get, "/free/guest", ["200", "401", "200"]),
    (
        Get,
        "/free/guest-or-reader",
        ["200", "401 notes:read", "403 notes:read"],
    ),
    (Get, "/free/unless", OPEN),
    (Post, "/free/unless", WRITE),
    (Get, "/free/option", OPEN),
    (Get, "/free/option-scope", OPEN),
    (Get, "/free/result", OPEN),
    (Get, "/free/result-scope", OPEN),
    (Get, "/free/result-owned", OPEN),
    (Get, "/free/outcome", OPEN),
    (Put, "/free/alias", WRITE),
    (Get, "/free/alias-of-result", OPEN),
    (Get, "/free/token-and-scope", READ),
    (Put, "/free/two-scopes", READ_AND_WRITE),
    (Put, "/free/three", WRITE),
    (Get, "/free/twice", READ),
    (Get, "/free/users/7", TOKEN),
    (Get, "/free/public", OPEN),
    (Get, "/free/undeclared", OPEN),
    (Get, "/free/undeclared-at", OPEN),
    (Get, "/free/current-user", TOKEN),
    (Get, "/free/session", TOKEN),
    (Put, "/free/may-edit", WRITE),
    (Get, "/free/weekday", OPEN),
    (Get, "/free/tenant", RIGHT),
    (Get, "/free/delegating", READ),
    (Get, "/free/unseen", TOKEN),
    (Get, "/free/option-of-own", OPEN),
    (Get, "/free/result-of-own", OPEN),
    (Get, "/free/ranked", RIGHT),
    (Get, "/free/files/cors.md", OPEN),
    (Get, "/free/in-group", RIGHT),
    (Post, "/free/scope-in-group", READ),
    (Get, "/free/in-two-groups", WRITE),
    (Get, "/ruled", TOKEN),
    (Post, "/ruled", WRITE),
    (Options, "/ruled", OPEN),
    (Get, "/files/cors.md", RIGHT),
];

fn told(answer: &Answer) -> String {
    let challenge = answer.challenge.as_deref().unwrap_or_default();
    let scopes = challenge.split_once(", scope=\"").map(|(_, scopes)| scopes);
    let scopes = scopes.map_or(String::new(), |scopes| {
        format!(" {}", scopes.trim_matches('"'))
    });
    assert_eq!(challenge.is_empty(), answer.status == 200, "{answer:?}");
    format!("{}{scopes}", answer.status)
}

/// Asserts the answers of `app`: those of the table, except for the rows of `changed`.
#[track_caller]
fn check(issuer: &TestIssuer, routes: Vec<(&'static str, Route)>, name: &str, changed: &[Row]) {
    let rocket = crate::support::rocket(sixty_routes::fairing(issuer));
    let app = App::launch(sixty_routes::mounted(rocket, routes));
    let expired = format!("Bearer {}", issuer.token().expired().sign());
    let powerless = format!("Bearer {}", issuer.token().subject("mallory").sign());
    for (method, path, answers) in TABLE {
        let is_changed = |row: &&Row| (row.0, row.1) == (method, path);
        let expected = changed.iter().find(is_changed).map_or(answers, |row| row.2);
        let credentials: [&[&str]; 3] = [&[], &[&expired], &[&powerless]];
        for (credentials, expected) in credentials.into_iter().zip(expected) {
            let found = told(&app.call(method, path, credentials));
            assert_eq!(found, expected, "{name}: {method} {path}");
        }
    }
}

#[test]
fn row_20_7_the_challenges_of_sixty_routes_are_the_table_by_hand() {
    assert_eq!(sixty_routes::routes().len(), TABLE.len() + 1);
    check(&offline(), sixty_routes::routes(), "as it is", &[]);
}

#[derive(Clone)]
struct Plain;

#[rocket::async_trait]
impl Handler for Plain {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        Outcome::from(request, "plain")
    }
}

/// The row of a route of the fixture; none for the route that another one of its path precedes.
fn line_of(base: &str, route: &Route) -> Option<Row> {
    let path = route
        .uri
        .path()
        .replace("<_id>", "7")
        .replace("<path..>", "cors.md");
    let path = format!("{}{path}", base.trim_end_matches('/'));
    let row = TABLE
        .iter()
        .find(|row| (row.0, row.1) == (route.method, path.as_str()));
    let row = *row.unwrap_or_else(|| panic!("no row for {} {path}", route.method));
    (route.name.as_deref() != Some("second")).then_some(row)
}

#[test]
fn row_20_7_a_removed_guard_changes_the_challenge_of_its_route_alone() {
    let issuer = offline();
    for index in 0..sixty_routes::routes().len() {
        let mut mutant = sixty_routes::routes();
        let (base, route) = &mut mutant[index];
        let row = line_of(base, route);
        *route = Route::ranked(route.rank, route.method, route.uri.as_str(), Plain);
        let changed = row.map(|(method, path, _)| {
            let is_ruled = !path.starts_with("/free") && method != Options;
            (method, path, if is_ruled { TOKEN } else { OPEN })
        });
        check(
            &issuer,
            mutant,
            &format!("{index} removed"),
            changed.as_slice(),
        );
    }
}

#[test]
fn row_20_7_another_guard_changes_the_challenge_of_its_route_alone() {
    let issuer = offline();
    for index in 0..sixty_routes::routes().len() {
        let mut mutant = sixty_routes::routes();
        let (base, route) = &mut mutant[index];
        let changed = line_of(base, route).map(|(method, path, _)| (method, path, OTHER));
        let plain = Route::ranked(route.rank, route.method, route.uri.as_str(), Plain);
        *route = protect::<Always<Scopes<Other>>>(vec![plain]).remove(0);
        check(
            &issuer,
            mutant,
            &format!("{index} changed"),
            changed.as_slice(),
        );
    }
}

/// Handlers of the fixture, each with a change in its signature.
mod mutants {
    use super::*;

    #[get("/scope")]
    pub fn optional(_a: Optional<Scopes<Read>>) {}
    #[get("/scope")]
    pub fn ignored(_a: Option<Scopes<Read>>) {}
    #[get("/scope")]
    pub fn after_a_token(_t: ValidToken, _a: Scopes<Read>) {}
    #[get("/either-scope")]
    pub fn reversed(_a: Scopes<ListOrRead>) {}
    #[get("/either-scope")]
    pub fn shorter(_a: Scopes<Read>) {}
    #[get("/implied")]
    pub fn stronger(_a: Scopes<WriteFiles>) {}
    #[get("/role")]
    pub fn and_scope(_a: All<(Roles<Admin>, Scopes<Read>)>) {}
    #[get("/any")]
    pub fn other_order(_a: Any<(Roles<Admin>, Scopes<Write>, Scopes<Read>)>) {}
    #[get("/any")]
    pub fn without_scopes(_a: Any<(All<(Scopes<Read>, Roles<Admin>)>, Permissions<Create>)>) {}
    #[get("/all")]
    pub fn without_scope(_a: All<(Roles<Admin>, Roles<Editor>)>) {}
    #[post("/nested")]
    pub fn moved(_a: Any<(Roles<Editor>, All<(Scopes<Read>, Lacks<Roles<Suspended>>)>)>) {}
    #[get("/lacks")]
    pub fn lacks_scope(_a: Lacks<Scopes<Read>>) {}
    #[get("/issued-by")]
    pub fn issued_role(_a: IssuedBy<Main, Roles<Admin>>) {}
    #[options("/always")]
    pub fn not_always(_a: Scopes<Write>) {}
    #[options("/safe")]
    pub fn always(_a: Always<Scopes<Write>>) {}
    #[delete("/owned")]
    pub fn or_scope(_a: OwnedOr<Note, Scopes<Write>>) {}
    #[get("/owned")]
    pub fn and_read(_a: Owned<Note>, _b: Scopes<Read>) {}
    #[get("/guest")]
    pub fn or_writer(_a: Optional<Scopes<Write>>) {}
    #[get("/unless")]
    pub fn no_longer_unless(_a: Scopes<Write>) {}
    #[post("/unless")]
    pub fn unless_token(_a: Unless<Reads, ValidToken>) {}
    #[get("/option-scope")]
    pub fn required(_a: Scopes<ReadOrList>) {}
    #[put("/two-scopes")]
    pub fn swapped(_a: Scopes<Write>, _b: Scopes<Read>) {}
    #[put("/two-scopes")]
    pub fn one(_a: Scopes<Read>) {}
    #[put("/three")]
    pub fn two(_b: Roles<Editor>, _c: Permissions<Create>) {}
    #[get("/twice")]
    pub fn once_each(_a: Scopes<Read>, _b: Scopes<Write>) {}
    #[put("/may-edit")]
    pub fn roles_alone(_a: Roles<Editor>) {}
    #[get("/public")]
    pub fn closed(_a: Scopes<Read>) {}
    #[get("/ranked", rank = 1)]
    pub fn ranked(_a: Scopes<Read>) {}
    #[post("/scope-in-group")]
    pub fn scope_in_group(_a: Scopes<Read>) {}
    #[get("/in-two-groups")]
    pub fn in_two_groups() {}
    #[get("/ruled")]
    pub fn ruled(_a: Scopes<Read>) {}
    #[post("/ruled")]
    pub fn ruled_post(_a: Scopes<Read>) {}
}

#[test]
fn row_20_7_a_changed_signature_changes_the_challenge_that_it_should() {
    use mutants::*;
    let issuer = offline();
    let list = ["401 notes:list", "401 notes:list", "403 notes:list"];
    let files = ["401 files:write", "401 files:write", "403 files:write"];
    let guest = |scopes: &Answers| ["200", scopes[1], scopes[2]];
    let in_group = protect::<Unless<Reads, Scopes<Write>>>(routes![scope_in_group]);
    let in_one_group = protect::<Optional<ValidToken>>(routes![in_two_groups]);
    let cases: Vec<(Vec<Route>, Answers)> = vec![
        (routes![optional], guest(&READ)),
        (routes![ignored], OPEN),
        (routes![after_a_token], READ),
        (routes![reversed], list),
        (routes![shorter], READ),
        (routes![stronger], files),
        (routes![and_scope], READ),
        (routes![other_order], WRITE),
        (routes![without_scopes], RIGHT),
        (routes![without_scope], RIGHT),
        // An alternative with a role is none of scopes alone.
        (routes![moved], RIGHT),
        (routes![lacks_scope], RIGHT),
        (routes![issued_role], RIGHT),
        (routes![not_always], OPEN),
        (routes![always], WRITE),
        (routes![or_scope], WRITE),
        (routes![and_read], READ),
        (routes![or_writer], guest(&WRITE)),
        (routes![no_longer_unless], WRITE),
        (routes![unless_token], TOKEN),
        (routes![required], READ),
        (routes![swapped], WRITE_AND_READ),
        (routes![one], READ),
        (routes![two], RIGHT),
        (routes![once_each], READ_AND_WRITE),
        (routes![roles_alone], RIGHT),
        (routes![closed], READ),
        (routes![mutants::ranked], READ),
        (in_group, WRITE_AND_READ),
        (in_one_group, ["200", "401", "200"]),
        (routes![mutants::ruled], READ),
        (routes![ruled_post], READ),
    ];
    for (mut routes, answers) in cases {
        let changed = routes.remove(0);
        let name = changed.name.clone().unwrap_or_default();
        let mut mutant = sixty_routes::routes();
        let same = |route: &Route| {
            (route.method, route.uri.as_str(), route.rank)
                == (changed.method, changed.uri.as_str(), changed.rank)
        };
        let (base, route) = mutant
            .iter_mut()
            .find(|(_, route)| same(route))
            .expect(&name);
        let (method, path, _) = line_of(base, route).expect("a row");
        *route = changed.clone();
        check(&issuer, mutant, &name, &[(method, path, answers)]);
    }
}

/// Of each route with several guards, each one removed alone; in the order of the fixture.
#[test]
fn row_20_7_each_of_several_guards_removed_alone_changes_its_challenge() {
    let guest = ["200", "401", "200"];
    let left: [(&str, &[Answers]); 7] = [
        ("token_and_scope", &[TOKEN, READ]),
        ("two_scopes", &[READ, WRITE]),
        ("three", &[RIGHT, WRITE, WRITE]),
        ("twice", &[READ]),
        ("delegating", &[READ, RIGHT]),
        ("scope_in_group", &[RIGHT, READ]),
        ("in_two_groups", &[guest, WRITE]),
    ];
    let issuer = offline();
    let mut seen = 0;
    for (name, answers) in left {
        let is_own = |mutant: &Mutant| mutant.route.name.as_deref() == Some(name);
        let mutants = sixty_routes::mutants().into_iter().filter(is_own);
        for (Mutant { index, route }, answers) in mutants.zip(answers) {
            let mut mutant = sixty_routes::routes();
            let (base, own) = &mut mutant[index];
            *own = route;
            let (method, path, _) = line_of(base, own).expect("a row");
            check(&issuer, mutant, name, &[(method, path, *answers)]);
            seen += 1;
        }
    }
    assert_eq!(seen, 14);
}
