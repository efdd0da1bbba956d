//! **For development only**: an authorization server that gives any token to anyone on this
//! machine.
//!
//! `cargo run --example dev_issuer` starts it at http://127.0.0.1:9000; `-- 9001` selects another
//! port. It authenticates no one, and it listens on loopback only: any other address ends it.
//! An API trusts it with `AXIOMS_ISS_URL=http://127.0.0.1:9000`.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /` | a page with a form that mints tokens |
//! | `GET /.well-known/openid-configuration`, `…/oauth-authorization-server` | the metadata |
//! | `GET /.well-known/jwks.json` | the key set |
//! | `POST /dev/token` | `{"token": "eyJ…"}`, with the claims of the body |
//! | `POST /dev/rotate` | a new key signs; the previous key stays published |
//! | `POST /dev/down`, `POST /dev/up` | metadata and keys answer 503, or 200 again |
//! | `GET /dev/status` | issuer, audience, `kid`, and whether it is up |
//!
//! The body of `POST /dev/token` is a JSON object. Every member is optional:
//!
//! | member | type | default | in the token |
//! | --- | --- | --- | --- |
//! | `subject` | string | `alice` | `sub` |
//! | `audience` | string | `https://api.example.com` | `aud` |
//! | `scopes`, `roles`, `permissions` | string, separated by spaces | empty | where `shape` has them |
//! | `lifetime` | seconds; negative: expired an hour ago | 3600 | `exp` |
//! | `shape` | `rfc9068`, `cognito`, `auth0`, `okta`, `entra-v2`, `keycloak` | `rfc9068` | that product's claims |
//! | `claims` | object | `{}` | **any claim, with any value**, in place of what the members above give |
//! | `without` | array of strings | `[]` | those claims are left out |
//!
//! ```sh
//! curl -s http://127.0.0.1:9000/dev/token -H 'Content-Type: application/json' \
//!   -d '{"scopes": "openid", "claims": {"tenant": "acme", "realm_access": {"roles": ["editor"]}}}'
//! ```

use std::collections::BTreeMap;
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

/// The body of `POST /dev/token`.
#[derive(Deserialize)]
#[serde(crate = "rocket::serde", default, deny_unknown_fields)]
struct TokenRequest {
    subject: String,
    audience: String,
    /// Names separated by spaces, as are `roles` and `permissions`.
    scopes: String,
    roles: String,
    permissions: String,
    /// In seconds; negative for an expired token.
    lifetime: i64,
    shape: Shape,
    /// Any claim. Replaces a claim of the same name that the other members give.
    claims: BTreeMap<String, Value>,
    /// Names of claims to leave out.
    without: Vec<String>,
}

impl Default for TokenRequest {
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
            claims: BTreeMap::new(),
            without: Vec::new(),
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

/// True if metadata and keys are served. The page always is.
struct Up(AtomicBool);

/// Checks that the `Host` is a loopback name. A site whose own name resolves to loopback (DNS
/// rebinding) is answered 421.
struct LoopbackHost;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for LoopbackHost {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match request.host() {
            Some(host) if is_loopback(host.domain().as_str()) => Outcome::Success(LoopbackHost),
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
fn page(_host: LoopbackHost) -> RawHtml<&'static str> {
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
fn status(_host: LoopbackHost, issuer: &State<TestIssuer>, up: &State<Up>) -> Json<Value> {
    Json(json!({
        "issuer": issuer.url(),
        "audience": issuer.audience(),
        "kid": issuer.kid(Alg::Es256),
        "up": up.0.load(Ordering::Relaxed),
    }))
}

/// Mints a token of any claims. `format` refuses a form of another site: a browser sends JSON
/// across origins only after a CORS preflight.
#[post("/dev/token", format = "json", data = "<body>")]
fn mint(_host: LoopbackHost, body: Json<TokenRequest>, issuer: &State<TestIssuer>) -> Json<Value> {
    let mut token = shaped(issuer, &body);
    for (name, value) in &body.claims {
        token = token.claim(name, value.clone());
    }
    for name in &body.without {
        token = token.without(name);
    }
    Json(json!({ "token": token.sign() }))
}

/// Returns a token in the shape that `body` asks for, without its `claims`.
fn shaped<'a>(issuer: &'a TestIssuer, body: &TokenRequest) -> TokenBuilder<'a> {
    let names = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let [scopes, roles, permissions] =
        [&body.scopes, &body.roles, &body.permissions].map(|text| names(text));
    let mut token = issuer
        .token()
        .subject(body.subject.trim())
        .audience(body.audience.trim());
    token = match u64::try_from(body.lifetime) {
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
    match body.shape {
        Shape::Rfc9068 => token.client_id("dev-issuer"),
        Shape::Cognito => token.client_id(body.audience.trim()).as_cognito(),
        Shape::Auth0 => token.as_auth0(),
        Shape::Okta => token.as_okta(),
        Shape::EntraV2 => token.as_entra_v2(),
        Shape::Keycloak => token.as_keycloak(),
    }
}

#[post("/dev/rotate", format = "json")]
fn rotate(host: LoopbackHost, issuer: &State<TestIssuer>, up: &State<Up>) -> Json<Value> {
    issuer.rotate();
    status(host, issuer, up)
}

#[post("/dev/down", format = "json")]
fn down(host: LoopbackHost, issuer: &State<TestIssuer>, up: &State<Up>) -> Json<Value> {
    up.0.store(false, Ordering::Relaxed);
    status(host, issuer, up)
}

#[post("/dev/up", format = "json")]
fn come_up(host: LoopbackHost, issuer: &State<TestIssuer>, up: &State<Up>) -> Json<Value> {
    up.0.store(true, Ordering::Relaxed);
    status(host, issuer, up)
}

/// The question that browsers ask before they body.
#[options("/<_..>")]
fn preflight() -> Status {
    Status::NoContent
}

/// Adds CORS headers: metadata and keys are for every origin, tokens for loopback origins only.
fn add_cors_headers<'r>(request: &'r Request<'_>, response: &mut Response<'r>) {
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
        let policy = "default-src 'none'; style-src 'unsafe-inline'; \
                      script-src 'unsafe-inline'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.set_header(Header::new("Content-Security-Policy", policy));
    }
    response.set_header(Header::new("Cache-Control", "no-store"));
}

/// Reads the address to listen on from the first argument: `PORT`, or `ADDRESS:PORT` for another
/// loopback address.
fn address() -> Result<SocketAddr, String> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| PORT.to_string());
    let address = match argument.parse::<u16>() {
        Ok(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        Err(_) => argument
            .parse()
            .map_err(|_| format!("{argument:?} is neither a port nor an address with a port"))?,
    };
    if address.port() == 0 {
        return Err("the port is part of the issuer's URL, so 0 (any port) is refused".into());
    }
    if !address.ip().is_loopback() {
        return Err(format!(
            "{} is not a loopback address; it gives any token to anyone, \
             so it listens on loopback only",
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
    // Only the argument selects the address: Rocket.toml and the environment are not read.
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
            Box::pin(async move { add_cors_headers(request, response) })
        }))
        .attach(AdHoc::on_liftoff("Banner", move |_| {
            Box::pin(async move {
                println!(
                    "*** FOR DEVELOPMENT ONLY: anyone on this machine gets any token here. ***"
                );
                println!("Mint tokens at        {url}/  or with  POST {url}/dev/token");
                println!("Settings of your API  AXIOMS_ISS_URL={url} AXIOMS_AUDIENCE={AUDIENCE}");
            })
        }))
}
