//! What a policy asks, as a value: one declaration from which the challenge, the log line and the report are made.

use std::fmt;

/// What a policy asks of a token.
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
    /// Every one of them; none at all is "a valid token".
    All(Vec<Requirement>),
    /// One of them.
    Any(Vec<Requirement>),
    /// The claim is there, and holds none of what the inner one asks.
    Lacks(Box<Requirement>),
    /// The same, and the token is of the issuer of that name.
    IssuedBy(&'static str, Box<Requirement>),
    /// A policy of the application's own, in its own words.
    Custom(&'static str),
}

/// Which kind of name a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimKind {
    /// OAuth 2.0 scopes (RFC 6749 §3.3).
    Scope,
    /// Roles.
    Role,
    /// Permissions.
    Permission,
}

impl Requirement {
    /// Every scope that it names, once, in the order of the declaration: the challenge's `scope` (RFC 6750 §3). Scopes
    /// that must be *lacking* are not asked for.
    pub fn scopes(&self) -> Vec<&'static str> {
        let mut scopes = Vec::new();
        self.collect_scopes(&mut scopes);
        scopes
    }

    fn collect_scopes(&self, scopes: &mut Vec<&'static str>) {
        match self {
            Requirement::AnyOf(ClaimKind::Scope, names) => {
                for name in *names {
                    if !scopes.contains(name) {
                        scopes.push(name);
                    }
                }
            }
            Requirement::All(parts) | Requirement::Any(parts) => {
                parts.iter().for_each(|part| part.collect_scopes(scopes));
            }
            Requirement::IssuedBy(_, part) => part.collect_scopes(scopes),
            Requirement::AnyOf(ClaimKind::Role | ClaimKind::Permission, _)
            | Requirement::Lacks(_)
            | Requirement::Custom(_) => {}
        }
    }

    /// The kinds of names that it asks for, each once.
    pub(crate) fn kinds(&self) -> Vec<ClaimKind> {
        let mut kinds = match self {
            Requirement::AnyOf(kind, _) => vec![*kind],
            Requirement::All(parts) | Requirement::Any(parts) => {
                parts.iter().flat_map(Requirement::kinds).collect()
            }
            Requirement::Lacks(part) | Requirement::IssuedBy(_, part) => part.kinds(),
            Requirement::Custom(_) => Vec::new(),
        };
        let mut seen = Vec::new();
        kinds.retain(|kind| {
            !seen.contains(kind) && {
                seen.push(*kind);
                true
            }
        });
        kinds
    }

    /// Every issuer that it names.
    pub(crate) fn issuers(&self) -> Vec<&'static str> {
        match self {
            Requirement::IssuedBy(name, part) => {
                [*name].into_iter().chain(part.issuers()).collect()
            }
            Requirement::All(parts) | Requirement::Any(parts) => {
                parts.iter().flat_map(Requirement::issuers).collect()
            }
            Requirement::Lacks(part) => part.issuers(),
            Requirement::AnyOf(..) | Requirement::Custom(_) => Vec::new(),
        }
    }

    /// Whether it must stand in brackets inside another one.
    fn is_compound(&self) -> bool {
        match self {
            Requirement::AnyOf(_, names) => names.len() > 1,
            Requirement::All(parts) | Requirement::Any(parts) => match parts.as_slice() {
                [] => false,
                [only] => only.is_compound(),
                _ => true,
            },
            Requirement::IssuedBy(..) => true,
            Requirement::Lacks(_) | Requirement::Custom(_) => false,
        }
    }

    fn fmt_inside(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_compound() {
            write!(f, "({self})")
        } else {
            write!(f, "{self}")
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, parts: &[Requirement], word: &str) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(word)?;
        }
        if parts.len() > 1 {
            part.fmt_inside(f)?
        } else {
            write!(f, "{part}")?
        }
    }
    Ok(())
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Requirement::AnyOf(kind, names) => {
                for (place, name) in names.iter().enumerate() {
                    if place > 0 {
                        f.write_str(" or ")?;
                    }
                    write!(f, "{kind} {name}")?;
                }
                Ok(())
            }
            Requirement::All(parts) if parts.is_empty() => f.write_str("a valid token"),
            Requirement::All(parts) => join(f, parts, " and "),
            Requirement::Any(parts) => join(f, parts, " or "),
            Requirement::Lacks(part) => {
                f.write_str("not ")?;
                part.fmt_inside(f)
            }
            Requirement::IssuedBy(name, part) => {
                part.fmt_inside(f)?;
                write!(f, " from issuer {name:?}")
            }
            Requirement::Custom(words) => f.write_str(words),
        }
    }
}

impl fmt::Display for ClaimKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ClaimKind::Scope => "scope",
            ClaimKind::Role => "role",
            ClaimKind::Permission => "permission",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{ClaimKind, Requirement};

    #[test]
    fn it_reads_as_a_person_would_say_it() {
        let scope = || Requirement::AnyOf(ClaimKind::Scope, &["read:resource"]);
        let lacks = || {
            Requirement::Lacks(Box::new(Requirement::AnyOf(
                ClaimKind::Role,
                &["suspended"],
            )))
        };
        let editor = || Requirement::AnyOf(ClaimKind::Role, &["editor"]);
        let formula = Requirement::Any(vec![scope(), Requirement::All(vec![editor(), lacks()])]);
        assert_eq!(
            formula.to_string(),
            "scope read:resource or (role editor and not role suspended)"
        );
        let lists = Requirement::All(vec![
            Requirement::AnyOf(ClaimKind::Scope, &["a", "b"]),
            Requirement::Custom("weekdays"),
        ]);
        assert_eq!(lists.to_string(), "(scope a or scope b) and weekdays");
        let none = Requirement::Lacks(Box::new(Requirement::AnyOf(
            ClaimKind::Permission,
            &["a", "b"],
        )));
        assert_eq!(none.to_string(), "not (permission a or permission b)");
        assert_eq!(
            Requirement::All(vec![Requirement::Any(vec![editor()])]).to_string(),
            "role editor"
        );
        assert_eq!(Requirement::All(vec![]).to_string(), "a valid token");
    }

    #[test]
    fn the_scopes_asked_for_are_named_once_and_in_order() {
        let formula = Requirement::Any(vec![
            Requirement::AnyOf(ClaimKind::Scope, &["b", "a"]),
            Requirement::All(vec![
                Requirement::AnyOf(ClaimKind::Scope, &["a", "c"]),
                Requirement::AnyOf(ClaimKind::Role, &["r"]),
                Requirement::Lacks(Box::new(Requirement::AnyOf(ClaimKind::Scope, &["d"]))),
            ]),
        ]);
        assert_eq!(formula.scopes(), ["b", "a", "c"]);
    }
}
