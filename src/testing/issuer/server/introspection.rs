//! The introspection endpoint (RFC 7662, RFC 9701).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::answer::faulty;
use super::body::Body;
use super::documents::Document;
use crate::testing::TestIssuer;
use crate::testing::issuer::requests::Request;
use crate::testing::issuer::shared::Shared;

/// The largest form, in bytes.
const MAX_FORM: usize = 2 * 1024 * 1024;

/// The media type of a signed answer (RFC 9701 §4).
const SIGNED: &str = "application/token-introspection+jwt";

/// The tokens that the endpoint knows.
#[derive(Default)]
pub(in crate::testing) struct Tokens {
    /// Opaque tokens and their claims.
    opaque: HashMap<String, Map<String, Value>>,
    revoked: HashSet<String>,
}

impl Tokens {
    pub(in crate::testing) fn insert(&mut self, token: String, claims: Map<String, Value>) {
        self.opaque.insert(token, claims);
    }

    pub(in crate::testing) fn revoke(&mut self, token: &str) {
        self.revoked.insert(token.to_owned());
    }
}

/// A request for the endpoint.
pub(super) struct Call {
    is_post: bool,
    authorization: Option<String>,
    accepts_signed: bool,
    body: Incoming,
}

impl Call {
    /// Returns the call if `request` is one, or else `http`.
    pub(super) fn of(
        shared: &Shared,
        request: &Request,
        http: hyper::Request<Incoming>,
    ) -> Result<Call, hyper::Request<Incoming>> {
        if request.path() != shared.addresses.introspection_path {
            return Err(http);
        }
        let header = |name: HeaderName| Some(http.headers().get(name)?.to_str().ok()?.to_owned());
        Ok(Call {
            is_post: http.method() == Method::POST,
            authorization: header(AUTHORIZATION),
            accepts_signed: header(ACCEPT).is_some_and(|accepted| accepted == SIGNED),
            body: http.into_body(),
        })
    }

    /// Returns the answer; `None` for [`IssuerFault::Hang`](crate::testing::IssuerFault::Hang).
    pub(super) async fn answer(
        self,
        shared: &Arc<Shared>,
        request: &Request,
    ) -> Option<Response<Body>> {
        if !self.is_post {
            return Some(error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request"));
        }
        let form = match Limited::new(self.body, MAX_FORM).collect().await {
            Ok(form) => form.to_bytes(),
            Err(_) => return Some(error(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request")),
        };
        let form: HashMap<String, String> = form_urlencoded::parse(&form).into_owned().collect();
        let fault = shared.faults().of(Document::Introspection);
        let Some(client) = client(shared, self.authorization.as_deref(), &form) else {
            return Some(error(StatusCode::UNAUTHORIZED, "invalid_client"));
        };
        let token = form.get("token").map_or("", String::as_str);
        let content = about(shared, token);
        if let Some(fault) = fault {
            return faulty(fault, Document::Introspection, content, request);
        }
        Some(match self.accepts_signed {
            true => signed(shared, &client, &content),
            false => typed("application/json", content.to_string()),
        })
    }
}

/// Returns the identifier of the client, if it is the one of the builder, or that takes any.
fn client(
    shared: &Shared,
    authorization: Option<&str>,
    form: &HashMap<String, String>,
) -> Option<String> {
    let field = |name: &str| form.get(name).cloned();
    let basic = authorization.and_then(|value| {
        let pair = STANDARD.decode_to_vec(value.strip_prefix("Basic ")?).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        let (id, secret) = pair.split_once(':')?;
        let decoded = |text: &str| {
            let pair = form_urlencoded::parse(text.as_bytes()).next();
            pair.map(|(name, _)| name.into_owned()).unwrap_or_default()
        };
        Some((decoded(id), Some(decoded(secret))))
    });
    let (id, secret) = match basic {
        Some(basic) => basic,
        None => (field("client_id")?, field("client_secret")),
    };
    let is_asserted = form.contains_key("client_assertion");
    match &shared.defaults.introspection_client {
        None => Some(id),
        Some((known, _)) if *known == id && is_asserted => Some(id),
        Some((known, expected)) if *known == id && secret.as_ref() == Some(expected) => Some(id),
        Some(_) => None,
    }
}

/// Returns the answer about `token`: an opaque one, or a JWT of this issuer.
fn about(shared: &Shared, token: &str) -> Value {
    let tokens = shared.tokens();
    let claims = tokens.opaque.get(token).cloned();
    let claims = claims.or_else(|| {
        let payload = token.split('.').nth(1)?;
        let payload = URL_SAFE_NO_PAD.decode_to_vec(payload).ok()?;
        let claims: Map<String, Value> = serde_json::from_slice(&payload).ok()?;
        (claims.get("iss") == Some(&json!(shared.addresses.issuer))).then_some(claims)
    });
    let now = shared.defaults.clock.now().as_secs_f64();
    match claims {
        Some(mut claims) if !tokens.revoked.contains(token) => {
            let exp = claims.get("exp").and_then(Value::as_f64);
            if exp.is_some_and(|exp| exp <= now) {
                return json!({ "active": false });
            }
            claims.insert("active".to_owned(), json!(true));
            Value::Object(claims)
        }
        _ => json!({ "active": false }),
    }
}

fn signed(shared: &Arc<Shared>, client: &str, content: &Value) -> Response<Body> {
    let alg = shared.defaults.algorithm;
    let header = json!({
        "alg": alg.name(),
        "typ": "token-introspection+jwt",
        "kid": shared.signing_key(alg).kid(),
    });
    let claims = json!({
        "iss": shared.addresses.issuer,
        "aud": client,
        "iat": shared.defaults.clock.now().as_secs(),
        "token_introspection": content,
    });
    let issuer = TestIssuer::without_server(shared);
    let answer = issuer.sign_raw(header.to_string(), claims.to_string(), alg);
    typed(SIGNED, answer)
}

fn error(status: StatusCode, code: &str) -> Response<Body> {
    let mut response = typed("application/json", json!({ "error": code }).to_string());
    *response.status_mut() = status;
    response
}

fn typed(media_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::whole(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

impl TestIssuer {
    /// Returns the URL of the introspection endpoint (RFC 7662), which the metadata name, too.
    ///
    /// It answers about [`opaque`](crate::testing::TokenBuilder::opaque) tokens, and about the JWTs
    /// whose `iss` is this issuer: active with their claims, until they expire or are
    /// [revoked](Self::revoke). An application that accepts signed answers alone (RFC 9701) gets
    /// them.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// assert_eq!(issuer.introspection_url(), "https://issuer.example.test/introspect");
    /// ```
    pub fn introspection_url(&self) -> &str {
        &self.shared.addresses.introspection_url
    }

    /// Makes the introspection endpoint answer that `token` is not active, from now on.
    ///
    /// The application may use an answer that it remembers, for `cache_ttl`.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().opaque();
    /// issuer.revoke(&token);
    /// ```
    pub fn revoke(&self, token: &str) {
        self.shared.tokens().revoke(token);
    }

    /// Returns how many of the [`requests`](Self::requests) were for the introspection endpoint.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// assert_eq!(TestIssuer::start().introspection_requests(), 0);
    /// ```
    pub fn introspection_requests(&self) -> usize {
        let path = &self.shared.addresses.introspection_path;
        let requests = self.shared.requests();
        requests
            .iter()
            .filter(|request| request.path() == *path)
            .count()
    }
}
