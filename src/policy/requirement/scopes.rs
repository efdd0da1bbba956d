//! The scopes that a client has to ask for.

use super::{ClaimKind, Requirement};

impl Requirement {
    /// Returns the scopes that a client has to ask for, each once: the challenge's `scope`
    /// (RFC 6750 §3).
    ///
    /// Of a list it is the **first** name, so that no client asks for more than it needs; names
    /// after `implied by` are never among them. Of requirements that must all hold, it is the union
    /// in the order of the declaration. Of `Any` it is the first alternative that consists of
    /// scopes alone, and nothing if there is none: no scope brings a role, a permission or a claim.
    ///
    /// ```
    /// use axioms_rocket::{ClaimKind, Requirement};
    ///
    /// let read = || Requirement::AnyOf(ClaimKind::Scope, &["read", "read:all"]);
    /// let write = || Requirement::AnyOf(ClaimKind::Scope, &["write"]);
    /// let editor = || Requirement::AnyOf(ClaimKind::Role, &["editor"]);
    /// assert_eq!(Requirement::All(vec![read(), write(), editor()]).scopes(), ["read", "write"]);
    /// assert_eq!(Requirement::Any(vec![editor(), write(), read()]).scopes(), ["write"]);
    /// assert_eq!(
    ///     Requirement::Any(vec![editor(), Requirement::All(vec![read(), editor()])]).scopes(),
    ///     [""; 0]
    /// );
    /// ```
    pub fn scopes(&self) -> Vec<&'static str> {
        let mut scopes = Vec::new();
        self.collect_scopes(&mut Vec::new(), &mut scopes);
        scopes
    }

    /// Calls `add` with the first name of each list of scopes, whatever else the requirement has;
    /// not of those that must be lacking (RFC 9728 §2, `scopes_supported`).
    pub(crate) fn each_first_scope(&self, add: &mut dyn FnMut(&'static str)) {
        match self {
            Requirement::All(parts) | Requirement::Any(parts) => {
                parts.iter().for_each(|part| part.each_first_scope(add));
            }
            Requirement::IssuedBy(_, part)
            | Requirement::Optional(part)
            | Requirement::Unless(_, part) => part.each_first_scope(add),
            list => {
                if let Some((ClaimKind::Scope, [first, ..], _)) = list.as_list() {
                    add(first);
                }
            }
        }
    }

    /// Returns the scopes to ask for where a route requires this and a guard that refused asked for
    /// `asked`; `None` if that is a part of it, so that they are its own.
    pub(crate) fn scopes_beside(&self, asked: &Requirement) -> Option<Vec<&'static str>> {
        let both = || Requirement::All(vec![self.clone(), asked.clone()]);
        (!self.has_part(asked)).then(|| both().scopes())
    }

    pub(super) fn has_part(&self, part: &Requirement) -> bool {
        let mut found = false;
        self.visit(&mut |inner| found |= inner == part);
        match part {
            // A route's requirement has the parts of its guards' formulas beside each other.
            Requirement::All(parts) => found || parts.iter().all(|part| self.has_part(part)),
            _ => found,
        }
    }

    /// Adds the scopes to `scopes`, without those that must be `lacking` as well.
    fn collect_scopes(&self, lacking: &mut Vec<&'static str>, scopes: &mut Vec<&'static str>) {
        match self {
            Requirement::AnyOf(ClaimKind::Scope, names)
            | Requirement::Implied {
                kind: ClaimKind::Scope,
                names,
                ..
            } => {
                let first = names.iter().find(|name| !lacking.contains(name));
                scopes.extend(first.filter(|first| !scopes.contains(first)));
            }
            Requirement::All(parts) => {
                let outer = lacking.len();
                parts.iter().for_each(|part| part.collect_lacking(lacking));
                parts
                    .iter()
                    .for_each(|part| part.collect_scopes(lacking, scopes));
                lacking.truncate(outer);
            }
            Requirement::Any(parts) => {
                // A name that passes for the tokens of every issuer comes before others.
                let first = |named_issuer| {
                    parts
                        .iter()
                        .find(|part| part.is_of_scopes_alone(named_issuer))
                };
                if let Some(part) = first(false).or_else(|| first(true)) {
                    part.collect_scopes(lacking, scopes);
                }
            }
            Requirement::IssuedBy(_, part)
            | Requirement::Optional(part)
            | Requirement::Unless(_, part) => part.collect_scopes(lacking, scopes),
            Requirement::AnyOf(ClaimKind::Role | ClaimKind::Permission, _)
            | Requirement::Implied {
                kind: ClaimKind::Role | ClaimKind::Permission,
                ..
            }
            | Requirement::Lacks(_)
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

    /// Adds the scopes that a token must lack, whatever else it has.
    fn collect_lacking(&self, lacking: &mut Vec<&'static str>) {
        match self {
            Requirement::Lacks(part) => {
                if let Some((ClaimKind::Scope, names, implied_by)) = part.as_list() {
                    lacking.extend(names.iter().chain(implied_by));
                }
            }
            Requirement::All(parts) => {
                parts.iter().for_each(|part| part.collect_lacking(lacking));
            }
            Requirement::IssuedBy(_, part)
            | Requirement::Optional(part)
            | Requirement::Unless(_, part) => part.collect_lacking(lacking),
            _ => {}
        }
    }

    /// Returns true if scopes alone make a token pass, so that it is worth asking for them; with
    /// `named_issuer` also a token of one issuer.
    fn is_of_scopes_alone(&self, named_issuer: bool) -> bool {
        let holds = |part: &Requirement| part.is_of_scopes_alone(named_issuer);
        match self {
            Requirement::AnyOf(kind, _) | Requirement::Implied { kind, .. } => {
                *kind == ClaimKind::Scope
            }
            Requirement::All(parts) => {
                // By itself it is no reason to ask for anything.
                let lacks = |part: &Requirement| match part {
                    Requirement::Lacks(part) => holds(part),
                    _ => false,
                };
                let is_asked = parts.is_empty() || !parts.iter().all(lacks);
                is_asked && parts.iter().all(|part| holds(part) || lacks(part))
            }
            Requirement::Any(parts) => parts.iter().any(holds),
            Requirement::Optional(part) | Requirement::Unless(_, part) => holds(part),
            Requirement::IssuedBy(_, part) => named_issuer && holds(part),
            Requirement::Anybody => true,
            Requirement::Lacks(_)
            | Requirement::Claim(..)
            | Requirement::Acr(_)
            | Requirement::Amr(_)
            | Requirement::MaxAuthAge(_)
            | Requirement::Direct
            | Requirement::ActedBy(_)
            | Requirement::Owner(_)
            | Requirement::Custom(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ClaimKind, Requirement};

    fn scope(names: &'static [&'static str]) -> Requirement {
        Requirement::AnyOf(ClaimKind::Scope, names)
    }

    fn role() -> Requirement {
        Requirement::AnyOf(ClaimKind::Role, &["r"])
    }

    fn lacks(part: Requirement) -> Requirement {
        Requirement::Lacks(Box::new(part))
    }

    #[test]
    fn row_20_7_the_scopes_to_ask_for() {
        use Requirement::{All, Any, Anybody, Custom, IssuedBy, Optional, Owner, Unless};
        let implied = |kind| Requirement::list(kind, &["i", "j"], &["k"]);
        let none: &[&str] = &[];
        for (requirement, expected) in [
            (scope(&["b", "a"]), &["b"][..]),
            (scope(&[]), none),
            (implied(ClaimKind::Scope), &["i"]),
            (implied(ClaimKind::Role), none),
            (role(), none),
            (All(vec![]), none),
            (
                All(vec![
                    scope(&["b", "a"]),
                    role(),
                    scope(&["c"]),
                    scope(&["b"]),
                ]),
                &["b", "c"],
            ),
            (Any(vec![scope(&["b", "a"]), scope(&["c"])]), &["b"]),
            (Any(vec![role(), scope(&["c"])]), &["c"]),
            (
                Any(vec![
                    All(vec![scope(&["b"]), role()]),
                    All(vec![scope(&["c", "d"])]),
                ]),
                &["c"],
            ),
            (Any(vec![All(vec![scope(&["b"]), role()]), role()]), none),
            (
                Any(vec![Any(vec![role(), scope(&["b"])]), scope(&["c"])]),
                &["b"],
            ),
            // Some token is enough already.
            (Any(vec![All(vec![]), scope(&["c"])]), none),
            (Any(vec![role(), Anybody, scope(&["c"])]), none),
            (Any(vec![Owner(None), scope(&["c"])]), &["c"]),
            (Any(vec![Custom("weekdays"), lacks(scope(&["a"]))]), none),
            (IssuedBy("staff", Box::new(scope(&["b", "a"]))), &["b"]),
            (
                Any(vec![
                    IssuedBy("staff", Box::new(scope(&["b"]))),
                    scope(&["c"]),
                ]),
                &["c"],
            ),
            (
                Any(vec![role(), IssuedBy("staff", Box::new(scope(&["b"])))]),
                &["b"],
            ),
            (Optional(Box::new(All(vec![scope(&["b"]), role()]))), &["b"]),
            (
                Unless(vec!["GET"], Box::new(All(vec![scope(&["b"]), role()]))),
                &["b"],
            ),
            (lacks(scope(&["a"])), none),
            // Never a name that must be lacking at the same time.
            (All(vec![lacks(scope(&["a"])), scope(&["a", "b"])]), &["b"]),
            (
                All(vec![scope(&["a", "b"]), All(vec![lacks(scope(&["a"]))])]),
                &["b"],
            ),
            (All(vec![scope(&["a"]), lacks(scope(&["a"]))]), none),
            (
                All(vec![lacks(implied(ClaimKind::Scope)), scope(&["k", "b"])]),
                &["b"],
            ),
            (
                All(vec![
                    lacks(Requirement::AnyOf(ClaimKind::Role, &["a"])),
                    scope(&["a"]),
                ]),
                &["a"],
            ),
            (
                Any(vec![All(vec![lacks(scope(&["a"])), role()]), scope(&["a"])]),
                &["a"],
            ),
            (
                Any(vec![
                    All(vec![scope(&["b"]), lacks(scope(&["a"]))]),
                    scope(&["c"]),
                ]),
                &["b"],
            ),
            (
                Any(vec![All(vec![lacks(scope(&["a"]))]), scope(&["c"])]),
                &["c"],
            ),
        ] {
            assert_eq!(requirement.scopes(), expected, "{requirement}");
        }
    }
}
