//! An API with a documentation page: an OpenAPI document made by utoipa, its security by
//! axioms-rocket, and Swagger UI, which the program contains and serves itself.
//!
//! `cargo run --example openapi` starts it with an embedded development issuer.
//! Open the printed URL, press "Authorize" and "Try it out". With a configured issuer, for example
//! by `AXIOMS_ISS_URL` and `AXIOMS_AUDIENCE`, readers log in there: `ROCKET_DOCS_CLIENT_ID` is the
//! identifier of the page at that server, as a public client with the redirect URI
//! `<the page>/oauth2-redirect.html`.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axioms_rocket::openapi::{self, SecurityAddon};
use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AxiomsFairing, Config, Public, Roles, Scopes, protect};
use rocket::fairing::AdHoc;
use rocket::http::{ContentType, Header, Status};
use rocket::response::Redirect;
use rocket::serde::json::Json;
use rocket::serde::{Deserialize, Serialize};
use rocket::{Build, Responder, Rocket, State, delete, get, launch, post, routes, uri};
use serde_json::json;
use utoipa::{OpenApi, ToSchema};

axioms_rocket::scopes! {
    Read = "orders:read";
    Write = "orders:write";
}

axioms_rocket::roles! {
    Admin = "admin";
}

/// An order.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(crate = "rocket::serde")]
struct Order {
    item: String,
    count: u32,
}

#[derive(Default)]
struct Orders(Mutex<Vec<Order>>);

impl Orders {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<Order>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Lists all orders.
#[utoipa::path(
    tag = "orders",
    responses((status = 200, description = "All orders", body = [Order]))
)]
#[get("/orders")]
fn list(_scope: Scopes<Read>, orders: &State<Orders>) -> Json<Vec<Order>> {
    Json(orders.with(|orders| orders.clone()))
}

/// Adds an order.
#[utoipa::path(tag = "orders", responses((status = 201, description = "Added")))]
#[post("/orders", data = "<order>")]
fn create(_scope: Scopes<Write>, order: Json<Order>, orders: &State<Orders>) -> Status {
    orders.with(|orders| orders.push(order.into_inner()));
    Status::Created
}

/// Removes all orders. The guard is that of the group.
#[utoipa::path(tag = "orders", responses((status = 204, description = "Removed")))]
#[delete("/orders")]
fn clear(orders: &State<Orders>) -> Status {
    orders.with(Vec::clear);
    Status::NoContent
}

/// Tells that the service runs.
#[utoipa::path(tag = "service", responses((status = 200, description = "It runs")))]
#[get("/health")]
fn health(_anybody: Public) -> &'static str {
    "up"
}

#[derive(OpenApi)]
#[openapi(paths(list, create, clear, health), info(title = "Orders"))]
struct Api;

/// A file of Swagger UI.
#[derive(Responder)]
struct Asset {
    body: Vec<u8>,
    media_type: ContentType,
    policy: Header<'static>,
}

/// The page runs its own scripts only, and connects to this API and to the issuer.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; \
                      connect-src 'self' https: http://127.0.0.1:* http://localhost:*";

type PageConfig = Arc<utoipa_swagger_ui::Config<'static>>;

#[get("/docs", rank = 1)]
fn docs(_anybody: Public) -> Redirect {
    // The page names its files relative to itself.
    Redirect::to("/docs/index.html")
}

#[get("/docs/<file..>", rank = 2)]
fn asset(_anybody: Public, file: PathBuf, page: &State<PageConfig>) -> Option<Asset> {
    let name = file.to_str()?;
    let file = utoipa_swagger_ui::serve(name, Arc::clone(page)).ok()??;
    Some(Asset {
        body: file.bytes.into_owned(),
        media_type: ContentType::parse_flexible(&file.content_type)?,
        policy: Header::new("Content-Security-Policy", POLICY),
    })
}

/// The settings of the page: the document, and how it logs in.
fn page_config(rocket: &Rocket<Build>) -> PageConfig {
    let client_id = rocket.figment().extract_inner::<String>("docs_client_id");
    let oauth = utoipa_swagger_ui::oauth::Config::new()
        .client_id(client_id.as_deref().unwrap_or("swagger-ui"))
        .use_pkce_with_authorization_code_grant(true);
    let config = utoipa_swagger_ui::Config::with_oauth_config(["/openapi.json"], oauth)
        .try_it_out_enabled(true)
        // No badge of a validator on the internet.
        .validator_url("none");
    Arc::new(config)
}

/// Mounts the API and its page.
pub fn api() -> Rocket<Build> {
    let rocket = rocket::build();
    let page = page_config(&rocket);
    let document = openapi::document(Api::openapi(), SecurityAddon::of);
    rocket
        .manage(Orders::default())
        .manage(page)
        .mount("/", routes![list, create, health, docs, asset])
        .mount("/", protect::<Roles<Admin>>(routes![clear]))
        .mount("/openapi.json", document)
        .attach(AdHoc::on_liftoff("Page", |rocket| {
            Box::pin(async move {
                let (address, port) = (rocket.config().address, rocket.config().port);
                println!("Documentation: http://{address}:{port}{}", uri!(docs()));
            })
        }))
}

#[launch]
fn rocket() -> _ {
    let api = api();
    match Config::from_figment(api.figment()) {
        Ok(config) if config.iss_url.is_none() && config.domain.is_none() => {
            with_embedded_issuer(api, config)
        }
        // Your own application needs this line only. It also reports invalid settings.
        _ => api.attach(AxiomsFairing::default().deny_unguarded()),
    }
}

/// Trusts a development issuer, where everyone logs in as an administrator.
fn with_embedded_issuer(api: Rocket<Build>, config: Config) -> Rocket<Build> {
    let issuer = TestIssuer::builder()
        .login_claim("sub", "alice")
        .login_claim("roles", json!(["admin"]))
        .start();
    println!("*** FOR DEVELOPMENT ONLY: everyone on this machine logs in as alice. ***");
    let protection = AxiomsFairing::from_config(Config {
        audience: vec![issuer.audience().to_owned()],
        iss_url: Some(issuer.url().to_owned()),
        ..config
    });
    // As managed state, the issuer runs as long as the application.
    api.attach(protection.deny_unguarded()).manage(issuer)
}
