//! Reads a `Config` from the four sources, each above the one before it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use figment::value::{Dict, Value};
use figment::{Figment, Source};

use super::check::{IssuersElsewhere, KeysGiven, check};
use super::dotenv::{self, Dotenv};
use super::fields::Config;
use super::keys::KEYS;
use super::origins::{Layer, Origins};
use super::overruled;
use super::problem::{ConfigError, ConfigProblem};
use super::settings::{HttpSettings, Settings};
use super::sift::Sifter;
use super::sources::{astray, problems_of, table};
use super::variables::Variables;
use crate::base::log;
use crate::base::redact::one_line;

impl Config {
    /// Reads the configuration of an application: the defaults, then the `axioms` table of
    /// `figment` (`Rocket.toml` and its profiles), the nearest `.env`, the environment `AXIOMS_*`,
    /// each above the one before. [`AxiomsFairing::default`](crate::AxiomsFairing) does the same
    /// with Rocket's figment.
    ///
    /// # Errors
    ///
    /// Every value that does not fit its key, and every unknown key. The rules that values must
    /// hold together are checked at launch, which also logs what was ignored.
    ///
    /// ```
    /// use axioms_rocket::Config;
    /// use rocket::figment::Figment;
    /// use rocket::figment::providers::{Format, Toml};
    ///
    /// let figment = Figment::from(Toml::string("[default.axioms]\naudience = \"api\"").nested());
    /// let config = Config::from_figment(&figment)?;
    /// assert_eq!(config.audience, ["api"]);
    /// # Ok::<_, axioms_rocket::ConfigError>(())
    /// ```
    pub fn from_figment(figment: &Figment) -> Result<Config, ConfigError> {
        let loaded = load(figment);
        if !loaded.problems.is_empty() {
            return Err(ConfigError::new(loaded.problems));
        }
        let config = loaded.config.clone();
        *unlogged() = Some(loaded);
        Ok(config)
    }
}

/// Returns the last configuration of `Config::from_figment` whose remarks no fairing has logged. It
/// is often read before Rocket's logger works, and by the fairing once more.
fn unlogged() -> MutexGuard<'static, Option<Loaded>> {
    static UNLOGGED: Mutex<Option<Loaded>> = Mutex::new(None);
    UNLOGGED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The configuration that was read. With problems, `config` holds the readable rest, so that it can
/// be checked too.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) origins: Origins,
    pub(crate) problems: Vec<ConfigProblem>,
    /// The files that settings came from.
    pub(crate) files: Vec<PathBuf>,
    /// Further issuers are known only at run time.
    pub(crate) elsewhere: IssuersElsewhere,
    /// Variables of Kubernetes and Docker.
    pub(super) foreign: Vec<String>,
    /// Warnings about the `.env` file.
    pub(super) warnings: Vec<String>,
}

impl Loaded {
    /// Exactly this configuration; no other source is read.
    pub(crate) fn of_code(config: &Config) -> Self {
        Self {
            config: config.clone(),
            origins: Origins::code(),
            ..Self::default()
        }
    }

    /// # Errors
    ///
    /// Every problem: of reading, and of the rules.
    pub(crate) fn check(&self, keys: KeysGiven) -> Result<Settings, Vec<ConfigProblem>> {
        match check(&self.config, &self.origins, keys, self.elsewhere) {
            Ok(settings) if self.problems.is_empty() => Ok(settings),
            checked => Err([self.problems.clone(), checked.err().unwrap_or_default()].concat()),
        }
    }

    /// The settings of the HTTP client, which is built despite problems, to report those of its CA
    /// bundle too.
    pub(crate) fn http(&self) -> HttpSettings {
        HttpSettings::of(&self.config)
    }

    /// A problem of `key` that was found outside of this module.
    pub(crate) fn problem(&self, key: &str, message: impl Into<String>) -> ConfigProblem {
        ConfigProblem::new(key, self.origins.of(key), message)
    }

    /// Logs what was ignored or has no effect, here and in what `Config::from_figment` read.
    pub(crate) fn log_remarks(&self, keys: KeysGiven) {
        let earlier = unlogged().take().unwrap_or_default();
        let foreign = union(earlier.foreign.clone(), self.foreign.clone());
        if !foreign.is_empty() {
            log::launch(format_args!(
                "axioms: ignored variables that Kubernetes or Docker set for a service: {}",
                foreign.join(", ")
            ));
        }
        for warning in union(earlier.all_warnings(keys), self.all_warnings(keys)) {
            tracing::warn!("axioms: {warning}");
        }
    }

    fn all_warnings(&self, keys: KeysGiven) -> Vec<String> {
        let overruled = overruled::warnings(&self.config, &self.origins, keys);
        self.warnings.iter().cloned().chain(overruled).collect()
    }
}

/// Returns `texts`, and those of `more` that are not in it.
fn union(mut texts: Vec<String>, more: Vec<String>) -> Vec<String> {
    for text in more {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// The parts of a program's surroundings that a configuration depends on.
pub(crate) struct Surroundings {
    pub(crate) directory: Option<PathBuf>,
    pub(crate) variables: Vec<(OsString, OsString)>,
}

/// Reads the defaults, the `axioms` table of `figment`, the nearest `.env` and the process
/// environment, each above the one before it.
pub(crate) fn load(figment: &Figment) -> Loaded {
    load_in(
        figment,
        Surroundings {
            directory: std::env::current_dir().ok(),
            variables: std::env::vars_os().collect(),
        },
    )
}

pub(crate) fn load_in(figment: &Figment, surroundings: Surroundings) -> Loaded {
    let (mut origins, mut problems) = (Origins::default(), Vec::new());
    let (mut foreign, mut warnings) = (Vec::new(), Vec::new());

    let mut sources = table(figment, &mut problems);
    problems.extend(astray(figment));
    if let Some(path) = surroundings.directory.as_deref().and_then(dotenv::find) {
        let shown = Source::from(path.as_path()).to_string();
        let Dotenv {
            pairs,
            foreign: lines,
        } = Dotenv::read(&path, &shown, &mut problems);
        warnings.extend(passed_over(&path, &lines));
        let variables = Variables {
            layer: Layer::Dotenv,
            whence: &format!(".env file ({shown})"),
            file: Some(&path),
        };
        sources = variables.merge(sources, pairs, &mut origins, &mut problems, &mut foreign);
    }
    let variables = Variables {
        layer: Layer::Environment,
        whence: "environment variable",
        file: None,
    };
    let pairs = surroundings.variables;
    sources = variables.merge(sources, pairs, &mut origins, &mut problems, &mut foreign);

    let given = match sources.find_value("") {
        Ok(given) => given.into_dict().unwrap_or_default(),
        Err(error) => {
            problems.extend(problems_of(error));
            Dict::new()
        }
    };
    let mut sifter = Sifter {
        sources: &sources,
        origins,
        problems,
        files: Vec::new(),
    };
    let given = sifter.sift::<Config>(given, KEYS, "", &|alone| alone);
    let config = Value::from(given).deserialize().unwrap_or_else(|error| {
        sifter.problems.extend(problems_of(error));
        Config::default()
    });
    Loaded {
        config,
        origins: sifter.origins,
        problems: sifter.problems,
        files: sifter.files,
        elsewhere: IssuersElsewhere::No,
        foreign,
        warnings,
    }
}

/// Names the lines of a `.env` that other programs may understand.
fn passed_over(path: &Path, lines: &[usize]) -> Option<String> {
    const SHOWN: usize = 10;
    let mut numbers: Vec<String> = lines.iter().take(SHOWN).map(ToString::to_string).collect();
    if lines.len() > SHOWN {
        numbers.push("…".to_owned());
    }
    let path = one_line(&path.display().to_string());
    (!lines.is_empty()).then(|| {
        format!(
            "{path}: passed over what is not `NAME=value` and does not begin with AXIOMS_ (line \
             {})",
            numbers.join(", ")
        )
    })
}
