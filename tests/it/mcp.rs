//! The example `mcp_server`: over HTTP, in a browser, and with real MCP clients that know its URL
//! alone, against a real authorization server.
//!
//! The clients are `rmcp` (`tests/mcp`) and the TypeScript SDK (`tests/idp/client.mjs`), the server
//! is npm `oidc-provider` (`tests/idp/agents.mjs`). Without npm, a network or a browser these tests
//! are skipped (`skip.rs`).

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use axioms_rocket::testing::{TestIssuer, TokenBuilder};
use fantoccini::error::CmdError;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use rocket::response::content::RawHtml;
use rocket::serde::json::{Value, from_str, json};
use rocket::{get, routes};

use crate::browser::browse;
use crate::program::{Program, Served, Stream, free_port, http_client};
use crate::server::Server;
use crate::skip::skip;

const MODERN: &str = "2026-07-28";
const LEGACY: &str = "2025-11-25";
const METADATA: &str = "/.well-known/oauth-protected-resource/mcp";

/// `npm ci` gives up after five minutes.
const PATIENCE: Duration = Duration::from_secs(360);

/// The example, which trusts an issuer.
struct McpServer {
    server: Served,
    client: Client,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    #[track_caller]
    fn is_error(&self, status: u16, code: i64) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.body["error"]["code"], code, "{}", self.body);
        assert_eq!(self.body["jsonrpc"], "2.0");
    }
}

impl McpServer {
    fn start(issuer: &str, variables: &[(&str, &str)]) -> McpServer {
        // Its port is part of its identifier, so it cannot be 0.
        let port = free_port();
        let port = port.to_string();
        let mut all = vec![("ROCKET_PORT", port.as_str()), ("AXIOMS_ISS_URL", issuer)];
        all.extend(variables);
        McpServer {
            server: Served::of("mcp_server", &all),
            client: http_client(None),
        }
    }

    /// `http://<address>`
    fn base(&self) -> &str {
        &self.server.url
    }

    fn url(&self) -> String {
        format!("{}/mcp", self.base())
    }

    fn token<'a>(&self, issuer: &'a TestIssuer, scope: &str) -> TokenBuilder<'a> {
        issuer
            .token()
            .subject("alice")
            .audience(self.url())
            .scope(scope)
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a body");
        Answer {
            status,
            headers,
            body: from_str(&text).unwrap_or_default(),
        }
    }

    async fn request(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// Posts `body` with these headers, as JSON.
    async fn post(&self, token: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = self.client.post(self.url());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .bearer_auth(token)
            .header("Content-Type", "application/json");
        self.send(request.body(body.to_string())).await
    }

    /// Calls `method` as a client of the current revision does.
    async fn call(&self, token: &str, method: &str, params: &Value) -> Answer {
        let mut headers = vec![("MCP-Protocol-Version", MODERN), ("Mcp-Method", method)];
        headers.extend(params["name"].as_str().map(|name| ("Mcp-Name", name)));
        self.post(token, &headers, &modern(method, params)).await
    }

    async fn tool(&self, token: &str, name: &str, arguments: Value) -> Answer {
        let params = json!({ "name": name, "arguments": arguments });
        self.call(token, "tools/call", &params).await
    }
}

/// A request of the current revision, whose metadata are in `_meta`.
fn modern(method: &str, params: &Value) -> Value {
    let mut params = params.clone();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params })
}

fn text(answer: &Answer) -> &str {
    answer.body["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_default()
}

#[rocket::async_test]
async fn without_a_token_every_method_shows_the_way_to_one() {
    let issuer = TestIssuer::start();
    let server = McpServer::start(issuer.url(), &[]);
    let challenge = format!(
        "Bearer realm=\"{}\", scope=\"notes:read\", resource_metadata=\"{}{METADATA}\"",
        issuer.url(),
        server.base()
    );
    // Clients probe with GET.
    for method in [Method::POST, Method::GET, Method::DELETE] {
        let answer = server.request(method.clone(), "/mcp", &[]).await;
        assert_eq!(answer.status, 401, "{method}");
        assert_eq!(answer.header("WWW-Authenticate"), challenge, "{method}");
    }
    for path in [METADATA, "/.well-known/oauth-protected-resource"] {
        let answer = server.request(Method::GET, path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        let expected = json!({
            "resource": server.url(),
            "authorization_servers": [issuer.url()],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["notes:read"],
            "resource_name": "Notes",
        });
        assert_eq!(answer.body, expected);
    }
}

#[rocket::async_test]
async fn only_valid_tokens_for_this_server_in_the_header_are_accepted() {
    let issuer = TestIssuer::start();
    let server = McpServer::start(issuer.url(), &[]);
    let good = server.token(&issuer, "notes:read").sign();
    let answer = server.tool(&good, "list_notes", json!({})).await;
    assert_eq!((answer.status, text(&answer)), (200, "There are no notes."));

    let token = || server.token(&issuer, "notes:read");
    for (bad, why) in [
        (token().expired().sign(), "expired"),
        (
            token().audience("https://other.example.com").sign(),
            "for another server",
        ),
        (
            token().audience(server.base()).sign(),
            "for another path of this host",
        ),
        (token().without("aud").sign(), "for no server"),
        ("opaque".to_owned(), "of another kind"),
    ] {
        let answer = server.tool(&bad, "list_notes", json!({})).await;
        assert_eq!(answer.status, 401, "{why}");
        let challenge = answer.header("WWW-Authenticate");
        assert!(
            challenge.contains("error=\"invalid_token\""),
            "{why}: {challenge}"
        );
        assert!(
            challenge.contains("resource_metadata=\"http"),
            "{why}: {challenge}"
        );
    }
    // In the query it is none, and more than one header is a malformed request.
    let query = format!("/mcp?access_token={good}");
    assert_eq!(server.request(Method::POST, &query, &[]).await.status, 401);
    let bearer = format!("Bearer {good}");
    let twice = [
        ("Authorization", bearer.as_str()),
        ("Authorization", bearer.as_str()),
    ];
    assert_eq!(
        server.request(Method::POST, "/mcp", &twice).await.status,
        400
    );
}

#[rocket::async_test]
async fn a_tool_that_needs_a_further_scope_names_all_that_it_needs() {
    let issuer = TestIssuer::start();
    let server = McpServer::start(issuer.url(), &[]);
    let read = server.token(&issuer, "notes:read").sign();
    for (tool, scopes) in [
        ("add_note", "notes:read notes:write"),
        ("erase_notes", "notes:read notes:write notes:erase"),
    ] {
        let answer = server.tool(&read, tool, json!({ "text": "x" })).await;
        assert_eq!(answer.status, 403, "{tool}");
        let expected = format!(
            "Bearer realm=\"{}\", error=\"insufficient_scope\", \
             error_description=\"Insufficient role, scope or permission\", \
             scope=\"{scopes}\", resource_metadata=\"{}{METADATA}\"",
            issuer.url(),
            server.base()
        );
        assert_eq!(answer.header("WWW-Authenticate"), expected, "{tool}");
    }
    // A client that asks for no more than the challenge names can still do what it could before.
    let write = server.token(&issuer, "notes:write").sign();
    let added = server
        .tool(&write, "add_note", json!({ "text": "Buy milk" }))
        .await;
    assert_eq!((added.status, text(&added)), (200, "There are 1 notes."));
    let listed = server.tool(&write, "list_notes", json!({})).await;
    assert_eq!((listed.status, text(&listed)), (200, "Buy milk"));
    // The notes of another user are another's.
    let bob = server.token(&issuer, "notes:read").subject("bob").sign();
    let listed = server.tool(&bob, "list_notes", json!({})).await;
    assert_eq!(text(&listed), "There are no notes.");
    let all = server.token(&issuer, "notes:write notes:erase").sign();
    let erased = server.tool(&all, "erase_notes", json!({})).await;
    assert_eq!((erased.status, text(&erased)), (200, "Erased 1 notes."));
    // No scope of the endpoint's at all.
    let other = server.token(&issuer, "profile").sign();
    let refused = server.tool(&other, "list_notes", json!({})).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .header("WWW-Authenticate")
            .contains(", scope=\"notes:read\"")
    );
}

#[rocket::async_test]
async fn an_origin_that_is_not_listed_is_forbidden() {
    let issuer = TestIssuer::start();
    let origins = "[\"http://localhost:6274\"]";
    let server = McpServer::start(issuer.url(), &[("ROCKET_MCP_ORIGINS", origins)]);
    let token = format!("Bearer {}", server.token(&issuer, "notes:read").sign());
    for method in [Method::POST, Method::GET, Method::DELETE, Method::OPTIONS] {
        for origin in [
            "https://evil.example.com",
            "http://localhost:6275",
            "null",
            "",
        ] {
            let headers = [("Origin", origin), ("Authorization", token.as_str())];
            let answer = server.request(method.clone(), "/mcp", &headers).await;
            assert_eq!(answer.status, 403, "{method} {origin}");
            assert_eq!(answer.header("Access-Control-Allow-Origin"), "");
        }
        let known = [("Origin", "http://localhost:6274")];
        let answer = server.request(method.clone(), "/mcp", &known).await;
        let expected = if method == Method::OPTIONS { 204 } else { 401 };
        assert_eq!(answer.status, expected, "{method}");
        assert_eq!(
            answer.header("Access-Control-Allow-Origin"),
            "http://localhost:6274"
        );
    }
    // The metadata are for all.
    let evil = [("Origin", "https://evil.example.com")];
    let metadata = server.request(Method::GET, METADATA, &evil).await;
    assert_eq!(metadata.status, 200);
    assert_eq!(metadata.header("Access-Control-Allow-Origin"), "*");
}

#[rocket::async_test]
async fn the_current_revision_is_spoken_without_sessions() {
    let issuer = TestIssuer::start();
    let server = McpServer::start(issuer.url(), &[]);
    let token = server.token(&issuer, "notes:read").sign();
    let discovered = server.call(&token, "server/discover", &json!({})).await;
    assert_eq!(discovered.status, 200);
    let result = &discovered.body["result"];
    assert_eq!(result["supportedVersions"], json!([MODERN, LEGACY]));
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["capabilities"], json!({ "tools": {} }));
    assert_eq!(discovered.header("Mcp-Session-Id"), "");
    let listed = server.call(&token, "tools/list", &json!({})).await;
    let tools = listed.body["result"]["tools"]
        .as_array()
        .expect("tools")
        .clone();
    let names: Vec<_> = tools.iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names, ["list_notes", "add_note", "erase_notes"]);
    assert!(
        tools
            .iter()
            .all(|tool| tool["inputSchema"]["type"] == "object")
    );

    server
        .call(&token, "resources/list", &json!({}))
        .await
        .is_error(404, -32601);
    server
        .call(&token, "initialize", &json!({}))
        .await
        .is_error(404, -32601);
    server
        .tool(&token, "no_such_tool", json!({}))
        .await
        .is_error(200, -32602);
    let wrong = server.tool(&token, "list_notes", json!({ "a": 1 })).await;
    assert_eq!(
        (wrong.status, &wrong.body["result"]["isError"]),
        (200, &json!(true))
    );

    for method in [Method::GET, Method::DELETE] {
        let bearer = format!("Bearer {token}");
        let answer = server
            .request(method, "/mcp", &[("Authorization", &bearer)])
            .await;
        assert_eq!(answer.status, 405);
    }
    let mut notification = modern("notifications/cancelled", &json!({}));
    notification
        .as_object_mut()
        .expect("an object")
        .remove("id");
    let answer = server.post(&token, &[], &notification).await;
    assert_eq!((answer.status, answer.body), (202, Value::Null));
}

#[rocket::async_test]
async fn headers_that_do_not_match_the_body_are_a_bad_request() {
    let issuer = TestIssuer::start();
    let server = McpServer::start(issuer.url(), &[]);
    let token = server.token(&issuer, "notes:read").sign();
    let params = json!({ "name": "list_notes", "arguments": {} });
    let body = modern("tools/call", &params);
    let version = ("MCP-Protocol-Version", MODERN);
    let (method, name) = (("Mcp-Method", "tools/call"), ("Mcp-Name", "list_notes"));
    assert_eq!(
        server
            .post(&token, &[version, method, name], &body)
            .await
            .status,
        200
    );
    for headers in [
        vec![],
        vec![method, name],
        vec![version, name],
        vec![version, method],
        vec![version, ("Mcp-Method", "tools/list"), name],
        vec![version, method, ("Mcp-Name", "add_note")],
        vec![("MCP-Protocol-Version", LEGACY), method, name],
        vec![version, method, ("Mcp-Name", "=?base64?YWRkX25vdGU=?=")],
        vec![version, method, ("Mcp-Name", "=?base64?%?=")],
    ] {
        server
            .post(&token, &headers, &body)
            .await
            .is_error(400, -32020);
    }
    let encoded = [version, method, ("Mcp-Name", "=?base64?bGlzdF9ub3Rlcw==?=")];
    let answer = server.post(&token, &encoded, &body).await;
    assert_eq!(answer.status, 200);
    let plain = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let headers = [version, ("Mcp-Method", "tools/list")];
    server
        .post(&token, &headers, &plain)
        .await
        .is_error(400, -32020);

    let unknown = [("MCP-Protocol-Version", "1900-01-01")];
    let mut old = body.clone();
    old["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("1900-01-01");
    for body in [&plain, &old] {
        let answer = server.post(&token, &unknown, body).await;
        answer.is_error(400, -32022);
        let data = json!({ "supported": [MODERN, LEGACY], "requested": "1900-01-01" });
        assert_eq!(answer.body["error"]["data"], data);
    }
    for body in [
        json!([]),
        json!("x"),
        json!({ "id": 1 }),
        json!({ "jsonrpc": "2.0" }),
    ] {
        server.post(&token, &[], &body).await.is_error(400, -32600);
    }
    let request = server.client.post(server.url()).bearer_auth(&token);
    server.send(request.body("{")).await.is_error(400, -32700);
}

#[rocket::async_test]
async fn clients_of_the_revision_before_are_welcome() {
    let issuer = TestIssuer::start();
    let server = McpServer::start(issuer.url(), &[]);
    let token = server.token(&issuer, "notes:read").sign();
    let request = |method: &str, params: Value| {
        let mut request = json!({ "jsonrpc": "2.0", "id": "a", "method": method });
        request["params"] = params;
        request
    };
    let params = json!({
        "protocolVersion": LEGACY,
        "capabilities": {},
        "clientInfo": { "name": "t", "version": "0" },
    });
    let answer = server
        .post(&token, &[], &request("initialize", params))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["result"]["protocolVersion"], LEGACY);
    assert_eq!(answer.body["result"]["serverInfo"]["name"], "notes");
    let version = [("MCP-Protocol-Version", LEGACY)];
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(
        server.post(&token, &version, &initialized).await.status,
        202
    );
    let ping = server
        .post(&token, &version, &request("ping", json!({})))
        .await;
    assert_eq!((ping.status, &ping.body["result"]), (200, &json!({})));
    let call = json!({ "name": "list_notes", "arguments": {} });
    let called = server
        .post(&token, &version, &request("tools/call", call))
        .await;
    assert_eq!((called.status, text(&called)), (200, "There are no notes."));
    let unknown = request("resources/list", json!({}));
    server
        .post(&token, &version, &unknown)
        .await
        .is_error(200, -32601);
}

/// npm `oidc-provider`, and its user with a browser.
struct AuthorizationServer {
    issuer: String,
    control: String,
    /// The identifier of a client: the URL of its metadata document.
    client: String,
    _program: Program,
}

/// A program of `tests/idp`.
fn idp(arguments: &[&str]) -> Command {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/idp/start.sh");
    let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/idp");
    let mut command = Command::new("bash");
    command.args([script, directory]).args(arguments);
    command
}

impl AuthorizationServer {
    /// `None` where it cannot run: `test` reports that it is skipped.
    fn start(test: &str) -> Option<AuthorizationServer> {
        let mut program = Program::start(&mut idp(&["agents.mjs"]));
        let Some(line) = program.line(PATIENCE, |stream, _| stream == Stream::Out) else {
            let code = program.wait().code();
            assert_eq!(code, Some(3), "{:#?}", program.output);
            let reason = program.output.last().map_or("", |(_, line)| line);
            skip(test, &format!("no authorization server: {reason}"));
            return None;
        };
        let said: Value = from_str(&line).expect("a line of JSON");
        let text = |member: &str| said[member].as_str().expect("text").to_owned();
        Some(AuthorizationServer {
            issuer: text("issuer"),
            control: text("control"),
            client: text("client"),
            _program: program,
        })
    }

    /// Runs a client, which must go the whole way, and checks each of its steps.
    fn lets_in(
        &self,
        server: &McpServer,
        era: &str,
        client: &mut Command,
        identifier: Option<&str>,
    ) {
        let output = client
            .args([&server.url(), &self.control, era])
            .args(identifier)
            .output()
            .expect("it starts");
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{client:?}\n{stdout}\n{stderr}");
        let steps: Vec<Value> = stdout
            .lines()
            .map(|line| from_str(line).expect("a line of JSON"))
            .collect();
        let names: Vec<&str> = steps
            .iter()
            .filter_map(|step| Some(step.as_object()?.keys().next()?.as_str()))
            .collect();
        let expected = [
            "refused",
            "authorize",
            "tools",
            "called",
            "refused",
            "authorize",
            "called",
            "called",
        ];
        assert_eq!(names, expected, "{stdout}");

        let challenge = |step: usize| {
            let challenge = &steps[step]["refused"]["challenge"];
            challenge.as_str().expect("a challenge").to_owned()
        };
        let metadata = format!("resource_metadata=\"{}{METADATA}\"", server.base());
        assert!(challenge(0).contains(", scope=\"notes:read\""), "{stdout}");
        assert!(
            challenge(4).contains("error=\"insufficient_scope\""),
            "{stdout}"
        );
        assert!(challenge(0).contains(&metadata) && challenge(4).contains(&metadata));
        for (step, scope) in [(1, "notes:read"), (5, "notes:write")] {
            let page = steps[step]["authorize"]["url"].as_str().expect("a URL");
            let page = reqwest::Url::parse(page).expect("a URL");
            assert!(page.as_str().starts_with(&self.issuer), "{page}");
            let parameter = |name: &str| {
                let mut pairs = page.query_pairs();
                pairs
                    .find(|(key, _)| key == name)
                    .expect("there")
                    .1
                    .into_owned()
            };
            assert_eq!(parameter("resource"), server.url());
            let client = parameter("client_id");
            assert_eq!(client == self.client, identifier.is_some(), "{page}");
            assert_eq!(parameter("code_challenge_method"), "S256");
            let asked = parameter("scope");
            assert!(asked.split(' ').any(|asked| asked == scope), "{page}");
        }
        let asked_first = steps[1]["authorize"]["url"].as_str().expect("a URL");
        assert!(
            !asked_first.contains("write"),
            "least privilege: {asked_first}"
        );
        assert_eq!(
            steps[2]["tools"],
            json!(["list_notes", "add_note", "erase_notes"])
        );
        let last = steps[7]["called"]["content"][0]["text"].as_str();
        assert!(
            last.is_some_and(|text| text.contains("Buy milk")),
            "{stdout}"
        );
    }
}

#[rocket::async_test]
async fn the_typescript_sdk_enters_from_the_url_alone() {
    let test = "the TypeScript SDK against the example mcp_server";
    let Some(provider) = AuthorizationServer::start(test) else {
        return;
    };
    let server = McpServer::start(&provider.issuer, &[]);
    for era in [MODERN, LEGACY] {
        provider.lets_in(&server, era, &mut idp(&["client.mjs"]), None);
    }
}

/// Client ID metadata documents: the client's identifier is the URL of its metadata, and it is
/// registered nowhere.
#[rocket::async_test]
async fn the_typescript_sdk_enters_with_a_client_metadata_document() {
    let test = "the TypeScript SDK with a client metadata document";
    let Some(provider) = AuthorizationServer::start(test) else {
        return;
    };
    let server = McpServer::start(&provider.issuer, &[]);
    for era in [MODERN, LEGACY] {
        let client = &mut idp(&["client.mjs"]);
        provider.lets_in(&server, era, client, Some(&provider.client));
    }
    let requests = format!("{}/requests", provider.control);
    let requests = http_client(None)
        .get(requests)
        .send()
        .await
        .expect("an answer");
    let requests: Value = from_str(&requests.text().await.expect("a body")).expect("JSON");
    let requests = requests.as_array().expect("a list").iter();
    let paths: Vec<&str> = requests.filter_map(|r| r["path"].as_str()).collect();
    assert!(paths.contains(&"/client.json"), "{paths:?}");
    assert!(!paths.contains(&"/reg"), "{paths:?}");
}

#[rocket::async_test]
async fn rmcp_enters_from_the_url_alone() {
    let test = "rmcp against the example mcp_server";
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/Cargo.toml");
    if !Path::new(manifest).exists() {
        return skip(test, "a published package does not hold tests/mcp");
    }
    let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/mcp");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet", "--manifest-path", manifest])
        .args(["--target-dir", directory])
        .output()
        .expect("cargo starts");
    if !built.status.success() {
        let reason = String::from_utf8_lossy(&built.stderr).into_owned();
        let reason = reason.lines().next().unwrap_or_default();
        return skip(test, &format!("the client was not built: {reason}"));
    }
    let Some(provider) = AuthorizationServer::start(test) else {
        return;
    };
    let server = McpServer::start(&provider.issuer, &[]);
    for era in [MODERN, LEGACY] {
        let client = Path::new(directory).join("debug/mcp-client");
        provider.lets_in(&server, era, &mut Command::new(client), None);
    }
}

#[get("/")]
fn blank() -> RawHtml<&'static str> {
    RawHtml("<!doctype html><title>An inspector</title>")
}

/// Collects all that a script at another origin can see of the server.
const SCRIPT: &str = "
    const [base, done] = arguments;
    const headers = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/list' };
    const see = async (path, options) => {
        try {
            const answer = await fetch(base + path, options);
            return [answer.status, answer.headers.get('www-authenticate'), await answer.text()];
        } catch (error) {
            return String(error);
        }
    };
    (async () => done({
        metadata: await see('/.well-known/oauth-protected-resource/mcp', { headers }),
        root: await see('/.well-known/oauth-protected-resource', {}),
        endpoint: await see('/mcp', { method: 'POST', headers, body: '{}' }),
    }))();
";

/// Opens the page `url` and returns what its script sees of `base`.
async fn seen_from(page: &fantoccini::Client, url: &str, base: &str) -> Result<Value, CmdError> {
    page.goto(url).await?;
    page.execute_async(SCRIPT, vec![json!(base)]).await
}

#[rocket::async_test]
async fn a_script_of_another_origin_reads_metadata_and_challenge() {
    let issuer = TestIssuer::start();
    let rocket = rocket::custom(rocket::Config::figment()).mount("/", routes![blank]);
    let inspector = Server::start(rocket).await;
    let url = format!("http://127.0.0.1:{}", inspector.port);
    let origins = format!("[\"{url}\"]");
    let listed = McpServer::start(issuer.url(), &[("ROCKET_MCP_ORIGINS", &origins)]);
    let unlisted = McpServer::start(issuer.url(), &[]);
    browse("mcp_server from another origin", async move |page| {
        let seen = seen_from(&page, &url, listed.base()).await?;
        let hidden = seen_from(&page, &url, unlisted.base()).await?;
        for seen in [&seen, &hidden] {
            for document in ["metadata", "root"] {
                assert_eq!(seen[document][0], 200, "{seen}");
                let text = seen[document][2].as_str().expect("a document");
                assert!(text.contains(issuer.url()), "{text}");
            }
        }
        assert_eq!(seen["endpoint"][0], 401, "{seen}");
        let challenge = seen["endpoint"][1].as_str();
        let metadata = format!("{}{METADATA}", listed.base());
        assert!(challenge.is_some_and(|it| it.contains(&metadata)), "{seen}");
        // An origin that is not listed does not even learn the status.
        let error = hidden["endpoint"].as_str();
        assert!(error.is_some_and(|it| it.contains("TypeError")), "{hidden}");
        Ok(())
    })
    .await;
    inspector.end().await;
}
