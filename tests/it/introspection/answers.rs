//! The members of an answer, and the memory of it.

use axioms_rocket::{Config, ValidToken};
use rocket::get;
use rocket::serde::json::{Value, json};

use super::server::{self, response, text};
use super::{Fixture, NOW, SECOND, TOKEN, active, active_with, answered, fixture, fixture_of};
use crate::support::{App, ISSUER, app, full_token, offline};

#[get("/facts")]
fn facts(token: ValidToken) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {}",
        token.format(),
        token.issuer(),
        token.client_id(),
        token.expires_at().is_some(),
        token.expose_token() == TOKEN
    )
}

#[test]
fn row_7_1_one_post_of_a_form_and_no_redirect() {
    let fixture = answered(active());
    fixture.app.get("/token", TOKEN).passes("alice");
    let calls = fixture.server.calls();
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(call.line, "POST /introspect?v=1 HTTP/1.1");
    assert_eq!(call.headers["accept"], "application/json");
    assert_eq!(
        call.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(
        call.form,
        [
            ("token".to_owned(), TOKEN.to_owned()),
            ("token_type_hint".to_owned(), "access_token".to_owned()),
        ]
    );
    assert_eq!(call.headers["authorization"], "Basic YXBpOmh1bnRlcjI=");
}

#[test]
fn row_7_2_without_the_table_an_opaque_token_is_malformed() {
    let app = app(&offline());
    for token in [TOKEN, "a.b.c.d.e", "..", "eyJh"] {
        app.get("/token", token).invalid("Malformed token");
    }
}

#[test]
fn row_7_3_the_members_are_claims_and_are_checked_as_those_of_a_jwt() {
    let cases: Vec<(Value, Result<(), &str>)> = vec![
        (json!({}), Ok(())),
        (json!({ "exp": "soon" }), Err("Malformed token")),
        (json!({ "exp": NOW - 30 }), Err("Token has expired")),
        (json!({ "exp": NOW - 29 }), Ok(())),
        (json!({ "exp": -1 }), Err("Malformed token")),
        (json!({ "nbf": NOW + 31 }), Err("Token is not valid yet")),
        (json!({ "nbf": NOW + 30 }), Ok(())),
        (json!({ "iat": NOW + 31 }), Err("Token is not valid yet")),
        (json!({ "iat": "now" }), Err("Malformed token")),
        (json!({ "iss": ISSUER }), Ok(())),
        (
            json!({ "iss": "https://issuer.example.test/" }),
            Err("Invalid token issuer"),
        ),
        (json!({ "iss": 7 }), Err("Invalid token issuer")),
        (
            json!({ "aud": "https://other.example.test" }),
            Err("Invalid token audience"),
        ),
        (json!({ "aud": null }), Err("Invalid token audience")),
        (json!({ "aud": [] }), Err("Invalid token audience")),
        (
            json!({ "aud": [7, "https://api.example.test"] }),
            Err("Invalid token audience"),
        ),
        (json!({ "sub": 7 }), Err("Malformed token")),
        (json!({ "jti": ["a"] }), Err("Malformed token")),
        (json!({ "token_use": "id" }), Err("Not an access token")),
        // As Ory Hydra tells them.
        (
            json!({ "token_use": "refresh_token" }),
            Err("Not an access token"),
        ),
        (json!({ "token_use": "access_token" }), Ok(())),
        (json!({ "typ": "Refresh" }), Err("Not an access token")),
        (json!({ "at_hash": "x" }), Err("Not an access token")),
        (json!({ "events": {} }), Err("Not an access token")),
        (
            json!({ "token_type": "refresh_token" }),
            Err("Not an access token"),
        ),
        (
            json!({ "token_type": "urn:ietf:params:oauth:token-type:refresh_token" }),
            Err("Not an access token"),
        ),
        (
            json!({ "token_type": "id_token" }),
            Err("Not an access token"),
        ),
        (json!({ "token_type": "Bearer" }), Ok(())),
        (json!({ "token_type": "access_token" }), Ok(())),
        (json!({ "token_type": "DPoP" }), Err("Invalid token type")),
        (json!({ "cnf": { "jkt": "x" } }), Err("Invalid token type")),
        (
            json!({ "cnf": { "x5t#S256": "x" } }),
            Err("Invalid token type"),
        ),
        (
            json!({ "cnf": { "jkt": "x" }, "token_type": "DPoP" }),
            Err("Invalid token type"),
        ),
        (json!({ "cnf": "x" }), Err("Malformed token")),
        (json!({ "cnf": {} }), Ok(())),
        // Null is absent.
        (
            json!({
                "iss": null, "nbf": null, "iat": null, "jti": null, "cnf": null,
                "client_id": null, "token_type": null, "at_hash": null,
            }),
            Ok(()),
        ),
    ];
    for (members, expected) in cases {
        let fixture = answered(active_with(members.clone()));
        let answer = fixture.app.get("/token", TOKEN);
        match expected {
            Ok(()) => answer.passes("alice"),
            Err(description) => answer.invalid(description),
        }
        // A refusal is remembered too.
        let _ = fixture.app.get("/token", TOKEN);
        assert_eq!(fixture.calls(), 1, "{members}");
    }
}

#[test]
fn row_7_3_required_and_expected_claims_are_asked_for() {
    let with = |members: Value| {
        let answer = active_with(members);
        fixture_of(
            move |_| server::json(&answer),
            |config: &mut Config| {
                config.required_claims = vec!["client_id".into()];
                config.expected_claims = [("tenant".to_owned(), json!("acme"))].into();
            },
        )
    };
    let both = json!({ "client_id": "shop", "tenant": "acme" });
    with(both).app.get("/token", TOKEN).passes("alice");
    for members in [
        json!({ "tenant": "acme" }),
        json!({ "client_id": null, "tenant": "acme" }),
        json!({ "client_id": "shop", "tenant": "other" }),
        json!({ "client_id": "shop" }),
    ] {
        let fixture = with(members);
        let answer = fixture.app.get("/token", TOKEN);
        answer.invalid("Token is missing a required claim");
    }
}

#[test]
fn row_7_3_an_answer_without_aud_is_refused_unless_the_settings_allow_it() {
    let answer = json!({ "active": true, "sub": "alice" });
    let fixture = answered(answer.clone());
    fixture
        .app
        .get("/token", TOKEN)
        .invalid("Invalid token audience");
    let lenient = |answer: Value| {
        let script = move |_: &server::Call| server::json(&answer);
        super::fixture(script, |table| table.require_audience = false)
    };
    lenient(answer).app.get("/token", TOKEN).passes("alice");
    // One that is there is checked all the same.
    let other = active_with(json!({ "aud": "https://other.example.test" }));
    let fixture = lenient(other);
    fixture
        .app
        .get("/token", TOKEN)
        .invalid("Invalid token audience");
}

#[test]
fn row_7_3_a_handler_sees_an_opaque_token_of_the_issuer_that_was_asked() {
    let with = |members: Value| -> (Fixture, String) {
        let fixture = answered(active_with(members));
        let config = {
            let mut config = crate::support::config(&fixture.issuer);
            config.introspection = Some(super::introspection(&fixture.server));
            config
        };
        let rocket = super::application(&fixture.issuer, &fixture.clock, config);
        let app = App::launch(rocket.mount("/", rocket::routes![facts]));
        let answer = app.get("/facts", TOKEN);
        assert_eq!(answer.status, 200, "{answer:?}");
        (fixture, answer.body)
    };
    let (_fixture, facts) = with(json!({ "client_id": "shop" }));
    let issuer = format!("Some({ISSUER:?})");
    assert_eq!(facts, format!("Opaque {issuer} Some(\"shop\") true true"));
    let (_fixture, facts) = with(json!({ "exp": null, "iss": ISSUER }));
    assert_eq!(facts, format!("Opaque {issuer} None false true"));
}

#[test]
fn row_7_4_anything_but_true_is_not_active() {
    for body in [
        "{}",
        r#"{"active":false}"#,
        r#"{"active":"true"}"#,
        r#"{"active":1}"#,
        r#"{"active":null}"#,
        r#"{"active":[true]}"#,
        r#"{"sub":"alice","aud":"https://api.example.test"}"#,
    ] {
        let fixture = fixture(move |_| text(body), |_| {});
        fixture
            .app
            .get("/token", TOKEN)
            .invalid("Token is not active");
        fixture
            .app
            .get("/token", TOKEN)
            .invalid("Token is not active");
        assert_eq!(fixture.calls(), 1, "{body}");
        fixture.clock.advance(5 * SECOND);
        fixture
            .app
            .get("/token", TOKEN)
            .invalid("Token is not active");
        assert_eq!(fixture.calls(), 2, "after negative_ttl: {body}");
    }
}

#[test]
fn row_7_5_an_unsupported_token_type_and_204_are_not_active() {
    let unsupported = r#"{"error":"unsupported_token_type"}"#;
    for (status, body) in [(400, unsupported), (204, "")] {
        let fixture = fixture(move |_| response(status, "", body), |_| {});
        fixture
            .app
            .get("/token", TOKEN)
            .invalid("Token is not active");
    }
}

/// The issuer of an opaque token is the one that was asked, of one of its tenants or workloads.
#[test]
fn row_7_3_tenants_and_trust_domains_hold_for_opaque_tokens_too() {
    let tenants = |config: &mut Config| {
        config.iss_url = Some("https://{tenant}.example.test/x".into());
        config.tenants = Some(vec!["acme".into()]);
    };
    let workloads = |config: &mut Config| {
        config.iss_url = None;
        config.trust_domain = Some("example.org".into());
    };
    let settings: [(fn(&mut Config), Value, Result<&str, &str>); 8] = [
        (tenants, json!({}), Err("Invalid token issuer")),
        (
            tenants,
            json!({ "iss": "https://globex.example.test/x" }),
            Err("Invalid token issuer"),
        ),
        (
            tenants,
            json!({ "iss": "https://{tenant}.example.test/x" }),
            Err("Invalid token issuer"),
        ),
        (
            tenants,
            json!({ "iss": "https://acme.example.test/x" }),
            Ok("alice"),
        ),
        (workloads, json!({}), Err("Invalid token issuer")),
        (
            workloads,
            json!({ "sub": "spiffe://evil.org/a" }),
            Err("Invalid token issuer"),
        ),
        (
            workloads,
            json!({ "sub": "spiffe://example.org/a", "iss": "https://evil.test" }),
            Err("Invalid token issuer"),
        ),
        (
            workloads,
            json!({ "sub": "spiffe://example.org/a" }),
            Ok("spiffe://example.org/a"),
        ),
    ];
    for (change, members, expected) in settings {
        let answer = active_with(members.clone());
        let fixture = fixture_of(move |_| server::json(&answer), change);
        let answer = fixture.app.get("/token", TOKEN);
        match expected {
            Ok(subject) => answer.passes(subject),
            Err(description) => answer.invalid(description),
        }
    }
}

#[test]
fn row_7_8_an_answer_is_remembered_for_its_time_and_never_beyond_exp() {
    // The second begins as a JWT may.
    for token in [TOKEN, "eYotnFZFEjr1zCsicMWpAA-opaque"] {
        remembered_for_its_time(token);
    }
}

fn remembered_for_its_time(token: &str) {
    let fixture = answered(active_with(json!({ "exp": NOW + 100 })));
    let get = || fixture.app.get("/token", token);
    get().passes("alice");
    fixture.clock.advance(59 * SECOND);
    get().passes("alice");
    assert_eq!(fixture.calls(), 1);
    fixture.clock.advance(SECOND);
    get().passes("alice");
    assert_eq!(fixture.calls(), 2, "after cache_ttl");
    // Remembered at 60 s; `exp` and the leeway end at 130.
    fixture.clock.advance(59 * SECOND);
    get().passes("alice");
    fixture.clock.advance(11 * SECOND);
    let calls = fixture.calls();
    get().invalid("Token has expired");
    get().invalid("Token has expired");
    assert_eq!(fixture.calls(), calls, "an expired token causes no call");
}

#[test]
fn row_7_8_with_a_time_of_zero_each_request_asks() {
    let answer = active();
    let always = fixture(move |_| server::json(&answer), |table| table.cache_ttl = 0);
    for calls in 1..=3 {
        always.app.get("/token", TOKEN).passes("alice");
        assert_eq!(always.calls(), calls);
    }
    let inactive = fixture(|_| text("{}"), |table| table.negative_ttl = 0);
    for calls in 1..=3 {
        inactive
            .app
            .get("/token", TOKEN)
            .invalid("Token is not active");
        assert_eq!(inactive.calls(), calls);
    }
}

#[test]
fn row_7_8_one_verification_serves_all_guards_of_a_request() {
    let answer = active_with(json!({ "scope": "openid", "roles": ["editor"] }));
    let fixture = fixture(move |_| server::json(&answer), |table| table.cache_ttl = 0);
    fixture.app.get("/scope", TOKEN).passes("scope");
    assert_eq!(fixture.calls(), 1);
}

#[test]
fn row_7_11_without_exp_an_answer_is_used_for_its_time() {
    let fixture = answered(active_with(json!({ "exp": null })));
    for calls in 1..=3 {
        fixture.app.get("/token", TOKEN).passes("alice");
        fixture.clock.advance(59 * SECOND);
        fixture.app.get("/token", TOKEN).passes("alice");
        assert_eq!(fixture.calls(), calls);
        fixture.clock.advance(SECOND);
    }
}

#[test]
fn row_7_14_scopes_roles_and_permissions_are_read_as_of_a_jwt() {
    let all = [
        ("/scope", "scope"),
        ("/role", "role"),
        ("/permission", "permission"),
    ];
    for members in [
        json!({ "scope": "profile openid", "roles": "editor", "permissions": ["sample:create"] }),
        json!({ "scope": ["openid"], "roles": ["editor"], "permissions": "sample:create" }),
        json!({
            "scp": ["profile"],
            "https://issuer.example.test/claims/roles": ["editor"],
            "https://issuer.example.test/claims/permissions": ["sample:create"],
        }),
    ] {
        let fixture = answered(active_with(members));
        for (path, body) in all {
            fixture.app.get(path, TOKEN).passes(body);
        }
        assert_eq!(fixture.calls(), 1);
    }
    let without = answered(active());
    for (path, _) in all {
        without.app.get(path, TOKEN).insufficient();
    }
    let path = json!({ "realm_access": { "roles": ["editor"] } });
    let answer = active_with(path);
    let nested = fixture_of(
        move |_| server::json(&answer),
        |config: &mut Config| config.roles_claims = vec!["realm_access.roles".into()],
    );
    nested.app.get("/role", TOKEN).passes("role");
}

#[test]
fn row_7_14_a_hundred_thousand_scopes_are_read_or_refused() {
    let scopes = |count: usize| "s ".repeat(count) + "openid";
    let fits = answered(active_with(json!({ "scope": scopes(100_000) })));
    fits.app.get("/scope", TOKEN).passes("scope");
    let listed = active_with(json!({ "scope": vec!["s"; 100_000] }));
    answered(listed).app.get("/scope", TOKEN).insufficient();
    let too_long = answered(active_with(json!({ "scope": scopes(300_000) })));
    let answer = too_long.app.get("/scope", TOKEN);
    answer.refused(
        503,
        "temporarily_unavailable",
        "Token introspection is temporarily unavailable",
    );
}

#[test]
fn row_7_2_a_jwt_is_never_sent_by_default() {
    let fixture = answered(active());
    let token = full_token(&fixture.issuer).sign();
    fixture.app.get("/token", &token).passes("alice");
    let forged = full_token(&fixture.issuer).tampered().sign();
    fixture
        .app
        .get("/token", &forged)
        .invalid("Invalid token signature");
    let (head, _) = token.rsplit_once('.').expect("a signature");
    fixture
        .app
        .get("/token", &format!("{head}.="))
        .invalid("Malformed token");
    assert_eq!(fixture.calls(), 0);
    // An encrypted token is opaque to this API: only its issuer can read it.
    fixture
        .app
        .get("/token", "eyJhbGciOiJkaXIifQ.a.b.c.d")
        .passes("alice");
    assert_eq!(fixture.calls(), 1);
}

#[test]
fn row_7_1_what_is_no_bearer_token_or_lacks_the_prefix_is_not_sent() {
    let answer = active();
    let fixture = fixture(
        move |_| server::json(&answer),
        |table| table.token_prefix = Some("at_".into()),
    );
    fixture.app.get("/token", "at_1").passes("alice");
    fixture.app.get("/token", TOKEN).invalid("Malformed token");
    for token in ["at_ 2", "at_\u{e9}", "at_\"", "at_=2"] {
        fixture
            .app
            .get("/token", token)
            .invalid("Invalid Authorization header");
    }
    let long = format!("at_{}", "x".repeat(16_384));
    fixture.app.get("/token", &long).invalid("Malformed token");
    assert_eq!(fixture.calls(), 1);
}
