//! The issuer's responses: the document, or a fault in its place.

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::body::Body;
use super::documents::Document;
use crate::testing::issuer::faults::IssuerFault;
use crate::testing::issuer::requests::Request;
use crate::testing::issuer::shared::Shared;

/// More than twice the size that a resource server should accept, in bytes.
const HUGE: usize = 1024 * 1024;

/// Returns the response to `request`; `None` for [`IssuerFault::Hang`].
pub(in crate::testing) fn answer(shared: &Shared, request: &Request) -> Option<Response<Body>> {
    let Some(document) = shared.addresses.document(request.path()) else {
        return Some(error(StatusCode::NOT_FOUND));
    };
    if !["GET", "HEAD"].contains(&&*request.method) {
        return Some(error(StatusCode::METHOD_NOT_ALLOWED));
    }
    let (fault, cache_control) = {
        let faults = shared.faults();
        (faults.of(document), faults.cache_control.clone())
    };
    let content = match document {
        Document::OpenId | Document::OAuth => shared.addresses.metadata(),
        Document::KeySet => shared.keyring().set(),
        // No GET leads there.
        Document::Introspection => return Some(error(StatusCode::METHOD_NOT_ALLOWED)),
    };
    let mut response = match fault {
        None => json_document(&content),
        Some(fault) => faulty(fault, document, content, request)?,
    };
    if let (Document::KeySet, Some(value)) = (document, cache_control) {
        response.headers_mut().insert(CACHE_CONTROL, value);
    }
    Some(response)
}

/// Returns `fault` in place of `content`.
pub(super) fn faulty(
    fault: IssuerFault,
    document: Document,
    mut content: Value,
    request: &Request,
) -> Option<Response<Body>> {
    let is_metadata = matches!(document, Document::OpenId | Document::OAuth);
    let is_key_set = document == Document::KeySet;
    Some(match fault {
        IssuerFault::Hang => return None,
        IssuerFault::Status(status) => {
            error(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        }
        IssuerFault::SlowDrip => typed("application/json", Body::drip()),
        IssuerFault::CutOff => {
            let content = content.to_string();
            typed(
                "application/json",
                Body::cut(content[..content.len() / 2].to_owned()),
            )
        }
        IssuerFault::Garbage => typed(
            "text/html",
            Body::whole("<!doctype html><title>Please log in</title>"),
        ),
        IssuerFault::Body(body) => typed("application/json", Body::whole(body)),
        IssuerFault::Redirect(to) => redirect(&to),
        IssuerFault::RedirectLoop => redirect(&request.target),
        IssuerFault::Redirects(count) => {
            let hop = request
                .query()
                .and_then(|query| query.strip_prefix("hop=")?.parse().ok())
                .unwrap_or(0);
            if hop >= count {
                return Some(json_document(&content));
            }
            redirect(&format!("{}?hop={}", request.path(), hop + 1))
        }
        IssuerFault::EmptySet if is_key_set => json_document(&json!({ "keys": [] })),
        IssuerFault::HugeSet if is_key_set => {
            content["padding"] = json!("x".repeat(HUGE));
            typed("application/json", Body::unannounced(content.to_string()))
        }
        IssuerFault::NotFoundMetadata if is_metadata => error(StatusCode::NOT_FOUND),
        IssuerFault::NotFoundOpenId if document == Document::OpenId => error(StatusCode::NOT_FOUND),
        IssuerFault::WrongIssuer if is_metadata => {
            content["issuer"] = json!("https://another-issuer.example.test");
            json_document(&content)
        }
        IssuerFault::NoJwksUri if is_metadata => {
            content
                .as_object_mut()
                .map(|members| members.remove("jwks_uri"));
            json_document(&content)
        }
        IssuerFault::JwksUri(url) if is_metadata => {
            content["jwks_uri"] = json!(url);
            json_document(&content)
        }
        // A fault of the other document only.
        IssuerFault::EmptySet
        | IssuerFault::HugeSet
        | IssuerFault::NotFoundMetadata
        | IssuerFault::NotFoundOpenId
        | IssuerFault::WrongIssuer
        | IssuerFault::NoJwksUri
        | IssuerFault::JwksUri(_) => json_document(&content),
    })
}

fn json_document(content: &Value) -> Response<Body> {
    typed("application/json", Body::whole(content.to_string()))
}

fn error(status: StatusCode) -> Response<Body> {
    let body = json!({ "error": status.canonical_reason().unwrap_or("error") });
    let mut response = json_document(&body);
    *response.status_mut() = status;
    response
}

/// Redirects to `to`, which was checked when the fault was set, or comes from a request line.
fn redirect(to: &str) -> Response<Body> {
    let Ok(to) = HeaderValue::from_str(to) else {
        return error(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = Response::new(Body::whole(""));
    *response.status_mut() = StatusCode::FOUND;
    response.headers_mut().insert(LOCATION, to);
    response
}

fn typed(media_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
