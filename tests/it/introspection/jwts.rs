//! `when = "always"`: JWTs too, after their own checks.

use axioms_rocket::IntrospectWhen;
use rocket::serde::json::{Value, json};

use super::server::{self, Call, Reply, response, text};
use super::{Fixture, NOW, SECOND, TOKEN, active, fixture, fixture_of};
use crate::support::{ISSUER, full_token};

fn always(script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Fixture {
    fixture(script, |table| table.when = IntrospectWhen::Always)
}

fn answering(answer: Value) -> Fixture {
    always(move |_| server::json(&answer))
}

#[test]
fn row_7_12_an_active_jwt_passes_with_its_own_claims() {
    // The answer has no `aud`: the audience is the JWT's affair. Its scope is not read.
    let fixture = answering(json!({ "active": true, "scope": "other", "roles": [] }));
    let token = full_token(&fixture.issuer).sign();
    for _ in 0..2 {
        fixture.app.get("/token", &token).passes("alice");
        fixture.app.get("/scope", &token).passes("scope");
        fixture.app.get("/role", &token).passes("role");
    }
    let calls = fixture.server.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].field("token"), token);
    fixture.clock.advance(60 * SECOND);
    fixture.app.get("/token", &token).passes("alice");
    assert_eq!(fixture.calls(), 2, "after cache_ttl");
    // Opaque tokens are asked about too: there is no other issuer.
    fixture.server.script(|_| server::json(&active()));
    fixture.app.get("/token", TOKEN).passes("alice");
}

#[test]
fn row_7_12_a_revoked_jwt_ends_with_the_remembered_answer() {
    let fixture = answering(json!({ "active": true }));
    let token = full_token(&fixture.issuer).sign();
    fixture.app.get("/token", &token).passes("alice");
    fixture.server.script(|_| text(r#"{"active":false}"#));
    fixture.app.get("/token", &token).passes("alice");
    fixture.clock.advance(60 * SECOND);
    fixture
        .app
        .get("/token", &token)
        .invalid("Token is not active");
    let calls = fixture.calls();
    fixture
        .app
        .get("/token", &token)
        .invalid("Token is not active");
    assert_eq!(fixture.calls(), calls, "within negative_ttl");
}

#[test]
fn row_7_12_what_its_own_checks_refuse_causes_no_call() {
    let fixture = answering(json!({ "active": true }));
    let issuer = &fixture.issuer;
    let token = || full_token(issuer);
    for (token, description) in [
        (token().expired().sign(), "Token has expired"),
        (token().tampered().sign(), "Invalid token signature"),
        (
            token().audience("https://other.test").sign(),
            "Invalid token audience",
        ),
        (
            token().issuer("https://other.test").sign(),
            "Invalid token issuer",
        ),
        (token().unsecured().sign(), "Unsupported algorithm"),
        (
            token().claim("typ", "Refresh").sign(),
            "Not an access token",
        ),
        (token().kid("unknown").sign(), "Unknown signing key"),
    ] {
        fixture.app.get("/token", &token).invalid(description);
    }
    assert_eq!(fixture.calls(), 0);
}

#[test]
fn row_7_12_the_answer_must_be_about_this_token() {
    for (members, description) in [
        (json!({ "sub": "mallory" }), "Token is not active"),
        (json!({ "sub": 7 }), "Token is not active"),
        (
            json!({ "iss": "https://other.test" }),
            "Invalid token issuer",
        ),
        (json!({ "iss": [ISSUER] }), "Invalid token issuer"),
        (json!({ "exp": "soon" }), "Malformed token"),
        (json!({ "exp": NOW - 60 }), "Token has expired"),
    ] {
        let mut answer = json!({ "active": true });
        for (name, value) in members.as_object().expect("an object") {
            answer[name] = value.clone();
        }
        let fixture = answering(answer);
        let token = full_token(&fixture.issuer).sign();
        fixture.app.get("/token", &token).invalid(description);
    }
    // Also where the settings name no issuer.
    let answer = json!({ "active": true, "iss": "https://other.test" });
    let fixture = fixture_of(
        move |_| server::json(&answer),
        |config| {
            config.iss_url = None;
            let table = config.introspection.as_mut().expect("it is set");
            table.when = IntrospectWhen::Always;
        },
    );
    let token = full_token(&fixture.issuer).sign();
    let answer = fixture.app.get("/token", &token);
    answer.invalid("Invalid token issuer");
    let named = json!({ "active": true, "sub": "alice", "iss": ISSUER, "exp": null });
    let fixture = answering(named);
    let token = full_token(&fixture.issuer).sign();
    fixture.app.get("/token", &token).passes("alice");
}

#[test]
fn row_7_12_the_answer_may_only_shorten_exp() {
    let fixture = answering(json!({ "active": true, "exp": NOW + 10 }));
    let token = full_token(&fixture.issuer).sign();
    fixture.app.get("/token", &token).passes("alice");
    fixture.clock.advance(39 * SECOND);
    fixture.app.get("/token", &token).passes("alice");
    assert_eq!(fixture.calls(), 1);
    fixture.clock.advance(SECOND);
    fixture
        .app
        .get("/token", &token)
        .invalid("Token has expired");

    let longer = answering(json!({ "active": true, "exp": NOW + 100_000 }));
    let token = full_token(&longer.issuer);
    let token = token.expires_in(20 * SECOND).sign();
    longer.app.get("/token", &token).passes("alice");
    longer.clock.advance(50 * SECOND);
    longer
        .app
        .get("/token", &token)
        .invalid("Token has expired");
}

#[test]
fn row_7_5_a_server_that_introspects_no_jwts_is_503() {
    let fixture = always(|_| response(400, "", r#"{"error":"unsupported_token_type"}"#));
    let token = full_token(&fixture.issuer).sign();
    fixture.app.get("/token", &token).refused(
        503,
        "temporarily_unavailable",
        "Token introspection is temporarily unavailable",
    );
}
