//! Security schemes: how a client gets a token of each configured issuer.

use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, AuthorizationCode, ClientCredentials, Flow, HttpAuthScheme, HttpBuilder,
    OAuth2, OpenIdConnect, Scopes, SecurityScheme,
};

use crate::config::KeyLocation;
use crate::issuer::{Endpoints, openid_configuration};

/// The name of the scheme of the issuer that has none: the top-level one.
const SCHEME: &str = "axioms";

/// A security scheme of the document.
#[derive(Clone)]
pub(super) struct Scheme {
    /// Its key in `components.securitySchemes`.
    pub(super) name: String,
    /// The name of its issuer in the settings.
    pub(super) issuer: Option<String>,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Bearer,
    /// In the header of a proxy.
    Header(String),
    /// With the URL of the metadata.
    OpenIdConnect(String),
    OAuth2(Endpoints),
    /// The application's own.
    Given(SecurityScheme),
}

/// The bearer token of the top-level issuer.
impl Default for Scheme {
    fn default() -> Self {
        Scheme {
            name: SCHEME.to_owned(),
            issuer: None,
            kind: Kind::Bearer,
        }
    }
}

impl Scheme {
    /// Returns the scheme of an issuer: the header of a proxy if its tokens come in one, OAuth2
    /// flows if its metadata are known, OpenID Connect if it is discovered, else a bearer token.
    pub(super) fn of(
        issuer: Option<&str>,
        token_header: Option<&str>,
        location: &KeyLocation,
        endpoints: Option<Endpoints>,
    ) -> Scheme {
        let kind = match (location, endpoints) {
            _ if token_header.is_some() => {
                Kind::Header(token_header.unwrap_or_default().to_owned())
            }
            (_, Some(endpoints)) => Kind::OAuth2(endpoints),
            (KeyLocation::Discover(url), None) => {
                Kind::OpenIdConnect(openid_configuration(url).into())
            }
            _ => Kind::Bearer,
        };
        Scheme {
            name: issuer.map_or_else(|| SCHEME.to_owned(), component_name),
            issuer: issuer.map(str::to_owned),
            kind,
        }
    }

    pub(super) fn given(name: &str, scheme: SecurityScheme) -> Scheme {
        Scheme {
            name: component_name(name),
            issuer: None,
            kind: Kind::Given(scheme),
        }
    }

    /// Replaces how the token is got; name and issuer stay.
    pub(super) fn replace(&mut self, scheme: SecurityScheme) {
        self.kind = Kind::Given(scheme);
    }

    /// Returns the scheme as a component; `scopes` are those that its OAuth2 flows offer.
    pub(super) fn component(&self, scopes: &[&str]) -> SecurityScheme {
        match &self.kind {
            Kind::Bearer => {
                let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
                SecurityScheme::Http(bearer.bearer_format("JWT").build())
            }
            Kind::Header(name) => SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name))),
            Kind::OpenIdConnect(url) => SecurityScheme::OpenIdConnect(OpenIdConnect::new(url)),
            Kind::OAuth2(endpoints) => {
                let scopes = || Scopes::from_iter(scopes.iter().map(|scope| (*scope, "")));
                let (authorization, token) = (&endpoints.authorization, &endpoints.token);
                let code = AuthorizationCode::new(authorization.as_str(), token.as_str(), scopes());
                let client = endpoints.client_credentials.then(|| {
                    Flow::ClientCredentials(ClientCredentials::new(token.as_str(), scopes()))
                });
                let flows = [Flow::AuthorizationCode(code)].into_iter().chain(client);
                SecurityScheme::OAuth2(OAuth2::new(flows))
            }
            Kind::Given(scheme) => scheme.clone(),
        }
    }
}

/// Returns `name` as a key of components (OpenAPI 3.1 §4.8.7.1).
fn component_name(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect()
}
