//! Floods: the largest tokens and key sets, many issuers, and requests with unknown keys. Each has
//! a limit, and up to it everything works.
//!
//! `benches/refusal.rs` measures the cost of a refusal.

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer};
use axioms_rocket::{Config, IssuerConfig};
use rocket::serde::json::{Value, from_str, json};

use crate::support::{App, app, app_with, config, full_token, offline, online_app};

/// The most that `max_token_bytes` may be.
const HIGHEST_LIMIT: usize = 1 << 20;

/// With the default limit, and with the highest.
fn apps(issuer: &TestIssuer) -> [App; 2] {
    [
        app(issuer),
        app_with(
            issuer,
            Config {
                max_token_bytes: HIGHEST_LIMIT,
                ..config(issuer)
            },
        ),
    ]
}

#[test]
fn ten_thousand_audiences_are_refused_unread_or_searched_to_the_last() {
    let issuer = offline();
    let [default, highest] = apps(&issuer);
    let mut audiences: Vec<_> = (0..10_000)
        .map(|number| format!("https://api-{number}.example.test"))
        .collect();
    let foreign = full_token(&issuer).claim("aud", audiences.clone()).sign();
    audiences.push(issuer.audience().into());
    let ours = full_token(&issuer).claim("aud", audiences).sign();
    for token in [&foreign, &ours] {
        assert!(
            (300_000..HIGHEST_LIMIT).contains(&token.len()),
            "{}",
            token.len()
        );
        default.get("/token", token).invalid("Malformed token");
    }
    highest
        .get("/token", &foreign)
        .invalid("Invalid token audience");
    highest.get("/token", &ours).passes("alice");
}

#[test]
fn a_hundred_thousand_scopes_are_refused_unread_or_searched_to_the_last() {
    let issuer = offline();
    let [default, highest] = apps(&issuer);
    let names: Vec<_> = (0..100_000).map(|number| format!("s{number:05}")).collect();
    for (without, with) in [
        (
            json!(names.join(" ")),
            json!(format!("{} openid", names.join(" "))),
        ),
        (
            json!(names[..80_000]),
            json!([&names[..80_000], &["openid".to_owned()]].concat()),
        ),
    ] {
        let [poor, rich] =
            [without, with].map(|scopes| issuer.token().claim("scope", scopes).sign());
        for token in [&poor, &rich] {
            assert!(
                (900_000..HIGHEST_LIMIT).contains(&token.len()),
                "{}",
                token.len()
            );
            default.get("/scope", token).invalid("Malformed token");
        }
        highest.get("/scope", &poor).insufficient();
        highest.get("/scope", &rich).passes("scope");
    }
}

#[test]
fn a_member_that_comes_twice_is_found_among_ten_thousand() {
    let issuer = offline();
    let [default, highest] = apps(&issuer);
    let many: String = (0..10_000)
        .map(|number| format!(r#","claim-{number}":{number}"#))
        .collect();
    let (iss, aud) = (issuer.url(), issuer.audience());
    let payload =
        format!(r#"{{"iss":"{iss}","aud":"{aud}","sub":"alice","exp":4000000000{many}}}"#);
    let header = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, issuer.kid(Alg::Es256));
    let once = issuer.sign_raw(&header, &payload, Alg::Es256);
    let twice = issuer.sign_raw(
        &header,
        payload.replacen('{', r#"{"claim-9999":0,"#, 1),
        Alg::Es256,
    );
    for token in [&once, &twice] {
        default.get("/token", token).invalid("Malformed token");
    }
    highest.get("/token", &once).passes("alice");
    highest.get("/token", &twice).invalid("Malformed token");
}

#[test]
fn unknown_kids_cause_one_fetch_per_issuer_and_unknown_issuers_none() {
    const ISSUERS: usize = 20;
    const EACH: usize = 50;
    let issuers: Vec<_> = (0..ISSUERS).map(|_| TestIssuer::start()).collect();
    let [first, others @ ..] = &issuers[..] else {
        unreachable!("twenty")
    };
    let others = others.iter().map(|issuer| IssuerConfig {
        iss_url: Some(issuer.url().into()),
        ..IssuerConfig::default()
    });
    let audience = vec![first.audience().to_owned()];
    let app = online_app(Config {
        audience,
        issuers: others.collect(),
        // However slow the machine is.
        jwks_cooldown: 3600,
        ..config(first)
    });
    issuers.iter().for_each(TestIssuer::forget_requests);

    for number in 0..EACH {
        for issuer in &issuers {
            let token = full_token(issuer).audience(first.audience());
            app.get(
                "/token",
                &token.clone().kid(format!("made up {number}")).sign(),
            )
            .invalid("Unknown signing key");
            let unknown = format!("{}/{number}", issuer.url());
            app.get("/token", &token.issuer(unknown).kid("made up").sign())
                .invalid("Invalid token issuer");
        }
    }
    for issuer in &issuers {
        assert_eq!(
            issuer
                .requests()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            ["GET /.well-known/jwks.json"]
        );
        app.get(
            "/token",
            &full_token(issuer).audience(first.audience()).sign(),
        )
        .passes("alice");
    }
}

#[test]
fn a_set_as_long_as_may_be_is_read_and_its_last_key_found() {
    let issuer = TestIssuer::start();
    let app = online_app(config(&issuer));
    let set: Value = from_str(&issuer.jwks()).expect("a set");
    let mut key = set["keys"][0].clone();
    let (mut body, mut count) = (String::from(r#"{"keys":["#), 0);
    loop {
        key["kid"] = json!(format!("key-{count}"));
        let next = key.to_string();
        if body.len() + next.len() + 3 > 512 * 1024 {
            break;
        }
        body = body + &next + ",";
        count += 1;
    }
    body.pop();
    body += "]}";
    assert!(count > 2000, "{count}");
    issuer.answer_keys_with(IssuerFault::Body(body));
    for kid in [0, count / 2, count - 1] {
        app.get(
            "/token",
            &full_token(&issuer).kid(format!("key-{kid}")).sign(),
        )
        .passes("alice");
    }
    // At launch, and when the first of them was asked for.
    assert_eq!(issuer.jwks_requests(), 2);
}
