//! The addon: it completes a document of utoipa from the routes and the configuration.

use std::fmt;

use rocket::{Phase, Rocket};
use utoipa::Modify;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityScheme;
use utoipa::openapi::{Components, OpenApi};

use super::paths::{bases, operations, serving};
use super::responses::add_refusals;
use super::schemes::Scheme;
use super::security::Security;
use crate::config::{Config, ConfigError, KeysGiven, Loaded};
use crate::policy::Requirement;
use crate::request::{Axioms, ReportedGuard, ReportedRoute, RouteReport};

/// Completes an OpenAPI document of utoipa: security schemes from the configuration, and for each
/// operation the security and the refusals of the route that serves it.
///
/// A document needs no `security(…)` and no 401: the signature of the handler, its groups and
/// [`require_everywhere`](crate::AxiomsFairing::require_everywhere) say it.
///
/// | in the document | from |
/// | --- | --- |
/// | `components.securitySchemes` | one scheme per issuer: `axioms`, or the issuer's name |
/// | `security`, `x-requirement`, … | the requirement of the route ([`Security`]) |
/// | no `security` | a guard with a requirement in words alone, or no declaration |
/// | `security: []` | a route that [`Public`](crate::Public) declares open |
/// | the empty object in `security` | `Option<G>` and `Result<G, _>`: a token may be sent |
/// | responses 400, 401, 503 | a route that requires a token |
/// | response 403 | a route whose policy can refuse a valid token |
///
/// # Schemes
///
/// | the issuer | its scheme |
/// | --- | --- |
/// | its metadata were fetched and name both endpoints | `oauth2` with the scopes of all operations |
/// | it is discovered, and was not reached | `openIdConnect` with the URL of its metadata |
/// | `jwks_url`, `with_keys` or no discovery | `http` with `bearer` |
///
/// # What is kept
///
/// An operation that has a `security` keeps it, with its description, and a response that is there
/// stays, whatever it says; [`overwrite`](Self::overwrite) replaces the former. An operation that
/// no route serves is left as it is: [`mismatches`](super::mismatches) lists these.
///
/// # Paths
///
/// `/a/{id}` is the route `/a/<id>` or `/a/<id..>`; queries are no part of a path. The paths of
/// `servers` are tried as bases. If several routes serve one operation (formats, ranks), it has the
/// alternatives of all of them. `HEAD` is served by the route for `GET`, as in Rocket.
///
/// ```
/// # use axioms_rocket::testing::TestIssuer;
/// # use axioms_rocket::{AxiomsFairing, Config};
/// use axioms_rocket::{Scopes, openapi::SecurityAddon};
/// # use rocket::local::blocking::Client;
/// use rocket::{get, routes};
/// use utoipa::{Modify, OpenApi};
///
/// axioms_rocket::scopes! { Read = "orders:read"; }
///
/// #[utoipa::path(responses((status = 200, description = "The order")))]
/// #[get("/orders/<id>")]
/// fn order(id: u32, _scope: Scopes<Read>) -> String {
///     format!("order {id}")
/// }
///
/// #[derive(OpenApi)]
/// #[openapi(paths(order))]
/// struct Api;
///
/// # let issuer = TestIssuer::start();
/// # let fairing = AxiomsFairing::from_config(Config {
/// #     audience: vec![issuer.audience().into()],
/// #     iss_url: Some(issuer.url().into()),
/// #     ..Config::default()
/// # });
/// let rocket = rocket::build().attach(fairing).mount("/", routes![order]);
/// let client = Client::tracked(rocket).unwrap();
///
/// let mut document = Api::openapi();
/// SecurityAddon::of(client.rocket()).modify(&mut document);
///
/// let document = serde_json::to_value(document)?;
/// let operation = &document["paths"]["/orders/{id}"]["get"];
/// assert_eq!(operation["security"], serde_json::json!([{ "axioms": ["orders:read"] }]));
/// assert_eq!(operation["description"], "Access: `scope orders:read`.");
/// assert!(operation["responses"]["403"].is_object());
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct SecurityAddon {
    schemes: Vec<Scheme>,
    routes: Option<RouteReport>,
    error_schema: Option<String>,
    overwrite: bool,
}

impl SecurityAddon {
    /// Returns the addon for the issuers and the routes of an application.
    ///
    /// Best of a launched one: there the configuration and the metadata are known. Before the
    /// ignition the one scheme is a bearer token.
    ///
    /// ```
    /// use axioms_rocket::openapi::SecurityAddon;
    /// use utoipa::{Modify, OpenApi};
    ///
    /// #[derive(OpenApi)]
    /// struct Api;
    ///
    /// let mut document = Api::openapi();
    /// SecurityAddon::of(&rocket::build()).modify(&mut document);
    /// let schemes = &serde_json::to_value(document)?["components"]["securitySchemes"];
    /// assert_eq!(schemes["axioms"]["scheme"], "bearer");
    /// # Ok::<_, serde_json::Error>(())
    /// ```
    pub fn of<P: Phase>(rocket: &Rocket<P>) -> SecurityAddon {
        let state = rocket.state::<Axioms>();
        let issuers = state.map_or(&[][..], |state| state.verifier.issuers());
        let schemes = issuers.iter().map(|issuer| {
            let endpoints = issuer.keyring.endpoints();
            let token_header = issuer.token_header.as_deref();
            Scheme::of(
                issuer.name.as_deref(),
                token_header,
                &issuer.location,
                endpoints,
            )
        });
        SecurityAddon::with(schemes.collect(), Some(RouteReport::of(rocket)))
    }

    /// Returns the addon for a configuration, without routes: it adds the schemes alone.
    ///
    /// ```
    /// use axioms_rocket::{Config, openapi::SecurityAddon};
    /// use utoipa::{Modify, OpenApi};
    ///
    /// #[derive(OpenApi)]
    /// struct Api;
    ///
    /// let addon = SecurityAddon::from_config(&Config {
    ///     audience: vec!["https://api.example.com".into()],
    ///     iss_url: Some("https://auth.example.com".into()),
    ///     ..Config::default()
    /// })?;
    /// let mut document = Api::openapi();
    /// addon.modify(&mut document);
    /// assert_eq!(
    ///     serde_json::to_value(document)?["components"]["securitySchemes"]["axioms"],
    ///     serde_json::json!({
    ///         "type": "openIdConnect",
    ///         "openIdConnectUrl": "https://auth.example.com/.well-known/openid-configuration"
    ///     })
    /// );
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// All problems of the configuration, as at launch.
    pub fn from_config(config: &Config) -> Result<SecurityAddon, ConfigError> {
        let settings = Loaded::of_code(config).check(KeysGiven::No);
        let settings = settings.map_err(ConfigError::new)?;
        let schemes = settings.issuers.iter().map(|issuer| {
            let token_header = issuer.token_header.as_deref();
            Scheme::of(issuer.name.as_deref(), token_header, &issuer.location, None)
        });
        Ok(SecurityAddon::with(schemes.collect(), None))
    }

    fn with(schemes: Vec<Scheme>, routes: Option<RouteReport>) -> SecurityAddon {
        SecurityAddon {
            schemes: match schemes.is_empty() {
                true => vec![Scheme::default()],
                false => schemes,
            },
            routes,
            error_schema: None,
            overwrite: false,
        }
    }

    /// Sets the security scheme called `name`: that of an issuer, or a further one, which every
    /// operation that requires a token then offers as an alternative.
    ///
    /// ```
    /// use axioms_rocket::openapi::SecurityAddon;
    /// use utoipa::openapi::security::{OpenIdConnect, SecurityScheme};
    ///
    /// let metadata = "https://login.example.com/.well-known/openid-configuration";
    /// let scheme = SecurityScheme::OpenIdConnect(OpenIdConnect::new(metadata));
    /// let addon = SecurityAddon::of(&rocket::build()).with_scheme("axioms", scheme);
    /// # let _ = addon;
    /// ```
    #[must_use]
    pub fn with_scheme(mut self, name: &str, scheme: SecurityScheme) -> SecurityAddon {
        match self.schemes.iter_mut().find(|known| known.name == name) {
            Some(known) => known.replace(scheme),
            None => self.schemes.push(Scheme::given(name, scheme)),
        }
        self
    }

    /// Sets the schema of the body of refusals to `name` of `components.schemas`, for an
    /// application with catchers of its own. Default: `AxiomsError`, the body of
    /// [`catchers`](crate::catchers), which is added.
    ///
    /// ```
    /// use axioms_rocket::openapi::SecurityAddon;
    ///
    /// let addon = SecurityAddon::of(&rocket::build()).with_error_schema("Problem");
    /// # let _ = addon;
    /// ```
    #[must_use]
    pub fn with_error_schema(mut self, name: impl Into<String>) -> SecurityAddon {
        self.error_schema = Some(name.into());
        self
    }

    /// Replaces the `security` of operations that have one. Default: it is kept.
    ///
    /// ```
    /// use axioms_rocket::openapi::SecurityAddon;
    ///
    /// let addon = SecurityAddon::of(&rocket::build()).overwrite();
    /// # let _ = addon;
    /// ```
    #[must_use]
    pub fn overwrite(mut self) -> SecurityAddon {
        self.overwrite = true;
        self
    }

    /// Completes an operation that `routes` serve; returns the scopes that it names.
    fn complete(
        &self,
        operation: &mut Operation,
        routes: &[&ReportedRoute],
        components: &mut Components,
    ) -> Vec<&'static str> {
        for requirement in routes.iter().filter_map(|route| route.requirement()) {
            let error = self.error_schema.as_deref();
            add_refusals(operation, requirement, components, error);
        }
        let keeps = operation.security.is_some() && !self.overwrite;
        let Some(requirement) = declared(routes).filter(|_| !keeps) else {
            return Vec::new();
        };
        if requirement == Requirement::Anybody {
            operation.security = Some(Vec::new());
            return Vec::new();
        }
        let security = Security::of(&requirement, &self.schemes);
        security.apply_to(operation);
        security.scopes().collect()
    }
}

impl Modify for SecurityAddon {
    fn modify(&self, document: &mut OpenApi) {
        let bases = bases(document.servers.as_deref());
        let components = document.components.get_or_insert_default();
        let mut scopes = Vec::new();
        let routes = self.routes.as_ref().map_or(&[][..], RouteReport::routes);
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations(item) {
                let routes = serving(routes, method, path, &bases);
                for scope in self.complete(operation, &routes, components) {
                    if !scopes.contains(&scope) {
                        scopes.push(scope);
                    }
                }
            }
        }
        for scheme in &self.schemes {
            let component = scheme.component(&scopes);
            components
                .security_schemes
                .entry(scheme.name.clone())
                .or_insert_with(|| component.into());
        }
    }
}

impl fmt::Debug for SecurityAddon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schemes: Vec<_> = self.schemes.iter().map(|scheme| &scheme.name).collect();
        f.debug_struct("SecurityAddon")
            .field("schemes", &schemes)
            .field(
                "routes",
                &self.routes.as_ref().map(|report| report.routes().len()),
            )
            .field("error_schema", &self.error_schema)
            .field("overwrite", &self.overwrite)
            .finish()
    }
}

/// Returns the requirement of an operation that `routes` serve; `None` if one of them declares
/// nothing. If one requires a token, those that do not are left out: they are other servers or
/// formats, or come after it, and a document must not say "open" of a guarded route.
fn declared(routes: &[&ReportedRoute]) -> Option<Requirement> {
    let mut alternatives = Vec::new();
    for route in routes {
        let requirement = requirement_of(route)?;
        if !alternatives.contains(&requirement) {
            alternatives.push(requirement);
        }
    }
    if alternatives.iter().any(Requirement::implies_token) {
        alternatives.retain(Requirement::implies_token);
    }
    match alternatives.len() {
        0 => None,
        1 => alternatives.pop(),
        _ => Some(Requirement::Any(alternatives)),
    }
}

/// Returns the requirement of a route, of a guard whose refusals the handler sees if there is no
/// other; `None` if the route declares nothing.
fn requirement_of(route: &ReportedRoute) -> Option<Requirement> {
    if let Some(requirement) = route.requirement() {
        return Some(requirement.clone());
    }
    // Of other types around a guard nothing is known: `Json<CurrentUser>` may be a response.
    let is_known = |guard: &&ReportedGuard| !guard.type_name().starts_with('_');
    let optional = route.guards().iter().filter(|guard| guard.is_optional());
    let mut optional = optional.filter(is_known);
    match optional.next() {
        Some(guard) => Some(Requirement::Optional(Box::new(guard.requirement().clone()))),
        None => route.is_public().then_some(Requirement::Anybody),
    }
}
