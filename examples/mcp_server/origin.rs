//! The web pages that may talk to this server.

use rocket::http::{Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, Response};

/// The origins of `mcp_origins` in Rocket's configuration, such as
/// `ROCKET_MCP_ORIGINS=["http://localhost:6274"]`: browsers in which MCP clients run.
pub struct Origins(pub Vec<String>);

/// No `Origin`, or one of [`Origins`]. Without it any web page could use a server on its reader's
/// machine (DNS rebinding).
pub struct KnownOrigin;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for KnownOrigin {
    type Error = &'static str;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, &'static str> {
        let mut origins = request.headers().get("Origin");
        match origins.all(|origin| is_known(request, origin)) {
            true => Outcome::Success(KnownOrigin),
            false => Outcome::Error((Status::Forbidden, "unknown Origin")),
        }
    }
}

fn is_known(request: &Request<'_>, origin: &str) -> bool {
    let known = request.rocket().state::<Origins>();
    known.is_some_and(|known| known.0.iter().any(|known| known == origin))
}

/// Lets the known origins read the endpoint's answers. The challenge is exposed by the fairing.
pub fn add_cors_headers<'r>(request: &'r Request<'_>, response: &mut Response<'r>) {
    if request.uri().path() != "/mcp" {
        return; // the metadata are for all origins
    }
    if let Some(origin) = request.headers().get_one("Origin")
        && is_known(request, origin)
    {
        let allowed = "authorization, content-type, mcp-protocol-version, mcp-method, mcp-name";
        response.set_header(Header::new(
            "Access-Control-Allow-Origin",
            origin.to_owned(),
        ));
        response.set_header(Header::new("Access-Control-Allow-Headers", allowed));
        response.set_header(Header::new("Access-Control-Allow-Methods", "POST"));
    }
    response.adjoin_header(Header::new("Vary", "Origin"));
}
