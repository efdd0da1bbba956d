//! The problems of a configuration.

use std::fmt;

use crate::base::redact::one_line;

/// Error of settings that do not hold: every problem, each with its key, its source and a message.
///
/// `Display` lists them, one a line.
///
/// ```
/// use axioms_rocket::Config;
/// use rocket::figment::Figment;
/// use rocket::figment::providers::{Format, Toml};
///
/// let toml = "[default.axioms]\nleway = 45\nrequire_typ = 1";
/// let error = Config::from_figment(&Figment::from(Toml::string(toml).nested())).unwrap_err();
/// let keys: Vec<_> = error.problems().iter().map(|problem| problem.key()).collect();
/// assert_eq!(keys, ["leway", "require_typ"]);
/// assert!(error.to_string().starts_with("the axioms configuration cannot work:\n  - leway ("));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(Vec<ConfigProblem>);

impl ConfigError {
    pub(crate) fn new(problems: Vec<ConfigProblem>) -> Self {
        Self(problems)
    }

    /// Returns every problem: first those of reading the sources, then those of the values.
    ///
    /// ```
    /// # use axioms_rocket::Config;
    /// # use rocket::figment::{Figment, util::map};
    /// let wrong = Figment::from(("axioms", map!["leeway" => -1]));
    /// let error = Config::from_figment(&wrong).unwrap_err();
    /// assert_eq!(error.problems().len(), 1);
    /// ```
    pub fn problems(&self) -> &[ConfigProblem] {
        &self.0
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the axioms configuration cannot work:")?;
        self.0
            .iter()
            .try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl std::error::Error for ConfigError {}

/// A problem of the configuration.
///
/// `Display` is one line:
/// `leeway (environment variable AXIOMS_LEEWAY): is 400 seconds; at most 300`. Values are repeated
/// only where they cannot be a secret.
///
/// ```
/// # use axioms_rocket::Config;
/// # use rocket::figment::{Figment, providers::{Format, Toml}};
/// let wrong = Figment::from(Toml::string("default.axioms.leeway = 'soon'").nested());
/// let error = Config::from_figment(&wrong).unwrap_err();
/// let problem = &error.problems()[0];
/// assert_eq!(problem.key(), "leeway");
/// assert_eq!(problem.source(), "TOML source string");
/// assert_eq!(problem.message(), "must be a whole number of seconds, found text");
/// ```
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

    /// Returns the setting, such as `leeway` or `issuers[0].iss_url` (entries count from 0); or the
    /// file, if it cannot be read.
    ///
    /// ```
    /// # use axioms_rocket::Config;
    /// # use rocket::figment::{Figment, providers::{Format, Toml}};
    /// # let wrong = Figment::from(Toml::string("default.axioms.leway = 45").nested());
    /// # let error = Config::from_figment(&wrong).unwrap_err();
    /// let problem = &error.problems()[0];
    /// assert_eq!(problem.key(), "leway");
    /// ```
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the source of its value, such as `environment variable AXIOMS_LEEWAY` or
    /// `Rocket.toml [default.axioms]`.
    ///
    /// ```
    /// # use axioms_rocket::Config;
    /// # use rocket::figment::{Figment, providers::{Format, Toml}};
    /// # let wrong = Figment::from(Toml::string("default.axioms.leway = 45").nested());
    /// # let error = Config::from_figment(&wrong).unwrap_err();
    /// let problem = &error.problems()[0];
    /// assert_eq!(problem.source(), "TOML source string");
    /// ```
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns what is wrong, and what to do about it.
    ///
    /// ```
    /// # use axioms_rocket::Config;
    /// # use rocket::figment::{Figment, providers::{Format, Toml}};
    /// # let wrong = Figment::from(Toml::string("default.axioms.leway = 45").nested());
    /// # let error = Config::from_figment(&wrong).unwrap_err();
    /// let problem = &error.problems()[0];
    /// assert_eq!(problem.message(), "is not a setting; the nearest one is `leeway`");
    /// ```
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}): {}",
            one_line(&self.key),
            one_line(&self.source),
            self.message
        )
    }
}

#[cfg(test)]
mod tests {
    use super::ConfigProblem;

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
}
