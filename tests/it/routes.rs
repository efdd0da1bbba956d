//! Chapter 20 of docs/behaviour.md: the report of every route.

use std::time::Instant;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    AuthError, Authenticated, AxiomsFairing, Optional, Public, RouteReport, Scopes, ValidToken,
    protect,
};
use rocket::error::ErrorKind;
use rocket::http::Method;
use rocket::request::{self, FromRequest, Outcome};
use rocket::{Build, Ignite, Request, Rocket, Route, Sentinel, State, get, routes};

use crate::recorder::launch;
use crate::sixty_routes;
use crate::support::{App, Profile, config, offline, rocket};

#[get("/plain")]
fn plain(_token: ValidToken, _scope: Scopes<Profile>, _text: &State<String>) {}

type MaybeToken = Result<ValidToken, AuthError>;

#[get("/option")]
fn option(_token: Option<ValidToken>) {}
#[get("/result")]
fn result(_token: Result<ValidToken, AuthError>) {}
#[get("/alias")]
fn alias(_token: MaybeToken) {}
#[get("/outcome")]
fn outcome(_token: Outcome<Scopes<Profile>, AuthError>) {}
#[get("/optional")]
fn optional(_token: Optional<ValidToken>) {}

#[test]
fn every_way_to_name_a_guard_is_in_the_report() {
    let all = || routes![plain, option, result, alias, outcome, optional];
    let rocket = rocket::build()
        .mount("/", all())
        .mount("/group", protect::<Authenticated>(all()));
    let report = RouteReport::of(&rocket);
    let shown = |path: &str| {
        let found = report.routes().iter().find(|route| route.path() == path);
        let route = found.expect(path);
        let optional: Vec<bool> = route.guards().iter().map(|g| g.is_optional()).collect();
        let requirement = route.requirement().map(ToString::to_string);
        (optional, requirement, route.is_declared())
    };
    let words = |text: &str| Some(text.to_owned());
    let scope = "scope openid or scope profile";
    assert_eq!(shown("/plain"), (vec![false, false], words(scope), true));
    assert_eq!(shown("/option"), (vec![true], None, false));
    assert_eq!(shown("/result"), (vec![true], None, true));
    assert_eq!(shown("/alias"), (vec![true], None, true));
    assert_eq!(shown("/outcome"), (vec![true], None, true));
    let optional = words("no credentials or a valid token");
    assert_eq!(shown("/optional"), (vec![false], optional, true));
    for path in ["/group/option", "/group/result"] {
        assert_eq!(shown(path), (vec![true], words("a valid token"), true));
    }
}

/// The report of the application of sixty routes, written by hand from its handlers: method and
/// path, handler, requirement, guards.
const SIXTY: &str = "
GET /files/<path..> [10] | FileServer: docs | role admin |
PUT /free/alias | alias | scope notes:write | Scopes<Write>
GET /free/alias-of-result | alias_of_result | nothing: optional | Result<ValidToken, AuthError>
GET /free/all | all | scope notes:read and role admin | All<(Scopes<Read>, Roles<Admin>)>
OPTIONS /free/always | always | scope notes:write | Always<Scopes<Write>>
GET /free/any | any | scope notes:read or role admin | Any<(Scopes<Read>, Roles<Admin>)>
GET /free/assigned | assigned | the owner's token (Assignee) | Owned<Note, Assignee>
GET /free/authenticated | authenticated | a valid token | Authenticated
GET /free/claim | claim | claim groups is \"staff\" or \"admins\" | Claim<Staff>
GET /free/current-user | current_user | a valid token | CurrentUser
GET /free/delegating | delegating | scope notes:read and role admin | Delegating
GET /free/either-scope | either_scope | scope notes:read or scope notes:list | Scopes<ReadOrList>
GET /free/files/<path..> [10] | FileServer: docs | nothing: excepted |
GET /free/guest | guest | no credentials or a valid token | Optional<ValidToken>
GET /free/guest-or-reader | guest_or_reader | no credentials or scope notes:read | \
    Optional<Scopes<Read>>
GET /free/has-claim | has_claim | claim tenant | Claim<HasTenant>
GET /free/implied | implied | scope files:read, implied by files:write or files:* | Scopes<Files>
GET /free/in-group | in_group | role admin |
GET /free/in-two-groups | in_two_groups | \
    (no credentials or a valid token) and scope notes:write |
GET /free/issued-by | issued_by | scope notes:read from issuer \"main\" | \
    IssuedBy<Main, Scopes<Read>>
GET /free/lacks | lacks | not role suspended | Lacks<Roles<Suspended>>
PUT /free/may-edit | may_edit | scope notes:write and role editor | MayEdit
POST /free/nested | nested | scope notes:write or (role editor and not role suspended) | \
    Any<(Scopes<Write>, All<(Roles<Editor>, Lacks<Roles<Suspended>>)>)>
GET /free/option | option | nothing: optional | Option<ValidToken>
GET /free/option-of-own | option_of_own | nothing: optional | Option<CurrentUser>
GET /free/option-scope | option_scope | nothing: optional | Option<Scopes<Read>>
GET /free/outcome | outcome | nothing: optional | Result<ValidToken, _>
GET /free/own-policy | own_policy | a valid token and a subject | Require<HasSubject>
DELETE /free/owned | owned_or | the owner's token or role admin | OwnedOr<Note, Roles<Admin>>
GET /free/owned | owned | the owner's token | Owned<Note>
GET /free/permission | permission | permission notes:create | Permissions<Create>
GET /free/public | public | anybody | Public
GET /free/ranked [1] | first | role admin | Roles<Admin>
GET /free/ranked [2] | second | anybody | Public
GET /free/result | result | nothing: optional | Result<ValidToken, AuthError>
GET /free/result-of-own | result_of_own | nothing: optional | Result<Weekday, _>
GET /free/result-owned | result_owned | nothing: optional | Result<Owned<Note>, OwnedError<()>>
GET /free/result-scope | result_scope | nothing: optional | Result<Scopes<Read>, AuthError>
GET /free/role | role | role admin | Roles<Admin>
OPTIONS /free/safe | safe | nothing: OPTIONS is exempt | Scopes<Write>
GET /free/scope | scope | scope notes:read | Scopes<Read>
POST /free/scope-in-group | scope_in_group | role admin and scope notes:read | Scopes<Read>
GET /free/session | session | a valid token | &Session
GET /free/tenant | tenant | claim tenant | Tenant
PUT /free/three | three | scope notes:write and role editor and permission notes:create | \
    Scopes<Write>, Roles<Editor>, Permissions<Create>
GET /free/token | token | a valid token | ValidToken
GET /free/token-and-scope | token_and_scope | scope notes:read | ValidToken, Scopes<Read>
GET /free/twice | twice | scope notes:read | Scopes<Read>, Scopes<Read>
PUT /free/two-scopes | two_scopes | scope notes:read and scope notes:write | \
    Scopes<Read>, Scopes<Write>
GET /free/typed | typed | a valid token and claims of the handler's type | ValidToken<Value>
GET /free/undeclared | undeclared | nothing: excepted |
GET /free/undeclared-at | undeclared_at | nothing: excepted |
GET /free/unless | read | nothing: GET is exempt | Unless<Reads, ValidToken>
POST /free/unless | write | scope notes:write | Unless<Reads, Scopes<Write>>
GET /free/unseen | unseen | nothing: excepted |
GET /free/users/<_id>?<_page> | with_state | a valid token | ValidToken
GET /free/weekday | weekday | a weekday | Weekday
GET /ruled | ruled | a valid token |
OPTIONS /ruled | ruled_preflight | nothing: OPTIONS is exempt |
POST /ruled | ruled_scope | scope notes:write | Scopes<Write>
";

/// The lines of `report` in the form of [`SIXTY`], without file and line.
fn rows(report: &RouteReport) -> Vec<String> {
    let text = report.to_string();
    let row = |line: &str| {
        let [method, path, handler, requirement, guards] = cells(line);
        let row = format!("{method} {path} | {handler} | {requirement} | {guards}");
        row.trim_end().to_owned()
    };
    let routes = text.lines().filter(|line| !line.starts_with("everywhere"));
    routes.map(row).collect()
}

/// The cells of a line, without file and line.
fn cells(line: &str) -> [String; 5] {
    let mut cells = line
        .split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty());
    std::array::from_fn(|_| {
        let cell = cells.next().unwrap_or_default();
        cell.split(" (tests/").next().unwrap_or_default().to_owned()
    })
}

#[test]
fn row_20_1_the_report_of_sixty_routes_is_the_table_written_by_hand() {
    let issuer = offline();
    let app = App::launch(sixty_routes::app(&issuer));
    let report = RouteReport::of(app.0.rocket());
    let expected: Vec<&str> = SIXTY.trim().lines().map(str::trim_end).collect();
    assert_eq!(rows(&report), expected);
    assert_eq!(report.routes().len(), 60);
    assert_eq!(
        report.everywhere().map(ToString::to_string).as_deref(),
        Some("a valid token")
    );
    assert!(
        report
            .to_string()
            .starts_with("everywhere: a valid token, except /free\n")
    );
    // File and line are those of the type in the source.
    let source = include_str!("sixty_routes/handlers.rs");
    let lines: Vec<&str> = source.lines().collect();
    for route in report.routes() {
        for guard in route.guards() {
            assert!(
                guard.file().ends_with("tests/it/sixty_routes/handlers.rs"),
                "{guard:?}"
            );
            let name = guard.type_name().replace("Result<", "");
            let name = name.split(['<', ',']).next().unwrap_or_default();
            let name = name
                .rsplit("::")
                .next()
                .unwrap_or_default()
                .trim_start_matches('&');
            let line = lines[guard.line() as usize - 1];
            let is_alias = line.contains("MayWrite") || line.contains("MaybeToken");
            assert!(line.contains(name) || is_alias, "{guard:?}: {line}");
        }
    }
}

/// The lines of a report of `routes`, in an application that is ignited.
fn lines_of(issuer: &TestIssuer, routes: Vec<(&'static str, Route)>) -> Vec<String> {
    let rocket = sixty_routes::mounted(rocket(sixty_routes::fairing(issuer)), routes);
    let report = RouteReport::of(App::launch(rocket).0.rocket());
    report
        .to_string()
        .lines()
        .map(|line| cells(line).join(" | "))
        .collect()
}

#[test]
fn row_20_12_a_changed_guard_changes_exactly_its_line() {
    let issuer = offline();
    let mutants = sixty_routes::mutants();
    assert!(mutants.len() > 180, "{}", mutants.len());
    let original = lines_of(&issuer, sixty_routes::routes());
    for (count, mutant) in mutants.into_iter().enumerate() {
        let mut routes = sixty_routes::routes();
        let (base, own) = routes[mutant.index].clone();
        let place = format!("{} {base} {}", own.method, own.uri);
        let lines = |route| {
            let report = RouteReport::of(&rocket::build().mount(base, [route]));
            cells(&report.to_string()).join(" | ")
        };
        let (alone, changed) = (lines(own), lines(mutant.route.clone()));
        assert_ne!(alone, changed, "{place}");
        // Of the whole report that line alone, seen with some of them.
        if count % 60 == 0 {
            routes[mutant.index].1 = mutant.route;
            let changed = lines_of(&issuer, routes);
            assert_eq!(changed.len(), original.len());
            let lines = original.iter().zip(&changed);
            assert_eq!(
                lines.filter(|(one, other)| one != other).count(),
                1,
                "{place}"
            );
        }
    }
}

#[test]
fn row_20_2_the_report_is_text_a_table_and_json() {
    #[get("/users/<_id>?<_page>")]
    fn user(_id: u32, _page: Option<u8>, _token: ValidToken, _scope: Option<Scopes<Profile>>) {}
    #[get("/a|b")]
    fn open(_anybody: Public) {}
    let rocket = rocket::build().mount("/api", routes![user, open]);
    let report = RouteReport::of(&rocket);
    let source = include_str!("routes.rs");
    let line = source
        .lines()
        .position(|line| line.contains("fn user("))
        .unwrap()
        + 1;
    let file = file!();
    assert_eq!(
        report.to_string(),
        format!(
            "GET  /api/a%7Cb                open  anybody        Public ({file}:{})\n\
             GET  /api/users/<_id>?<_page>  user  a valid token  \
             ValidToken, Option<Scopes<Profile>> ({file}:{line})\n",
            line + 2
        )
        .replace("a%7Cb  ", "a|b    ")
    );
    assert_eq!(
        report.to_markdown(),
        "| method | path | handler | requires | guards |\n\
         | --- | --- | --- | --- | --- |\n\
         | GET | `/api/a\\|b` | `open` | anybody | `Public` |\n\
         | GET | `/api/users/<_id>?<_page>` | `user` | a valid token | \
         `ValidToken`, `Option<Scopes<Profile>>` |\n"
    );
    let json = rocket::serde::json::serde_json::to_value(&report).unwrap();
    let expected = rocket::serde::json::json!({
        "everywhere": null,
        "routes": [
            {
                "method": "GET", "path": "/api/a|b", "handler": "open", "rank": -9,
                "guards": [{
                    "type": "axioms_rocket::Public", "file": file, "line": line + 2,
                    "optional": false,
                }],
                "requirement": null, "public": true,
            },
            {
                "method": "GET", "path": "/api/users/<_id>?<_page>", "handler": "user",
                "rank": -6,
                "guards": [
                    {
                        "type": "axioms_rocket::ValidToken", "file": file, "line": line,
                        "optional": false,
                    },
                    {
                        "type": "Option<axioms_rocket::Scopes<it::support::Profile>>",
                        "file": file, "line": line, "optional": true,
                    },
                ],
                "requirement": "a valid token", "public": false,
            },
        ],
    });
    assert_eq!(json, expected);
}

/// A guard whose sentinel works in the application alone.
struct Fragile;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Fragile {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> request::Outcome<Self, ()> {
        request::Outcome::Success(Fragile)
    }
}

impl Sentinel for Fragile {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        rocket.state::<u64>().expect("managed by the application");
        false
    }
}

#[get("/fragile")]
fn fragile(_token: ValidToken, _fragile: Fragile) {}

#[test]
fn row_20_10_a_sentinel_that_panics_leaves_its_route_undeclared() {
    let build = |fairing| {
        rocket(fairing)
            .manage(7_u64)
            .mount("/", routes![fragile, optional])
    };
    let issuer = offline();
    let fairing = || AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let app = App::launch(build(fairing()));
    let report = RouteReport::of(app.0.rocket());
    let declared: Vec<bool> = report
        .routes()
        .iter()
        .map(|route| route.is_declared())
        .collect();
    assert_eq!(declared, [false, true]);
    let (launched, log) = launch(build(fairing().deny_unguarded()));
    let Err(error) = launched else {
        panic!("the application starts")
    };
    assert!(matches!(error.kind(), ErrorKind::SentinelAborts(_)));
    let words = "not declared: GET /fragile (fragile); a sentinel of its signature panicked, so \
                 that its guards are not known";
    assert_eq!(log.line("not declared"), ("ERROR", words));
}

#[test]
fn row_20_10_the_log_level_is_restored_after_a_panic_and_between_launches() {
    const CHILD: &str = "ROUTES_CHILD";
    if std::env::var_os(CHILD).is_none() {
        // Rocket's level is that of a process, so that no other test may launch in it.
        let test = "routes::row_20_10_the_log_level_is_restored_after_a_panic_and_between_launches";
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .env(CHILD, "1")
            .output()
            .unwrap();
        assert!(child.status.success(), "{child:?}");
        return;
    }
    let levels = [
        log::LevelFilter::Warn,
        log::LevelFilter::Off,
        log::LevelFilter::Trace,
    ];
    let rocket = rocket::build()
        .manage(7_u64)
        .mount("/", routes![fragile, optional]);
    for level in levels {
        log::set_max_level(level);
        assert_eq!(RouteReport::of(&rocket).routes().len(), 2);
        assert_eq!(log::max_level(), level);
        // Reports of several threads at once.
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(RouteReport::of(&rocket).routes().len(), 2));
            }
        });
        assert_eq!(log::max_level(), level);
    }
}

#[test]
fn row_20_10_ten_thousand_routes_launch_and_are_all_reported() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer))
        .with_keys(issuer.jwks())
        .deny_unguarded();
    // Rocket compares each two routes of one method.
    let methods = [
        Method::Get,
        Method::Put,
        Method::Post,
        Method::Delete,
        Method::Patch,
    ];
    let own = methods.map(|method| {
        let mut route = routes![optional].remove(0);
        route.method = method;
        route
    });
    let mount = |rocket: Rocket<Build>, number: usize| {
        rocket.mount(format!("/{number:04}"), own.as_slice())
    };
    let start = Instant::now();
    let app = App::launch((0..2000).fold(rocket(fairing), mount));
    println!("10 000 routes: launched in {:?}", start.elapsed());
    let report = RouteReport::of(app.0.rocket());
    assert_eq!(report.routes().len(), 10_000);
    assert!(report.routes().iter().all(|route| route.is_declared()));
    assert!(report.routes().is_sorted_by_key(|route| route.path()));
}
