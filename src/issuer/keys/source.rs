//! Where a keyring's documents come from: the door to the network.

use std::pin::Pin;
use std::time::Duration;

use crate::http::Document;
use crate::issuer::{Errand, IssuerError, Locator};

pub(super) type Fetching<'a> =
    Pin<Box<dyn Future<Output = Result<Document, IssuerError>> + Send + 'a>>;

pub(super) trait Source: Send + Sync {
    fn fetch(&self, errand: Errand, now: Duration) -> Fetching<'_>;

    /// What was fetched held no usable keys, or not the one that was sought: whatever led to it is to be asked anew.
    fn doubt(&self);
}

impl Source for Locator {
    fn fetch(&self, errand: Errand, now: Duration) -> Fetching<'_> {
        Box::pin(Locator::fetch(self, errand, now))
    }

    fn doubt(&self) {
        Locator::doubt(self);
    }
}
