//! JSON-RPC over HTTP, in two revisions of the specification.

use axioms_rocket::AuthError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::response::{self, Responder};
use rocket::serde::json::{Json, Value, json};
use rocket::{Request, Response};

/// The revisions that this server speaks: with the metadata of each request in `_meta`, and with
/// `initialize`.
pub const MODERN: &str = "2026-07-28";
pub const LEGACY: &str = "2025-11-25";

pub const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

/// A JSON-RPC request or notification; `null` if the body was no JSON.
pub struct Message(pub Value);

impl Message {
    pub fn id(&self) -> Option<&Value> {
        self.0.get("id")
    }

    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.0.pointer(pointer)?.as_str()
    }

    pub fn arguments(&self) -> &Value {
        let arguments = self.0.pointer("/params/arguments");
        arguments.unwrap_or(&Value::Null)
    }

    pub fn method(&self) -> Result<&str, Failure> {
        let method = self.text("/method");
        match method.filter(|_| self.text("/jsonrpc") == Some("2.0")) {
            Some(method) => Ok(method),
            None if self.0.is_null() => {
                Err(Failure::new(Status::BadRequest, -32700, "Parse error"))
            }
            None => Err(Failure::new(Status::BadRequest, -32600, "Invalid request")),
        }
    }
}

/// The headers that mirror the body (2026-07-28, Streamable HTTP, "Request Metadata").
pub struct McpHeaders<'r> {
    version: Option<&'r str>,
    method: Option<&'r str>,
    name: Option<&'r str>,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for McpHeaders<'r> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let header = |name| request.headers().get_one(name);
        Outcome::Success(McpHeaders {
            version: header("MCP-Protocol-Version"),
            method: header("Mcp-Method"),
            name: header("Mcp-Name"),
        })
    }
}

impl McpHeaders<'_> {
    /// Returns the revision that the request is written in.
    ///
    /// # Errors
    ///
    /// The headers, which proxies read, differ from the body.
    pub fn revision(&self, method: &str, message: &Message) -> Result<&'static str, Failure> {
        let body = message.text("/params/_meta/io.modelcontextprotocol~1protocolVersion");
        match (self.version, body) {
            (None | Some(LEGACY), None) if method == "initialize" => return Ok(LEGACY),
            (Some(LEGACY), None | Some(LEGACY)) => return Ok(LEGACY),
            (Some(version), None) if version != MODERN => return Err(unsupported(version)),
            (Some(version), Some(body)) if version == body && version != MODERN => {
                return Err(unsupported(version));
            }
            _ => {}
        }
        let name = self.name.and_then(decoded);
        let is_named = method != "tools/call" || name.as_deref() == message.text("/params/name");
        match (self.version, body) {
            (Some(MODERN), Some(MODERN)) if self.method == Some(method) && is_named => Ok(MODERN),
            _ => Err(Failure::new(
                Status::BadRequest,
                -32020,
                "Header mismatch: MCP-Protocol-Version, Mcp-Method and Mcp-Name must be there and \
                 as in the body",
            )),
        }
    }
}

fn unsupported(requested: &str) -> Failure {
    Failure::Protocol(RpcError {
        status: Status::BadRequest,
        code: -32022,
        message: "Unsupported protocol version",
        data: Some(json!({ "supported": [MODERN, LEGACY], "requested": requested })),
    })
}

/// Decodes a header that holds more than printable ASCII (`=?base64?…?=`).
fn decoded(value: &str) -> Option<String> {
    let encoded = value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match encoded {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}

/// A request that was not carried out: by the rules of the protocol, or for want of a scope.
pub enum Failure {
    Protocol(RpcError),
    Forbidden(AuthError),
}

impl Failure {
    pub fn new(status: Status, code: i32, message: &'static str) -> Failure {
        Failure::Protocol(RpcError {
            status,
            code,
            message,
            data: None,
        })
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Failure {
        Failure::Forbidden(error)
    }
}

/// An error of JSON-RPC, and the status that it has over HTTP.
pub struct RpcError {
    status: Status,
    code: i32,
    message: &'static str,
    data: Option<Value>,
}

/// A status, and a JSON-RPC message unless it answers a notification.
pub struct Reply(Status, Option<Value>);

impl Reply {
    /// The answer to a notification.
    pub fn accepted() -> Reply {
        Reply(Status::Accepted, None)
    }

    pub fn result(message: &Message, result: Value) -> Reply {
        let answer = json!({ "jsonrpc": "2.0", "id": message.id(), "result": result });
        Reply(Status::Ok, Some(answer))
    }

    pub fn error(message: &Message, error: RpcError) -> Reply {
        let error_object = match error.data {
            Some(data) => json!({ "code": error.code, "message": error.message, "data": data }),
            None => json!({ "code": error.code, "message": error.message }),
        };
        let answer = json!({ "jsonrpc": "2.0", "id": message.id(), "error": error_object });
        Reply(error.status, Some(answer))
    }
}

impl<'r> Responder<'r, 'static> for Reply {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        match self.1 {
            Some(message) => (self.0, Json(message)).respond_to(request),
            None => Response::build().status(self.0).ok(),
        }
    }
}
