//! Requirements that a new authentication of the user would meet.

use super::Requirement;
use crate::policy::Decision;
use crate::token::ValidToken;

/// The authentication to ask the user for (RFC 9470 §3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StepUp {
    /// The levels of `acr`, any of which is enough, if the level is too low.
    pub(crate) acr_values: Option<Vec<&'static str>>,
    /// The longest age in seconds, if the authentication is too old.
    pub(crate) max_age: Option<u64>,
    /// The methods are not those required, which no parameter can say.
    pub(crate) other_methods: bool,
}

impl StepUp {
    /// Returns true if the age alone is at fault.
    pub(crate) fn is_of_age(&self) -> bool {
        self.max_age.is_some() && self.acr_values.is_none() && !self.other_methods
    }
}

/// The most ways that are looked at: a formula can have thousands.
const MAX_WAYS: usize = 64;

/// The evaluation of a requirement for a valid token: the ways to meet it, in the order of the
/// declaration. None: no authentication of the user helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outlook(Vec<Way>);

/// One way to meet a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Way {
    /// `acr` has to be, or to stay, one of these levels.
    levels: Option<Vec<&'static str>>,
    /// It is none of them.
    other_level: bool,
    other_methods: bool,
    max_age: Option<u64>,
    /// No part of the answer is unknown.
    is_certain: bool,
}

impl Way {
    /// The token passes as it is.
    const PASSES: Way = Way {
        levels: None,
        other_level: false,
        other_methods: false,
        max_age: None,
        is_certain: true,
    };

    fn asks_nothing(&self) -> bool {
        !self.other_level && !self.other_methods && self.max_age.is_none()
    }

    /// Returns the way that meets both; `None` if no level is in both lists: `acr` is one value.
    fn and(&self, other: &Way) -> Option<Way> {
        let levels = match (&self.levels, &other.levels) {
            (Some(one), Some(other)) => {
                let mut common = one.clone();
                common.retain(|level| other.contains(level));
                if common.is_empty() {
                    return None;
                }
                Some(common)
            }
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        Some(Way {
            levels,
            other_level: self.other_level || other.other_level,
            other_methods: self.other_methods || other.other_methods,
            max_age: self.max_age.into_iter().chain(other.max_age).min(),
            is_certain: self.is_certain && other.is_certain,
        })
    }
}

impl From<bool> for Outlook {
    fn from(holds: bool) -> Outlook {
        Outlook(holds.then_some(Way::PASSES).into_iter().collect())
    }
}

impl Outlook {
    /// The value of a requirement does not tell.
    pub(super) fn unknown() -> Outlook {
        Outlook(vec![Way {
            is_certain: false,
            ..Way::PASSES
        }])
    }

    pub(super) fn of_acr(names: &[&'static str], holds: bool) -> Outlook {
        Outlook(vec![Way {
            levels: Some(names.to_vec()),
            other_level: !holds,
            ..Way::PASSES
        }])
    }

    pub(super) fn of_amr(holds: bool) -> Outlook {
        Outlook(vec![Way {
            other_methods: !holds,
            ..Way::PASSES
        }])
    }

    pub(super) fn of_age(seconds: u64, holds: bool) -> Outlook {
        Outlook(vec![Way {
            max_age: (!holds).then_some(seconds),
            ..Way::PASSES
        }])
    }

    /// Combines parts that must all hold.
    pub(super) fn all(parts: impl Iterator<Item = Outlook>) -> Outlook {
        let mut all = vec![Way::PASSES];
        for Outlook(part) in parts {
            let both = |way: &Way| part.iter().filter_map(|other| way.and(other)).collect();
            all = unique(all.iter().flat_map::<Vec<Way>, _>(both));
        }
        Outlook(all)
    }

    /// Combines alternatives.
    pub(super) fn any(parts: impl Iterator<Item = Outlook>) -> Outlook {
        Outlook(unique(parts.flat_map(|Outlook(ways)| ways)))
    }

    /// Returns the same, unknown where the token does not pass as it is.
    pub(super) fn or_unknown(self) -> Outlook {
        match self.decision() {
            Some(Decision::Allow) => self,
            _ => Outlook::unknown(),
        }
    }

    /// Returns the decision; `None` if it is not known.
    pub(crate) fn decision(&self) -> Option<Decision> {
        let Outlook(ways) = self;
        let is_certain = ways.iter().all(|way| way.is_certain);
        match ways.iter().any(|way| way.is_certain && way.asks_nothing()) {
            true => Some(Decision::Allow),
            false if ways.is_empty() => Some(Decision::Deny),
            false => is_certain.then_some(Decision::StepUp),
        }
    }

    /// Returns true if the token is denied whatever its user does.
    pub(crate) fn is_denied(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the authentication that opens the first way that asks for one.
    pub(crate) fn step_up(self) -> Option<StepUp> {
        let way = self.0.into_iter().find(|way| !way.asks_nothing())?;
        Some(StepUp {
            acr_values: way.levels.filter(|_| way.other_level),
            max_age: way.max_age,
            other_methods: way.other_methods,
        })
    }
}

/// Collects ways, each once. The rest is not known if there are too many.
fn unique(ways: impl Iterator<Item = Way>) -> Vec<Way> {
    let mut unique = Vec::new();
    for way in ways {
        if unique.len() == MAX_WAYS {
            unique.extend(Outlook::unknown().0);
            break;
        }
        if !unique.contains(&way) {
            unique.push(way);
        }
    }
    unique
}

impl Requirement {
    /// Returns true if some part of it is about the user's authentication.
    #[cfg(feature = "openapi")]
    pub(crate) fn asks_to_step_up(&self) -> bool {
        let mut found = false;
        self.visit(&mut |part| {
            found |= matches!(
                part,
                Requirement::Acr(_) | Requirement::Amr(_) | Requirement::MaxAuthAge(_)
            );
        });
        found
    }

    /// Returns the requirement of a route, with `asked` of a guard that the route may not know.
    pub(crate) fn with(&self, asked: Requirement) -> Requirement {
        match self.has_part(&asked) {
            true => self.clone(),
            false => Requirement::All(vec![self.clone(), asked]),
        }
    }

    /// Returns the first part that denies `token` whatever its user does, if it is known; else the
    /// whole.
    pub(crate) fn denied_part(&self, token: &ValidToken) -> &Requirement {
        let denied = match self {
            Requirement::All(parts) => parts.iter().find(|part| part.outlook(token).is_denied()),
            _ => None,
        };
        denied.map_or(self, |part| part.denied_part(token))
    }
}
