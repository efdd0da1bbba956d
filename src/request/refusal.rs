//! Refusals: recorded in the request for catchers and the fairing, and logged once, as they were
//! answered.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rocket::Request;
use rocket::http::Status;

use super::authenticate::{token_ids, verified_token};
use super::protection::Protection;
use crate::base::log;
use crate::base::redact::Excerpt;
use crate::error::{AuthError, Reason};
use crate::policy::ClaimKind;
use crate::token::ValidToken;
use crate::verify::Provenance;

/// The last refusal of a request. A route may have several: it can catch an error
/// (`Option<Scopes<_>>`) and ask another guard.
#[derive(Default)]
struct Refusal(Mutex<Option<AuthError>>);

/// Records that `error` refused `request`.
pub(crate) fn remember(request: &Request<'_>, error: &AuthError) {
    #[cfg(feature = "testing")]
    super::recent::note(error);
    let refusal = request.local_cache(Refusal::default);
    *refusal.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
}

impl AuthError {
    /// The last refusal of `request` by a guard of this crate or by a returned `AuthError`; `None`
    /// if there was none.
    ///
    /// A route can catch a refusal (`Option<ValidToken>`) and answer for another reason: compare
    /// [`status`](AuthError::status) with the catcher's own status before you render it.
    ///
    /// ```
    /// # use rocket::{catch, http::Status, Request};
    /// use axioms_rocket::AuthError;
    ///
    /// #[catch(default)]
    /// fn failed(status: Status, request: &Request<'_>) -> String {
    ///     match AuthError::of(request).filter(|error| error.status() == status) {
    ///         Some(error) => format!("{}: {}", error.code(), error.description()),
    ///         None => status.to_string(),
    ///     }
    /// }
    /// ```
    pub fn of(request: &Request<'_>) -> Option<AuthError> {
        let refusal = request.local_cache(Refusal::default);
        refusal
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Logs `error`, which refused `request`, with the status that is sent. A request without a token
/// is not logged.
pub(crate) fn log_refusal(request: &Request<'_>, error: &AuthError, answered: Status) {
    let reason = error.reason();
    if reason == Reason::MissingToken {
        return;
    }
    let (code, reason, facts) = (error.status().code, reason.as_str(), Facts(request, error));
    if answered.code == code {
        tracing::info!(reason, "refused with {code}: {facts}");
    } else {
        let answered = answered.code;
        tracing::info!(
            reason,
            "answered {answered} after a refusal with {code}: {facts}"
        );
    }
}

/// Logs a failure that is the answer to a request, as Rocket does for the guards in a route's
/// signature: at every log level.
///
/// A `tracing` subscriber does not get it, as it does not get Rocket's: it has [`log_refusal`].
pub(crate) fn log_failure(what: fmt::Arguments<'_>, error: &dyn fmt::Debug) {
    if log::goes_to_rocket() {
        tracing::warn!("{what} failed: {error:?}.");
    }
}

/// Prints a refusal for the log: the cause, the requirement and the token's names for it, the
/// token, and the route.
struct Facts<'r, 'q>(&'r Request<'q>, &'r AuthError);

impl fmt::Display for Facts<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Facts(request, error) = *self;
        write!(f, "{error}")?;
        let token = if error.reason().is_unread() {
            None
        } else {
            verified_token(request)
        };
        if let (Some(token), Reason::Forbidden) = (token, error.reason()) {
            write_requirement(f, request, error, token)?;
        }
        if !error.reason().is_unread() {
            write!(f, "; {}", token_ids(request))?;
        }
        if let Some(token) = token {
            for (name, value) in [("sub", token.subject()), ("client", token.client_id())] {
                match value {
                    Some(value) => write!(f, " {name}={}", Excerpt(value))?,
                    None => write!(f, " {name}=(none)")?,
                }
            }
        }
        write!(f, "; {}", request.method())?;
        if let Some(route) = request.route() {
            // The route, not the path: a path may hold anything.
            write!(f, " {}", route.uri)?;
            if let Some(name) = &route.name {
                write!(f, " ({name})")?;
            }
        }
        Ok(())
    }
}

/// Writes the requirement, and for each kind of name the claims that were looked at and the names
/// that they hold.
fn write_requirement(
    f: &mut fmt::Formatter<'_>,
    request: &Request<'_>,
    error: &AuthError,
    token: &ValidToken,
) -> fmt::Result {
    /// Names that are shown.
    const SHOWN: usize = 8;
    let Some(requirement) = error.requirement() else {
        return Ok(());
    };
    write!(f, "; asked {requirement}")?;
    let verified = token.verified();
    let Provenance::Jwt { issuer_index, .. } = verified.provenance();
    let lists = Protection::of(request)
        .and_then(|protection| protection.verifier.issuers().get(issuer_index))
        .map(|issuer| &issuer.lists);
    for kind in requirement.kinds() {
        let (held, claims) = match kind {
            ClaimKind::Scope => (verified.scopes(), lists.map(|lists| &lists.scopes)),
            ClaimKind::Role => (verified.roles(), lists.map(|lists| &lists.roles)),
            ClaimKind::Permission => (
                verified.permissions(),
                lists.map(|lists| &lists.permissions),
            ),
        };
        write!(f, "; {kind}s in")?;
        for (index, claim) in claims.into_iter().flatten().enumerate() {
            let separator = if index == 0 { "" } else { " or" };
            write!(f, "{separator} {:?}", claim.as_str())?;
        }
        f.write_str(":")?;
        let mut names = held.iter();
        if held.is_absent() {
            f.write_str(" no such claim")?;
            // The usual mistake: the names are nested in one of these.
            let objects = token.claims().iter().filter(|(_, value)| value.is_object());
            for (index, (name, _)) in objects.take(SHOWN).enumerate() {
                let separator = if index == 0 { ", but objects" } else { "" };
                write!(f, "{separator} {}", Excerpt(name))?;
            }
        } else if !held.is_readable() {
            f.write_str(" not a list of names")?;
        } else if held.iter().next().is_none() {
            f.write_str(" none")?;
        }
        for name in names.by_ref().take(SHOWN) {
            write!(f, " {}", Excerpt(name))?;
        }
        match names.count() {
            0 => {}
            more => write!(f, " and {more} more")?,
        }
    }
    Ok(())
}
