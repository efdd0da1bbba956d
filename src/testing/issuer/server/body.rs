//! Response bodies: complete, without a length, cut off, or endless.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::time::Interval;

/// Slow enough to make no progress, fast enough that no read times out.
const DRIP: Duration = Duration::from_millis(50);

/// A response body.
pub(in crate::testing) enum Body {
    Whole(Full<Bytes>),
    /// Like `Whole`, without a `Content-Length`.
    Unannounced(Full<Bytes>),
    /// These bytes, then a broken connection; `sent` is set once they were sent.
    Cut {
        content: Full<Bytes>,
        sent: bool,
    },
    /// Endless spaces.
    Drip(Interval),
}

impl Body {
    pub(in crate::testing) fn whole(content: impl Into<Bytes>) -> Self {
        Self::Whole(Full::new(content.into()))
    }

    pub(in crate::testing) fn unannounced(content: impl Into<Bytes>) -> Self {
        Self::Unannounced(Full::new(content.into()))
    }

    pub(in crate::testing) fn cut(content: impl Into<Bytes>) -> Self {
        Self::Cut {
            content: Full::new(content.into()),
            sent: false,
        }
    }

    pub(in crate::testing) fn drip() -> Self {
        Self::Drip(tokio::time::interval(DRIP))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let never = |error: Infallible| match error {};
        match self.get_mut() {
            Body::Whole(content) | Body::Unannounced(content) => {
                Pin::new(content).poll_frame(context).map_err(never)
            }
            Body::Cut { content, sent } => match ready!(Pin::new(content).poll_frame(context)) {
                Some(frame) => Poll::Ready(Some(frame.map_err(never))),
                None if *sent => Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into()))),
                None => {
                    // hyper discards unsent bytes when a body fails, and sends them when it is
                    // pending.
                    *sent = true;
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            },
            Body::Drip(interval) => {
                ready!(interval.poll_tick(context));
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b" ")))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Whole(content) | Body::Unannounced(content) => content.is_end_stream(),
            Body::Cut { .. } | Body::Drip(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(content) => content.size_hint(),
            Body::Unannounced(_) | Body::Cut { .. } | Body::Drip(_) => SizeHint::default(),
        }
    }
}
