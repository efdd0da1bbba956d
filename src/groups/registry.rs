//! The declarations of the groups that a route is in.

use std::cell::RefCell;

use rocket::{Phase, Rocket, Route};

use super::deny_by_default::EVERYWHERE_RANK;
use crate::request::Declaration;

thread_local! {
    static RECORDED: RefCell<Option<Vec<Declaration>>> = const { RefCell::new(None) };
}

/// The declarations of the groups around `route`, the outermost first; empty for a route outside of
/// all groups.
pub(super) fn groups_of(route: &Route) -> Vec<Declaration> {
    let mut groups = recorded(route);
    groups.retain(|group| !group.is_conditional());
    groups
}

/// The declarations of all guards that the handler of `route` asks before its own.
///
/// A mounted route shows nothing but its name and its handler, and Rocket's `Handler` can neither
/// be downcast nor asked without a request. But it can be cloned: a group's handler records its
/// declaration when that happens here.
fn recorded(route: &Route) -> Vec<Declaration> {
    RECORDED.set(Some(Vec::new()));
    drop(route.handler.clone());
    RECORDED.take().unwrap_or_default()
}

/// Records the declaration of a group, if its handler is cloned by [`recorded`].
pub(crate) fn record(declaration: impl FnOnce() -> Declaration) {
    RECORDED.with_borrow_mut(|recorded| {
        if let Some(recorded) = recorded {
            recorded.push(declaration());
        }
    });
}

/// The issuers that the groups of `rocket` name, with the function that made the group. Rocket does
/// not ask the sentinels of a group's guard.
pub(crate) fn named_issuers<P: Phase>(rocket: &Rocket<P>) -> Vec<(&'static str, &'static str)> {
    let named = |group: Declaration| {
        let function = match group.is_conditional() {
            true => "health::routes_guarded",
            false => "protect",
        };
        let issuers = (group.requirement)().issuers();
        issuers.into_iter().map(move |issuer| (function, issuer))
    };
    rocket.routes().flat_map(recorded).flat_map(named).collect()
}

/// The routes that rank before the rule for everything, which is not asked for them, and that are
/// in no group of [`Public`](crate::Public).
pub(crate) fn unmarked_before_the_rule<P: Phase>(rocket: &Rocket<P>) -> Vec<String> {
    let before = rocket.routes().filter(|route| route.rank < EVERYWHERE_RANK);
    before
        .filter(|route| !groups_of(route).iter().any(Declaration::is_public))
        .map(|route| format!("{} {}", route.method, route.uri))
        .collect()
}
