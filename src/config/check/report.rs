//! The problems that the checks find.

use crate::config::origins::Origins;
use crate::config::problem::ConfigProblem;

pub(super) struct Report<'a> {
    origins: &'a Origins,
    problems: Vec<ConfigProblem>,
    holds: bool,
}

impl<'a> Report<'a> {
    pub(super) fn new(origins: &'a Origins) -> Self {
        Self {
            origins,
            problems: Vec::new(),
            holds: true,
        }
    }

    /// Adds a problem of `key`, unless it could not be read: that was reported already.
    pub(super) fn problem(&mut self, key: &str, message: impl Into<String>) {
        self.holds = false;
        if !self.origins.is_unread(key) {
            self.problems
                .push(ConfigProblem::new(key, self.origins.of(key), message));
        }
    }

    /// Adds a problem that `key` or one of `others` can solve, unless one of those could not be
    /// read.
    pub(super) fn problem_of_many(
        &mut self,
        key: &str,
        others: &[&str],
        message: impl Into<String>,
    ) {
        match others.iter().any(|other| self.origins.is_unread(other)) {
            true => self.holds = false,
            false => self.problem(key, message),
        }
    }

    /// Returns the source of `key`, for a message about another key.
    pub(super) fn origin(&self, key: &str) -> &'a str {
        self.origins.of(key)
    }

    /// Returns `true` if `key` was set in a source above that of `other`.
    pub(super) fn is_above(&self, key: &str, other: &str) -> bool {
        let ranks = self.origins.rank(key).zip(self.origins.rank(other));
        ranks.is_some_and(|(rank, other)| rank > other)
    }

    /// Returns `true` if `key` was set in a source.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.origins.rank(key).is_some()
    }

    /// Returns a report whose problems are not kept.
    pub(super) fn unkept(&self) -> Report<'a> {
        Report::new(self.origins)
    }

    /// Checks `text` as every text is checked; `false`, and a problem, if it does not hold.
    pub(super) fn text(&mut self, key: &str, text: &str) -> bool {
        let fault = fault(text);
        if let Some(fault) = fault {
            self.problem(key, fault);
        }
        fault.is_none()
    }

    pub(super) fn texts(&mut self, key: &str, texts: &[String]) {
        for (at, fault) in texts
            .iter()
            .enumerate()
            .filter_map(|(at, text)| Some((at, fault(text)?)))
        {
            self.problem(key, format!("entry {} {fault}", at + 1));
        }
    }

    pub(super) fn finish<T>(self, outcome: T) -> Result<T, Vec<ConfigProblem>> {
        if self.holds {
            Ok(outcome)
        } else {
            Err(self.problems)
        }
    }
}

/// Returns the fault of a text that no setting may have.
fn fault(text: &str) -> Option<&'static str> {
    match text {
        "" => Some("must not be empty"),
        _ if text.trim() != text => Some("must not begin or end with a blank"),
        _ if text.contains(char::is_control) => Some("must not hold control characters"),
        _ => None,
    }
}
