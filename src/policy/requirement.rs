//! The requirement of a policy, as a value: the challenge, the log line and the route report are
//! made from it.

use std::fmt;

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
    /// Every one of them; an empty list is "a valid token".
    All(Vec<Requirement>),
    /// One of them.
    Any(Vec<Requirement>),
    /// The claim is present, and holds none of the inner one's names.
    Lacks(Box<Requirement>),
    /// The claim of that name is, or contains, one of the values; of an empty list, it is present.
    Claim(&'static str, &'static [ClaimValue]),
    /// The inner one, of a token of the issuer of that name.
    IssuedBy(&'static str, Box<Requirement>),
    /// The token of the resource's owner; with the name of the ownership, if it is not
    /// [`Subject`](crate::Subject).
    Owner(Option<&'static str>),
    /// A policy of the application's own, in its own words.
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
    /// Returns every scope in the order of the declaration, each once: the challenge's `scope` (RFC
    /// 6750 §3). Scopes that must be lacking are not among them.
    ///
    /// ```
    /// use axioms_rocket::{ClaimKind, Requirement};
    ///
    /// let scopes = Requirement::AnyOf(ClaimKind::Scope, &["read", "write"]);
    /// let roles = Requirement::AnyOf(ClaimKind::Role, &["editor"]);
    /// assert_eq!(Requirement::All(vec![scopes, roles]).scopes(), ["read", "write"]);
    /// ```
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
            | Requirement::Claim(..)
            | Requirement::Owner(_)
            | Requirement::Custom(_) => {}
        }
    }

    /// Returns the kinds of its lists, each once.
    pub(crate) fn kinds(&self) -> Vec<ClaimKind> {
        let mut kinds = Vec::new();
        self.visit(&mut |part| match part {
            Requirement::AnyOf(kind, _) if !kinds.contains(kind) => kinds.push(*kind),
            _ => {}
        });
        kinds
    }

    /// Returns the name of every claim in it, each once.
    pub(crate) fn claims(&self) -> Vec<&'static str> {
        let mut claims = Vec::new();
        self.visit(&mut |part| match part {
            Requirement::Claim(name, _) if !claims.contains(name) => claims.push(*name),
            _ => {}
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
            Requirement::Lacks(part) | Requirement::IssuedBy(_, part) => part.visit(visit),
            Requirement::AnyOf(..)
            | Requirement::Claim(..)
            | Requirement::Owner(_)
            | Requirement::Custom(_) => {}
        }
    }

    /// Returns true if it is written in brackets inside another one.
    fn is_compound(&self) -> bool {
        match self {
            Requirement::AnyOf(_, names) => names.len() > 1,
            Requirement::Claim(_, values) => values.len() > 1,
            Requirement::All(parts) | Requirement::Any(parts) => match parts.as_slice() {
                [] => false,
                [only] => only.is_compound(),
                _ => true,
            },
            Requirement::IssuedBy(..) => true,
            Requirement::Lacks(_) | Requirement::Owner(_) | Requirement::Custom(_) => false,
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

/// Writes `items` with `word` between them.
fn join<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    word: &str,
    write: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        write(item, f)?;
    }
    Ok(())
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Requirement::AnyOf(kind, names) => {
                join(f, names, " or ", |name, f| write!(f, "{kind} {name}"))
            }
            Requirement::All(parts) | Requirement::Any(parts) if parts.len() == 1 => {
                join(f, parts, "", fmt::Display::fmt)
            }
            Requirement::All(parts) if parts.is_empty() => f.write_str("a valid token"),
            Requirement::All(parts) => join(f, parts, " and ", Requirement::fmt_inside),
            Requirement::Any(parts) => join(f, parts, " or ", Requirement::fmt_inside),
            Requirement::Lacks(part) => {
                f.write_str("not ")?;
                part.fmt_inside(f)
            }
            Requirement::Claim(name, []) => write!(f, "claim {name}"),
            Requirement::Claim(name, values) => {
                write!(f, "claim {name} is ")?;
                join(f, values, " or ", fmt::Display::fmt)
            }
            Requirement::IssuedBy(name, part) => {
                part.fmt_inside(f)?;
                write!(f, " from issuer {name:?}")
            }
            Requirement::Owner(None) => f.write_str("the owner's token"),
            Requirement::Owner(Some(name)) => write!(f, "the owner's token ({name})"),
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
    use super::{ClaimKind, ClaimValue, Requirement};

    #[test]
    fn display_is_a_formula_in_words() {
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
        let staff = Requirement::Claim(
            "groups",
            &[ClaimValue::Text("admins"), ClaimValue::Text("staff")],
        );
        let seven = Requirement::Claim("/org/tenant", &[ClaimValue::Integer(7)]);
        let tenant = Requirement::Claim("tenant", &[]);
        assert_eq!(
            Requirement::Any(vec![Requirement::Owner(None), staff, seven, tenant]).to_string(),
            "the owner's token or (claim groups is \"admins\" or \"staff\") \
             or claim /org/tenant is 7 or claim tenant"
        );
        assert_eq!(
            Requirement::Owner(Some("Assignee")).to_string(),
            "the owner's token (Assignee)"
        );
    }

    #[test]
    fn scopes_are_named_once_and_in_order() {
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
