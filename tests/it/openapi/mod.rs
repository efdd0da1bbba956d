//! OpenAPI documents (chapter 15), completed from the routes of applications.

mod example;
mod paths;
mod responses;
mod schemes;
mod security;
mod sixty;
mod validator;

use axioms_rocket::AxiomsFairing;
use axioms_rocket::openapi::SecurityAddon;
use rocket::{Build, Phase, Rocket};
use serde_json::Value;
use utoipa::Modify;
use utoipa::openapi::OpenApi;

use crate::support::{App, config, offline, rocket};

/// Completes `document` from a launched application with the routes of `mount`.
fn completed(document: OpenApi, mount: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Value {
    completed_with(document, mount, |addon| addon)
}

fn completed_with(
    document: OpenApi,
    mount: impl FnOnce(Rocket<Build>) -> Rocket<Build>,
    addon: impl FnOnce(SecurityAddon) -> SecurityAddon,
) -> Value {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let app = App::launch(mount(rocket(fairing)));
    modified(document, addon(SecurityAddon::of(app.0.rocket())))
}

fn modified(mut document: OpenApi, addon: SecurityAddon) -> Value {
    addon.modify(&mut document);
    serde_json::to_value(document).expect("JSON")
}

/// The schemes of the document for `rocket`.
fn schemes_of<P: Phase>(rocket: &Rocket<P>) -> Value {
    let document = modified(OpenApi::default(), SecurityAddon::of(rocket));
    document["components"]["securitySchemes"].clone()
}
