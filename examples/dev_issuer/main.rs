//! **For development only**: an authorization server that gives anyone any token.
//!
//! `cargo run --example dev_issuer` starts it at http://127.0.0.1:9000, with a page to mint tokens on; `-- 9001` chooses
//! another port. It binds loopback and nothing else. An API trusts it with `AXIOMS_ISS_URL=http://127.0.0.1:9000`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axioms_rocket::testing::{Alg, TestIssuer, TokenBuilder};
use rocket::config::LogLevel;
use rocket::fairing::AdHoc;
use rocket::http::{ContentType, Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::content::{RawHtml, RawJson};
use rocket::serde::Deserialize;
use rocket::serde::json::{Json, Value, json};
use rocket::{Build, Request, Response, Rocket, State, get, launch, options, post, routes};

/// What the page asks for.
#[derive(Deserialize)]
#[serde(crate = "rocket::serde", default, deny_unknown_fields)]
struct Ask {
    subject: String,
    audience: String,
    /// Names with blanks between them.
    scopes: String,
    roles: String,
    permissions: String,
    /// In seconds; negative for a token that is over.
    lifetime: i64,
    shape: Shape,
}

impl Default for Ask {
    fn default() -> Self {
        let none = String::new;
        Self {
            subject: "alice".into(),
            audience: AUDIENCE.into(),
            scopes: none(),
            roles: none(),
            permissions: none(),
            lifetime: 3600,
            shape: Shape::default(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(crate = "rocket::serde", rename_all = "kebab-case")]
enum Shape {
    #[default]
    Rfc9068,
    Cognito,
    Auth0,
    Okta,
    EntraV2,
    Keycloak,
}

const AUDIENCE: &str = "https://api.example.com";
const PORT: u16 = 9000;

/// Whether the documents are answered. The page is, always.
struct Up(AtomicBool);

/// A request from this machine, to this machine by name: another site that lets its own name point here is not served.
struct FromHere;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for FromHere {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match request.host() {
            Some(host) if is_loopback(host.domain().as_str()) => Outcome::Success(FromHere),
            _ => Outcome::Error((Status::MisdirectedRequest, ())),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[get("/")]
fn page(_here: FromHere) -> RawHtml<&'static str> {
    RawHtml(include_str!("page.html"))
}

#[get("/.well-known/openid-configuration")]
fn openid(issuer: &State<TestIssuer>, up: &State<Up>) -> Result<RawJson<String>, Status> {
    document(up, || issuer.metadata())
}

#[get("/.well-known/oauth-authorization-server")]
fn oauth(issuer: &State<TestIssuer>, up: &State<Up>) -> Result<RawJson<String>, Status> {
    document(up, || issuer.metadata())
}

#[get("/.well-known/jwks.json")]
fn keys(issuer: &State<TestIssuer>, up: &State<Up>) -> Result<RawJson<String>, Status> {
    document(up, || issuer.jwks())
}

fn document(up: &Up, text: impl FnOnce() -> String) -> Result<RawJson<String>, Status> {
    if up.0.load(Ordering::Relaxed) {
        Ok(RawJson(text()))
    } else {
        Err(Status::ServiceUnavailable)
    }
}

#[get("/dev/status")]
fn status(_here: FromHere, issuer: &State<TestIssuer>, up: &State<Up>) -> Json<Value> {
    Json(json!({
        "issuer": issuer.url(),
        "audience": issuer.audience(),
        "kid": issuer.kid(Alg::Es256),
        "up": up.0.load(Ordering::Relaxed),
    }))
}

/// `format` keeps a form of another site out: a browser asks before it sends JSON across origins.
#[post("/dev/token", format = "json", data = "<ask>")]
fn mint(_here: FromHere, ask: Json<Ask>, issuer: &State<TestIssuer>) -> Json<Value> {
    Json(json!({ "token": token(issuer, &ask).sign() }))
}

fn token<'a>(issuer: &'a TestIssuer, ask: &Ask) -> TokenBuilder<'a> {
    let names = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let [scopes, roles, permissions] =
        [&ask.scopes, &ask.roles, &ask.permissions].map(|text| names(text));
    let mut token = issuer
        .token()
        .subject(ask.subject.trim())
        .audience(ask.audience.trim());
    token = match u64::try_from(ask.lifetime) {
        Ok(seconds) => token.expires_in(Duration::from_secs(seconds)),
        Err(_) => token.expired(),
    };
    if !scopes.is_empty() {
        token = token.scopes(scopes);
    }
    if !roles.is_empty() {
        token = token.roles(roles);
    }
    if !permissions.is_empty() {
        token = token.permissions(permissions);
    }
    match ask.shape {
        Shape::Rfc9068 => token.client_id("dev-issuer"),
        Shape::Cognito => token.client_id(ask.audience.trim()).as_cognito(),
        Shape::Auth0 => token.as_auth0(),
        Shape::Okta => token.as_okta(),
        Shape::EntraV2 => token.as_entra_v2(),
        Shape::Keycloak => token.as_keycloak(),
    }
}

#[post("/dev/rotate", format = "json")]
fn rotate(here: FromHere, issuer: &State<TestIssuer>, up: &State<Up>) -> Json<Value> {
    issuer.rotate();
    status(here, issuer, up)
}

#[post("/dev/down", format = "json")]
fn down(here: FromHere, issuer: &State<TestIssuer>, up: &State<Up>) -> Json<Value> {
    up.0.store(false, Ordering::Relaxed);
    status(here, issuer, up)
}

#[post("/dev/up", format = "json")]
fn come_up(here: FromHere, issuer: &State<TestIssuer>, up: &State<Up>) -> Json<Value> {
    up.0.store(true, Ordering::Relaxed);
    status(here, issuer, up)
}

/// The question that browsers ask before they ask.
#[options("/<_..>")]
fn preflight() -> Status {
    Status::NoContent
}

/// CORS: documents for everyone, tokens for pages that a server of this machine sent.
fn share<'r>(request: &'r Request<'_>, response: &mut Response<'r>) {
    let path = request.uri().path();
    let origin = request.headers().get_one("Origin");
    let local = origin.filter(|origin| {
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let name = if host.starts_with('[') {
            host.split_inclusive(']').next()
        } else {
            host.split(':').next()
        };
        is_loopback(name.unwrap_or_default())
    });
    let allowed = if path.starts_with("/.well-known/") {
        Some("*")
    } else {
        local
    };
    if let Some(allowed) = allowed {
        response.set_header(Header::new(
            "Access-Control-Allow-Origin",
            allowed.to_owned(),
        ));
        response.set_header(Header::new("Access-Control-Allow-Methods", "GET, POST"));
        response.set_header(Header::new("Access-Control-Allow-Headers", "content-type"));
    }
    response.adjoin_header(Header::new("Vary", "Origin"));
    if response.content_type() == Some(ContentType::HTML) {
        let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.set_header(Header::new("Content-Security-Policy", policy));
    }
    response.set_header(Header::new("Cache-Control", "no-store"));
}

/// Where to listen: `PORT`, or `ADDRESS:PORT` for another loopback address.
fn address() -> Result<SocketAddr, String> {
    let asked = std::env::args().nth(1).unwrap_or_else(|| PORT.to_string());
    let address = match asked.parse::<u16>() {
        Ok(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        Err(_) => asked
            .parse()
            .map_err(|_| format!("{asked:?} is neither a port nor an address with a port"))?,
    };
    if address.port() == 0 {
        return Err("its port is part of its name: choose one".into());
    }
    if !address.ip().is_loopback() {
        return Err(format!(
            "it gives anyone any token, and so it never listens at {}: loopback only",
            address.ip()
        ));
    }
    Ok(address)
}

#[launch]
fn rocket() -> Rocket<Build> {
    let address = address().unwrap_or_else(|problem| {
        eprintln!("dev_issuer does not start: {problem}");
        exit(2)
    });
    let url = format!("http://{address}");
    let issuer = TestIssuer::builder().audience(AUDIENCE).offline(&url);
    // Nothing but the argument decides where it listens: no Rocket.toml, no environment.
    let config = rocket::Config {
        address: address.ip(),
        port: address.port(),
        log_level: LogLevel::Critical,
        ..rocket::Config::default()
    };
    rocket::custom(config)
        .manage(issuer)
        .manage(Up(AtomicBool::new(true)))
        .mount(
            "/",
            routes![
                page, openid, oauth, keys, status, mint, rotate, down, come_up, preflight
            ],
        )
        .attach(AdHoc::on_response("CORS", |request, response| {
            Box::pin(async move { share(request, response) })
        }))
        .attach(AdHoc::on_liftoff("Banner", move |_| {
            Box::pin(async move {
                println!(
                    "*** FOR DEVELOPMENT ONLY: anyone on this machine can have any token here. ***"
                );
                println!("Mint tokens at     {url}/");
                println!("Let an API trust   AXIOMS_ISS_URL={url} AXIOMS_AUDIENCE={AUDIENCE}");
            })
        }))
}
