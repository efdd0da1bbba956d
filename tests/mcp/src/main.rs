//! An MCP client that knows nothing but the URL of a server: `mcp-client URL CONTROL ERA`.
//!
//! It is refused, finds the authorization server, registers, has its user log in, calls a tool, is
//! refused by another one, steps up, and calls it again. CONTROL is the browser of `agents.mjs`;
//! ERA is `2026-07-28` or `2025-11-25`. Each step is one line of JSON on stdout.

use std::error::Error;

use rmcp::model::{CallToolRequestParams, ClientConfig, ProtocolVersion};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::auth::{
    AuthClient, AuthorizationCallback, AuthorizationManager, AuthorizationRequest, OAuthState,
    WWWAuthenticateParams,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{IntoTransport, StreamableHttpClientTransport};
use rmcp::{ClientLifecycleMode, ClientServiceExt, ServiceError};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Client = RunningService<RoleClient, ClientConfig>;

/// No server listens there: the browser of `agents.mjs` stops in front of it.
const REDIRECT: &str = "http://127.0.0.1:6274/oauth/callback";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, control, era] = arguments.as_slice() else {
        return Err("usage: mcp-client URL CONTROL ERA".into());
    };

    // Without a token: the challenge is all that is learned.
    let transport = StreamableHttpClientTransport::from_uri(url.as_str());
    let refused = match connect(transport, era).await {
        Ok(_) => return Err("the server asks for no token".into()),
        Err(error) => error,
    };
    let challenge = refused
        .auth_challenge()
        .ok_or_else(|| format!("no challenge: {refused:?}"))?;
    step("refused", json!({ "challenge": challenge }));

    let mut state = OAuthState::new(url.as_str(), None).await?;
    let request = AuthorizationRequest::new(REDIRECT)
        .with_client_name("rmcp")
        .with_challenge(challenge)
        .with_initial_scope_selection();
    state.start_authorization(request).await?;
    let page = state.get_authorization_url().await?;
    step("authorize", json!({ "url": page }));
    state
        .handle_callback_url(&visit(control, &page).await?)
        .await?;
    let manager: AuthorizationManager = state
        .into_authorization_manager()
        .ok_or("the login did not end")?;

    let authorized = AuthClient::new(reqwest::Client::new(), manager);
    let manager = authorized.auth_manager.clone();
    let transport = StreamableHttpClientTransport::with_client(
        authorized,
        StreamableHttpClientTransportConfig::with_uri(url.as_str()),
    );
    let client = connect(transport, era).await?;
    let tools = client.list_all_tools().await?;
    let names: Vec<_> = tools.iter().map(|tool| tool.name.clone()).collect();
    step("tools", json!(names));
    step("called", call(&client, "list_notes", json!({})).await?);

    // A tool that needs a further scope.
    let error = call(&client, "add_note", json!({ "text": "Buy milk" }))
        .await
        .err()
        .ok_or("the tool needs no further scope")?;
    let challenge = error
        .auth_challenge()
        .ok_or_else(|| format!("no challenge: {error:?}"))?;
    let parsed = WWWAuthenticateParams::parse(challenge, &url.parse()?);
    assert!(parsed.is_insufficient_scope(), "{challenge}");
    step(
        "refused",
        json!({ "challenge": challenge, "scope": parsed.scope }),
    );

    let manager = manager.lock().await;
    let scope = parsed.scope.ok_or("no scope in the challenge")?;
    let page = manager.request_scope_upgrade(&scope).await?;
    step("authorize", json!({ "url": page }));
    let callback = AuthorizationCallback::from_redirect_url(&visit(control, &page).await?)?;
    manager
        .exchange_code_for_token_with_issuer(
            &callback.code,
            &callback.csrf_token,
            callback.issuer.as_deref(),
        )
        .await?;
    drop(manager);
    let added = call(&client, "add_note", json!({ "text": "Buy milk" })).await?;
    step("called", added);
    step("called", call(&client, "list_notes", json!({})).await?);
    client.cancel().await?;
    Ok(())
}

fn step(name: &str, value: Value) {
    println!("{}", json!({ name: value }));
}

async fn connect<T, E, A>(
    transport: T,
    era: &str,
) -> std::result::Result<Client, rmcp::service::ClientInitializeError>
where
    T: IntoTransport<RoleClient, E, A>,
    E: Error + Send + Sync + 'static,
{
    let mut info = ClientConfig::default();
    let lifecycle = match era {
        "2026-07-28" => ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        },
        _ => {
            info.protocol_version = ProtocolVersion::V_2025_11_25;
            ClientLifecycleMode::Initialize
        }
    };
    info.serve_with_lifecycle(transport, lifecycle).await
}

async fn call(
    client: &Client,
    tool: &'static str,
    arguments: Value,
) -> std::result::Result<Value, ServiceError> {
    let mut request = CallToolRequestParams::new(tool);
    request.arguments = arguments.as_object().cloned();
    let answer = client.call_tool(request).await?;
    Ok(serde_json::to_value(answer).unwrap_or_default())
}

/// Has the user log in and agree; returns the URL of the client's that the browser ends at.
async fn visit(control: &str, page: &str) -> Result<String> {
    let request = reqwest::Client::new().get(format!("{control}/visit"));
    let answer: Value = request.query(&[("url", page)]).send().await?.json().await?;
    let redirect = answer["redirect"].as_str();
    Ok(redirect.ok_or_else(|| answer.to_string())?.to_owned())
}
