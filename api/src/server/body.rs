//! The bodies of requests and responses, as the server times them.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::Limits;
use super::progress::Progress;

/// Why the body of a request cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Nothing came for [`Limits::body_idle`].
    #[error("request body stopped coming")]
    Idle,
    /// It took longer than [`Limits::body`].
    #[error("request body took too long")]
    TooSlow,
    /// The connection ended in the middle of it, or it is not well formed.
    #[error("request body broke off")]
    Broken(#[source] hyper::Error),
}

/// Whether `error`, or what it comes from, says that a request's body was too slow: then the answer is 408.
pub fn body_timed_out(error: &(dyn Error + 'static)) -> bool {
    let mut chain = std::iter::successors(Some(error), |&error| error.source());
    chain.any(|error| matches!(error.downcast_ref(), Some(BodyError::Idle | BodyError::TooSlow)))
}

/// A request's body that a handler does not wait for without end. Time counts only while somebody waits for
/// it, so that a handler's own slowness is not the client's fault.
pub(super) struct RequestBody {
    incoming: Incoming,
    progress: Arc<Progress>,
    idle: Duration,
    whole: Duration,
    /// Set when a handler waits for the first time.
    due: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
    ended: bool,
}

impl RequestBody {
    /// The timed form of `incoming`.
    pub(super) fn wrap(incoming: Incoming, progress: Arc<Progress>, limits: &Limits) -> Body {
        if incoming.is_end_stream() {
            return Body::empty();
        }
        Body::new(Self {
            incoming,
            progress,
            idle: limits.body_idle,
            whole: limits.body,
            due: None,
            timer: None,
            waiting: false,
            ended: false,
        })
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<BodyError> {
        let now = Instant::now();
        let due = *self.due.get_or_insert(now + self.whole);
        let until = due.min(now + self.idle);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if !self.waiting {
            timer.as_mut().reset(until);
            self.waiting = true;
        }
        timer.as_mut().poll(context).map(|()| {
            if now >= due {
                BodyError::TooSlow
            } else {
                BodyError::Idle
            }
        })
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.incoming).poll_frame(context) {
            this.waiting = false;
            this.ended = frame.is_none() || this.incoming.is_end_stream();
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Broken)));
        }
        let error = ready!(this.poll_timer(context));
        tracing::debug!(limit = "body", "request body timed out");
        Poll::Ready(Some(Err(error)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if !self.ended && !self.incoming.is_end_stream() {
            self.progress.body_left();
        }
    }
}

/// A response's body that says when it is complete.
pub(super) struct ResponseBody {
    body: Body,
    progress: Arc<Progress>,
}

impl ResponseBody {
    /// The reporting form of `body`.
    pub(super) fn new(body: Body, progress: Arc<Progress>) -> Self {
        Self { body, progress }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.progress.responded();
    }
}
