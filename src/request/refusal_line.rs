//! The log line of a refusal: the cause, the requirement and the names that the token has for it,
//! the token, and the route.

use std::fmt::{self, Formatter};

use rocket::Request;
use serde_json::Value;

use super::authenticate::{token_ids, verified_token};
use super::axioms::Axioms;
use crate::base::redact::Excerpt;
use crate::error::{AuthError, Reason};
use crate::policy::{ClaimKind, Requirement};
use crate::token::ValidToken;

/// Names that are shown of a list.
const SHOWN: usize = 8;

/// Prints the log line of `error`. The work is done when it is printed: a line that is filtered out
/// costs nothing.
pub(super) struct RefusalLine<'r, 'q> {
    pub(super) request: &'r Request<'q>,
    pub(super) error: &'r AuthError,
}

impl fmt::Display for RefusalLine<'_, '_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let RefusalLine { request, error } = *self;
        write!(f, "{error}")?;
        if !error.reason().is_unread() {
            let token = verified_token(request);
            if let Some(token) = token
                && (error.reason() == Reason::Forbidden || error.reason().is_step_up())
                && let Some(requirement) = error.requirement()
            {
                write!(f, "; asked {requirement}")?;
                write_lists(f, request, &requirement, token)?;
                write_claims(f, &requirement, token)?;
            }
            write!(f, "; {}", token_ids(request))?;
            if let Some(token) = token {
                write_sender(f, token)?;
            }
        }
        write!(f, "; {}", request.method())?;
        // The route, not the path: a path may contain anything. The rule for everything refuses
        // before Rocket tries the route.
        let routes = Axioms::of(request).and_then(|axioms| axioms.routes.get());
        let entry = routes.and_then(|routes| routes.entry_for(request));
        match (entry, request.route()) {
            (Some(entry), _) => write!(f, " {} ({})", entry.path(), entry.name()),
            (None, Some(route)) => {
                let name = route.name.as_deref().unwrap_or("route");
                write!(f, " {} ({name})", route.uri)
            }
            (None, None) => Ok(()),
        }
    }
}

/// Writes for scopes, roles and permissions the claims that were looked at and the names in them.
fn write_lists(
    f: &mut Formatter<'_>,
    request: &Request<'_>,
    requirement: &Requirement,
    token: &ValidToken,
) -> fmt::Result {
    let verified = token.verified();
    let lists = Axioms::of(request)
        .and_then(|protection| protection.verifier.issuer_of(verified))
        .map(|issuer| &issuer.lists);
    for kind in requirement.kinds() {
        let (names, claims) = match kind {
            ClaimKind::Scope => (verified.scopes(), lists.map(|lists| &lists.scopes)),
            ClaimKind::Role => (verified.roles(), lists.map(|lists| &lists.roles)),
            ClaimKind::Permission => {
                let claims = lists.map(|lists| &lists.permissions);
                (verified.permissions(), claims)
            }
        };
        write!(f, "; {kind}s in")?;
        for (index, claim) in claims.into_iter().flatten().enumerate() {
            let separator = if index == 0 { "" } else { " or" };
            write!(f, "{separator} {:?}", claim.as_str())?;
        }
        f.write_str(":")?;
        if names.is_absent() {
            write_absent(f, token)?;
        } else if names.is_readable() {
            write_names(f, names.iter())?;
        } else {
            f.write_str(" not a list of names")?;
        }
    }
    Ok(())
}

/// Writes the values of the claims that the requirement names.
fn write_claims(
    f: &mut Formatter<'_>,
    requirement: &Requirement,
    token: &ValidToken,
) -> fmt::Result {
    for claim in requirement.claims() {
        write!(f, "; claim {claim:?}:")?;
        match token.claims().pointer(claim) {
            None | Some(Value::Null) => write_absent(f, token)?,
            Some(Value::String(name)) => write_names(f, [name.as_str()].into_iter())?,
            Some(Value::Array(items)) => write_names(f, items.iter().filter_map(Value::as_str))?,
            Some(Value::Object(_)) => match token.actor().filter(|_| claim == "act") {
                Some(actor) => write!(f, " {}", Excerpt(actor))?,
                None => f.write_str(" an object")?,
            },
            Some(value @ (Value::Bool(_) | Value::Number(_))) => {
                write!(f, " {value}")?;
                if claim == "auth_time" {
                    write_age(f, token)?;
                }
            }
        }
    }
    Ok(())
}

/// Writes how long ago the user authenticated.
fn write_age(f: &mut Formatter<'_>, token: &ValidToken) -> fmt::Result {
    match token.authentication_age() {
        Some(Ok(age)) => write!(f, " ({} s ago)", age.as_secs()),
        Some(Err(ahead)) => write!(f, " ({} s in the future)", ahead.as_secs()),
        None => Ok(()),
    }
}

/// Writes that a claim is absent, and the claims in which its names may be nested: the usual
/// mistake.
fn write_absent(f: &mut Formatter<'_>, token: &ValidToken) -> fmt::Result {
    f.write_str(" no such claim")?;
    let objects = token.claims().iter().filter(|(_, value)| value.is_object());
    for (index, (name, _)) in objects.take(SHOWN).enumerate() {
        let separator = if index == 0 { ", but objects" } else { "" };
        write!(f, "{separator} {}", Excerpt(name))?;
    }
    Ok(())
}

fn write_names<'n>(f: &mut Formatter<'_>, names: impl Iterator<Item = &'n str>) -> fmt::Result {
    let mut names = names.peekable();
    if names.peek().is_none() {
        return f.write_str(" none");
    }
    for name in names.by_ref().take(SHOWN) {
        write!(f, " {}", Excerpt(name))?;
    }
    match names.count() {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

fn write_sender(f: &mut Formatter<'_>, token: &ValidToken) -> fmt::Result {
    for (label, value) in [("sub", token.subject()), ("client", token.client_id())] {
        match value {
            Some(value) => write!(f, " {label}={}", Excerpt(value))?,
            None => write!(f, " {label}=(none)")?,
        }
    }
    if let Some(actor) = token.actor() {
        write!(f, " actor={}", Excerpt(actor))?;
    }
    Ok(())
}
