//! A policy that a handler asks for, once it knows what the request is about.

use super::authorize::refuse_for_now;
use crate::error::AuthError;
use crate::policy::{Decision, Policy, decide, unmet};
use crate::token::ValidToken;

impl ValidToken {
    /// Checks that `P` allows this token, for a requirement that depends on the body of the
    /// request: the called tool of an MCP server, the operation of a GraphQL document. A
    /// requirement that the route always has belongs in its signature, where the route report and
    /// the metadata see it.
    ///
    /// # Errors
    ///
    /// 403 `insufficient_scope`, and its challenge names the scopes of `P` (RFC 6750 §3.1), from
    /// which a client steps up; or 401 `insufficient_user_authentication` where a new
    /// authentication of the user is all that lacks (RFC 9470 §3). Of several requirements, ask for
    /// them as one, `All<(…)>`, or for those last. The error is a `Responder`: return it with `?`.
    ///
    /// ```
    /// # use rocket::post;
    /// use axioms_rocket::{AuthError, Scopes, ValidToken};
    ///
    /// axioms_rocket::scopes! { Call = "tools:call"; Write = "notes:write"; }
    ///
    /// #[post("/call", data = "<tool>")]
    /// fn call(token: ValidToken, _call: Scopes<Call>, tool: &str) -> Result<String, AuthError> {
    ///     if tool == "add_note" {
    ///         token.require::<Scopes<Write>>()?;
    ///     }
    ///     Ok(format!("called {tool}"))
    /// }
    /// ```
    pub fn require<P: Policy>(&self) -> Result<(), AuthError> {
        match decide::<P>(self) {
            Decision::Allow => Ok(()),
            Decision::Deny => Err(AuthError::denied(P::requirement)),
            Decision::StepUp => {
                let whole = P::requirement();
                Err(refuse_for_now(&whole, self, P::requirement, unmet::<P>))
            }
        }
    }
}
