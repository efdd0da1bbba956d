//! The answer of a requirement to a token, from the value alone.

use std::time::Duration;

use super::{Outlook, Requirement};
use crate::policy::{Decision, actor, claim, lists, step_up};
use crate::token::ValidToken;

impl Requirement {
    /// Decides on a token, or on a request without credentials (`None`), as the guards with this
    /// requirement do; `None` if the value does not tell.
    ///
    /// Answers are unknown for policies of the application's own, for the owner of a resource (but
    /// without a token the answer is `Deny`), and for [`Unless`](crate::Unless), which depends on
    /// the method. `safe_methods` are not taken into account. An unknown part leaves the answer of
    /// the whole open only where it matters: `All` with a part that denies is `Deny`.
    ///
    /// The answer is [`StepUp`](Decision::StepUp) where a new authentication of the user is all
    /// that lacks (RFC 9470). It is `Deny` where no authentication can satisfy all parts, as of two
    /// lists of levels without a common one.
    ///
    /// A menu can leave out what its reader may not do, an access table can be computed without
    /// running a handler.
    ///
    /// ```
    /// use axioms_rocket::testing::token_with;
    /// use axioms_rocket::{Decision, Policy, Scopes};
    /// # use serde_json::json;
    ///
    /// axioms_rocket::scopes! { Write = "notes:write"; }
    ///
    /// let write = Scopes::<Write>::requirement();
    /// let token = token_with(json!({ "scope": "notes:write" }));
    /// assert_eq!(write.decide(Some(&token)), Some(Decision::Allow));
    /// assert_eq!(write.decide(None), Some(Decision::Deny));
    /// ```
    pub fn decide(&self, token: Option<&ValidToken>) -> Option<Decision> {
        match token {
            Some(token) => self.outlook(token).decision(),
            None => self.decide_without_token(),
        }
    }

    fn decide_without_token(&self) -> Option<Decision> {
        match self {
            Requirement::Optional(_) | Requirement::Anybody => Some(Decision::Allow),
            Requirement::Custom(_) => None,
            Requirement::Lacks(part) => part.as_list().map(|_| Decision::Deny),
            Requirement::Unless(_, part) => part
                .decide_without_token()
                .filter(|answer| *answer == Decision::Allow),
            Requirement::All(parts) if !parts.is_empty() => combine(parts, Decision::Deny),
            Requirement::Any(parts) => combine(parts, Decision::Allow),
            Requirement::AnyOf(..)
            | Requirement::Implied { .. }
            | Requirement::All(_)
            | Requirement::Claim(..)
            | Requirement::Acr(_)
            | Requirement::Amr(_)
            | Requirement::MaxAuthAge(_)
            | Requirement::Direct
            | Requirement::ActedBy(_)
            | Requirement::IssuedBy(..)
            | Requirement::Owner(_) => Some(Decision::Deny),
        }
    }

    /// Returns what a valid token lacks.
    pub(crate) fn outlook(&self, token: &ValidToken) -> Outlook {
        match self {
            Requirement::AnyOf(..) | Requirement::Implied { .. } => match self.as_list() {
                Some((kind, names, implied_by)) => {
                    let held = lists::names(token, kind);
                    (held.has_any(names) || held.has_any(implied_by)).into()
                }
                None => Outlook::unknown(),
            },
            Requirement::Lacks(part) => match part.as_list() {
                Some((kind, names, implied_by)) => {
                    lists::lacks(lists::names(token, kind), names, implied_by).into()
                }
                None => Outlook::unknown(),
            },
            Requirement::Claim(name, values) => claim::holds(token, name, values).into(),
            Requirement::Direct => actor::is_direct(token).into(),
            Requirement::ActedBy(names) => actor::is_acted_by(token, names).into(),
            Requirement::Acr(names) => Outlook::of_acr(names, step_up::has_acr(token, names)),
            Requirement::Amr(names) => Outlook::of_amr(step_up::has_amr(token, names)),
            Requirement::MaxAuthAge(seconds) => {
                let is_recent = token.is_authenticated_within(Duration::from_secs(*seconds));
                Outlook::of_age(*seconds, is_recent)
            }
            Requirement::All(parts) => Outlook::all(parts.iter().map(|part| part.outlook(token))),
            Requirement::Any(parts) => Outlook::any(parts.iter().map(|part| part.outlook(token))),
            Requirement::IssuedBy(name, part) => {
                match token.verified().issuer_name() == Some(name) {
                    true => part.outlook(token),
                    false => false.into(),
                }
            }
            Requirement::Optional(part) => part.outlook(token),
            Requirement::Anybody => true.into(),
            Requirement::Unless(_, part) => part.outlook(token).or_unknown(),
            Requirement::Owner(_) | Requirement::Custom(_) => Outlook::unknown(),
        }
    }
}

/// Returns `decisive` if a part answers so to a request without a token, the opposite if all parts
/// do, `None` if it is open.
fn combine(parts: &[Requirement], decisive: Decision) -> Option<Decision> {
    let mut known = true;
    for part in parts {
        match part.decide_without_token() {
            Some(answer) if answer == decisive => return Some(decisive),
            answer => known &= answer.is_some(),
        }
    }
    known.then_some((decisive == Decision::Deny).into())
}
