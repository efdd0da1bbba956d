//! The routes of this crate. They are public whatever the application's rules are.

pub mod health;
mod resource_metadata;

use rocket::{Build, Rocket, Route};

use crate::groups::{EVERYWHERE_RANK, protect};
use crate::guards::Public;

pub(crate) use resource_metadata::ResourceMetadata;

/// Ranks before the rule for everything: the endpoints are public.
const RANK: isize = EVERYWHERE_RANK - 1;

/// Mounts `routes`, which are at `/`, at `path`. A route of the application that has the method and
/// the path of one of them is kept in its place; returns `true` then.
fn mount(rocket: Rocket<Build>, path: &str, routes: Vec<Route>) -> (Rocket<Build>, bool) {
    let is_taken = |own: &Route| {
        let is_same = |route: &Route| route.method == own.method && route.uri == *path;
        rocket.routes().any(is_same)
    };
    let count = routes.len();
    let mut free: Vec<Route> = routes.into_iter().filter(|own| !is_taken(own)).collect();
    free.iter_mut().for_each(|route| route.rank = RANK);
    let is_partly_taken = free.len() < count;
    (rocket.mount(path, protect::<Public>(free)), is_partly_taken)
}
