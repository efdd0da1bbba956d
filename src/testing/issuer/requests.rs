//! The requests that an issuer received.

use std::fmt;

use super::TestIssuer;
use super::server::documents::Document;

/// A request that the issuer received, faulty response or not.
///
/// ```
/// use axioms_rocket::testing::TestIssuer;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let issuer = TestIssuer::start();
/// reqwest::get(issuer.jwks_url()).await?;
///
/// let requests = issuer.requests();
/// assert_eq!(requests[0].method, "GET");
/// assert_eq!(requests[0].target, "/.well-known/jwks.json");
/// # Ok::<_, Box<dyn std::error::Error>>(()) })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
}

impl Request {
    pub(in crate::testing) fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&*self.target, |(path, _)| path)
    }

    pub(in crate::testing) fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }
}

/// For example `GET /.well-known/jwks.json`.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)
    }
}

impl TestIssuer {
    /// Returns every request so far, in the order of arrival, including those for unknown paths and
    /// those answered with a fault. A refused connection is not a request.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// assert_eq!(TestIssuer::start().requests(), []);
    /// ```
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests().clone()
    }

    /// Returns how many of the [`requests`](Self::requests) were for the key set. Every redirect
    /// counts.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let issuer = TestIssuer::start();
    /// reqwest::get(issuer.jwks_url()).await?;
    /// assert_eq!(issuer.jwks_requests(), 1);
    /// # Ok::<_, Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn jwks_requests(&self) -> usize {
        let is_for_keys = |request: &&Request| {
            self.shared.addresses.document(request.path()) == Some(Document::KeySet)
        };
        self.shared.requests().iter().filter(is_for_keys).count()
    }

    /// Clears [`requests`](Self::requests).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// issuer.forget_requests();
    /// assert_eq!(issuer.jwks_requests(), 0);
    /// ```
    pub fn forget_requests(&self) {
        self.shared.requests().clear();
    }
}
