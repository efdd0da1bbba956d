//! Deny by default: `require_everywhere`, its exceptions, and the report.

use std::borrow::Cow;
use std::path::PathBuf;

use axioms_rocket::{
    Always, Authenticated, AxiomsFairing, Config, Guard, HasOwner, Optional, Owned, Requirement,
    Roles, RouteReport, Scopes, Unless, ValidToken, methods, protect,
};
use rocket::http::{Method, Status};
use rocket::local::blocking::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Rocket, get, head, post, routes};

use crate::server::{Server, header, status};
use crate::support::{App, Editor, Profile, bare_rocket, config, full_token, offline, rocket};

#[get("/open")]
fn open() -> &'static str {
    "no guard of its own"
}

#[post("/open", data = "<body>")]
fn write(body: String) -> String {
    body
}

#[get("/health")]
fn health() -> &'static str {
    "up"
}

#[get("/health/deep")]
fn deep() -> &'static str {
    "deeply up"
}

#[get("/")]
fn front() -> &'static str {
    "front page"
}

#[get("/role")]
fn role(_role: Roles<Editor>) -> &'static str {
    "role"
}

fn build(fairing: AxiomsFairing) -> Rocket<Build> {
    rocket(fairing).mount("/", routes![open, write, health, deep, front, role])
}

fn launched(
    issuer: &axioms_rocket::testing::TestIssuer,
    rule: impl FnOnce(AxiomsFairing) -> AxiomsFairing,
) -> App {
    App::launch(build(rule(
        AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks()),
    )))
}

#[test]
fn a_route_without_a_guard_and_an_unknown_path_are_refused_alike() {
    let issuer = offline();
    let app = launched(&issuer, |fairing| {
        fairing
            .require_everywhere::<Authenticated>()
            .except(["/health", "/.well-known"])
    });
    for path in [
        "/open",
        "/",
        "/role",
        "/no/such/path",
        "/healthy",
        "/Health",
        "/open/../health",
        "//open",
    ] {
        app.anonymous(path).missing();
    }
    for method in [Method::Post, Method::Put, Method::Delete, Method::Patch] {
        app.call(method, "/open", &[]).missing();
        app.call(method, "/no/such/path", &[]).missing();
    }
    assert_eq!(app.call(Method::Head, "/open", &[]).status, 401);
    app.get("/open", &full_token(&issuer).expired().sign())
        .invalid("Token has expired");
}

#[test]
fn with_a_token_the_routes_and_their_own_guards_decide() {
    let issuer = offline();
    let app = launched(&issuer, |fairing| {
        fairing.require_everywhere::<Authenticated>()
    });
    let (all, none) = (
        full_token(&issuer).sign(),
        issuer.token().subject("bob").sign(),
    );
    app.get("/open", &all).passes("no guard of its own");
    app.get("/open", &none).passes("no guard of its own");
    app.get("/role", &all).passes("role");
    app.get("/role", &none).insufficient();
    assert_eq!(app.get("/no/such/path", &all).status, 404);
    assert_eq!(
        app.call(Method::Head, "/open", &[&format!("Bearer {all}")])
            .status,
        200
    );
    let post = app.0.post("/open").header(rocket::http::Header::new(
        "Authorization",
        format!("Bearer {all}"),
    ));
    assert_eq!(
        post.body("data passes the gate")
            .dispatch()
            .into_string()
            .as_deref(),
        Some("data passes the gate")
    );
}

#[test]
fn exceptions_hold_for_the_path_and_all_below_it_by_whole_segments() {
    let issuer = offline();
    let app = launched(&issuer, |fairing| {
        fairing
            .require_everywhere::<ValidToken>()
            .except(["/health/"])
            .except(["/"])
    });
    app.anonymous("/health").passes("up");
    app.anonymous("/health/deep").passes("deeply up");
    app.anonymous("/health?x=/open").passes("up");
    app.anonymous("/").passes("front page");
    assert_eq!(app.anonymous("/health/unknown").status, 404);
    app.anonymous("/open").missing();
    app.anonymous("/healthz").missing();
    // An exception does not open the routes' own guards, and a bad token there does not matter.
    app.get("/health", "bad").passes("up");
}

#[get("/<path..>", rank = 20)]
fn files(path: PathBuf) -> String {
    path.display().to_string()
}

#[test]
fn a_path_that_climbs_out_of_an_exception_is_none() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let fairing = fairing
        .require_everywhere::<ValidToken>()
        .except(["/public"]);
    let app = App::launch(rocket(fairing).mount("/", routes![files]));
    let all = full_token(&issuer).sign();
    app.anonymous("/public/page").passes("public/page");
    for path in [
        "/public/../secret",
        "/public/%2e%2e/secret",
        "/public/a/../../secret",
        "/public/%2E./secret",
    ] {
        app.anonymous(path).missing();
        app.get(path, &all).passes("secret");
    }
    for path in [
        "/public/..%2Fsecret",
        "/public/x%2f..%2f..%2fsecret",
        "/public/..%5Csecret",
        "/public/..",
    ] {
        app.anonymous(path).missing();
    }
    // Two dots within a name are a name.
    app.anonymous("/public/a..b").passes("public/a..b");
}

#[test]
fn options_passes_a_policy_and_not_a_valid_token() {
    let issuer = offline();
    let policy = launched(&issuer, |fairing| {
        fairing.require_everywhere::<Authenticated>()
    });
    assert_eq!(policy.call(Method::Options, "/open", &[]).status, 404);
    let token = launched(&issuer, |fairing| {
        fairing.require_everywhere::<ValidToken>()
    });
    token.call(Method::Options, "/open", &[]).missing();
}

/// A guard that honours no safe methods and forwards.
struct Forwards;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Forwards {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Forward(Status::UnprocessableEntity)
    }
}

impl Guard for Forwards {
    fn requirement() -> Requirement {
        Requirement::Custom("nothing that succeeds")
    }
}

#[test]
fn a_guard_that_forwards_refuses_alike_everywhere_and_in_a_group() {
    let issuer = offline();
    let everywhere = launched(&issuer, |fairing| fairing.require_everywhere::<Forwards>());
    let group = crate::authorization::guarded(
        &issuer,
        protect::<Forwards>(routes![open])
            .into_iter()
            .chain(routes![wide])
            .collect(),
    );
    for method in [Method::Get, Method::Head] {
        let [everywhere, group] = [&everywhere, &group].map(|app| app.call(method, "/open", &[]));
        assert_eq!((everywhere.status, group.status), (422, 422), "{method}");
        assert_eq!(everywhere.body, group.body, "{method}");
    }
    group.anonymous("/elsewhere").passes("wide");
}

#[get("/<_..>", rank = 20)]
fn wide() -> &'static str {
    "wide"
}

#[test]
fn another_scheme_is_not_a_bearer_token_behind_the_rule_either() {
    let issuer = offline();
    let app = launched(&issuer, |fairing| {
        fairing.require_everywhere::<Authenticated>()
    });
    let token = full_token(&issuer).sign();
    for header in [
        &token,
        &format!("Token {token}"),
        &format!("JWT {token}"),
        "Basic dTpw",
    ] {
        for path in ["/open", "/nowhere"] {
            app.call(Method::Get, path, &[header]).not_bearer();
        }
    }
}

methods! { Gets = Get; }

#[test]
fn head_passes_where_get_does() {
    let issuer = offline();
    let keys = |config: Config| AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    let safe = |methods: &[&str]| Config {
        safe_methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        ..config(&issuer)
    };
    type Reads<G> = Unless<Gets, G>;
    let groups = || {
        [
            routes![open],
            protect::<Reads<Always<Authenticated>>>(routes![deep, explicit]),
        ]
        .concat()
    };
    for (name, fairing) in [
        (
            "safe GET",
            keys(safe(&["GET"])).require_everywhere::<Authenticated>(),
        ),
        (
            "exempt GET",
            keys(safe(&[])).require_everywhere::<Reads<ValidToken>>(),
        ),
        ("no rule", keys(safe(&[]))),
    ] {
        let app = App::launch(rocket(fairing).mount("/", groups()));
        for path in ["/open", "/health/deep", "/explicit"] {
            let head = app.call(Method::Head, path, &[]).status;
            let get = app.call(Method::Get, path, &[]).status;
            let wanted = if path == "/explicit" {
                (200, 404)
            } else {
                (200, 200)
            };
            assert_eq!((head, get), wanted, "{name}: {path}");
        }
    }
    // And only there: a safe HEAD alone opens no GET route.
    let app = App::launch(
        rocket(keys(safe(&["HEAD"])).require_everywhere::<Authenticated>())
            .mount("/", routes![open]),
    );
    assert_eq!(app.call(Method::Head, "/open", &[]).status, 401);
    app.anonymous("/open").missing();
}

#[head("/explicit")]
fn explicit() {}

const SITE: &[u8] = b"Origin: https://app.example.test";
const ELSEWHERE: &[u8] = b"Origin: https://evil.example.test";
const ASKS_GET: &[u8] = b"Access-Control-Request-Method: GET";
const ASKS_HEADER: &[u8] = b"Access-Control-Request-Headers: authorization";

/// `rocket_cors` as a fairing, without routes for OPTIONS.
fn cors() -> rocket_cors::Cors {
    rocket_cors::CorsOptions {
        allowed_origins: rocket_cors::AllowedOrigins::some_exact(&["https://app.example.test"]),
        ..Default::default()
    }
    .to_cors()
    .expect("the options fit")
}

#[tokio::test]
async fn preflights_of_rocket_cors_are_answered_behind_the_rule() {
    let issuer = offline();
    let fairing = || {
        AxiomsFairing::from_config(config(&issuer))
            .with_keys(issuer.jwks())
            .require_everywhere::<Authenticated>()
    };
    let groups = || protect::<Roles<Editor>>(routes![deep]);
    let bearer = format!("Authorization: Bearer {}", full_token(&issuer).sign());
    // In both orders of attaching.
    for build in [
        rocket(fairing()).attach(cors()),
        bare_rocket().attach(cors()).attach(fairing()),
    ] {
        let server = Server::start(build.mount("/", routes![open]).mount("/", groups())).await;
        for path in ["/open", "/health/deep"] {
            let (head, body) = server
                .send(&format!("OPTIONS {path}"), &[SITE, ASKS_GET, ASKS_HEADER])
                .await;
            assert_eq!((status(&head), body.as_str()), ("204", ""), "{head}");
            let origin = header(&head, "Access-Control-Allow-Origin");
            assert_eq!(origin, Some("https://app.example.test"), "{head}");
            let headers = header(&head, "Access-Control-Allow-Headers");
            assert_eq!(headers, Some("authorization"), "{head}");

            // The refusal is readable for the page, challenge included.
            let (head, body) = server.send(&format!("GET {path}"), &[SITE]).await;
            assert_eq!(status(&head), "401", "{head}");
            assert!(body.contains("missing_token"), "{body}");
            let origin = header(&head, "Access-Control-Allow-Origin");
            assert_eq!(origin, Some("https://app.example.test"), "{head}");
            assert!(header(&head, "WWW-Authenticate").is_some(), "{head}");

            let (head, _) = server
                .send(&format!("GET {path}"), &[SITE, bearer.as_bytes()])
                .await;
            assert_eq!(status(&head), "200", "{head}");
            assert!(
                header(&head, "Access-Control-Allow-Origin").is_some(),
                "{head}"
            );
        }
        // Another origin's preflight becomes a GET below `/cors`, which the rule refuses.
        let (head, _) = server
            .send("OPTIONS /open", &[ELSEWHERE, ASKS_GET, ASKS_HEADER])
            .await;
        assert_eq!(status(&head), "401", "{head}");
        assert_eq!(header(&head, "Access-Control-Allow-Origin"), None, "{head}");
        server.end().await;
    }

    // With that path excepted it is the 403 of `rocket_cors`.
    let excepted = rocket(fairing().except(["/cors"])).attach(cors());
    let server = Server::start(excepted.mount("/", routes![open])).await;
    let (head, _) = server
        .send("OPTIONS /open", &[ELSEWHERE, ASKS_GET, ASKS_HEADER])
        .await;
    assert_eq!(status(&head), "403", "{head}");
    server.end().await;
}

#[tokio::test]
async fn requests_that_rocket_does_not_route_are_400_and_reach_no_handler() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let rule = fairing.require_everywhere::<ValidToken>();
    let server = Server::start(rocket(rule).mount("/", routes![open])).await;
    let bearer = format!("Authorization: Bearer {}", full_token(&issuer).sign());
    for request_line in [
        "PROPFIND /open",
        "QUERY /open",
        "get /open",
        "CONNECT example.test:443",
    ] {
        for headers in [&[][..], &[bearer.as_bytes()]] {
            let (head, body) = server.send(request_line, headers).await;
            assert_eq!(status(&head), "400", "{request_line}: {head}");
            assert_eq!(
                body, r#"{"error":"bad_request","error_description":"Bad Request"}"#,
                "{request_line}"
            );
            assert_eq!(header(&head, "WWW-Authenticate"), None, "{head}");
        }
    }
    // The rule covers the target `*` too.
    let (head, _) = server.send("OPTIONS *", &[]).await;
    assert_eq!(status(&head), "401", "{head}");
    server.end().await;
}

#[test]
fn a_scope_may_be_required_everywhere_and_the_challenge_names_it() {
    let issuer = offline();
    let app = launched(&issuer, |fairing| {
        fairing.require_everywhere::<Scopes<Profile>>()
    });
    let answer = app.get("/open", &issuer.token().sign());
    answer.insufficient();
    assert!(
        answer
            .challenge
            .is_some_and(|challenge| challenge.ends_with(", scope=\"openid\""))
    );
    app.get("/open", &full_token(&issuer).sign())
        .passes("no guard of its own");
}

#[test]
fn an_exception_that_cannot_work_aborts_the_launch() {
    let issuer = offline();
    let fails = |rule: fn(AxiomsFairing) -> AxiomsFairing| {
        let fairing = rule(AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks()));
        match Client::untracked(build(fairing)) {
            Ok(_) => false,
            Err(error) => matches!(error.kind(), rocket::error::ErrorKind::FailedFairings(_)),
        }
    };
    assert!(fails(|fairing| fairing.except(["/health"])));
    for path in ["health", "/a?b", "/<a>", "/%61", "/a/../b", ""] {
        assert!(
            fails(match path {
                "health" => |fairing| fairing
                    .require_everywhere::<Authenticated>()
                    .except(["health"]),
                "/a?b" => |fairing| fairing
                    .require_everywhere::<Authenticated>()
                    .except(["/a?b"]),
                "/<a>" => |fairing| fairing
                    .require_everywhere::<Authenticated>()
                    .except(["/<a>"]),
                "/%61" => |fairing| fairing
                    .require_everywhere::<Authenticated>()
                    .except(["/%61"]),
                "/a/../b" => |fairing| fairing
                    .require_everywhere::<Authenticated>()
                    .except(["/a/../b"]),
                _ => |fairing| fairing.require_everywhere::<Authenticated>().except([""]),
            }),
            "{path}"
        );
    }
    assert!(fails(|fairing| fairing
        .require_everywhere::<Authenticated>()
        .require_everywhere::<Scopes<Profile>>()));
    assert!(!fails(|fairing| fairing
        .require_everywhere::<Authenticated>()
        .except(["/health"])));
}

#[test]
fn a_second_fairing_aborts_the_launch() {
    let issuer = offline();
    let fairing = || AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let twice = build(fairing().require_everywhere::<Authenticated>())
        .attach(fairing().with_catchers_at("/api"));
    let (client, log) = crate::recorder::launch(twice);
    let error = client.expect_err("the launch ends");
    assert!(
        matches!(error.kind(), rocket::error::ErrorKind::FailedFairings(_)),
        "{error:?}"
    );
    let words = "AxiomsFairing: attached twice; configure everything on one fairing";
    assert_eq!(log.line("attached twice"), ("ERROR", words));
}

#[test]
fn the_report_names_the_rule_the_groups_and_what_is_in_none() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let fairing = fairing
        .require_everywhere::<Authenticated>()
        .except(["/health"]);
    let nested = protect::<Scopes<Profile>>(protect::<Roles<Editor>>(routes![open]));
    let app = App::launch(
        rocket(fairing)
            .mount("/", routes![health])
            .mount("/group", nested),
    );
    let report = RouteReport::of(app.0.rocket());
    assert_eq!(
        report.to_string().lines().collect::<Vec<_>>(),
        [
            "everywhere: a valid token, except /health",
            "GET  /group/open  open    (scope openid or scope profile) and role editor",
            "GET  /health      health  nothing: excepted",
        ]
    );
}

axioms_rocket::methods! { Reads = Get | Head; }

struct Note;

impl HasOwner for Note {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some("alice".into())
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Note {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Note)
    }
}

#[test]
fn the_report_does_not_make_a_group_look_more_closed_than_it_is() {
    let group = |base: &'static str, routes| rocket::build().mount(base, routes);
    for (rocket, line) in [
        (
            group("/a", protect::<Unless<Reads, ValidToken>>(routes![open])),
            "GET  /a/open  open  nothing: GET is exempt\n",
        ),
        (
            group("/b", protect::<Optional<Roles<Editor>>>(routes![open])),
            "GET  /b/open  open  no credentials or role editor\n",
        ),
        (
            group("/c", protect::<Owned<Note>>(routes![open])),
            "GET  /c/open  open  the owner's token\n",
        ),
    ] {
        assert_eq!(RouteReport::of(&rocket).to_string(), line);
    }
}

#[test]
fn the_report_is_logged_at_launch_on_level_debug() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let fairing = fairing
        .require_everywhere::<Authenticated>()
        .except(["/health"]);
    let group = protect::<Roles<Editor>>(routes![open]);
    let (launched, log) = crate::recorder::launch(rocket(fairing).mount("/", group));
    assert!(launched.is_ok());
    let report = "everywhere: a valid token, except /health\nGET  /open  open  role editor\n";
    let line = log
        .0
        .lines()
        .find(|line| line.contains("the requirement of each route"));
    assert!(
        line.is_some_and(|line| line
            .trim_start()
            .starts_with("DEBUG axioms_rocket::fairing")),
        "{}",
        log.0
    );
    assert!(log.0.contains(report), "{}", log.0);
}
