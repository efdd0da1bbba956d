//! Verification of tokens: from text to the proof that its claims hold. Only this module makes a
//! `Verified`.

mod cache;
mod claim_lists;
mod error;
#[cfg(feature = "introspection")]
pub(crate) mod introspection;
mod issuer;
mod jwt;
mod run_time;
mod timing;
mod token_ids;
#[cfg(feature = "testing")]
mod unverified;
mod verified;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use cache::{CacheFigures, TokenCache};
pub(crate) use error::{Expected, TokenError, TokenExcerpt};
pub(crate) use issuer::Issuer;
pub(crate) use jwt::date;
use jwt::{AcceptedTypes, TimeLimits, Waits};
pub use run_time::IssuerSource;
use run_time::Reserved;
pub(crate) use run_time::{AnySource, RunTimeFigures, RunTimeIssuers, Surroundings};
use timing::Timing;
pub(crate) use token_ids::TokenIds;
#[cfg(feature = "testing")]
pub(crate) use unverified::assume_verified;
pub(crate) use verified::{Confirmation, Provenance, SubjectScope, Verified};

use crate::base::clock::{Clock, LenientClock};
use crate::base::ready::Ready;
use crate::claims::ClaimSelector;
use crate::config::Settings;

/// Verifies tokens against the settings and the keys of their issuers.
pub(crate) struct Verifier {
    issuers: Box<[Issuer]>,
    /// The `iss` of each issuer, for refusals.
    issuer_names: Expected,
    /// Those that are known only at run time.
    run_time: Option<Arc<RunTimeIssuers>>,
    selector: ClaimSelector,
    /// The types that some issuer accepts.
    types: AcceptedTypes,
    times: TimeLimits,
    max_token_bytes: usize,
    cache: TokenCache,
    clock: Clock,
    timing: Timing,
    /// `None` if no issuer is asked about tokens.
    #[cfg(feature = "introspection")]
    introspections: Option<Box<introspection::Introspections>>,
}

/// The outcome of a verification.
type VerifyResult = Result<Arc<Verified>, TokenError>;

impl Verifier {
    pub(crate) fn new(settings: &Settings, issuers: Vec<Issuer>, clock: Clock) -> Verifier {
        let types = AcceptedTypes::of_any(issuers.iter().map(|issuer| &issuer.types));
        Verifier {
            selector: ClaimSelector::new(issuers.iter().flat_map(Issuer::claim_names)),
            issuer_names: issuers
                .iter()
                .filter_map(|issuer| issuer.iss.as_deref())
                .collect(),
            issuers: issuers.into(),
            run_time: None,
            types,
            times: TimeLimits {
                leeway: settings.leeway,
                max_age: settings.max_token_age,
            },
            max_token_bytes: settings.max_token_bytes,
            cache: TokenCache::new(settings.token_cache_capacity),
            clock,
            timing: Default::default(),
            #[cfg(feature = "introspection")]
            introspections: None,
        }
    }

    /// Adds the issuers of `source`.
    pub(crate) fn with_source(self, source: Arc<dyn AnySource>, around: Surroundings) -> Verifier {
        let names = self.issuers.iter().filter_map(|i| i.name.as_deref());
        let templates = || self.issuers.iter().filter_map(|i| i.tenants.as_ref());
        let listed = templates().filter_map(|tenants| tenants.accepted.as_deref());
        let reserved = Reserved {
            names: names
                .map(Box::from)
                .chain(listed.flatten().cloned())
                .collect(),
            segments: templates().any(|tenants| tenants.accepted.is_none()),
        };
        let run_time = RunTimeIssuers::new(source, around, reserved, self.selector.clone());
        Verifier {
            run_time: Some(Arc::new(run_time)),
            ..self
        }
    }

    /// Returns the issuers that are known only at run time.
    pub(crate) fn run_time(&self) -> Option<&Arc<RunTimeIssuers>> {
        self.run_time.as_ref()
    }

    pub(crate) fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    /// Returns the issuer of a verified token; `None` for a token that was not verified here.
    pub(crate) fn issuer_of<'v>(&'v self, verified: &'v Verified) -> Option<&'v Issuer> {
        match &verified.provenance {
            Provenance::RunTimeJwt { issuer, .. } => Some(&issuer.issuer),
            configured => self.issuers.get(configured.issuer_index()?),
        }
    }

    /// Checks whether the settings name no issuer.
    pub(crate) fn is_iss_unchecked(&self) -> bool {
        self.issuers.iter().any(Issuer::is_unchecked)
    }

    /// Checks whether a subject needs its issuer to be unique. A template is of several issuers.
    pub(crate) fn has_several_issuers(&self) -> bool {
        self.run_time.is_some()
            || self.issuers.len() > 1
            || self.issuers.iter().any(|issuer| issuer.tenants.is_some())
    }

    /// Returns the cache of verified tokens, for the log and the status.
    pub(crate) fn cache(&self) -> &TokenCache {
        &self.cache
    }

    /// Takes the handles of the `metrics` recorder, which must be installed by then.
    #[cfg(feature = "metrics")]
    pub(crate) fn begin_timing(&self) {
        self.timing.begin();
    }

    /// Returns the time of the verifier's clock.
    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Returns the verifier's clock with the setting `leeway`, for decisions on a verified token.
    pub(crate) fn lenient_clock(&self) -> LenientClock {
        LenientClock {
            clock: self.clock.clone(),
            leeway: self.times.leeway,
        }
    }

    /// Verifies the token `text`. It waits only for keys that must be fetched first, at most
    /// `http_timeout`.
    pub(crate) fn verify<'v>(&'v self, text: &'v str) -> Ready<'v, VerifyResult> {
        self.verify_after(Waits::default(), text)
    }

    /// Verifies `text`, after `waits` for its keys.
    fn verify_after<'v>(&'v self, waits: Waits, text: &'v str) -> Ready<'v, VerifyResult> {
        if text.len() > self.max_token_bytes {
            return Ready::Now(Err(TokenError::TooLong {
                presented: text.len(),
                limit: self.max_token_bytes,
            }));
        }
        let timer = self.timing.start();
        let now = self.clock.now();
        #[cfg(feature = "introspection")]
        if let Some(outcome) = self.verify_opaque(text, now, introspection::is_opaque_at_sight) {
            return self.timed(timer, outcome);
        }
        let entry = self.cache.entry(text);
        if let Some(entry) = &entry
            && let Some(verified) = entry.get()
        {
            if self.still_holds(&verified, now) {
                self.timing.hit(timer);
                return Ready::Now(Ok(verified));
            }
            entry.remove(&verified);
        }
        #[cfg(feature = "introspection")]
        if self.introspections.is_some() {
            if let Some(verified) = self.introspected_jwt(text, now) {
                self.timing.hit(timer);
                return Ready::Now(Ok(verified));
            }
            let is_opaque = |text: &str| !introspection::is_jwt(text);
            if let Some(outcome) = self.verify_opaque(text, now, is_opaque) {
                return self.timed(timer, outcome);
            }
        }
        let outcome = self.verify_jwt(waits, text, now);
        #[cfg(feature = "introspection")]
        if let Ready::Now(Ok(verified)) = &outcome
            && let Some(outcome) = self.introspect_jwt(text, verified, now)
        {
            return outcome;
        }
        // A bound token is refused after all, by `binding`: the cache keeps no failures.
        if let (Some(entry), Ready::Now(Ok(verified))) = (&entry, &outcome)
            && let Confirmation::None = verified.confirmation()
        {
            entry.insert(verified);
        }
        if let Ready::Now(_) = outcome {
            self.timing.miss(timer);
        }
        outcome
    }

    /// Records the time of an outcome that is known now.
    #[cfg(feature = "introspection")]
    fn timed<'v>(
        &self,
        timer: timing::Timer,
        outcome: Ready<'v, VerifyResult>,
    ) -> Ready<'v, VerifyResult> {
        match outcome {
            Ready::Now(Ok(_)) => self.timing.hit(timer),
            Ready::Now(Err(_)) => self.timing.miss(timer),
            Ready::Later(_) => {}
        }
        outcome
    }

    /// Returns the scope of the subjects of one issuer's tokens.
    fn subject_scope(&self, issuer: &Issuer) -> SubjectScope {
        match issuer.is_unchecked() {
            true => SubjectScope::Unchecked,
            false if self.has_several_issuers() => SubjectScope::OneOfSeveral,
            false => SubjectScope::OnlyIssuer,
        }
    }

    /// Returns whether a proof is still valid: its time, and the keys that it rests on.
    fn still_holds(&self, verified: &Verified, now: Duration) -> bool {
        verified.window.contains(now)
            && match &verified.provenance {
                Provenance::Jwt {
                    issuer_index,
                    generation,
                } => {
                    let keyring = self
                        .issuers
                        .get(*issuer_index)
                        .map(|issuer| &issuer.keyring);
                    keyring
                        .and_then(|keyring| keyring.snapshot(now))
                        .is_some_and(|keys| keys.generation() == *generation)
                }
                Provenance::RunTimeJwt { issuer, generation } => {
                    let run_time = self.run_time.as_ref();
                    run_time.is_some_and(|run_time| run_time.still_holds(issuer, now))
                        && issuer
                            .issuer
                            .keyring
                            .snapshot(now)
                            .is_some_and(|keys| keys.generation() == *generation)
                }
                #[cfg(feature = "introspection")]
                Provenance::Introspected { until, .. } => now < *until,
            }
    }
}
