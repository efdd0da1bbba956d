//! The responses of refusals.

use axioms_rocket::{Acr, All, Any, Authenticated, Direct, MaxAuthAge, Roles, Scopes, ValidToken};
use rocket::{get, routes};
use serde_json::{Value, json};
use utoipa::OpenApi as _;

use super::{completed, completed_with};

axioms_rocket::scopes! { Read = "read"; }
axioms_rocket::roles! { Admin = "admin"; }
axioms_rocket::acrs! { Strong = "phr" | "mfa"; }

#[utoipa::path(responses((status = 200, description = "Me")))]
#[get("/me")]
fn me(_token: ValidToken) {}

#[utoipa::path]
#[get("/scope")]
fn scope(_scope: Scopes<Read>) {}

#[utoipa::path]
#[get("/either")]
fn either(_any: Any<(Roles<Admin>, Authenticated)>) {}

#[utoipa::path(responses(
    (status = 403, description = "Mine"),
    (status = 503, description = "Busy")
))]
#[get("/own")]
fn own(_role: Roles<Admin>) {}

#[utoipa::path]
#[get("/level")]
fn level(_level: Acr<Strong>) {}

#[utoipa::path]
#[get("/close")]
fn close(_may: All<(MaxAuthAge<300>, Roles<Admin>, Direct)>) {}

#[derive(utoipa::OpenApi)]
#[openapi(paths(me, scope, either, own, level, close))]
struct Api;

fn document() -> Value {
    completed(Api::openapi(), |rocket| {
        rocket.mount("/", routes![me, scope, either, own, level, close])
    })
}

fn statuses(document: &Value, path: &str) -> Vec<String> {
    let responses = &document["paths"][path]["get"]["responses"];
    responses
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect()
}

#[test]
fn row_15_4_403_is_there_where_a_policy_can_refuse() {
    let document = document();
    assert_eq!(statuses(&document, "/me"), ["200", "400", "401", "503"]);
    assert_eq!(statuses(&document, "/scope"), ["400", "401", "403", "503"]);
    assert_eq!(statuses(&document, "/either"), ["400", "401", "503"]);
    assert_eq!(
        document["paths"]["/me"]["get"]["responses"]["401"],
        json!({ "$ref": "#/components/responses/AxiomsUnauthorized" })
    );
}

#[test]
fn row_9_6_an_operation_tells_of_step_up() {
    let document = document();
    assert_eq!(statuses(&document, "/level"), ["400", "401", "503"]);
    assert_eq!(statuses(&document, "/close"), ["400", "401", "403", "503"]);
    for path in ["/level", "/close"] {
        assert_eq!(
            document["paths"][path]["get"]["responses"]["401"],
            json!({ "$ref": "#/components/responses/AxiomsStepUp" })
        );
        assert_eq!(
            document["paths"][path]["get"]["security"],
            json!([{ "axioms": [] }])
        );
    }
    assert_eq!(
        document["paths"]["/level"]["get"]["x-requirement"],
        "acr phr or acr mfa"
    );
    assert_eq!(
        document["paths"]["/close"]["get"]["description"],
        "Access: `authentication within 300 s and role admin and no actor`."
    );
}

#[test]
fn row_15_4_each_response_has_the_body_and_the_header_of_the_refusal() {
    let document = document();
    let components = &document["components"];
    for (name, code, header, kind) in [
        (
            "AxiomsBadRequest",
            "invalid_request",
            "WWW-Authenticate",
            "string",
        ),
        (
            "AxiomsUnauthorized",
            "missing_token",
            "WWW-Authenticate",
            "string",
        ),
        (
            "AxiomsStepUp",
            "insufficient_user_authentication",
            "WWW-Authenticate",
            "string",
        ),
        (
            "AxiomsForbidden",
            "insufficient_scope",
            "WWW-Authenticate",
            "string",
        ),
        (
            "AxiomsUnavailable",
            "temporarily_unavailable",
            "Retry-After",
            "integer",
        ),
    ] {
        let response = &components["responses"][name];
        let body = &response["content"]["application/json"];
        assert_eq!(
            body["schema"],
            json!({ "$ref": "#/components/schemas/AxiomsError" })
        );
        assert_eq!(body["example"]["error"], code, "{name}");
        assert!(body["example"]["error_description"].is_string(), "{name}");
        let headers = response["headers"].as_object().expect("headers");
        assert_eq!(headers.keys().collect::<Vec<_>>(), [header], "{name}");
        assert_eq!(headers[header]["schema"]["type"], kind, "{name}");
    }
    let schema = &components["schemas"]["AxiomsError"];
    assert_eq!(schema["required"], json!(["error", "error_description"]));
    for property in ["error", "error_description"] {
        assert_eq!(schema["properties"][property]["type"], "string");
    }
}

#[test]
fn row_15_4_responses_that_are_there_stay() {
    let document = document();
    let responses = &document["paths"]["/own"]["get"]["responses"];
    assert_eq!(responses["403"], json!({ "description": "Mine" }));
    assert_eq!(responses["503"], json!({ "description": "Busy" }));
    assert!(responses["401"]["$ref"].is_string(), "{responses}");
}

#[test]
fn row_15_4_an_application_with_other_catchers_names_its_schema() {
    let document = completed_with(
        Api::openapi(),
        |rocket| rocket.mount("/", routes![scope]),
        |addon| addon.with_error_schema("Problem"),
    );
    let components = &document["components"];
    let schema = &components["responses"]["AxiomsForbidden"]["content"]["application/json"];
    assert_eq!(schema["schema"]["$ref"], "#/components/schemas/Problem");
    assert_eq!(components.get("schemas"), None);
}
