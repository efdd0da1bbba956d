//! The file of an issuer's keys.

use std::path::Path;
use std::time::Duration;

use super::error::IssuerError;
use crate::base::file::{SmallFile, shown};
use crate::config::MAX_KEY_FILE;

/// Reads the key document of one issuer from `jwks_file`.
pub(crate) struct KeyFile {
    file: SmallFile,
    /// The longest read: `http_timeout`.
    timeout: Duration,
}

impl KeyFile {
    /// The time between two reads, unless `jwks_refresh_interval` is shorter.
    ///
    /// The file is read whole, not only asked for its time: times are coarse, and a symbolic link
    /// that is replaced may lead to a file of the same time and length.
    pub(crate) const INTERVAL: Duration = Duration::from_secs(10);

    pub(crate) fn new(path: &Path, timeout: Duration) -> Self {
        let file = SmallFile::new(path, MAX_KEY_FILE);
        Self { file, timeout }
    }

    /// Returns its path, for the log.
    pub(crate) fn name(&self) -> String {
        shown(self.file.path())
    }

    /// Reads the file, never on the thread that polls.
    pub(crate) async fn read(&self) -> Result<Vec<u8>, IssuerError> {
        let read = self.file.read(self.timeout).await;
        read.map_err(|error| IssuerError::File {
            path: self.name(),
            error,
        })
    }
}
