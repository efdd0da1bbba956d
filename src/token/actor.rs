//! The party that acts for the subject: `act` (RFC 8693 §4.1).

use std::borrow::Cow;

use super::held::TokenClaims;
use super::valid::ValidToken;
use crate::claims::{find_claim, find_member};
use crate::json::Value;

/// The claim `act` of a token, as the policies about actors read it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Actor<'t> {
    /// There is no such claim: the subject itself acts.
    Absent,
    /// `sub` of the outermost actor, a subject of the token's own issuer.
    Subject(Cow<'t, str>),
    /// Not an object with a string `sub`, or an actor of another issuer.
    Unknown,
}

impl<C: TokenClaims> ValidToken<C> {
    /// Returns the acting party. Nested actors are not read: they are no basis for decisions (RFC
    /// 8693 §4.1).
    ///
    /// perf: read from the claims' JSON, with one allocation for the members of `act`,
    /// benches/policy.rs
    pub(crate) fn acting_party(&self) -> Actor<'_> {
        let raw = self.view().raw();
        if let Ok(None) = find_member(raw, "act") {
            return Actor::Absent;
        }
        let Some(Value::Object(act)) = find_claim(raw, "act") else {
            return Actor::Unknown;
        };
        let is_own = match act.get("iss") {
            None | Some(Value::Null) => true,
            Some(iss) => iss
                .string()
                .is_some_and(|iss| self.issuer() == Some(iss.as_ref())),
        };
        match act.get("sub").and_then(Value::string) {
            Some(sub) if is_own => Actor::Subject(sub),
            _ => Actor::Unknown,
        }
    }
}
