//! An application under test, its issuer, and assertions about answers.

use axioms_rocket::testing::{Alg, TestIssuer, TokenBuilder};
use axioms_rocket::{
    AuthError, Authenticated, AxiomsFairing, Config, Permissions, Roles, Scopes, ValidToken,
    permissions, roles, scopes,
};
use rocket::config::LogLevel;
use rocket::http::{Header, Method};
use rocket::local::blocking::{Client, LocalRequest};
use rocket::serde::json::Value;
use rocket::{Build, Rocket, get, routes};

scopes! {
    pub Profile = "openid" | "profile";
    pub Read = "read:resource";
}
roles! { pub Editor = "editor"; }
permissions! { pub Create = "sample:create"; }

#[get("/token")]
fn token(token: ValidToken) -> String {
    token.subject().unwrap_or("(no subject)").to_owned()
}

#[get("/scope")]
pub fn scope(_scope: Scopes<Profile>) -> &'static str {
    "scope"
}

#[get("/role")]
pub fn role(_role: Roles<Editor>) -> &'static str {
    "role"
}

#[get("/permission")]
pub fn permission(_may: Permissions<Create>) -> &'static str {
    "permission"
}

#[get("/someone")]
fn someone(_someone: Authenticated) -> &'static str {
    "someone"
}

#[get("/states")]
fn states(token: Result<ValidToken, AuthError>) -> String {
    match token {
        Ok(token) => format!("verified {}", token.subject().unwrap_or_default()),
        Err(error) => error.code().to_owned(),
    }
}

#[get("/public")]
fn public() -> &'static str {
    "public"
}

/// The routes that most rows need.
pub fn routes() -> Vec<rocket::Route> {
    routes![token, scope, role, permission, someone, states, public]
}

pub const AUDIENCE: &str = "https://api.example.test";
pub const ISSUER: &str = "https://issuer.example.test";

/// An issuer without a socket, whose keys are handed to the fairing.
pub fn offline() -> TestIssuer {
    offline_with([Alg::Es256])
}

pub fn offline_with(algorithms: impl IntoIterator<Item = Alg>) -> TestIssuer {
    TestIssuer::builder()
        .audience(AUDIENCE)
        .algorithms(algorithms)
        .offline(ISSUER)
}

/// The configuration that trusts `issuer`. `TEST_TOKEN_CACHE` sets the capacity of the cache
/// of tokens; no test may depend on it.
pub fn config(issuer: &TestIssuer) -> Config {
    let mut config = Config {
        audience: vec![AUDIENCE.into()],
        iss_url: Some(issuer.url().into()),
        ..Config::default()
    };
    if let Ok(capacity) = std::env::var("TEST_TOKEN_CACHE") {
        config.token_cache_capacity = capacity.parse().expect("TEST_TOKEN_CACHE is a number");
    }
    config
}

/// Rocket without its console and its surroundings, and with the fairing.
pub fn rocket(fairing: AxiomsFairing) -> Rocket<Build> {
    bare_rocket().attach(fairing)
}

/// Rocket without its console, its surroundings and the fairing.
pub fn bare_rocket() -> Rocket<Build> {
    rocket::custom(rocket::Config {
        log_level: LogLevel::Off,
        ..rocket::Config::debug_default()
    })
}

/// An application of [`routes`] that trusts `issuer` and was handed its keys.
pub fn app(issuer: &TestIssuer) -> App {
    app_with(issuer, config(issuer))
}

pub fn app_with(issuer: &TestIssuer, config: Config) -> App {
    App::launch(
        rocket(AxiomsFairing::from_config(config).with_keys(issuer.jwks())).mount("/", routes()),
    )
}

/// An application of [`routes`] that fetches the keys of `issuer` itself.
pub fn online_app(config: Config) -> App {
    App::launch(rocket(AxiomsFairing::from_config(config)).mount("/", routes()))
}

pub struct App(pub Client);

impl App {
    #[track_caller]
    pub fn launch(rocket: Rocket<Build>) -> App {
        App(Client::untracked(rocket).expect("the application starts"))
    }

    pub fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Method::Get, path, &[&format!("Bearer {token}")])
    }

    pub fn anonymous(&self, path: &str) -> Answer {
        self.call(Method::Get, path, &[])
    }

    /// With one `Authorization` header for each of `authorization`.
    pub fn call(&self, method: Method, path: &str, authorization: &[&str]) -> Answer {
        let header = |value: &&str| Header::new("Authorization", (*value).to_owned());
        self.with_headers(method, path, authorization.iter().map(header))
    }

    pub fn with_headers(
        &self,
        method: Method,
        path: &str,
        headers: impl Iterator<Item = Header<'static>>,
    ) -> Answer {
        let mut request = self.0.req(method, path.to_owned());
        headers.for_each(|header| request.add_header(header));
        Answer::of(request)
    }

    /// With `value` in a header of that name.
    pub fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        let mut request = self.0.get(path.to_owned());
        request.add_header(Header::new(name.to_owned(), value.to_owned()));
        Answer::of(request)
    }
}

impl Answer {
    fn of(request: LocalRequest<'_>) -> Answer {
        let response = request.dispatch();
        let header = |name: &str| response.headers().get_one(name).map(str::to_owned);
        Answer {
            status: response.status().code,
            challenge: header("WWW-Authenticate"),
            content_type: header("Content-Type"),
            cache_control: header("Cache-Control"),
            retry_after: header("Retry-After"),
            body: response.into_string().unwrap_or_default(),
        }
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub challenge: Option<String>,
    pub content_type: Option<String>,
    pub cache_control: Option<String>,
    pub retry_after: Option<String>,
    pub body: String,
}

impl Answer {
    #[track_caller]
    pub fn passes(&self, body: &str) {
        assert_eq!((self.status, self.body.as_str()), (200, body), "{self:?}");
        assert_eq!(self.challenge, None, "{self:?}");
    }

    /// A refusal in full: status, body, `Cache-Control`, and a challenge that says the same.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str, description: &str) {
        assert_eq!(self.status, status, "{self:?}");
        let body: Value = rocket::serde::json::from_str(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {self:?}"));
        let expected =
            rocket::serde::json::json!({ "error": code, "error_description": description });
        assert_eq!(body, expected, "{self:?}");
        assert_eq!(
            self.content_type.as_deref(),
            Some("application/json"),
            "{self:?}"
        );
        assert_eq!(self.cache_control.as_deref(), Some("no-store"), "{self:?}");
        let challenge = self.challenge.as_deref();
        match (status, code) {
            (503, _) => assert_eq!(challenge, None, "{self:?}"),
            (_, "missing_token") => {
                let challenge = challenge.unwrap_or_else(|| panic!("no challenge: {self:?}"));
                assert!(
                    challenge.starts_with("Bearer realm=\"") && !challenge.contains("error"),
                    "{self:?}"
                );
            }
            _ => {
                let words = format!(", error=\"{code}\", error_description=\"{description}\"");
                assert!(
                    challenge
                        .is_some_and(|c| c.starts_with("Bearer realm=\"") && c.contains(&words)),
                    "{self:?}"
                );
            }
        }
    }

    /// 401 `invalid_token` with this description.
    #[track_caller]
    pub fn invalid(&self, description: &str) {
        self.refused(401, "invalid_token", description);
    }

    #[track_caller]
    pub fn missing(&self) {
        self.refused(401, "missing_token", "Missing Authorization header");
    }

    #[track_caller]
    pub fn not_bearer(&self) {
        self.refused(401, "missing_token", "Not a bearer token");
    }

    #[track_caller]
    pub fn insufficient(&self) {
        self.refused(
            403,
            "insufficient_scope",
            "Insufficient role, scope or permission",
        );
    }
}

/// A token that every route of [`routes`] takes.
pub fn full_token(issuer: &TestIssuer) -> TokenBuilder<'_> {
    issuer
        .token()
        .subject("alice")
        .scope("openid")
        .roles(["editor"])
        .permissions(["sample:create"])
}
