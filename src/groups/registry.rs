//! The requirements of the groups that a route is in, as values.

use std::cell::RefCell;

use rocket::{Phase, Rocket, Route};

use crate::policy::Requirement;

thread_local! {
    static RECORDED: RefCell<Option<Vec<Requirement>>> = const { RefCell::new(None) };
}

/// The requirements of the groups around `route`, the outermost first; empty for a route outside of
/// all groups.
///
/// A mounted route shows nothing but its name and its handler, and Rocket's `Handler` can neither
/// be downcast nor asked without a request. But it can be cloned: a group's handler records its
/// requirement when that happens here.
pub(super) fn requirements(route: &Route) -> Vec<Requirement> {
    RECORDED.set(Some(Vec::new()));
    drop(route.handler.clone());
    RECORDED.take().unwrap_or_default()
}

/// Records the requirement of a group, if its handler is cloned by [`requirements`].
pub(super) fn record(requirement: fn() -> Requirement) {
    RECORDED.with_borrow_mut(|recorded| {
        if let Some(recorded) = recorded {
            recorded.push(requirement());
        }
    });
}

/// The issuers that the groups of `rocket` name. Rocket does not ask the sentinels of a group's
/// guard.
pub(crate) fn named_issuers<P: Phase>(rocket: &Rocket<P>) -> Vec<&'static str> {
    rocket
        .routes()
        .flat_map(requirements)
        .flat_map(|requirement| requirement.issuers())
        .collect()
}
