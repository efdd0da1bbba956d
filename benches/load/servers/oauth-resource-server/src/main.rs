//! A peer: axum with oauth-resource-server.

use std::env::var;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use oauth_resource_server::axum::AuthLayer;
use oauth_resource_server::{KeyNaming, OAuthConfig, OAuthValidator, static_token_policy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = OAuthConfig {
        enabled: true,
        issuer: var("ISSUER")?,
        jwks_uri: Some(var("JWKS_URL")?),
        audience: var("AUDIENCE")?,
        resource: var("AUDIENCE")?,
        required_scope: Some("read:item:00".into()),
        algorithms: vec![var("ALG")?],
        ..OAuthConfig::default()
    };
    let resolved = config
        .resolve(KeyNaming::Dotted("oauth"))?
        .ok_or("not enabled")?;
    let oauth = Arc::new(OAuthValidator::new(&resolved)?);
    oauth.spawn_background_refresh();
    oauth.refresh_now().await?;
    let auth = AuthLayer::from_decision(
        static_token_policy(None, Some(&resolved), false)?,
        Some(oauth),
    )?;
    let app = Router::new()
        .route("/guarded", get(async || "ok"))
        .route_layer(auth)
        .route("/open", get(async || "ok"));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", var("PORT")?)).await?;
    axum::serve(listener, app).await?;
    Ok(())
}
