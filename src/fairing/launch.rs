//! The launch: from the configuration to the verifier, its keys, and the line at liftoff.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use rocket::config::LogLevel;
use rocket::http::Method;
use rocket::{Build, Rocket, Route};
use tokio::task::JoinSet;

use super::{AxiomsFairing, Source};
use crate::base::log;
use crate::base::redact::one_line;
use crate::config::{
    Config, ConfigError, IssuerSettings, IssuersElsewhere, JwksPrefetch, KeysGiven, Loaded,
    ResourceSettings, Settings,
};
use crate::endpoints::ResourceMetadata;
use crate::groups::{Everywhere, Exceptions, named_issuers};
use crate::http::Http;
use crate::issuer::keys::{KeySet, Keyring, name_of};
use crate::jose::{Algorithms, KeyUse, Skipped, warn_of};
use crate::request::{Axioms, Refusals};
use crate::respond::{realm_parameter, resource_parameter};
use crate::verify::{Issuer, Surroundings, Verifier};

impl AxiomsFairing {
    /// Returns the guards' state, the routes that rank before those of the application, and the
    /// metadata of this API.
    ///
    /// # Errors
    ///
    /// All errors that are found without the network; if there are none, those of the network.
    pub(super) async fn protection(
        &self,
        rocket: &Rocket<Build>,
    ) -> Result<(Axioms, Vec<Route>, Option<ResourceMetadata>), Vec<String>> {
        let mut errors = Vec::new();
        let mut loaded = match &self.config {
            Some(config) => Loaded::of_code(config),
            None => crate::config::load(rocket.figment()),
        };
        let keys = match self.keys {
            Some(_) => KeysGiven::Yes,
            None => KeysGiven::No,
        };
        if !self.sources.is_empty() {
            loaded.elsewhere = IssuersElsewhere::Yes;
        }
        loaded.log_remarks(keys);
        let settings = settings_of(&loaded, keys, &mut errors);
        let first = settings
            .as_ref()
            .and_then(|(settings, _)| settings.issuers.first());
        // A set that is of no use with every algorithm is of none with those that were meant.
        let given = self.given_keys(
            first.map_or((Algorithms::ALL, KeyUse::Both), |first| {
                (first.algorithms, first.key_use())
            }),
            &mut errors,
        );
        let exceptions = self.exceptions(&mut errors);
        let rule = self.rule(&exceptions, &mut errors);
        errors.extend(self.catchers.errors());
        if let Some((settings, _)) = &settings {
            let known: Vec<&str> = settings
                .issuers
                .iter()
                .filter_map(|issuer| issuer.name.as_deref())
                .collect();
            let of_rule = rule.iter().flat_map(|rule| rule.requirement().issuers());
            let of_rule = of_rule.map(|issuer| ("require_everywhere", issuer));
            if self.sources.is_empty() {
                errors.extend(unknown_to(&known, of_rule));
                errors.extend(unknown_to(&known, named_issuers(rocket)));
            }
        }
        if self.sources.len() > 1 {
            errors.push("AxiomsFairing: with_issuers is said twice".into());
        }
        let audit = self.decisions.start(&mut errors);
        let Some((settings, http)) = settings.filter(|_| errors.is_empty()) else {
            return Err(errors);
        };

        warn_of_settings(&settings);
        let issuers = self.issuers(&settings, &http, given)?;
        warm(&issuers, settings.keys.prefetch).await?;
        let verifier = Verifier::new(&settings, issuers, self.clock.clone());
        let verifier = self.with_source(verifier, &settings, &http, &loaded);
        #[cfg(feature = "introspection")]
        let verifier = super::introspection::begin(verifier, &settings, &http).await?;
        let protection = Axioms {
            everywhere: rule.as_ref().map(Everywhere::declaration),
            exceptions: exceptions.paths(),
            routes: OnceLock::new(),
            refusals: Arc::new(Refusals::new()),
            audit,
            verifier,
            realm: realm_parameter(&settings.realm),
            resource: settings
                .resource
                .as_ref()
                .map(|resource| resource_parameter(&resource.metadata_url)),
            token_headers: token_headers(&settings),
            files: loaded.files.into(),
            log_subject: settings.log_subject,
            safe_methods: settings
                .safe_methods
                .iter()
                .filter_map(|method| method.parse::<Method>().ok())
                .collect(),
        };
        let routes = rule.map_or_else(Vec::new, |rule| rule.routes(&protection));
        let metadata = settings.resource.map(ResourceMetadata::new);
        Ok((protection, routes, metadata))
    }

    /// Parses the keys of `with_keys`.
    fn given_keys(
        &self,
        (allowed, uses): (Algorithms, KeyUse),
        errors: &mut Vec<String>,
    ) -> Option<(KeySet, Vec<Skipped>)> {
        match KeySet::parse_for(self.keys.as_ref()?.0.as_bytes(), allowed, uses) {
            Ok(given) => Some(given),
            Err(error) => {
                errors.push(format!("AxiomsFairing::with_keys: {error}"));
                None
            }
        }
    }

    /// The paths that the rules are not about.
    fn exceptions(&self, errors: &mut Vec<String>) -> Exceptions {
        let mut exceptions = Exceptions::default();
        if let ([], false, Some(path)) = (
            self.everywhere.as_slice(),
            self.deny_unguarded,
            self.exceptions.first(),
        ) {
            errors.push(format!(
                "AxiomsFairing: except({path:?}): there is no require_everywhere and no \
                 deny_unguarded to except from"
            ));
            return exceptions;
        }
        for path in &self.exceptions {
            if let Err(reason) = exceptions.add(path) {
                errors.push(format!("AxiomsFairing: except({path:?}): {reason}"));
            }
        }
        exceptions
    }

    /// The rule for everything.
    fn rule(&self, exceptions: &Exceptions, errors: &mut Vec<String>) -> Option<Everywhere> {
        match self.everywhere.as_slice() {
            [] => None,
            [rule] => Some(rule.clone().with_exceptions(exceptions.clone())),
            _ => {
                errors.push("AxiomsFairing: require_everywhere is said twice".into());
                None
            }
        }
    }

    fn issuers(
        &self,
        settings: &Settings,
        http: &Http,
        given: Option<(KeySet, Vec<Skipped>)>,
    ) -> Result<Vec<Issuer>, Vec<String>> {
        let mut given = given;
        let issuer = |issuer: &IssuerSettings| {
            let keyring = match given.take() {
                // The first issuer's.
                Some((keys, skipped)) => {
                    warn_of(&name_of(issuer), &skipped);
                    Ok(Keyring::given(keys))
                }
                None => Keyring::new(issuer, settings.keys, http, self.clock.clone()),
            };
            let keyring = keyring.map_err(|error| vec![format!("no HTTP client: {error}")])?;
            Ok(Issuer::new(issuer, keyring))
        };
        settings.issuers.iter().map(issuer).collect()
    }
}

/// The headers besides `Authorization` that tokens come in, each once.
fn token_headers(settings: &Settings) -> Box<[Arc<str>]> {
    let issuers = settings.issuers.iter();
    let names: BTreeSet<&str> = issuers
        .filter_map(|issuer| issuer.token_header.as_deref())
        .collect();
    names.into_iter().map(Arc::from).collect()
}

impl AxiomsFairing {
    /// Adds the issuers of `with_issuers`.
    fn with_source(
        &self,
        verifier: Verifier,
        settings: &Settings,
        http: &Http,
        loaded: &Loaded,
    ) -> Verifier {
        let Some(Source(source)) = self.sources.first() else {
            return verifier;
        };
        let around = Surroundings {
            // No file is read when an answer is checked.
            config: Config {
                jwks_prefetch: JwksPrefetch::Never,
                ..loaded.config.clone()
            },
            origins: loaded.origins.clone(),
            ttl: settings.issuer_ttl,
            keys: settings.keys,
            http: http.clone(),
            clock: self.clock.clone(),
        };
        verifier.with_source(Arc::clone(source), around)
    }
}

/// The settings, and the client that they make.
fn settings_of(
    loaded: &Loaded,
    keys: KeysGiven,
    errors: &mut Vec<String>,
) -> Option<(Settings, Http)> {
    let (settings, client) = match (loaded.check(keys), Http::new(&loaded.http())) {
        (Ok(settings), Ok(http)) => return Some((settings, http)),
        (settings, client) => (settings, client.err()),
    };
    let mut problems = settings.err().unwrap_or_default();
    match client {
        Some(bundle) if bundle.is_of_ca_bundle() => {
            // The checks may have found it already.
            if problems
                .iter()
                .all(|problem| problem.key() != "http_ca_bundle")
            {
                problems.push(loaded.problem("http_ca_bundle", bundle.to_string()));
            }
        }
        other => errors.extend(other.map(|error| format!("no HTTP client: {error}"))),
    }
    if !problems.is_empty() {
        errors.push(ConfigError::new(problems).to_string());
    }
    None
}

/// Warns of settings that are allowed and risky.
fn warn_of_settings(settings: &Settings) {
    // Also of the methods that are safe by RFC 9110 §9.2.1: most data is protected from reading.
    // Preflights carry no token.
    let open: Vec<&str> = settings
        .safe_methods
        .iter()
        .map(String::as_str)
        .filter(|method| *method != "OPTIONS")
        .collect();
    if !open.is_empty() {
        tracing::warn!(
            "axioms: safe_methods has {}: guards that only authorise pass without a token",
            open.join(", ")
        );
    }
    for issuer in settings.issuers.iter().filter(|i| i.accept_id_tokens) {
        tracing::warn!(
            "axioms: accept_id_tokens is on for {}: its ID tokens with the right audience pass",
            name_of(issuer)
        );
    }
    let any_tenant = |i: &&IssuerSettings| i.template.as_ref().is_some_and(|t| t.tenants.is_none());
    for issuer in settings.issuers.iter().filter(any_tenant) {
        tracing::warn!(
            "axioms: tenants is [\"*\"] for {}: the tokens of every tenant there pass, also of \
             those that you do not know",
            name_of(issuer)
        );
    }
    for issuer in &settings.issuers {
        let Some((preset, claim)) = issuer.preset.and_then(|it| Some((it, it.open_until?))) else {
            continue;
        };
        let is_of_preset = |name: &str| preset.expected_claims.iter().any(|(own, _)| *own == name);
        if issuer
            .expected_claims
            .iter()
            .all(|(name, _)| is_of_preset(name))
        {
            tracing::warn!(
                "axioms: every customer of {} gets tokens for any audience from {}; name yours in \
                 expected_claims, such as {{ {claim} = \"…\" }}, or ask for a claim on each route",
                preset.name,
                name_of(issuer)
            );
        }
    }
    if let Some(resource) = &settings.resource {
        warn_of_resource(resource);
    }
    if settings.http.allow_http {
        tracing::warn!(
            "axioms: allow_http is on: on the way from an issuer, its keys can be replaced"
        );
    }
}

/// Warns of metadata with which clients get tokens that are refused, or none.
fn warn_of_resource(resource: &ResourceSettings) {
    let identifier = &resource.identifier;
    if !resource.is_audience {
        tracing::warn!(
            "axioms: resource.identifier {identifier:?} is no audience: a client that asks for a \
             token by it (RFC 8707) gets one that is refused; add it to audience"
        );
    }
    if identifier.ends_with('/') {
        tracing::warn!(
            "axioms: resource.identifier {identifier:?} ends with a slash: a client that was given \
             the URL without one refuses the metadata"
        );
    }
}

/// An error for each function and issuer of `named` that the configuration does not have, once.
pub(super) fn unknown_to(
    known: &[&str],
    named: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> impl Iterator<Item = String> {
    let unknown: BTreeSet<_> = named
        .into_iter()
        .filter(|(_, name)| !known.contains(name))
        .collect();
    unknown.into_iter().map(|(function, name)| {
        format!("AxiomsFairing: {function} names issuer {name:?}, which is not configured")
    })
}

/// Fetches the keys of all issuers in parallel. A file without usable keys is an error, since it is
/// part of the deployment; an issuer that cannot be reached is one only if that is required.
async fn warm(issuers: &[Issuer], prefetch: JwksPrefetch) -> Result<(), Vec<String>> {
    if prefetch == JwksPrefetch::Never {
        return Ok(());
    }
    let mut fetches = JoinSet::new();
    for issuer in issuers {
        let keyring = Arc::clone(&issuer.keyring);
        let name = issuer.display_name().to_owned();
        let is_file = keyring.key_file().is_some();
        fetches.spawn(async move { (name, is_file, keyring.warm().await) });
    }
    let mut errors = Vec::new();
    while let Some(joined) = fetches.join_next().await {
        if let Ok((issuer, is_file, Err(error))) = joined {
            if is_file {
                errors.push(format!(
                    "the keys of {issuer} could not be read (jwks_file): {error}"
                ));
            } else if prefetch == JwksPrefetch::Require {
                errors.push(format!(
                    "the keys of {issuer} could not be fetched, and jwks_prefetch is \"require\": \
                     {error}"
                ));
            } else {
                tracing::warn!(
                    "the keys of {issuer} could not be fetched ({error}): its tokens are answered \
                     503 until they arrive"
                );
            }
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// Logs one line with the issuers, and a warning if less is checked than could be.
pub(super) fn announce(protection: &Axioms, log_level: LogLevel) {
    let issuers: Vec<String> = protection
        .verifier
        .issuers()
        .iter()
        .map(|issuer| {
            let unchecked = match issuer.is_unchecked() {
                true => ", iss NOT checked",
                false => "",
            };
            let audiences = issuer.audience.iter().collect::<Vec<_>>().join(", ");
            // Its name, and the `iss` that its tokens must have.
            let iss = issuer
                .iss
                .as_deref()
                .filter(|_| issuer.name.is_some())
                .map(|iss| format!(" {iss}"));
            let mut keys = match issuer.keyring.key_count() {
                1 => "1 key".to_owned(),
                count => format!("{count} keys"),
            };
            if let Some(file) = issuer.keyring.key_file() {
                keys = format!("{keys} of {file}");
            }
            let provider = issuer.provider.map(|provider| format!("{provider}, "));
            format!(
                "{}{} ({}audience {audiences}; {keys}{unchecked})",
                issuer.display_name(),
                iss.unwrap_or_default(),
                provider.unwrap_or_default()
            )
        })
        .collect();
    let files: Vec<String> = protection
        .files
        .iter()
        .map(|file| one_line(&file.display().to_string()))
        .collect();
    let files = match files.is_empty() {
        true => String::new(),
        false => format!("; settings from {}", files.join(", ")),
    };
    let mut issuers = issuers;
    if protection.verifier.run_time().is_some() {
        issuers.push("the issuers of an IssuerSource".into());
    }
    let issuers = issuers.join(" and ");
    log::launch(format_args!(
        "axioms: protected by access tokens of {issuers}{files}"
    ));
    if let Some(resource) = &protection.resource {
        let named = resource.trim_start_matches(", ");
        log::launch(format_args!("axioms: each challenge has {named}"));
    }
    if protection
        .verifier
        .issuers()
        .iter()
        .any(|issuer| issuer.is_unchecked())
    {
        // A warning, because Rocket's log shows no information in a release build.
        tracing::warn!(
            "axioms: the `iss` of tokens is not checked, and ownership needs it; set iss_url to \
             check it"
        );
    }
    if log_level == LogLevel::Debug {
        tracing::warn!(
            "axioms: with log_level = \"debug\" Rocket prints whole requests, tokens included"
        );
    }
}
