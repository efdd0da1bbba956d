//! 5.4, 5.6 and 5.7: what goes wrong between us and the issuer, and what is wrong with a key.

use axioms_rocket::testing::{IssuerFault, TestIssuer};
use rocket::serde::json::{Value, json};

use super::{Fixture, INTERVAL, SECOND, asked, eventually};
use crate::support::full_token;

/// With `trouble` the refresh fails and the keys at hand stay in use; without it the next one
/// succeeds.
#[track_caller]
fn keeps_the_set(what: &str, trouble: impl FnOnce(&TestIssuer)) {
    let fixture = Fixture::with(|config| config.http_timeout = 2);
    // One token that will be remembered, and one that will need the old key again.
    let (seen, unseen) = (fixture.token(), fixture.token());
    fixture.accepts(&seen);
    fixture.issuer.rotate();
    let rotated = fixture.token();

    trouble(&fixture.issuer);
    let answer = fixture.app.get("/token", &rotated);
    assert_eq!(answer.status, 401, "{what}: {answer:?}");
    answer.invalid(super::UNKNOWN);
    for token in [&seen, &unseen] {
        assert_eq!(fixture.app.get("/token", token).status, 200, "{what}");
    }

    fixture.issuer.up();
    fixture.issuer.heal();
    fixture.clock.advance(10 * SECOND);
    for token in [&rotated, &seen] {
        assert_eq!(
            fixture.app.get("/token", token).status,
            200,
            "{what}, afterwards"
        );
    }
}

#[test]
fn row_5_4_a_network_that_fails_keeps_the_set() {
    keeps_the_set("down", TestIssuer::down);
    keeps_the_set("hang", |issuer| issuer.answer_keys_with(IssuerFault::Hang));
    keeps_the_set("slow drip", |issuer| {
        issuer.answer_keys_with(IssuerFault::SlowDrip)
    });
    keeps_the_set("cut off", |issuer| {
        issuer.answer_keys_with(IssuerFault::CutOff)
    });
}

#[test]
fn row_5_4_a_status_that_is_not_200_keeps_the_set() {
    for status in [
        201, 204, 206, 304, 400, 401, 403, 404, 410, 429, 500, 502, 503, 504,
    ] {
        keeps_the_set(&status.to_string(), |issuer| {
            issuer.answer_keys_with(IssuerFault::Status(status))
        });
    }
}

#[test]
fn row_5_4_a_document_that_is_no_usable_set_keeps_the_set() {
    for fault in [
        IssuerFault::Garbage,
        IssuerFault::EmptySet,
        IssuerFault::HugeSet,
    ] {
        keeps_the_set(&format!("{fault:?}"), |issuer| {
            issuer.answer_keys_with(fault.clone())
        });
    }
    for body in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":"x"}"#,
        r#"{"keys":[null,1,"x",[],{}]}"#,
        r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
        r#"{"keys":[],"keys":[]}"#,
        r#"{"error":"try again later"}"#,
    ] {
        keeps_the_set(body, |issuer| {
            issuer.answer_keys_with(IssuerFault::Body(body.into()))
        });
    }
    // The right keys, and then something else.
    keeps_the_set("two documents", |issuer| {
        issuer.answer_keys_with(IssuerFault::Body(format!("{0}{0}", issuer.jwks())))
    });
    let deep = format!(
        r#"{{"keys":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    keeps_the_set("nested deeply", |issuer| {
        issuer.answer_keys_with(IssuerFault::Body(deep))
    });
}

#[test]
fn row_5_4_a_set_of_512_kib_is_read_and_one_byte_more_keeps_the_set() {
    let padded = |issuer: &TestIssuer, length: usize| {
        let mut body = issuer.jwks();
        body.extend(std::iter::repeat_n(' ', length - body.len()));
        issuer.answer_keys_with(IssuerFault::Body(body));
    };
    keeps_the_set("512 KiB and one byte", |issuer| {
        padded(issuer, 512 * 1024 + 1)
    });

    let fixture = Fixture::new();
    fixture.issuer.rotate();
    padded(&fixture.issuer, 512 * 1024);
    fixture.accepts(&fixture.token());
}

#[test]
fn row_5_4_a_refresh_ahead_that_fails_is_not_seen_until_keys_expire() {
    let fixture = Fixture::new();
    let token = fixture.token();
    fixture.issuer.answer_with(IssuerFault::Status(500));
    // Due, but good.
    fixture.clock.advance(INTERVAL);
    fixture.accepts(&token);
    eventually("the refresh was tried", || {
        fixture.issuer.jwks_requests() == 1
    });
    // `jwks_cache_ttl` is over, `jwks_stale_ttl` has begun.
    fixture.clock.advance(7200 * SECOND - INTERVAL);
    fixture.accepts(&token);
    fixture.accepts(&fixture.token());
    fixture.clock.advance(86_400 * SECOND - SECOND);
    fixture.accepts(&token);
    fixture.accepts(&fixture.token());
    // Both are over.
    fixture.clock.advance(SECOND);
    fixture.unavailable(&token);

    fixture.issuer.heal();
    fixture.clock.advance(60 * SECOND);
    fixture.accepts(&token);
}

#[test]
fn row_5_4_the_windows_are_as_long_as_configured() {
    let fixture = Fixture::with(|config| {
        config.jwks_refresh_interval = 60;
        config.jwks_cache_ttl = 120;
        config.jwks_stale_ttl = 30;
    });
    let token = fixture.token();
    fixture.issuer.down();
    fixture.clock.advance(149 * SECOND);
    // The last attempt is so long ago that the request itself fetches; only the failure excuses old
    // keys.
    fixture.accepts(&token);
    fixture.clock.advance(SECOND);
    fixture.unavailable(&token);
}

#[test]
fn row_5_4_without_a_stale_window_keys_are_dead_when_their_time_is_over() {
    let fixture = Fixture::with(|config| config.jwks_stale_ttl = 0);
    let token = fixture.token();
    fixture.issuer.down();
    fixture.clock.advance(7199 * SECOND);
    fixture.accepts(&token);
    fixture.clock.advance(SECOND);
    fixture.unavailable(&token);
}

#[test]
fn row_5_4_after_a_suspend_expired_keys_wait_for_a_fetch() {
    let fixture = Fixture::new();
    let (seen, unseen) = (fixture.token(), fixture.token());
    fixture.accepts(&seen);
    fixture.issuer.emergency();
    fixture.clock.advance(7200 * SECOND);
    fixture.does_not_know_the_key_of(&unseen);
    fixture.does_not_know_the_key_of(&seen);
    fixture.accepts(&fixture.token());
}

#[test]
fn row_5_4_a_failure_of_long_ago_excuses_no_old_keys() {
    let fixture = Fixture::new();
    let (seen, unseen) = (fixture.token(), fixture.token());
    fixture.accepts(&seen);
    // One fruitless attempt, for an unknown key.
    fixture.issuer.answer_with(IssuerFault::Status(500));
    fixture.does_not_know_the_key_of(&full_token(&fixture.issuer).kid("unknown").sign());
    fixture.issuer.heal();

    fixture.issuer.emergency();
    fixture.clock.advance(7200 * SECOND);
    fixture.does_not_know_the_key_of(&unseen);
    fixture.does_not_know_the_key_of(&seen);
    fixture.accepts(&fixture.token());
}

#[test]
fn row_5_6_one_key_that_cannot_be_understood_never_breaks_the_set() {
    let text = |length: usize| "A".repeat(length);
    let rsa = |n: &str, e: &str| json!({ "kty": "RSA", "kid": "bad", "n": n, "e": e });
    let modulus = |length: usize| format!("_{}w", text(length - 2));
    for bad in [
        json!(null),
        json!(7),
        json!("key"),
        json!([]),
        json!({}),
        json!({ "kid": "bad" }),
        json!({ "kty": 7, "kid": "bad" }),
        json!({ "kty": "EC", "kid": 7 }),
        json!({ "kty": "oct", "kid": "bad", "k": "c2VjcmV0" }),
        json!({ "kty": "AKP", "kid": "bad", "alg": "ML-DSA-44", "pub": text(1752) }),
        json!({ "kty": "AKP", "kid": "bad", "alg": "FN-DSA-512", "pub": text(1196) }),
        json!({ "kty": "OKP", "kid": "bad", "crv": "Ed448", "x": text(76) }),
        json!({ "kty": "OKP", "kid": "bad", "crv": "X25519", "x": text(43) }),
        // The neutral element: it verifies one signature for every message.
        json!({ "kty": "OKP", "kid": "bad", "crv": "Ed25519", "x": format!("AQ{}", text(41)) }),
        json!({ "kty": "EC", "kid": "bad", "crv": "secp256k1", "x": text(43), "y": text(43) }),
        json!({ "kty": "EC", "kid": "bad", "crv": "P-256", "x": text(43), "y": text(43) }),
        json!({ "kty": "EC", "kid": "bad", "crv": "P-256", "x": "not base64url!", "y": text(43) }),
        json!({ "kty": "EC", "kid": "bad", "crv": "P-256", "x": text(43) }),
        rsa(&modulus(171), "AQAB"),
        rsa(&modulus(342), "AQ"),
        rsa(&modulus(342), "AQAA"),
        rsa("", "AQAB"),
        rsa("!", "AQAB"),
    ] {
        let fixture = Fixture::new();
        fixture.issuer.extra_key(bad.clone());
        fixture.issuer.rotate();
        let answer = fixture.app.get("/token", &fixture.token());
        assert_eq!(answer.status, 200, "{bad}: {answer:?}");
        // It was left out: a token that names it names no key.
        fixture.clock.advance(10 * SECOND);
        fixture.does_not_know_the_key_of(&fixture.issuer.token().kid("bad").sign());
    }
}

#[test]
fn row_5_6_a_set_of_nothing_but_bad_keys_at_launch_is_no_set() {
    let (issuer, clock) = super::issuer();
    let set: Value = json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }, { "kty": "AKP" }] });
    issuer.answer_keys_with(IssuerFault::Body(set.to_string()));
    let app = super::launch(crate::support::config(&issuer), &clock);
    let fixture = Fixture { issuer, clock, app };
    let wait = fixture.unavailable(&fixture.token());
    fixture.issuer.heal();
    fixture.clock.advance(wait);
    fixture.accepts(&fixture.token());
}

#[test]
fn row_5_7_three_redirects_are_followed_for_the_keys_and_for_the_metadata() {
    let (issuer, clock) = super::issuer();
    issuer.answer_with(IssuerFault::Redirects(3));
    let app = super::launch(crate::support::config(&issuer), &clock);
    let fixture = Fixture { issuer, clock, app };
    fixture.accepts(&fixture.token());
    let hops = |path: &str| {
        let path = format!("GET /.well-known/{path}");
        [
            path.clone(),
            format!("{path}?hop=1"),
            format!("{path}?hop=2"),
            format!("{path}?hop=3"),
        ]
    };
    assert_eq!(
        asked(&fixture.issuer),
        [hops("openid-configuration"), hops("jwks.json")].concat()
    );
}

#[test]
fn row_5_7_a_fourth_redirect_is_not_followed_and_a_loop_ends() {
    keeps_the_set("four", |issuer| {
        issuer.answer_keys_with(IssuerFault::Redirects(4))
    });
    keeps_the_set("loop", |issuer| {
        issuer.answer_keys_with(IssuerFault::RedirectLoop)
    });

    let fixture = Fixture::new();
    fixture.issuer.answer_keys_with(IssuerFault::RedirectLoop);
    fixture.does_not_know_the_key_of(
        &crate::support::full_token(&fixture.issuer)
            .kid("unknown")
            .sign(),
    );
    assert_eq!(fixture.issuer.jwks_requests(), 4);
}

/// From https to http: `src/http` tests it, which needs no TLS server for that.
#[test]
fn row_5_7_a_redirect_to_another_scheme_or_plain_http_is_not_followed() {
    for to in [
        "ftp://127.0.0.1/keys",
        "file:///etc/passwd",
        "data:application/json,{}",
        "http://keys.example.test/",
        "",
        "http://",
    ] {
        keeps_the_set(to, |issuer| {
            issuer.answer_keys_with(IssuerFault::Redirect(to.into()))
        });
    }
}
