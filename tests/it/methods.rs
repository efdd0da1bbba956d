//! Chapter 6 of docs/behaviour.md: rows that depend on the HTTP method.

use axioms_rocket::{
    All, Always, Any, Authenticated, Config, Decision, Lacks, Optional, Permissions, Policy,
    Require, Requirement, Roles, Scopes, Unless, ValidToken, methods, protect,
};
use rocket::http::Method;
use rocket::{delete, get, head, options, post, routes};

use crate::authorization::{guarded, guarded_by};
use crate::support::{Answer, App, Create, Editor, Profile, Read, config, offline};

struct Never;

impl Policy for Never {
    fn decide(_: &ValidToken) -> Decision {
        Decision::Deny
    }

    fn requirement() -> Requirement {
        Requirement::Custom("an impossible right")
    }
}

/// Every guard that only authorises, on OPTIONS.
mod safe {
    use super::*;

    #[options("/scopes")]
    pub fn scopes(_guard: Scopes<Profile>) -> &'static str {
        "safe"
    }

    #[options("/roles")]
    pub fn roles(_guard: Roles<Editor>) -> &'static str {
        "safe"
    }

    #[options("/permissions")]
    pub fn permissions(_guard: Permissions<Create>) -> &'static str {
        "safe"
    }

    #[options("/any")]
    pub fn any(_guard: Any<(Scopes<Profile>, Roles<Editor>)>) -> &'static str {
        "safe"
    }

    #[options("/all")]
    pub fn all(_guard: All<(Scopes<Profile>, Roles<Editor>)>) -> &'static str {
        "safe"
    }

    #[options("/lacks")]
    pub fn lacks(_guard: Lacks<Roles<Editor>>) -> &'static str {
        "safe"
    }

    #[options("/authenticated")]
    pub fn authenticated(_guard: Authenticated) -> &'static str {
        "safe"
    }

    #[options("/require")]
    pub fn require(_guard: Require<Never>) -> &'static str {
        "safe"
    }

    #[options("/unless")]
    pub fn unless(_guard: Unless<Reads, Scopes<Profile>>) -> &'static str {
        "safe"
    }

    #[options("/protect")]
    pub fn group() -> &'static str {
        "safe"
    }

    pub const PATHS: [&str; 10] = [
        "/scopes",
        "/roles",
        "/permissions",
        "/any",
        "/all",
        "/lacks",
        "/authenticated",
        "/require",
        "/unless",
        "/protect",
    ];

    pub fn routes() -> Vec<rocket::Route> {
        let alone = routes![
            scopes,
            roles,
            permissions,
            any,
            all,
            lacks,
            authenticated,
            require,
            unless
        ];
        alone
            .into_iter()
            .chain(protect::<Require<Never>>(routes![group]))
            .collect()
    }
}

methods! {
    Reads = Get | Head;
    Writes = Post | Put | Patch | Delete;
}

#[test]
fn row_6_6_a_safe_method_passes_every_guard_that_only_authorises() {
    let issuer = offline();
    let app = guarded(&issuer, safe::routes());
    for path in safe::PATHS {
        app.call(Method::Options, path, &[]).passes("safe");
    }
}

#[test]
fn row_6_8_on_a_safe_method_an_invalid_token_is_not_read() {
    let issuer = offline();
    let app = guarded(&issuer, safe::routes());
    let expired = format!("Bearer {}", issuer.token().expired().sign());
    let weak = format!("Bearer {}", issuer.token().sign());
    for path in safe::PATHS {
        for credentials in [
            &["Bearer x.y.z"][..],
            &["Bearer"],
            &["Basic dTpw"],
            &[&expired],
            &[&weak],
            &[&weak, &weak],
        ] {
            app.call(Method::Options, path, credentials).passes("safe");
        }
    }
}

#[options("/token")]
fn token(token: ValidToken) -> String {
    token.subject().unwrap_or("guest").to_owned()
}

#[options("/typed")]
fn typed(token: ValidToken<rocket::serde::json::Value>) -> String {
    token.claims()["sub"].as_str().unwrap_or("guest").to_owned()
}

#[options("/optional")]
fn optional(token: Optional<ValidToken>) -> String {
    token
        .as_ref()
        .and_then(ValidToken::subject)
        .unwrap_or("guest")
        .to_owned()
}

#[options("/always")]
fn always(_someone: Always<Scopes<Profile>>) -> &'static str {
    "always"
}

#[test]
fn row_6_7_a_safe_method_invents_no_data() {
    let issuer = offline();
    let app = guarded(&issuer, routes![token, typed, optional]);
    let good = format!("Bearer {}", issuer.token().subject("alice").sign());
    for path in ["/token", "/typed"] {
        app.call(Method::Options, path, &[]).missing();
        app.call(Method::Options, path, &["Bearer x.y.z"])
            .invalid("Malformed token");
        app.call(Method::Options, path, &[&good]).passes("alice");
    }
    app.call(Method::Options, "/optional", &[]).passes("guest");
    app.call(Method::Options, "/optional", &["Bearer x.y.z"])
        .invalid("Malformed token");
    app.call(Method::Options, "/optional", &[&good])
        .passes("alice");
}

#[test]
fn always_is_asked_on_safe_methods_too() {
    let issuer = offline();
    let app = guarded(&issuer, routes![always]);
    app.call(Method::Options, "/always", &[]).missing();
    app.call(Method::Options, "/always", &["Bearer x.y.z"])
        .invalid("Malformed token");
    app.call(
        Method::Options,
        "/always",
        &[&format!("Bearer {}", issuer.token().sign())],
    )
    .insufficient();
    let good = format!("Bearer {}", issuer.token().scope("openid").sign());
    app.call(Method::Options, "/always", &[&good])
        .passes("always");
}

/// One guard on five methods.
mod five {
    use super::*;

    #[get("/five")]
    pub fn read(_guard: Scopes<Read>) -> &'static str {
        "passed"
    }

    #[head("/five", rank = 2)]
    pub fn ask_head(_guard: Scopes<Read>) -> &'static str {
        "passed"
    }

    #[options("/five")]
    pub fn ask_options(_guard: Scopes<Read>) -> &'static str {
        "passed"
    }

    #[post("/five")]
    pub fn create(_guard: Scopes<Read>) -> &'static str {
        "passed"
    }

    #[delete("/five")]
    pub fn remove(_guard: Scopes<Read>) -> &'static str {
        "passed"
    }

    pub fn app(safe_methods: &[&str]) -> App {
        let issuer = offline();
        let safe_methods = safe_methods
            .iter()
            .map(|method| (*method).to_owned())
            .collect();
        guarded_by(
            &issuer,
            Config {
                safe_methods,
                ..config(&issuer)
            },
            routes![read, ask_head, ask_options, create, remove],
        )
    }
}

#[test]
fn the_safe_methods_are_those_that_the_configuration_lists() {
    use Method::{Delete, Get, Head, Options, Post};
    for (listed, safe) in [
        (&["OPTIONS"][..], &[Options][..]),
        // HEAD is safe where GET is.
        (&["GET", "OPTIONS"], &[Get, Head, Options]),
        (&["HEAD"], &[Head]),
        (&["GET", "HEAD", "OPTIONS"], &[Get, Head, Options]),
        (&["DELETE"], &[Delete]),
        (&[], &[]),
    ] {
        let app = five::app(listed);
        for method in [Get, Head, Options, Post, Delete] {
            let answer = app.call(method, "/five", &[]);
            let expected = if safe.contains(&method) { 200 } else { 401 };
            assert_eq!(
                answer.status, expected,
                "{method} with {listed:?}: {answer:?}"
            );
            assert_eq!(
                answer.challenge.is_some(),
                expected == 401,
                "{method} with {listed:?}: {answer:?}"
            );
        }
    }
}

/// HEAD as a client would ask: answers carry no body to compare.
fn head(app: &App, path: &str, credentials: &[&str]) -> (u16, Option<String>) {
    let Answer {
        status, challenge, ..
    } = app.call(Method::Head, path, credentials);
    (status, challenge)
}

#[get("/page")]
fn page(_guard: Scopes<Profile>) -> &'static str {
    "page"
}

#[test]
fn row_6_9_head_on_a_get_route_is_decided_by_its_guards() {
    let issuer = offline();
    let realm = "Bearer realm=\"https://issuer.example.test\"";
    let good = format!("Bearer {}", issuer.token().scope("openid").sign());
    let weak = format!("Bearer {}", issuer.token().sign());
    for safe in [&["OPTIONS"][..], &["HEAD"], &[]] {
        let safe_methods = safe.iter().map(|method| (*method).to_owned()).collect();
        let app = guarded_by(
            &issuer,
            Config {
                safe_methods,
                ..config(&issuer)
            },
            routes![page],
        );
        // Rocket answers HEAD by the GET route: a safe HEAD opens nothing.
        assert_eq!(
            head(&app, "/page", &[]),
            (401, Some(format!("{realm}, scope=\"openid\""))),
            "{safe:?}"
        );
        let (status, challenge) = head(&app, "/page", &[&weak]);
        assert_eq!(
            (
                status,
                challenge.is_some_and(|c| c.contains("insufficient_scope"))
            ),
            (403, true),
            "{safe:?}"
        );
        assert_eq!(head(&app, "/page", &[&good]), (200, None), "{safe:?}");
    }
    let safe_get = Config {
        safe_methods: vec!["GET".into()],
        ..config(&issuer)
    };
    assert_eq!(
        head(&guarded_by(&issuer, safe_get, routes![page]), "/page", &[]),
        (200, None)
    );
}

/// Anyone reads, members write.
mod notes {
    use super::*;

    #[get("/notes")]
    pub fn read() -> &'static str {
        "read"
    }

    #[post("/notes")]
    pub fn write() -> &'static str {
        "written"
    }

    #[delete("/notes")]
    pub fn remove(token: ValidToken) -> String {
        format!("removed by {}", token.subject().unwrap_or("guest"))
    }

    #[get("/drafts")]
    pub fn drafts(token: Unless<Writes, ValidToken>) -> String {
        token
            .into_inner()
            .as_ref()
            .and_then(ValidToken::subject)
            .unwrap_or("skipped")
            .to_owned()
    }

    #[post("/drafts")]
    pub fn draft(token: Unless<Writes, ValidToken>) -> String {
        token
            .as_ref()
            .and_then(ValidToken::subject)
            .unwrap_or("skipped")
            .to_owned()
    }
}

#[test]
fn unless_skips_its_guard_for_the_listed_methods_alone() {
    let issuer = offline();
    let group =
        protect::<Unless<Reads, ValidToken>>(routes![notes::read, notes::write, notes::remove]);
    let app = guarded(&issuer, group);
    let good = format!("Bearer {}", issuer.token().subject("alice").sign());
    for credentials in [&[][..], &["Bearer x.y.z"], &["Basic dTpw"], &[&good]] {
        app.call(Method::Get, "/notes", credentials).passes("read");
        assert_eq!(head(&app, "/notes", credentials), (200, None));
    }
    for method in [Method::Post, Method::Delete] {
        app.call(method, "/notes", &[]).missing();
        app.call(method, "/notes", &["Bearer x.y.z"])
            .invalid("Malformed token");
    }
    app.call(Method::Post, "/notes", &[&good]).passes("written");
    app.call(Method::Delete, "/notes", &[&good])
        .passes("removed by alice");
}

#[test]
fn unless_hands_on_its_guard_when_it_was_asked() {
    let issuer = offline();
    let app = guarded(&issuer, routes![notes::drafts, notes::draft]);
    let good = format!("Bearer {}", issuer.token().subject("alice").sign());
    app.call(Method::Get, "/drafts", &[&good]).passes("alice");
    app.call(Method::Get, "/drafts", &[]).missing();
    assert_eq!(head(&app, "/drafts", &[]).0, 401);
    app.call(Method::Post, "/drafts", &[&good])
        .passes("skipped");
    app.call(Method::Post, "/drafts", &["Bearer x.y.z"])
        .passes("skipped");
}

#[get("/feed")]
fn feed(token: Optional<ValidToken>) -> String {
    format!(
        "Welcome {}",
        token
            .into_inner()
            .as_ref()
            .and_then(ValidToken::subject)
            .unwrap_or("guest")
    )
}

#[get("/archive")]
fn archive(scope: Optional<Scopes<Profile>>) -> &'static str {
    if scope.as_ref().is_some() {
        "all of it"
    } else {
        "the public part"
    }
}

#[get("/lenient")]
fn lenient(token: Option<ValidToken>) -> String {
    format!(
        "Welcome {}",
        token
            .as_ref()
            .and_then(ValidToken::subject)
            .unwrap_or("guest")
    )
}

#[test]
fn row_6_10_optional_is_none_some_or_the_refusal() {
    let issuer = offline();
    let app = guarded(&issuer, routes![feed, archive, lenient]);
    let alice = issuer.token().subject("alice").scope("openid").sign();
    for absent in [&[][..], &["Basic dTpw"], &[""]] {
        app.call(Method::Get, "/feed", absent)
            .passes("Welcome guest");
        app.call(Method::Get, "/archive", absent)
            .passes("the public part");
    }
    app.get("/feed", &alice).passes("Welcome alice");
    app.get("/archive", &alice).passes("all of it");
    for path in ["/feed", "/archive"] {
        app.get(path, &issuer.token().expired().sign())
            .invalid("Token has expired");
        app.get(path, &issuer.token().tampered().sign())
            .invalid("Invalid token signature");
        app.get(path, "x.y.z").invalid("Malformed token");
        app.call(Method::Get, path, &["Bearer"])
            .invalid("Invalid Authorization header");
        let two = app.call(
            Method::Get,
            path,
            &[&format!("Bearer {alice}"), "Basic dTpw"],
        );
        two.refused(400, "invalid_request", "Invalid Authorization header");
    }
    // A token that is good and not enough is no guest either.
    app.get("/archive", &issuer.token().sign()).insufficient();
    // Rocket's own Option cannot tell; the documentation of `ValidToken` says so.
    app.get("/lenient", &issuer.token().expired().sign())
        .passes("Welcome guest");
}

#[get("/both")]
fn both(_scope: Optional<Scopes<Profile>>, _role: Roles<Editor>) -> &'static str {
    "both"
}

#[test]
fn some_in_optional_means_that_the_guard_passed_on_safe_methods_too() {
    let issuer = offline();
    let safe = Config {
        safe_methods: vec!["GET".into(), "HEAD".into()],
        ..config(&issuer)
    };
    let app = guarded_by(&issuer, safe, routes![archive, both]);
    app.anonymous("/archive").passes("the public part");
    app.get("/archive", "x").invalid("Malformed token");
    app.get("/archive", &issuer.token().expired().sign())
        .invalid("Token has expired");
    app.get("/archive", &issuer.token().scope("other").sign())
        .insufficient();
    app.get("/archive", &issuer.token().scope("openid").sign())
        .passes("all of it");
    assert_eq!(head(&app, "/archive", &["Bearer x"]).0, 401);
    // The guard beside it does not read the token: its method is safe.
    app.get("/both", &issuer.token().scope("openid").sign())
        .passes("both");
    app.anonymous("/both").passes("both");
}
