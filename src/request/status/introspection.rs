//! The questions to one issuer.

/// The questions to an issuer about its tokens since the launch (RFC 7662), in an
/// [`IssuerStatus`](crate::IssuerStatus).
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
    pub(super) fn of(
        figures: crate::verify::introspection::IntrospectionFigures,
    ) -> IntrospectionStatus {
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
