//! This crate under load: the same answer with guards and without. All settings are the environment's.

use axioms_rocket::{AxiomsFairing, Scopes, ValidToken};
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

#[get("/open")]
fn open() -> &'static str {
    "ok"
}

#[launch]
fn rocket() -> _ {
    rocket::build().attach(AxiomsFairing::default()).mount("/", routes![open, guarded])
}
