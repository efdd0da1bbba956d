//! The protected-resource metadata (RFC 9728): where a client that was refused finds the
//! authorization server.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::OnceLock;

use rocket::http::{ContentType, Status};
use rocket::response::{self, Responder};
use rocket::{Build, Request, Response, Rocket, State, get, head, options, routes};
use serde::Serialize;

use super::mount;
use crate::config::ResourceSettings;
use crate::request::RouteReport;

/// The scope of OpenID Connect Core 1.0 §11 for refresh tokens. They are the client's affair, so
/// that no resource lists it.
const OFFLINE_ACCESS: &str = "offline_access";

/// The state of the routes.
pub(crate) struct ResourceMetadata {
    settings: ResourceSettings,
    /// Written when it is first asked for: every route is known then.
    document: OnceLock<Vec<u8>>,
}

impl ResourceMetadata {
    pub(crate) fn new(settings: ResourceSettings) -> Self {
        ResourceMetadata {
            settings,
            document: OnceLock::new(),
        }
    }

    /// Mounts the document at the well-known path, and also with the path of the identifier after
    /// it. The first is not RFC 9728's for such an identifier; MCP clients fall back on it.
    pub(crate) fn mount(self, mut rocket: Rocket<Build>) -> Rocket<Build> {
        let mut paths = vec![ResourceSettings::WELL_KNOWN.to_owned()];
        if !self.settings.path.is_empty() {
            paths.push(format!(
                "{}{}",
                ResourceSettings::WELL_KNOWN,
                self.settings.path
            ));
        }
        for path in &paths {
            let is_taken;
            (rocket, is_taken) = mount(rocket, path, routes![document, document_head, preflight]);
            if is_taken {
                tracing::warn!(
                    "axioms: the application has a route of its own at {path}; it stays"
                );
            }
        }
        rocket.manage(self)
    }

    /// The document (RFC 9728 §2). No member is null or empty.
    fn write(&self, report: &RouteReport) -> Vec<u8> {
        let settings = &self.settings;
        let mut scopes: BTreeSet<&str> = report.first_scopes();
        scopes.extend(settings.scopes.iter().map(String::as_str));
        scopes.remove(OFFLINE_ACCESS);
        let document = Document {
            resource: &settings.identifier,
            authorization_servers: &settings.authorization_servers,
            bearer_methods_supported: &["header"],
            scopes_supported: scopes,
            resource_name: settings.name.as_deref(),
            resource_documentation: settings.documentation.as_deref(),
            resource_policy_uri: settings.policy.as_deref(),
            resource_tos_uri: settings.tos.as_deref(),
        };
        // Strings always serialize.
        serde_json::to_vec(&document).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Document<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authorization_servers: &'a [String],
    bearer_methods_supported: &'a [&'a str],
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    scopes_supported: BTreeSet<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_documentation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_policy_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_tos_uri: Option<&'a str>,
}

#[get("/")]
fn document(metadata: &State<ResourceMetadata>) -> &ResourceMetadata {
    metadata
}

/// Rocket's own HEAD comes after the rule for everything, which would ask for a token.
#[head("/")]
fn document_head(metadata: &State<ResourceMetadata>) -> &ResourceMetadata {
    metadata
}

impl<'r, 'o: 'r> Responder<'r, 'o> for &'o ResourceMetadata {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'o> {
        let write = || self.write(&RouteReport::of(request.rocket()));
        let document = self.document.get_or_init(write);
        Response::build()
            .header(ContentType::JSON)
            .raw_header("Access-Control-Allow-Origin", "*")
            .raw_header("Cache-Control", "max-age=3600")
            .sized_body(document.len(), Cursor::new(document.as_slice()))
            .ok()
    }
}

/// The answer to a browser's preflight: MCP clients send the header `MCP-Protocol-Version`, which
/// is not on the list of those that need none.
struct Preflight;

#[options("/")]
fn preflight() -> Preflight {
    Preflight
}

impl<'r> Responder<'r, 'static> for Preflight {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        Response::build()
            .status(Status::NoContent)
            .raw_header("Access-Control-Allow-Origin", "*")
            .raw_header("Access-Control-Allow-Methods", "GET")
            .raw_header("Access-Control-Allow-Headers", "*")
            .raw_header("Access-Control-Max-Age", "3600")
            .ok()
    }
}
