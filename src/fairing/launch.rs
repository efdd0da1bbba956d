//! What happens at launch: configuration to verifier, keys warmed, one line that says what is protected.

use std::sync::Arc;

use rocket::config::LogLevel;
use rocket::figment::Figment;
use rocket::http::Method;
use rocket::{Phase, Rocket, Route};
use tokio::task::JoinSet;

use super::AxiomsFairing;
use crate::config::{Config, KeysGiven, Prefetch, Settings};
use crate::error::LaunchError;
use crate::http::Http;
use crate::jwks::{KeySet, Keyring, name_of, warn_of};
use crate::request::{Protection, Rule};
use crate::respond::begin_challenge;
use crate::routes::{Everywhere, named_issuers};
use crate::verify::{Issuer, Verifier};

impl Config {
    /// The configuration of an application: defaults < the `axioms` table of `figment` (Rocket.toml and its profiles) <
    /// `.env` < environment `AXIOMS_*`. What [`AxiomsFairing::default`](crate::AxiomsFairing) does with Rocket's own figment.
    ///
    /// # Errors
    ///
    /// [`LaunchError::Config`] with every value that does not fit its key, and every unknown key. What the values mean
    /// together is checked at launch.
    pub fn from_figment(figment: &Figment) -> Result<Config, LaunchError> {
        let loaded = crate::config::load(figment);
        if loaded.problems.is_empty() { Ok(loaded.config) } else { Err(LaunchError::Config(loaded.problems)) }
    }
}

impl AxiomsFairing {
    /// The guards' state, and the routes that stand before all others.
    pub(super) async fn protection(&self, figment: &Figment) -> Result<(Protection, Vec<Route>), LaunchError> {
        let keys = if self.keys.is_some() { KeysGiven::Yes } else { KeysGiven::No };
        let settings = match &self.config {
            Some(config) => crate::config::from_code(config, keys),
            None => crate::config::from_figment(figment, keys),
        };
        let settings = settings.map_err(LaunchError::Config)?;
        let rule = self.rule(&settings)?;
        warn_of_settings(&settings);
        let issuers = self.issuers(&settings)?;
        warm(&issuers, settings.keys.prefetch).await?;
        let gate = rule.as_ref().map(Everywhere::routes).unwrap_or_default();
        let everywhere =
            rule.map(|rule| Rule { requirement: rule.requirement(), exceptions: rule.exceptions().collect() });
        let protection = Protection {
            everywhere,
            verifier: Verifier::new(&settings, issuers, self.clock.clone()),
            challenge: begin_challenge(&settings.realm),
            safe_methods: settings.safe_methods.iter().filter_map(|method| method.parse::<Method>().ok()).collect(),
        };
        Ok((protection, gate))
    }

    /// The rule for everything, with its exceptions.
    fn rule(&self, settings: &Settings) -> Result<Option<Everywhere>, LaunchError> {
        let mut rule = match (self.everywhere.as_slice(), self.exceptions.first()) {
            ([rule], _) => rule.clone(),
            ([], None) => return Ok(None),
            ([], Some(path)) => {
                let reason = format!("except({path:?}): there is no require_everywhere to except from");
                return Err(LaunchError::Rule(reason));
            }
            (_, _) => return Err(LaunchError::Rule("require_everywhere is said twice".into())),
        };
        for path in &self.exceptions {
            rule.except(path).map_err(|reason| LaunchError::Rule(format!("except({path:?}): {reason}")))?;
        }
        let known = |name: &str| settings.issuers.iter().any(|issuer| issuer.name.as_deref() == Some(name));
        match rule.requirement().issuers().into_iter().find(|name| !known(name)) {
            Some(name) => {
                Err(LaunchError::Rule(format!("require_everywhere names issuer {name:?}, which is not configured")))
            }
            None => Ok(Some(rule)),
        }
    }

    fn issuers(&self, settings: &Settings) -> Result<Vec<Issuer>, LaunchError> {
        let http = Http::new(&settings.http).map_err(|error| LaunchError::Http(error.to_string()))?;
        let keyring = |place: usize, issuer: &crate::config::IssuerSettings| match (&self.keys, place) {
            (Some(jwks), 0) => match KeySet::parse(jwks.0.as_bytes(), issuer.algorithms) {
                Ok((keys, skipped)) => {
                    warn_of(&name_of(issuer), &skipped);
                    Ok(Keyring::given(keys))
                }
                Err(error) => Err(LaunchError::Keys(error.to_string())),
            },
            _ => Ok(Keyring::new(issuer, settings.keys, http.clone(), self.clock.clone())),
        };
        settings
            .issuers
            .iter()
            .enumerate()
            .map(|(place, issuer)| keyring(place, issuer).map(|keyring| Issuer::new(issuer, keyring)))
            .collect()
    }
}

/// What an operator may set, and should read of at each launch.
fn warn_of_settings(settings: &Settings) {
    // Also what RFC 9110 §9.2.1 calls safe, for reading is what most data is kept from. Preflights carry no token.
    let open: Vec<&str> =
        settings.safe_methods.iter().map(String::as_str).filter(|method| *method != "OPTIONS").collect();
    if !open.is_empty() {
        tracing::warn!("axioms: safe_methods has {}: guards that only authorise let anybody pass", open.join(", "));
    }
    if settings.http.allow_http {
        tracing::warn!("axioms: allow_http is on: whoever stands between here and an issuer can hand out keys");
    }
}

/// Every issuer that a protected group names is configured.
pub(super) fn check_groups<P: Phase>(rocket: &Rocket<P>, protection: &Protection) -> Result<(), LaunchError> {
    let known = |name: &str| protection.verifier.issuers().iter().any(|issuer| issuer.name.as_deref() == Some(name));
    match named_issuers(rocket).into_iter().find(|name| !known(name)) {
        Some(name) => Err(LaunchError::Rule(format!("protect names issuer {name:?}, which is not configured"))),
        None => Ok(()),
    }
}

/// Fetches every issuer's keys, side by side.
async fn warm(issuers: &[Issuer], prefetch: Prefetch) -> Result<(), LaunchError> {
    if prefetch == Prefetch::Never {
        return Ok(());
    }
    let mut fetches = JoinSet::new();
    for issuer in issuers {
        let keyring = Arc::clone(&issuer.keyring);
        let name = issuer.display_name().to_owned();
        fetches.spawn(async move { (name, keyring.warm().await) });
    }
    let mut failed = None;
    while let Some(joined) = fetches.join_next().await {
        if let Ok((issuer, Err(error))) = joined {
            if prefetch == Prefetch::Require {
                // The launch ends with one of them; the others are told here.
                if let Some(earlier) = failed.replace(LaunchError::Unreachable { issuer, reason: error.to_string() }) {
                    tracing::error!("{earlier}");
                }
            } else {
                tracing::warn!(
                    "the keys of {issuer} could not be fetched ({error}): its tokens are answered 503 until they arrive"
                );
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

/// One line that says what is protected, and a warning if that is less than it should be.
pub(super) fn announce(protection: &Protection, log_level: LogLevel) {
    let issuers: Vec<String> = protection
        .verifier
        .issuers()
        .iter()
        .map(|issuer| {
            let unchecked = if issuer.iss.is_none() { ", iss NOT checked" } else { "" };
            let audiences = issuer.audience.join(", ");
            // Its name, and what tokens must say all the same.
            let iss = issuer.iss.as_deref().filter(|_| issuer.name.is_some()).map(|iss| format!(" {iss}"));
            let keys = match issuer.keyring.key_count() {
                1 => "1 key".to_owned(),
                count => format!("{count} keys"),
            };
            format!("{}{} (audience {audiences}; {keys}{unchecked})", issuer.display_name(), iss.unwrap_or_default())
        })
        .collect();
    tracing::info!("axioms: protected by access tokens of {}", issuers.join(" and "));
    if protection.verifier.issuers().iter().any(|issuer| issuer.iss.is_none()) {
        // A warning, because Rocket's release profile shows nothing less.
        tracing::warn!("axioms: the `iss` of tokens is not checked; set iss_url to check it");
    }
    if log_level == LogLevel::Debug {
        tracing::warn!("axioms: with log_level = \"debug\" Rocket prints whole requests, tokens included");
    }
}
