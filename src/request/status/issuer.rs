//! The keys of one issuer.

use std::time::Duration;

use serde::ser::{Serialize, Serializer};

use super::IntrospectionStatus;
use crate::issuer::keys::KeyStatus;
use crate::verify::Issuer;

/// An issuer and its keys, in an [`AxiomsStatus`](crate::AxiomsStatus).
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
    pub(super) ready: bool,
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
    pub(super) fn of(issuer: &Issuer, introspection: Option<IntrospectionStatus>) -> IssuerStatus {
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
            introspection,
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

fn seconds<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(|value| value.as_secs()).serialize(serializer)
}

fn whole_seconds<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(value.as_secs())
}
