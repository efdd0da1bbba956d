//! The answer of a policy, which a request's token remembers.

/// The answer of a [`Policy`](crate::Policy); from a `bool`, `true` is `Allow`.
///
/// Compare with `Allow`: every other value refuses.
///
/// ```
/// use axioms_rocket::Decision;
///
/// assert_eq!(Decision::from(1 < 2), Decision::Allow);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub enum Decision {
    /// The request passes.
    Allow,
    /// The request is refused with 401 `insufficient_user_authentication` (RFC 9470 §3): the token
    /// passes once its user has authenticated again, more strongly or more recently.
    StepUp,
    /// The request is refused with 403.
    Deny,
}

impl From<bool> for Decision {
    fn from(allowed: bool) -> Self {
        if allowed {
            Decision::Allow
        } else {
            Decision::Deny
        }
    }
}

impl Decision {
    /// Returns the decision where both must allow: refused for good before refused for now.
    pub(crate) fn and(self, other: impl FnOnce() -> Decision) -> Decision {
        match self {
            Decision::Deny => Decision::Deny,
            Decision::Allow => other(),
            Decision::StepUp => match other() {
                Decision::Deny => Decision::Deny,
                Decision::Allow | Decision::StepUp => Decision::StepUp,
            },
        }
    }

    /// Returns the decision where one that allows is enough.
    pub(crate) fn or(self, other: impl FnOnce() -> Decision) -> Decision {
        match self {
            Decision::Allow => Decision::Allow,
            Decision::Deny => other(),
            Decision::StepUp => match other() {
                Decision::Allow => Decision::Allow,
                Decision::StepUp | Decision::Deny => Decision::StepUp,
            },
        }
    }
}
