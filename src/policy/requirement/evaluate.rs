//! The answer of a requirement to a token, from the value alone.

use super::Requirement;
use crate::policy::{Decision, claim, lists};
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
        let holds = |held: &dyn Fn(&ValidToken) -> bool| Some(token.is_some_and(held).into());
        match self {
            Requirement::AnyOf(..) | Requirement::Implied { .. } => {
                let (kind, names, implied_by) = self.as_list()?;
                holds(&|token| {
                    let held = lists::names(token, kind);
                    held.has_any(names) || held.has_any(implied_by)
                })
            }
            Requirement::Lacks(part) => {
                let (kind, names, implied_by) = part.as_list()?;
                holds(&|token| lists::lacks(lists::names(token, kind), names, implied_by))
            }
            Requirement::Claim(name, values) => holds(&|token| claim::holds(token, name, values)),
            Requirement::All(parts) if parts.is_empty() => holds(&|_| true),
            Requirement::All(parts) => combine(parts, token, Decision::Deny),
            Requirement::Any(parts) => combine(parts, token, Decision::Allow),
            Requirement::IssuedBy(name, part) => {
                if token.is_some_and(|token| token.verified().issuer_name() == Some(name)) {
                    part.decide(token)
                } else {
                    Some(Decision::Deny)
                }
            }
            Requirement::Optional(part) if token.is_some() => part.decide(token),
            Requirement::Optional(_) | Requirement::Anybody => Some(Decision::Allow),
            Requirement::Unless(_, part) => part
                .decide(token)
                .filter(|answer| *answer == Decision::Allow),
            Requirement::Owner(_) if token.is_none() => Some(Decision::Deny),
            Requirement::Owner(_) | Requirement::Custom(_) => None,
        }
    }
}

/// Returns `decisive` if a part answers so, the opposite if all parts do, `None` if it is open.
fn combine(
    parts: &[Requirement],
    token: Option<&ValidToken>,
    decisive: Decision,
) -> Option<Decision> {
    let mut known = true;
    for part in parts {
        match part.decide(token) {
            Some(answer) if answer == decisive => return Some(decisive),
            answer => known &= answer.is_some(),
        }
    }
    known.then_some((decisive == Decision::Deny).into())
}
