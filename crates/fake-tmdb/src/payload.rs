//! The bodies the server sends: whole, in pieces, or broken off on purpose.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body::{Frame, SizeHint};

type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

pub(crate) enum Payload {
    Whole(Bytes),
    Pieces(Pieces),
}

impl Payload {
    pub(crate) fn pieces(pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self::Pieces(Box::pin(pieces))
    }

    /// Sends these pieces, and then lets the connection die.
    pub(crate) fn broken(pieces: Vec<Bytes>) -> Self {
        let end = futures_util::stream::once(async {
            // What was written goes out first.
            tokio::time::sleep(Duration::from_millis(10)).await;
            Err(io::Error::other("the answer ends here on purpose"))
        });
        Self::pieces(futures_util::stream::iter(pieces.into_iter().map(Ok)).chain(end))
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }
}

impl http_body::Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Pieces(pieces) => {
                pieces.as_mut().poll_next(context).map(|piece| piece.map(|it| it.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Pieces(_) => SizeHint::default(),
        }
    }
}
