//! Chapter 9 of docs/behaviour.md: step-up (RFC 9470).

use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axioms_rocket::testing::{TestIssuer, TokenBuilder};
use axioms_rocket::{
    Acr, All, Always, Amr, Any, AuthError, Authenticated, AxiomsFairing, Clock, Decision, IssuedBy,
    MaxAuthAge, Optional, Owned, OwnedOr, Policy, Require, Requirement, Roles, RouteReport, Scopes,
    Unless, ValidToken, acrs, amrs, issuers, methods, protect, roles, scopes,
};
use rocket::http::{Header, Method, Status};
use rocket::request::Request;
use rocket::serde::json::{Value, json};
use rocket::{Route, catch, catchers, get, options, post, routes};

use crate::authorization::{guarded, guarded_by};
use crate::challenges::Note;
use crate::recorder::record;
use crate::support::{AUDIENCE, Answer, App, ISSUER, config, offline, rocket};

acrs! { pub Strong = "phr" | "mfa"; pub Phr = "phr"; pub Pin = "pin" | "phr"; pub Sms = "sms"; }
amrs! { pub SecondFactor = "otp" | "hwk"; }
roles! { pub Admin = "admin"; pub Editor = "editor"; }
scopes! { pub Transfer = "transfer"; }
methods! { pub Reads = Get; }
issuers! { pub Staff = "staff"; }

const CODE: &str = "insufficient_user_authentication";
const WORDS: &str = "A different authentication level is required";

/// The challenge of a step-up with these parameters.
fn challenge(parameters: &str) -> String {
    format!(
        "Bearer realm=\"{ISSUER}\", error=\"{CODE}\", error_description=\"{WORDS}\"{parameters}"
    )
}

#[track_caller]
fn steps_up(answer: &Answer, parameters: &str) {
    answer.refused(401, CODE, WORDS);
    assert_eq!(answer.challenge.as_deref(), Some(&*challenge(parameters)));
}

#[get("/level")]
fn level(_level: Acr<Strong>) -> &'static str {
    "level"
}

#[get("/methods")]
fn by_methods(_methods: Amr<SecondFactor>) -> &'static str {
    "methods"
}

#[get("/recent")]
fn recent(_recent: MaxAuthAge<300>) -> &'static str {
    "recent"
}

#[get("/both")]
fn both(_level: Acr<Strong>, _recent: MaxAuthAge<300>) -> &'static str {
    "both"
}

#[get("/formula")]
fn formula(_may: All<(MaxAuthAge<60>, Acr<Strong>, Amr<SecondFactor>)>) -> &'static str {
    "formula"
}

#[get("/transfer")]
fn transfer(_level: Acr<Strong>, _may: Scopes<Transfer>) -> &'static str {
    "transfer"
}

const FRESH: Duration = Duration::from_secs(10);
const STALE: Duration = Duration::from_secs(400);

#[test]
fn row_9_1_a_level_of_the_list_passes() {
    let issuer = offline();
    let app = guarded(&issuer, routes![level, by_methods]);
    for acr in ["phr", "mfa"] {
        app.get("/level", &issuer.token().acr(acr).sign())
            .passes("level");
    }
    // With an escape in the token.
    let escaped = r#"{"acr":"\u0070hr"}"#;
    assert_eq!(Acr::<Strong>::decide(&raw_token(escaped)), Decision::Allow);
    for amr in [&["otp"][..], &["pwd", "hwk"], &["hwk", "otp"]] {
        let token = issuer.token().amr(amr.to_vec());
        app.get("/methods", &token.sign()).passes("methods");
    }
}

fn raw_token(claims: &str) -> ValidToken {
    let claims: Value = rocket::serde::json::from_str(claims).unwrap();
    axioms_rocket::testing::token_with(claims)
}

#[test]
fn row_9_2_another_level_is_asked_for_in_the_order_of_the_list() {
    let issuer = offline();
    let app = guarded(&issuer, routes![level, by_methods, both, formula, transfer]);
    let levels = ", acr_values=\"phr mfa\"";
    for acr in [
        json!("pwd"),
        json!("PHR"),
        json!("phr mfa"),
        json!("phr "),
        json!(""),
        json!(null),
        json!(["phr"]),
        json!({ "phr": true }),
        json!(1),
        json!(true),
    ] {
        let token = issuer.token().claim("acr", acr).sign();
        steps_up(&app.get("/level", &token), levels);
    }
    steps_up(&app.get("/level", &issuer.token().sign()), levels);
    for amr in [
        json!("otp"),
        json!(["pwd"]),
        json!([]),
        json!(["OTP"]),
        json!(["otp", 7]),
        json!([["otp"]]),
        json!({ "otp": true }),
        json!(null),
    ] {
        let token = issuer.token().claim("amr", amr).sign();
        steps_up(&app.get("/methods", &token), "");
    }
    steps_up(&app.get("/methods", &issuer.token().sign()), "");
    // Level and age both short: both parameters; one of them: that one.
    let token = |acr, age| issuer.token().acr(acr).authenticated_ago(age).sign();
    let ages = ", max_age=\"300\"";
    app.get("/both", &token("mfa", FRESH)).passes("both");
    steps_up(&app.get("/both", &token("pwd", FRESH)), levels);
    steps_up(&app.get("/both", &token("mfa", STALE)), ages);
    steps_up(
        &app.get("/both", &token("pwd", STALE)),
        &format!("{levels}{ages}"),
    );
    let answer = app.get("/formula", &token("pwd", STALE));
    steps_up(&answer, ", acr_values=\"phr mfa\", max_age=\"60\"");
    // The scopes of the route stand beside them.
    let answer = app.get("/transfer", &issuer.token().scope("transfer").sign());
    steps_up(&answer, ", acr_values=\"phr mfa\", scope=\"transfer\"");
}

/// An application with a manual clock and the default leeway of 30 s.
fn timed(routes: Vec<Route>) -> (TestIssuer, App, Clock) {
    let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    let issuer = TestIssuer::builder()
        .audience(AUDIENCE)
        .clock(clock.clone())
        .offline(ISSUER);
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_clock(clock.clone());
    let fairing = fairing.with_keys(issuer.jwks());
    let app = App::launch(rocket(fairing).mount("/", routes));
    (issuer, app, clock)
}

#[test]
fn row_9_3_an_old_authentication_is_refused_with_max_age() {
    let (issuer, app, clock) = timed(routes![recent]);
    let token = issuer.token().authenticated_ago(Duration::ZERO).sign();
    let age = ", max_age=\"300\"";
    // The token is remembered, and decided each time: 300 s, and 30 s of leeway.
    for _ in 0..2 {
        app.get("/recent", &token).passes("recent");
    }
    clock.advance(Duration::from_millis(329_999));
    app.get("/recent", &token).passes("recent");
    clock.advance(Duration::from_millis(1));
    for _ in 0..2 {
        steps_up(&app.get("/recent", &token), age);
    }
    // Another authentication mends it.
    let again = issuer.token().authenticated_ago(Duration::ZERO).sign();
    app.get("/recent", &again).passes("recent");

    let now = clock.now().as_secs();
    let at = |at: Value| issuer.token().claim("auth_time", at).sign();
    for good in [json!(now), json!(now + 30), json!(now as f64 - 0.5)] {
        app.get("/recent", &at(good)).passes("recent");
    }
    for bad in [
        json!(now + 31),
        json!(now.to_string()),
        json!(null),
        json!(true),
        json!([now]),
        json!({ "time": now }),
        json!(0),
        json!(-1),
        json!(-1.0e300),
        json!(1.0e300),
        json!(u64::MAX),
        json!(now * 1000),
    ] {
        steps_up(&app.get("/recent", &at(bad)), age);
    }
    steps_up(&app.get("/recent", &issuer.token().sign()), age);
    // A token that is kept beyond its request grows older, too.
    let kept = SystemTime::now() - STALE;
    let seconds = kept.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let kept = raw_token(&json!({ "auth_time": seconds }).to_string());
    assert_eq!(MaxAuthAge::<300>::decide(&kept), Decision::StepUp);
    assert_eq!(MaxAuthAge::<500>::decide(&kept), Decision::Allow);
    assert_eq!(MaxAuthAge::<{ u64::MAX }>::decide(&kept), Decision::Allow);
}

#[get("/level-first")]
fn level_first(_level: Acr<Strong>, _role: Roles<Admin>) -> &'static str {
    "level-first"
}

#[get("/role-first")]
fn role_first(_role: Roles<Admin>, _level: Acr<Strong>) -> &'static str {
    "role-first"
}

#[get("/one-guard")]
fn one_guard(_may: All<(Acr<Strong>, MaxAuthAge<300>, Roles<Admin>)>) -> &'static str {
    "one-guard"
}

#[get("/custom")]
fn custom(_level: Acr<Strong>, _tenant: Require<OfAcme>) -> &'static str {
    "custom"
}

#[get("/custom-inside")]
fn custom_inside(_may: Any<(All<(Acr<Strong>, Require<OfAcme>)>, Roles<Editor>)>) -> &'static str {
    "custom-inside"
}

/// A policy of the application, of which the requirement says nothing but words.
struct OfAcme;

impl Policy for OfAcme {
    fn decide(token: &ValidToken) -> Decision {
        (token.text("tenant") == Some("acme")).into()
    }

    fn requirement() -> Requirement {
        Requirement::Custom("a token of acme")
    }
}

#[get("/group")]
fn group(_role: Roles<Admin>) -> &'static str {
    "group"
}

#[test]
fn row_9_4_who_would_be_denied_anyway_is_not_asked_to_step_up() {
    let issuer = offline();
    let own = routes![level_first, role_first, one_guard, custom, custom_inside];
    let groups = protect::<Acr<Strong>>(routes![group]);
    let app = guarded(&issuer, [own, groups].concat());
    let token = |role: &str, acr: &str, tenant: &str| {
        let token = issuer
            .token()
            .roles([role])
            .acr(acr)
            .claim("tenant", tenant);
        token.authenticated_ago(FRESH).sign()
    };
    let levels = ", acr_values=\"phr mfa\"";
    for path in ["/level-first", "/role-first", "/one-guard", "/group"] {
        app.get(path, &token("admin", "mfa", "")).passes(&path[1..]);
        steps_up(&app.get(path, &token("admin", "pwd", "")), levels);
        app.get(path, &token("editor", "mfa", "")).insufficient();
        app.get(path, &token("editor", "pwd", "")).insufficient();
        app.get(path, "x").invalid("Malformed token");
        app.anonymous(path).missing();
    }
    // Policies of the application are asked, too.
    app.get("/custom", &token("", "mfa", "acme"))
        .passes("custom");
    steps_up(&app.get("/custom", &token("", "pwd", "acme")), levels);
    app.get("/custom", &token("", "mfa", "other"))
        .insufficient();
    app.get("/custom", &token("", "pwd", "other"))
        .insufficient();
    steps_up(
        &app.get("/custom-inside", &token("", "pwd", "acme")),
        levels,
    );
    app.get("/custom-inside", &token("", "pwd", "other"))
        .insufficient();
    app.get("/custom-inside", &token("editor", "pwd", "other"))
        .passes("custom-inside");
}

#[get("/admin/<_..>")]
fn behind_the_rule(_role: Roles<Admin>) -> &'static str {
    "admin"
}

#[test]
fn row_9_4_holds_behind_the_rule_for_everything() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let fairing = fairing.require_everywhere::<Acr<Strong>>();
    let app = App::launch(rocket(fairing).mount("/", routes![behind_the_rule, level]));
    let levels = ", acr_values=\"phr mfa\"";
    let weak = |role| issuer.token().roles([role]).acr("pwd").sign();
    app.get("/admin/x", &weak("editor")).insufficient();
    steps_up(&app.get("/admin/x", &weak("admin")), levels);
    steps_up(&app.get("/level", &weak("editor")), levels);
    // A path that does not exist has no further guard.
    steps_up(&app.get("/nowhere", &weak("editor")), levels);
}

#[get("/contradiction")]
fn contradiction(_one: Acr<Sms>, _other: Acr<Strong>) {}

#[get("/common")]
fn common(_one: Acr<Pin>, _other: Acr<Strong>) {}

#[test]
fn row_9_4_levels_that_no_authentication_has_are_not_asked_for() {
    let issuer = offline();
    let app = guarded(&issuer, routes![contradiction, common]);
    for acr in ["sms", "phr", "pwd"] {
        app.get("/contradiction", &issuer.token().acr(acr).sign())
            .insufficient();
    }
    // Of two lists, the levels of both: `mfa` would be refused by the first.
    for acr in ["pwd", "mfa", "pin"] {
        let answer = app.get("/common", &issuer.token().acr(acr).sign());
        steps_up(&answer, ", acr_values=\"phr\"");
    }
    let answer = app.get("/common", &issuer.token().acr("phr").sign());
    assert_eq!(answer.status, 200);
}

#[get("/any")]
fn any(_may: Any<(Roles<Admin>, Acr<Strong>)>) -> &'static str {
    "any"
}

#[get("/any-of-all")]
fn any_of_all(_may: Any<(Roles<Admin>, All<(Roles<Editor>, Acr<Strong>)>)>) -> &'static str {
    "any-of-all"
}

#[get("/two-ways")]
fn two_ways(_may: Any<(All<(Roles<Editor>, MaxAuthAge<60>)>, Acr<Strong>)>) -> &'static str {
    "two-ways"
}

#[test]
fn row_9_5_any_steps_up_only_if_that_can_make_it_pass() {
    let issuer = offline();
    let app = guarded(&issuer, routes![any, any_of_all, two_ways]);
    let token = |role: &str, acr: &str| issuer.token().roles([role]).acr(acr).sign();
    let levels = ", acr_values=\"phr mfa\"";
    app.get("/any", &token("admin", "pwd")).passes("any");
    app.get("/any", &token("", "phr")).passes("any");
    steps_up(&app.get("/any", &token("", "pwd")), levels);

    app.get("/any-of-all", &token("admin", "pwd"))
        .passes("any-of-all");
    app.get("/any-of-all", &token("editor", "phr"))
        .passes("any-of-all");
    steps_up(&app.get("/any-of-all", &token("editor", "pwd")), levels);
    app.get("/any-of-all", &token("", "pwd")).insufficient();
    app.get("/any-of-all", &token("", "phr")).insufficient();

    // Of several ways the first that a new authentication opens.
    steps_up(
        &app.get("/two-ways", &token("editor", "pwd")),
        ", max_age=\"60\"",
    );
    steps_up(&app.get("/two-ways", &token("", "pwd")), levels);
    app.get("/two-ways", &token("", "mfa")).passes("two-ways");
}

#[options("/safe")]
fn safe(_level: Acr<Strong>, _recent: MaxAuthAge<60>, _methods: Amr<SecondFactor>) -> &'static str {
    "safe"
}

#[options("/always")]
fn always(_level: Always<Acr<Strong>>) -> &'static str {
    "always"
}

#[get("/optional")]
fn optional(level: Optional<Acr<Strong>>) -> &'static str {
    level.into_inner().map_or("guest", |_| "strong")
}

#[get("/option")]
fn option(level: Option<Acr<Strong>>) -> &'static str {
    level.map_or("weak", |_| "strong")
}

#[get("/result")]
fn result(level: Result<Acr<Strong>, AuthError>) -> String {
    level.map_or_else(
        |error| {
            format!(
                "{} {} {:?}",
                error.reason(),
                error.status(),
                error.acr_values()
            )
        },
        |_| "strong".into(),
    )
}

#[get("/unless")]
fn unless_get(_level: Unless<Reads, Acr<Strong>>) -> &'static str {
    "read"
}

#[post("/unless")]
fn unless_post(_level: Unless<Reads, Acr<Strong>>) -> &'static str {
    "written"
}

#[get("/handler")]
fn handler(token: ValidToken) -> Result<&'static str, AuthError> {
    token.require::<All<(Acr<Strong>, Roles<Admin>)>>()?;
    Ok("handler")
}

#[test]
fn row_9_6_methods_optional_and_handlers_are_as_with_other_policies() {
    let issuer = offline();
    let app = guarded(
        &issuer,
        routes![
            safe,
            always,
            optional,
            option,
            result,
            unless_get,
            unless_post,
            handler,
            level
        ],
    );
    let weak = issuer.token().acr("pwd").sign();
    let strong = issuer.token().acr("mfa").sign();
    let levels = ", acr_values=\"phr mfa\"";
    let bearer = |token: &str| format!("Bearer {token}");
    // The guards do not look.
    app.call(Method::Options, "/safe", &[]).passes("safe");
    app.call(Method::Options, "/safe", &[&bearer(&weak)])
        .passes("safe");
    app.call(Method::Options, "/always", &[]).missing();
    steps_up(
        &app.call(Method::Options, "/always", &[&bearer(&weak)]),
        levels,
    );

    app.anonymous("/optional").passes("guest");
    app.get("/optional", &strong).passes("strong");
    steps_up(&app.get("/optional", &weak), levels);
    app.get("/option", &weak).passes("weak");
    app.get("/result", &weak)
        .passes("authentication_level 401 Unauthorized [\"phr\", \"mfa\"]");

    app.get("/unless", &weak).passes("read");
    let post = |token: &str| app.call(Method::Post, "/unless", &[&bearer(token)]);
    steps_up(&post(&weak), levels);
    post(&strong).passes("written");

    // HEAD is decided by the GET route.
    let head = |path, token: &str| app.call(Method::Head, path, &[&bearer(token)]);
    assert_eq!(head("/level", &strong).status, 200);
    let refused = head("/level", &weak);
    assert_eq!((refused.status, refused.body.as_str()), (401, ""));
    assert_eq!(refused.challenge.as_deref(), Some(&*challenge(levels)));
    assert_eq!(head("/unless", &weak).status, 200);

    // A handler that asks.
    let token = |role: &str, acr| issuer.token().roles([role]).acr(acr).sign();
    app.get("/handler", &token("admin", "mfa"))
        .passes("handler");
    steps_up(&app.get("/handler", &token("admin", "pwd")), levels);
    app.get("/handler", &token("editor", "pwd")).insufficient();
}

#[test]
fn row_9_6_the_report_has_them_in_words() {
    let rocket = rocket::build().mount("/", routes![both, by_methods, any_of_all]);
    let words: Vec<String> = RouteReport::of(&rocket)
        .routes()
        .iter()
        .map(|route| route.requirement().unwrap().to_string())
        .collect();
    assert_eq!(
        words,
        [
            "role admin or (role editor and (acr phr or acr mfa))",
            "(acr phr or acr mfa) and authentication within 300 s",
            "amr otp or amr hwk",
        ]
    );
    assert_eq!(
        Acr::<Strong>::requirement(),
        Requirement::Acr(&["phr", "mfa"])
    );
    assert_eq!(
        Amr::<SecondFactor>::requirement(),
        Requirement::Amr(&["otp", "hwk"])
    );
    assert_eq!(
        MaxAuthAge::<300>::requirement(),
        Requirement::MaxAuthAge(300)
    );
    assert_eq!(Acr::<Strong>::requirement().scopes(), [""; 0]);
}

/// A robot with a scope, or a user who has authenticated strongly.
struct MayTransfer;

impl Policy for MayTransfer {
    fn decide(token: &ValidToken) -> Decision {
        match token.client_id() {
            Some("robot") => Scopes::<Transfer>::decide(token),
            _ => Acr::<Strong>::decide(token),
        }
    }

    fn requirement() -> Requirement {
        Requirement::Any(vec![
            Scopes::<Transfer>::requirement(),
            Acr::<Strong>::requirement(),
        ])
    }
}

/// Says no more than that another authentication is needed.
struct Vague;

impl Policy for Vague {
    fn decide(_: &ValidToken) -> Decision {
        Decision::StepUp
    }

    fn requirement() -> Requirement {
        Requirement::Custom("a mood")
    }
}

#[get("/own")]
fn own(_may: Require<MayTransfer>) -> &'static str {
    "own"
}

#[get("/vague")]
fn vague(_may: Require<Vague>) -> &'static str {
    "vague"
}

#[get("/vague-in-any")]
fn vague_in_any(_may: Any<(Vague, Roles<Admin>)>, _level: Acr<Strong>) -> &'static str {
    "vague"
}

#[test]
fn a_policy_of_the_application_may_ask_for_it() {
    let issuer = offline();
    let app = guarded(&issuer, routes![own, vague, vague_in_any]);
    let robot = issuer.token().client_id("robot");
    app.get("/own", &robot.clone().scope("transfer").sign())
        .passes("own");
    app.get("/own", &robot.acr("pwd").sign()).insufficient();
    app.get("/own", &issuer.token().acr("mfa").sign())
        .passes("own");
    let answer = app.get("/own", &issuer.token().acr("pwd").sign());
    steps_up(&answer, ", acr_values=\"phr mfa\", scope=\"transfer\"");
    steps_up(&app.get("/vague", &issuer.token().acr("mfa").sign()), "");
    steps_up(
        &app.get("/vague-in-any", &issuer.token().acr("mfa").sign()),
        "",
    );
    let answer = app.get("/vague-in-any", &issuer.token().sign());
    steps_up(&answer, ", acr_values=\"phr mfa\"");
}

#[get("/owned")]
fn owned(_level: Acr<Strong>, _note: Owned<Note>) -> &'static str {
    "owned"
}

#[get("/owned-or")]
fn owned_or(note: OwnedOr<Note, All<(Roles<Admin>, Acr<Strong>)>>) -> String {
    note.by_policy().to_string()
}

#[test]
fn an_owner_or_a_strong_administrator() {
    let issuer = offline();
    let app = guarded(&issuer, routes![owned, owned_or]);
    let token = |sub, role: &str, acr| issuer.token().subject(sub).roles([role]).acr(acr).sign();
    let levels = ", acr_values=\"phr mfa\"";
    app.get("/owned-or", &token("alice", "", "pwd"))
        .passes("false");
    app.get("/owned-or", &token("bob", "admin", "mfa"))
        .passes("true");
    steps_up(&app.get("/owned-or", &token("bob", "admin", "pwd")), levels);
    app.get("/owned-or", &token("bob", "", "mfa")).refused(
        403,
        "insufficient_scope",
        "You do not own this resource",
    );
    app.get("/owned", &token("alice", "", "mfa"))
        .passes("owned");
    steps_up(&app.get("/owned", &token("alice", "", "pwd")), levels);
}

#[get("/staff")]
fn staff(_level: IssuedBy<Staff, Acr<Strong>>) -> &'static str {
    "staff"
}

#[test]
fn of_a_named_issuer_its_own_tokens_step_up() {
    let issuer = offline();
    let mut config = config(&issuer);
    config.iss_url = None;
    let entry = axioms_rocket::IssuerConfig {
        name: Some("staff".into()),
        iss_url: Some(issuer.url().into()),
        ..Default::default()
    };
    config.issuers = vec![entry];
    let app = guarded_by(&issuer, config, routes![staff]);
    app.get("/staff", &issuer.token().acr("mfa").sign())
        .passes("staff");
    let answer = app.get("/staff", &issuer.token().sign());
    steps_up(&answer, ", acr_values=\"phr mfa\"");
}

#[catch(401)]
fn own_page(status: Status, request: &Request<'_>) -> String {
    let error = AuthError::of(request).filter(|error| error.status() == status);
    error.map_or_else(String::new, |error| {
        format!(
            "{} {:?} {:?}",
            error.reason(),
            error.acr_values(),
            error.max_age()
        )
    })
}

#[test]
fn a_catcher_of_the_application_learns_what_to_ask_for() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let rocket = rocket(fairing).mount("/", routes![both, recent]);
    let app = App::launch(rocket.register("/", catchers![own_page]));
    let token = issuer.token().acr("pwd").authenticated_ago(STALE).sign();
    let answer = app.get("/both", &token);
    assert_eq!(
        answer.body,
        "authentication_level [\"phr\", \"mfa\"] Some(300s)"
    );
    let both = challenge(", acr_values=\"phr mfa\", max_age=\"300\"");
    assert_eq!(answer.challenge.as_deref(), Some(&*both));
    let answer = app.get("/recent", &token);
    assert_eq!(answer.body, "authentication_age [] Some(300s)");
}

#[test]
fn a_script_of_another_origin_may_read_the_challenge() {
    let issuer = offline();
    let app = guarded(&issuer, routes![level, role_first]);
    let exposed = |token: &str, path: &'static str| {
        let request = app
            .0
            .get(path)
            .header(Header::new("Origin", "https://app.example"));
        let request = request.header(Header::new("Authorization", format!("Bearer {token}")));
        let response = request.dispatch();
        let exposed = response.headers().get_one("Access-Control-Expose-Headers");
        (response.status().code, exposed.map(str::to_owned))
    };
    let name = Some("WWW-Authenticate".to_owned());
    assert_eq!(exposed(&issuer.token().sign(), "/level"), (401, name));
    assert_eq!(exposed(&issuer.token().sign(), "/role-first"), (403, None));
}

#[test]
fn requirements_answer_as_the_guards_do() {
    let weak = raw_token(r#"{"acr":"pwd","roles":["editor"]}"#);
    let level = Acr::<Strong>::requirement();
    assert_eq!(level.decide(None), Some(Decision::Deny));
    assert_eq!(level.decide(Some(&weak)), Some(Decision::StepUp));
    let unknown = Requirement::All(vec![level.clone(), Requirement::Custom("a mood")]);
    assert_eq!(unknown.decide(Some(&weak)), None);
    let denied = Requirement::All(vec![level.clone(), Roles::<Admin>::requirement()]);
    assert_eq!(denied.decide(Some(&weak)), Some(Decision::Deny));
    let contradiction = Requirement::All(vec![level, Acr::<Sms>::requirement()]);
    assert_eq!(contradiction.decide(Some(&weak)), Some(Decision::Deny));
    assert_eq!(
        Authenticated::requirement().decide(Some(&weak)),
        Some(Decision::Allow)
    );
}

#[get("/either")]
fn either(_one: Any<(Acr<Pin>, Acr<Sms>)>, _other: Acr<Sms>) -> &'static str {
    "either"
}

#[test]
fn row_9_4_an_alternative_that_fits_the_other_guards_is_asked_for() {
    let issuer = offline();
    let app = guarded(&issuer, routes![either]);
    let answer = app.get("/either", &issuer.token().sign());
    steps_up(&answer, ", acr_values=\"sms\"");
    app.get("/either", &issuer.token().acr("sms").sign())
        .passes("either");
}

#[test]
fn the_log_names_what_was_presented() {
    let (issuer, app, _) = timed(routes![both, level_first, by_methods, recent]);
    let refused = |path: &str, token: TokenBuilder<'_>| {
        let token = token.id("j").sign();
        let (_, log) = record(|| app.get(path, &token));
        log.line("refused").1.to_owned()
    };
    let words = format!("refused with 401: {CODE}: {WORDS}; asked ");
    let weak = || issuer.token().acr("pwd").authenticated_ago(STALE);
    for (path, token, part, reason) in [
        (
            "/both",
            weak(),
            r#"acr phr or acr mfa; claim "acr": "pwd"; kid="#,
            "authentication_level",
        ),
        (
            "/recent",
            weak(),
            r#"authentication within 300 s; claim "auth_time": 1899999600 (400 s ago); kid="#,
            "authentication_age",
        ),
        (
            "/recent",
            issuer.token().claim("auth_time", 1_900_000_060),
            r#"authentication within 300 s; claim "auth_time": 1900000060 (60 s in the future); "#,
            "authentication_age",
        ),
        (
            "/recent",
            issuer.token(),
            r#"authentication within 300 s; claim "auth_time": no such claim; kid="#,
            "authentication_age",
        ),
        (
            "/methods",
            issuer.token().amr(["pwd", "sms"]),
            r#"amr otp or amr hwk; claim "amr": "pwd" "sms"; kid="#,
            "authentication_level",
        ),
    ] {
        let line = refused(path, token);
        assert!(line.starts_with(&format!("{words}{part}")), "{line}");
        assert!(line.ends_with(&format!(" reason=\"{reason}\"")), "{line}");
    }
    // The guard that denies, not the one that was asked first.
    let line = refused("/level-first", weak());
    assert!(line.contains("; asked role admin; roles in "), "{line}");
    assert!(line.ends_with(" reason=\"forbidden\""), "{line}");
}

#[test]
fn the_audit_names_the_part_that_failed_and_the_actor() {
    let issuer = offline();
    let (sender, events) = channel();
    let fairing = AxiomsFairing::from_config(config(&issuer))
        .with_keys(issuer.jwks())
        .on_decision(move |event| {
            let failed = event.failed().map(ToString::to_string);
            let reason = event.reason().map(|reason| reason.as_str());
            let actor = event.actor().map(str::to_owned);
            let json = rocket::serde::json::to_value(event).unwrap();
            assert_eq!(json["actor"].as_str(), event.actor());
            let _ = sender.send((event.status(), reason, failed, actor));
        });
    let app = App::launch(rocket(fairing).mount("/", routes![both, level_first, one_guard]));
    let token = || issuer.token().acr("pwd").authenticated_ago(STALE);
    app.get("/both", &token().sign());
    app.get("/level-first", &token().actor("desk").sign());
    app.get("/one-guard", &token().roles(["admin"]).acr("mfa").sign());
    app.get("/both", &token().acr("phr").authenticated_ago(FRESH).sign());
    drop(app);
    let seen: Vec<_> = events.iter().collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        seen,
        [
            (
                401,
                Some("authentication_level"),
                text("acr phr or acr mfa"),
                None
            ),
            (403, Some("forbidden"), text("role admin"), text("desk")),
            (
                401,
                Some("authentication_age"),
                text("authentication within 300 s"),
                None
            ),
            (200, None, None, None),
        ]
    );
}
