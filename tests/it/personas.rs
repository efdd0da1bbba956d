//! The ready-made users of the module `testing`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axioms_rocket::testing::{Persona, assert_refused};

use crate::support::{App, app, offline};

#[test]
fn row_19_2_each_persona_is_answered_as_its_name_says() {
    let issuer = offline();
    let App(client) = app(&issuer);
    for (persona, name) in [
        (Persona::alice(&issuer), "alice"),
        (Persona::bob(&issuer), "bob"),
        (Persona::new("robot", issuer.token().subject("r2")), "r2"),
    ] {
        let response = persona.sends(client.get("/token")).dispatch();
        assert_eq!(response.into_string().as_deref(), Some(name));
        let refused = persona.sends(client.get("/scope")).dispatch();
        assert_refused!(refused, 403, "insufficient_scope");
    }
    let guest = Persona::guest();
    assert_refused!(
        guest.sends(client.get("/token")).dispatch(),
        401,
        "missing_token"
    );
    for (persona, name, description) in [
        (Persona::expired(&issuer), "expired", "Token has expired"),
        (
            Persona::forged(&issuer),
            "forged",
            "Invalid token signature",
        ),
        (
            Persona::misdirected(&issuer),
            "misdirected",
            "Invalid token audience",
        ),
    ] {
        assert_eq!(persona.name(), name);
        let response = persona.sends(client.get("/token")).dispatch();
        assert_refused!(response, 401, "invalid_token", description);
    }
}

#[test]
fn row_19_2_a_persona_has_the_rights_that_it_is_given() {
    let issuer = offline();
    let App(client) = app(&issuer);
    let alice = Persona::alice(&issuer);
    for (persona, path) in [
        (alice.clone().scopes(["openid"]), "/scope"),
        (alice.clone().roles(["editor"]), "/role"),
        (alice.clone().permissions(["sample:create"]), "/permission"),
        (alice.clone().claim("scope", "profile"), "/scope"),
        (alice.clone().subject("a-1"), "/someone"),
    ] {
        assert_eq!(persona.name(), "alice");
        let status = |persona: &Persona<'_>, path| {
            let response = persona.sends(client.get(path)).dispatch();
            response.status().code
        };
        for other in ["/scope", "/role", "/permission"] {
            let expected = if other == path { 200 } else { 403 };
            assert_eq!(status(&persona, other), expected, "{path} {other}");
        }
        assert_eq!(status(&persona, "/someone"), 200, "{path}");
    }
}

#[test]
fn a_guest_cannot_be_given_rights() {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        drop(Persona::guest().roles(["editor"]))
    }));
    let message = panic.expect_err("it has no token");
    assert_eq!(
        message.downcast_ref::<String>().map(String::as_str),
        Some("the persona `guest` has no token to change")
    );
}
