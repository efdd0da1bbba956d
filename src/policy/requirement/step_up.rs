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
    other_methods: bool,
}

impl StepUp {
    /// Returns true if the age alone is at fault.
    pub(crate) fn is_of_age(&self) -> bool {
        self.max_age.is_some() && self.acr_values.is_none() && !self.other_methods
    }
}

/// The evaluation of a requirement for a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It passes, as long as `acr` is one of these levels, if there are any.
    Passes(Option<Vec<&'static str>>),
    /// It lacks nothing but another authentication of the user.
    StepUp {
        asked: StepUp,
        /// No part of the answer is unknown.
        is_certain: bool,
    },
    /// It lacks rights that no authentication brings.
    Denied,
    /// The value of the requirement does not tell.
    Unknown,
}

impl From<bool> for Outlook {
    fn from(holds: bool) -> Outlook {
        match holds {
            true => Outlook::Passes(None),
            false => Outlook::Denied,
        }
    }
}

impl Outlook {
    fn certain(asked: StepUp) -> Outlook {
        Outlook::StepUp {
            asked,
            is_certain: true,
        }
    }

    pub(super) fn of_acr(names: &[&'static str], holds: bool) -> Outlook {
        let names = Some(names.to_vec());
        match holds {
            true => Outlook::Passes(names),
            false => Outlook::certain(StepUp {
                acr_values: names,
                ..StepUp::default()
            }),
        }
    }

    pub(super) fn of_amr(holds: bool) -> Outlook {
        match holds {
            true => Outlook::Passes(None),
            false => Outlook::certain(StepUp {
                other_methods: true,
                ..StepUp::default()
            }),
        }
    }

    pub(super) fn of_age(seconds: u64, holds: bool) -> Outlook {
        match holds {
            true => Outlook::Passes(None),
            false => Outlook::certain(StepUp {
                max_age: Some(seconds),
                ..StepUp::default()
            }),
        }
    }

    /// Returns the decision; `None` if it is not known.
    pub(super) fn decision(&self) -> Option<Decision> {
        match self {
            Outlook::Passes(_) => Some(Decision::Allow),
            Outlook::StepUp { is_certain, .. } => is_certain.then_some(Decision::StepUp),
            Outlook::Denied => Some(Decision::Deny),
            Outlook::Unknown => None,
        }
    }

    /// Combines parts that must all hold. `acr` is one value, so levels must be in all lists of
    /// levels, also in those that hold now.
    pub(super) fn all(parts: impl Iterator<Item = Outlook>) -> Outlook {
        let (mut asked, mut levels, mut is_certain) = (None::<StepUp>, None, true);
        for part in parts {
            let more = match part {
                Outlook::Denied => return Outlook::Denied,
                Outlook::Unknown => {
                    is_certain = false;
                    continue;
                }
                Outlook::Passes(more) => more,
                Outlook::StepUp {
                    asked: more,
                    is_certain: is_more_certain,
                } => {
                    is_certain &= is_more_certain;
                    let asked = asked.get_or_insert_default();
                    asked.max_age = asked.max_age.into_iter().chain(more.max_age).min();
                    asked.other_methods |= more.other_methods;
                    // The levels themselves are those that all lists have in common.
                    asked.acr_values = asked.acr_values.take().or(more.acr_values.clone());
                    more.acr_values
                }
            };
            levels = in_common(levels, more);
        }
        match asked {
            // Whatever the user does, some list refuses it.
            Some(_) if levels.as_ref().is_some_and(Vec::is_empty) => Outlook::Denied,
            Some(mut asked) => {
                asked.acr_values = asked.acr_values.and(levels);
                Outlook::StepUp { asked, is_certain }
            }
            None if is_certain => Outlook::Passes(levels),
            None => Outlook::Unknown,
        }
    }

    /// Combines alternatives: the first that a new authentication satisfies is asked for.
    pub(super) fn any(parts: impl Iterator<Item = Outlook>) -> Outlook {
        let (mut passes, mut step_up, mut is_certain) = (None, None::<StepUp>, true);
        for part in parts {
            match part {
                Outlook::Passes(None) => return Outlook::Passes(None),
                Outlook::Passes(levels) => passes = passes.or(Some(levels)),
                Outlook::StepUp {
                    asked,
                    is_certain: is_more_certain,
                } => {
                    is_certain &= is_more_certain;
                    step_up = step_up.or(Some(asked));
                }
                Outlook::Denied => {}
                Outlook::Unknown => is_certain = false,
            }
        }
        match (passes, step_up) {
            (Some(levels), _) => Outlook::Passes(levels),
            (None, Some(asked)) => Outlook::StepUp { asked, is_certain },
            (None, None) if is_certain => Outlook::Denied,
            (None, None) => Outlook::Unknown,
        }
    }
}

/// Returns the names of both lists in the order of the first; `None` is no list.
fn in_common(
    one: Option<Vec<&'static str>>,
    other: Option<Vec<&'static str>>,
) -> Option<Vec<&'static str>> {
    match (one, other) {
        (Some(mut one), Some(other)) => {
            one.retain(|name| other.contains(name));
            Some(one)
        }
        (one, other) => one.or(other),
    }
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
            Requirement::All(parts) => parts
                .iter()
                .find(|part| part.outlook(token) == Outlook::Denied),
            _ => None,
        };
        denied.map_or(self, |part| part.denied_part(token))
    }
}
