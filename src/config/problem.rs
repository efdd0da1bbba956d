//! What is wrong with a configuration, and where each of its values came from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::keys::WITHOUT_DEFAULT;

/// One thing that is wrong with the configuration; a launch reports all of them.
///
/// `Display` is one line: `leeway (environment variable AXIOMS_LEEWAY): is 400 seconds; at most 300`. Values are repeated
/// only where they cannot be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    key: String,
    source: String,
    message: String,
}

impl ConfigProblem {
    pub(super) fn new(
        key: impl Into<String>,
        source: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            key: key.into(),
            source: source.into(),
            message: message.into(),
        }
    }

    /// The setting, such as `leeway` or `issuers[0].iss_url` (entries count from 0); or the file, if it cannot be read.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where its value came from, such as `environment variable AXIOMS_LEEWAY` or `Rocket.toml [default.axioms]`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What is wrong, and what to do about it.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}): {}",
            shown(&self.key),
            shown(&self.source),
            self.message
        )
    }
}

/// Text of the operator's as it may stand in a message: on one line, and not endless.
pub(crate) fn shown(text: &str) -> String {
    const ENOUGH: usize = 200;
    let mut shown = String::new();
    for character in text.chars().take(ENOUGH) {
        match character.is_control() {
            true => shown.extend(character.escape_default()),
            false => shown.push(character),
        }
    }
    if text.chars().nth(ENOUGH).is_some() {
        shown.push('…');
    }
    shown
}

/// Where each value came from, and which keys could not be read at all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    everything: Option<&'static str>,
    given: BTreeMap<String, String>,
    unread: BTreeSet<String>,
}

impl Origins {
    /// A configuration that a program handed over.
    pub(crate) fn code() -> Self {
        Self {
            everything: Some("code (AxiomsFairing::from_config)"),
            ..Self::default()
        }
    }

    pub(super) fn give(&mut self, key: &str, source: String) {
        self.given.insert(key.to_owned(), source);
    }

    /// Its value is already a problem: whatever the checks make of its absence is not another one.
    pub(super) fn mark_unread(&mut self, key: &str) {
        self.unread.insert(key.to_owned());
    }

    /// Also for what lies within: of `issuers[0].audience`, `issuers[0]` and `issuers` too.
    pub(super) fn is_unread(&self, key: &str) -> bool {
        let entry = key.split_once('.').map(|(entry, _)| entry);
        [Some(key), entry, list_of(key)]
            .into_iter()
            .flatten()
            .any(|key| self.unread.contains(key))
    }

    /// Where the value of `key` came from.
    pub(super) fn of(&self, key: &str) -> &str {
        if let Some(everything) = self.everything {
            return everything;
        }
        match self
            .given
            .get(key)
            .or_else(|| self.given.get(list_of(key)?))
        {
            Some(source) => source,
            None if WITHOUT_DEFAULT.contains(&key) => "not set",
            None => "default",
        }
    }
}

/// `issuers` for `issuers[0].audience`.
fn list_of(key: &str) -> Option<&str> {
    key.split_once('[').map(|(list, _)| list)
}

#[cfg(test)]
mod tests {
    use super::{ConfigProblem, shown};

    #[test]
    fn a_problem_reads_as_key_source_and_message_on_one_line() {
        let problem = ConfigProblem::new(
            "audience",
            "Rocket.toml [default.axioms]",
            "must not be empty",
        );
        assert_eq!(
            problem.to_string(),
            "audience (Rocket.toml [default.axioms]): must not be empty"
        );
        let odd = ConfigProblem::new("a\nb", "it's \"here\"", "is odd");
        assert_eq!(odd.to_string(), "a\\nb (it's \"here\"): is odd");
    }

    #[test]
    fn endless_text_is_cut_short() {
        assert_eq!(shown(&"x".repeat(300)), format!("{}…", "x".repeat(200)));
    }
}
