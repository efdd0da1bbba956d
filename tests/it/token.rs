//! Chapter 3 of docs/behaviour.md: the token.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{AxiomsFairing, Config, IssuerConfig, ValidToken};
use rocket::get;
use rocket::serde::json::{Value, json};

use crate::support::{
    AUDIENCE, App, app, app_with, config, full_token, offline, offline_with, online_app, rocket,
    routes,
};

const HOUR: Duration = Duration::from_secs(3600);

/// A good token passes before and after every bad one, so that a refusal is the token's own.
struct Fixture {
    issuer: TestIssuer,
    app: App,
}

impl Fixture {
    fn new() -> Fixture {
        let issuer = offline();
        Fixture {
            app: app(&issuer),
            issuer,
        }
    }

    #[track_caller]
    fn refuses(&self, token: &str, description: &str) {
        self.accepts(&full_token(&self.issuer).sign());
        self.app.get("/token", token).invalid(description);
        self.accepts(&full_token(&self.issuer).sign());
    }

    #[track_caller]
    fn accepts(&self, token: &str) {
        self.app.get("/token", token).passes("alice");
    }

    fn payload(&self) -> String {
        let expires = (SystemTime::now() + HOUR)
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        format!(
            r#"{{"iss":"{}","aud":"{}","sub":"alice","exp":{expires}}}"#,
            self.issuer.url(),
            self.issuer.audience()
        )
    }

    fn header(&self) -> String {
        format!(
            r#"{{"alg":"ES256","kid":"{}","typ":"at+jwt"}}"#,
            self.issuer.kid(Alg::Es256)
        )
    }

    fn raw(&self, header: &str, payload: &str) -> String {
        self.issuer.sign_raw(header, payload, Alg::Es256)
    }
}

#[test]
fn row_3_1_what_is_not_three_canonical_parts_is_malformed() {
    let fixture = Fixture::new();
    let good = full_token(&fixture.issuer).sign();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = head.split_once('.').unwrap();
    for token in [
        header.to_owned(),
        head.to_owned(),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!(".{good}"),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{good}="),
        format!("{good}=="),
        format!("{header}+.{payload}.{signature}"),
        format!("{header}.{payload}/.{signature}"),
        format!("{header}~.{payload}.{signature}"),
    ] {
        fixture.refuses(&token, "Malformed token");
    }
    // Padding inside the token breaks the b64token syntax.
    for token in [
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
    ] {
        fixture.refuses(&token, "Invalid Authorization header");
    }
    // The last character of a signature of 64 bytes has four unused bits, which must be zero.
    let mut loose = good.clone();
    let last = loose.pop().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet.find(last).unwrap();
    loose.push(alphabet.as_bytes()[place + 1] as char);
    fixture.refuses(&loose, "Malformed token");
}

#[test]
fn row_3_1_what_is_not_a_strict_json_object_is_malformed() {
    let fixture = Fixture::new();
    let (header, payload) = (fixture.header(), fixture.payload());
    for bad in [
        "",
        "[]",
        "null",
        "1",
        "\"x\"",
        "{",
        "{}{}",
        "{\"alg\":\"ES256\",}",
        "\u{feff}{}",
        "{'alg':'ES256'}",
    ] {
        fixture.refuses(&fixture.raw(bad, &payload), "Malformed token");
        fixture.refuses(&fixture.raw(&header, bad), "Malformed token");
    }
    // Invalid UTF-8 in an unknown member.
    let mut binary = payload.clone().into_bytes();
    binary.splice(1..1, b"\"x\":\"\xff\",".iter().copied());
    fixture.refuses(
        &fixture.issuer.sign_raw(&header, binary, Alg::Es256),
        "Malformed token",
    );
}

#[test]
fn row_3_1_a_duplicate_member_of_header_or_claims_is_malformed() {
    let fixture = Fixture::new();
    let (header, payload) = (fixture.header(), fixture.payload());
    for member in [
        r#""alg":"ES256","#,
        r#""x":1,"x":1,"#,
        r#""\u0061lg":"ES256","#,
        r#""typ":"at+jwt","#,
    ] {
        fixture.refuses(
            &fixture.raw(&header.replacen('{', &format!("{{{member}"), 1), &payload),
            "Malformed token",
        );
    }
    for member in [
        r#""sub":"alice","#,
        r#""x":1,"x":1,"#,
        r#""\u0073ub":"alice","#,
        r#""scope":"a","scope":"b","#,
    ] {
        fixture.refuses(
            &fixture.raw(&header, &payload.replacen('{', &format!("{{{member}"), 1)),
            "Malformed token",
        );
    }
    // Below the top level only claims that the crate or the settings name are checked.
    let nested =
        |claim: &str| fixture.raw(&header, &payload.replacen('{', &format!("{{{claim},"), 1));
    fixture.accepts(&nested(r#""x":{"y":1,"y":2}"#));
    fixture.refuses(&nested(r#""cnf":{"x":1,"x":2}"#), "Malformed token");
    let app = app_with(
        &fixture.issuer,
        Config {
            roles_claims: vec!["realm_access.roles".into()],
            ..config(&fixture.issuer)
        },
    );
    app.get("/role", &nested(r#""realm_access":{"roles":["editor"]}"#))
        .passes("role");
    app.get(
        "/role",
        &nested(r#""realm_access":{"roles":[],"roles":["editor"]}"#),
    )
    .invalid("Malformed token");
}

#[test]
fn row_3_2_an_algorithm_that_is_not_allowed_is_unsupported() {
    let fixture = Fixture::new();
    let payload = fixture.payload();
    for alg in [
        r#""none""#,
        r#""None""#,
        r#""NONE""#,
        r#""nOnE""#,
        r#""HS256""#,
        r#""HS384""#,
        r#""HS512""#,
        r#""es256""#,
        r#""ES256K""#,
        r#""RSA1_5""#,
        r#""""#,
        r#"" ES256""#,
        "null",
        "7",
        r#"["ES256"]"#,
        "{}",
        "true",
    ] {
        fixture.refuses(
            &fixture.raw(&format!(r#"{{"alg":{alg}}}"#), &payload),
            "Unsupported algorithm",
        );
    }
    fixture.refuses(&fixture.raw("{}", &payload), "Unsupported algorithm");
    fixture.refuses(
        &full_token(&fixture.issuer).unsecured().sign(),
        "Unsupported algorithm",
    );
    fixture.refuses(
        &full_token(&fixture.issuer).hmac_confused().sign(),
        "Unsupported algorithm",
    );
}

#[test]
fn row_3_2_only_the_configured_algorithms_are_allowed() {
    let issuer = offline_with([Alg::Es256, Alg::EdDsa]);
    let mut config = config(&issuer);
    config.algorithms = vec!["EdDSA".into()];
    let app = app_with(&issuer, config);
    app.get("/token", &full_token(&issuer).algorithm(Alg::EdDsa).sign())
        .passes("alice");
    app.get("/token", &full_token(&issuer).algorithm(Alg::Es256).sign())
        .invalid("Unsupported algorithm");
}

#[test]
fn every_asymmetric_algorithm_is_accepted_by_default() {
    let issuer = offline_with(Alg::ALL.iter().copied());
    let app = app(&issuer);
    for &alg in Alg::ALL {
        app.get("/token", &full_token(&issuer).algorithm(alg).sign())
            .passes("alice");
        app.get(
            "/token",
            &full_token(&issuer).algorithm(alg).tampered().sign(),
        )
        .invalid("Invalid token signature");
    }
}

#[test]
fn row_3_3_an_algorithm_that_does_not_fit_the_key_is_unsupported() {
    let issuer = offline_with([Alg::Es256, Alg::Rs256, Alg::EdDsa, Alg::Es384]);
    let app = app(&issuer);
    let kid = issuer.kid(Alg::Es256);
    for alg in [Alg::Rs256, Alg::EdDsa, Alg::Es384] {
        app.get(
            "/token",
            &full_token(&issuer).algorithm(alg).kid(&kid).sign(),
        )
        .invalid("Unsupported algorithm");
    }
    app.get("/token", &full_token(&issuer).sign())
        .passes("alice");
}

#[test]
fn row_3_3b_ed25519_is_eddsa_by_its_other_name() {
    let issuer = offline_with([Alg::EdDsa]);
    let app = app(&issuer);
    app.get(
        "/token",
        &full_token(&issuer).algorithm(Alg::Ed25519).sign(),
    )
    .passes("alice");
}

#[test]
fn row_3_5_an_unknown_header_member_is_ignored_whatever_its_type() {
    let fixture = Fixture::new();
    for value in [
        json!(null),
        json!(7),
        json!("x"),
        json!([1, {"a": []}]),
        json!({ "a": { "b": 1 } }),
        json!(false),
    ] {
        fixture.accepts(&full_token(&fixture.issuer).header("x-own", value).sign());
    }
}

#[test]
fn row_3_6_crit_or_b64_is_malformed_whatever_it_holds() {
    let fixture = Fixture::new();
    for value in [
        json!(["exp"]),
        json!([]),
        json!(null),
        json!("x"),
        json!(["b64"]),
    ] {
        fixture.refuses(
            &full_token(&fixture.issuer).header("crit", value).sign(),
            "Malformed token",
        );
    }
    for value in [json!(false), json!(true), json!(null)] {
        fixture.refuses(
            &full_token(&fixture.issuer).header("b64", value).sign(),
            "Malformed token",
        );
    }
}

#[test]
fn row_3_7_keys_in_the_header_are_ignored_and_no_request_goes_out() {
    let decoy = TestIssuer::start();
    let issuer = TestIssuer::builder()
        .audience(crate::support::AUDIENCE)
        .start();
    let app = online_app(config(&issuer));
    issuer.forget_requests();
    let jwk =
        rocket::serde::json::from_str::<rocket::serde::json::Value>(&decoy.jwks()).unwrap()["keys"]
            [0]
        .clone();
    for (name, value) in [
        ("jku", json!(decoy.jwks_url())),
        ("x5u", json!(decoy.url())),
        ("jwk", jwk),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
    ] {
        // Signed by the issuer, the member is ignored. Signed by its own key, it is refused.
        app.get(
            "/token",
            &full_token(&issuer).header(name, value.clone()).sign(),
        )
        .passes("alice");
        let forged = full_token(&issuer)
            .header(name, value)
            .signed_by(&decoy)
            .sign();
        app.get("/token", &forged)
            .invalid("Invalid token signature");
    }
    assert_eq!(decoy.requests().len(), 0);
    assert_eq!(issuer.requests().len(), 0);
}

/// The application with these keys for `issuer`.
fn app_with_keys(issuer: &TestIssuer, keys: &[rocket::serde::json::Value]) -> App {
    let fairing = axioms_rocket::AxiomsFairing::from_config(config(issuer))
        .with_keys(json!({ "keys": keys }).to_string());
    App::launch(crate::support::rocket(fairing).mount("/", crate::support::routes()))
}

/// The key of `issuer` without its `kid`.
fn nameless_key(issuer: &TestIssuer) -> rocket::serde::json::Value {
    let mut set: rocket::serde::json::Value =
        rocket::serde::json::from_str(&issuer.jwks()).unwrap();
    let mut key = set["keys"][0].take();
    key.as_object_mut().unwrap().remove("kid");
    key
}

#[test]
fn row_3_8_without_kid_the_keys_that_fit_are_tried_at_most_four() {
    let one = offline_with([Alg::Es256, Alg::EdDsa]);
    app(&one)
        .get("/token", &full_token(&one).without_header("kid").sign())
        .passes("alice");

    let several = offline();
    let old = full_token(&several).without_header("kid").sign();
    for published in 2..=4 {
        several.publish();
        several.promote();
        let new = full_token(&several).without_header("kid").sign();
        let app = app(&several);
        for token in [&old, &new] {
            app.get("/token", token).passes("alice");
        }
        app.get(
            "/token",
            &full_token(&offline()).without_header("kid").sign(),
        )
        .invalid("Invalid token signature");
        assert_eq!(several.jwks().matches("\"kty\"").count(), published);
    }
    several.publish();
    let app = app(&several);
    app.get("/token", &old).invalid("Unknown signing key");
    app.get("/token", &full_token(&several).sign())
        .passes("alice");

    let none = offline_with([Alg::EdDsa]);
    let app = crate::support::app(&none);
    app.get(
        "/token",
        &full_token(&none)
            .algorithm(Alg::Es256)
            .without_header("kid")
            .sign(),
    )
    .invalid("Unknown signing key");
}

#[test]
fn row_3_8_keys_that_are_named_by_x5t_alone_serve_a_rollover() {
    let (old, new) = (offline(), offline());
    let keys: Vec<_> = [(&old, "x5t", "b2xk"), (&new, "x5t#S256", "bmV3")]
        .into_iter()
        .map(|(issuer, member, thumbprint)| {
            let mut key = nameless_key(issuer);
            key[member] = json!(thumbprint);
            key
        })
        .collect();
    let app = app_with_keys(&old, &keys);
    for (issuer, member, thumbprint) in [
        (&old, "x5t", "b2xk"),
        (&new, "x5t#S256", "bmV3"),
        // A wrong name, and one of another type: it is no more than a hint.
        (&new, "x5t", "b2xk"),
        (&old, "x5t", "unknown"),
    ] {
        let token = full_token(issuer).without_header("kid");
        app.get("/token", &token.header(member, thumbprint).sign())
            .passes("alice");
    }
    let token = full_token(&new).without_header("kid").header("x5t", 7);
    app.get("/token", &token.sign()).passes("alice");
    let other = offline();
    let forged = full_token(&other).without_header("kid");
    app.get("/token", &forged.header("x5t", "b2xk").sign())
        .invalid("Invalid token signature");
}

#[test]
fn row_3_9_a_kid_must_be_a_string_of_at_most_1_kib() {
    let fixture = Fixture::new();
    for value in [
        json!(null),
        json!(7),
        json!(["k"]),
        json!({}),
        json!("k".repeat(1025)),
    ] {
        fixture.refuses(
            &full_token(&fixture.issuer).header("kid", value).sign(),
            "Malformed token",
        );
    }
    fixture.refuses(
        &full_token(&fixture.issuer).kid("k".repeat(1024)).sign(),
        "Unknown signing key",
    );
    fixture.refuses(
        &full_token(&fixture.issuer).kid("").sign(),
        "Unknown signing key",
    );
}

#[test]
fn row_3_10_of_several_keys_with_one_kid_at_most_four_are_tried() {
    let (issuer, others) = (offline(), [(); 4].map(|()| offline()));
    let kid = issuer.kid(Alg::Es256);
    let key = |of: &TestIssuer| {
        let set: rocket::serde::json::Value = rocket::serde::json::from_str(&of.jwks()).unwrap();
        let mut key = set["keys"][0].clone();
        key["kid"] = json!(kid);
        key
    };
    let app = |keys: Vec<rocket::serde::json::Value>| app_with_keys(&issuer, &keys);
    let token = full_token(&issuer).sign();
    let [a, b, c, d] = &others;
    app(vec![key(a), key(b), key(c), key(&issuer)])
        .get("/token", &token)
        .passes("alice");
    app(vec![key(a), key(b), key(c), key(d), key(&issuer)])
        .get("/token", &token)
        .invalid("Invalid token signature");
}

#[test]
fn row_3_11_exp_must_be_a_time_to_come() {
    let fixture = Fixture::new();
    let with =
        |exp: rocket::serde::json::Value| full_token(&fixture.issuer).claim("exp", exp).sign();
    fixture.refuses(
        &full_token(&fixture.issuer).without("exp").sign(),
        "Token is missing a required claim",
    );
    fixture.refuses(&with(json!(null)), "Token is missing a required claim");
    for exp in [
        json!("9999999999"),
        json!(-1),
        json!(true),
        json!([1]),
        json!({}),
        json!(253_402_300_800_u64),
        json!(1e300),
    ] {
        fixture.refuses(&with(exp), "Malformed token");
    }
    fixture.refuses(
        &fixture.raw(
            &fixture.header(),
            &fixture
                .payload()
                .replace("\"exp\":", "\"exp\":1e400,\"x\":"),
        ),
        "Malformed token",
    );
    fixture.refuses(&with(json!(0)), "Token has expired");
    fixture.refuses(
        &full_token(&fixture.issuer).expired().sign(),
        "Token has expired",
    );
    // Fractions and exponents are numbers too.
    fixture.accepts(&with(json!(4_000_000_000.5)));
    fixture.accepts(&fixture.raw(
        &fixture.header(),
        &fixture.payload().replace("\"exp\":", "\"exp\":4e9,\"x\":"),
    ));
    fixture.accepts(&with(json!(253_402_300_799_u64)));
}

#[test]
fn row_3_11_and_3_12_the_leeway_is_exact() {
    let clock =
        axioms_rocket::Clock::manual(SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    let issuer = TestIssuer::builder()
        .audience(crate::support::AUDIENCE)
        .clock(clock.clone())
        .offline(crate::support::ISSUER);
    let mut config = config(&issuer);
    config.leeway = 30;
    let fairing = axioms_rocket::AxiomsFairing::from_config(config)
        .with_keys(issuer.jwks())
        .with_clock(clock.clone());
    let app = App::launch(crate::support::rocket(fairing).mount("/", crate::support::routes()));
    let at = |offset: i64| json!(1_900_000_000 + offset);

    app.get("/token", &full_token(&issuer).claim("exp", at(-29)).sign())
        .passes("alice");
    app.get("/token", &full_token(&issuer).claim("exp", at(-30)).sign())
        .invalid("Token has expired");
    for claim in ["nbf", "iat"] {
        app.get("/token", &full_token(&issuer).claim(claim, at(30)).sign())
            .passes("alice");
        app.get("/token", &full_token(&issuer).claim(claim, at(31)).sign())
            .invalid("Token is not valid yet");
    }
    // A second later the accepted text is checked again.
    let token = full_token(&issuer).claim("exp", at(-29)).sign();
    app.get("/token", &token).passes("alice");
    clock.advance(Duration::from_secs(1));
    app.get("/token", &token).invalid("Token has expired");
}

#[test]
fn row_3_12_nbf_and_iat_must_be_numbers_when_they_are_there() {
    let fixture = Fixture::new();
    for claim in ["nbf", "iat"] {
        for value in [json!("0"), json!(null), json!(true), json!(-1), json!([0])] {
            fixture.refuses(
                &full_token(&fixture.issuer).claim(claim, value).sign(),
                "Malformed token",
            );
        }
        fixture.accepts(&full_token(&fixture.issuer).without(claim).sign());
        fixture.refuses(
            &full_token(&fixture.issuer)
                .claim(claim, 4_000_000_000_u64)
                .sign(),
            "Token is not valid yet",
        );
    }
}

#[test]
fn max_token_age_refuses_an_old_token_and_one_without_iat() {
    let issuer = offline();
    let mut config = config(&issuer);
    config.max_token_age = Some(600);
    let app = app_with(&issuer, config);
    let ago = |seconds: u64| SystemTime::now() - Duration::from_secs(seconds);
    app.get("/token", &full_token(&issuer).issued_at(ago(300)).sign())
        .passes("alice");
    app.get("/token", &full_token(&issuer).issued_at(ago(700)).sign())
        .invalid("Token has expired");
    app.get("/token", &full_token(&issuer).without("iat").sign())
        .invalid("Token is missing a required claim");
}

#[test]
fn row_3_13_the_issuer_must_be_exactly_the_configured_one() {
    let fixture = Fixture::new();
    let iss = fixture.issuer.url().to_owned();
    fixture.refuses(
        &full_token(&fixture.issuer).without("iss").sign(),
        "Invalid token issuer",
    );
    for value in [json!(null), json!(7), json!([iss]), json!({ "iss": iss })] {
        fixture.refuses(
            &full_token(&fixture.issuer).claim("iss", value).sign(),
            "Invalid token issuer",
        );
    }
    for other in [
        format!("{iss}/"),
        iss.to_uppercase(),
        iss.replace("https", "http"),
        iss[..iss.len() - 1].to_owned(),
        format!("{iss}.evil.test"),
        format!(" {iss}"),
        String::new(),
        "https://evil.test".into(),
    ] {
        fixture.refuses(
            &full_token(&fixture.issuer).issuer(other).sign(),
            "Invalid token issuer",
        );
    }
}

#[test]
fn row_3_14_the_audience_must_name_us() {
    let fixture = Fixture::new();
    let aud = fixture.issuer.audience().to_owned();
    fixture.refuses(
        &full_token(&fixture.issuer).without("aud").sign(),
        "Invalid token audience",
    );
    for value in [
        json!(null),
        json!(""),
        json!([]),
        json!(7),
        json!({ "aud": aud }),
        json!("https://other.test"),
        json!([aud, 7]),
        json!([[aud]]),
        json!([""]),
        json!(format!("{aud}/")),
        json!(format!("{aud} other")),
        json!(aud.to_uppercase()),
        json!([aud, null]),
    ] {
        fixture.refuses(
            &full_token(&fixture.issuer).claim("aud", value).sign(),
            "Invalid token audience",
        );
    }
    fixture.accepts(&full_token(&fixture.issuer).claim("aud", json!(aud)).sign());
    fixture.accepts(
        &full_token(&fixture.issuer)
            .claim("aud", json!(["https://other.test", aud]))
            .sign(),
    );
}

#[test]
fn the_first_present_claim_of_audience_claims_decides() {
    let issuer = offline();
    let mut config = config(&issuer);
    config.audience_claims = vec!["aud".into(), "client_id".into()];
    config.audience = vec!["my-client".into()];
    let app = app_with(&issuer, config);
    let cognito = || full_token(&issuer).without("aud").client_id("my-client");
    app.get("/token", &cognito().sign()).passes("alice");
    app.get("/token", &cognito().claim("aud", json!(null)).sign())
        .passes("alice");
    app.get("/token", &cognito().client_id("another").sign())
        .invalid("Invalid token audience");
    app.get("/token", &cognito().audience("another").sign())
        .invalid("Invalid token audience");
}

#[test]
fn row_3_15_sub_and_jti_must_be_strings_when_they_are_there() {
    let fixture = Fixture::new();
    for claim in ["sub", "jti"] {
        for value in [json!(7), json!(null), json!(["x"]), json!({}), json!(true)] {
            fixture.refuses(
                &full_token(&fixture.issuer).claim(claim, value).sign(),
                "Malformed token",
            );
        }
    }
    fixture
        .app
        .get(
            "/token",
            &full_token(&fixture.issuer)
                .without("sub")
                .without("jti")
                .sign(),
        )
        .passes("(no subject)");
}

#[test]
fn row_3_16_another_kind_of_token_is_not_an_access_token() {
    let fixture = Fixture::new();
    fixture.refuses(
        &full_token(&fixture.issuer).claim("token_use", "id").sign(),
        "Not an access token",
    );
    fixture.accepts(
        &full_token(&fixture.issuer)
            .claim("token_use", "access")
            .sign(),
    );
    for typ in ["ID", "Refresh", "Logout"] {
        fixture.refuses(
            &full_token(&fixture.issuer).claim("typ", typ).sign(),
            "Not an access token",
        );
    }
    fixture.accepts(&full_token(&fixture.issuer).claim("typ", "Bearer").sign());
    for claim in ["at_hash", "c_hash", "s_hash"] {
        for value in ["x", ""] {
            fixture.refuses(
                &full_token(&fixture.issuer).claim(claim, value).sign(),
                "Not an access token",
            );
        }
    }
    for value in [json!({}), json!({ "urn:example:event": {} })] {
        fixture.refuses(
            &full_token(&fixture.issuer).claim("events", value).sign(),
            "Not an access token",
        );
    }
}

#[test]
fn row_3_16_claims_of_another_type_say_nothing() {
    let fixture = Fixture::new();
    let values = |kept: &[usize]| {
        let all = [
            json!(null),
            json!(false),
            json!(7),
            json!(["id", "ID", "Refresh"]),
            json!({ "id": "ID" }),
            json!("something else"),
        ];
        kept.iter().map(|at| all[*at].clone()).collect::<Vec<_>>()
    };
    for (claim, values) in [
        ("token_use", values(&[0, 1, 2, 3, 4, 5])),
        ("typ", values(&[0, 1, 2, 3, 4, 5])),
        ("at_hash", values(&[0, 1, 2, 3, 4])),
        ("c_hash", values(&[0, 1, 2, 3, 4])),
        ("s_hash", values(&[0, 1, 2, 3, 4])),
        ("events", values(&[0, 1, 2, 3, 5])),
    ] {
        for value in values {
            fixture.accepts(&full_token(&fixture.issuer).claim(claim, value).sign());
        }
    }
}

#[test]
fn row_3_16_accept_id_tokens_admits_id_tokens_of_its_issuer_alone() {
    let start = || TestIssuer::builder().audience(AUDIENCE).start();
    let (one, other) = (start(), start());
    let entry = |issuer: &TestIssuer, accept_id_tokens| IssuerConfig {
        iss_url: Some(issuer.url().into()),
        accept_id_tokens,
        ..IssuerConfig::default()
    };
    let settings = Config {
        iss_url: None,
        issuers: vec![entry(&one, true), entry(&other, false)],
        ..config(&one)
    };
    let fairing = AxiomsFairing::from_config(settings);
    let app = App::launch(rocket(fairing).mount("/", routes()));
    let id_tokens = [
        ("token_use", json!("id")),
        ("typ", json!("ID")),
        ("at_hash", json!("x")),
        ("c_hash", json!("x")),
        ("s_hash", json!("x")),
    ];
    for (claim, value) in &id_tokens {
        let token = |issuer| full_token(issuer).claim(*claim, value.clone()).sign();
        app.get("/token", &token(&one)).passes("alice");
        app.get("/token", &token(&other))
            .invalid("Not an access token");
    }
    for (claim, value) in [
        ("typ", json!("Refresh")),
        ("typ", json!("logout")),
        ("events", json!({})),
    ] {
        let token = full_token(&one).claim(claim, value).sign();
        app.get("/token", &token).invalid("Not an access token");
    }
    let token = full_token(&one).typ("logout+jwt").sign();
    app.get("/token", &token).invalid("Invalid token type");
}

#[test]
fn row_3_16_typ_must_be_in_the_list_and_is_compared_as_a_media_type() {
    let fixture = Fixture::new();
    for typ in [
        "JWT",
        "jwt",
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/JWT",
    ] {
        fixture.accepts(&full_token(&fixture.issuer).typ(typ).sign());
    }
    fixture.accepts(&full_token(&fixture.issuer).without_header("typ").sign());
    for typ in [
        "ID",
        "dpop+jwt",
        "logout+jwt",
        "JOSE",
        "",
        "text/at+jwt",
        "application/",
        "at+jwt ",
        "secevent+jwt",
    ] {
        fixture.refuses(
            &full_token(&fixture.issuer).typ(typ).sign(),
            "Invalid token type",
        );
    }
    for typ in [json!(7), json!(null), json!(["JWT"])] {
        fixture.refuses(
            &full_token(&fixture.issuer).header("typ", typ).sign(),
            "Invalid token type",
        );
    }

    let mut strict = config(&fixture.issuer);
    strict.require_typ = true;
    strict.token_typs = vec!["application/AT+jwt".into()];
    let app = app_with(&fixture.issuer, strict);
    app.get("/token", &full_token(&fixture.issuer).typ("at+jwt").sign())
        .passes("alice");
    app.get("/token", &full_token(&fixture.issuer).typ("JWT").sign())
        .invalid("Invalid token type");
    app.get(
        "/token",
        &full_token(&fixture.issuer).without_header("typ").sign(),
    )
    .invalid("Invalid token type");
}

#[test]
fn row_3_17_a_claim_of_a_wrong_type_holds_nothing() {
    let fixture = Fixture::new();
    for value in [
        json!(7),
        json!({ "openid": true }),
        json!([["openid"]]),
        json!(["openid", 1]),
        json!(true),
        json!(null),
    ] {
        let token = full_token(&fixture.issuer)
            .claim("scope", value.clone())
            .claim("roles", value.clone())
            .claim("permissions", value)
            .sign();
        fixture.accepts(&token);
        for path in ["/scope", "/role", "/permission"] {
            fixture.app.get(path, &token).insufficient();
        }
    }
}

#[test]
fn row_3_18_a_string_and_a_list_are_one_set_of_whole_names() {
    let fixture = Fixture::new();
    let scope = |value: rocket::serde::json::Value| {
        fixture.app.get(
            "/scope",
            &fixture.issuer.token().claim("scope", value).sign(),
        )
    };
    for value in [
        json!("openid"),
        json!("a openid b"),
        json!(["openid"]),
        json!(["a", "profile"]),
        json!("  openid  "),
    ] {
        scope(value).passes("scope");
    }
    for value in [
        json!("OPENID"),
        json!("openid2"),
        json!("openid\tprofile"),
        json!("a\u{a0}openid"),
        json!("openid,profile"),
        json!(["openid profile"]),
        json!("xopenid"),
        json!(["openid "]),
        json!("openid\u{2003}x"),
    ] {
        scope(value).insufficient();
    }
}

#[test]
fn row_3_19_a_claim_that_is_present_but_empty_is_the_end_of_the_search() {
    let fixture = Fixture::new();
    for empty in [json!(""), json!([]), json!(" ")] {
        let token = fixture
            .issuer
            .token()
            .claim("scope", empty)
            .claim("scp", json!(["openid"]))
            .sign();
        fixture.app.get("/scope", &token).insufficient();
    }
    let token = fixture
        .issuer
        .token()
        .claim("scope", json!(null))
        .claim("scp", json!(["openid"]))
        .sign();
    fixture.app.get("/scope", &token).passes("scope");
}

#[test]
fn row_3_20_json_within_a_string_is_not_parsed() {
    let fixture = Fixture::new();
    let mut nested = "not JSON".to_owned();
    for _ in 0..11 {
        let text = json!(nested).to_string();
        nested = format!(
            "{}{{\"$serde_json::private::RawValue\":{text}}}{}",
            "[".repeat(120),
            "]".repeat(120)
        );
        for claim in ["cnf", "metadata"] {
            let payload = fixture
                .payload()
                .replacen('{', &format!("{{\"{claim}\":{nested},"), 1);
            fixture.refuses(&fixture.raw(&fixture.header(), &payload), "Malformed token");
        }
    }
}

#[test]
fn row_3_20_json_nested_too_deep_is_malformed() {
    let fixture = Fixture::new();
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for depth in [129, 4000] {
        let header = fixture
            .header()
            .replacen('{', &format!("{{\"x\":{},", nested(depth)), 1);
        fixture.refuses(&fixture.raw(&header, &fixture.payload()), "Malformed token");
        let payload = fixture
            .payload()
            .replacen('{', &format!("{{\"x\":{},", nested(depth)), 1);
        fixture.refuses(&fixture.raw(&fixture.header(), &payload), "Malformed token");
    }
}

#[test]
fn row_3_21_a_sender_constrained_token_is_never_a_bearer_token() {
    let fixture = Fixture::new();
    for cnf in [
        json!({ "jkt": "x" }),
        json!({ "x5t#S256": "x" }),
        json!({ "jkt": null }),
        json!({ "kid": "k", "jkt": "x" }),
        json!({ "jwk": {} }),
        json!({ "jwe": "x" }),
        json!({ "kid": "k" }),
        json!({ "jku": "https://keys.example.test/" }),
        json!({ "kid": null }),
        json!({ "other": 1, "jwk": null }),
    ] {
        fixture.refuses(
            &full_token(&fixture.issuer).claim("cnf", cnf).sign(),
            "Invalid token type",
        );
    }
    for cnf in [json!("x"), json!(null), json!([]), json!(7)] {
        fixture.refuses(
            &full_token(&fixture.issuer).claim("cnf", cnf).sign(),
            "Malformed token",
        );
    }
    for cnf in [json!({}), json!({ "other": "x" }), json!({ "JKT": "x" })] {
        fixture.accepts(&full_token(&fixture.issuer).claim("cnf", cnf).sign());
    }
}

#[test]
fn required_and_expected_claims_are_checked() {
    let issuer = offline();
    let mut config = config(&issuer);
    config.required_claims = vec!["tenant".into(), "org.id".into()];
    config.expected_claims = [
        ("token_use".to_owned(), json!("access")),
        ("ver".to_owned(), json!(["1.0", "2.0", 2])),
    ]
    .into();
    let app = app_with(&issuer, config);
    let good = || {
        full_token(&issuer)
            .claim("tenant", "t")
            .claim("org", json!({ "id": 1 }))
            .claim("token_use", "access")
            .claim("ver", "2.0")
    };
    app.get("/token", &good().sign()).passes("alice");
    app.get("/token", &good().claim("ver", 2).sign())
        .passes("alice");
    let missing = "Token is missing a required claim";
    for bad in [
        good().without("tenant"),
        good().claim("tenant", json!(null)),
        good().claim("org", json!({})),
        good().without("token_use"),
        good().claim("token_use", "refresh"),
        good().claim("ver", "3.0"),
        good().claim("ver", json!(["2.0"])),
        good().without("ver"),
    ] {
        app.get("/token", &bad.sign()).invalid(missing);
    }
}

#[test]
fn a_program_with_both_jsonwebtoken_backends_in_its_graph_does_not_panic() {
    // This program installs no provider, and jsonwebtoken with both backends panics without one.
    // The crate does not call it.
    let trap = std::panic::catch_unwind(|| {
        let key = jsonwebtoken::EncodingKey::from_secret(b"secret");
        jsonwebtoken::encode(
            &jsonwebtoken::Header::default(),
            &json!({ "sub": "alice" }),
            &key,
        )
    });
    assert!(trap.is_err(), "both backends are in the graph");
    let issuer = offline_with(Alg::ALL.iter().copied());
    let app = app(&issuer);
    for &alg in Alg::ALL {
        app.get("/token", &full_token(&issuer).algorithm(alg).sign())
            .passes("alice");
    }
}

#[get("/facts")]
fn facts(token: ValidToken) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        token.acr(),
        token.amr().collect::<Vec<_>>(),
        token
            .auth_time()
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok()),
        token.session_id(),
        token.actor(),
        token.text("org.id"),
        token.format(),
        token.binding(),
    )
}

#[test]
fn claims_about_the_login_are_read_by_their_types() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let app = App::launch(rocket(fairing).mount("/", rocket::routes![facts]));
    let claims = ["acr", "amr", "auth_time", "sid", "act", "org"];
    let token = |values: [Value; 6]| {
        let named = claims.into_iter().zip(values);
        let token = named.fold(full_token(&issuer), |token, (name, value)| {
            token.claim(name, value)
        });
        token.sign()
    };
    let good = [
        json!("gold"),
        json!(["pwd", "otp"]),
        json!(1_700_000_000.5),
        json!("s"),
        json!({ "sub": "desk", "act": { "sub": "batch" } }),
        json!({ "id": "7" }),
    ];
    app.get("/facts", &token(good)).passes(
        "Some(\"gold\") [\"pwd\", \"otp\"] Some(1700000000.5s) Some(\"s\") Some(\"desk\") \
         Some(\"7\") Jwt None",
    );
    let nothing = "None [] None None None None Jwt None";
    for value in [
        json!(null),
        json!(-1),
        json!(1e300),
        json!(true),
        json!([7]),
        json!(["a", 7]),
        json!({ "sub": 7, "id": 7 }),
    ] {
        app.get("/facts", &token(std::array::from_fn(|_| value.clone())))
            .passes(nothing);
    }
    app.get("/facts", &full_token(&issuer).sign())
        .passes(nothing);
}
