//! A value that is known now, or later.

use std::pin::Pin;

/// A value that is known now, or a future of it.
///
/// Most requests need no fetch. They pay for no future.
pub(crate) enum Ready<'a, T> {
    /// The value.
    Now(T),
    /// A future of the value, which any thread may poll.
    Later(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

impl<'a, T> Ready<'a, T> {
    /// Boxes `future`.
    pub(crate) fn later(future: impl Future<Output = T> + Send + 'a) -> Self {
        Ready::Later(Box::pin(future))
    }

    /// Returns the value; waits for it if it is not known yet.
    pub(crate) async fn get(self) -> T {
        match self {
            Ready::Now(value) => value,
            Ready::Later(future) => future.await,
        }
    }
}
