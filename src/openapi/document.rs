//! A route that serves the completed document.

use std::sync::{Arc, OnceLock};

use rocket::http::{ContentType, Status};
use rocket::route::{Handler, Outcome};
use rocket::{Data, Orbit, Request, Rocket, Route, get, routes};
use utoipa::Modify;
use utoipa::openapi::OpenApi;

use super::SecurityAddon;

/// Returns a route `GET /` that serves `document` as JSON, completed by `addon`: mount it at the
/// path of the document.
///
/// The route has no guard. Under `require_everywhere` it asks as every route does, unless
/// [`except`](crate::AxiomsFairing::except) names its path. The first request completes the
/// document, which is kept.
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
        json: OnceLock::new(),
    }));
    let mut routes = routes![openapi];
    for route in &mut routes {
        route.handler = Box::new(serve.clone());
    }
    routes
}

/// Declares the route; its handler is replaced.
#[get("/")]
fn openapi() {}

#[derive(Clone)]
struct Serve(Arc<Served>);

struct Served {
    document: OpenApi,
    addon: Box<dyn Fn(&Rocket<Orbit>) -> SecurityAddon + Send + Sync>,
    /// The completed document; `None` if it cannot be written as JSON.
    json: OnceLock<Option<String>>,
}

impl Served {
    fn json(&self, rocket: &Rocket<Orbit>) -> Option<String> {
        let complete = || {
            let mut document = self.document.clone();
            (self.addon)(rocket).modify(&mut document);
            let json = document.to_json();
            json.inspect_err(|error| tracing::error!("the OpenAPI document: {error}"))
                .ok()
        };
        self.json.get_or_init(complete).clone()
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
