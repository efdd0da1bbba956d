//! The sample API of the axioms family, protected.
//!
//! `cargo run --example quickstart` starts it with an embedded development issuer and prints `curl`
//! commands. With a configured issuer, for example by `AXIOMS_ISS_URL` and `AXIOMS_AUDIENCE`, it
//! trusts that authorization server instead.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AxiomsFairing, Config, Permissions, Public, Roles, Scopes, ValidToken};
use rocket::fairing::AdHoc;
use rocket::serde::json::{Json, Value, json};
use rocket::{Build, Orbit, Rocket, delete, get, launch, patch, post, routes};

axioms_rocket::scopes! {
    /// Required for the private page: openid or profile.
    Profile = "openid" | "profile";
}

axioms_rocket::roles! {
    Sample = "sample:role";
}

axioms_rocket::permissions! {
    Create = "sample:create";
    Read = "sample:read";
    Update = "sample:update";
    Delete = "sample:delete";
}

fn message(text: &str) -> Json<Value> {
    Json(json!({ "message": text }))
}

#[get("/public")]
fn public(_anybody: Public) -> Json<Value> {
    message("Everyone can read this.")
}

#[get("/private")]
fn private(token: ValidToken, _scope: Scopes<Profile>) -> Json<Value> {
    message(&format!(
        "Hello {}, your token has openid or profile.",
        token.subject().unwrap_or("client")
    ))
}

/// One role for all methods: each route of the module has the same guard.
mod role {
    use super::*;

    #[get("/role")]
    pub fn read(_role: Roles<Sample>) -> Json<Value> {
        message("Sample read.")
    }

    #[post("/role")]
    pub fn create(_role: Roles<Sample>) -> Json<Value> {
        message("Sample created.")
    }

    #[patch("/role")]
    pub fn update(_role: Roles<Sample>) -> Json<Value> {
        message("Sample updated.")
    }

    #[delete("/role")]
    pub fn remove(_role: Roles<Sample>) -> Json<Value> {
        message("Sample deleted.")
    }
}

/// One permission per method.
mod permission {
    use super::*;

    #[get("/permission")]
    pub fn read(_may: Permissions<Read>) -> Json<Value> {
        message("Sample read.")
    }

    #[post("/permission")]
    pub fn create(_may: Permissions<Create>) -> Json<Value> {
        message("Sample created.")
    }

    #[patch("/permission")]
    pub fn update(_may: Permissions<Update>) -> Json<Value> {
        message("Sample updated.")
    }

    #[delete("/permission")]
    pub fn remove(_may: Permissions<Delete>) -> Json<Value> {
        message("Sample deleted.")
    }
}

/// The routes.
pub fn api() -> Rocket<Build> {
    rocket::build().mount(
        "/",
        routes![
            public,
            private,
            role::read,
            role::create,
            role::update,
            role::remove,
            permission::read,
            permission::create,
            permission::update,
            permission::remove,
        ],
    )
}

#[launch]
fn rocket() -> _ {
    let api = api();
    match Config::from_figment(api.figment()) {
        Ok(config) if has_no_issuer(&config) => with_embedded_issuer(api, config),
        // Your own application needs this line only. It also reports invalid settings.
        _ => api.attach(AxiomsFairing::default()),
    }
}

fn has_no_issuer(config: &Config) -> bool {
    config.domain.is_none()
        && config.iss_url.is_none()
        && config.jwks_url.is_none()
        && config.issuers.is_empty()
}

fn with_embedded_issuer(api: Rocket<Build>, config: Config) -> Rocket<Build> {
    let audience = config
        .audience
        .first()
        .map_or("https://api.example.com", String::as_str);
    let issuer = TestIssuer::builder().audience(audience).start();
    let protection = AxiomsFairing::from_config(Config {
        audience: vec![issuer.audience().to_owned()],
        iss_url: Some(issuer.url().to_owned()),
        ..config
    });
    // As managed state, the issuer runs as long as the application.
    api.attach(protection)
        .manage(issuer)
        .attach(AdHoc::on_liftoff("Development commands", |rocket| {
            Box::pin(async move {
                if let Some(issuer) = rocket.state::<TestIssuer>() {
                    print_commands(issuer, rocket);
                }
            })
        }))
}

/// Prints `curl` commands for three users and for none, each with the expected status.
fn print_commands(issuer: &TestIssuer, rocket: &Rocket<Orbit>) {
    let api = format!(
        "http://{}",
        SocketAddr::new(reachable(rocket.config().address), rocket.config().port)
    );
    let hour = Duration::from_secs(3600);
    let all = [
        "sample:create",
        "sample:read",
        "sample:update",
        "sample:delete",
    ];
    let all_rights = issuer
        .token()
        .subject("alice")
        .scope("openid profile")
        .roles(["sample:role"])
        .permissions(all);
    let few_rights = issuer
        .token()
        .subject("bob")
        .scope("openid")
        .permissions(["sample:read"]);
    let all_rights = all_rights.expires_in(hour).sign();
    let few_rights = few_rights.expires_in(hour).sign();
    let expired = issuer
        .token()
        .subject("carol")
        .scope("openid")
        .expired()
        .sign();

    println!();
    println!(
        "*** FOR DEVELOPMENT ONLY: tokens come from an embedded issuer, {} ***",
        issuer.url()
    );
    println!("*** Set AXIOMS_ISS_URL and AXIOMS_AUDIENCE to trust a real server. ***");
    println!();
    println!(
        "# Paste these lines into another terminal. \
         The tokens end in an hour, or with this program."
    );
    println!("ALICE={all_rights}");
    println!("BOB={few_rights}");
    println!("CAROL={expired}");
    for (title, who, requests) in [
        (
            "Alice has all rights",
            Some("ALICE"),
            &[
                ("GET", "/private", 200),
                ("GET", "/role", 200),
                ("POST", "/role", 200),
                ("PATCH", "/permission", 200),
                ("DELETE", "/permission", 200),
            ][..],
        ),
        (
            "Bob has the scope openid and the permission sample:read",
            Some("BOB"),
            &[
                ("GET", "/private", 200),
                ("GET", "/permission", 200),
                ("GET", "/role", 403),
                ("POST", "/permission", 403),
            ],
        ),
        (
            "Carol has an expired token",
            Some("CAROL"),
            &[("GET", "/private", 401), ("GET", "/public", 200)],
        ),
        (
            "Without a token",
            None,
            &[
                ("GET", "/private", 401),
                ("GET", "/role", 401),
                ("GET", "/public", 200),
            ],
        ),
    ] {
        println!();
        println!("# {title}");
        for (method, path, status) in requests {
            let bearer = who.map_or_else(String::new, |who| {
                format!(" -H \"Authorization: Bearer ${who}\"")
            });
            // No comment at the end: some shells take it for arguments.
            println!(
                "curl -i -X {method}{bearer} {api}{path} \
                 -w '\\nexpected {status}, got %{{http_code}}\\n'"
            );
        }
    }
    println!();
}

/// Replaces the unspecified address, which clients cannot connect to, by loopback.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}
