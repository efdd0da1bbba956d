//! `deny_unguarded`, `Public` and `guard!`: rows 20.3 to 20.6 of docs/behaviour.md.

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    AuthError, Authenticated, AxiomsFairing, Optional, Public, Roles, RouteReport, Scopes, Unless,
    ValidToken, protect,
};
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::fs::FileServer;
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Rocket, State, get, routes};

use crate::recorder::{Log, launch};
use crate::sixty_routes::{self, CurrentUser, MayEdit, Reads, Tenant, Unseen, Weekday};
use crate::support::{App, Editor, Profile, bare_rocket, config, offline, rocket};

#[get("/open")]
fn open() -> &'static str {
    "open"
}

#[get("/with-state")]
fn with_state(_state: &State<u32>) -> &'static str {
    "state"
}

#[get("/unseen")]
fn unseen(_user: Unseen) {}

#[get("/option")]
fn option(_token: Option<ValidToken>) -> &'static str {
    "option"
}

#[get("/public")]
fn public(_anybody: Public) -> &'static str {
    "public"
}

#[get("/token")]
fn token(_token: ValidToken) {}

#[get("/optional")]
fn optional(_token: Optional<ValidToken>) {}

#[get("/result")]
fn result(_token: Result<ValidToken, AuthError>) {}

#[get("/user")]
fn user(_user: CurrentUser) -> &'static str {
    "user"
}

fn strict(issuer: &TestIssuer) -> AxiomsFairing {
    AxiomsFairing::from_config(config(issuer))
        .with_keys(issuer.jwks())
        .deny_unguarded()
}

/// The log of a launch that the sentinels refuse.
fn refused(rocket: Rocket<Build>) -> Log {
    let (launched, log) = launch(rocket);
    let Err(error) = launched else {
        panic!("the application starts")
    };
    let is_refused = matches!(error.kind(), ErrorKind::SentinelAborts(_));
    assert!(is_refused, "{error}");
    log
}

fn not_declared(log: &Log) -> Vec<String> {
    let lines = log.lines("not declared: ").into_iter();
    lines
        .map(|line| line.split_once("not declared: ").unwrap().1.to_owned())
        .collect()
}

#[test]
fn row_20_4_the_launch_names_each_route_that_nothing_declares() {
    let issuer = offline();
    let all = routes![
        open, with_state, unseen, option, public, token, optional, result, user
    ];
    let app = rocket(strict(&issuer)).manage(7_u32).mount("/api", all);
    let lines = not_declared(&refused(app));
    let at = |function: &str| {
        let source = include_str!("unguarded.rs");
        let line = source
            .lines()
            .position(|line| line.starts_with(function))
            .unwrap()
            + 1;
        format!("tests/it/unguarded.rs:{line}")
    };
    assert_eq!(
        lines,
        [
            "GET /api/open (open)".to_owned(),
            format!(
                "GET /api/option (option) at {}; `Option<ValidToken>` decides nothing: use \
                 `Optional`, or `Result`",
                at("fn option(")
            ),
            "GET /api/unseen (unseen)".to_owned(),
            format!(
                "GET /api/with-state (with_state) at {}",
                at("fn with_state")
            ),
        ]
    );
    let log = refused(rocket(strict(&issuer)).mount("/", routes![unseen]));
    let (level, words) = log.line("deny_unguarded:");
    assert_eq!(level, "ERROR");
    assert!(
        words.contains("`axioms_rocket::guard!`") && words.contains("`Public`"),
        "{words}"
    );
}

#[test]
fn row_20_4_file_servers_and_routes_of_later_fairings_are_checked() {
    let issuer = offline();
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    let later = AdHoc::on_ignite("A later fairing", |rocket| async {
        rocket.attach(AdHoc::on_ignite("And one of its own", |rocket| async {
            rocket.mount("/late", routes![open, token])
        }))
    });
    let rocket = rocket(strict(&issuer))
        .mount("/docs", FileServer::from(docs))
        .attach(later);
    let log = refused(rocket);
    let server = "GET /docs/<path..> (FileServer: docs)";
    assert_eq!(not_declared(&log), [server, "GET /late/open (open)"]);
}

#[test]
fn row_20_4_a_group_the_rule_for_everything_or_an_exception_declares() {
    let issuer = offline();
    let app = |fairing: AxiomsFairing| {
        let docs = FileServer::from(concat!(env!("CARGO_MANIFEST_DIR"), "/docs"));
        rocket(fairing)
            .manage(7_u32)
            .mount("/files", protect::<Roles<Editor>>(docs))
            .mount(
                "/group",
                protect::<Unless<Reads, ValidToken>>(routes![open]),
            )
            .mount("/marked", protect::<Public>(routes![open]))
            .mount("/free", routes![open, option, with_state])
    };
    assert_eq!(not_declared(&refused(app(strict(&issuer)))).len(), 3);
    App::launch(app(strict(&issuer).except(["/free"])));
    let log = refused(app(strict(&issuer).except(["/free/open"])));
    assert_eq!(not_declared(&log).len(), 2, "{}", log.0);
    App::launch(app(strict(&issuer).require_everywhere::<Authenticated>()));
    let both = strict(&issuer)
        .require_everywhere::<Authenticated>()
        .except(["/free"]);
    let both = App::launch(app(both));
    both.anonymous("/free/open").passes("open");
    both.anonymous("/files/behaviour.md").missing();
    // An exception from nothing is a mistake.
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let (launched, log) = launch(app(fairing.except(["/free"])));
    let Err(error) = launched else {
        panic!("the application starts")
    };
    assert!(
        matches!(error.kind(), ErrorKind::FailedFairings(_)),
        "{error}"
    );
    let expected = "AxiomsFairing: except(\"/free\"): there is no require_everywhere and no \
                    deny_unguarded to except from";
    assert_eq!(log.line("except("), ("ERROR", expected));
}

#[test]
fn row_20_4_an_application_with_all_routes_declared_starts() {
    let issuer = offline();
    let rocket = rocket(strict(&issuer)).mount("/", routes![public, token, optional, result, user]);
    let (launched, log) = launch(rocket);
    let app = App(launched.unwrap());
    assert_eq!(log.lines("declare"), [""; 0]);
    app.anonymous("/public").passes("public");
    app.anonymous("/token").missing();
    // The route that checks the launch is not in the report, and answers nothing.
    assert_eq!(RouteReport::of(app.0.rocket()).routes().len(), 5);
    for method in [rocket::http::Method::Connect, rocket::http::Method::Get] {
        let answer = app.call(method, "/.axioms-rocket/deny-unguarded", &[]);
        assert_eq!(answer.status, 404);
    }
}

#[test]
fn row_20_3_option_is_warned_of_with_its_line_and_the_word_optional() {
    #[get("/option-scope")]
    fn option_scope(_scope: Option<Scopes<Profile>>) {}
    #[get("/option-of-own")]
    fn option_of_own(_user: Option<CurrentUser>) {}
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let all = || routes![option, option_scope, option_of_own, result, optional];
    let (launched, log) = launch(
        rocket(fairing)
            .mount("/", all())
            // No bad token gets that far.
            .mount("/group", protect::<Authenticated>(all())),
    );
    assert!(launched.is_ok());
    let warnings = log.lines("takes a bad token for none");
    assert_eq!(warnings.len(), 3, "{}", log.0);
    for (warning, (path, name)) in warnings.iter().zip([
        ("/option", "Option<ValidToken>"),
        ("/option-of-own", "Option<CurrentUser>"),
        ("/option-scope", "Option<Scopes<Profile>>"),
    ]) {
        let begins = format!("GET {path} (tests/it/unguarded.rs:");
        let parts = ["WARN", &begins, name, "`Optional` refuses it"];
        assert!(parts.iter().all(|part| warning.contains(part)), "{warning}");
    }
}

#[test]
fn row_20_5_public_passes_every_request_and_an_outer_guard_still_decides() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let rocket = rocket(fairing)
        .mount("/", routes![public])
        .mount("/group", protect::<Roles<Editor>>(routes![public]));
    let (launched, log) = launch(rocket);
    let app = App(launched.unwrap());
    app.anonymous("/public").passes("public");
    app.get("/public", "x.y.z").passes("public");
    app.anonymous("/group/public").missing();
    app.get("/group/public", &issuer.token().sign())
        .insufficient();
    app.get("/group/public", &issuer.token().roles(["editor"]).sign())
        .passes("public");
    let (level, words) = log.line("marked `Public`");
    assert_eq!(level, "WARN");
    assert!(
        words.contains("GET /group/public (tests/it/unguarded.rs:"),
        "{words}"
    );
    assert!(
        words.ends_with("its other guards decide: role editor"),
        "{words}"
    );

    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let everywhere = fairing.require_everywhere::<Authenticated>();
    let (launched, log) = launch(crate::support::rocket(everywhere).mount("/", routes![public]));
    App(launched.unwrap()).anonymous("/public").missing();
    assert_eq!(log.lines("marked `Public`").len(), 1);
    // It needs no fairing.
    let app = App::launch(bare_rocket().mount("/", routes![public]));
    app.anonymous("/public").passes("public");
}

#[test]
fn row_20_6_a_declared_guard_is_known_to_the_launch() {
    #[get("/edit")]
    fn edit(_may: MayEdit) {}
    #[get("/session")]
    fn session(_session: &sixty_routes::Session) {}
    #[get("/tenant")]
    fn tenant(_tenant: Tenant) {}
    #[get("/weekday")]
    fn weekday(_day: Weekday) -> &'static str {
        "weekday"
    }
    #[get("/optional")]
    fn optional_user(_user: Optional<CurrentUser>) {}
    #[get("/unless")]
    fn unless_user(_user: Unless<Reads, CurrentUser>) {}
    // Without the fairing the launch ends and names the guard.
    for (name, routes) in [
        ("CurrentUser", routes![user]),
        ("MayEdit", routes![edit]),
        ("Session", routes![session]),
        ("Tenant", routes![tenant]),
        ("Optional", routes![optional_user]),
        ("Unless", routes![unless_user]),
    ] {
        let log = refused(bare_rocket().mount("/", routes));
        let words = format!("a route is guarded by `{name}`, but nothing would check its tokens");
        assert_eq!(log.lines(&words).len(), 1, "{name}: {}", log.0);
    }
    // A guard that is about no token needs none.
    let app = App::launch(bare_rocket().mount("/", routes![weekday]));
    app.anonymous("/weekday").passes("weekday");
    // With the fairing they guard routes and groups.
    let issuer = offline();
    let rocket = rocket(strict(&issuer))
        .mount(
            "/",
            routes![
                user,
                edit,
                session,
                tenant,
                weekday,
                optional_user,
                unless_user
            ],
        )
        .mount("/group", protect::<CurrentUser>(routes![open]));
    let app = App::launch(rocket);
    app.anonymous("/user").missing();
    app.get("/user", &issuer.token().sign()).passes("user");
    app.anonymous("/group/open").missing();
    let report = RouteReport::of(app.0.rocket());
    let group = report
        .routes()
        .iter()
        .find(|route| route.path() == "/group/open");
    let requirement = group
        .and_then(|route| route.requirement())
        .map(ToString::to_string);
    assert_eq!(requirement.as_deref(), Some("a valid token"));
}

#[test]
fn row_20_6_a_guard_that_is_not_declared_is_not_in_the_report() {
    let report = RouteReport::of(&bare_rocket().mount("/", routes![unseen]));
    let route = &report.routes()[0];
    assert!(route.guards().is_empty() && route.requirement().is_none() && !route.is_declared());
    assert_eq!(
        report.to_string(),
        "GET  /unseen  unseen  no guard of ours\n"
    );
}

/// A wrapper that says nothing of what is in it.
struct Maybe<G>(std::marker::PhantomData<G>);

#[rocket::async_trait]
impl<'r, G: Send> FromRequest<'r> for Maybe<G> {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Maybe(std::marker::PhantomData))
    }
}

#[get("/maybe")]
fn maybe(_token: Maybe<ValidToken>) {}

#[get("/deep")]
fn deep(_token: Option<Result<CurrentUser, AuthError>>) {}

#[test]
fn a_guard_inside_of_an_unknown_type_is_no_part_of_the_requirement() {
    let report = RouteReport::of(&bare_rocket().mount("/", routes![maybe, deep]));
    for route in report.routes() {
        assert!(route.guards()[0].is_optional(), "{route:?}");
        assert_eq!(route.requirement(), None);
    }
    let declared = report.routes().iter().filter(|route| route.is_declared());
    assert_eq!(declared.count(), 0);
}
