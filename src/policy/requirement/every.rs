//! The requirement of several guards together.

use super::Requirement;

impl Requirement {
    /// Returns the requirement of all `parts`, each once, or `None` if they require nothing. "A
    /// valid token" is left out beside a part that implies it.
    pub(crate) fn every(parts: Vec<Requirement>) -> Option<Requirement> {
        let mut all = Vec::new();
        for part in parts {
            match part {
                Requirement::Anybody => {}
                Requirement::All(parts) if !parts.is_empty() => all.extend(parts),
                part => all.push(part),
            }
        }
        let token = Requirement::All(Vec::new());
        let is_implied = all
            .iter()
            .any(|part| *part != token && part.implies_token());
        let mut each: Vec<Requirement> = Vec::new();
        for part in all {
            if !(each.contains(&part) || is_implied && part == token) {
                each.push(part);
            }
        }
        if each.len() > 1 {
            return Some(Requirement::All(each));
        }
        each.pop()
    }

    /// Returns the requirement of a guard that verifies a token and then asks this one: words alone
    /// do not say that there must be a token.
    pub(crate) fn of_token(self) -> Requirement {
        if self.implies_token() {
            return self;
        }
        let token = Requirement::All(Vec::new());
        Requirement::All(match self {
            Requirement::All(parts) => [vec![token], parts].concat(),
            part => vec![token, part],
        })
    }

    /// Returns true if `part` must hold whenever this requirement does, by its form.
    pub(crate) fn demands(&self, part: &Requirement) -> bool {
        self == part
            || matches!(self, Requirement::All(own) if own.iter().any(|own| own.demands(part)))
            || matches!(
                part,
                Requirement::All(parts)
                    if !parts.is_empty() && parts.iter().all(|part| self.demands(part))
            )
    }

    /// Returns true if a token that is not valid is always refused; no token may pass.
    pub(crate) fn reads_token(&self) -> bool {
        match self {
            Requirement::Optional(part) => part.reads_token(),
            Requirement::All(parts) => {
                parts.is_empty() || parts.iter().any(Requirement::reads_token)
            }
            part => part.implies_token(),
        }
    }

    /// Returns true if some part of it is about a token.
    pub(crate) fn is_about_tokens(&self) -> bool {
        let mut is_about_tokens = false;
        self.visit(&mut |part| {
            let is_leaf = !matches!(part, Requirement::Any(_) | Requirement::All(_));
            let is_token = *part == Requirement::All(Vec::new());
            is_about_tokens |= is_token || (is_leaf && part.implies_token());
        });
        is_about_tokens
    }

    /// Returns true if no request without a valid token meets it.
    pub(crate) fn implies_token(&self) -> bool {
        match self {
            Requirement::All(parts) => {
                parts.is_empty() || parts.iter().any(Requirement::implies_token)
            }
            Requirement::Any(parts) => parts.iter().all(Requirement::implies_token),
            Requirement::Optional(_)
            | Requirement::Unless(..)
            | Requirement::Anybody
            | Requirement::Custom(_) => false,
            Requirement::AnyOf(..)
            | Requirement::Implied { .. }
            | Requirement::Lacks(_)
            | Requirement::Claim(..)
            | Requirement::Acr(_)
            | Requirement::Amr(_)
            | Requirement::MaxAuthAge(_)
            | Requirement::Direct
            | Requirement::ActedBy(_)
            | Requirement::IssuedBy(..)
            | Requirement::Owner(_) => true,
        }
    }
}
