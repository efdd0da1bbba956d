//! The application under load, and bad tokens that are refused with any key set.

use std::net::Ipv4Addr;
use std::sync::Mutex;

use axioms_rocket::testing::{TestIssuer, TokenBuilder, hostile};
use axioms_rocket::{AxiomsFairing, Config, Roles, ValidToken};
use rocket::config::{LogLevel, Shutdown};
use rocket::fairing::AdHoc;
use rocket::{Build, Rocket, get, routes};

axioms_rocket::roles! { Editor = "editor"; }

#[get("/hot")]
fn hot(token: ValidToken, _role: Roles<Editor>) -> String {
    token.subject().unwrap_or_default().to_owned()
}

/// Returns a token that `/hot` accepts.
pub fn good<'a>(issuer: &'a TestIssuer, subject: &str) -> TokenBuilder<'a> {
    issuer.token().subject(subject).roles(["editor"])
}

/// Builds the application at a free loopback port; `tell` gets the port at liftoff.
pub fn application(
    config: Config,
    tell: impl FnOnce(rocket::Shutdown, u16) + Send + 'static,
) -> Rocket<Build> {
    let rocket_config = rocket::Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: 0,
        log_level: LogLevel::Off,
        shutdown: Shutdown {
            ctrlc: false,
            ..Shutdown::default()
        },
        ..rocket::Config::default()
    };
    let tell = Mutex::new(Some(tell));
    let liftoff = AdHoc::on_liftoff("Port", move |rocket| {
        Box::pin(async move {
            let tell = tell
                .lock()
                .expect("not poisoned")
                .take()
                .expect("first call");
            tell(rocket.shutdown(), rocket.config().port);
        })
    });
    let protection = AxiomsFairing::from_config(config);
    rocket::custom(rocket_config)
        .attach(protection)
        .attach(liftoff)
        .mount("/", routes![hot])
}

/// Returns bad tokens that are refused before the key lookup, and so with any key set.
pub fn bad_with_any_keys(good: &TokenBuilder<'_>) -> Vec<hostile::BadToken> {
    const EARLY: [&str; 7] = [
        "Malformed token",
        "Unsupported algorithm",
        "Token has expired",
        "Token is not valid yet",
        "Invalid token issuer",
        "Invalid token audience",
        "Invalid token type",
    ];
    const AFTER_THE_KEY: [&str; 6] = [
        "sub ",
        "jti ",
        "kid ",
        "cnf ",
        "bound ",
        "alg of another key",
    ];
    let early = |bad: &hostile::BadToken| {
        EARLY.contains(&bad.description)
            && !AFTER_THE_KEY
                .iter()
                .any(|start| bad.name.starts_with(start))
    };
    let bad: Vec<_> = hostile::spoiled(good).filter(early).collect();
    assert!(bad.len() > 40, "{}", bad.len());
    bad
}
