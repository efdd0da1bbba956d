//! The test issuer as an introspection server.

use axioms_rocket::testing::{IssuerFault, TestIssuer};
use axioms_rocket::{
    AxiomsFairing, ClientAuth, Config, IntrospectWhen, IntrospectionConfig, Secret,
};

use crate::support::{AUDIENCE, App, full_token, rocket, routes};

fn app(issuer: &TestIssuer, change: impl FnOnce(&mut IntrospectionConfig)) -> App {
    let mut table = IntrospectionConfig {
        client_id: Some("api".into()),
        client_secret: Some(Secret::new("a+b c")),
        cache_ttl: 0,
        negative_ttl: 0,
        ..IntrospectionConfig::default()
    };
    change(&mut table);
    let config = Config {
        audience: vec![AUDIENCE.into()],
        iss_url: Some(issuer.url().into()),
        introspection: Some(table),
        ..Config::default()
    };
    App::launch(rocket(AxiomsFairing::from_config(config)).mount("/", routes()))
}

fn issuer() -> TestIssuer {
    let builder = TestIssuer::builder().audience(AUDIENCE);
    builder.introspection_client("api", "a+b c").start()
}

#[test]
fn an_opaque_token_is_active_until_it_is_revoked() {
    let issuer = issuer();
    for auth in [ClientAuth::Basic, ClientAuth::Post] {
        for signed in [false, true] {
            let app = app(&issuer, |table| (table.auth, table.signed) = (auth, signed));
            let token = full_token(&issuer).opaque();
            app.get("/token", &token).passes("alice");
            app.get("/permission", &token).passes("permission");
            issuer.revoke(&token);
            app.get("/token", &token).invalid("Token is not active");
            let expired = full_token(&issuer).expired().opaque();
            app.get("/token", &expired).invalid("Token is not active");
            app.get("/token", "unknown").invalid("Token is not active");
        }
    }
    assert_eq!(issuer.introspection_requests(), 4 * 5);
}

#[test]
fn a_jwt_of_the_issuer_is_active_until_it_is_revoked() {
    let issuer = issuer();
    let app = app(&issuer, |table| table.when = IntrospectWhen::Always);
    let token = full_token(&issuer).sign();
    app.get("/token", &token).passes("alice");
    issuer.revoke(&token);
    app.get("/token", &token).invalid("Token is not active");
}

#[test]
fn another_client_is_refused_and_a_fault_is_answered_until_it_ends() {
    let issuer = issuer();
    let token = full_token(&issuer).opaque();
    let refused = |app: &App| {
        app.get("/token", &token).refused(
            503,
            "temporarily_unavailable",
            "Token introspection is temporarily unavailable",
        );
    };
    refused(&app(&issuer, |table| {
        table.client_secret = Some(Secret::new("wrong"))
    }));
    refused(&app(&issuer, |table| {
        table.client_id = Some("other".into())
    }));
    let app = app(&issuer, |_| {});
    issuer.answer_introspection_with(IssuerFault::Status(500));
    refused(&app);
    issuer.answer_introspection_with(IssuerFault::Body(r#"{"active":"true"}"#.into()));
    app.get("/token", &token).invalid("Token is not active");
    issuer.heal();
    app.get("/token", &token).passes("alice");
}
