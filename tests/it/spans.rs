//! The span of a verification, which a `tracing` subscriber gets at level debug.

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{Config, JwksPrefetch, Optional, ValidToken};
use rocket::{get, routes};

use crate::recorder::{Log, record};
use crate::support::{AUDIENCE, App, app_with, config, full_token, offline, online_app};

/// The spans that ended, each with its fields.
fn spans(log: &Log) -> Vec<&str> {
    let ended = log.0.lines().filter(|line| line.ends_with(": close"));
    ended
        .map(|line| {
            let line = line.trim_start().strip_prefix("DEBUG ").expect(line);
            line.split(": ").next().unwrap_or(line)
        })
        .filter(|span| span.starts_with("axioms.verify"))
        .collect()
}

/// The spans of one request for `path` with each of `tokens`.
fn asked(app: &App, path: &str, tokens: &[&str]) -> Log {
    let ask = || tokens.iter().for_each(|token| drop(app.get(path, token)));
    record(ask).1
}

#[test]
fn row_16_5_one_span_per_verification_names_the_reason() {
    #[get("/two")]
    fn two(_one: Optional<ValidToken>, _two: ValidToken) {}
    let issuer = offline();
    let fairing = axioms_rocket::AxiomsFairing::from_config(config(&issuer));
    let fairing = fairing.with_keys(issuer.jwks());
    let app = App::launch(crate::support::rocket(fairing).mount("/", routes![two]));
    let good = full_token(&issuer).sign();
    let expired = full_token(&issuer).expired().sign();
    // Two guards, and the second request from the token cache.
    let log = asked(&app, "/two", &[&good, &good, &expired, "x"]);
    let expected = [
        "axioms.verify",
        "axioms.verify",
        r#"axioms.verify{error.type="expired"}"#,
        r#"axioms.verify{error.type="malformed"}"#,
    ];
    assert_eq!(spans(&log), expected, "{}", log.0);
    let ((), log) = record(|| app.anonymous("/two").missing());
    assert_eq!(spans(&log), [""; 0]);
}

#[test]
fn row_16_5_the_wait_for_keys_is_in_the_span() {
    let issuer = TestIssuer::builder().audience(AUDIENCE).start();
    let app = online_app(Config {
        jwks_prefetch: JwksPrefetch::Never,
        log_subject: true,
        ..config(&issuer)
    });
    let ((), log) = record(|| {
        app.get("/token", &full_token(&issuer).sign())
            .passes("alice")
    });
    assert_eq!(spans(&log), [r#"axioms.verify{user.id="alice"}"#]);
}

#[test]
fn row_1_log_subject_adds_the_subject_to_the_span() {
    let issuer = offline();
    for (log_subject, expected) in [
        (false, "axioms.verify"),
        (true, r#"axioms.verify{user.id="alice \"\n\u{1b}"}"#),
    ] {
        let app = app_with(
            &issuer,
            Config {
                log_subject,
                ..config(&issuer)
            },
        );
        let token = full_token(&issuer).subject("alice \"\n\u{1b}").sign();
        assert_eq!(spans(&asked(&app, "/token", &[&token])), [expected]);
    }
    assert!(!Config::default().log_subject);
}
