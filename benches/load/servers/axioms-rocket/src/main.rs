//! This crate under load: the same answer with guards and without. All settings are the
//! environment's.

use std::sync::Arc;

use axioms_rocket::{AxiomsFairing, Scopes, ValidToken};
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{get, launch, routes};

/// To measure what another allocator makes of it.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

axioms_rocket::scopes! { Read = "read:item:00"; }

#[get("/guarded")]
fn guarded(_token: ValidToken, _scope: Scopes<Read>) -> &'static str {
    "ok"
}

/// The least cost of two guards in Rocket: they share a value in the request's cache, one returns
/// it, one looks at it.
struct Hands(#[expect(dead_code, reason = "it is dropped with the request")] Arc<u64>);
struct Looks;

struct Kept(Arc<u64>);

fn shared<'r>(request: &'r Request<'_>) -> Option<&'r Arc<u64>> {
    let managed: &Arc<u64> = request.rocket().state()?;
    Some(&request.local_cache(|| Kept(Arc::clone(managed))).0)
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Hands {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match shared(request) {
            Some(shared) => Outcome::Success(Hands(Arc::clone(shared))),
            None => Outcome::Error((Status::Unauthorized, ())),
        }
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Looks {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match shared(request) {
            Some(shared) if **shared == 7 => Outcome::Success(Looks),
            _ => Outcome::Error((Status::Forbidden, ())),
        }
    }
}

#[get("/idle")]
fn idle(_hands: Hands, _looks: Looks) -> &'static str {
    "ok"
}

#[get("/open")]
fn open() -> &'static str {
    "ok"
}

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(AxiomsFairing::default())
        .manage(Arc::new(7_u64))
        .mount("/", routes![open, guarded, idle])
}
