//! An application whose own HTTP client speaks OpenSSL, and which has a backend of jsonwebtoken.

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AxiomsFairing, Config, ValidToken};
use rocket::http::Header;
use rocket::local::asynchronous::Client;

#[rocket::get("/")]
fn guarded(_token: ValidToken) {}

#[rocket::main]
async fn main() {
    // Fails unless OpenSSL is in the program.
    reqwest::Client::builder()
        .tls_backend_native()
        .build()
        .expect("a client with OpenSSL");
    // Panics if a second backend is in the program.
    let key = jsonwebtoken::EncodingKey::from_secret(b"a secret");
    let header = jsonwebtoken::Header::default();
    let signed = jsonwebtoken::encode(&header, &serde_json::json!({ "sub": "a" }), &key);
    println!("signed {}", signed.is_ok());
    let issuer = TestIssuer::builder().audience("api").https().start();
    for ca_bundle in [None, Some(issuer.ca_file().to_owned())] {
        let config = Config {
            audience: vec!["api".into()],
            iss_url: Some(issuer.url().into()),
            http_ca_bundle: ca_bundle,
            ..Config::default()
        };
        let application = rocket::build()
            .mount("/", rocket::routes![guarded])
            .attach(AxiomsFairing::from_config(config));
        let client = Client::untracked(application).await.expect("a launch");
        let authorization = format!("Bearer {}", issuer.token().sign());
        let request = client.get("/").header(Header::new("Authorization", authorization));
        println!("answered {}", request.dispatch().await.status().code);
    }
}
