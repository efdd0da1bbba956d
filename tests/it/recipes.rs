//! Settings of docs/providers.md against the tokens for which a claim is named.

use axioms_rocket::Config;
use axioms_rocket::testing::{TestIssuer, TokenBuilder};

use crate::support::{App, app_with};

const CLIENT: &str = "6e74172b-be56-4843-9ff4-e66a39bb12e3";
const ISSUER: &str = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";

/// An API that is also the client which signs users in, with or without the recipe's claim.
fn entra(issuer: &TestIssuer, required_claims: &[&str]) -> App {
    let config = Config {
        audience: vec![CLIENT.into()],
        iss_url: Some(ISSUER.into()),
        required_claims: required_claims.iter().map(|name| (*name).into()).collect(),
        ..Config::default()
    };
    app_with(issuer, config)
}

/// An ID token of version 2.0 without marks: no `at_hash` where no access token came with it.
fn id_token(issuer: &TestIssuer) -> TokenBuilder<'_> {
    issuer
        .token()
        .typ("JWT")
        .subject("alice")
        .claim("ver", "2.0")
        .claim("nonce", "n-0S6")
        .claim("oid", "690222be-ff1a-4d56-abd1-7e4f7d38e474")
}

#[test]
fn an_id_token_without_marks_needs_a_claim_that_tells_it_apart() {
    let issuer = TestIssuer::builder().audience(CLIENT).offline(ISSUER);
    let access_token = issuer.token().subject("alice").client_id(CLIENT);
    let access_token = access_token.as_entra_v2().sign();
    // The audience is the client id: without the recipe nothing tells the two apart.
    let open = entra(&issuer, &[]);
    open.get("/token", &id_token(&issuer).sign())
        .passes("alice");
    let recipe = entra(&issuer, &["azp"]);
    recipe.get("/token", &access_token).passes("alice");
    recipe
        .get("/token", &id_token(&issuer).sign())
        .invalid("Token is missing a required claim");
    let marked = id_token(&issuer).claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ");
    open.get("/token", &marked.sign())
        .invalid("Not an access token");
}
