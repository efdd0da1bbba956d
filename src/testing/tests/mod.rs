mod faults;
mod login;
mod server;
mod step_up;
mod tls;
mod token;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::redirect::Policy;
use serde_json::Value;

/// Parses one part of a token as JSON.
fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Returns a client that follows no redirect.
fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .build()
        .expect("a client")
}

/// Returns status and body.
async fn fetch(url: &str) -> (u16, String) {
    let response = client().get(url).send().await.expect("a response");
    (
        response.status().as_u16(),
        response.text().await.expect("a body"),
    )
}
