//! The source of a keyring's documents: in production the network.

use std::pin::Pin;
use std::time::Duration;

use crate::http::Document;
#[cfg(feature = "openapi")]
use crate::issuer::Endpoints;
use crate::issuer::{FetchReason, IssuerError, Locator};

pub(super) type Fetching<'a> =
    Pin<Box<dyn Future<Output = Result<Document, IssuerError>> + Send + 'a>>;

pub(super) trait KeySetSource: Send + Sync {
    fn fetch(&self, reason: FetchReason, now: Duration) -> Fetching<'_>;

    /// The fetched document had no usable keys, or not the wanted one: the next fetch re-reads the
    /// metadata.
    fn mark_suspect(&self);

    /// Returns the endpoints of the issuer's metadata, if they were read.
    #[cfg(feature = "openapi")]
    fn endpoints(&self) -> Option<Endpoints> {
        None
    }
}

impl KeySetSource for Locator {
    fn fetch(&self, reason: FetchReason, now: Duration) -> Fetching<'_> {
        Box::pin(Locator::fetch(self, reason, now))
    }

    fn mark_suspect(&self) {
        Locator::mark_suspect(self);
    }

    #[cfg(feature = "openapi")]
    fn endpoints(&self) -> Option<Endpoints> {
        Locator::endpoints(self)
    }
}
