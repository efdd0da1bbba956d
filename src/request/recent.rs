//! The refusals of this thread, so that a failed assertion can tell the server's reason. Compiled
//! only with the feature `testing`, and nothing of it ever leaves through a response.

use std::cell::RefCell;
use std::collections::VecDeque;

use crate::error::AuthError;

/// More than a test makes between a request and the assertion about it.
const KEPT: usize = 64;

thread_local! {
    // Rocket's local clients answer a request on the thread that dispatched it.
    static RECENT: RefCell<VecDeque<AuthError>> = const { RefCell::new(VecDeque::new()) };
}

pub(super) fn note(error: &AuthError) {
    RECENT.with_borrow_mut(|recent| {
        recent.truncate(KEPT - 1);
        recent.push_front(error.clone());
    });
}

/// The last refusal on this thread that `looks_right`.
pub(crate) fn recent_refusal(looks_right: impl Fn(&AuthError) -> bool) -> Option<AuthError> {
    RECENT.with_borrow(|recent| recent.iter().find(|error| looks_right(error)).cloned())
}
