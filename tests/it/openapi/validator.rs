//! Documents are checked by `openapi-spec-validator` (PyPI), in a virtual environment below
//! `target`.

use std::path::Path;
use std::process::Command;
use std::{fs, iter};

use axioms_rocket::openapi::SecurityAddon;
use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AxiomsFairing, Optional, Permissions, Public, Roles, Scopes, ValidToken};
use rocket::{delete, get, post, routes};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use super::modified;
use crate::skip::skip;
use crate::support::{App, config, rocket};
use crate::venv::environment;

const REQUIREMENTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/openapi/requirements.txt"
);

axioms_rocket::scopes! { Read = "read" | "write"; }
axioms_rocket::roles! { Admin = "admin"; }
axioms_rocket::permissions! { Ship = "ship"; }

#[utoipa::path(responses((status = 200, description = "An order")))]
#[get("/orders/<id>")]
fn order(id: u32, _scope: Scopes<Read>, _token: ValidToken) -> String {
    id.to_string()
}

#[utoipa::path(responses((status = 201, description = "Created")))]
#[post("/orders")]
fn create(_may: Permissions<Ship>, _role: Roles<Admin>) {}

#[utoipa::path(responses((status = 204, description = "Deleted")))]
#[delete("/orders")]
fn clear(_may: Optional<Roles<Admin>>) {}

#[utoipa::path(responses((status = 200, description = "Up")))]
#[get("/health")]
fn health(_anybody: Public) {}

#[derive(utoipa::OpenApi)]
#[openapi(paths(order, create, clear, health))]
struct Api;

#[test]
fn a_validator_of_others_finds_no_error_in_completed_documents() {
    let python = match environment("openapi-python", REQUIREMENTS) {
        Ok(python) => python,
        Err(reason) => return skip("openapi-spec-validator", &reason),
    };
    let issuer = TestIssuer::start();
    let fairing = AxiomsFairing::from_config(config(&issuer));
    let routes = routes![order, create, clear, health];
    let app = App::launch(rocket(fairing).mount("/", routes));
    let oauth2 = modified(Api::openapi(), SecurityAddon::of(app.0.rocket()));
    let discovered = SecurityAddon::from_config(&config(&issuer)).expect("a valid configuration");
    let bearer = SecurityAddon::of(&rocket::build());
    let mut wrong = oauth2.clone();
    wrong["paths"]["/orders"]["post"]["security"] = serde_json::json!({});

    let good = [
        oauth2,
        modified(Api::openapi(), discovered),
        modified(OpenApi::default(), bearer),
    ];
    let documents = good.iter().zip(iter::repeat(true));
    for (document, is_valid) in documents.chain([(&wrong, false)]) {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("openapi-{}.json", std::process::id()));
        fs::write(&file, document.to_string()).expect("a file");
        let mut validator = Command::new(&python);
        validator.args(["-m", "openapi_spec_validator"]).arg(&file);
        let output = validator.output().expect("python starts");
        fs::remove_file(&file).expect("the file goes");
        assert_eq!(output.status.success(), is_valid, "{output:?} {document:#}");
    }
}
