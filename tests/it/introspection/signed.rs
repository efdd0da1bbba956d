//! Signed answers (RFC 9701).

use axioms_rocket::testing::{Alg, TestIssuer};
use rocket::serde::json::{Value, json};

use super::server::{self, Call, Reply, response};
use super::{Fixture, NOW, TOKEN, active, clock, fixture, issuer};
use crate::support::ISSUER;

const TYPE: &str = "application/token-introspection+jwt";

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": "api", "iat": NOW, "token_introspection": active() })
}

fn sign(issuer: &TestIssuer, typ: &str, claims: &Value) -> String {
    let kid = issuer.kid(Alg::Es256);
    let header = json!({ "alg": "ES256", "kid": kid, "typ": typ });
    issuer.sign_raw(header.to_string(), claims.to_string(), Alg::Es256)
}

fn signed(media_type: &str, body: &str) -> Reply {
    response(200, &format!("Content-Type: {media_type}\r\n"), body)
}

/// An application that accepts signed answers alone; `answer` signs with its issuer's keys.
fn with(answer: impl FnOnce(&TestIssuer) -> (String, String)) -> Fixture {
    let fixture = fixture(|_| Reply::Close, |table| table.signed = true);
    let (media_type, body) = answer(&fixture.issuer);
    fixture
        .server
        .script(move |_: &Call| signed(&media_type, &body));
    fixture
}

fn of(typ: &'static str, claims: Value) -> Fixture {
    with(move |issuer| (TYPE.into(), sign(issuer, typ, &claims)))
}

#[track_caller]
fn unavailable(fixture: &Fixture) {
    fixture.app.get("/token", TOKEN).refused(
        503,
        "temporarily_unavailable",
        "Token introspection is temporarily unavailable",
    );
}

#[test]
fn row_7_13_a_signed_answer_is_asked_for_and_checked() {
    for typ in [
        "token-introspection+jwt",
        "application/Token-Introspection+JWT",
    ] {
        let fixture = of(typ, claims());
        fixture.app.get("/token", TOKEN).passes("alice");
        assert_eq!(fixture.server.calls()[0].headers["accept"], TYPE);
    }
    for members in [
        json!({ "aud": ["other", "api"] }),
        json!({ "iat": NOW - 90 }),
        json!({ "iat": NOW + 30 }),
    ] {
        let mut claims = claims();
        for (name, value) in members.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        of("token-introspection+jwt", claims)
            .app
            .get("/token", TOKEN)
            .passes("alice");
    }
    let mut inactive = claims();
    inactive["token_introspection"] = json!({ "active": false });
    let fixture = of("token-introspection+jwt", inactive);
    fixture
        .app
        .get("/token", TOKEN)
        .invalid("Token is not active");
}

#[test]
fn row_7_13_anything_else_is_503() {
    for typ in ["JWT", "at+jwt", ""] {
        unavailable(&of(typ, claims()));
    }
    for members in [
        json!({ "iss": "https://other.test" }),
        json!({ "iss": null }),
        json!({ "aud": "other" }),
        json!({ "aud": [] }),
        json!({ "aud": ["api", 7] }),
        json!({ "aud": null }),
        json!({ "iat": NOW - 91 }),
        json!({ "iat": NOW + 31 }),
        json!({ "iat": null }),
        json!({ "iat": "now" }),
        json!({ "token_introspection": null }),
        json!({ "token_introspection": "{\"active\":true}" }),
    ] {
        let mut claims = claims();
        for (name, value) in members.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        unavailable(&of("token-introspection+jwt", claims));
    }
    let typ = "token-introspection+jwt";
    // A key of another issuer, of no issuer, and no signature.
    let foreign = issuer(&clock());
    unavailable(&with(|_| (TYPE.into(), sign(&foreign, typ, &claims()))));
    let unsigned = r#"{"alg":"none","typ":"token-introspection+jwt"}"#;
    unavailable(&with(|issuer| {
        let token = issuer.sign_raw(unsigned, claims().to_string(), Alg::Es256);
        (TYPE.into(), token)
    }));
    // The answer is signed, and says so nowhere; or it is plain, whatever it says.
    unavailable(&with(|issuer| {
        ("application/jwt".into(), sign(issuer, typ, &claims()))
    }));
    for media_type in ["application/json", TYPE] {
        unavailable(&with(|_| (media_type.into(), active().to_string())));
    }
    // Encrypted.
    unavailable(&with(|_| {
        (TYPE.into(), "eyJhbGciOiJkaXIifQ.a.b.c.d".into())
    }));
    // A member twice, inside.
    unavailable(&with(|issuer| {
        let kid = issuer.kid(Alg::Es256);
        let header = json!({ "alg": "ES256", "kid": kid, "typ": typ }).to_string();
        let text = claims()
            .to_string()
            .replace("{\"active\"", "{\"sub\":\"bob\",\"active\"");
        (TYPE.into(), issuer.sign_raw(header, text, Alg::Es256))
    }));
}

#[test]
fn row_7_13_without_the_setting_a_signed_answer_is_503() {
    let fixture = fixture(|_| Reply::Close, |_| {});
    let body = sign(&fixture.issuer, "token-introspection+jwt", &claims());
    fixture.server.script(move |_| signed(TYPE, &body));
    unavailable(&fixture);
    fixture.server.script(|_| server::json(&active()));
    fixture.app.get("/token", TOKEN).passes("alice");
}

#[test]
fn row_7_13_error_answers_stay_plain() {
    let fixture = fixture(
        |_| {
            response(
                400,
                "Content-Type: application/json\r\n",
                r#"{"error":"unsupported_token_type"}"#,
            )
        },
        |table| table.signed = true,
    );
    fixture
        .app
        .get("/token", TOKEN)
        .invalid("Token is not active");
}
