//! The endpoints of an authorization server where clients get tokens.

use url::Url;

use crate::http::{Document, check_url};
use crate::json::{LazyMembers, Value};

/// The endpoints that the metadata name (RFC 8414 §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoints {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    /// The grant is among `grant_types_supported`.
    pub(crate) client_credentials: bool,
}

impl Endpoints {
    /// Returns the endpoints, if there are both and a browser may open them.
    pub(super) fn of(metadata: &Document, allow_http: bool) -> Option<Endpoints> {
        let members = LazyMembers::parse(&metadata.body).ok()?;
        let endpoint = |name| {
            let url = Url::parse(&members.string(name).ok()??).ok()?;
            let has_user = !url.username().is_empty() || url.password().is_some();
            (check_url(&url, allow_http).is_ok() && !has_user).then_some(url)
        };
        let mut client_credentials = false;
        if let Ok(Some(Value::Array(grants))) = members.value("grant_types_supported") {
            grants.each_string(|grant| client_credentials |= grant == "client_credentials");
        }
        Some(Endpoints {
            authorization: endpoint("authorization_endpoint")?,
            token: endpoint("token_endpoint")?,
            client_credentials,
        })
    }
}
