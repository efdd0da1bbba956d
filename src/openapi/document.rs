//! A route that serves the completed document.

use std::sync::{Arc, Mutex, PoisonError};

use rocket::http::{ContentType, Status};
use rocket::route::{Handler, Outcome};
use rocket::{Data, Orbit, Request, Rocket, Route, get, routes};
use utoipa::Modify;
use utoipa::openapi::OpenApi;

use super::SecurityAddon;
use crate::guards::Public;
use crate::request::Axioms;

/// Returns a route `GET /` that serves `document` as JSON, completed by `addon`: mount it at the
/// path of the document.
///
/// The route is [`Public`]. Under `require_everywhere` it asks as every route does, unless
/// [`except`](crate::AxiomsFairing::except) names its path. The first request completes the
/// document, which is kept until the metadata of a further issuer are known.
///
/// ```
/// use axioms_rocket::openapi::{self, SecurityAddon};
/// # use rocket::local::blocking::Client;
/// use utoipa::OpenApi;
///
/// #[derive(OpenApi)]
/// #[openapi(info(title = "Orders", version = "1.0.0"))]
/// struct Api;
///
/// let document = openapi::document(Api::openapi(), SecurityAddon::of);
/// let rocket = rocket::build().mount("/openapi.json", document);
/// # let client = Client::tracked(rocket).unwrap();
/// # let document = client.get("/openapi.json").dispatch().into_string().unwrap();
/// # assert!(document.contains(r#""title":"Orders""#), "{document}");
/// ```
pub fn document(
    document: OpenApi,
    addon: impl Fn(&Rocket<Orbit>) -> SecurityAddon + Send + Sync + 'static,
) -> Vec<Route> {
    let serve = Serve(Arc::new(Served {
        document,
        addon: Box::new(addon),
        kept: Mutex::default(),
    }));
    let mut routes = routes![openapi];
    for route in &mut routes {
        route.handler = Box::new(serve.clone());
    }
    routes
}

/// Declares the route; its handler is replaced.
#[get("/")]
fn openapi(_anybody: Public) {}

#[derive(Clone)]
struct Serve(Arc<Served>);

struct Served {
    document: OpenApi,
    addon: Box<dyn Fn(&Rocket<Orbit>) -> SecurityAddon + Send + Sync>,
    kept: Mutex<Option<Kept>>,
}

/// A completed document.
struct Kept {
    /// How many issuers had known endpoints.
    known: usize,
    /// `None` if it cannot be written as JSON.
    json: Option<Arc<str>>,
}

impl Served {
    fn json(&self, rocket: &Rocket<Orbit>) -> Option<Arc<str>> {
        let issuers = rocket
            .state::<Axioms>()
            .map(|state| state.verifier.issuers());
        let issuers = issuers.into_iter().flatten();
        let known = issuers
            .filter(|issuer| issuer.keyring.endpoints().is_some())
            .count();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.known == known) {
            return kept.json.clone();
        }
        let mut document = self.document.clone();
        (self.addon)(rocket).modify(&mut document);
        let json = document
            .to_json()
            .inspect_err(|error| tracing::error!("the OpenAPI document: {error}"))
            .ok()
            .map(Arc::from);
        *kept = Some(Kept {
            known,
            json: json.clone(),
        });
        json
    }
}

#[rocket::async_trait]
impl Handler for Serve {
    async fn handle<'r>(&self, request: &'r Request<'_>, _data: Data<'r>) -> Outcome<'r> {
        match self.0.json(request.rocket()) {
            Some(json) => Outcome::from(request, (ContentType::JSON, json)),
            None => Outcome::Error(Status::InternalServerError),
        }
    }
}
