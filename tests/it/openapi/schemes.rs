//! Security schemes from the configuration.

use std::time::{Duration, SystemTime};

use axioms_rocket::openapi::{self, SecurityAddon};
use axioms_rocket::testing::{IssuerFault, TestIssuer};
use axioms_rocket::{AxiomsFairing, Clock, Config, IssuedBy, IssuerConfig, Scopes};
use rocket::{get, routes};
use serde_json::{Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};

use super::{modified, schemes_of};
use crate::support::{App, config, offline, rocket};

axioms_rocket::scopes! { Read = "read"; }
axioms_rocket::issuers! { Partner = "partner & co"; }

#[utoipa::path]
#[get("/any")]
fn any(_scope: Scopes<Read>) {}

#[utoipa::path]
#[get("/partner")]
fn partner(_scope: IssuedBy<Partner, Scopes<Read>>) {}

#[derive(utoipa::OpenApi)]
#[openapi(paths(any, partner))]
struct Api;

#[test]
fn row_15_1_known_metadata_give_oauth2_flows() {
    let issuer = TestIssuer::start();
    let app =
        App::launch(rocket(AxiomsFairing::from_config(config(&issuer))).mount("/", routes![any]));
    let document = modified(Api::openapi(), SecurityAddon::of(app.0.rocket()));
    assert_eq!(
        document["components"]["securitySchemes"],
        json!({ "axioms": {
            "type": "oauth2",
            "flows": { "authorizationCode": {
                "authorizationUrl": format!("{}/authorize", issuer.url()),
                "tokenUrl": format!("{}/token", issuer.url()),
                "scopes": { "read": "" },
            } },
        } })
    );
}

#[test]
fn row_15_1_a_client_credentials_grant_is_a_flow_of_its_own() {
    let issuer = TestIssuer::start();
    let mut metadata: Value = serde_json::from_str(&issuer.metadata()).unwrap();
    metadata["grant_types_supported"] = json!(["authorization_code", "client_credentials"]);
    issuer.answer_metadata_with(IssuerFault::Body(metadata.to_string()));
    let app = App::launch(rocket(AxiomsFairing::from_config(config(&issuer))));
    let flows = &schemes_of(app.0.rocket())["axioms"]["flows"];
    assert_eq!(
        flows["clientCredentials"],
        json!({ "tokenUrl": format!("{}/token", issuer.url()), "scopes": {} })
    );
    assert!(flows["authorizationCode"].is_object(), "{flows}");
}

#[test]
fn row_15_1_an_issuer_that_is_not_reached_has_a_discovery_url() {
    let issuer = TestIssuer::builder().path("/realms/shop").start();
    issuer.down();
    let app = App::launch(rocket(AxiomsFairing::from_config(config(&issuer))));
    let url = format!("{}/.well-known/openid-configuration", issuer.url());
    let expected = json!({ "axioms": { "type": "openIdConnect", "openIdConnectUrl": url } });
    assert_eq!(schemes_of(app.0.rocket()), expected);
    let addon = SecurityAddon::from_config(&config(&issuer)).expect("a valid configuration");
    let document = modified(OpenApi::default(), addon);
    assert_eq!(document["components"]["securitySchemes"], expected);
}

#[test]
fn row_15_1_a_served_document_learns_endpoints_that_become_known() {
    let clock = Clock::manual(SystemTime::now());
    let issuer = TestIssuer::builder().clock(clock.clone()).start();
    issuer.down();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_clock(clock.clone());
    let document = openapi::document(Api::openapi(), SecurityAddon::of);
    let app = App::launch(
        rocket(fairing)
            .mount("/openapi.json", document)
            .mount("/", routes![any]),
    );
    let scheme = || {
        let body = app.anonymous("/openapi.json").body;
        let document: Value = serde_json::from_str(&body).expect("JSON");
        document["components"]["securitySchemes"]["axioms"]["type"].clone()
    };
    assert_eq!(scheme(), "openIdConnect");
    issuer.up();
    // Past the back-off of the launch.
    clock.advance(Duration::from_secs(60));
    let token = issuer.token().scope("read").sign();
    assert_eq!(app.get("/any", &token).status, 200);
    assert_eq!(scheme(), "oauth2");
}

#[test]
fn row_15_1_an_endpoint_that_no_browser_may_open_is_not_offered() {
    let issuer = TestIssuer::start();
    for endpoint in [
        "http://auth.example.com/token",
        "https://me:secret@auth.example.com/token",
        "javascript:alert(1)",
        "x",
        "",
    ] {
        let mut metadata: Value = serde_json::from_str(&issuer.metadata()).unwrap();
        metadata["token_endpoint"] = json!(endpoint);
        issuer.answer_metadata_with(IssuerFault::Body(metadata.to_string()));
        let app = App::launch(rocket(AxiomsFairing::from_config(config(&issuer))));
        let schemes = schemes_of(app.0.rocket());
        assert_eq!(schemes["axioms"]["type"], "openIdConnect", "{endpoint}");
    }
}

#[test]
fn row_15_1_without_discovery_the_scheme_is_a_bearer_token() {
    let bearer = json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" });
    let given = offline();
    let fairing = AxiomsFairing::from_config(config(&given)).with_keys(given.jwks());
    let app = App::launch(rocket(fairing));
    assert_eq!(schemes_of(app.0.rocket()), json!({ "axioms": bearer }));

    let issuer = TestIssuer::start();
    let by_url = Config {
        jwks_url: Some(issuer.jwks_url().to_owned()),
        ..config(&issuer)
    };
    let app = App::launch(rocket(AxiomsFairing::from_config(by_url)));
    assert_eq!(schemes_of(app.0.rocket()), json!({ "axioms": bearer }));
    assert_eq!(
        schemes_of(&rocket::build()),
        json!({ "axioms": bearer }),
        "not ignited"
    );
}

#[test]
fn row_15_1_each_issuer_has_a_scheme_and_issued_by_names_one() {
    let (first, second) = (TestIssuer::start(), TestIssuer::start());
    let config = Config {
        issuers: vec![IssuerConfig {
            name: Some("partner & co".into()),
            iss_url: Some(second.url().to_owned()),
            ..IssuerConfig::default()
        }],
        ..config(&first)
    };
    let fairing = AxiomsFairing::from_config(config);
    let app = App::launch(rocket(fairing).mount("/", routes![any, partner]));
    let document = modified(Api::openapi(), SecurityAddon::of(app.0.rocket()));
    let security = |path: &str| document["paths"][path]["get"]["security"].clone();
    assert_eq!(
        security("/any"),
        json!([{ "axioms": ["read"] }, { "partner___co": ["read"] }])
    );
    assert_eq!(security("/partner"), json!([{ "partner___co": ["read"] }]));
    let schemes = &document["components"]["securitySchemes"];
    let token_url =
        |scheme: &str| schemes[scheme]["flows"]["authorizationCode"]["tokenUrl"].clone();
    assert_eq!(token_url("axioms"), format!("{}/token", first.url()));
    assert_eq!(token_url("partner___co"), format!("{}/token", second.url()));
    let description = &document["paths"]["/partner"]["get"]["description"];
    assert_eq!(
        description,
        "Access: `scope read from issuer \"partner & co\"`."
    );
}

#[test]
fn row_15_1_a_scheme_is_replaced_or_added_and_one_of_the_document_stays() {
    let issuer = TestIssuer::start();
    let app =
        App::launch(rocket(AxiomsFairing::from_config(config(&issuer))).mount("/", routes![any]));
    let key = |name: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name)));
    let addon = SecurityAddon::of(app.0.rocket())
        .with_scheme("axioms", key("X-Mine"))
        .with_scheme("session", key("X-Session"));
    let document = modified(Api::openapi(), addon);
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["axioms"]["name"], "X-Mine");
    assert_eq!(schemes["session"]["name"], "X-Session");
    assert_eq!(
        document["paths"]["/any"]["get"]["security"],
        json!([{ "axioms": ["read"] }, { "session": ["read"] }])
    );

    let mut own = Api::openapi();
    let components = own.components.get_or_insert_default();
    components.add_security_scheme("axioms", key("X-Own"));
    let document = modified(own, SecurityAddon::of(app.0.rocket()));
    assert_eq!(
        document["components"]["securitySchemes"]["axioms"]["name"],
        "X-Own"
    );
}

#[test]
fn row_15_1_an_invalid_configuration_reports_its_problems() {
    let problems = SecurityAddon::from_config(&Config::default()).expect_err("no issuer");
    assert!(problems.to_string().contains("audience"), "{problems}");
}
