//! Chapter 4 of docs/behaviour.md: refusals, catchers and challenges.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{
    All, Always, Any, AuthError, AxiomsFairing, Claims, Clock, Config, Decision, HasOwner,
    Optional, Owned, OwnedError, Permissions, Policy, Require, Requirement, Roles, Scopes,
    ValidToken, catchers, protect,
};
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::http::{Method, Status};
use rocket::local::blocking::Client;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::Redirect;
use rocket::serde::Deserialize;
use rocket::serde::json::json;
use rocket::{Build, Rocket, Route, catch, get, post, routes};

use crate::recorder::record;
use crate::support::{
    AUDIENCE, App, Create, Editor, ISSUER, Profile, Read, app, bare_rocket, config, full_token,
    offline, online_app, rocket, routes,
};

const REALM: &str = "Bearer realm=\"https://issuer.example.test\"";

fn launched(issuer: &TestIssuer, config: Config, routes: Vec<Route>) -> App {
    App::launch(
        rocket(AxiomsFairing::from_config(config).with_keys(issuer.jwks())).mount("/", routes),
    )
}

fn insufficient_scope(description: &str) -> String {
    format!("{REALM}, error=\"insufficient_scope\", error_description=\"{description}\"")
}

#[test]
fn every_refusal_has_its_status_code_and_description() {
    let issuer = offline();
    let app = app(&issuer);
    let token = || full_token(&issuer);
    let forger = offline();
    app.anonymous("/token")
        .refused(401, "missing_token", "Missing Authorization header");
    app.call(Method::Get, "/token", &["Bearer"]).refused(
        401,
        "invalid_token",
        "Invalid Authorization header",
    );
    app.call(Method::Get, "/token", &["Basic a", "Basic b"])
        .refused(400, "invalid_request", "Invalid Authorization header");
    for (token, description) in [
        ("a.b".to_owned(), "Malformed token"),
        (token().unsecured().sign(), "Unsupported algorithm"),
        (token().typ("dpop+jwt").sign(), "Invalid token type"),
        (token().kid("another").sign(), "Unknown signing key"),
        (token().tampered().sign(), "Invalid token signature"),
        (token().signed_by(&forger).sign(), "Invalid token signature"),
        (token().expired().sign(), "Token has expired"),
        (
            token().claim("nbf", 4_000_000_000_u64).sign(),
            "Token is not valid yet",
        ),
        (
            token().issuer("https://another.test").sign(),
            "Invalid token issuer",
        ),
        (token().audience("another").sign(), "Invalid token audience"),
        (
            token().without("exp").sign(),
            "Token is missing a required claim",
        ),
        (
            token().claim("token_use", "id").sign(),
            "Not an access token",
        ),
    ] {
        app.get("/token", &token).invalid(description);
    }
    app.get("/role", &issuer.token().sign()).refused(
        403,
        "insufficient_scope",
        "Insufficient role, scope or permission",
    );
}

#[test]
fn bodies_and_challenges_are_exact_to_the_byte() {
    let issuer = offline();
    let app = app(&issuer);

    let missing = app.anonymous("/token");
    assert_eq!(
        missing.body,
        r#"{"error":"missing_token","error_description":"Missing Authorization header"}"#
    );
    assert_eq!(missing.challenge.as_deref(), Some(REALM));

    let invalid = app.get("/token", "a.b");
    assert_eq!(
        invalid.body,
        r#"{"error":"invalid_token","error_description":"Malformed token"}"#
    );
    let challenge =
        format!("{REALM}, error=\"invalid_token\", error_description=\"Malformed token\"");
    assert_eq!(invalid.challenge, Some(challenge));

    let twice = app.call(Method::Get, "/token", &["Bearer a", "Bearer a"]);
    assert_eq!(
        twice.body,
        r#"{"error":"invalid_request","error_description":"Invalid Authorization header"}"#
    );
    let challenge = format!(
        "{REALM}, error=\"invalid_request\", error_description=\"Invalid Authorization header\""
    );
    assert_eq!(twice.challenge, Some(challenge));

    let insufficient = app.get("/permission", &issuer.token().sign());
    assert_eq!(
        insufficient.body,
        "{\"error\":\"insufficient_scope\",\
         \"error_description\":\"Insufficient role, scope or permission\"}"
    );
    assert_eq!(
        insufficient.challenge,
        Some(insufficient_scope("Insufficient role, scope or permission"))
    );
    for answer in [missing, invalid, twice, insufficient] {
        assert_eq!(answer.content_type.as_deref(), Some("application/json"));
        assert_eq!(answer.cache_control.as_deref(), Some("no-store"));
        assert_eq!(answer.retry_after, None);
    }
}

#[test]
fn without_keys_it_is_503_with_retry_after_and_no_challenge() {
    let issuer = TestIssuer::start();
    issuer.down();
    let app = online_app(config(&issuer));
    for path in ["/token", "/scope"] {
        let answer = app.get(path, &full_token(&issuer).sign());
        answer.refused(
            503,
            "temporarily_unavailable",
            "Signing keys are temporarily unavailable",
        );
        assert_eq!(
            answer.body,
            "{\"error\":\"temporarily_unavailable\",\
             \"error_description\":\"Signing keys are temporarily unavailable\"}"
        );
        let wait: u64 = answer
            .retry_after
            .expect("a Retry-After")
            .parse()
            .expect("whole seconds");
        assert!((1..=60).contains(&wait), "{wait}");
    }
    // Faults that are found without keys have their own refusal.
    app.anonymous("/token").missing();
    app.get("/token", &full_token(&issuer).expired().sign())
        .invalid("Token has expired");
    app.get("/token", &full_token(&issuer).audience("another").sign())
        .invalid("Invalid token audience");
    app.anonymous("/public").passes("public");
}

type Formula = Any<(Scopes<Read>, All<(Scopes<Profile>, Roles<Editor>)>)>;

#[get("/formula")]
fn formula(_may: Formula) {}

#[get("/roles")]
fn roles(_may: All<(Roles<Editor>, Permissions<Create>)>) {}

#[get("/always")]
fn always(_scope: Always<Scopes<Read>>) {}

#[get("/both")]
fn both(_token: ValidToken, _scope: Scopes<Read>) {}

#[test]
fn the_challenge_names_the_scopes_with_401_and_403() {
    let issuer = offline();
    let routes = [
        routes(),
        routes![formula, roles, always, both],
        protect::<Scopes<Read>>(routes![open]),
    ]
    .concat();
    let app = launched(&issuer, config(&issuer), routes);
    let little = issuer.token().scope("other").sign();
    for (path, scopes) in [
        ("/scope", Some("openid")),
        ("/formula", Some("read:resource")),
        ("/always", Some("read:resource")),
        ("/open", Some("read:resource")),
        ("/role", None),
        ("/roles", None),
        ("/permission", None),
    ] {
        let scope = scopes
            .map(|scopes| format!(", scope=\"{scopes}\""))
            .unwrap_or_default();
        assert_eq!(
            app.anonymous(path).challenge,
            Some(format!("{REALM}{scope}")),
            "{path}"
        );
        let words = insufficient_scope("Insufficient role, scope or permission");
        assert_eq!(
            app.get(path, &little).challenge,
            Some(format!("{words}{scope}")),
            "{path}"
        );
        // The next token needs them as well.
        let invalid = app.get(path, &issuer.token().expired().sign());
        invalid.invalid("Token has expired");
        assert!(invalid.challenge.unwrap().ends_with(&scope), "{path}");
        let twice = app.call(Method::Get, path, &["Bearer a", "Bearer b"]);
        assert!(!twice.challenge.unwrap().contains("scope="), "{path}");
    }
    // The first guard that refuses asks for no scope, the route does.
    assert_eq!(
        app.anonymous("/both").challenge,
        Some(format!("{REALM}, scope=\"read:resource\""))
    );
    assert_eq!(app.anonymous("/token").challenge.as_deref(), Some(REALM));
}

#[test]
fn the_realm_is_issuer_audience_or_setting_and_cannot_break_out() {
    let issuer = offline();
    let realm = |config: Config| {
        launched(&issuer, config, routes())
            .anonymous("/token")
            .challenge
            .unwrap()
    };
    assert_eq!(realm(config(&issuer)), REALM);
    let unnamed = Config {
        iss_url: None,
        audience: vec!["first".into(), "second".into()],
        ..Config::default()
    };
    assert_eq!(realm(unnamed.clone()), "Bearer realm=\"first\"");
    let named = |name: &str| Config {
        realm: Some(name.into()),
        ..config(&issuer)
    };
    assert_eq!(realm(named("Sample API")), "Bearer realm=\"Sample API\"");
    assert_eq!(
        realm(named("a \"b\" \\ c, d=\"é\"")),
        "Bearer realm=\"a \\\"b\\\" \\\\ c, d=\\\"?\\\"\""
    );
}

#[get("/open")]
fn open() -> &'static str {
    "open"
}

#[catch(401)]
fn please_sign_in(request: &Request<'_>) -> String {
    match AuthError::of(request) {
        Some(error) => format!(
            "{} {} {}",
            error.status().code,
            error.code(),
            error.description()
        ),
        None => "the application's 401".into(),
    }
}

#[catch(default)]
fn anything(status: Status, request: &Request<'_>) -> String {
    format!(
        "{} {}",
        status.code,
        AuthError::of(request).map_or("not ours", |error| error.code())
    )
}

#[get("/foreign/<code>")]
fn foreign(code: u16) -> Status {
    Status::new(code)
}

fn with_catchers(
    issuer: &TestIssuer,
    fairing: impl FnOnce(AxiomsFairing) -> AxiomsFairing,
) -> Rocket<Build> {
    rocket(fairing(
        AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks()),
    ))
    .mount("/", [routes(), routes![foreign]].concat())
}

#[test]
fn the_applications_own_catchers_write_the_body_and_the_challenge_stays() {
    let issuer = offline();
    let app = App::launch(
        with_catchers(&issuer, AxiomsFairing::without_catchers)
            .register("/", rocket::catchers![please_sign_in, anything]),
    );
    let missing = app.anonymous("/scope");
    assert_eq!(
        missing.body,
        "401 missing_token Missing Authorization header"
    );
    assert_eq!(
        missing.challenge,
        Some(format!("{REALM}, scope=\"openid\""))
    );
    assert_eq!(missing.cache_control.as_deref(), Some("no-store"));
    assert_eq!(
        app.get("/token", "a.b").body,
        "401 invalid_token Malformed token"
    );
    let insufficient = app.get("/role", &issuer.token().sign());
    assert_eq!(
        (insufficient.status, insufficient.body.as_str()),
        (403, "403 insufficient_scope")
    );
    assert_eq!(
        insufficient.challenge,
        Some(insufficient_scope("Insufficient role, scope or permission"))
    );
    let twice = app.call(Method::Get, "/token", &["", ""]);
    assert_eq!(
        (twice.status, twice.body.as_str()),
        (400, "400 invalid_request")
    );
    assert!(twice.challenge.is_some());
    // The application's own 401 is left alone.
    let foreign = app.anonymous("/foreign/401");
    assert_eq!(
        (
            foreign.body.as_str(),
            foreign.challenge,
            foreign.cache_control
        ),
        ("the application's 401", None, None)
    );
    assert_eq!(app.anonymous("/nowhere").body, "404 not ours");
}

#[test]
fn catchers_may_be_at_several_bases_next_to_the_applications_own() {
    let issuer = offline();
    let fairing = |fairing: AxiomsFairing| fairing.with_catchers_at("/api").with_catchers_at("/v2");
    let rocket = with_catchers(&issuer, fairing)
        .mount("/api", routes())
        .mount("/v2", routes())
        .register("/", rocket::catchers![please_sign_in]);
    let app = App::launch(rocket);
    app.anonymous("/api/token").missing();
    app.anonymous("/v2/token").missing();
    app.get("/v2/role", &issuer.token().sign()).insufficient();
    let own = app.anonymous("/token");
    assert_eq!(own.body, "401 missing_token Missing Authorization header");
    assert_eq!(own.challenge.as_deref(), Some(REALM));
    // Without a catcher Rocket's own answers, with the challenge.
    let default = app.get("/role", &issuer.token().sign());
    assert_eq!(
        (default.status, default.cache_control.as_deref()),
        (403, Some("no-store"))
    );
    assert!(!default.body.contains("insufficient_scope"));
    assert_eq!(
        default.challenge,
        Some(insufficient_scope("Insufficient role, scope or permission"))
    );
}

#[test]
fn at_the_fairings_base_the_applications_catcher_writes_the_body() {
    let issuer = offline();
    // Attached before and registered after; and the other way round.
    let after = with_catchers(&issuer, |fairing| fairing)
        .register("/", rocket::catchers![please_sign_in, anything]);
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let before = bare_rocket()
        .register("/", rocket::catchers![please_sign_in, anything])
        .attach(fairing)
        .mount("/", routes());
    for app in [after, before].map(App::launch) {
        let own = app.anonymous("/scope");
        assert_eq!(
            (own.status, own.body.as_str()),
            (401, "401 missing_token Missing Authorization header")
        );
        assert_eq!(own.challenge, Some(format!("{REALM}, scope=\"openid\"")));
        assert_eq!(own.cache_control.as_deref(), Some("no-store"));
        // The other statuses are ours, whatever the application has by default.
        app.get("/role", &issuer.token().sign()).insufficient();
        app.call(Method::Get, "/token", &["", ""]).refused(
            400,
            "invalid_request",
            "Invalid Authorization header",
        );
        assert_eq!(app.anonymous("/nowhere").body, "404 not ours");
    }
}

#[test]
fn catchers_of_the_application_elsewhere_replace_none_of_the_fairings() {
    let issuer = offline();
    let rocket = with_catchers(&issuer, |fairing| {
        fairing.with_catchers_at("/").with_catchers_at("/v2")
    })
    .mount("/api", routes())
    .mount("/v2", routes())
    .register("/api", rocket::catchers![please_sign_in])
    .register("/v2/", rocket::catchers![please_sign_in]);
    let app = App::launch(rocket);
    app.anonymous("/token").missing();
    for place in ["/api", "/v2"] {
        let own = app.anonymous(&format!("{place}/token"));
        assert_eq!(own.body, "401 missing_token Missing Authorization header");
        assert_eq!(own.challenge.as_deref(), Some(REALM));
        app.get(&format!("{place}/role"), &issuer.token().sign())
            .insufficient();
    }
}

#[test]
fn a_base_that_is_named_twice_has_the_catchers_once() {
    let issuer = offline();
    let twice = |fairing: AxiomsFairing| {
        fairing
            .with_catchers_at("/")
            .with_catchers_at("/")
            .with_catchers_at("//")
    };
    let rocket = Client::untracked(with_catchers(&issuer, twice)).expect("the application starts");
    assert_eq!(rocket.rocket().catchers().count(), 4);
    // Ours, registered by hand, are the application's own.
    let by_hand = with_catchers(&issuer, |fairing| fairing).register("/", catchers());
    assert_eq!(
        Client::untracked(by_hand)
            .expect("the application starts")
            .rocket()
            .catchers()
            .count(),
        4
    );
}

#[test]
fn a_catcher_of_a_later_fairing_collides_and_one_of_an_earlier_stays() {
    let issuer = offline();
    let own = || {
        AdHoc::on_ignite("own catchers", |rocket| {
            Box::pin(async { rocket.register("/", rocket::catchers![please_sign_in]) })
        })
    };
    let later = with_catchers(&issuer, |fairing| fairing).attach(own());
    let Err(error) = Client::untracked(later) else {
        panic!("the application starts")
    };
    assert!(matches!(error.kind(), ErrorKind::Collisions(_)), "{error}");
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let earlier = bare_rocket()
        .attach(own())
        .attach(fairing)
        .mount("/", routes());
    assert_eq!(
        App::launch(earlier).anonymous("/token").body,
        "401 missing_token Missing Authorization header"
    );
}

#[test]
fn the_catchers_may_be_registered_by_hand() {
    let issuer = offline();
    let app = App::launch(
        with_catchers(&issuer, AxiomsFairing::without_catchers).register("/", catchers()),
    );
    app.anonymous("/token").missing();
    app.get("/token", "a.b").invalid("Malformed token");
    app.get("/scope", &issuer.token().sign()).insufficient();
    assert_eq!(
        catchers()
            .iter()
            .map(|catcher| catcher.code)
            .collect::<Vec<_>>(),
        [400, 401, 403, 503].map(Some)
    );
}

#[test]
fn a_400_401_403_or_503_of_the_application_has_no_challenge() {
    let issuer = offline();
    let app = App::launch(with_catchers(&issuer, |fairing| fairing));
    for (code, body) in [
        (
            400,
            r#"{"error":"bad_request","error_description":"Bad Request"}"#,
        ),
        (
            401,
            r#"{"error":"unauthorized","error_description":"Unauthorized"}"#,
        ),
        (
            403,
            r#"{"error":"forbidden","error_description":"Forbidden"}"#,
        ),
        (
            503,
            r#"{"error":"service_unavailable","error_description":"Service Unavailable"}"#,
        ),
    ] {
        for answer in [
            app.anonymous(&format!("/foreign/{code}")),
            app.get(&format!("/foreign/{code}"), &full_token(&issuer).sign()),
            app.get(&format!("/foreign/{code}"), "a.b"),
        ] {
            assert_eq!((answer.status, answer.body.as_str()), (code, body));
            assert_eq!((answer.challenge, answer.retry_after), (None, None));
        }
    }
}

#[catch(401)]
fn to_the_sign_in_page() -> Redirect {
    Redirect::to("/sign-in")
}

#[catch(403)]
fn with_a_challenge_of_its_own() -> OwnChallenge {
    OwnChallenge
}

struct OwnChallenge;

impl<'r> rocket::response::Responder<'r, 'static> for OwnChallenge {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        rocket::Response::build()
            .status(Status::Forbidden)
            .raw_header("WWW-Authenticate", "Own")
            .raw_header("Cache-Control", "private")
            .ok()
    }
}

#[test]
fn a_catcher_that_answers_otherwise_is_not_contradicted() {
    let issuer = offline();
    let app = App::launch(
        with_catchers(&issuer, AxiomsFairing::without_catchers).register(
            "/",
            rocket::catchers![to_the_sign_in_page, with_a_challenge_of_its_own],
        ),
    );
    let redirected = app.anonymous("/token");
    assert_eq!((redirected.status, redirected.challenge), (303, None));
    let own = app.get("/role", &issuer.token().sign());
    assert_eq!(
        (own.challenge.as_deref(), own.cache_control.as_deref()),
        (Some("Own"), Some("private"))
    );
}

/// A refusal whose headers are all the application's own, written in its own way.
struct Own(Status);

impl<'r> rocket::response::Responder<'r, 'static> for Own {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        rocket::Response::build()
            .status(self.0)
            .raw_header("wWw-AUTHENTICATE", "Own")
            .raw_header("retry-after", "7")
            .raw_header("cache-CONTROL", "private")
            .ok()
    }
}

#[catch(default)]
fn with_headers_of_its_own(status: Status, _: &Request<'_>) -> Own {
    Own(status)
}

#[test]
fn a_header_of_the_application_stays_the_only_one_in_any_case() {
    let issuer = TestIssuer::builder().audience(AUDIENCE).start();
    issuer.answer_keys_with(axioms_rocket::testing::IssuerFault::Status(500));
    let fairing = AxiomsFairing::from_config(config(&issuer)).without_catchers();
    let build = rocket(fairing)
        .mount("/", routes())
        .register("/", rocket::catchers![with_headers_of_its_own]);
    let client = Client::untracked(build).expect("the application starts");
    let good = format!("Bearer {}", full_token(&issuer).sign());
    for (authorization, status) in [("Basic x", 401), ("Bearer x", 401), (good.as_str(), 503)] {
        let header = rocket::http::Header::new("Authorization", authorization.to_owned());
        let answer = client.get("/token").header(header).dispatch();
        let headers = |name| answer.headers().get(name).collect::<Vec<_>>();
        let own = ["WWW-Authenticate", "Retry-After", "Cache-Control"].map(headers);
        assert_eq!(
            (answer.status().code, own),
            (status, [vec!["Own"], vec!["7"], vec!["private"]])
        );
    }
}

#[get("/things/<_id>")]
fn guarded(_id: u32, _token: ValidToken) -> &'static str {
    "guarded"
}

#[get("/things/<_id>/scope")]
fn guarded_scope(_id: u32, _scope: Scopes<Read>) -> &'static str {
    "guarded"
}

#[get("/<_..>", rank = 20)]
fn wider() -> &'static str {
    "wider"
}

#[test]
fn a_refused_request_does_not_fall_through_to_a_wider_route() {
    let issuer = offline();
    let routes = [
        routes![guarded, guarded_scope, wider],
        protect::<Roles<Editor>>(routes![open]),
    ]
    .concat();
    let app = launched(&issuer, config(&issuer), routes);
    for path in ["/things/1", "/things/1/scope", "/open"] {
        app.anonymous(path).missing();
        app.get(path, "a.b").invalid("Malformed token");
    }
    app.get("/things/1/scope", &issuer.token().sign())
        .insufficient();
    app.get("/open", &issuer.token().sign()).insufficient();
    // A request for no guarded route gets there as ever.
    app.anonymous("/things").passes("wider");
    app.call(Method::Get, "/elsewhere", &["Bearer a", "Bearer b"])
        .passes("wider");
}

#[get("/option")]
fn option(token: Option<ValidToken>) -> &'static str {
    if token.is_some() { "someone" } else { "none" }
}

#[get("/option/scope")]
fn option_then_scope(_token: Option<Roles<Editor>>, _scope: Scopes<Read>) {}

#[get("/option/own")]
fn option_then_own_refusal(_token: Option<ValidToken>) -> Status {
    Status::Forbidden
}

#[test]
fn results_tell_three_states_apart_and_options_two() {
    let issuer = offline();
    let app = launched(
        &issuer,
        config(&issuer),
        [
            routes(),
            routes![option, option_then_scope, option_then_own_refusal],
        ]
        .concat(),
    );
    let good = full_token(&issuer).sign();
    app.anonymous("/states").passes("missing_token");
    app.get("/states", "a.b").passes("invalid_token");
    app.call(Method::Get, "/states", &["Bearer a", "Bearer b"])
        .passes("invalid_request");
    app.get("/states", &good).passes("verified alice");

    app.anonymous("/option").passes("none");
    app.get("/option", "a.b").passes("none");
    app.get("/option", &good).passes("someone");

    // A swallowed refusal is not the answer to a later one.
    let answer = app.get("/option/scope", &issuer.token().sign());
    assert_eq!(
        answer.challenge,
        Some(format!(
            "{}, scope=\"read:resource\"",
            insufficient_scope("Insufficient role, scope or permission")
        ))
    );
    let own = app.anonymous("/option/own");
    assert_eq!((own.status, own.challenge), (403, None));
    assert_eq!(
        own.body,
        r#"{"error":"forbidden","error_description":"Forbidden"}"#
    );
}

type Refused<G> = Result<G, AuthError>;

#[get("/many")]
fn many(
    a: Refused<ValidToken>,
    b: Refused<Scopes<Profile>>,
    c: Refused<Roles<Editor>>,
    d: Refused<ValidToken<HashMap<String, rocket::serde::json::Value>>>,
    e: Refused<Any<(Scopes<Read>, Roles<Editor>)>>,
    f: Result<Owned<Note>, OwnedError<()>>,
) -> String {
    let refused = [
        a.is_err(),
        b.is_err(),
        c.is_err(),
        d.is_err(),
        e.is_err(),
        f.is_err(),
    ];
    format!(
        "{} refused",
        refused.iter().filter(|refused| **refused).count()
    )
}

static DECIDED: AtomicUsize = AtomicUsize::new(0);

struct Counted;

impl Policy for Counted {
    fn decide(token: &ValidToken) -> Decision {
        DECIDED.fetch_add(1, Ordering::SeqCst);
        token.has_role("editor").into()
    }

    fn requirement() -> Requirement {
        Requirement::Custom("to be counted")
    }
}

#[get("/counted")]
fn counted(
    _a: Require<Counted>,
    _b: Require<Counted>,
    _c: Refused<Require<Counted>>,
) -> &'static str {
    "counted"
}

type Nested = All<(Counted, Any<(Counted, Scopes<Read>)>, Require<Counted>)>;

/// One policy alone, within formulas, on every method, and before the group.
#[get("/counted-within")]
fn counted_within(
    _a: Require<Counted>,
    _b: Nested,
    _c: Always<Counted>,
    _d: Optional<Nested>,
) -> &'static str {
    "counted"
}

/// Advances the application's clock by two hours.
struct TwoHoursLater;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for TwoHoursLater {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let clock: &Clock = request.rocket().state().expect("the clock is managed");
        clock.advance(Duration::from_secs(7200));
        Outcome::Success(TwoHoursLater)
    }
}

#[get("/once")]
fn once(
    before: Refused<ValidToken>,
    _later: TwoHoursLater,
    after: Refused<ValidToken>,
    scope: Refused<Scopes<Profile>>,
) -> String {
    format!("{} {} {}", before.is_ok(), after.is_ok(), scope.is_ok())
}

#[test]
fn a_token_is_verified_once_per_request() {
    let issuer = offline();
    // A second verification would find the first token expired, and the second one valid.
    for (token, body) in [
        (full_token(&issuer), "true true true"),
        (
            full_token(&issuer)
                .claim("nbf", unix_time() + 3600)
                .expires_in(Duration::from_secs(36_000)),
            "false false false",
        ),
    ] {
        let clock = Clock::manual(SystemTime::now());
        let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
        let app = App::launch(
            rocket(fairing.with_clock(clock.clone()))
                .manage(clock)
                .mount("/", routes![once]),
        );
        app.get("/once", &token.sign()).passes(body);
    }
}

fn unix_time() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
}

#[test]
fn a_policy_is_decided_once_per_request() {
    let issuer = offline();
    // Without the cache, which would hide a second verification.
    let config = Config {
        token_cache_capacity: 0,
        ..config(&issuer)
    };
    let app = launched(
        &issuer,
        config,
        [
            routes![many, counted],
            protect::<Always<Counted>>(routes![counted_within]),
        ]
        .concat(),
    );
    for (token, body) in [
        (full_token(&issuer).expired(), "6 refused"),
        (full_token(&issuer), "1 refused"),
    ] {
        app.get("/many", &token.sign()).passes(body);
    }

    app.get("/counted", &full_token(&issuer).sign())
        .passes("counted");
    assert_eq!(DECIDED.swap(0, Ordering::SeqCst), 1);
    app.get("/counted", &issuer.token().sign()).insufficient();
    assert_eq!(DECIDED.swap(0, Ordering::SeqCst), 1);
    for (token, status) in [(full_token(&issuer), 200), (issuer.token(), 403)] {
        let answer = app.get("/counted-within", &token.sign());
        assert_eq!(
            (answer.status, DECIDED.swap(0, Ordering::SeqCst)),
            (status, 1)
        );
    }
    // A policy is not asked about an invalid token.
    app.get("/counted", "a.b").invalid("Malformed token");
    assert_eq!(DECIDED.load(Ordering::SeqCst), 0);
}

#[test]
fn row_6_9_head_asks_what_get_asks() {
    let issuer = offline();
    let app = app(&issuer);
    let head = |path: &str, authorization: &[&str]| app.call(Method::Head, path, authorization);
    let refused = head("/scope", &[]);
    assert_eq!((refused.status, refused.body.as_str()), (401, ""));
    assert_eq!(
        refused.challenge,
        Some(format!("{REALM}, scope=\"openid\""))
    );
    let good = format!("Bearer {}", full_token(&issuer).sign());
    assert_eq!(head("/scope", &[&good]).status, 200);
    assert_eq!(head("/token", &[&good]).status, 200);
    assert_eq!(
        head("/role", &[&format!("Bearer {}", issuer.token().sign())]).status,
        403
    );
    assert_eq!(head("/public", &[]).status, 200);
}

struct Note {
    owner: &'static str,
}

impl HasOwner for Note {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some(self.owner.into())
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Note {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Note { owner: "bob" })
    }
}

#[post("/notes")]
fn handler(token: ValidToken) -> Result<&'static str, AuthError> {
    token.owns(&Note { owner: "alice" })?;
    Ok("mine")
}

#[get("/notes")]
fn owned(_note: Owned<Note>) -> &'static str {
    "mine"
}

#[get("/error")]
fn handed_on(token: Result<ValidToken, AuthError>) -> Result<String, AuthError> {
    token.map(|token| token.subject().unwrap_or_default().to_owned())
}

#[test]
fn a_handler_may_return_the_refusal() {
    let issuer = offline();
    let app = launched(&issuer, config(&issuer), routes![handler, owned, handed_on]);
    let bearer = |subject: &str| format!("Bearer {}", issuer.token().subject(subject).sign());
    app.call(Method::Post, "/notes", &[&bearer("alice")])
        .passes("mine");
    let refused = app.call(Method::Post, "/notes", &[&bearer("mallory")]);
    refused.refused(403, "insufficient_scope", "You do not own this resource");
    assert_eq!(
        refused.challenge,
        Some(insufficient_scope("You do not own this resource"))
    );
    assert_eq!(
        refused.body,
        r#"{"error":"insufficient_scope","error_description":"You do not own this resource"}"#
    );
    app.call(Method::Get, "/notes", &[&bearer("alice")])
        .refused(403, "insufficient_scope", "You do not own this resource");
    app.call(Method::Get, "/error", &[&bearer("alice")])
        .passes("alice");
    app.anonymous("/error").missing();
    app.get("/error", "a.b").invalid("Malformed token");
    app.call(Method::Get, "/error", &["Bearer a", "Bearer b"])
        .refused(400, "invalid_request", "Invalid Authorization header");
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Staff {
    email: String,
    #[serde(default)]
    org: Option<Organisation>,
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Organisation {
    id: u32,
}

#[get("/staff")]
fn staff(token: ValidToken<Staff>) -> String {
    let Staff { email, org } = token.claims();
    format!(
        "{} {email} {}",
        token.subject().unwrap_or_default(),
        org.as_ref().map_or(0, |org| org.id)
    )
}

#[get("/numbers")]
fn numbers(token: ValidToken<Numbers>) -> String {
    token.claims().numbers.len().to_string()
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Numbers {
    numbers: HashMap<String, u32>,
}

#[get("/number")]
fn number(_token: ValidToken<u64>) {}

#[get("/both-types")]
fn both_types(view: ValidToken, same: ValidToken<Claims>, typed: ValidToken<Staff>) -> String {
    format!(
        "{:?} {:?} {}",
        view.claims().get("email"),
        same.claims().get_as::<u8>("email").is_err(),
        typed.claims().email
    )
}

#[test]
fn claims_that_do_not_fit_the_type_are_an_invalid_token_naming_the_field() {
    let issuer = offline();
    let app = launched(
        &issuer,
        config(&issuer),
        routes![staff, numbers, number, both_types],
    );
    let token = || {
        issuer
            .token()
            .subject("alice")
            .claim("email", "a@example.test")
    };
    let refused = |path: &str, token: &str, field: &str| {
        app.get(path, token)
            .invalid(&format!("Token is missing a required claim: {field}"));
    };
    app.get("/staff", &token().sign())
        .passes("alice a@example.test 0");
    app.get(
        "/staff",
        &token().claim("org", json!({ "id": 7, "more": [] })).sign(),
    )
    .passes("alice a@example.test 7");
    refused("/staff", &token().without("email").sign(), "email");
    for value in [json!(7), json!(null), json!(["a@example.test"]), json!({})] {
        refused("/staff", &token().claim("email", value).sign(), "email");
    }
    refused("/staff", &token().claim("org", json!({})).sign(), "org.id");
    refused(
        "/staff",
        &token().claim("org", json!({ "id": -1 })).sign(),
        "org.id",
    );
    refused(
        "/staff",
        &token().claim("org", json!({ "id": 1e30 })).sign(),
        "org.id",
    );
    refused("/staff", &token().claim("org", "acme").sign(), "org");
    // If the claims as a whole do not fit, no field is named.
    app.get("/number", &token().sign())
        .invalid("Token is missing a required claim");
    app.get("/both-types", &token().sign())
        .passes("Some(String(\"a@example.test\")) true a@example.test");
    // The type is asked of a token that holds, and of no other.
    app.get("/staff", &token().without("email").expired().sign())
        .invalid("Token has expired");
    app.anonymous("/staff").missing();
}

#[test]
fn a_field_named_by_the_token_cannot_break_out_of_the_answer() {
    let issuer = offline();
    let app = launched(&issuer, config(&issuer), routes![numbers]);
    for name in [
        "a\"b\\c",
        "a\r\nSet-Cookie: x=y",
        "é\u{202e}",
        "\0",
        &"x".repeat(5000),
        "\", realm=\"other",
    ] {
        let answer = app.get(
            "/numbers",
            &issuer
                .token()
                .claim("numbers", json!({ name: "many" }))
                .sign(),
        );
        assert_eq!(answer.status, 401, "{name:?}");
        let challenge = answer.challenge.unwrap();
        assert!(
            challenge.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{challenge}"
        );
        assert!(challenge.len() < 400, "{challenge}");
        // Outside of quoted strings nothing of it stands.
        let mut outside = String::new();
        let (mut quoted, mut characters) = (false, challenge.chars());
        while let Some(character) = characters.next() {
            match character {
                '\\' if quoted => drop(characters.next()),
                '"' => quoted = !quoted,
                other if !quoted => outside.push(other),
                _ => {}
            }
        }
        assert_eq!(
            (quoted, outside.as_str()),
            (false, "Bearer realm=, error=, error_description="),
            "{challenge}"
        );
    }
}

#[test]
fn the_error_reads_as_facts_and_tells_its_status() {
    let error = |token: &str| -> (u16, String) {
        let issuer = offline();
        let client = Client::untracked(rocket(
            AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks()),
        ));
        let client = client.unwrap();
        let request = client.get("/").header(rocket::http::Header::new(
            "Authorization",
            format!("Bearer {token}"),
        ));
        let outcome = rocket::tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(<ValidToken as FromRequest>::from_request(request.inner()));
        let Outcome::Error((status, error)) = outcome else {
            panic!("not refused")
        };
        assert_eq!(status, error.status());
        (status.code, error.to_string())
    };
    assert_eq!(
        error("a.b"),
        (
            401,
            "invalid_token: Malformed token (not a JWT: an opaque token, or not three parts)"
                .into()
        )
    );
    let foreign = offline_elsewhere().token().sign();
    assert_eq!(
        error(&foreign),
        (
            401,
            "invalid_token: Invalid token issuer \
             (iss \"https://elsewhere.test\" is none of [\"https://issuer.example.test\"])"
                .into()
        )
    );
}

fn offline_elsewhere() -> TestIssuer {
    assert_ne!(ISSUER, "https://elsewhere.test");
    TestIssuer::builder()
        .algorithms([Alg::Es256])
        .offline("https://elsewhere.test")
}

/// Allocations of one request.
fn allocations(app: &App, path: &str) -> i64 {
    let counted =
        allocation_counter::measure(|| drop(app.0.get(path.to_owned()).dispatch())).count_total;
    counted.try_into().unwrap()
}

#[test]
fn an_answer_without_a_refusal_costs_one_allocation() {
    let issuer = offline();
    let guarded = launched(&issuer, config(&issuer), routes![open]);
    let bare = App::launch(crate::support::bare_rocket().mount("/", routes![open]));
    // In turns, and the median: other tests turn the log of the process on and off.
    let mut more: Vec<i64> = (0..101)
        .map(|_| allocations(&guarded, "/open") - allocations(&bare, "/open"))
        .collect();
    more.sort_unstable();
    assert_eq!(more[50], 1, "{more:?}");
}

struct ByReason;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for ByReason {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
        let token = rocket::outcome::try_outcome!(request.guard::<ValidToken>().await);
        match token.has_scope("other") {
            true => Outcome::Success(ByReason),
            false => AuthError::forbidden::<Scopes<Read>>().refuse(request),
        }
    }
}

#[get("/by-reason")]
fn by_reason(_guard: ByReason) -> &'static str {
    "by reason"
}

#[catch(default)]
fn reason(_: Status, request: &Request<'_>) -> &'static str {
    AuthError::of(request).map_or("none", |error| error.reason().as_str())
}

#[test]
fn a_guard_of_ones_own_refuses_as_ours_do_and_catchers_read_the_reason() {
    let issuer = offline();
    let app = launched(&issuer, config(&issuer), routes![by_reason]);
    app.anonymous("/by-reason").missing();
    let refused = app.get("/by-reason", &issuer.token().sign());
    refused.insufficient();
    assert!(
        refused
            .challenge
            .is_some_and(|challenge| challenge.ends_with(", scope=\"read:resource\""))
    );
    app.get("/by-reason", &issuer.token().scope("other").sign())
        .passes("by reason");

    let app = App::launch(
        with_catchers(&issuer, AxiomsFairing::without_catchers)
            .mount("/", routes![by_reason])
            .register("/", rocket::catchers![reason]),
    );
    let long = "a".repeat(20_000);
    let token = || full_token(&issuer);
    for (credentials, reason) in [
        (vec![], "missing_token"),
        (vec!["Basic dTpw".to_owned()], "not_bearer"),
        (vec!["Bearer".to_owned()], "malformed_header"),
        (vec!["Bearer a".to_owned(); 2], "repeated_header"),
        (vec!["Bearer a.b".to_owned()], "malformed"),
        (vec![format!("Bearer {long}")], "too_long"),
    ] {
        let credentials: Vec<&str> = credentials.iter().map(String::as_str).collect();
        assert_eq!(app.call(Method::Get, "/token", &credentials).body, reason);
    }
    for (token, reason) in [
        (token().unsecured(), "unsupported_algorithm"),
        (token().header("alg", "ES512"), "wrong_key_type"),
        (token().typ("dpop+jwt"), "wrong_type"),
        (
            token().header("crit", json!(["exp"])),
            "unsupported_extension",
        ),
        (token().kid("another"), "unknown_key"),
        (token().tampered(), "bad_signature"),
        (token().expired(), "expired"),
        (token().claim("nbf", 4_000_000_000_u64), "not_yet_valid"),
        (token().issuer("https://another.test"), "wrong_issuer"),
        (token().audience("another"), "wrong_audience"),
        (token().without("exp"), "missing_claim"),
        (token().claim("token_use", "id"), "not_access_token"),
        (
            token().claim("cnf", json!({ "jkt": "x" })),
            "sender_constrained",
        ),
    ] {
        assert_eq!(app.get("/token", &token.sign()).body, reason);
    }
    assert_eq!(app.get("/role", &issuer.token().sign()).body, "forbidden");
    assert_eq!(app.anonymous("/nowhere").body, "none");
}

/// Begins to ask for a token, thinks better of it, and refuses for a reason of its own.
struct Fickle;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Fickle {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        drop(request.guard::<ValidToken>());
        drop(request.guard::<Scopes<Profile>>());
        Outcome::Error((Status::Unauthorized, ()))
    }
}

#[get("/fickle")]
fn fickle(_guard: Fickle) -> &'static str {
    "never"
}

#[test]
fn a_guard_that_is_not_polled_does_nothing() {
    let issuer = offline();
    let app = launched(&issuer, config(&issuer), routes![fickle]);
    let (answer, log) = record(|| app.get("/fickle", "a.b"));
    let body = r#"{"error":"unauthorized","error_description":"Unauthorized"}"#;
    assert_eq!(
        (answer.status, answer.body.as_str(), answer.challenge),
        (401, body, None)
    );
    assert!(!format!("{log:?}").contains("refused with"), "{log:?}");
}
