//! The status of a running application, as a value.

use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::audit::AuditStatus;
use super::axioms::Axioms;
use crate::error::Reason;
use crate::issuer::keys::KeyStatus;
use crate::verify::{CacheFigures, Issuer, RunTimeFigures};

/// The state of the issuers' keys, the token cache and the refusals at one moment:
/// [`Axioms::status`].
///
/// It holds no secret, no token and no URL with credentials. It serializes as below; durations are
/// whole seconds, and `refusals` has the reasons that occurred.
///
/// ```json
/// {
///   "ready": true,
///   "issuers": [{
///     "name": "https://auth.example.com", "ready": true,
///     "key_source": "the metadata of https://auth.example.com/", "keys": 2, "age": 1200,
///     "next_refresh": 2400, "fetches": 5, "failed_fetches": 0, "last_error": null
///   }],
///   "token_cache": {"tokens": 310, "capacity": 8192, "hits": 90210, "misses": 314},
///   "refusals": {"missing_token": 12, "expired": 4},
///   "run_time_issuers": {
///     "issuers": 120, "without_keys": 1, "keys": 240, "fetches": 300, "failed_fetches": 2,
///     "known": 410, "unknown": 12, "unanswered": 0
///   },
///   "audit": {"delivered": 90222, "waiting": 0, "dropped": 0, "panics": 0}
/// }
/// ```
///
/// ```
/// # use axioms_rocket::{Axioms, Reason};
/// # use rocket::{get, State};
/// #[get("/keys")]
/// fn keys(axioms: &State<Axioms>) -> String {
///     let status = axioms.status();
///     let keys: usize = status.issuers().iter().map(|issuer| issuer.keys()).sum();
///     format!("{keys} keys, {} expired tokens", status.refused(Reason::Expired))
/// }
/// ```
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct AxiomsStatus {
    ready: bool,
    issuers: Vec<IssuerStatus>,
    token_cache: Option<TokenCacheStatus>,
    #[serde(serialize_with = "by_reason")]
    refusals: Vec<(Reason, u64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_time_issuers: Option<RunTimeIssuersStatus>,
    audit: Option<AuditStatus>,
}

impl AxiomsStatus {
    pub(super) fn of(axioms: &Axioms) -> AxiomsStatus {
        let issuers: Vec<_> = axioms
            .verifier
            .issuers()
            .iter()
            .zip(0..)
            .map(|(issuer, _index)| IssuerStatus {
                #[cfg(feature = "introspection")]
                introspection: axioms
                    .verifier
                    .introspection_of(_index)
                    .map(|asked| IntrospectionStatus::of(asked.figures())),
                ..IssuerStatus::of(issuer)
            })
            .collect();
        AxiomsStatus {
            ready: issuers.iter().all(|issuer| issuer.ready),
            issuers,
            token_cache: axioms.verifier.cache().figures().map(TokenCacheStatus),
            refusals: axioms.refusals.counts(),
            run_time_issuers: axioms
                .verifier
                .run_time()
                .map(|run_time| RunTimeIssuersStatus(run_time.figures())),
            audit: axioms.audit.as_ref().map(|audit| audit.status()),
        }
    }

    /// Returns true if each issuer has usable keys: what `GET /health/ready` answers.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn is_ready(axioms: &Axioms) -> bool {
    ///     axioms.status().is_ready()
    /// }
    /// ```
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Returns the issuers, in the order of the configuration.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn without_keys(axioms: &Axioms) -> Vec<String> {
    ///     let status = axioms.status();
    ///     let without = status.issuers().iter().filter(|issuer| !issuer.is_ready());
    ///     without.map(|issuer| issuer.name().to_owned()).collect()
    /// }
    /// ```
    pub fn issuers(&self) -> &[IssuerStatus] {
        &self.issuers
    }

    /// Returns the figures of the token cache; `None` if `token_cache_capacity` is 0.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn cached_tokens(axioms: &Axioms) -> usize {
    ///     axioms.status().token_cache().map_or(0, |cache| cache.tokens())
    /// }
    /// ```
    pub fn token_cache(&self) -> Option<&TokenCacheStatus> {
        self.token_cache.as_ref()
    }

    /// Returns the reasons for which requests were refused since the launch, each with its count.
    /// A request counts once, as it was answered.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn refused(axioms: &Axioms) -> u64 {
    ///     axioms.status().refusals().map(|(_, count)| count).sum()
    /// }
    /// ```
    pub fn refusals(&self) -> impl Iterator<Item = (Reason, u64)> {
        self.refusals.iter().copied()
    }

    /// Returns the number of requests that were refused for `reason` since the launch.
    ///
    /// ```
    /// # use axioms_rocket::{Axioms, Reason};
    /// fn forged(axioms: &Axioms) -> u64 {
    ///     axioms.status().refused(Reason::BadSignature)
    /// }
    /// ```
    pub fn refused(&self, reason: Reason) -> u64 {
        self.refusals()
            .find(|(refused, _)| *refused == reason)
            .map_or(0, |(_, count)| count)
    }

    /// Returns the figures of the issuers that are known only at run time; `None` without
    /// [`AxiomsFairing::with_issuers`](crate::AxiomsFairing::with_issuers). They are not among
    /// [`issuers`](AxiomsStatus::issuers), and have no part in readiness: one tenant's outage is
    /// not that of the API.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn tenants_in_use(axioms: &Axioms) -> usize {
    ///     axioms.status().run_time_issuers().map_or(0, |issuers| issuers.issuers())
    /// }
    /// ```
    pub fn run_time_issuers(&self) -> Option<&RunTimeIssuersStatus> {
        self.run_time_issuers.as_ref()
    }

    /// Returns the figures of the audit; `None` without
    /// [`AxiomsFairing::on_decision`](crate::AxiomsFairing::on_decision).
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// fn is_audit_complete(axioms: &Axioms) -> bool {
    ///     axioms.status().audit().is_some_and(|audit| audit.dropped() == 0)
    /// }
    /// ```
    pub fn audit(&self) -> Option<&AuditStatus> {
        self.audit.as_ref()
    }
}

fn by_reason<S: Serializer>(refusals: &[(Reason, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(refusals.len()))?;
    for (reason, count) in refusals {
        map.serialize_entry(reason.as_str(), count)?;
    }
    map.end()
}

/// An issuer and its keys, in an [`AxiomsStatus`].
///
/// ```
/// # use axioms_rocket::IssuerStatus;
/// fn line(issuer: &IssuerStatus) -> String {
///     format!("{}: {} keys, last error {:?}", issuer.name(), issuer.keys(), issuer.last_error())
/// }
/// ```
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct IssuerStatus {
    name: String,
    ready: bool,
    key_source: String,
    keys: usize,
    #[serde(serialize_with = "seconds")]
    age: Option<Duration>,
    #[serde(serialize_with = "seconds")]
    next_refresh: Option<Duration>,
    fetches: u64,
    failed_fetches: u64,
    last_error: Option<LastError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    introspection: Option<IntrospectionStatus>,
}

/// The latest failed attempt to fetch keys.
#[derive(Debug, Clone, serde::Serialize)]
struct LastError {
    text: String,
    #[serde(serialize_with = "whole_seconds")]
    ago: Duration,
}

impl IssuerStatus {
    fn of(issuer: &Issuer) -> IssuerStatus {
        let KeyStatus {
            keys,
            is_usable,
            age,
            due_in,
            last_error,
            fetched,
            failed,
        } = issuer.keyring.status();
        IssuerStatus {
            name: issuer.display_name().to_owned(),
            ready: is_usable,
            key_source: issuer.keyring.key_source(),
            keys,
            age,
            next_refresh: due_in,
            fetches: fetched,
            failed_fetches: failed,
            last_error: last_error.map(|error| LastError {
                text: error.text,
                ago: error.ago,
            }),
            introspection: None,
        }
    }

    /// Returns the issuer's name in the settings, else its `iss`, else `any issuer`.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn is_ours(issuer: &IssuerStatus) -> bool {
    ///     issuer.name() == "https://auth.example.com"
    /// }
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns true if there are keys that may be used now. Otherwise tokens of this issuer are
    /// answered 503, unless a fetch succeeds that the next one of them causes.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn is_alarming(issuer: &IssuerStatus) -> bool {
    ///     !issuer.is_ready()
    /// }
    /// ```
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Returns where the keys come from: a URL without user information and query, `the metadata of
    /// <issuer>`, `the metadata at <URL>`, `the well-known path of <issuer>`, `the file <path>`, or
    /// `code` for `with_keys`.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn is_from_a_file(issuer: &IssuerStatus) -> bool {
    ///     issuer.key_source().starts_with("the file ")
    /// }
    /// ```
    pub fn key_source(&self) -> &str {
        &self.key_source
    }

    /// Returns the number of keys, also of keys that are too old to be used.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn is_rotating(issuer: &IssuerStatus) -> bool {
    ///     issuer.keys() > 1
    /// }
    /// ```
    pub fn keys(&self) -> usize {
        self.keys
    }

    /// Returns the time since the keys were fetched; `None` before that, and for keys given in
    /// code.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn is_older_than_a_day(issuer: &IssuerStatus) -> bool {
    ///     issuer.age().is_some_and(|age| age.as_secs() > 86_400)
    /// }
    /// ```
    pub fn age(&self) -> Option<Duration> {
        self.age
    }

    /// Returns the time until the next refresh or retry; zero if it is due, `None` for keys given
    /// in code.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn is_due(issuer: &IssuerStatus) -> bool {
    ///     issuer.next_refresh().is_some_and(|next| next.is_zero())
    /// }
    /// ```
    pub fn next_refresh(&self) -> Option<Duration> {
        self.next_refresh
    }

    /// Returns the number of successful fetches of the keys since the launch.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn was_fetched(issuer: &IssuerStatus) -> bool {
    ///     issuer.fetches() > 0
    /// }
    /// ```
    pub fn fetches(&self) -> u64 {
        self.fetches
    }

    /// Returns the number of failed fetches since the launch.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn is_flaky(issuer: &IssuerStatus) -> bool {
    ///     issuer.failed_fetches() > issuer.fetches()
    /// }
    /// ```
    pub fn failed_fetches(&self) -> u64 {
        self.failed_fetches
    }

    /// Returns why the latest failed fetch failed, also if a later one succeeded. URLs in it have
    /// no user information and no query.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn timed_out(issuer: &IssuerStatus) -> bool {
    ///     issuer.last_error().is_some_and(|error| error.contains("timed out"))
    /// }
    /// ```
    pub fn last_error(&self) -> Option<&str> {
        self.last_error.as_ref().map(|error| error.text.as_str())
    }

    /// Returns the figures of its introspection; `None` if it is not asked about tokens.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn introspection_failures(issuer: &IssuerStatus) -> u64 {
    ///     issuer.introspection().map_or(0, |introspection| introspection.failures())
    /// }
    /// ```
    pub fn introspection(&self) -> Option<&IntrospectionStatus> {
        self.introspection.as_ref()
    }

    /// Returns the time since the latest failed fetch ended.
    ///
    /// ```
    /// # use axioms_rocket::IssuerStatus;
    /// fn failed_lately(issuer: &IssuerStatus) -> bool {
    ///     issuer.last_error_ago().is_some_and(|ago| ago.as_secs() < 60)
    /// }
    /// ```
    pub fn last_error_ago(&self) -> Option<Duration> {
        self.last_error.as_ref().map(|error| error.ago)
    }
}

/// The questions to an issuer about its tokens since the launch (RFC 7662), in an
/// [`IssuerStatus`].
///
/// It serializes as a map of the names of its methods to the numbers.
///
/// ```
/// # use axioms_rocket::IntrospectionStatus;
/// fn failing_share(introspection: &IntrospectionStatus) -> f64 {
///     let calls = introspection.active() + introspection.inactive() + introspection.failures();
///     introspection.failures() as f64 / calls.max(1) as f64
/// }
/// ```
#[derive(Debug, Clone, Copy, serde::Serialize)]
#[non_exhaustive]
pub struct IntrospectionStatus {
    active: u64,
    inactive: u64,
    failures: u64,
    in_flight: usize,
    remembered: usize,
    remembered_inactive: usize,
}

impl IntrospectionStatus {
    #[cfg(feature = "introspection")]
    fn of(figures: crate::verify::introspection::IntrospectionFigures) -> IntrospectionStatus {
        IntrospectionStatus {
            active: figures.active,
            inactive: figures.inactive,
            failures: figures.failed,
            in_flight: figures.in_flight,
            remembered: figures.remembered,
            remembered_inactive: figures.remembered_inactive,
        }
    }

    /// Returns the number of answers by which a token was accepted. A remembered answer is not
    /// counted again.
    ///
    /// ```
    /// # use axioms_rocket::IntrospectionStatus;
    /// fn is_used(introspection: &IntrospectionStatus) -> bool {
    ///     introspection.active() > 0
    /// }
    /// ```
    pub fn active(&self) -> u64 {
        self.active
    }

    /// Returns the number of answers by which a token was refused: not active, or for another API.
    ///
    /// ```
    /// # use axioms_rocket::IntrospectionStatus;
    /// fn refuses_all(introspection: &IntrospectionStatus) -> bool {
    ///     introspection.active() == 0 && introspection.inactive() > 100
    /// }
    /// ```
    pub fn inactive(&self) -> u64 {
        self.inactive
    }

    /// Returns the number of questions without an answer, each of which caused a 503.
    ///
    /// ```
    /// # use axioms_rocket::IntrospectionStatus;
    /// fn fails(introspection: &IntrospectionStatus) -> bool {
    ///     introspection.failures() > introspection.active()
    /// }
    /// ```
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// Returns the number of tokens that are being asked about, or wait for it.
    ///
    /// ```
    /// # use axioms_rocket::IntrospectionStatus;
    /// fn is_overrun(introspection: &IntrospectionStatus) -> bool {
    ///     introspection.in_flight() > 32
    /// }
    /// ```
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Returns the number of active answers that are remembered, of all issuers; at most 8192.
    ///
    /// ```
    /// # use axioms_rocket::IntrospectionStatus;
    /// fn is_full(introspection: &IntrospectionStatus) -> bool {
    ///     introspection.remembered() >= 8192
    /// }
    /// ```
    pub fn remembered(&self) -> usize {
        self.remembered
    }

    /// Returns the number of refusals that are remembered, of all issuers; at most 1024.
    ///
    /// ```
    /// # use axioms_rocket::IntrospectionStatus;
    /// fn is_flooded(introspection: &IntrospectionStatus) -> bool {
    ///     introspection.remembered_inactive() >= 1024
    /// }
    /// ```
    pub fn remembered_inactive(&self) -> usize {
        self.remembered_inactive
    }
}

fn seconds<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(|value| value.as_secs()).serialize(serializer)
}

fn whole_seconds<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(value.as_secs())
}

/// The figures of the token cache since the launch, in an [`AxiomsStatus`].
///
/// ```
/// # use axioms_rocket::TokenCacheStatus;
/// fn hit_rate(cache: &TokenCacheStatus) -> f64 {
///     cache.hits() as f64 / (cache.hits() + cache.misses()).max(1) as f64
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct TokenCacheStatus(CacheFigures);

impl TokenCacheStatus {
    /// Returns the number of cached tokens.
    ///
    /// ```
    /// # use axioms_rocket::TokenCacheStatus;
    /// fn is_full(cache: &TokenCacheStatus) -> bool {
    ///     cache.tokens() == cache.capacity()
    /// }
    /// ```
    pub fn tokens(&self) -> usize {
        self.0.tokens
    }

    /// Returns `token_cache_capacity`.
    ///
    /// ```
    /// # use axioms_rocket::TokenCacheStatus;
    /// fn share(cache: &TokenCacheStatus) -> f64 {
    ///     cache.tokens() as f64 / cache.capacity() as f64
    /// }
    /// ```
    pub fn capacity(&self) -> usize {
        self.0.capacity
    }

    /// Returns how many look-ups found their token.
    ///
    /// ```
    /// # use axioms_rocket::TokenCacheStatus;
    /// fn is_used(cache: &TokenCacheStatus) -> bool {
    ///     cache.hits() > 0
    /// }
    /// ```
    pub fn hits(&self) -> u64 {
        self.0.hits
    }

    /// Returns how many look-ups did not find their token, which was verified then.
    ///
    /// ```
    /// # use axioms_rocket::TokenCacheStatus;
    /// fn verifications(cache: &TokenCacheStatus) -> u64 {
    ///     cache.misses()
    /// }
    /// ```
    pub fn misses(&self) -> u64 {
        self.0.misses
    }
}

impl Serialize for TokenCacheStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("tokens", &self.tokens())?;
        map.serialize_entry("capacity", &self.capacity())?;
        map.serialize_entry("hits", &self.hits())?;
        map.serialize_entry("misses", &self.misses())?;
        map.end()
    }
}

/// The figures of the issuers that are known only at run time, in an [`AxiomsStatus`].
///
/// ```
/// # use axioms_rocket::RunTimeIssuersStatus;
/// fn line(issuers: &RunTimeIssuersStatus) -> String {
///     format!("{} issuers, {} without keys", issuers.issuers(), issuers.without_keys())
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RunTimeIssuersStatus(RunTimeFigures);

impl RunTimeIssuersStatus {
    /// Returns the number of issuers that are kept, at most 10 000.
    ///
    /// ```
    /// # use axioms_rocket::RunTimeIssuersStatus;
    /// fn is_full(issuers: &RunTimeIssuersStatus) -> bool {
    ///     issuers.issuers() == 10_000
    /// }
    /// ```
    pub fn issuers(&self) -> usize {
        self.0.issuers
    }

    /// Returns how many of them have no usable keys now.
    ///
    /// ```
    /// # use axioms_rocket::RunTimeIssuersStatus;
    /// fn is_alarming(issuers: &RunTimeIssuersStatus) -> bool {
    ///     issuers.without_keys() > 10
    /// }
    /// ```
    pub fn without_keys(&self) -> usize {
        self.0.without_keys
    }

    /// Returns the number of their keys.
    ///
    /// ```
    /// # use axioms_rocket::RunTimeIssuersStatus;
    /// fn average(issuers: &RunTimeIssuersStatus) -> f64 {
    ///     issuers.keys() as f64 / issuers.issuers().max(1) as f64
    /// }
    /// ```
    pub fn keys(&self) -> usize {
        self.0.keys
    }

    /// Returns the number of successful fetches of keys since the launch, also for issuers that are
    /// gone.
    ///
    /// ```
    /// # use axioms_rocket::RunTimeIssuersStatus;
    /// fn fetches(issuers: &RunTimeIssuersStatus) -> u64 {
    ///     issuers.fetches() + issuers.failed_fetches()
    /// }
    /// ```
    pub fn fetches(&self) -> u64 {
        self.0.fetched
    }

    /// Returns the number of failed fetches since the launch.
    ///
    /// ```
    /// # use axioms_rocket::RunTimeIssuersStatus;
    /// fn is_flaky(issuers: &RunTimeIssuersStatus) -> bool {
    ///     issuers.failed_fetches() > issuers.fetches()
    /// }
    /// ```
    pub fn failed_fetches(&self) -> u64 {
        self.0.failed
    }

    /// Returns how many answers of the source were a configuration, since the launch.
    ///
    /// ```
    /// # use axioms_rocket::RunTimeIssuersStatus;
    /// fn answers(issuers: &RunTimeIssuersStatus) -> u64 {
    ///     issuers.known() + issuers.unknown()
    /// }
    /// ```
    pub fn known(&self) -> u64 {
        self.0.known
    }

    /// Returns how many answers were that there is no such issuer.
    ///
    /// ```
    /// # use axioms_rocket::RunTimeIssuersStatus;
    /// fn is_probed(issuers: &RunTimeIssuersStatus) -> bool {
    ///     issuers.unknown() > issuers.known()
    /// }
    /// ```
    pub fn unknown(&self) -> u64 {
        self.0.unknown
    }

    /// Returns how many questions had no answer: an error, a panic, a timeout, or a configuration
    /// that cannot work.
    ///
    /// ```
    /// # use axioms_rocket::RunTimeIssuersStatus;
    /// fn is_broken(issuers: &RunTimeIssuersStatus) -> bool {
    ///     issuers.unanswered() > 0
    /// }
    /// ```
    pub fn unanswered(&self) -> u64 {
        self.0.unanswered
    }
}

impl Serialize for RunTimeIssuersStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(8))?;
        map.serialize_entry("issuers", &self.issuers())?;
        map.serialize_entry("without_keys", &self.without_keys())?;
        map.serialize_entry("keys", &self.keys())?;
        map.serialize_entry("fetches", &self.fetches())?;
        map.serialize_entry("failed_fetches", &self.failed_fetches())?;
        map.serialize_entry("known", &self.known())?;
        map.serialize_entry("unknown", &self.unknown())?;
        map.serialize_entry("unanswered", &self.unanswered())?;
        map.end()
    }
}
