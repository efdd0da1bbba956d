//! The figures of the issuers that are known only at run time.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::verify::RunTimeFigures;

/// The figures of the issuers that are known only at run time, in an
/// [`AxiomsStatus`](crate::AxiomsStatus).
///
/// ```
/// # use axioms_rocket::RunTimeIssuersStatus;
/// fn line(issuers: &RunTimeIssuersStatus) -> String {
///     format!("{} issuers, {} without keys", issuers.issuers(), issuers.without_keys())
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RunTimeIssuersStatus(pub(super) RunTimeFigures);

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
