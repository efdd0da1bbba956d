//! The login of a public client: the authorization code flow with PKCE, without a page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, HOST, HeaderName, HeaderValue, LOCATION, ORIGIN};
use hyper::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::body::Body;
use crate::base::loopback::is_loopback;
use crate::testing::TestIssuer;
use crate::testing::issuer::keys::encode;
use crate::testing::issuer::requests::Request;
use crate::testing::issuer::shared::{Shared, lock};

/// The largest form of a token request, in bytes.
const MAX_FORM: usize = 16 * 1024;

/// The logins that wait for their token request.
pub(in crate::testing) struct Logins {
    /// Claims of their tokens beside the defaults.
    claims: Map<String, Value>,
    codes: Mutex<HashMap<String, Login>>,
}

/// The parameters of an authorization request that the token request depends on.
struct Login {
    challenge: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
}

impl Logins {
    pub(in crate::testing) fn new(claims: Map<String, Value>) -> Self {
        Self {
            claims,
            codes: Mutex::default(),
        }
    }
}

/// A request for one of the endpoints.
pub(super) struct Call {
    endpoint: Endpoint,
    /// An `Origin` on loopback may read the answer.
    origin: Option<HeaderValue>,
}

enum Endpoint {
    /// With its query.
    Authorize(String),
    Token(Incoming),
    Preflight,
    /// The host is no loopback name (DNS rebinding), or the method is wrong.
    Refused(StatusCode),
}

type Form = HashMap<String, String>;

fn parse(form: &[u8]) -> Form {
    form_urlencoded::parse(form).into_owned().collect()
}

impl Call {
    /// Returns the call, if `request` is for one of the endpoints.
    pub(super) fn of(
        shared: &Shared,
        request: &Request,
        http: hyper::Request<Incoming>,
    ) -> Option<Call> {
        let is_token = request.path() == shared.addresses.token_path;
        if !is_token && request.path() != shared.addresses.authorize_path {
            return None;
        }
        let header = |name: HeaderName| http.headers().get(name)?.to_str().ok();
        let host = header(HOST).and_then(|host| Url::parse(&format!("http://{host}")).ok());
        let origin = header(ORIGIN).and_then(|origin| Url::parse(origin).ok());
        let origin = origin.filter(is_loopback);
        let origin = origin.and_then(|_| http.headers().get(ORIGIN).cloned());
        let endpoint = if !host.is_some_and(|host| is_loopback(&host)) {
            Endpoint::Refused(StatusCode::MISDIRECTED_REQUEST)
        } else {
            match (is_token, http.method()) {
                (false, &Method::GET) => {
                    Endpoint::Authorize(request.query().unwrap_or_default().to_owned())
                }
                (true, &Method::POST) => Endpoint::Token(http.into_body()),
                (true, &Method::OPTIONS) => Endpoint::Preflight,
                _ => Endpoint::Refused(StatusCode::METHOD_NOT_ALLOWED),
            }
        };
        Some(Call { endpoint, origin })
    }

    pub(super) async fn answer(self, shared: &Arc<Shared>) -> Response<Body> {
        let mut response = match self.endpoint {
            Endpoint::Authorize(query) => authorize(shared, &parse(query.as_bytes())),
            Endpoint::Token(body) => match Limited::new(body, MAX_FORM).collect().await {
                Ok(form) => token(shared, &parse(&form.to_bytes())),
                Err(_) => error(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request"),
            },
            Endpoint::Preflight => json_response(StatusCode::NO_CONTENT, None),
            Endpoint::Refused(status) => error(status, "invalid_request"),
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(origin) = self.origin {
            headers.insert("access-control-allow-origin", origin);
            let allowed = HeaderValue::from_static("authorization, content-type, x-requested-with");
            headers.insert("access-control-allow-headers", allowed);
            headers.insert("vary", HeaderValue::from_static("origin"));
        }
        response
    }
}

/// Answers an authorization request (RFC 6749 §4.1.1) with a code. Errors are not redirected to a
/// client that is not on loopback.
fn authorize(shared: &Shared, form: &Form) -> Response<Body> {
    let parameter = |name: &str| form.get(name).cloned().unwrap_or_default();
    let redirect_uri = parameter("redirect_uri");
    let Some(mut to) = Url::parse(&redirect_uri).ok().filter(is_loopback) else {
        return error(StatusCode::BAD_REQUEST, "invalid_request");
    };
    let fault = if parameter("response_type") != "code" {
        Some("unsupported_response_type")
    } else if parameter("code_challenge_method") != "S256"
        || parameter("code_challenge").is_empty()
        || parameter("client_id").is_empty()
    {
        Some("invalid_request")
    } else {
        None
    };
    let answer = match fault {
        Some(fault) => ("error", fault.to_owned()),
        None => {
            let code = format!("{:032x}", fastrand::u128(..));
            let login = Login {
                challenge: parameter("code_challenge"),
                client_id: parameter("client_id"),
                redirect_uri,
                scope: parameter("scope"),
            };
            lock(&shared.logins.codes).insert(code.clone(), login);
            ("code", code)
        }
    };
    to.query_pairs_mut()
        .append_pair(answer.0, &answer.1)
        .append_pair("iss", &shared.addresses.issuer)
        .extend_pairs(form.get("state").map(|state| ("state", state)));
    let Ok(to) = HeaderValue::from_str(to.as_str()) else {
        return error(StatusCode::BAD_REQUEST, "invalid_request");
    };
    let mut response = json_response(StatusCode::FOUND, None);
    response.headers_mut().insert(LOCATION, to);
    response
}

/// Answers a token request (RFC 6749 §4.1.3). A code is good for one.
fn token(shared: &Arc<Shared>, form: &Form) -> Response<Body> {
    let parameter = |name: &str| form.get(name).map_or("", String::as_str);
    if parameter("grant_type") != "authorization_code" {
        return error(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let login = lock(&shared.logins.codes).remove(parameter("code"));
    let verifier = digest::digest(&digest::SHA256, parameter("code_verifier").as_bytes());
    let login = login.filter(|login| {
        login.challenge == encode(verifier)
            && login.client_id == parameter("client_id")
            && login.redirect_uri == parameter("redirect_uri")
    });
    let Some(login) = login else {
        return error(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let issuer = TestIssuer::without_server(shared);
    let mut token = issuer.token().client_id(login.client_id);
    if !login.scope.is_empty() {
        token = token.scope(&login.scope);
    }
    for (name, value) in &shared.logins.claims {
        token = token.claim(name, value.clone());
    }
    let body = json!({
        "access_token": token.sign(),
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": login.scope,
    });
    json_response(StatusCode::OK, Some(body))
}

fn error(status: StatusCode, code: &str) -> Response<Body> {
    json_response(status, Some(json!({ "error": code })))
}

fn json_response(status: StatusCode, body: Option<Value>) -> Response<Body> {
    let text = body.as_ref().map_or_else(String::new, Value::to_string);
    let mut response = Response::new(Body::whole(text));
    *response.status_mut() = status;
    if body.is_some() {
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert("content-type", json);
    }
    response
}
