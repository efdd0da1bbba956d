//! Tokens in the shape of each product, and the settings that accept them.

use axioms_rocket::Config;
use axioms_rocket::testing::{Alg, Bearer, TestIssuer, TokenBuilder, assert_refused, hostile};
use base64::Engine as _;
use rocket::serde::json::{Value, json};

use crate::support::{App, app_with, config};

/// A product: its shape, what its settings say beyond the issuer and the audience.
struct Product {
    audience: &'static str,
    issuer: &'static str,
    shape: for<'a> fn(TokenBuilder<'a>) -> TokenBuilder<'a>,
    settings: fn(Config) -> Config,
    /// The header's `typ`.
    typ: Option<&'static str>,
}

const PRODUCTS: [Product; 5] = [
    Product {
        audience: "1example23456789",
        issuer: "https://cognito-idp.eu-west-1.example.test/eu-west-1_example",
        shape: |token| token.as_cognito(),
        settings: |config| Config {
            audience_claims: vec!["client_id".into()],
            expected_claims: [("token_use".to_owned(), json!("access"))].into(),
            roles_claims: vec!["cognito:groups".into()],
            ..config
        },
        typ: None,
    },
    Product {
        audience: "https://api.example.test",
        issuer: "https://tenant.example.test/",
        shape: |token| token.as_auth0(),
        settings: |config| Config {
            roles_claims: vec!["https://api.example.test/roles".into()],
            ..config
        },
        typ: Some("JWT"),
    },
    Product {
        audience: "api://default",
        issuer: "https://okta.example.test/oauth2/default",
        shape: |token| token.as_okta(),
        settings: |config| Config {
            roles_claims: vec!["groups".into()],
            ..config
        },
        typ: None,
    },
    Product {
        audience: "6e74172b-be56-4843-9ff4-e66a39bb12e3",
        issuer: "https://login.example.test/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
        shape: |token| token.as_entra_v2(),
        settings: |config| Config {
            expected_claims: [("ver".to_owned(), json!("2.0"))].into(),
            ..config
        },
        typ: Some("JWT"),
    },
    Product {
        audience: "my-api",
        issuer: "https://kc.example.test/realms/demo",
        shape: |token| token.as_keycloak(),
        settings: |config| Config {
            expected_claims: [("typ".to_owned(), json!("Bearer"))].into(),
            roles_claims: vec!["realm_access.roles".into()],
            permissions_claims: vec!["resource_access.my-api.roles".into()],
            ..config
        },
        typ: Some("JWT"),
    },
];

impl Product {
    fn start(&self) -> (TestIssuer, App) {
        let issuer = TestIssuer::builder()
            .algorithms([Alg::Es256])
            .audience(self.audience)
            .offline(self.issuer);
        let settings = (self.settings)(Config {
            audience: vec![self.audience.into()],
            ..config(&issuer)
        });
        let app = app_with(&issuer, settings);
        (issuer, app)
    }

    fn token<'a>(&self, issuer: &'a TestIssuer) -> TokenBuilder<'a> {
        let asked = issuer.token().subject("alice").scopes(["email", "openid"]);
        (self.shape)(asked.roles(["editor"]).permissions(["sample:create"]))
    }
}

fn header(token: &str) -> Value {
    let part = token.split('.').next().expect("a header");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(part)
        .expect("base64url");
    rocket::serde::json::from_slice(&bytes).expect("JSON")
}

#[test]
fn an_application_with_the_settings_of_a_product_takes_its_tokens() {
    for product in PRODUCTS {
        let (issuer, app) = product.start();
        let token = product.token(&issuer).sign();
        assert_eq!(
            header(&token).get("typ").and_then(Value::as_str),
            product.typ,
            "{}",
            product.issuer
        );
        for (path, body) in [
            ("/token", "alice"),
            ("/scope", "scope"),
            ("/role", "role"),
            ("/permission", "permission"),
        ] {
            app.get(path, &token).passes(body);
        }
    }
}

#[test]
fn a_right_that_was_not_asked_for_is_not_in_the_shape() {
    for product in PRODUCTS {
        let (issuer, app) = product.start();
        let bare = (product.shape)(issuer.token().subject("alice")).sign();
        app.get("/token", &bare).passes("alice");
        for path in ["/scope", "/role", "/permission"] {
            app.get(path, &bare).insufficient();
        }
    }
}

#[test]
fn the_bad_tokens_of_a_shape_are_refused_too() {
    // Cognito has no `aud` to spoil: its tokens are refused for the client instead.
    for product in PRODUCTS.into_iter().skip(1) {
        let (issuer, App(client)) = product.start();
        for bad in hostile::spoiled(&product.token(&issuer)) {
            assert_refused!(client.get("/scope").bearer(&bad).dispatch(), &bad);
        }
    }
    let (issuer, app) = PRODUCTS[0].start();
    let token = issuer.token().subject("alice").as_cognito();
    app.get("/token", &token.clone().client_id("another").sign())
        .invalid("Invalid token audience");
    app.get(
        "/token",
        &token.clone().claim("token_use", "refresh").sign(),
    )
    .invalid("Token is missing a required claim");
    app.get("/token", &token.claim("token_use", "id").sign())
        .invalid("Not an access token");
}
