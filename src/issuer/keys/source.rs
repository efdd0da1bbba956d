//! The source of a keyring's documents: in production the network, or a file.

use std::pin::Pin;
use std::time::Duration;

use crate::http::{Document, RedactedUrl};
#[cfg(feature = "openapi")]
use crate::issuer::Endpoints;
use crate::issuer::{FetchReason, IssuerError, KeyFile, Locator};

pub(super) type Fetching<'a> =
    Pin<Box<dyn Future<Output = Result<KeyDocument, IssuerError>> + Send + 'a>>;

/// A key set as it was read.
pub(super) struct KeyDocument {
    /// The URL, redacted, or the path, for errors.
    pub(super) from: String,
    pub(super) body: Vec<u8>,
    pub(super) max_age: Option<Duration>,
}

impl From<Document> for KeyDocument {
    fn from(document: Document) -> Self {
        Self {
            from: RedactedUrl(&document.url).to_string(),
            body: document.body,
            max_age: document.max_age,
        }
    }
}

pub(super) trait KeySetSource: Send + Sync {
    fn fetch(&self, reason: FetchReason, now: Duration) -> Fetching<'_>;

    /// The fetched document had no usable keys, or not the wanted one: the next fetch re-reads the
    /// metadata.
    fn mark_suspect(&self);

    /// Returns where the keys come from, for operators. URLs are redacted.
    fn name(&self) -> String;

    /// Returns true if there is one document, and no replicas that may answer with different ones.
    fn is_single(&self) -> bool {
        false
    }

    /// Returns the endpoints of the issuer's metadata, if they were read.
    #[cfg(feature = "openapi")]
    fn endpoints(&self) -> Option<Endpoints> {
        None
    }
}

impl KeySetSource for Locator {
    fn fetch(&self, reason: FetchReason, now: Duration) -> Fetching<'_> {
        Box::pin(async move { Ok(Locator::fetch(self, reason, now).await?.into()) })
    }

    fn mark_suspect(&self) {
        Locator::mark_suspect(self);
    }

    fn name(&self) -> String {
        self.location().to_string()
    }

    #[cfg(feature = "openapi")]
    fn endpoints(&self) -> Option<Endpoints> {
        Locator::endpoints(self)
    }
}

impl KeySetSource for KeyFile {
    fn fetch(&self, _: FetchReason, _: Duration) -> Fetching<'_> {
        Box::pin(async {
            Ok(KeyDocument {
                body: self.read().await?,
                from: KeyFile::name(self),
                max_age: None,
            })
        })
    }

    fn mark_suspect(&self) {}

    fn name(&self) -> String {
        format!("the file {}", KeyFile::name(self))
    }

    fn is_single(&self) -> bool {
        true
    }
}
