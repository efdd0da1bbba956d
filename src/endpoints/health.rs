//! Health of the application: is it alive, and can it verify tokens?
//!
//! [`routes()`] has two routes, for GET and HEAD. Both are for probes, which carry no token: they
//! answer before the rule of
//! [`require_everywhere`](crate::AxiomsFairing::require_everywhere).
//!
//! | route | answer |
//! | --- | --- |
//! | `/live` | 200 `{"status":"live"}`, always |
//! | `/ready` | 200 `{"status":"ready"}` if each issuer has usable keys, else 503 |
//! | `/ready?verbose` | the same, with the JSON of [`AxiomsStatus`] for those who may see it |
//!
//! Details name the issuers and the last error, so not everyone gets them. With [`routes()`] they
//! are for this machine: the connection comes from a loopback address, the `Host` is a loopback
//! name, and no header of a proxy is there (`Forwarded`, `X-Forwarded-*`, `X-Real-IP`, `Via`,
//! Rocket's `ip_header`). No header opens anything. **A proxy on the same machine that adds no
//! header and rewrites `Host` looks like this machine**, as nginx does with a bare
//! `proxy_pass`: behind one, use [`routes_guarded`], where a guard decides. The answers have
//! `Cache-Control: no-store`.
//!
//! ```no_run
//! # use rocket::launch;
//! use axioms_rocket::{AxiomsFairing, health};
//!
//! #[launch]
//! fn rocket() -> _ {
//!     rocket::build().attach(AxiomsFairing::default()).mount("/health", health::routes())
//! }
//! ```

use std::io::Cursor;
use std::marker::PhantomData;
use std::net::IpAddr;

use rocket::http::{ContentType, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::Responder;
use rocket::route::{self, Handler};
use rocket::{Data, Request, Response, Route, State, get, head, routes};
use serde::Serialize;

use super::RANK;
use crate::groups::{ask, protect, record};
use crate::guards::{Guard, Public};
use crate::request::{Axioms, AxiomsStatus, Declaration, ForMethod};

/// Headers that proxies add.
const OF_PROXIES: [&str; 5] = [
    "Forwarded",
    "Via",
    "X-Real-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
];

/// Returns the routes `/live` and `/ready`, whose details are for this machine alone: see the
/// [module](self).
///
/// ```
/// use axioms_rocket::health;
///
/// let rocket = rocket::build().mount("/health", health::routes());
/// let paths: Vec<String> = rocket.routes().map(|route| route.uri.to_string()).collect();
/// assert!(paths.contains(&"/health/live".into()));
/// ```
pub fn routes() -> Vec<Route> {
    let mut routes = routes![live, live_head, ready, ready_head];
    for route in &mut routes {
        route.rank = RANK;
    }
    protect::<Public>(routes)
}

/// Returns the routes `/live` and `/ready`; who passes the guard `G` gets the details of
/// `/ready?verbose`, from wherever they ask.
///
/// A request for details that `G` refuses is answered with that refusal, 401 or 403. Without
/// `?verbose` nothing is asked. An unknown issuer name in `G` aborts the launch.
///
/// ```no_run
/// # use rocket::launch;
/// use axioms_rocket::{AxiomsFairing, Roles, health};
///
/// axioms_rocket::roles! { Operator = "operator"; }
///
/// #[launch]
/// fn rocket() -> _ {
///     rocket::build()
///         .attach(AxiomsFairing::default())
///         .mount("/health", health::routes_guarded::<Roles<Operator>>())
/// }
/// ```
pub fn routes_guarded<G: Guard>() -> Vec<Route> {
    let guarded = |mut route: Route| {
        route.handler = Box::new(Guarded {
            inner: route.handler,
            guard: PhantomData::<fn() -> G>,
        });
        route
    };
    routes().into_iter().map(guarded).collect()
}

#[get("/live")]
fn live() -> Answer {
    Answer::new(Status::Ok, &Word { status: "live" })
}

#[head("/live")]
fn live_head() -> Answer {
    live()
}

#[get("/ready")]
fn ready(axioms: &State<Axioms>, details: Details) -> Answer {
    let is_ready = axioms.is_ready();
    if !is_ready {
        axioms.fetch_missing_keys();
    }
    let (code, status) = match is_ready {
        true => (Status::Ok, "ready"),
        false => (Status::ServiceUnavailable, "not ready"),
    };
    match details {
        Details::NotAsked => Answer::new(code, &Word { status }),
        Details::Refused => Answer::new(
            code,
            &Hint {
                status,
                verbose: "for this machine only; health::routes_guarded takes a guard",
            },
        ),
        Details::Granted => Answer::new(
            code,
            &Full {
                status,
                details: axioms.status(),
            },
        ),
    }
}

#[head("/ready")]
fn ready_head(axioms: &State<Axioms>, details: Details) -> Answer {
    ready(axioms, details)
}

#[derive(Serialize)]
struct Word {
    status: &'static str,
}

#[derive(Serialize)]
struct Hint {
    status: &'static str,
    verbose: &'static str,
}

#[derive(Serialize)]
struct Full {
    status: &'static str,
    #[serde(flatten)]
    details: AxiomsStatus,
}

/// An answer that no cache keeps.
struct Answer {
    status: Status,
    body: Vec<u8>,
}

impl Answer {
    fn new(status: Status, body: &impl Serialize) -> Answer {
        Answer {
            status,
            // Strings, numbers and maps with string keys always serialize.
            body: serde_json::to_vec(body).unwrap_or_default(),
        }
    }
}

impl<'r> Responder<'r, 'static> for Answer {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        Response::build()
            .status(self.status)
            .header(ContentType::JSON)
            .raw_header("Cache-Control", "no-store")
            .sized_body(self.body.len(), Cursor::new(self.body))
            .ok()
    }
}

/// The answer to `?verbose`. As a guard it never refuses.
enum Details {
    NotAsked,
    Refused,
    Granted,
}

/// The guard of [`routes_guarded`] has passed.
struct Passed(bool);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Details {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let is_granted = || request.local_cache(|| Passed(false)).0 || is_of_this_machine(request);
        Outcome::Success(match asks_for_details(request) {
            false => Details::NotAsked,
            true if is_granted() => Details::Granted,
            true => Details::Refused,
        })
    }
}

fn asks_for_details(request: &Request<'_>) -> bool {
    let fields = request
        .uri()
        .query()
        .into_iter()
        .flat_map(|query| query.segments());
    fields.into_iter().any(|(name, _)| name == "verbose")
}

/// Returns true if the client is on this machine, and no proxy stands between, as far as it can be
/// seen.
fn is_of_this_machine(request: &Request<'_>) -> bool {
    // Not `client_ip`, which believes a header.
    let is_loopback = |address: IpAddr| address.to_canonical().is_loopback();
    let from_loopback = request.remote().is_some_and(|peer| is_loopback(peer.ip()));
    // A page of another site can make a browser of this machine ask, under a name of its own.
    let to_loopback = request.host().is_some_and(|host| {
        let name = host.domain().as_str();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_loopback)
    });
    from_loopback
        && to_loopback
        && !request.headers().iter().any(|header| {
            let name = header.name().as_str();
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            let of_rocket = request.rocket().config().ip_header.as_ref();
            OF_PROXIES.into_iter().any(is)
                || name
                    .get(..12)
                    .is_some_and(|start| start.eq_ignore_ascii_case("x-forwarded-"))
                || of_rocket.is_some_and(|header| is(header.as_str()))
        })
}

/// The handler that asks `G` before it gives details.
struct Guarded<G> {
    inner: Box<dyn Handler>,
    guard: PhantomData<fn() -> G>,
}

impl<G: Guard> Clone for Guarded<G> {
    fn clone(&self) -> Self {
        record(|| Declaration {
            for_method: ForMethod::Sometimes,
            ..Declaration::of_requirement(G::requirement)
        });
        Guarded {
            inner: self.inner.clone(),
            guard: PhantomData,
        }
    }
}

#[rocket::async_trait]
impl<G: Guard> Handler for Guarded<G> {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        if asks_for_details(request) {
            if let Err(status) = ask::<G>(request).await {
                return route::Outcome::Error(status);
            }
            request.local_cache(|| Passed(true));
        }
        self.inner.handle(request, data).await
    }
}
