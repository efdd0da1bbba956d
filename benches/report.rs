//! The route report of an application of 500 routes, as each launch makes it once.
//!
//! The budget is 30 ms (row 20.10 of `docs/behaviour.md`); a request does not pay for it.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, reason = "a panic is how a benchmark fails")]

use std::hint::black_box;

use axioms_rocket::{
    Authenticated, Optional, Public, Roles, RouteReport, Scopes, ValidToken, protect, roles, scopes,
};
use criterion::{Criterion, criterion_group, criterion_main};
use rocket::{Build, Rocket, State, delete, get, post, put, routes};

scopes! { Read = "notes:read"; Write = "notes:write"; }
roles! { Admin = "admin"; }

#[get("/notes")]
fn list(_scope: Scopes<Read>) {}

#[get("/notes/<_id>")]
fn read(_id: u32, _token: ValidToken, _scope: Scopes<Read>) {}

#[post("/notes")]
fn create(_scope: Scopes<Write>, _state: &State<()>) {}

#[put("/notes/<_id>")]
fn replace(_id: u32, _scope: Scopes<Write>, _role: Roles<Admin>) {}

#[delete("/notes/<_id>")]
fn delete(_id: u32, _role: Roles<Admin>) {}

#[get("/feed")]
fn feed(_token: Optional<ValidToken>) {}

#[get("/health")]
fn health(_anybody: Public) {}

#[get("/settings")]
fn settings() {}

#[get("/option")]
fn option(_token: Option<ValidToken>) {}

#[get("/result")]
fn result(_token: Result<Scopes<Read>, axioms_rocket::AuthError>) {}

fn application() -> Rocket<Build> {
    let mount = |rocket: Rocket<Build>, number: usize| {
        let own = routes![
            list, read, create, replace, delete, feed, health, option, result
        ];
        let group = protect::<Authenticated>(routes![settings]);
        rocket
            .mount(format!("/{number}"), own)
            .mount(format!("/{number}"), group)
    };
    (0..50).fold(rocket::build(), mount)
}

fn report(criterion: &mut Criterion) {
    let application = application();
    assert_eq!(RouteReport::of(&application).routes().len(), 500);
    criterion.bench_function("report of 500 routes", |bencher| {
        bencher.iter(|| RouteReport::of(black_box(&application)));
    });
}

criterion_group!(benches, report);
criterion_main!(benches);
