//! Chapter 1 of docs/behaviour.md, "key location": the requests that find the keys, in order.

use axioms_rocket::testing::{IssuerFault, TestIssuer};
use axioms_rocket::{Clock, Config};
use std::time::SystemTime;

use super::{Fixture, INTERVAL, SECOND, asked, eventually, launch};
use crate::support::{config, full_token};

const OPENID: &str = "GET /.well-known/openid-configuration";
const OAUTH: &str = "GET /.well-known/oauth-authorization-server";
const KEYS: &str = "GET /.well-known/jwks.json";

fn owned(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

/// An application of `issuer` that has just started, and not forgotten what it asked.
fn start(issuer: TestIssuer, change: impl FnOnce(&mut Config)) -> Fixture {
    let clock = Clock::manual(SystemTime::now());
    let mut config = config(&issuer);
    change(&mut config);
    let app = launch(config, &clock);
    Fixture { issuer, clock, app }
}

#[test]
fn the_keys_are_where_openid_connect_discovery_says() {
    let fixture = start(TestIssuer::start(), |_| {});
    fixture.accepts(&fixture.token());
    assert_eq!(asked(&fixture.issuer), [OPENID, KEYS]);
}

#[test]
fn else_where_rfc_8414_says_and_its_path_is_put_in_after_the_host() {
    for path in ["/realms/x", "/realms/x/"] {
        let issuer = TestIssuer::builder().path(path).start();
        issuer.answer_metadata_with(IssuerFault::NotFoundOpenId);
        let fixture = start(issuer, |_| {});
        fixture.accepts(&fixture.token());
        let expected = [
            "GET /realms/x/.well-known/openid-configuration",
            "GET /.well-known/oauth-authorization-server/realms/x",
            "GET /realms/x/.well-known/jwks.json",
        ];
        assert_eq!(asked(&fixture.issuer), expected);
    }
}

#[test]
fn else_at_the_conventional_path_with_exactly_one_slash() {
    for path in ["", "/", "/realms/x", "/realms/x/"] {
        let issuer = TestIssuer::builder().path(path).start();
        issuer.answer_metadata_with(IssuerFault::NotFoundMetadata);
        let fixture = start(issuer, |_| {});
        fixture.accepts(&fixture.token());
        let base = path.trim_end_matches('/');
        let expected = [
            format!("GET {base}/.well-known/openid-configuration"),
            format!("{OAUTH}{base}"),
            format!("GET {base}/.well-known/jwks.json"),
        ];
        assert_eq!(asked(&fixture.issuer), expected);
    }
}

#[test]
fn without_discovery_at_the_conventional_path_alone() {
    let issuer = TestIssuer::builder().trailing_slash().start();
    let fixture = start(issuer, |config| config.discovery = false);
    fixture.accepts(&fixture.token());
    assert_eq!(asked(&fixture.issuer), [KEYS]);
}

#[test]
fn jwks_url_is_asked_and_nothing_else() {
    let keys = TestIssuer::start();
    let issuer = TestIssuer::start();
    let (jwks_url, jwks) = (keys.jwks_url().to_owned(), issuer.jwks());
    keys.answer_keys_with(IssuerFault::Body(jwks));
    let fixture = start(issuer, |config| config.jwks_url = Some(jwks_url));
    fixture.accepts(&fixture.token());
    assert_eq!(
        (asked(&fixture.issuer), asked(&keys)),
        (vec![], vec![KEYS.to_owned()])
    );
}

#[test]
fn with_jwks_url_the_issuer_need_not_be_a_url() {
    let fixture = start(TestIssuer::start(), |config| {
        config.jwks_url = config
            .iss_url
            .replace("acme.com".into())
            .map(|issuer| format!("{issuer}/.well-known/jwks.json"));
    });
    fixture.accepts(&full_token(&fixture.issuer).issuer("acme.com").sign());
    for other in [
        "https://acme.com",
        "acme.com/",
        "ACME.com",
        fixture.issuer.url(),
    ] {
        let token = full_token(&fixture.issuer).issuer(other).sign();
        fixture
            .app
            .get("/token", &token)
            .invalid("Invalid token issuer");
    }
}

#[test]
fn with_jwks_url_alone_iss_is_not_checked() {
    let fixture = start(TestIssuer::start(), |config| {
        config.jwks_url = config
            .iss_url
            .take()
            .map(|issuer| format!("{issuer}/.well-known/jwks.json"));
    });
    fixture.accepts(&fixture.token());
    fixture.accepts(
        &full_token(&fixture.issuer)
            .issuer("https://anyone.example.test")
            .sign(),
    );
    fixture.accepts(&full_token(&fixture.issuer).without("iss").sign());
    assert_eq!(asked(&fixture.issuer), [KEYS]);
}

#[test]
fn metadata_of_another_issuer_are_not_believed() {
    let issuer = TestIssuer::start();
    issuer.answer_metadata_with(IssuerFault::WrongIssuer);
    let fixture = start(issuer, |_| {});
    let wait = fixture.unavailable(&fixture.token());
    // Nor is there another place to look: they were not absent.
    assert_eq!(asked(&fixture.issuer), [OPENID]);
    fixture.issuer.heal();
    fixture.clock.advance(wait);
    fixture.accepts(&fixture.token());
}

#[test]
fn metadata_of_an_issuer_that_differs_by_a_slash_are_not_believed() {
    let fixture = start(TestIssuer::start(), |config| {
        config.iss_url.as_mut().expect("set").push('/')
    });
    fixture
        .app
        .get("/token", &fixture.token())
        .invalid("Invalid token issuer");
    let slash = format!("{}/", fixture.issuer.url());
    fixture.unavailable(&full_token(&fixture.issuer).issuer(slash).sign());
    assert_eq!(asked(&fixture.issuer), [OPENID]);
}

#[test]
fn metadata_that_fail_say_nothing_about_where_the_keys_are() {
    let body = |text: &str| IssuerFault::Body(text.into());
    for fault in [
        IssuerFault::Status(500),
        IssuerFault::Status(403),
        IssuerFault::Garbage,
        IssuerFault::CutOff,
        IssuerFault::NoJwksUri,
        IssuerFault::RedirectLoop,
        body("{}"),
        body("[]"),
        body(r#"{"issuer":7}"#),
    ] {
        let issuer = TestIssuer::start();
        issuer.answer_metadata_with(fault.clone());
        let fixture = start(issuer, |_| {});
        let wait = fixture.unavailable(&fixture.token());
        assert_eq!(fixture.issuer.jwks_requests(), 0, "{fault:?}");
        fixture.issuer.heal();
        fixture.clock.advance(wait);
        assert_eq!(
            fixture.app.get("/token", &fixture.token()).status,
            200,
            "{fault:?}, afterwards"
        );
    }
}

#[test]
fn metadata_may_name_any_place_that_is_safe_and_no_other() {
    let keys = TestIssuer::start();
    let issuer = TestIssuer::start();
    keys.answer_keys_with(IssuerFault::Body(issuer.jwks()));
    issuer.answer_metadata_with(IssuerFault::JwksUri(keys.jwks_url().into()));
    let fixture = start(issuer, |_| {});
    fixture.accepts(&fixture.token());
    assert_eq!(
        (asked(&fixture.issuer), asked(&keys)),
        (vec![OPENID.to_owned()], vec![KEYS.to_owned()])
    );

    for unsafe_place in [
        "http://keys.example.test/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "/keys",
        "keys",
        "",
    ] {
        let issuer = TestIssuer::start();
        issuer.answer_metadata_with(IssuerFault::JwksUri(unsafe_place.into()));
        let fixture = start(issuer, |_| {});
        fixture.unavailable(&fixture.token());
        assert_eq!(asked(&fixture.issuer), [OPENID], "{unsafe_place:?}");
    }
}

#[test]
fn a_place_that_was_found_is_asked_again_without_looking_for_it() {
    let fixture = start(TestIssuer::start(), |_| {});
    for _ in 0..2 {
        fixture.issuer.rotate();
        fixture.accepts(&fixture.token());
    }
    assert_eq!(asked(&fixture.issuer), [OPENID, KEYS, KEYS, KEYS]);
}

#[test]
fn keys_that_moved_are_found_at_once_where_the_old_place_is_gone() {
    for status in [404, 410, 500] {
        let (issuer, moved) = (TestIssuer::start(), TestIssuer::start());
        let fixture = start(issuer, |_| {});
        fixture.issuer.rotate();
        moved.answer_keys_with(IssuerFault::Body(fixture.issuer.jwks()));
        fixture.issuer.answer_keys_with(IssuerFault::Status(status));
        fixture
            .issuer
            .answer_metadata_with(IssuerFault::JwksUri(moved.jwks_url().into()));
        fixture.accepts(&fixture.token());
        assert_eq!(
            (asked(&fixture.issuer), asked(&moved)),
            (owned(&[OPENID, KEYS, KEYS, OPENID]), owned(&[KEYS]))
        );
    }
}

/// The keys of the issuer are at another place now, where there is a new one; those from before
/// stay where they were.
fn move_away(fixture: &Fixture) -> TestIssuer {
    let moved = TestIssuer::start();
    fixture
        .issuer
        .answer_keys_with(IssuerFault::Body(fixture.issuer.jwks()));
    fixture.issuer.emergency();
    moved.answer_keys_with(IssuerFault::Body(fixture.issuer.jwks()));
    fixture
        .issuer
        .answer_metadata_with(IssuerFault::JwksUri(moved.jwks_url().into()));
    moved
}

#[test]
fn keys_that_moved_are_found_within_a_cooldown_if_the_old_uri_answers() {
    let fixture = start(TestIssuer::start(), |_| {});
    let withdrawn = fixture.token();
    fixture.accepts(&withdrawn);
    let moved = move_away(&fixture);
    fixture.does_not_know_the_key_of(&fixture.token());
    fixture.accepts(&withdrawn);
    fixture.clock.advance(10 * SECOND);
    fixture.accepts(&fixture.token());
    assert_eq!(asked(&moved), [KEYS]);
    fixture.does_not_know_the_key_of(&withdrawn);
}

#[test]
fn keys_that_moved_are_found_by_the_next_refresh() {
    let fixture = start(TestIssuer::start(), |_| {});
    let withdrawn = fixture.token();
    fixture.accepts(&withdrawn);
    let moved = move_away(&fixture);
    fixture.clock.advance(INTERVAL);
    fixture.accepts(&withdrawn);
    eventually("the refresh was made", || moved.jwks_requests() == 1);
    eventually("it landed", || {
        fixture.app.get("/token", &withdrawn).status == 401
    });
    fixture.accepts(&fixture.token());
}

#[test]
fn row_5_9_metadata_in_trouble_do_not_keep_a_rotated_key_away() {
    let page = || IssuerFault::Body("<html>".into());
    for trouble in [
        IssuerFault::Status(500),
        IssuerFault::Hang,
        IssuerFault::NotFoundMetadata,
        IssuerFault::WrongIssuer,
        IssuerFault::NoJwksUri,
        page(),
    ] {
        let what = format!("{trouble:?}");
        let fixture = start(TestIssuer::start(), |config| config.http_timeout = 6);
        fixture.issuer.answer_metadata_with(trouble);
        // An unknown key makes the URI suspect.
        fixture.does_not_know_the_key_of(&full_token(&fixture.issuer).kid("unknown").sign());
        fixture.clock.advance(10 * SECOND);
        fixture.issuer.rotate();
        fixture.issuer.forget_requests();
        let answer = fixture.app.get("/token", &fixture.token());
        assert_eq!(answer.status, 200, "{what}");
        assert!(
            asked(&fixture.issuer).contains(&OPENID.to_owned()),
            "{what}"
        );
    }
}

#[test]
fn keys_that_moved_from_a_place_that_hangs_are_found_within_a_cooldown() {
    let fixture = start(TestIssuer::start(), |config| config.http_timeout = 3);
    let moved = move_away(&fixture);
    fixture.issuer.answer_keys_with(IssuerFault::Hang);
    fixture.does_not_know_the_key_of(&fixture.token());
    fixture.clock.advance(10 * SECOND);
    fixture.accepts(&fixture.token());
    assert_eq!(asked(&moved), [KEYS]);
}

#[test]
fn keys_that_are_not_at_the_new_jwks_uri_are_taken_from_the_old_one() {
    for trouble in [IssuerFault::Status(500), IssuerFault::Hang] {
        let fixture = start(TestIssuer::start(), |config| config.http_timeout = 6);
        let moved = TestIssuer::start();
        moved.answer_with(trouble);
        fixture
            .issuer
            .answer_metadata_with(IssuerFault::JwksUri(moved.jwks_url().into()));
        fixture.does_not_know_the_key_of(&full_token(&fixture.issuer).kid("unknown").sign());
        fixture.clock.advance(10 * SECOND);
        fixture.issuer.rotate();
        fixture.accepts(&fixture.token());
        assert_eq!(asked(&moved), [KEYS]);
    }
}
