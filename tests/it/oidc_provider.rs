//! Against a real authorization server, over TLS with a private CA: npm `oidc-provider`, which
//! `tests/idp` sets up. Without npm or a network these tests are skipped (`skip.rs`).

use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use rocket::serde::json::Value;

use crate::program::{Program, Quickstart, Stream, http_client};
use crate::skip::skip;

const AUDIENCE: &str = "https://api.example.test";

/// `npm ci` gives up after five minutes; a start without it takes seconds.
const PATIENCE: Duration = Duration::from_secs(360);

/// Their names in the resource indicator and in the header of the token.
const ALGORITHMS: [(&str, &str); 11] = [
    ("rs256", "RS256"),
    ("rs384", "RS384"),
    ("rs512", "RS512"),
    ("ps256", "PS256"),
    ("ps384", "PS384"),
    ("ps512", "PS512"),
    ("es256", "ES256"),
    ("es384", "ES384"),
    ("es512", "ES512"),
    ("eddsa", "EdDSA"),
    ("ed25519", "Ed25519"),
];

const ROUTES: [(Method, &str); 10] = [
    (Method::GET, "/public"),
    (Method::GET, "/private"),
    (Method::GET, "/role"),
    (Method::POST, "/role"),
    (Method::PATCH, "/role"),
    (Method::DELETE, "/role"),
    (Method::GET, "/permission"),
    (Method::POST, "/permission"),
    (Method::PATCH, "/permission"),
    (Method::DELETE, "/permission"),
];

/// The authorization server, as long as it is needed.
struct Provider {
    issuer: String,
    control: String,
    ca: String,
    /// The private key of the client `api-key`.
    key: String,
    client: Client,
    _program: Program,
}

impl Provider {
    /// `None` where it cannot run: `test` reports that it is skipped.
    fn start(test: &str) -> Option<Provider> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/idp/start.sh");
        let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/idp");
        let mut program = Program::start(Command::new("bash").args([script, directory]));
        let Some(line) = program.line(PATIENCE, |stream, _| stream == Stream::Out) else {
            let code = program.wait().code();
            let reason = program
                .output
                .last()
                .map_or("it said nothing", |(_, line)| line);
            assert_eq!(
                code,
                Some(3),
                "the authorization server failed: {:#?}",
                program.output
            );
            skip(test, &format!("no authorization server: {reason}"));
            return None;
        };
        let said: Value = rocket::serde::json::from_str(&line).expect("a line of JSON");
        let text = |member: &str| said[member].as_str().expect("text").to_owned();
        let ca = text("ca");
        let client = http_client(Some(&std::fs::read(&ca).expect("the CA's certificate")));
        Some(Provider {
            issuer: text("issuer"),
            control: text("control"),
            ca,
            key: text("key"),
            client,
            _program: program,
        })
    }

    /// The quickstart, told to trust this server.
    fn api(&self) -> Api {
        self.api_with(&[])
    }

    /// That application with more settings.
    fn api_with(&self, more: &[(&str, &str)]) -> Api {
        let settings = [
            ("AXIOMS_ISS_URL", self.issuer.as_str()),
            ("AXIOMS_AUDIENCE", AUDIENCE),
            ("AXIOMS_HTTP_CA_BUNDLE", &self.ca),
            ("AXIOMS_JWKS_COOLDOWN", "1"),
        ];
        Api::start(&[&settings, more].concat())
    }

    /// Revokes a token of `who` (RFC 7009).
    async fn revoke(&self, who: &str, token: &str) {
        let request = self
            .client
            .post(format!("{}/token/revocation", self.issuer))
            .basic_auth(who, Some(format!("{who}-secret")))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(format!("token={token}"));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    }

    /// A token for `who` by client credentials (RFC 6749 §4.4); `resource` is an algorithm, perhaps
    /// with a query.
    async fn token(&self, who: &str, resource: &str) -> String {
        let scope = if who == "few" {
            "openid"
        } else {
            "openid%20profile"
        };
        let resource = escape(&format!("{AUDIENCE}/{resource}"));
        let request = self
            .client
            .post(format!("{}/token", self.issuer))
            .basic_auth(who, Some(format!("{who}-secret")))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(format!(
                "grant_type=client_credentials&scope={scope}&resource={resource}"
            ));
        let body = request
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("a body");
        let answer: Value = rocket::serde::json::from_str(&body).expect("JSON");
        answer["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token: {body}"))
            .to_owned()
    }

    /// Changes the server's keys.
    async fn control(&self, what: &str) {
        let answer = self
            .client
            .post(format!("{}/{what}", self.control))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "{what}");
    }
}

/// The application under test.
struct Api {
    quickstart: Quickstart,
    client: Client,
}

#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    challenge: Option<String>,
    retry_after: Option<String>,
    body: Value,
}

impl Api {
    fn start(variables: &[(&str, &str)]) -> Api {
        Api {
            quickstart: Quickstart::start(variables),
            client: http_client(None),
        }
    }

    async fn call(&self, method: Method, path: &str, token: Option<&str>) -> Answer {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.quickstart.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.expect("an answer");
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().expect("text").to_owned())
        };
        let (challenge, retry_after) = (header("WWW-Authenticate"), header("Retry-After"));
        let status = response.status().as_u16();
        let body =
            rocket::serde::json::from_str(&response.text().await.expect("a body")).expect("JSON");
        Answer {
            status,
            challenge,
            retry_after,
            body,
        }
    }

    async fn private(&self, token: &str) -> Answer {
        self.call(Method::GET, "/private", Some(token)).await
    }

    async fn cannot_tell(&self, token: &str) {
        let answer = self.private(token).await;
        assert_eq!(
            (answer.status, &answer.challenge),
            (503, &None),
            "{answer:?}"
        );
        assert_eq!(
            answer.body["error_description"],
            "Token introspection is temporarily unavailable"
        );
        assert!(answer.retry_after.is_some(), "{answer:?}");
    }

    async fn accepts(&self, token: &str) {
        let answer = self.private(token).await;
        assert_eq!(
            (answer.status, &answer.challenge),
            (200, &None),
            "{answer:?}"
        );
    }

    async fn refuses(&self, token: &str, description: &str) {
        let answer = self.private(token).await;
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (401, &Value::from("invalid_token")),
            "{answer:?}"
        );
        assert_eq!(answer.body["error_description"], description);
        let words = format!(", error=\"invalid_token\", error_description=\"{description}\"");
        assert!(
            answer
                .challenge
                .as_ref()
                .is_some_and(|challenge| challenge.contains(&words)),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn tokens_of_every_algorithm_have_every_right_they_were_given() {
    let Some(provider) =
        Provider::start("tokens_of_every_algorithm_have_every_right_they_were_given")
    else {
        return;
    };
    let api = provider.api();
    for (resource, alg) in ALGORITHMS {
        let token = provider.token("everything", resource).await;
        assert!(
            header(&token).contains(&format!("\"alg\":\"{alg}\"")),
            "{}",
            header(&token)
        );
        for (method, path) in ROUTES {
            let answer = api.call(method.clone(), path, Some(&token)).await;
            assert_eq!(answer.status, 200, "{alg} {method} {path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn tokens_that_do_not_hold_are_refused_and_few_rights_are_not_many() {
    let Some(provider) =
        Provider::start("tokens_that_do_not_hold_are_refused_and_few_rights_are_not_many")
    else {
        return;
    };
    let api = provider.api();
    for (resource, alg) in ALGORITHMS {
        // A good one is accepted first, so that each refusal is the token's own.
        let few = provider.token("few", resource).await;
        api.accepts(&few).await;
        for (method, path) in ROUTES
            .into_iter()
            .filter(|(_, path)| ["/role", "/permission"].contains(path))
        {
            let answer = api.call(method.clone(), path, Some(&few)).await;
            assert_eq!(answer.status, 403, "{alg} {method} {path}: {answer:?}");
            assert_eq!(answer.body["error"], "insufficient_scope");
            let challenge = answer.challenge.unwrap_or_default();
            assert!(
                challenge.starts_with(&format!("Bearer realm=\"{}\"", provider.issuer)),
                "{challenge}"
            );
        }
        let expired = provider
            .token("everything", &format!("{resource}?ttl=-3600"))
            .await;
        api.refuses(&expired, "Token has expired").await;
        let foreign = provider
            .token(
                "everything",
                &format!("{resource}?aud=https://other.example.test"),
            )
            .await;
        api.refuses(&foreign, "Invalid token audience").await;
        api.refuses(&forged(&few), "Invalid token signature").await;
        // The header and the claims of one, the signature of another.
        let other = provider.token("everything", resource).await;
        let (_, signature) = few.rsplit_once('.').expect("three parts");
        let (signed, _) = other.rsplit_once('.').expect("three parts");
        api.refuses(&format!("{signed}.{signature}"), "Invalid token signature")
            .await;
        api.accepts(&other).await;
    }
    let anonymous = api.call(Method::GET, "/private", None).await;
    assert_eq!(
        (anonymous.status, &anonymous.body["error"]),
        (401, &Value::from("missing_token"))
    );
    assert_eq!(
        anonymous.challenge,
        Some(format!(
            "Bearer realm=\"{}\", scope=\"openid\"",
            provider.issuer
        ))
    );
}

#[tokio::test]
async fn opaque_tokens_are_introspected_over_tls_by_every_kind_of_client() {
    let Some(provider) =
        Provider::start("opaque_tokens_are_introspected_over_tls_by_every_kind_of_client")
    else {
        return;
    };
    let key = provider.key.as_str();
    let clients: [&[(&str, &str)]; 3] = [
        &[
            ("AXIOMS_INTROSPECTION_CLIENT_ID", "api:1"),
            ("AXIOMS_INTROSPECTION_CLIENT_SECRET", "p+%& /"),
        ],
        &[
            ("AXIOMS_INTROSPECTION_CLIENT_ID", "api-post"),
            ("AXIOMS_INTROSPECTION_CLIENT_SECRET", "api-post-secret"),
            ("AXIOMS_INTROSPECTION_AUTH", "post"),
            // RFC 9701: the server signs its answers for this client.
            ("AXIOMS_INTROSPECTION_SIGNED", "true"),
        ],
        &[
            ("AXIOMS_INTROSPECTION_CLIENT_ID", "api-key"),
            ("AXIOMS_INTROSPECTION_AUTH", "private_key_jwt"),
            ("AXIOMS_INTROSPECTION_PRIVATE_KEY_FILE", key),
            ("AXIOMS_INTROSPECTION_KEY_ID", "api-1"),
        ],
    ];
    for client in clients {
        let api = provider.api_with(&[client, &[("AXIOMS_INTROSPECTION_CACHE_TTL", "0")]].concat());
        let token = provider.token("everything", "opaque").await;
        assert!(!token.contains('.'), "it is a JWT");
        for (method, path) in ROUTES {
            let answer = api.call(method.clone(), path, Some(&token)).await;
            assert_eq!(answer.status, 200, "{client:?} {method} {path}: {answer:?}");
        }
        let few = provider.token("few", "opaque").await;
        api.accepts(&few).await;
        let answer = api.call(Method::GET, "/role", Some(&few)).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        let foreign = "opaque?aud=https://other.example.test";
        let foreign = provider.token("everything", foreign).await;
        api.refuses(&foreign, "Invalid token audience").await;
        api.refuses("no-such-token", "Token is not active").await;
        provider.revoke("everything", &token).await;
        api.refuses(&token, "Token is not active").await;
        // JWTs are verified here, as ever.
        let jwt = provider.token("everything", "es256").await;
        api.accepts(&jwt).await;
    }
    let wrong = provider.api_with(&[
        ("AXIOMS_INTROSPECTION_CLIENT_ID", "api:1"),
        ("AXIOMS_INTROSPECTION_CLIENT_SECRET", "wrong"),
    ]);
    let token = provider.token("everything", "opaque").await;
    wrong.cannot_tell(&token).await;
    // This server introspects no JWTs, and says so.
    let always = provider.api_with(&[
        ("AXIOMS_INTROSPECTION_CLIENT_ID", "api:1"),
        ("AXIOMS_INTROSPECTION_CLIENT_SECRET", "p+%& /"),
        ("AXIOMS_INTROSPECTION_WHEN", "always"),
    ]);
    always.accepts(&token).await;
    let jwt = provider.token("everything", "es256").await;
    always.cannot_tell(&jwt).await;
    always
        .refuses(&forged(&jwt), "Invalid token signature")
        .await;
}

#[tokio::test]
async fn rotations_of_the_server_are_followed_at_once() {
    let Some(provider) = Provider::start("rotations_of_the_server_are_followed_at_once") else {
        return;
    };
    let api = provider.api();
    let algorithms = ["rs256", "ps256", "es256", "es512", "eddsa"];
    let mut tokens = Vec::new();
    let everyone = async |what: &str, tokens: &mut Vec<String>| {
        for resource in algorithms {
            tokens.push(provider.token("everything", resource).await);
        }
        for token in tokens.iter() {
            let answer = api.private(token).await;
            assert_eq!(answer.status, 200, "{what}: {}: {answer:?}", header(token));
        }
    };
    // By the book: the new keys stand beside the old ones before they sign, and tokens of both are
    // good.
    everyone("at first", &mut tokens).await;
    provider.control("publish").await;
    everyone("published", &mut tokens).await;
    provider.control("promote").await;
    everyone("promoted", &mut tokens).await;
    tokens.drain(..2 * algorithms.len());
    provider.control("retire").await;
    everyone("retired", &mut tokens).await;

    // After a theft: the new tokens are good at once, and then the old ones are not, remembered or
    // not.
    let unseen = provider.token("everything", "es256").await;
    provider.control("emergency").await;
    let stolen = std::mem::take(&mut tokens);
    everyone("emergency", &mut tokens).await;
    for token in stolen.iter().chain([&unseen]) {
        api.refuses(token, "Unknown signing key").await;
    }

    // Those were fruitless, so a cooldown has begun; when it is over the next rotation is followed.
    provider.control("emergency").await;
    let token = provider.token("everything", "es384").await;
    let start = Instant::now();
    while api.private(&token).await.status != 200 {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "the rotation was not followed"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_server_whose_certificate_is_not_trusted_gives_no_keys() {
    let Some(provider) = Provider::start("a_server_whose_certificate_is_not_trusted_gives_no_keys")
    else {
        return;
    };
    let api = Api::start(&[
        ("AXIOMS_ISS_URL", &provider.issuer),
        ("AXIOMS_AUDIENCE", AUDIENCE),
    ]);
    let answer = api
        .private(&provider.token("everything", "es256").await)
        .await;
    assert_eq!(
        (answer.status, &answer.challenge),
        (503, &None),
        "{answer:?}"
    );
    assert_eq!(answer.body["error"], "temporarily_unavailable");
    assert!(answer.retry_after.is_some(), "{answer:?}");
    assert_eq!(api.call(Method::GET, "/public", None).await.status, 200);
}

/// The header of a token, as text.
fn header(token: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut count, mut text) = (0, 0, String::new());
    for letter in token.split('.').next().unwrap_or_default().chars() {
        bits = bits << 6 | ALPHABET.find(letter).expect("base64url");
        count += 6;
        if count >= 8 {
            count -= 8;
            text.push(char::from((bits >> count) as u8));
        }
    }
    text
}

/// The token with another well-formed signature.
fn forged(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{signed}.{first}{}", &signature[1..])
}

/// For a form's value.
fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|o| {
            if plain(o) {
                char::from(o).to_string()
            } else {
                format!("%{o:02X}")
            }
        })
        .collect()
}
