//! A peer: axum with jwt-authorizer.

use std::env::var;
use std::error::Error;

use axum::Router;
use axum::routing::get;
use jwt_authorizer::{Authorizer, IntoLayer, JwtAuthorizer, JwtClaims, Validation};
use serde::Deserialize;

#[derive(Clone, Deserialize)]
struct User {
    scope: String,
}

async fn guarded(JwtClaims(_claims): JwtClaims<User>) -> &'static str {
    "ok"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let validation = Validation::new()
        .iss(&[var("ISSUER")?])
        .aud(&[var("AUDIENCE")?]);
    let auth: Authorizer<User> = JwtAuthorizer::from_jwks_url(&var("JWKS_URL")?)
        .validation(validation)
        .check(|user: &User| user.scope.split(' ').any(|scope| scope == "read:item:00"))
        .build()
        .await?;
    let app = Router::new()
        .route("/guarded", get(guarded))
        .route_layer(auth.into_layer())
        .route("/open", get(|| async { "ok" }));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", var("PORT")?)).await?;
    axum::serve(listener, app).await?;
    Ok(())
}
