//! `Direct` and `ActedBy<C>`: the party that acts for the subject (RFC 8693 §4.1).

use axioms_rocket::testing::{AccessTable, Alg, Persona, TestIssuer, token_with};
use axioms_rocket::{
    Acr, ActedBy, Any, AxiomsFairing, Claim, Decision, Direct, MaxAuthAge, Policy, Requirement,
    RouteReport, acrs, actors, claims, protect,
};
use rocket::http::Method;
use rocket::serde::json::{Value, json};
use rocket::{get, options, routes};

use crate::authorization::guarded;
use crate::recorder::record;
use crate::support::{App, ISSUER, config, offline, rocket};

actors! { pub Support = "support-desk" | "night-shift"; }

#[get("/password")]
fn password(_in_person: Direct) -> &'static str {
    "password"
}

#[get("/case")]
fn case(_by: ActedBy<Support>) -> &'static str {
    "case"
}

#[get("/orders")]
fn orders(_by: Any<(Direct, ActedBy<Support>)>) -> &'static str {
    "orders"
}

#[options("/password")]
fn preflight(_in_person: Direct) -> &'static str {
    "preflight"
}

#[test]
fn an_absent_claim_is_direct_and_a_listed_actor_acts() {
    let issuer = offline();
    let app = guarded(&issuer, routes![password, case, orders, preflight]);
    let alice = || issuer.token().subject("alice");
    let direct = alice().sign();
    app.get("/password", &direct).passes("password");
    app.get("/case", &direct).insufficient();
    app.get("/orders", &direct).passes("orders");
    for actor in ["support-desk", "night-shift"] {
        let acted = alice().actor(actor).sign();
        app.get("/password", &acted).insufficient();
        app.get("/case", &acted).passes("case");
        app.get("/orders", &acted).passes("orders");
    }
    let other = alice().actor("alice").sign();
    for path in ["/password", "/case", "/orders"] {
        app.get(path, &other).insufficient();
        app.anonymous(path).missing();
    }
    app.call(Method::Options, "/password", &[])
        .passes("preflight");
    // `may_act` is information only.
    let may = alice()
        .claim("may_act", json!({ "sub": "support-desk" }))
        .sign();
    app.get("/password", &may).passes("password");
    app.get("/case", &may).insufficient();
}

#[test]
fn nested_actors_are_information_only() {
    let nested = |outer: &str, inner: &str| {
        token_with(json!({ "act": { "sub": outer, "act": { "sub": inner } } }))
    };
    let by_support = nested("support-desk", "batch");
    assert_eq!(by_support.actor(), Some("support-desk"));
    assert_eq!(ActedBy::<Support>::decide(&by_support), Decision::Allow);
    let by_batch = nested("batch", "support-desk");
    assert_eq!(by_batch.actor(), Some("batch"));
    assert_eq!(ActedBy::<Support>::decide(&by_batch), Decision::Deny);
}

#[test]
fn a_malformed_act_neither_is_direct_nor_acts() {
    let issuer = offline();
    let app = guarded(&issuer, routes![password, case, orders]);
    for act in [
        json!(null),
        json!("support-desk"),
        json!(7),
        json!(false),
        json!([]),
        json!(["support-desk"]),
        json!([{ "sub": "support-desk" }]),
        json!({}),
        json!({ "sub": null }),
        json!({ "sub": 7 }),
        json!({ "sub": ["support-desk"] }),
        json!({ "sub": "" }),
        json!({ "sub": "Support-Desk" }),
        json!({ "sub": "support-desk " }),
        json!({ "sub": "support-desk night-shift" }),
        json!({ "act": { "sub": "support-desk" } }),
        json!({ "actor": "support-desk" }),
        // A subject of another issuer is another party.
        json!({ "sub": "support-desk", "iss": "https://other.example.test" }),
        json!({ "sub": "support-desk", "iss": 7 }),
    ] {
        let token = issuer.token().claim("act", act).sign();
        for path in ["/password", "/case", "/orders"] {
            app.get(path, &token).insufficient();
        }
    }
    for act in [
        json!({ "sub": "support-desk", "iss": ISSUER }),
        json!({ "sub": "support-desk", "iss": null, "email": "a@example.test" }),
    ] {
        let token = issuer.token().claim("act", act).sign();
        app.get("/case", &token).passes("case");
        app.get("/password", &token).insufficient();
    }
    // Parsers differ on which of two members counts.
    let claims = |act: &str| {
        format!(r#"{{"iss":"{ISSUER}","aud":"https://api.example.test","exp":4000000000,{act}}}"#)
    };
    for act in [
        r#""act":{"sub":"support-desk","sub":"support-desk"}"#,
        r#""act":{"sub":"support-desk","act":{"sub":"a","sub":"b"}}"#,
    ] {
        let token = raw(&issuer, &claims(act));
        for path in ["/password", "/case", "/orders"] {
            app.get(path, &token).insufficient();
        }
    }
    let twice = r#""act":{"sub":"a"},"act":{"sub":"support-desk"}"#;
    let token = raw(&issuer, &claims(twice));
    app.get("/case", &token).invalid("Malformed token");
}

#[test]
fn actors_are_in_report_requirement_and_log() {
    let rocket = rocket::build().mount("/", routes![orders, password]);
    let words: Vec<String> = RouteReport::of(&rocket)
        .routes()
        .iter()
        .map(|route| route.requirement().unwrap().to_string())
        .collect();
    assert_eq!(
        words,
        [
            "no actor or (actor support-desk or actor night-shift)",
            "no actor"
        ]
    );
    let listed = Requirement::ActedBy(&["support-desk", "night-shift"]);
    assert_eq!(ActedBy::<Support>::requirement(), listed);
    assert_eq!(Direct::requirement(), Requirement::Direct);
    for (act, answers) in [
        (None, [Decision::Allow, Decision::Deny]),
        (Some("support-desk"), [Decision::Deny, Decision::Allow]),
        (Some("batch"), [Decision::Deny, Decision::Deny]),
    ] {
        let claims = act.map_or(json!({}), |sub| json!({ "act": { "sub": sub } }));
        let token = token_with(claims);
        let decided = [&Requirement::Direct, &listed].map(|asked| asked.decide(Some(&token)));
        assert_eq!(decided, answers.map(Some), "{act:?}");
        assert_eq!(
            [Direct::decide(&token), ActedBy::<Support>::decide(&token)],
            answers
        );
    }
    assert_eq!(listed.decide(None), Some(Decision::Deny));
    assert_eq!(Requirement::Direct.decide(None), Some(Decision::Deny));

    let issuer = offline();
    let app = group_app(&issuer);
    let refused_line = |act: Value| {
        let token = issuer
            .token()
            .subject("alice")
            .id("j")
            .claim("act", act)
            .sign();
        let ((), log) = record(|| app.get("/password", &token).insufficient());
        log.line("refused").1.to_owned()
    };
    let line = refused_line(json!({ "sub": "batch" }));
    assert!(
        line.contains(r#"; asked no actor; claim "act": "batch"; kid="#),
        "{line}"
    );
    assert!(
        line.contains(r#" sub="alice" client=(none) actor="batch"; "#),
        "{line}"
    );
    let line = refused_line(json!({ "sub": 7 }));
    assert!(
        line.contains(r#"; asked no actor; claim "act": an object; kid="#),
        "{line}"
    );
    assert!(!line.contains("actor="), "{line}");
}

/// A signed token with exactly these claims.
fn raw(issuer: &TestIssuer, claims: &str) -> String {
    issuer.sign_raw(br#"{"alg":"ES256"}"#, claims.as_bytes(), Alg::Es256)
}

fn group_app(issuer: &TestIssuer) -> App {
    let fairing = AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks());
    App::launch(rocket(fairing).mount("/", protect::<Direct>(routes![password])))
}

#[get("/tenant")]
fn tenant(_tenant: Claim<OfAcme>) -> &'static str {
    "tenant"
}

#[get("/level")]
fn level(_level: Acr<Strong>, _may: Any<(Claim<OfAcme>, Direct)>) -> &'static str {
    "level"
}

#[get("/recent")]
fn recent(_recent: MaxAuthAge<300>) -> &'static str {
    "recent"
}

#[get("/contradiction")]
fn contradiction(_one: Acr<Strong>, _other: Acr<Sms>) -> &'static str {
    "contradiction"
}

claims! { pub OfAcme = "sub": starts "repo:acme/" | ends "@acme.com"; }
acrs! { pub Strong = "phr" | "mfa"; pub Sms = "sms"; }

const TABLE: &str = "\
| guest | forged | alice | strong | acted | acme | evil | route |
| ----- | ------ | ----- | ------ | ----- | ---- | ---- | ----- |
| 401   | 401    | 403   | 403    | 200   | 403  | 403  | `GET /case` |
| 401   | 401    | 403   | 403    | 403   | 403  | 403  | `GET /contradiction` |
| 401   | 401    | 401   | 200    | 403   | 401  | 401  | `GET /level` |
| 401   | 401    | 200   | 200    | 200   | 200  | 200  | `GET /orders` |
| 401   | 401    | 401   | 200    | 401   | 401  | 401  | `GET /recent` |
| 401   | 401    | 403   | 403    | 403   | 200  | 403  | `GET /tenant` |
";

#[test]
fn the_access_tables_of_claims_levels_and_actors_agree() {
    let issuer = offline();
    let routes = routes![case, contradiction, level, orders, recent, tenant];
    let app = guarded(&issuer, routes);
    let fresh = std::time::Duration::from_secs(1);
    let access = AccessTable::builder([
        Persona::guest(),
        Persona::forged(&issuer),
        Persona::alice(&issuer),
        Persona::new("strong", issuer.token().acr("mfa").authenticated_ago(fresh)),
        Persona::new("acted", issuer.token().actor("support-desk")),
        Persona::new("acme", issuer.token().subject("repo:acme/api")),
        Persona::new("evil", issuer.token().subject("repo:acme-evil/api")),
    ]);
    let dispatched = access.dispatched(&app.0);
    assert_eq!(dispatched.to_string(), TABLE);
    let computed = access.computed(app.0.rocket());
    assert_eq!(computed.to_string(), TABLE.replace("200 ", "pass"));
    dispatched.assert_agrees_with(&computed);
}
