//! Row 20.7 of docs/behaviour.md: the challenge names the scopes that the whole route asks for.

use std::borrow::Cow;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    All, Always, Any, AuthError, Authenticated, AxiomsFairing, Config, HasOwner, Lacks, Optional,
    Owned, OwnedOr, Roles, Scopes, Unless, ValidToken, methods, protect, roles, scopes,
};
use rocket::fs::FileServer;
use rocket::http::{Accept, ContentType, Header, Method, Status};
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Route, catch, catchers, get, options, post, routes};

use crate::authorization::guarded;
use crate::support::{App, ISSUER, config, offline, rocket};

scopes! {
    Read = "read" | "read:all";
    Write = "write";
    Admin = "admin";
    ReadOnly = "read" | "other";
}
roles! { Editor = "editor"; }
methods! { Gets = Get; }

/// The scopes of the challenge, or a dash; with a status that is always the refusal's.
#[track_caller]
fn scopes_of(challenge: Option<&str>) -> &str {
    let challenge = challenge.expect("a challenge");
    assert!(
        challenge.starts_with(&format!("Bearer realm=\"{ISSUER}\"")),
        "{challenge}"
    );
    match challenge.split_once(", scope=\"") {
        Some((_, scopes)) => scopes.strip_suffix('"').expect("the last parameter"),
        None => "-",
    }
}

/// Asserts that `path` answers a request without a token, one with an expired token, and one with a
/// token without rights with `scopes`. `forbids`: the last one is refused with 403.
#[track_caller]
fn asks(app: &App, issuer: &TestIssuer, method: Method, path: &str, scopes: &str, forbids: bool) {
    let bearer = |token: String| format!("Bearer {token}");
    let anonymous = app.call(method, path, &[]);
    assert_eq!(anonymous.status, 401, "{method} {path}");
    assert_eq!(
        scopes_of(anonymous.challenge.as_deref()),
        scopes,
        "{method} {path}"
    );
    let expired = app.call(method, path, &[&bearer(issuer.token().expired().sign())]);
    assert_eq!(expired.status, 401, "{method} {path}");
    assert_eq!(
        scopes_of(expired.challenge.as_deref()),
        scopes,
        "{method} {path}"
    );
    if forbids {
        let powerless = app.call(method, path, &[&bearer(issuer.token().scope("x").sign())]);
        assert_eq!(powerless.status, 403, "{method} {path}");
        assert_eq!(
            scopes_of(powerless.challenge.as_deref()),
            scopes,
            "{method} {path}"
        );
    }
}

#[get("/token-first")]
fn token_first(_token: ValidToken, _read: Scopes<Read>) {}

#[get("/token-last")]
fn token_last(_read: Scopes<Read>, _token: ValidToken) {}

#[get("/both")]
fn both(_read: Scopes<Read>, _write: Scopes<Write>) {}

#[get("/twice")]
fn twice(_write: Scopes<Write>, _both: All<(Scopes<Read>, Scopes<Write>)>, _editor: Roles<Editor>) {
}

#[get("/role-first")]
fn role_first(_editor: Roles<Editor>, _write: Scopes<Write>) {}

#[get("/any")]
fn any(_any: Any<(Roles<Editor>, Scopes<Write>, Scopes<Read>)>, _read: Scopes<Read>) {}

#[get("/any-mixed")]
fn any_mixed(_any: Any<(All<(Scopes<Write>, Roles<Editor>)>, Roles<Editor>)>) {}

#[get("/lacks")]
fn lacks(_not: Lacks<Scopes<ReadOnly>>, _read: Scopes<Read>) {}

#[get("/always")]
fn always(_write: Always<Scopes<Write>>, _token: ValidToken) {}

#[test]
fn row_20_7_guards_that_must_all_hold_name_the_union() {
    let issuer = offline();
    let app = guarded(
        &issuer,
        routes![
            token_first,
            token_last,
            both,
            twice,
            role_first,
            any,
            any_mixed,
            lacks,
            always
        ],
    );
    for (path, scopes) in [
        ("/token-first", "read"),
        ("/token-last", "read"),
        ("/both", "read write"),
        ("/twice", "write read"),
        ("/role-first", "write"),
        ("/any", "write read"),
        ("/any-mixed", "-"),
        ("/lacks", "read:all"),
        ("/always", "write"),
    ] {
        asks(&app, &issuer, Method::Get, path, scopes, true);
    }
    // One of two is there: the other guard refuses, and both are named, as a new token needs both.
    for held in ["read", "write"] {
        let answer = app.get("/both", &issuer.token().scope(held).sign());
        answer.insufficient();
        assert_eq!(
            scopes_of(answer.challenge.as_deref()),
            "read write",
            "{held}"
        );
    }
}

#[get("/optional")]
fn optional(_guest: Optional<Scopes<Read>>) {}

#[get("/optional-mixed")]
fn optional_mixed(_guest: Optional<All<(Scopes<Read>, Roles<Editor>)>>) {}

#[get("/option")]
fn option(_read: Option<Scopes<Read>>, _token: ValidToken, _write: Scopes<Write>) {}

#[get("/option-alone")]
fn option_alone(_read: Option<Scopes<Read>>, _token: ValidToken) {}

#[get("/result")]
fn result(read: Result<Scopes<Read>, AuthError>, _token: ValidToken) -> Result<(), AuthError> {
    read.map(|_| ())
}

#[test]
fn row_20_7_optional_counts_and_option_does_not() {
    let issuer = offline();
    let app = guarded(
        &issuer,
        routes![optional, optional_mixed, option, option_alone, result],
    );
    for path in ["/optional", "/optional-mixed"] {
        let expired = app.get(path, &issuer.token().expired().sign());
        expired.invalid("Token has expired");
        assert_eq!(scopes_of(expired.challenge.as_deref()), "read", "{path}");
        let little = app.get(path, &issuer.token().sign());
        little.insufficient();
        assert_eq!(scopes_of(little.challenge.as_deref()), "read", "{path}");
    }
    asks(&app, &issuer, Method::Get, "/option", "write", true);
    asks(&app, &issuer, Method::Get, "/option-alone", "-", false);
    // The handler returns the refusal that it was given: then that guard asked.
    let answer = app.get("/result", &issuer.token().sign());
    answer.insufficient();
    assert_eq!(scopes_of(answer.challenge.as_deref()), "read");
    assert_eq!(
        scopes_of(app.anonymous("/result").challenge.as_deref()),
        "-"
    );
}

#[get("/unless")]
fn unless_get(_token: ValidToken, _write: Unless<Gets, Scopes<Write>>) {}

#[post("/unless")]
fn unless_post(_token: ValidToken, _write: Unless<Gets, Scopes<Write>>) {}

#[options("/safe")]
fn safe(_read: Scopes<Read>, _write: Always<Scopes<Write>>, _token: ValidToken) {}

#[test]
fn row_20_7_a_guard_counts_where_it_asks_the_method() {
    let issuer = offline();
    let app = guarded(&issuer, routes![unless_get, unless_post, safe]);
    asks(&app, &issuer, Method::Get, "/unless", "-", false);
    asks(&app, &issuer, Method::Head, "/unless", "-", false);
    asks(&app, &issuer, Method::Post, "/unless", "write", true);
    // OPTIONS is a safe method.
    asks(&app, &issuer, Method::Options, "/safe", "write", true);
    let app = guarded(&issuer, routes![both, token_first]);
    asks(&app, &issuer, Method::Head, "/both", "read write", true);
    asks(&app, &issuer, Method::Head, "/token-first", "read", true);
}

#[get("/<_id>?kind=a", rank = 1)]
fn kind_a(_id: &str, _read: Scopes<Read>) {}

#[get("/<_id>", rank = 2)]
fn by_id(_id: &str, _write: Scopes<Write>) {}

#[get("/files/<_path..>")]
fn files(_path: std::path::PathBuf, _read: Scopes<Read>) {}

#[post("/typed", format = "json")]
fn json(_read: Scopes<Read>) {}

#[post("/typed", format = "text/plain")]
fn plain(_write: Scopes<Write>) {}

#[get("/typed", format = "json")]
fn get_json(_read: Scopes<Read>) {}

#[get("/open")]
fn open() {}

/// An application whose rule for everything is `G`.
fn everywhere<G: axioms_rocket::Guard>(issuer: &TestIssuer, routes: Vec<Route>) -> App {
    let fairing = AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks());
    let fairing = fairing.require_everywhere::<G>().except(["/public"]);
    App::launch(
        rocket(fairing)
            .mount("/", routes)
            .mount(
                "/group",
                protect::<Scopes<Write>>(routes![token_first, open]),
            )
            .mount("/public", routes![both, open])
            .mount(
                "/static",
                FileServer::from(env!("CARGO_MANIFEST_DIR")).rank(20),
            ),
    )
}

#[test]
fn row_20_7_the_order_is_everywhere_group_signature_each_once() {
    let issuer = offline();
    let app = everywhere::<Scopes<Admin>>(&issuer, routes![both, open, twice]);
    for (path, scopes) in [
        ("/both", "admin read write"),
        ("/twice", "admin write read"),
        ("/open", "admin"),
        ("/group/token-first", "admin write read"),
        ("/group/open", "admin write"),
        ("/static/Cargo.toml", "admin"),
        ("/static", "admin"),
        ("/nothing/here", "admin"),
        ("/", "admin"),
        // An exception knows neither the rule nor its scope.
        ("/public/both", "read write"),
    ] {
        asks(&app, &issuer, Method::Get, path, scopes, true);
        asks(&app, &issuer, Method::Head, path, scopes, true);
    }
    app.anonymous("/public/open").passes("");
    // The rule is met, the route's own guard refuses.
    let answer = app.get("/both", &issuer.token().scope("admin").sign());
    assert_eq!(scopes_of(answer.challenge.as_deref()), "admin read write");
    let answer = app.get("/group/open", &issuer.token().scope("admin").sign());
    assert_eq!(scopes_of(answer.challenge.as_deref()), "admin write");
}

#[test]
fn row_20_7_the_rule_for_everything_finds_the_route_behind_it() {
    let issuer = offline();
    let routes = routes![
        both,
        kind_a,
        by_id,
        files,
        json,
        plain,
        get_json,
        unless_get,
        unless_post,
        safe
    ];
    let app = everywhere::<ValidToken>(&issuer, routes);
    for (method, path, scopes) in [
        (Method::Get, "/both", "read write"),
        (Method::Get, "/both/", "read write"),
        (Method::Get, "//both", "read write"),
        (Method::Get, "/b%6fth", "read write"),
        (Method::Head, "/both", "read write"),
        (Method::Post, "/both", "-"),
        (Method::Get, "/7?kind=a", "read"),
        (Method::Get, "/7?x&kind=a&y=b", "read"),
        (Method::Get, "/7?kind=b", "write"),
        (Method::Get, "/7?kind", "write"),
        (Method::Get, "/7", "write"),
        (Method::Get, "/files", "read"),
        (Method::Get, "/files/a/b/c", "read"),
        (Method::Get, "/unless", "-"),
        (Method::Post, "/unless", "write"),
        (Method::Options, "/safe", "write"),
        (Method::Delete, "/both", "-"),
        (Method::Get, "/7/8/9", "-"),
        (Method::Get, "/static/Cargo.toml", "-"),
        // `Always` and `ValidToken` ask on every method, a file server nothing.
        (Method::Get, "/group/open", "write"),
    ] {
        let answer = app.call(method, path, &[]);
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(
            scopes_of(answer.challenge.as_deref()),
            scopes,
            "{method} {path}"
        );
    }
    let typed = |method, header: Option<Header<'static>>| {
        let mut request = app.0.req(method, "/typed");
        if let Some(header) = header {
            request.add_header(header);
        }
        let response = request.dispatch();
        assert_eq!(response.status(), Status::Unauthorized);
        scopes_of(response.headers().get_one("WWW-Authenticate")).to_owned()
    };
    let content = |media: ContentType| Some(Header::from(media));
    assert_eq!(typed(Method::Post, content(ContentType::JSON)), "read");
    assert_eq!(typed(Method::Post, content(ContentType::Plain)), "write");
    assert_eq!(typed(Method::Post, content(ContentType::XML)), "-");
    assert_eq!(typed(Method::Post, None), "-");
    let accept = |accept: Accept| Some(Header::from(accept));
    assert_eq!(typed(Method::Get, accept(Accept::JSON)), "read");
    assert_eq!(typed(Method::Get, accept(Accept::Any)), "read");
    assert_eq!(typed(Method::Get, None), "read");
    // `/<_id>` is next.
    assert_eq!(typed(Method::Get, accept(Accept::HTML)), "write");
}

/// A note of `alice`, whatever the request.
pub struct Note;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Note {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Note)
    }
}

impl HasOwner for Note {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some("alice".into())
    }
}

#[get("/owned")]
fn owned(_note: Owned<Note>, _read: Scopes<Read>) {}

#[get("/owned-or")]
fn owned_or(_note: OwnedOr<Note, Scopes<Admin>>, _read: Scopes<Read>) {}

#[get("/owns")]
fn owns(token: ValidToken, _read: Scopes<Read>) -> Result<(), AuthError> {
    token.owns(&Note)
}

#[get("/returned")]
fn returned(_token: ValidToken, _read: Scopes<Read>) -> AuthError {
    AuthError::forbidden::<Scopes<Write>>()
}

/// A guard that Rocket does not show: it is no sentinel.
struct Hidden;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Hidden {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
        let _token = try_outcome!(request.guard::<ValidToken>().await);
        AuthError::forbidden::<Scopes<Admin>>().refuse(request)
    }
}

#[get("/hidden")]
fn hidden(_hidden: Hidden, _read: Scopes<Read>) {}

#[catch(default)]
fn page(status: Status, _: &Request<'_>) -> String {
    status.to_string()
}

#[test]
fn row_20_7_handlers_owners_and_guards_of_the_application() {
    let issuer = offline();
    let own_catchers = |fairing: AxiomsFairing, with_page: bool| {
        let rocket = rocket(match with_page {
            true => fairing.without_catchers(),
            false => fairing,
        });
        let routes = routes![owned, owned_or, owns, returned, hidden];
        let rocket = rocket.mount("/", routes);
        App::launch(match with_page {
            true => rocket.register("/", catchers![page]),
            false => rocket,
        })
    };
    let fairing = || AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    for app in [
        own_catchers(fairing(), false),
        own_catchers(fairing(), true),
    ] {
        let bob = issuer.token().subject("bob").scope("read").sign();
        for (path, anonymous, scopes) in [
            ("/owned", "read", "read"),
            ("/owned-or", "admin read", "admin read"),
            ("/owns", "read", "read"),
            ("/returned", "read", "read write"),
            ("/hidden", "read", "read admin"),
        ] {
            let answer = app.get(path, &bob);
            assert_eq!(answer.status, 403, "{path}");
            assert_eq!(scopes_of(answer.challenge.as_deref()), scopes, "{path}");
            let answer = app.anonymous(path);
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(scopes_of(answer.challenge.as_deref()), anonymous, "{path}");
        }
    }
}

#[test]
fn row_20_7_neither_a_bad_request_nor_an_outage_names_scopes() {
    let issuer = offline();
    let app = guarded(&issuer, routes![both]);
    let answer = app.call(Method::Get, "/both", &["Bearer a", "Bearer b"]);
    assert_eq!(answer.status, 400);
    assert_eq!(scopes_of(answer.challenge.as_deref()), "-");
    let app = App::launch(
        rocket(AxiomsFairing::from_config(Config {
            jwks_url: Some("http://127.0.0.1:9/keys".into()),
            ..config(&issuer)
        }))
        .mount("/", routes![both]),
    );
    let answer = app.get("/both", &issuer.token().sign());
    assert_eq!((answer.status, answer.challenge), (503, None));
}

#[test]
fn row_20_7_a_group_within_a_group_asks_for_all() {
    let issuer = offline();
    let inner = protect::<Scopes<Write>>(routes![open, token_first]);
    let app = guarded(
        &issuer,
        protect::<All<(Authenticated, Scopes<Admin>)>>(inner),
    );
    asks(&app, &issuer, Method::Get, "/open", "admin write", true);
    asks(
        &app,
        &issuer,
        Method::Get,
        "/token-first",
        "admin write read",
        true,
    );
}
