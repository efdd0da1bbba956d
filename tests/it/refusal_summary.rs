//! The refusals of each minute in the log of a release build.

use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AxiomsFairing, Clock};

use crate::support::{AUDIENCE, App, ISSUER, config, full_token, routes};

/// The variable that makes [`in_a_log_of_this_level`] print; its value is the log level.
const CHILD: &str = "LOG_LEVEL_OF_THE_SUMMARY";

/// Prints as a program without a `tracing` subscriber does, if the test below asks for it.
#[test]
fn in_a_log_of_this_level() {
    let Ok(level) = std::env::var(CHILD) else {
        return;
    };
    let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    let issuer = TestIssuer::builder()
        .audience(AUDIENCE)
        .clock(clock.clone())
        .offline(ISSUER);
    let fairing = AxiomsFairing::from_config(config(&issuer))
        .with_keys(issuer.jwks())
        .with_clock(clock.clone());
    let figment = rocket::Config::figment()
        .merge(("log_level", level))
        .merge(("cli_colors", false));
    let app = App::launch(rocket::custom(figment).attach(fairing).mount("/", routes()));
    let token = || issuer.token().id("t\r\n1");
    for number in 0..37 {
        app.get("/token", &token().audience(format!("b{number}")).sign());
    }
    app.anonymous("/scope");
    clock.advance(Duration::from_secs(90));
    println!("next");
    app.get("/token", &token().audience("c").sign());
    app.get("/role", &full_token(&issuer).roles(["viewer"]).sign());
    println!("rest");
    drop(app);
}

#[test]
fn row_16_7_a_reason_has_one_line_a_minute_where_its_lines_are_hidden() {
    let printed = |level: &str| {
        let child = Command::new(std::env::current_exe().expect("this program"))
            .args([
                "--exact",
                "refusal_summary::in_a_log_of_this_level",
                "--nocapture",
            ])
            .env(CHILD, level)
            .output()
            .expect("the child runs");
        assert!(child.status.success(), "{child:?}");
        String::from_utf8(child.stdout).expect("text")
    };
    let critical = printed("critical");
    let (first, rest) = critical.split_once("next\n").expect("the second minute");
    let (next, end) = rest.split_once("rest\n").expect("the end");
    let lines = |text: &str| -> Vec<String> {
        let own = text.lines().filter(|line| line.contains("axioms: refused"));
        own.map(str::to_owned).collect()
    };
    assert_eq!(lines(first), [""; 0], "one minute is not over");
    let [line] = &lines(next)[..] else {
        panic!("one line: {critical}")
    };
    for part in [
        "Warning: axioms: refused 37 × in 90 s, the first: invalid_token: Invalid token audience",
        "(audience \"b0\" is none of",
        "jti=\"t\\r\\n1\"; GET /token (token)",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let rest = lines(end);
    assert_eq!(rest.len(), 3, "{critical}");
    for part in [
        "1 × in 90 s: missing_token: Missing Authorization header; GET /scope (scope)",
        "1 × in 1 s: invalid_token: Invalid token audience (audience \"c\"",
        "1 × in 1 s: insufficient_scope: Insufficient role, scope or permission; asked role editor",
    ] {
        assert!(
            rest.iter().any(|line| line.contains(part)),
            "{part}: {rest:#?}"
        );
    }
    // Each refusal has its own line at `normal`, and nothing is shown at `off`.
    let normal = printed("normal");
    assert_eq!(
        normal.matches("refused with 401: invalid_token").count(),
        38,
        "{normal}"
    );
    assert_eq!(lines(&normal), [""; 0]);
    assert_eq!(lines(&printed("off")), [""; 0]);
}
