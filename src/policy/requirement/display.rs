//! The requirement in words.

use std::fmt;

use super::{ClaimKind, Requirement};

impl Requirement {
    /// Returns true if it is written in brackets inside another one.
    fn is_compound(&self) -> bool {
        match self {
            Requirement::AnyOf(_, names) => names.len() > 1,
            Requirement::Implied { .. } | Requirement::Optional(_) | Requirement::Unless(..) => {
                true
            }
            Requirement::Claim(_, values) => values.len() > 1,
            Requirement::Acr(names) | Requirement::Amr(names) | Requirement::ActedBy(names) => {
                names.len() > 1
            }
            Requirement::All(parts) | Requirement::Any(parts) => match parts.as_slice() {
                [] => false,
                [only] => only.is_compound(),
                _ => true,
            },
            Requirement::IssuedBy(..) => true,
            Requirement::Lacks(_)
            | Requirement::MaxAuthAge(_)
            | Requirement::Direct
            | Requirement::Owner(_)
            | Requirement::Anybody
            | Requirement::Custom(_) => false,
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
            Requirement::Implied {
                kind,
                names,
                implied_by,
            } => {
                Requirement::AnyOf(*kind, names).fmt(f)?;
                f.write_str(", implied by ")?;
                join(f, implied_by, " or ", fmt::Display::fmt)
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
                write!(f, "claim {name} ")?;
                let mut is_told = false;
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" or ")?;
                    }
                    if !value.is_pattern() && !is_told {
                        f.write_str("is ")?;
                    }
                    is_told = !value.is_pattern();
                    value.fmt(f)?;
                }
                Ok(())
            }
            Requirement::Acr(names) => join(f, names, " or ", |name, f| write!(f, "acr {name}")),
            Requirement::Amr(names) => join(f, names, " or ", |name, f| write!(f, "amr {name}")),
            Requirement::MaxAuthAge(seconds) => write!(f, "authentication within {seconds} s"),
            Requirement::Direct => f.write_str("no actor"),
            Requirement::ActedBy(names) => {
                join(f, names, " or ", |name, f| write!(f, "actor {name}"))
            }
            Requirement::IssuedBy(name, part) => {
                part.fmt_inside(f)?;
                write!(f, " from issuer {name:?}")
            }
            Requirement::Owner(None) => f.write_str("the owner's token"),
            Requirement::Owner(Some(name)) => write!(f, "the owner's token ({name})"),
            Requirement::Optional(part) => {
                f.write_str("no credentials or ")?;
                part.fmt_inside(f)
            }
            Requirement::Unless(methods, part) => {
                part.fmt_inside(f)?;
                f.write_str(" unless the method is ")?;
                join(f, methods, " or ", fmt::Display::fmt)
            }
            Requirement::Anybody => f.write_str("anybody"),
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
    use crate::policy::ClaimValue;

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
        let mixed = Requirement::Claim(
            "sub",
            &[
                ClaimValue::StartsWith("repo:acme/"),
                ClaimValue::Text("robot"),
                ClaimValue::Text("admin"),
                ClaimValue::EndsWith("@acme.com"),
            ],
        );
        assert_eq!(
            mixed.to_string(),
            "claim sub starts with \"repo:acme/\" or is \"robot\" or \"admin\" \
             or ends with \"@acme.com\""
        );
        let seven = Requirement::Claim("/org/tenant", &[ClaimValue::Integer(7)]);
        let tenant = Requirement::Claim("tenant", &[]);
        assert_eq!(
            Requirement::Any(vec![Requirement::Owner(None), staff, seven, tenant]).to_string(),
            "the owner's token or (claim groups is \"admins\" or \"staff\") \
             or claim /org/tenant is 7 or claim tenant"
        );
        let level = Requirement::Acr(&["phr", "mfa"]);
        let actors = Requirement::Any(vec![
            Requirement::Direct,
            Requirement::ActedBy(&["support", "night shift"]),
        ]);
        let methods = Requirement::Amr(&["otp"]);
        let parts = vec![level, methods, Requirement::MaxAuthAge(300), actors];
        assert_eq!(
            Requirement::All(parts).to_string(),
            "(acr phr or acr mfa) and amr otp and authentication within 300 s \
             and (no actor or (actor support or actor night shift))"
        );
        assert_eq!(
            Requirement::Owner(Some("Assignee")).to_string(),
            "the owner's token (Assignee)"
        );
    }

    #[test]
    fn implied_names_and_exemptions_are_told_in_words() {
        let read = || {
            Requirement::list(
                ClaimKind::Scope,
                &["files:read"],
                &["files:write", "files:*"],
            )
        };
        assert_eq!(
            read().to_string(),
            "scope files:read, implied by files:write or files:*"
        );
        let two = Requirement::list(ClaimKind::Role, &["a", "b"], &["c"]);
        assert_eq!(
            Requirement::All(vec![read(), Requirement::Lacks(Box::new(two))]).to_string(),
            "(scope files:read, implied by files:write or files:*) \
             and not (role a or role b, implied by c)"
        );
        let editor = || Box::new(Requirement::AnyOf(ClaimKind::Role, &["editor"]));
        let optional = || Requirement::Optional(editor());
        let unless = Requirement::Unless(vec!["GET", "OPTIONS"], editor());
        assert_eq!(optional().to_string(), "no credentials or role editor");
        assert_eq!(
            unless.to_string(),
            "role editor unless the method is GET or OPTIONS"
        );
        assert_eq!(
            Requirement::All(vec![optional(), unless, Requirement::Anybody]).to_string(),
            "(no credentials or role editor) \
             and (role editor unless the method is GET or OPTIONS) and anybody"
        );
    }
}
