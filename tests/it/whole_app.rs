//! `examples/whole_app.rs` over HTTP: deny by default, with exceptions.

use axioms_rocket::testing::{AccessTable, Persona, TestIssuer};
use axioms_rocket::{AxiomsFairing, RouteReport};
use rocket::http::Method;

use crate::support::{App, config, offline};

#[path = "../../examples/whole_app.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own")]
mod example;

fn launched() -> (TestIssuer, App) {
    let issuer = offline();
    let figment = rocket::Config::figment().merge(("log_level", "off"));
    let protection = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let app = App::launch(example::api(figment, protection));
    (issuer, app)
}

#[test]
fn a_route_without_a_guard_and_an_unknown_path_are_closed() {
    let (issuer, app) = launched();
    let bob = issuer.token().subject("bob").sign();
    app.anonymous("/profile").missing();
    app.get("/profile", "x.y.z").invalid("Malformed token");
    app.get("/profile", &bob).passes("for members");
    for path in [
        "/",
        "/profile/deeper",
        "/profiles",
        "/admin",
        "/admin/unknown",
        "/healthy",
        "/no/such/path",
    ] {
        for method in [
            Method::Get,
            Method::Post,
            Method::Put,
            Method::Patch,
            Method::Delete,
        ] {
            app.call(method, path, &[]).missing();
        }
        assert_eq!(app.call(Method::Head, path, &[]).status, 401, "{path}");
        assert_eq!(app.get(path, &bob).status, 404, "{path}");
    }
    // A preflight carries no token.
    assert_eq!(app.call(Method::Options, "/profile", &[]).status, 404);
}

#[test]
fn the_exceptions_are_open() {
    let (issuer, app) = launched();
    app.anonymous("/health").passes("up");
    app.get("/health", "x.y.z").passes("up");
    app.anonymous("/feed").passes("Welcome guest");
    app.get("/feed", &issuer.token().subject("alice").sign())
        .passes("Welcome alice");
    app.get("/feed", &issuer.token().without("sub").sign())
        .passes("Welcome guest");
    // The exception is from the rule, not from the route's own guard: a bad token is no guest.
    app.get("/feed", &issuer.token().expired().sign())
        .invalid("Token has expired");
}

#[test]
fn everyone_reads_the_notes_and_the_scope_writes_them() {
    let (issuer, app) = launched();
    let bearer =
        |token: axioms_rocket::testing::TokenBuilder<'_>| format!("Bearer {}", token.sign());
    let writer = bearer(issuer.token().scope("notes:write"));
    let member = bearer(issuer.token());
    let admin = bearer(issuer.token().roles(["admin"]));
    let both = bearer(issuer.token().scope("notes:write").roles(["admin"]));
    for credentials in [&[][..], &[member.as_str()], &["Bearer x.y.z"]] {
        app.call(Method::Get, "/notes", credentials).passes("[]");
        assert_eq!(app.call(Method::Head, "/notes", credentials).status, 200);
    }
    for method in [Method::Post, Method::Delete] {
        let answer = app.call(method, "/notes", &[]);
        answer.missing();
        assert!(
            answer
                .challenge
                .is_some_and(|c| c.ends_with(", scope=\"notes:write\""))
        );
        app.call(method, "/notes", &[&member]).insufficient();
        app.call(method, "/notes", &[&admin]).insufficient();
    }
    assert_eq!(app.call(Method::Post, "/notes", &[&writer]).status, 201);
    app.anonymous("/notes").passes("[\"\"]");
    // The group's rule and the route's own guard add up.
    app.call(Method::Delete, "/notes", &[&writer])
        .insufficient();
    assert_eq!(app.call(Method::Delete, "/notes", &[&both]).status, 204);
    app.anonymous("/notes").passes("[]");
}

#[test]
fn the_administrators_group_is_theirs() {
    let (issuer, app) = launched();
    app.anonymous("/admin/stats").missing();
    app.get("/admin/stats", &issuer.token().sign())
        .insufficient();
    app.get("/admin/stats", &issuer.token().roles(["admin"]).sign())
        .passes("0 notes");
}

#[test]
fn the_report_says_what_the_table_of_the_example_says() {
    let (_issuer, app) = launched();
    let report = RouteReport::of(app.0.rocket());
    let text = report.to_string();
    for line in [
        "everywhere: a valid token, except /health, /feed, /notes",
        "GET     /admin/stats  stats    role admin",
        "GET     /notes        notes    nothing: GET is exempt",
        "POST    /notes        write    scope notes:write",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line:?} in\n{text}"
        );
    }
}

#[test]
fn who_may_call_what_is_in_the_committed_table() {
    let (issuer, App(client)) = launched();
    let access = AccessTable::builder([
        Persona::guest(),
        Persona::expired(&issuer),
        Persona::bob(&issuer),
        Persona::alice(&issuer).scopes(["notes:write"]),
        Persona::new("root", issuer.token().scope("notes:write").roles(["admin"])),
    ]);
    let table = access.dispatched(&client);
    table.assert_agrees_with(&access.computed(client.rocket()));
    table.assert_file("tests/access/whole_app.md");
}
