//! The answers of the guards, from what the routes declare.

use std::thread;

use rocket::{Phase, Rocket};

use super::{AccessTable, Cell};
use crate::error::AuthError;
use crate::policy::{Decision, Requirement};
use crate::request::ReportedRoute;
use crate::testing::persona::Persona;
use crate::testing::verify::verify_with;
use crate::token::ValidToken;

pub(super) fn fill<P: Phase>(
    table: &mut AccessTable,
    routes: &[ReportedRoute],
    personas: &[Persona<'_>],
    rocket: &Rocket<P>,
) {
    for (column, persona) in personas.iter().enumerate() {
        let token = persona.token().map(|token| verified(rocket, &token));
        for (row, route) in table.rows.iter_mut().zip(routes) {
            row.cells[column] = match route.requirement() {
                Some(requirement) => answer(requirement, token.as_ref()),
                None if route.is_declared() => Cell::Passes,
                // It may have a guard that Rocket does not show.
                None => Cell::Unknown,
            };
        }
    }
}

/// Verifies `token` in a thread, as a runtime cannot be entered within another one, which an async
/// test has.
fn verified<P: Phase>(rocket: &Rocket<P>, token: &str) -> Result<ValidToken, AuthError> {
    let protection = rocket.state().ok_or_else(AuthError::missing_token)?;
    let verify = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime
            .expect("a runtime")
            .block_on(verify_with(protection, token))
    };
    thread::scope(|scope| scope.spawn(verify).join()).expect("a thread")
}

/// The answer to a request without a token, with a valid, or with a bad one.
fn answer(requirement: &Requirement, token: Option<&Result<ValidToken, AuthError>>) -> Cell {
    let (decision, refusal) = match token {
        None => (requirement.decide(None), 401),
        Some(Ok(token)) => (requirement.decide(Some(token)), 403),
        Some(Err(error)) => {
            let decision = reads_token(requirement).map(|reads| Decision::from(!reads));
            (decision, error.status().code)
        }
    };
    match decision {
        Some(Decision::Allow) => Cell::Passes,
        Some(Decision::StepUp) => Cell::Status(401),
        Some(Decision::Deny) => Cell::Status(refusal),
        None => Cell::Unknown,
    }
}

/// Returns true if a guard with this requirement refuses a bad token; `None` if the value does not
/// tell.
fn reads_token(requirement: &Requirement) -> Option<bool> {
    match requirement {
        Requirement::Anybody => Some(false),
        Requirement::Custom(_) | Requirement::Unless(..) => None,
        Requirement::All(parts) | Requirement::Any(parts) if !parts.is_empty() => {
            let parts: Vec<Option<bool>> = parts.iter().map(reads_token).collect();
            match parts.contains(&Some(true)) {
                true => Some(true),
                false => parts.iter().all(Option::is_some).then_some(false),
            }
        }
        _ => Some(true),
    }
}
