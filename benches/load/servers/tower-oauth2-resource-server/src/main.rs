//! A peer: axum with tower-oauth2-resource-server and its faster backend.

use std::env::var;
use std::error::Error;

use axum::Router;
use axum::routing::get;
use tower_oauth2_resource_server::server::OAuth2ResourceServer;
use tower_oauth2_resource_server::tenant::TenantConfiguration;
use tower_oauth2_resource_server::validation::ClaimsValidationSpec;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Not `recommended`, which requires `nbf` to be there.
    let claims = ClaimsValidationSpec::new()
        .exp(true)
        .iss(&var("ISSUER")?)
        .aud(&vec![var("AUDIENCE")?]);
    let tenant = TenantConfiguration::builder(var("ISSUER")?)
        .jwks_url(var("JWKS_URL")?)
        .audiences(&[var("AUDIENCE")?])
        .claims_validation(claims)
        .build()
        .await?;
    let server = <OAuth2ResourceServer>::builder()
        .add_tenant(tenant)
        .build()
        .await?;
    let app = Router::new()
        .route("/guarded", get(async || "ok"))
        .route_layer(server.into_layer())
        .route("/open", get(async || "ok"));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", var("PORT")?)).await?;
    axum::serve(listener, app).await?;
    Ok(())
}
