//! Small files that change while the program runs, read within limits of size and time.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::Builder;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::redact::one_line;

/// Reads of one file that may hang at a time, each on a thread.
const MAX_READS: usize = 4;

/// Error of reading a small file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileError {
    #[error("{0}")]
    Io(String),
    #[error("it is no regular file")]
    NotAFile,
    #[error("it is longer than {} KiB", .0 / 1024)]
    TooLong(u64),
    #[error("reading it takes longer than {} s", .0.as_secs())]
    Timeout(Duration),
    #[error("earlier reads of it still hang")]
    Hangs,
}

/// A file that is read again and again, never on a thread that answers requests.
///
/// A read that hangs, as on a network file system, holds a thread of its own and nothing else: no
/// thread of the runtime, and not the end of the program.
pub(crate) struct SmallFile {
    path: Arc<Path>,
    limit: u64,
    /// Its other references are held by reads.
    reads: Arc<()>,
}

impl SmallFile {
    /// Names the file at `path` with at most `limit` bytes. Reads nothing.
    pub(crate) fn new(path: &Path, limit: u64) -> Self {
        Self {
            path: path.into(),
            limit,
            reads: Arc::default(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file within `limit`.
    pub(crate) async fn read(&self, limit: Duration) -> Result<Vec<u8>, FileError> {
        let (sender, receiver) = oneshot::channel();
        self.start(|content| drop(sender.send(content)))?;
        match timeout(limit, receiver).await {
            Ok(content) => content.unwrap_or_else(|_| Err(broken_off())),
            Err(_) => Err(FileError::Timeout(limit)),
        }
    }

    /// Reads the file within `limit`, and blocks until then: for the launch.
    pub(crate) fn read_blocking(&self, limit: Duration) -> Result<Vec<u8>, FileError> {
        let (sender, receiver) = mpsc::channel();
        self.start(move |content| drop(sender.send(content)))?;
        receiver.recv_timeout(limit).unwrap_or_else(|error| {
            Err(match error {
                RecvTimeoutError::Timeout => FileError::Timeout(limit),
                RecvTimeoutError::Disconnected => broken_off(),
            })
        })
    }

    /// Hands the content to `done` on another thread.
    fn start(
        &self,
        done: impl FnOnce(Result<Vec<u8>, FileError>) + Send + 'static,
    ) -> Result<(), FileError> {
        if Arc::strong_count(&self.reads) > MAX_READS {
            return Err(FileError::Hangs);
        }
        let (path, limit, read) = (Arc::clone(&self.path), self.limit, Arc::clone(&self.reads));
        let thread = Builder::new().name("axioms-file".to_owned());
        let started = thread.spawn(move || {
            let content = read_small(&path, limit);
            drop(read);
            done(content);
        });
        started.map(drop).map_err(io_error)
    }
}

fn broken_off() -> FileError {
    FileError::Io("the read was broken off".to_owned())
}

/// Reads the regular file at `path`, of at most `limit` bytes. Blocks.
///
/// Symbolic links are followed. Anything else than a file, such as a directory or a pipe, is not
/// opened: opening a pipe would wait for a writer.
fn read_small(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    if !std::fs::metadata(path).map_err(io_error)?.is_file() {
        return Err(FileError::NotAFile);
    }
    let mut content = Vec::new();
    // The length that the file system tells may be wrong, and 0 below /proc.
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut content))
        .map_err(io_error)?;
    if content.len() as u64 > limit {
        return Err(FileError::TooLong(limit));
    }
    Ok(content)
}

fn io_error(error: io::Error) -> FileError {
    FileError::Io(error.to_string())
}

/// Returns `path` for a log line.
pub(crate) fn shown(path: &Path) -> String {
    one_line(&path.display().to_string())
}

/// Returns `path` as an absolute one, if the working directory is known.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
