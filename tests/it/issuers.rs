//! Chapter 6 of docs/behaviour.md: claim names and several issuers, rows 6.16 and 6.17.

use std::borrow::Cow;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    All, Always, Any, Authenticated, AxiomsFairing, Config, HasOwner, IssuedBy, IssuerConfig,
    IssuerName, Lacks, Optional, Owned, Roles, RouteReport, Scopes, Unless, ValidToken, health,
    issuers, methods, protect,
};
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::request::{FromRequest, Outcome};
use rocket::serde::json::{Value, json};
use rocket::{Request, Route, get, routes};

use crate::authorization::guarded_by;
use crate::recorder;
use crate::support::{
    AUDIENCE, App, Editor, ISSUER, Profile, config, full_token, offline, permission, rocket, role,
    scope,
};

issuers! {
    Staff = "staff";
    Partners = "partners";
    Unconfigured = "unconfigured";
    // With a joiner and combining characters, which `Debug` escapes.
    Joined = "می\u{200c}خواهم ลูกค้า e\u{301}";
}
methods! { Reads = Get; }

#[get("/lacks")]
fn lacks(_may: Lacks<Roles<Editor>>) -> &'static str {
    "lacks"
}

#[get("/lists")]
fn lists(token: ValidToken) -> String {
    let join = |names: Vec<&str>| names.join(",");
    let (scopes, roles) = (token.scopes().collect(), token.roles().collect());
    format!(
        "{};{};{}",
        join(scopes),
        join(roles),
        join(token.permissions().collect())
    )
}

fn names() -> Vec<Route> {
    routes![scope, role, permission, lacks, lists]
}

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn claims_are_looked_for_under_the_names_that_the_configuration_gives() {
    let issuer = offline();
    let custom = Config {
        scope_claims: list(&["grants"]),
        roles_claims: list(&["realm_access.roles", "/groups~1of/a.b/0"]),
        permissions_claims: list(&["https://example.com/rights", "rights"]),
        ..config(&issuer)
    };
    let app = guarded_by(&issuer, custom, names());
    let lists = |token: axioms_rocket::testing::TokenBuilder<'_>, expected: &str| {
        app.get("/lists", &token.sign()).passes(expected)
    };
    // The usual names are names no more.
    lists(
        issuer
            .token()
            .scope("openid")
            .roles(["editor"])
            .permissions(["sample:create"]),
        ";;",
    );
    lists(
        issuer
            .token()
            .claim("grants", "openid")
            .claim("rights", json!(["a"])),
        "openid;;a",
    );
    lists(
        issuer
            .token()
            .claim("realm_access", json!({ "roles": ["editor", "b"] })),
        ";editor,b;",
    );
    lists(
        issuer
            .token()
            .claim("realm_access.roles", "exact")
            .claim("realm_access", json!({ "roles": "path" })),
        ";exact;",
    );
    lists(
        issuer
            .token()
            .claim("groups/of", json!({ "a.b": ["editor"] })),
        ";editor;",
    );
    lists(
        issuer
            .token()
            .claim("https://example.com/rights", "a")
            .claim("rights", "b"),
        ";;a",
    );

    let realm = |roles: Value| {
        issuer
            .token()
            .claim("realm_access", json!({ "roles": roles }))
            .sign()
    };
    app.get("/role", &realm(json!(["editor"]))).passes("role");
    app.get("/role", &realm(json!("editor viewer")))
        .passes("role");
    app.get("/role", &realm(json!({ "editor": true })))
        .insufficient();
    app.get("/lacks", &realm(json!(["viewer"]))).passes("lacks");
    app.get("/lacks", &realm(json!(null))).insufficient();
    app.get("/role", &issuer.token().roles(["editor"]).sign())
        .insufficient();
    app.get(
        "/scope",
        &issuer.token().claim("grants", json!(["profile"])).sign(),
    )
    .passes("scope");
    app.get("/scope", &issuer.token().scope("profile").sign())
        .insufficient();
    app.get(
        "/permission",
        &issuer.token().claim("rights", "sample:create").sign(),
    )
    .passes("permission");
}

#[test]
fn namespaced_names_follow_the_listed_ones_unless_they_are_turned_off() {
    let issuer = offline();
    let (roles, permissions) = (
        "https://issuer.example.test/claims/roles",
        "https://issuer.example.test/claims/permissions",
    );
    let token = || {
        issuer
            .token()
            .claim(roles, json!(["editor"]))
            .claim(permissions, "sample:create")
    };

    let app = guarded_by(&issuer, config(&issuer), names());
    app.get("/lists", &token().sign())
        .passes(";editor;sample:create");
    app.get("/role", &token().sign()).passes("role");
    app.get("/permission", &token().sign()).passes("permission");
    // The first that is present decides, even when it is empty; null is not present.
    app.get(
        "/lists",
        &token().roles([""; 0]).permissions(["other"]).sign(),
    )
    .passes(";;other");
    app.get("/role", &token().roles([""; 0]).sign())
        .insufficient();
    app.get("/role", &token().claim("roles", Value::Null).sign())
        .passes("role");
    let another = issuer.token().claim(
        "https://another.example.test/claims/roles",
        json!(["editor"]),
    );
    app.get("/role", &another.sign()).insufficient();

    let off = guarded_by(
        &issuer,
        Config {
            namespaced_claims: false,
            ..config(&issuer)
        },
        names(),
    );
    off.get("/lists", &token().sign()).passes(";;");
    off.get("/role", &token().sign()).insufficient();

    let domain = Config {
        domain: Some("https://shop.example/".into()),
        ..config(&issuer)
    };
    let own = guarded_by(&issuer, domain, names());
    own.get(
        "/role",
        &issuer
            .token()
            .claim("https://shop.example/claims/roles", "editor")
            .sign(),
    )
    .passes("role");
    own.get("/role", &token().sign()).insufficient();
}

#[get("/who")]
fn who(token: ValidToken) -> String {
    let audiences: Vec<&str> = token.audiences().collect();
    format!(
        "{} for {}",
        token.subject().unwrap_or("none"),
        audiences.join(",")
    )
}

#[get("/staff")]
fn staff(_from: IssuedBy<Staff, Authenticated>) -> &'static str {
    "staff"
}

#[get("/staff-editors")]
fn staff_editors(_from: IssuedBy<Staff, Roles<Editor>>) -> &'static str {
    "staff editors"
}

#[get("/either")]
fn either(
    _from: Any<(
        IssuedBy<Staff, Roles<Editor>>,
        IssuedBy<Partners, Scopes<Profile>>,
    )>,
) -> &'static str {
    "either"
}

#[get("/group")]
fn group() -> &'static str {
    "group"
}

/// Articles by the issuer of their owner; every one is Alice's.
struct Article(&'static str);

/// The issuers of the application.
struct Addresses {
    staff: String,
    partners: String,
}

struct Unnamed;
struct TopsOwn;
struct StaffsOwn(String);
struct PartnersOwn(String);

macro_rules! resource {
    ($resource:ident, $make:expr, $issuer:expr) => {
        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $resource {
            type Error = ();

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
                let addresses: &Addresses = request.rocket().state().unwrap();
                let make: fn(&Addresses) -> $resource = $make;
                Outcome::Success(make(addresses))
            }
        }

        impl HasOwner for $resource {
            fn owner(&self) -> Option<Cow<'_, str>> {
                Some("alice".into())
            }

            fn owner_issuer(&self) -> Option<Cow<'_, str>> {
                let issuer: fn(&$resource) -> Option<Cow<'_, str>> = $issuer;
                issuer(self)
            }
        }
    };
}

resource!(Unnamed, |_| Unnamed, |_| None);
resource!(TopsOwn, |_| TopsOwn, |_| Some(ISSUER.into()));
resource!(StaffsOwn, |known| StaffsOwn(known.staff.clone()), |own| {
    Some(own.0.as_str().into())
});
resource!(
    PartnersOwn,
    |known| PartnersOwn(known.partners.clone()),
    |own| Some(own.0.as_str().into())
);
resource!(
    Article,
    |_| Article("https://unknown.example.test"),
    |article| Some(article.0.into())
);

#[get("/unnamed")]
fn unnamed(_own: Owned<Unnamed>) -> &'static str {
    "unnamed"
}

#[get("/tops")]
fn tops(_own: Owned<TopsOwn>) -> &'static str {
    "tops"
}

#[get("/staffs")]
fn staffs(_own: Owned<StaffsOwn>) -> &'static str {
    "staffs"
}

#[get("/partners")]
fn partners(_own: Owned<PartnersOwn>) -> &'static str {
    "partners"
}

#[get("/unknowns")]
fn unknowns(_own: Owned<Article>) -> &'static str {
    "unknowns"
}

/// Three issuers: one at the top level, staff and partners; each with an audience and claim names
/// of its own.
struct World {
    top: TestIssuer,
    staff: TestIssuer,
    partners: TestIssuer,
    app: App,
}

impl World {
    fn new() -> World {
        let top = offline();
        let staff = TestIssuer::builder().audience(AUDIENCE).start();
        let partners = TestIssuer::builder().audience("partner-api").start();
        let config = Config {
            issuers: vec![staff_config(&staff), partners_config(&partners)],
            ..config(&top)
        };
        let routes = routes![
            scope,
            role,
            permission,
            lacks,
            lists,
            who,
            staff_editors,
            either,
            unnamed,
            tops,
            staffs,
            partners_route,
            unknowns
        ];
        let addresses = Addresses {
            staff: staff.url().into(),
            partners: partners.url().into(),
        };
        let rocket = rocket(AxiomsFairing::from_config(config).with_keys(top.jwks()))
            .manage(addresses)
            .mount("/", routes)
            .mount("/", routes![self::staff])
            .mount(
                "/",
                protect::<IssuedBy<Partners, Authenticated>>(routes![group]),
            );
        World {
            app: App::launch(rocket),
            top,
            staff,
            partners,
        }
    }
}

use partners as partners_route;

fn staff_config(issuer: &TestIssuer) -> IssuerConfig {
    IssuerConfig {
        name: Some("staff".into()),
        iss_url: Some(issuer.url().into()),
        roles_claims: Some(list(&["realm_access.roles"])),
        ..IssuerConfig::default()
    }
}

fn partners_config(issuer: &TestIssuer) -> IssuerConfig {
    IssuerConfig {
        name: Some("partners".into()),
        iss_url: Some(issuer.url().into()),
        audience: Some(vec!["partner-api".into()]),
        scope_claims: Some(list(&["grants"])),
        permissions_claims: Some(list(&["https://partners.example/rights"])),
        ..IssuerConfig::default()
    }
}

#[test]
fn row_6_16_each_issuers_token_is_verified_with_its_own_keys_and_audience() {
    let World {
        top,
        staff,
        partners,
        app,
    } = World::new();
    app.get("/who", &top.token().subject("t").sign())
        .passes(&format!("t for {AUDIENCE}"));
    app.get("/who", &staff.token().subject("s").sign())
        .passes(&format!("s for {AUDIENCE}"));
    app.get("/who", &partners.token().subject("p").sign())
        .passes("p for partner-api");

    // The audience of another issuer does not do.
    app.get("/who", &partners.token().audience(AUDIENCE).sign())
        .invalid("Invalid token audience");
    app.get("/who", &top.token().audience("partner-api").sign())
        .invalid("Invalid token audience");
    app.get("/who", &staff.token().audience("partner-api").sign())
        .invalid("Invalid token audience");
    // Nor do the keys of another one, under its own `kid` or the other's.
    for (named, signer) in [
        (&top, &staff),
        (&staff, &partners),
        (&partners, &top),
        (&staff, &top),
    ] {
        let stolen = signer
            .token()
            .issuer(named.url())
            .audience(named.audience());
        app.get("/who", &stolen.sign())
            .invalid("Unknown signing key");
        let disguised = named.token().signed_by(signer);
        app.get("/who", &disguised.sign())
            .invalid("Invalid token signature");
    }
    for unknown in [
        "https://other.example.test",
        "",
        &format!("{ISSUER}/"),
        &staff.url().to_uppercase(),
    ] {
        app.get("/who", &top.token().issuer(unknown).sign())
            .invalid("Invalid token issuer");
    }
}

#[test]
fn row_6_16_each_issuers_claims_are_read_under_its_own_names() {
    let World {
        top,
        staff,
        partners,
        app,
    } = World::new();
    let named = |issuer: &TestIssuer| {
        let usual = issuer
            .token()
            .scope("openid")
            .roles(["editor"])
            .permissions(["sample:create"]);
        let nested = usual
            .claim("realm_access", json!({ "roles": ["auditor"] }))
            .claim("grants", "profile");
        nested
            .claim("https://partners.example/rights", json!(["partner:read"]))
            .sign()
    };
    app.get("/lists", &named(&top))
        .passes("openid;editor;sample:create");
    app.get("/lists", &named(&staff))
        .passes("openid;auditor;sample:create");
    app.get("/lists", &named(&partners))
        .passes("profile;editor;partner:read");

    app.get("/role", &named(&top)).passes("role");
    app.get("/role", &named(&staff)).insufficient();
    app.get("/lacks", &named(&staff)).passes("lacks");
    app.get("/permission", &named(&partners)).insufficient();
    // Without its own name a claim is absent, and absence lacks nothing.
    app.get("/lacks", &staff.token().roles(["viewer"]).sign())
        .insufficient();
}

#[test]
fn a_guard_for_one_issuer_accepts_no_other() {
    let World {
        top,
        staff,
        partners,
        app,
    } = World::new();
    app.get("/staff", &staff.token().sign()).passes("staff");
    app.get("/staff", &top.token().sign()).insufficient();
    app.get("/staff", &partners.token().sign()).insufficient();
    app.anonymous("/staff").missing();

    let editor = json!({ "roles": ["editor"] });
    app.get(
        "/staff-editors",
        &staff.token().claim("realm_access", editor.clone()).sign(),
    )
    .passes("staff editors");
    app.get("/staff-editors", &staff.token().roles(["editor"]).sign())
        .insufficient();
    let elsewhere = top
        .token()
        .roles(["editor"])
        .claim("realm_access", editor.clone());
    app.get("/staff-editors", &elsewhere.sign()).insufficient();

    app.get(
        "/either",
        &staff.token().claim("realm_access", editor).sign(),
    )
    .passes("either");
    app.get(
        "/either",
        &partners.token().claim("grants", "openid").sign(),
    )
    .passes("either");
    app.get(
        "/either",
        &staff
            .token()
            .claim("grants", "openid")
            .scope("openid")
            .sign(),
    )
    .insufficient();
    app.get("/either", &partners.token().roles(["editor"]).sign())
        .insufficient();
    let answer = app.get(
        "/either",
        &top.token().scope("openid").roles(["editor"]).sign(),
    );
    answer.insufficient();
    assert!(
        answer
            .challenge
            .is_some_and(|c| c.ends_with(", scope=\"openid\""))
    );

    app.get("/group", &partners.token().sign()).passes("group");
    app.get("/group", &staff.token().sign()).insufficient();
}

#[test]
fn row_6_17_the_subject_of_one_issuer_is_not_that_of_another() {
    let World {
        top,
        staff,
        partners,
        app,
    } = World::new();
    for (owner, (path, body)) in [
        ("/tops", "tops"),
        ("/staffs", "staffs"),
        ("/partners", "partners"),
    ]
    .into_iter()
    .enumerate()
    {
        for (issuer, token) in [&top, &staff, &partners]
            .map(|issuer| issuer.token().subject("alice").sign())
            .iter()
            .enumerate()
        {
            let answer = app.get(path, token);
            if issuer == owner {
                answer.passes(body);
            } else {
                answer.refused(403, "insufficient_scope", "You do not own this resource");
            }
        }
    }
    for issuer in [&top, &staff, &partners] {
        for path in ["/unknowns", "/unnamed"] {
            let answer = app.get(path, &issuer.token().subject("alice").sign());
            answer.refused(403, "insufficient_scope", "You do not own this resource");
        }
    }
}

#[test]
fn row_6_17_where_iss_is_not_checked_no_subject_owns_anything() {
    let issuer = TestIssuer::builder().audience(AUDIENCE).start();
    let keys_alone = Config {
        audience: vec![AUDIENCE.into()],
        ..Config::default()
    };
    let url_alone = Config {
        jwks_url: Some(issuer.jwks_url().to_owned()),
        ..keys_alone.clone()
    };
    for fairing in [
        AxiomsFairing::from_config(keys_alone).with_keys(issuer.jwks()),
        AxiomsFairing::from_config(url_alone),
    ] {
        let addresses = Addresses {
            staff: issuer.url().into(),
            partners: "https://other.example.test".into(),
        };
        let routes = routes![unnamed, staffs, partners_route, who];
        let (client, log) = recorder::launch(rocket(fairing).manage(addresses).mount("/", routes));
        let app = App(client.unwrap_or_else(|error| panic!("{error}: {}", log.0)));
        let own = issuer.token().subject("alice");
        app.get("/who", &own.clone().sign())
            .passes(&format!("alice for {AUDIENCE}"));
        for token in [
            own.clone(),
            own.clone().issuer("https://other.example.test"),
            own.without("iss"),
        ] {
            let token = token.sign();
            for path in ["/unnamed", "/staffs", "/partners"] {
                let answer = app.get(path, &token);
                answer.refused(403, "insufficient_scope", "You do not own this resource");
            }
        }
    }
}

#[test]
fn row_6_17_of_several_issuers_an_owner_without_issuer_owns_nothing() {
    let staff = TestIssuer::builder().audience(AUDIENCE).start();
    let partners = TestIssuer::builder().audience("partner-api").start();
    let config = Config {
        audience: vec![AUDIENCE.into()],
        issuers: vec![staff_config(&staff), partners_config(&partners)],
        ..Config::default()
    };
    let addresses = Addresses {
        staff: staff.url().into(),
        partners: partners.url().into(),
    };
    let rocket = rocket(AxiomsFairing::from_config(config)).manage(addresses);
    let app = App::launch(rocket.mount("/", routes![unnamed, staffs, self::staff]));
    for issuer in [&staff, &partners] {
        let answer = app.get("/unnamed", &issuer.token().subject("alice").sign());
        answer.refused(403, "insufficient_scope", "You do not own this resource");
    }
    app.get("/staffs", &staff.token().subject("alice").sign())
        .passes("staffs");
    app.get("/staff", &staff.token().sign()).passes("staff");
    app.get("/staff", &partners.token().sign()).insufficient();
}

/// Returns true if an application of `routes` starts with the issuers staff and partners.
fn starts(routes: Vec<Route>) -> bool {
    let (top, staff, partners) = (offline(), offline(), offline());
    let known = |name: &str, issuer: &TestIssuer| IssuerConfig {
        name: Some(name.into()),
        iss_url: Some(format!("{}/{name}", issuer.url())),
        ..IssuerConfig::default()
    };
    let config = Config {
        issuers: vec![known("staff", &staff), known("partners", &partners)],
        jwks_prefetch: axioms_rocket::JwksPrefetch::Never,
        ..config(&top)
    };
    let rocket =
        rocket(AxiomsFairing::from_config(config).with_keys(top.jwks())).mount("/", routes);
    match rocket::local::blocking::Client::untracked(rocket) {
        Ok(_) => true,
        Err(error) => {
            assert!(
                matches!(error.kind(), ErrorKind::SentinelAborts(_)),
                "{error}"
            );
            false
        }
    }
}

mod unknown {
    use super::*;

    type Named = Any<(
        Scopes<Profile>,
        All<(Roles<Editor>, IssuedBy<Unconfigured, Authenticated>)>,
    )>;

    #[get("/")]
    pub fn alone(_from: IssuedBy<Unconfigured, Authenticated>) {}

    #[get("/")]
    pub fn nested(
        _from: Any<(
            IssuedBy<Staff, Authenticated>,
            IssuedBy<Unconfigured, Authenticated>,
        )>,
    ) {
    }

    #[get("/")]
    pub fn deep(
        _from: All<(
            Any<(Roles<Editor>, All<(IssuedBy<Unconfigured, Roles<Editor>>,)>)>,
            Authenticated,
        )>,
    ) {
    }

    #[get("/")]
    pub fn named(_from: Named) {}

    #[get("/")]
    pub fn inside_another(_from: IssuedBy<Staff, IssuedBy<Unconfigured, Authenticated>>) {}

    #[get("/")]
    pub fn always(_from: Always<IssuedBy<Unconfigured, Authenticated>>) {}

    #[get("/")]
    pub fn unless(_from: Unless<Reads, IssuedBy<Unconfigured, Authenticated>>) {}

    #[get("/")]
    pub fn optional(_from: Optional<IssuedBy<Unconfigured, Authenticated>>) {}

    #[get("/")]
    pub fn options(_from: Option<IssuedBy<Unconfigured, Authenticated>>) {}
}

mod known {
    use super::*;

    #[get("/")]
    pub fn every(
        _one: IssuedBy<Staff, Authenticated>,
        _two: Any<(IssuedBy<Partners, Authenticated>, Scopes<Profile>)>,
        _three: Optional<IssuedBy<Staff, Authenticated>>,
        _four: Optional<ValidToken>,
    ) {
    }
}

#[test]
fn a_guard_that_names_an_unknown_issuer_aborts_the_launch() {
    assert!(starts(routes![known::every]));
    assert!(!starts(routes![unknown::alone]));
    assert!(!starts(routes![unknown::nested]), "nested in Any");
    assert!(!starts(routes![unknown::deep]), "nested deeply");
    assert!(!starts(routes![unknown::named]), "behind a name");
    assert!(!starts(routes![unknown::inside_another]), "in another one");
    assert!(!starts(routes![unknown::always]), "in Always");
    assert!(!starts(routes![unknown::unless]), "in Unless");
    assert!(!starts(routes![unknown::options]), "in Option");
    assert!(!starts(routes![unknown::optional]), "in Optional");
}

#[test]
fn a_later_group_for_an_unknown_issuer_is_logged_and_refuses() {
    let top = offline();
    let fairing = AxiomsFairing::from_config(config(&top)).with_keys(top.jwks());
    let later = AdHoc::on_ignite("later", |rocket| async {
        rocket.mount(
            "/",
            protect::<IssuedBy<Unconfigured, Authenticated>>(routes![group]),
        )
    });
    let (app, log) = recorder::launch(rocket(fairing).attach(later));
    let error = "AxiomsFairing: protect names issuer \"unconfigured\", which is not configured: \
                 its guard refuses every request";
    assert_eq!(log.line("protect names"), ("ERROR", error));
    App(app.unwrap())
        .get("/group", &full_token(&top).sign())
        .insufficient();
}

#[test]
fn a_guard_of_health_for_an_unknown_issuer_aborts_the_launch() {
    let top = offline();
    let launch = |routes| {
        let fairing = AxiomsFairing::from_config(config(&top)).with_keys(top.jwks());
        recorder::launch(rocket(fairing).mount("/health", routes))
    };
    let (app, log) = launch(health::routes_guarded::<
        IssuedBy<Unconfigured, Authenticated>,
    >());
    let error = app.expect_err("an unknown issuer");
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)));
    let error = "AxiomsFairing: health::routes_guarded names issuer \"unconfigured\", \
                 which is not configured";
    assert_eq!(log.line("names issuer"), ("ERROR", error));
    let (app, _) = launch(health::routes_guarded::<Authenticated>());
    let report = RouteReport::of(app.expect("it starts").rocket());
    // Asked for details alone: no part of what the route requires.
    let is_open = |route: &axioms_rocket::ReportedRoute| route.requirement().is_none();
    assert!(report.routes().iter().all(is_open), "{report}");
}

#[test]
fn a_group_for_an_unknown_issuer_aborts_the_launch() {
    let top = offline();
    let fails = |routes: Vec<rocket::Route>| {
        let fairing = AxiomsFairing::from_config(config(&top)).with_keys(top.jwks());
        match rocket::local::blocking::Client::untracked(rocket(fairing).mount("/", routes)) {
            Ok(_) => false,
            Err(error) => {
                assert!(
                    matches!(error.kind(), ErrorKind::FailedFairings(_)),
                    "{error}"
                );
                true
            }
        }
    };
    assert!(fails(protect::<IssuedBy<Unconfigured, Authenticated>>(
        routes![group]
    )));
    assert!(
        fails(protect::<
            Any<(Roles<Editor>, IssuedBy<Unconfigured, Authenticated>)>,
        >(routes![group])),
        "nested in Any"
    );
    assert!(
        fails(protect::<Authenticated>(protect::<
            IssuedBy<Unconfigured, Authenticated>,
        >(routes![group]))),
        "an inner group"
    );
    assert!(!fails(protect::<Authenticated>(routes![group])));
}

#[test]
fn a_group_finds_its_issuer_by_a_name_of_any_letters() {
    let top = offline();
    let named = |name: &str| IssuerConfig {
        name: Some(name.into()),
        iss_url: Some(ISSUER.into()),
        ..IssuerConfig::default()
    };
    let issuers = vec![named(Joined::NAME)];
    let config = Config {
        issuers,
        iss_url: None,
        ..config(&top)
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(top.jwks());
    let group = protect::<IssuedBy<Joined, Authenticated>>(routes![group]);
    let app = App::launch(rocket(fairing).mount("/", group));
    app.get("/group", &full_token(&top).sign()).passes("group");
}
