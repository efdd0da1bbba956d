//! JSON-RPC over HTTP, in two revisions of the specification.

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
    pub fn revision(&self, method: &str, params: &Value) -> Result<&'static str, RpcError> {
        let body = params["_meta"][VERSION_KEY].as_str();
        let unsupported = |requested: &str| RpcError {
            code: -32022,
            message: "Unsupported protocol version",
            data: Some(json!({ "supported": [MODERN, LEGACY], "requested": requested })),
        };
        match (self.version, body) {
            (None | Some(LEGACY), None) if method == "initialize" => return Ok(LEGACY),
            (Some(LEGACY), None | Some(LEGACY)) => return Ok(LEGACY),
            (Some(version), Some(body)) if version == body && version != MODERN => {
                return Err(unsupported(version));
            }
            (Some(version), None) if version != MODERN => return Err(unsupported(version)),
            _ => {}
        }
        let name = self.name.and_then(decoded);
        let is_named = method != "tools/call" || name.as_deref() == params["name"].as_str();
        match (self.version, body) {
            (Some(MODERN), Some(MODERN)) if self.method == Some(method) && is_named => Ok(MODERN),
            _ => Err(RpcError {
                code: -32020,
                message: "Header mismatch: MCP-Protocol-Version, Mcp-Method and Mcp-Name must be \
                          there and as in the body",
                data: None,
            }),
        }
    }
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

pub struct RpcError {
    code: i32,
    message: &'static str,
    data: Option<Value>,
}

impl RpcError {
    pub fn of(self, id: &Value) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(data) = self.data {
            error["data"] = data;
        }
        json!({ "jsonrpc": "2.0", "id": id, "error": error })
    }
}

/// A status, and a JSON-RPC message unless it answers a notification.
pub struct Reply(pub Status, pub Option<Value>);

impl Reply {
    /// The result of a request.
    pub fn result(id: &Value, mut result: Value, is_modern: bool) -> Reply {
        if is_modern {
            result["resultType"] = "complete".into();
        }
        Reply(
            Status::Ok,
            Some(json!({ "jsonrpc": "2.0", "id": id, "result": result })),
        )
    }

    /// An error of the protocol.
    pub fn error(status: Status, id: &Value, code: i32, message: &'static str) -> Reply {
        let data = None;
        Reply(
            status,
            Some(
                RpcError {
                    code,
                    message,
                    data,
                }
                .of(id),
            ),
        )
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
