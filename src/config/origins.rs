//! The source of each value of a configuration.

use std::collections::{BTreeMap, BTreeSet};

use super::keys::{ISSUER_KEYS, KEYS, Kind, find};

/// The sources of variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    Dotenv,
    Environment,
}

impl Layer {
    /// A prefix of a provider's name that no other provider has.
    const DOTENV: &str = "\u{1}";
    const ENVIRONMENT: &str = "\u{2}";

    /// Tags `source` with this layer, for [`Layer::of`].
    pub(super) fn tag(self, source: String) -> String {
        match self {
            Layer::Dotenv => format!("{}{source}", Self::DOTENV),
            Layer::Environment => format!("{}{source}", Self::ENVIRONMENT),
        }
    }

    /// Splits a provider's name that [`Layer::tag`] made.
    pub(super) fn of(name: &str) -> Option<(Layer, &str)> {
        let dotenv = name.strip_prefix(Self::DOTENV);
        let environment = || name.strip_prefix(Self::ENVIRONMENT);
        dotenv
            .map(|source| (Layer::Dotenv, source))
            .or_else(|| Some((Layer::Environment, environment()?)))
    }
}

/// The source of a value, and its rank: a higher one replaces the values of those below.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) source: String,
    pub(super) rank: u8,
}

/// The source of each value, and the keys that could not be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    everything: Option<&'static str>,
    given: BTreeMap<String, Origin>,
    unread: BTreeSet<String>,
}

impl Origins {
    /// The origins of a configuration from code.
    pub(crate) fn code() -> Self {
        Self {
            everything: Some("code (AxiomsFairing::from_config)"),
            ..Self::default()
        }
    }

    pub(super) fn give(&mut self, key: &str, origin: Origin) {
        self.given.insert(key.to_owned(), origin);
    }

    /// Records that the value of `key` is a problem already: its absence is not another one.
    pub(super) fn mark_unread(&mut self, key: &str) {
        self.unread.insert(key.to_owned());
    }

    /// Returns `true` if `key`, or a table or list around it, could not be read: for
    /// `issuers[0].audience`, `issuers[0]` and `issuers` are looked up too.
    pub(super) fn is_unread(&self, key: &str) -> bool {
        let entry = key.split_once('.').map(|(entry, _)| entry);
        [Some(key), entry, list_of(key)]
            .into_iter()
            .flatten()
            .any(|key| self.unread.contains(key))
    }

    /// Returns the source of the value of `key`.
    pub(super) fn of(&self, key: &str) -> &str {
        if let Some(everything) = self.everything {
            return everything;
        }
        let given = self.given.get(key);
        match given.or_else(|| self.given.get(list_of(key)?)) {
            Some(origin) => &origin.source,
            None if key == "audience" => "not set",
            None if is_required(key) => "not set",
            None => "default",
        }
    }

    /// Returns `true` if `key` was set in a source.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.rank(key).is_some()
    }

    /// Returns the rank of the source that `key` was set in; `None` for a default and for code.
    pub(super) fn rank(&self, key: &str) -> Option<u8> {
        Some(self.given.get(key)?.rank)
    }
}

/// Returns true for a key without a default, in a table too.
fn is_required(key: &str) -> bool {
    let (keys, path) = match key
        .strip_prefix("issuers[")
        .and_then(|rest| rest.split_once("]."))
    {
        Some((_, path)) => (ISSUER_KEYS, path),
        None => (KEYS, key),
    };
    let has_no_default = |keys, name| find(keys, name).is_some_and(|key| !key.has_default);
    match path.split_once('.') {
        None => has_no_default(keys, path),
        Some((table, name)) => match find(keys, table).map(|table| table.kind) {
            Some(Kind::Table(table)) => has_no_default(table.keys, name),
            _ => false,
        },
    }
}

/// `issuers` for `issuers[0].audience`.
fn list_of(key: &str) -> Option<&str> {
    key.split_once('[').map(|(list, _)| list)
}
