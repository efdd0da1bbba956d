//! The audit: an event for each decision, and sinks that block, panic or are slow.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    All, Any, AuthError, Authenticated, Axioms, AxiomsFairing, Clock, Decision, Lacks, Optional,
    Owned, OwnedError, Policy, Reason, Require, Requirement, Roles, Scopes, ValidToken, protect,
};
use rocket::error::ErrorKind;
use rocket::http::{Method, Status};
use rocket::local::blocking::Client;
use rocket::response::Redirect;
use rocket::serde::json::{Value, json, to_string, to_value};
use rocket::{Build, Request, Rocket, Route, catch, catchers, get, post, routes};

use crate::recorder::{launch, record};
use crate::sixty_routes::{Assignee, Note};
use crate::support::{App, Editor, Profile, Read, config, full_token, offline, rocket, routes};

axioms_rocket::roles! { pub Suspended = "suspended"; pub Owner = "owner"; }

/// An application whose events are collected as JSON.
struct Audited {
    app: App,
    events: Receiver<Value>,
}

impl Audited {
    fn launch(issuer: &TestIssuer, mount: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Audited {
        Audited::with(issuer, |fairing| fairing, mount)
    }

    fn with(
        issuer: &TestIssuer,
        fairing: impl FnOnce(AxiomsFairing) -> AxiomsFairing,
        mount: impl FnOnce(Rocket<Build>) -> Rocket<Build>,
    ) -> Audited {
        let (sender, events) = channel();
        let audited = AxiomsFairing::from_config(config(issuer))
            .with_keys(issuer.jwks())
            .on_decision(move |event| {
                let _ = sender.send(to_value(event).expect("an event serializes"));
            });
        let app = App::launch(mount(rocket(fairing(audited))));
        Audited { app, events }
    }

    /// Ends the application; returns the events without their times.
    fn events(self) -> Vec<Value> {
        drop(self.app);
        let mut events: Vec<Value> = self.events.iter().collect();
        for event in &mut events {
            event.as_object_mut().expect("an object").remove("time");
        }
        events
    }
}

struct Weekdays;

impl Policy for Weekdays {
    fn decide(_: &ValidToken) -> Decision {
        Decision::Deny
    }

    fn requirement() -> Requirement {
        Requirement::Custom("weekdays")
    }
}

#[get("/all/<_id>")]
fn all(
    _id: usize,
    _may: All<(
        Scopes<Profile>,
        All<(Roles<Editor>, Lacks<Roles<Suspended>>)>,
    )>,
) {
}

#[get("/any")]
fn any(_may: Any<(Scopes<Read>, Roles<Owner>)>) {}

#[get("/weekdays")]
fn weekdays(_may: All<(Scopes<Profile>, Require<Weekdays>)>) {}

#[get("/owned")]
fn owned(_note: Owned<Note, Assignee>) {}

#[get("/caught")]
fn caught(token: Option<ValidToken>) -> String {
    format!("{}", token.is_some())
}

#[get("/optional")]
fn optional(_token: Optional<ValidToken>) {}

#[get("/fails")]
fn fails(_token: ValidToken) -> Status {
    Status::InternalServerError
}

#[post("/write", data = "<_body>")]
fn write(_token: Authenticated, _body: Vec<u8>) {}

fn audited_routes() -> Vec<Route> {
    routes![all, any, weekdays, owned, caught, optional, fails, write]
}

#[test]
fn row_16_6_each_decision_is_an_event_with_its_route_and_failed_part() {
    let issuer = offline();
    let audited = Audited::launch(&issuer, |rocket| {
        rocket.mount("/api", [routes(), audited_routes()].concat())
    });
    let token = |roles: &[&str]| {
        let token = full_token(&issuer).id("t1").claim("azp", "app");
        token.roles(roles.iter().copied()).sign()
    };
    let app = &audited.app;
    app.get("/api/all/7", &token(&["editor"]));
    app.get("/api/all/7?x=1", &token(&["viewer"]));
    app.get("/api/all/7", &token(&["editor", "suspended"]));
    app.get("/api/any", &token(&["viewer"]));
    app.get("/api/weekdays", &token(&[]));
    app.get("/api/owned", &token(&[]));
    app.get("/api/fails", &token(&[]));
    app.anonymous("/api/token");
    app.get("/api/token", "a.b");
    app.anonymous("/api/public");
    app.anonymous("/api/unknown");

    let event = |status: u16, reason: Option<&str>, path: &str, failed: Option<&str>| {
        let handler = path.split('/').nth(2).expect("a name");
        json!({
            "decision": if reason.is_none() { "allow" } else { "deny" },
            "status": status, "reason": reason, "method": "GET", "route": path,
            "handler": handler, "failed": failed,
        })
    };
    let expected = [
        event(200, None, "/api/all/<_id>", None),
        event(
            403,
            Some("forbidden"),
            "/api/all/<_id>",
            Some("role editor"),
        ),
        event(
            403,
            Some("forbidden"),
            "/api/all/<_id>",
            Some("not role suspended"),
        ),
        event(
            403,
            Some("forbidden"),
            "/api/any",
            Some("scope read:resource or role owner"),
        ),
        event(403, Some("forbidden"), "/api/weekdays", Some("weekdays")),
        event(
            403,
            Some("not_owner"),
            "/api/owned",
            Some("the owner's token (Assignee)"),
        ),
        event(500, None, "/api/fails", None),
        event(401, Some("missing_token"), "/api/token", None),
        event(401, Some("malformed"), "/api/token", None),
    ];
    let events = audited.events();
    assert_eq!(events.len(), expected.len(), "{events:#?}");
    for (index, (event, expected)) in events.iter().zip(expected).enumerate() {
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(&event[member], value, "{member} of {index}: {event:#}");
        }
        let known = index < 7;
        let of_token = |value: &str| if known { json!(value) } else { Value::Null };
        assert_eq!(event["subject"], of_token("alice"));
        assert_eq!(event["client_id"], of_token("app"));
        assert_eq!(event["issuer"], of_token(issuer.url()));
        assert_eq!(event["token_id"], of_token("t1"));
        assert_eq!(event["message"].is_null(), event["decision"] == "allow");
    }
}

#[test]
fn row_16_6_a_pass_without_a_token_and_a_caught_refusal_are_allowed() {
    let issuer = offline();
    let audited = Audited::launch(&issuer, |rocket| {
        rocket.mount("/", [routes(), audited_routes()].concat())
    });
    let app = &audited.app;
    app.anonymous("/caught").passes("false");
    app.get("/caught", "bad").passes("false");
    assert_eq!(app.anonymous("/optional").status, 200);
    app.get("/states", "bad").passes("invalid_token");
    let events = audited.events();
    let seen: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event["decision"].as_str().unwrap(),
                event["subject"].as_str(),
            )
        })
        .collect();
    assert_eq!(seen, [("allow", None); 4], "{events:#?}");
}

#[catch(401)]
fn to_login() -> Redirect {
    Redirect::to("/login")
}

#[test]
fn row_16_6_groups_rules_and_redirects_are_decisions() {
    let issuer = offline();
    let audited = Audited::with(
        &issuer,
        |fairing| fairing.require_everywhere::<ValidToken>().except(["/open"]),
        |rocket| {
            rocket
                .register("/", catchers![to_login])
                .mount("/", protect::<Roles<Owner>>(routes![caught]))
                .mount("/open", routes![optional])
        },
    );
    let token = full_token(&issuer).sign();
    let app = &audited.app;
    assert_eq!(app.anonymous("/caught").status, 303);
    assert_eq!(app.get("/caught", &token).status, 403);
    assert_eq!(app.get("/unknown", &token).status, 404);
    let seen: Vec<String> = audited
        .events()
        .iter()
        .map(|event| {
            let text = |member: &str| event[member].as_str().unwrap_or("-");
            let members = ["decision", "route", "requirement", "failed"].map(text);
            format!("{} {}", event["status"], members.join(" | "))
        })
        .collect();
    assert_eq!(
        seen,
        [
            "303 deny | /caught | role owner | -",
            "403 deny | /caught | role owner | role owner",
            "404 allow | /<_..> | a valid token | -",
        ]
    );
}

#[test]
fn row_16_6_no_event_holds_a_token() {
    let issuer = offline();
    let audited = Audited::launch(&issuer, |rocket| rocket.mount("/", routes()));
    let (sender, debug) = channel();
    let good = full_token(&issuer).sign();
    let bad = full_token(&issuer).tampered().sign();
    let fairing = AxiomsFairing::from_config(config(&issuer))
        .with_keys(issuer.jwks())
        .on_decision(move |event| {
            let _ = sender.send(format!("{event:?} {event:#?}"));
        });
    let other = App::launch(rocket(fairing).mount("/", routes()));
    for token in [&good, &bad] {
        for path in ["/token", "/role", "/scope"] {
            audited.app.get(path, token);
            other.get(path, token);
        }
    }
    drop(other);
    let texts: Vec<String> = audited
        .events()
        .iter()
        .map(|event| to_string(event).unwrap())
        .chain(debug.iter())
        .collect();
    assert_eq!(texts.len(), 12);
    for part in good.split('.').chain(bad.split('.')) {
        assert!(texts.iter().all(|text| !text.contains(part)), "{texts:#?}");
    }
}

#[test]
fn row_16_6_the_time_is_that_of_the_clock() {
    let issuer = offline();
    let clock = Clock::manual(UNIX_EPOCH + Duration::from_millis(1_900_000_000_123));
    let (sender, events) = channel();
    let fairing = AxiomsFairing::from_config(config(&issuer))
        .with_keys(issuer.jwks())
        .with_clock(clock)
        .on_decision(move |event| {
            let _ = sender.send((event.time(), to_value(event).unwrap()["time"].clone()));
        });
    let app = App::launch(rocket(fairing).mount("/", routes()));
    app.anonymous("/token");
    drop(app);
    let (time, number) = events.recv().unwrap();
    assert_eq!(time, UNIX_EPOCH + Duration::from_millis(1_900_000_000_123));
    assert_eq!(number, json!(1_900_000_000.123));
}

/// An application with this sink, and its figures.
fn with_sink(
    issuer: &TestIssuer,
    sink: impl FnMut(&axioms_rocket::DecisionEvent) + Send + 'static,
) -> App {
    let fairing = AxiomsFairing::from_config(config(issuer))
        .with_keys(issuer.jwks())
        .on_decision(sink);
    App::launch(rocket(fairing).mount("/", routes()))
}

fn audit(app: &App) -> axioms_rocket::AuditStatus {
    let axioms = app.0.rocket().state::<Axioms>().expect("managed");
    *axioms.status().audit().expect("a sink")
}

/// A gate that opens when the first of the two is dropped.
fn gate() -> (Sender<()>, Mutex<Receiver<()>>) {
    let (sender, receiver) = channel();
    (sender, Mutex::new(receiver))
}

#[test]
fn row_16_6_a_sink_that_blocks_delays_nothing_and_drops_are_counted() {
    let issuer = offline();
    let (gate, closed) = gate();
    let app = with_sink(&issuer, move |_| {
        let _ = closed.lock().unwrap().recv();
    });
    let token = full_token(&issuer).sign();
    let started = Instant::now();
    for _ in 0..6000 {
        app.get("/token", &token).passes("alice");
    }
    // Any wait for the sink would be without end.
    assert!(started.elapsed() < Duration::from_secs(60));
    let blocked = audit(&app);
    assert_eq!(blocked.delivered(), 0);
    assert!((2048..=4096).contains(&blocked.waiting()), "{blocked:?}");
    assert_eq!(blocked.waiting() + blocked.dropped(), 6000, "{blocked:?}");
    drop(gate);
    // The rest reaches the sink at the end.
    drop(app);
}

#[test]
fn row_16_6_a_sink_that_never_returns_holds_the_end_for_seconds_only() {
    let issuer = offline();
    let (gate, closed) = gate();
    let app = with_sink(&issuer, move |_| {
        let _ = closed.lock().unwrap().recv();
    });
    app.anonymous("/token").missing();
    let started = Instant::now();
    let ((), log) = record(|| drop(app));
    assert!(started.elapsed() < Duration::from_secs(30));
    assert_eq!(
        log.line("on_decision").1,
        "axioms: the sink of on_decision was too slow: it did not get 1 decisions"
    );
    drop(gate);
}

#[test]
fn row_16_6_a_sink_that_panics_gets_the_next_events() {
    let issuer = offline();
    let seen = Arc::new(AtomicUsize::new(0));
    let dropped = Arc::new(AtomicBool::new(false));
    struct OnDrop(Arc<AtomicBool>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
            panic!("also when it is dropped");
        }
    }
    let (counter, guard) = (Arc::clone(&seen), OnDrop(Arc::clone(&dropped)));
    let app = with_sink(&issuer, move |_| {
        let _ = &guard;
        if counter.fetch_add(1, Ordering::SeqCst) % 2 == 0 {
            panic!("the sink's own");
        }
    });
    for _ in 0..10 {
        app.anonymous("/token").missing();
    }
    drop(app);
    assert_eq!(seen.load(Ordering::SeqCst), 10);
    assert!(
        dropped.load(Ordering::SeqCst),
        "the sink is dropped at the end"
    );
}

#[test]
fn row_16_6_the_end_waits_for_the_rest_of_the_events() {
    let issuer = offline();
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let app = with_sink(&issuer, move |_| {
        std::thread::sleep(Duration::from_micros(100));
        counter.fetch_add(1, Ordering::SeqCst);
    });
    for _ in 0..1000 {
        app.anonymous("/token").missing();
    }
    drop(app);
    assert_eq!(seen.load(Ordering::SeqCst), 1000);
}

#[test]
fn a_second_sink_aborts_the_launch_and_without_one_there_is_no_audit() {
    let issuer = offline();
    let fairing = || AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let (client, log) = launch(rocket(fairing().on_decision(|_| ()).on_decision(|_| ())));
    let error = client.expect_err("two sinks");
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)));
    assert_eq!(
        log.line("on_decision"),
        ("ERROR", "AxiomsFairing: on_decision is said twice")
    );
    let client = Client::untracked(rocket(fairing())).unwrap();
    let axioms = client.rocket().state::<Axioms>().unwrap();
    assert_eq!(axioms.status().audit(), None);
}

#[test]
fn a_refusal_returned_by_a_handler_is_an_event() {
    #[get("/note")]
    fn note(token: ValidToken) -> Result<(), AuthError> {
        token.owns(&Note)
    }
    let issuer = offline();
    let audited = Audited::launch(&issuer, |rocket| rocket.mount("/", routes![note]));
    let answer = audited.app.call(
        Method::Get,
        "/note",
        &[&format!(
            "Bearer {}",
            full_token(&issuer).subject("bob").sign()
        )],
    );
    assert_eq!(answer.status, 403);
    let events = audited.events();
    assert_eq!(events[0]["failed"], "the owner's token", "{events:#?}");
    assert_eq!(events[0]["subject"], "bob");
}

#[derive(rocket::serde::Deserialize)]
#[serde(crate = "rocket::serde")]
struct WithTenant {
    #[expect(dead_code, reason = "it has to be there")]
    tenant: String,
}

/// Makes a success of every refusal.
#[catch(default)]
fn all_is_well(_: Status, request: &Request<'_>) -> (Status, String) {
    let error = AuthError::of(request).map_or_else(String::new, |error| error.to_string());
    (Status::Accepted, error)
}

#[get("/typed")]
fn typed(_token: ValidToken<WithTenant>) {}

axioms_rocket::acrs! { Strong = "strong"; }

#[get("/strong")]
fn strong(_may: axioms_rocket::Acr<Strong>) {}

#[get("/lenient")]
fn lenient(_may: Option<Roles<Owner>>, token: ValidToken) -> Result<(), AuthError> {
    token.require::<Scopes<Read>>()
}

#[get("/lenient/weekdays")]
fn lenient_weekdays(_may: Option<Require<Weekdays>>, _token: ValidToken) {}

#[get("/lenient/owned")]
fn lenient_owned(_note: Result<Owned<Note, Assignee>, OwnedError<()>>, _note2: Owned<Note>) {}

#[test]
fn row_16_6_a_catcher_that_answers_a_success_hides_no_refusal() {
    let issuer = offline();
    let audited = Audited::with(
        &issuer,
        |fairing| {
            let rule = fairing.require_everywhere::<Optional<ValidToken>>();
            rule.without_catchers()
        },
        |rocket| {
            let own = routes![strong, typed, lenient, lenient_weekdays, lenient_owned];
            rocket
                .register("/", catchers![all_is_well])
                .mount("/", [routes(), audited_routes(), own].concat())
                .mount("/group", protect::<Roles<Owner>>(routes![caught]))
        },
    );
    let app = &audited.app;
    let alice = full_token(&issuer).sign();
    let bob = full_token(&issuer).subject("bob").sign();
    let mut expected = Vec::new();
    for (path, token, status, decision) in [
        // A guard of the signature, by its decision.
        ("/token", "", 202, "deny missing_token"),
        ("/any", &alice, 202, "deny forbidden"),
        ("/role", &alice, 200, "allow"),
        ("/strong", &alice, 202, "deny authentication_level"),
        // By its name: a policy of one's own, an owner, a type of claims.
        ("/weekdays", &alice, 202, "deny forbidden"),
        ("/owned", &alice, 202, "deny not_owner"),
        ("/owned", &bob, 200, "allow"),
        ("/typed", &alice, 202, "deny unfit_claims"),
        // The rule for everything, a group and a handler.
        ("/public", "bad", 202, "deny malformed"),
        ("/nowhere", "bad", 202, "deny malformed"),
        ("/group/caught", &alice, 202, "deny forbidden"),
        ("/lenient", &alice, 202, "deny forbidden"),
        // The handler ran: it takes a refusal for an answer.
        ("/caught", "", 200, "allow"),
        ("/states", "", 200, "allow"),
        ("/lenient/weekdays", &alice, 200, "allow"),
        ("/lenient/owned", &alice, 200, "allow"),
        ("/optional", "", 200, "allow"),
    ] {
        let authorization = format!("Bearer {token}");
        let authorization: &[&str] = match token {
            "" => &[],
            _ => &[&authorization],
        };
        let (answer, log) = record(|| app.call(Method::Get, path, authorization));
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        let is_logged = decision.starts_with("deny") && !decision.ends_with("missing_token");
        let lines = log.lines("answered 202 after a refusal with 40");
        assert_eq!(lines.len(), usize::from(is_logged), "{path}: {log:?}");
        expected.push(format!("{status} {decision}"));
    }
    let axioms = app.0.rocket().state::<Axioms>().expect("managed");
    assert_eq!(axioms.status().refused(Reason::Forbidden), 4);
    let events = audited.events();
    let seen: Vec<String> = events
        .iter()
        .map(|event| {
            let text = |member: &str| event[member].as_str().unwrap_or_default();
            let words = format!(
                "{} {} {}",
                event["status"],
                text("decision"),
                text("reason")
            );
            words.trim_end().to_owned()
        })
        .collect();
    assert_eq!(seen, expected);
}
