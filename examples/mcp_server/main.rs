//! A protected Model Context Protocol server: streamable HTTP, with tools of different scopes.
//!
//! `cargo run --example mcp_server` starts it with an embedded development issuer and prints `curl`
//! lines to paste. With a configured issuer, MCP clients and agents enter it from its URL alone:
//!
//! ```sh
//! AXIOMS_ISS_URL=https://auth.example.com \
//! AXIOMS_RESOURCE_IDENTIFIER=https://mcp.example.com/mcp cargo run --example mcp_server
//! ```
//!
//! It speaks revision 2026-07-28 of the specification, and 2025-11-25 with clients that send
//! `initialize`. There are no sessions: each request brings all that it needs, its token first.
//! docs/agents.md explains it and says which test shows what.

mod origin;
mod protocol;
mod tools;

use std::time::Duration;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AuthError, AxiomsFairing, Config, Public, Scopes, ValidToken};
use rocket::data::{Limits, ToByteUnit};
use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::serde::json::{Error, Json, Value, json};
use rocket::{Build, Orbit, Rocket, State, delete, get, launch, options, post, routes};

use origin::{KnownOrigin, Origins, add_cors_headers};
use protocol::{Failure, LEGACY, MODERN, McpHeaders, Message, Reply, VERSION_KEY};
use tools::{Notes, Read, TOOLS, Tool};

/// The endpoint. The guards of its signature decide first: an unknown `Origin` is 403, no token or
/// another API's is 401 with the way to the authorization server, and one without the scope 403. A
/// tool that needs more answers 403 with its own scopes, so that the client steps up.
#[post("/mcp", data = "<message>")]
fn endpoint(
    _origin: KnownOrigin,
    _scope: Scopes<Read>,
    token: ValidToken,
    headers: McpHeaders<'_>,
    message: Result<Json<Value>, Error<'_>>,
    notes: &State<Notes>,
) -> Result<Reply, AuthError> {
    let message = Message(message.map_or(Value::Null, Json::into_inner));
    match answer(&message, &headers, &token, notes) {
        Ok(Some(result)) => Ok(Reply::result(&message, result)),
        Ok(None) => Ok(Reply::accepted()),
        Err(Failure::Protocol(error)) => Ok(Reply::error(&message, error)),
        Err(Failure::Forbidden(error)) => Err(error),
    }
}

/// Returns the result of a request; `None` for a notification.
fn answer(
    message: &Message,
    headers: &McpHeaders<'_>,
    token: &ValidToken,
    notes: &Notes,
) -> Result<Option<Value>, Failure> {
    let method = message.method()?;
    if message.id().is_none() {
        return Ok(None);
    }
    let revision = headers.revision(method, message)?;
    let result = match (revision, method) {
        (LEGACY, "initialize") => json!({
            "protocolVersion": LEGACY,
            "capabilities": { "tools": {} },
            "serverInfo": server_info(),
        }),
        (MODERN, "server/discover") => json!({
            "resultType": "complete",
            "supportedVersions": [MODERN, LEGACY],
            "capabilities": { "tools": {} },
            "_meta": { "io.modelcontextprotocol/serverInfo": server_info() },
            "ttlMs": 3_600_000,
            "cacheScope": "private",
        }),
        (LEGACY, "ping") => json!({}),
        (_, "tools/list") => json!({
            "resultType": "complete",
            "tools": TOOLS.iter().map(Tool::describe).collect::<Vec<_>>(),
            "ttlMs": 3_600_000,
            "cacheScope": "private",
        }),
        (_, "tools/call") => {
            let name = message.text("/params/name");
            let tool = TOOLS.iter().find(|tool| name == Some(tool.name));
            let tool = tool.ok_or_else(|| Failure::new(Status::Ok, -32602, "Unknown tool"))?;
            (tool.allowed)(token)?;
            tool.call(token, message.arguments(), notes)
        }
        _ => {
            let status = match revision {
                MODERN => Status::NotFound,
                _ => Status::Ok,
            };
            return Err(Failure::new(status, -32601, "Method not found"));
        }
    };
    Ok(Some(result))
}

/// There are no streams and no sessions. Clients probe with GET, so it is guarded too: without a
/// token they are shown the way to one.
#[get("/mcp")]
fn stream(_origin: KnownOrigin, _scope: Scopes<Read>) -> Status {
    Status::MethodNotAllowed
}

#[delete("/mcp")]
fn end_session(_origin: KnownOrigin, _scope: Scopes<Read>) -> Status {
    Status::MethodNotAllowed
}

/// The preflight of a browser; its headers are those of [`add_cors_headers`].
#[options("/mcp")]
fn preflight(_origin: KnownOrigin, _anybody: Public) -> Status {
    Status::NoContent
}

fn server_info() -> Value {
    json!({ "name": "notes", "version": env!("CARGO_PKG_VERSION") })
}

/// The server, with an embedded issuer unless the configuration names one.
pub fn server() -> Rocket<Build> {
    let figment = rocket::Config::figment()
        .merge(("limits", Limits::default().limit("json", 64.kibibytes())));
    let origins = figment.extract_inner("mcp_origins").unwrap_or_default();
    let server = rocket::custom(figment)
        .manage(Notes::default())
        .manage(Origins(origins))
        .mount("/", routes![endpoint, stream, end_session, preflight])
        .attach(AdHoc::on_response("CORS", |request, response| {
            Box::pin(async move { add_cors_headers(request, response) })
        }));
    match Config::from_figment(server.figment()) {
        Ok(config) => with_fairing(server, config),
        // It reports what is wrong.
        Err(_) => server.attach(AxiomsFairing::default()),
    }
}

#[launch]
fn rocket() -> _ {
    server()
}

fn with_fairing(server: Rocket<Build>, mut config: Config) -> Rocket<Build> {
    // The URL that clients are given, and for which they ask for tokens (RFC 8707).
    let url = config.resource.identifier.clone().unwrap_or_else(|| {
        let address = rocket::Config::from(server.figment());
        format!("http://{}:{}/mcp", address.address, address.port)
    });
    config.resource.name.get_or_insert("Notes".into());
    config.resource.identifier = Some(url.clone());
    if config.audience.is_empty() {
        config.audience = vec![url.clone()];
    }
    match config.iss_url.is_none() && config.domain.is_none() && config.issuers.is_empty() {
        true => with_embedded_issuer(server, config, &url),
        false => server.attach(AxiomsFairing::from_config(config).deny_unguarded()),
    }
}

fn with_embedded_issuer(server: Rocket<Build>, config: Config, url: &str) -> Rocket<Build> {
    let audience = config.audience.first().map_or(url, String::as_str);
    let issuer = TestIssuer::builder().audience(audience).start();
    let iss_url = Some(issuer.url().to_owned());
    server
        .attach(AxiomsFairing::from_config(Config { iss_url, ..config }).deny_unguarded())
        .manage(issuer)
        .attach(AdHoc::on_liftoff("Development commands", |rocket| {
            Box::pin(async move { print_commands(rocket) })
        }))
}

fn print_commands(rocket: &Rocket<Orbit>) {
    let Some(issuer) = rocket.state::<TestIssuer>() else {
        return;
    };
    let url = issuer.audience();
    let token = |scope| {
        let token = issuer.token().subject("alice").scope(scope);
        token.expires_in(Duration::from_secs(3600)).sign()
    };
    println!(
        "\n*** FOR DEVELOPMENT ONLY: tokens come from an embedded issuer, {} ***",
        issuer.url()
    );
    println!("*** Set AXIOMS_ISS_URL to trust a real server, and let MCP clients in. ***\n");
    println!("# Paste these lines into another terminal. The tokens end in an hour.");
    println!("READ={}", token("notes:read"));
    println!("WRITE={}", token("notes:read notes:write"));
    let call = |who: &str, tool: &str, arguments: Value, status: u16| {
        let meta = json!({ VERSION_KEY: MODERN });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        println!(
            "curl -i {who} -H 'Content-Type: application/json' -H 'MCP-Protocol-Version: {MODERN}' \
             -H 'Mcp-Method: tools/call' -H 'Mcp-Name: {tool}' {url} -d '{body}' \
             -w '\\nexpected {status}, got %{{http_code}}\\n'"
        );
    };
    call("", "list_notes", json!({}), 401);
    call(
        "-H \"Authorization: Bearer $READ\"",
        "list_notes",
        json!({}),
        200,
    );
    call(
        "-H \"Authorization: Bearer $READ\"",
        "add_note",
        json!({ "text": "Buy milk" }),
        403,
    );
    call(
        "-H \"Authorization: Bearer $WRITE\"",
        "add_note",
        json!({ "text": "Buy milk" }),
        200,
    );
    println!();
}
