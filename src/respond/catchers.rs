//! The body of a refusal.

use std::borrow::Cow;
use std::io::Cursor;

use rocket::catcher::{BoxFuture, Catcher};
use rocket::http::{ContentType, Status};
use rocket::{Request, Response};
use serde::Serialize;

use super::STATUSES;
use crate::error::AuthError;

/// Returns the catchers that write the body of a refusal, for 400, 401, 403 and 503: to register by
/// hand, together with [`AxiomsFairing::without_catchers`](crate::AxiomsFairing::without_catchers).
///
/// The body is `application/json`, `{"error": "…", "error_description": "…"}`, with `Cache-Control:
/// no-store`. A 400, 401, 403 or 503 of the application's own gets the same shape, with the status
/// in words.
///
/// ```no_run
/// # use axioms_rocket::AxiomsFairing;
/// rocket::build()
///     .attach(AxiomsFairing::default().without_catchers())
///     .register("/api", axioms_rocket::catchers());
/// ```
pub fn catchers() -> Vec<Catcher> {
    STATUSES
        .into_iter()
        .map(|code| {
            let mut catcher = Catcher::new(code, render);
            catcher.name = Some(OURS.into());
            catcher
        })
        .collect()
}

/// The name of our catchers.
const OURS: &str = "axioms_rocket::catchers";

/// Returns true for a catcher of the application, which may answer a refusal with a success.
pub(crate) fn is_foreign(catcher: &Catcher) -> bool {
    catcher.name.as_deref() != Some(OURS)
}

fn render<'r>(status: Status, request: &'r Request<'_>) -> BoxFuture<'r> {
    let own = AuthError::of(request).filter(|error| error.status() == status);
    let body: Cow<'static, [u8]> = match &own {
        Some(error) => match error.words() {
            Some(words) => words.body.as_bytes().into(),
            None => body(error.code(), error.description()).into(),
        },
        None => foreign(status).into(),
    };
    let response = Response::build()
        .status(status)
        .header(ContentType::JSON)
        .raw_header("Cache-Control", "no-store")
        .sized_body(body.len(), Cursor::new(body))
        .finalize();
    Box::pin(async move { Ok(response) })
}

pub(super) fn body(error: &str, description: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Refusal<'a> {
        error: &'a str,
        error_description: &'a str,
    }
    // Two strings always serialize.
    serde_json::to_vec(&Refusal {
        error,
        error_description: description,
    })
    .unwrap_or_default()
}

/// The body for a 400, 401, 403 or 503 of the application's own that ends in our catcher.
fn foreign(status: Status) -> Vec<u8> {
    let reason = status.reason_lossy();
    body(&reason.to_ascii_lowercase().replace(' ', "_"), reason)
}
