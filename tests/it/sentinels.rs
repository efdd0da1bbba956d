//! A guard without the fairing checks no token: the launch stops and names the fairing.

use std::borrow::Cow;

use axioms_rocket::{
    All, Always, Any, AuthError, Authenticated, AxiomsFairing, Claim, Config, HasOwner, IssuedBy,
    IssuerConfig, JwksPrefetch, Lacks, Optional, Owned, OwnedError, OwnedOr, Permissions, Require,
    Roles, Scopes, Unless, ValidToken, protect,
};
use rocket::error::ErrorKind;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::serde::json::Value;
use rocket::{Build, Rocket, Route, get, routes};

use crate::recorder::{Log, launch};
use crate::support::{
    App, Create, Editor, Profile, bare_rocket, config, full_token, offline, rocket,
};

axioms_rocket::methods! { Reads = Get | Head; }
axioms_rocket::issuers! { Staff = "staff"; }
axioms_rocket::claims! { HasTenant = "tenant"; }

struct Note;

impl HasOwner for Note {
    fn owner(&self) -> Option<Cow<'_, str>> {
        None
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Note {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Note)
    }
}

// One route for each guard.
#[get("/")]
fn valid_token(_guard: ValidToken) {}

#[get("/")]
fn typed(_guard: ValidToken<Value>) {}

#[get("/")]
fn authenticated(_guard: Authenticated) {}

#[get("/")]
fn scopes(_guard: Scopes<Profile>) {}

#[get("/")]
fn roles(_guard: Roles<Editor>) {}

#[get("/")]
fn permissions(_guard: Permissions<Create>) {}

#[get("/")]
fn any(_guard: Any<(Scopes<Profile>, Roles<Editor>)>) {}

#[get("/")]
fn all(_guard: All<(Scopes<Profile>, Roles<Editor>)>) {}

#[get("/")]
fn lacks(_guard: Lacks<Roles<Editor>>) {}

#[get("/")]
fn require(_guard: Require<Scopes<Profile>>) {}

#[get("/")]
fn issued_by(_guard: IssuedBy<Staff, Authenticated>) {}

#[get("/")]
fn always(_guard: Always<Scopes<Profile>>) {}

#[get("/")]
fn optional(_guard: Optional<ValidToken>) {}

#[get("/")]
fn unless(_guard: Unless<Reads, Roles<Editor>>) {}

#[get("/")]
fn owned(_guard: Owned<Note>) {}

#[get("/")]
fn owned_or(_guard: OwnedOr<Note, Roles<Editor>>) {}

#[get("/")]
fn claim(_guard: Claim<HasTenant>) {}

#[get("/")]
fn within_an_option(_guard: Option<ValidToken>) {}

#[get("/")]
fn within_a_result(_guard: Result<Scopes<Profile>, AuthError>) {}

#[get("/")]
fn within_a_result_of_owned(_guard: Result<Owned<Note>, OwnedError<()>>) {}

/// Each by the name that the log calls it.
fn guarded() -> Vec<(&'static str, Vec<Route>)> {
    vec![
        ("ValidToken", routes![valid_token]),
        ("ValidToken", routes![typed]),
        ("Authenticated", routes![authenticated]),
        ("Scopes", routes![scopes]),
        ("Roles", routes![roles]),
        ("Permissions", routes![permissions]),
        ("Any", routes![any]),
        ("All", routes![all]),
        ("Lacks", routes![lacks]),
        ("Require", routes![require]),
        ("IssuedBy", routes![issued_by]),
        ("Always", routes![always]),
        ("Optional", routes![optional]),
        ("Unless", routes![unless]),
        ("Owned", routes![owned]),
        ("OwnedOr", routes![owned_or]),
        ("Claim", routes![claim]),
        ("ValidToken", routes![within_an_option]),
        ("Scopes", routes![within_a_result]),
        ("Owned", routes![within_a_result_of_owned]),
    ]
}

fn aborts(rocket: Rocket<Build>) -> Log {
    let (launched, log) = launch(rocket);
    let Err(error) = launched else {
        panic!("the application starts")
    };
    assert!(
        matches!(error.kind(), ErrorKind::SentinelAborts(_)),
        "{error}"
    );
    log
}

#[test]
fn each_guard_without_the_fairing_aborts_the_launch_with_a_hint() {
    for (name, routes) in guarded() {
        let log = aborts(bare_rocket().mount("/", routes));
        let expected = format!(
            "a route is guarded by `{name}`, but nothing would check its tokens: \
             attach the fairing, `rocket::build().attach(axioms_rocket::AxiomsFairing::default())`"
        );
        assert!(
            log.lines(&expected)
                .iter()
                .any(|line| line.starts_with("ERROR")),
            "{name}: {}",
            log.0
        );
    }
}

#[test]
fn with_the_fairing_they_all_start() {
    let issuer = offline();
    for (name, routes) in guarded()
        .into_iter()
        .filter(|(name, _)| *name != "IssuedBy")
    {
        let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
        let (client, log) = launch(rocket(fairing).mount("/", routes));
        assert!(client.is_ok(), "{name}: {}", log.0);
    }
}

#[test]
fn an_unknown_issuer_aborts_the_launch_and_the_known_ones_are_named() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let log = aborts(rocket(fairing).mount("/", routes![issued_by]));
    let expected = "a route is guarded by `IssuedBy` for tokens of issuer \"staff\", \
                but no entry of `issuers` has that name; known: []";
    assert_eq!(log.line("is guarded by"), ("ERROR", expected));

    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let log = aborts(rocket(fairing).mount("/", routes![owned_or_staff]));
    let expected = "a route is guarded by `OwnedOr` for tokens of issuer \"staff\"";
    assert!(
        log.line("is guarded by").1.starts_with(expected),
        "{}",
        log.0
    );
}

#[get("/")]
fn owned_or_staff(_guard: OwnedOr<Note, IssuedBy<Staff, Authenticated>>) {}

#[get("/open")]
fn open() -> &'static str {
    "open"
}

#[test]
fn a_protected_group_without_the_fairing_refuses_every_request() {
    let issuer = offline();
    let app = App::launch(bare_rocket().mount("/", protect::<Roles<Editor>>(routes![open])));
    assert_eq!(app.anonymous("/open").status, 401);
    assert_eq!(app.get("/open", &full_token(&issuer).sign()).status, 401);
    let app = App::launch(
        bare_rocket().mount("/", protect::<Unless<Reads, Roles<Editor>>>(routes![open])),
    );
    app.anonymous("/open").passes("open");
}

#[test]
fn ownership_with_several_issuers_is_warned_of_once_for_each_type() {
    let issuer = offline();
    let launched = |issuers: Vec<IssuerConfig>| {
        let settings = Config {
            issuers,
            jwks_prefetch: JwksPrefetch::Never,
            ..config(&issuer)
        };
        let fairing = AxiomsFairing::from_config(settings).with_keys(issuer.jwks());
        let app = rocket(fairing)
            .mount("/a", routes![owned])
            .mount("/b", routes![owned])
            .mount("/c", routes![owned_or]);
        let (client, log) = launch(app);
        assert!(client.is_ok());
        log
    };
    let second = IssuerConfig {
        iss_url: Some("https://second.example.test".into()),
        ..IssuerConfig::default()
    };
    let log = launched(vec![second]);
    for guard in ["Owned<Note>", "OwnedOr<Note>"] {
        let warning = format!(
            "axioms: route guard `{guard}`: with several issuers HasOwner::owner_issuer must \
             return the issuer, or no token owns it"
        );
        let part = format!("`{guard}`: with several issuers");
        assert_eq!(log.line(&part), ("WARN", warning.as_str()));
    }
    assert_eq!(launched(vec![]).lines("with several issuers"), [""; 0]);
}
