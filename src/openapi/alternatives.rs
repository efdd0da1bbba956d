//! The disjunctive form of a requirement: alternatives of scopes.

use utoipa::openapi::SecurityRequirement;

use super::schemes::Scheme;
use crate::policy::{ClaimKind, Requirement};

/// A formula can have thousands.
const MAX_ALTERNATIVES: usize = 32;

/// One way to satisfy a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Alternative {
    /// No credentials at all.
    Anonymous,
    /// A rule in words: it may read a token, or none.
    Unknown,
    /// A token with these scopes, of the issuer of that name if there is one.
    Token {
        scopes: Vec<&'static str>,
        issuer: Option<&'static str>,
    },
}

impl Default for Alternative {
    fn default() -> Self {
        Alternative::Token {
            scopes: Vec::new(),
            issuer: None,
        }
    }
}

impl Alternative {
    /// Returns the alternatives of `requirement`; none if it does not tell whether a token is
    /// needed. Too many, and those that exclude each other, become a token.
    pub(super) fn all(requirement: &Requirement) -> Vec<Alternative> {
        let mut all = alternatives(requirement).unwrap_or_default();
        if all.is_empty() {
            return match requirement.implies_token() {
                true => vec![Alternative::default()],
                false => vec![],
            };
        }
        // A request without credentials passes, whatever the other rule is.
        if all.contains(&Alternative::Unknown) && !all.contains(&Alternative::Anonymous) {
            return vec![];
        }
        all.retain(|alternative| *alternative != Alternative::Unknown);
        all
    }

    fn scope(name: &'static str) -> Alternative {
        Alternative::Token {
            scopes: vec![name],
            issuer: None,
        }
    }

    /// Returns the alternative that satisfies both, if there is one.
    fn and(&self, other: &Alternative) -> Option<Alternative> {
        match (self, other) {
            (Alternative::Anonymous, Alternative::Anonymous) => Some(Alternative::Anonymous),
            (Alternative::Unknown, other) | (other, Alternative::Unknown) => Some(match other {
                Alternative::Anonymous => Alternative::Unknown,
                other => other.clone(),
            }),
            (
                Alternative::Token { scopes, issuer },
                Alternative::Token {
                    scopes: others,
                    issuer: other,
                },
            ) => {
                if issuer.is_some() && other.is_some() && issuer != other {
                    return None;
                }
                let mut scopes = scopes.clone();
                for scope in others {
                    if !scopes.contains(scope) {
                        scopes.push(scope);
                    }
                }
                let issuer = issuer.or(*other);
                Some(Alternative::Token { scopes, issuer })
            }
            _ => None,
        }
    }

    /// Returns the security requirement object for each of `schemes` that can satisfy it.
    pub(super) fn under(&self, schemes: &[Scheme]) -> Vec<SecurityRequirement> {
        let Alternative::Token { scopes, issuer } = self else {
            return vec![SecurityRequirement::default()];
        };
        let of_issuer = |scheme: &&Scheme| issuer.is_some() && scheme.issuer.as_deref() == *issuer;
        let any = !schemes.iter().any(|scheme| of_issuer(&scheme));
        schemes
            .iter()
            .filter(|scheme| any || of_issuer(scheme))
            .map(|scheme| SecurityRequirement::new(&scheme.name, scopes.iter().copied()))
            .collect()
    }
}

/// Returns the alternatives of `requirement`; `None` if there are too many, and an empty list if no
/// token satisfies it.
fn alternatives(requirement: &Requirement) -> Option<Vec<Alternative>> {
    let alternatives = match requirement {
        Requirement::AnyOf(ClaimKind::Scope, names)
        | Requirement::Implied {
            kind: ClaimKind::Scope,
            names,
            ..
        } => names.iter().copied().map(Alternative::scope).collect(),
        Requirement::Anybody => vec![Alternative::Anonymous],
        Requirement::Optional(part) => {
            let inner = alternatives(part)?;
            unique([Alternative::Anonymous].into_iter().chain(inner))?
        }
        // The method of a route is decided before: the requirement of a report has no such part.
        Requirement::Unless(_, part) => alternatives(part)?,
        Requirement::All(parts) => {
            let mut all: Option<Vec<Alternative>> = None;
            for part in parts.iter().filter(|part| **part != Requirement::Anybody) {
                let part = alternatives(part)?;
                all = Some(match all {
                    None => part,
                    Some(all) => {
                        let both = all.iter().flat_map(|a| part.iter().map(|b| a.and(b)));
                        unique(both.flatten())?
                    }
                });
            }
            all.unwrap_or_else(|| match parts.is_empty() {
                true => vec![Alternative::default()],
                false => vec![Alternative::Anonymous],
            })
        }
        Requirement::Any(parts) => {
            let mut any = Vec::new();
            for part in parts {
                any.extend(alternatives(part)?);
            }
            unique(any.into_iter())?
        }
        Requirement::IssuedBy(name, part) => {
            let issued = Alternative::Token {
                scopes: Vec::new(),
                issuer: Some(name),
            };
            unique(alternatives(part)?.iter().filter_map(|a| a.and(&issued)))?
        }
        Requirement::AnyOf(..)
        | Requirement::Implied { .. }
        | Requirement::Lacks(_)
        | Requirement::Claim(..)
        | Requirement::Acr(_)
        | Requirement::Amr(_)
        | Requirement::MaxAuthAge(_)
        | Requirement::Direct
        | Requirement::ActedBy(_)
        | Requirement::Owner(_) => vec![Alternative::default()],
        Requirement::Custom(_) => vec![Alternative::Unknown],
    };
    Some(alternatives)
}

/// Collects the alternatives, each once; `None` if there are too many.
fn unique(alternatives: impl Iterator<Item = Alternative>) -> Option<Vec<Alternative>> {
    let mut unique = Vec::new();
    for alternative in alternatives {
        if !unique.contains(&alternative) {
            unique.push(alternative);
        }
        if unique.len() > MAX_ALTERNATIVES {
            return None;
        }
    }
    Some(unique)
}
