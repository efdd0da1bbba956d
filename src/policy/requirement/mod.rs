//! The requirement of a policy, as a value: the challenge, the log line and the route report are
//! made from it.

mod display;
mod evaluate;
mod every;
mod scopes;
mod step_up;

use step_up::Outlook;
pub(crate) use step_up::StepUp;

use super::ClaimValue;

/// The requirement of a policy or guard.
///
/// `Display` is for people: `scope read:resource or (role editor and not role suspended)`.
///
/// ```
/// use axioms_rocket::{ClaimKind, Requirement};
///
/// let may_refund = Requirement::Any(vec![
///     Requirement::AnyOf(ClaimKind::Scope, &["refund"]),
///     Requirement::All(vec![
///         Requirement::AnyOf(ClaimKind::Role, &["editor", "owner"]),
///         Requirement::Lacks(Box::new(Requirement::AnyOf(ClaimKind::Role, &["suspended"]))),
///     ]),
/// ]);
/// assert_eq!(
///     may_refund.to_string(),
///     "scope refund or ((role editor or role owner) and not role suspended)"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// Any one name of the list.
    AnyOf(ClaimKind, &'static [&'static str]),
    /// Any one name of either list; a client is asked for `names` alone.
    Implied {
        /// The kind of the names in both lists.
        kind: ClaimKind,
        /// The names of the declaration.
        names: &'static [&'static str],
        /// The names after `implied by`, each of which implies the former.
        implied_by: &'static [&'static str],
    },
    /// Every one of them; an empty list is "a valid token".
    All(Vec<Requirement>),
    /// One of them.
    Any(Vec<Requirement>),
    /// The claim is present, and holds none of the inner one's names.
    Lacks(Box<Requirement>),
    /// The claim of that name is, or contains, one of the values; of an empty list, it is present.
    Claim(&'static str, &'static [ClaimValue]),
    /// `acr` is one of these authentication levels: [`Acr`](crate::Acr).
    Acr(&'static [&'static str]),
    /// `amr` contains one of these authentication methods: [`Amr`](crate::Amr).
    Amr(&'static [&'static str]),
    /// The user authenticated less than so many seconds ago: [`MaxAuthAge`](crate::MaxAuthAge).
    MaxAuthAge(u64),
    /// No party acts for the subject: [`Direct`](crate::Direct).
    Direct,
    /// One of these parties acts for the subject: [`ActedBy`](crate::ActedBy).
    ActedBy(&'static [&'static str]),
    /// The inner one, of a token of the issuer of that name.
    IssuedBy(&'static str, Box<Requirement>),
    /// The token of the resource's owner; with the name of the ownership, if it is not
    /// [`Subject`](crate::Subject).
    Owner(Option<&'static str>),
    /// No credentials, or the inner one: [`Optional`](crate::Optional).
    Optional(Box<Requirement>),
    /// One of these HTTP methods, or the inner one: [`Unless`](crate::Unless).
    Unless(Vec<&'static str>, Box<Requirement>),
    /// Nothing, not even a token.
    Anybody,
    /// A rule of the application's own, in its own words. Of a guard, they do not tell whether it
    /// reads a token.
    Custom(&'static str),
}

/// The kind of names in a list.
///
/// ```
/// use axioms_rocket::ClaimKind;
///
/// assert_eq!(ClaimKind::Permission.to_string(), "permission");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimKind {
    /// OAuth 2.0 scopes (RFC 6749 §3.3).
    Scope,
    /// Roles.
    Role,
    /// Permissions.
    Permission,
}

impl Requirement {
    /// Returns a list of names as a value; [`Requirement::AnyOf`] if nothing implies them.
    pub(crate) fn list(
        kind: ClaimKind,
        names: &'static [&'static str],
        implied_by: &'static [&'static str],
    ) -> Requirement {
        match implied_by {
            [] => Requirement::AnyOf(kind, names),
            implied_by => Requirement::Implied {
                kind,
                names,
                implied_by,
            },
        }
    }

    /// Returns the kind of a list, its names, and the names that imply them; `None` if it is none.
    pub(crate) fn as_list(
        &self,
    ) -> Option<(ClaimKind, &'static [&'static str], &'static [&'static str])> {
        match *self {
            Requirement::AnyOf(kind, names) => Some((kind, names, &[])),
            Requirement::Implied {
                kind,
                names,
                implied_by,
            } => Some((kind, names, implied_by)),
            _ => None,
        }
    }

    /// Returns the kinds of its lists, each once.
    pub(crate) fn kinds(&self) -> Vec<ClaimKind> {
        let mut kinds = Vec::new();
        self.visit(&mut |part| match part.as_list() {
            Some((kind, ..)) if !kinds.contains(&kind) => kinds.push(kind),
            _ => {}
        });
        kinds
    }

    /// Returns the name of every claim in it, each once.
    pub(crate) fn claims(&self) -> Vec<&'static str> {
        let mut claims = Vec::new();
        self.visit(&mut |part| {
            let name = match part {
                Requirement::Claim(name, _) => *name,
                Requirement::Acr(_) => "acr",
                Requirement::Amr(_) => "amr",
                Requirement::MaxAuthAge(_) => "auth_time",
                Requirement::Direct | Requirement::ActedBy(_) => "act",
                _ => return,
            };
            if !claims.contains(&name) {
                claims.push(name);
            }
        });
        claims
    }

    /// Returns the name of every issuer in it.
    pub(crate) fn issuers(&self) -> Vec<&'static str> {
        let mut issuers = Vec::new();
        self.visit(&mut |part| {
            if let Requirement::IssuedBy(name, _) = part {
                issuers.push(*name);
            }
        });
        issuers
    }

    /// Calls `visit` with the requirement and each part of it, in the order of the declaration.
    fn visit(&self, visit: &mut dyn FnMut(&Requirement)) {
        visit(self);
        match self {
            Requirement::All(parts) | Requirement::Any(parts) => {
                parts.iter().for_each(|part| part.visit(visit));
            }
            Requirement::Lacks(part)
            | Requirement::IssuedBy(_, part)
            | Requirement::Optional(part)
            | Requirement::Unless(_, part) => part.visit(visit),
            Requirement::AnyOf(..)
            | Requirement::Implied { .. }
            | Requirement::Claim(..)
            | Requirement::Acr(_)
            | Requirement::Amr(_)
            | Requirement::MaxAuthAge(_)
            | Requirement::Direct
            | Requirement::ActedBy(_)
            | Requirement::Owner(_)
            | Requirement::Anybody
            | Requirement::Custom(_) => {}
        }
    }
}
