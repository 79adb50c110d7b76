//! A TCP stream that can be cut from outside, and that cuts itself when its peer does not read.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::admission::Admitted;
use super::progress::Progress;

/// A client's TCP stream. It counts as a connection until it is dropped, whoever owns it by then.
#[derive(Debug)]
pub(super) struct ClientStream {
    tcp: TcpStream,
    abort: CancellationToken,
    // One each, because after an upgrade two tasks may own the two directions, and a future wakes its last
    // poller only.
    read_cut: Cut,
    write_cut: Cut,
    stall: Stall,
    progress: Arc<Progress>,
    _admitted: Admitted,
    _open: TaskTrackerToken,
}

impl ClientStream {
    /// Wraps an accepted stream. `abort` cuts it; `open` says that the server has not ended yet.
    pub(super) fn new(
        tcp: TcpStream,
        abort: CancellationToken,
        progress: Arc<Progress>,
        write_stall: Duration,
        admitted: Admitted,
        open: TaskTrackerToken,
    ) -> Self {
        let stall = Stall {
            limit: write_stall,
            since_write: None,
            running: false,
        };
        Self {
            tcp,
            abort,
            read_cut: Cut(None),
            write_cut: Cut(None),
            stall,
            progress,
            _admitted: admitted,
            _open: open,
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.abort.is_cancelled() {
            Err(cut())
        } else {
            Ok(())
        }
    }

    fn poll_writing(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        if let Poll::Ready(written) = write(Pin::new(&mut self.tcp), context) {
            self.stall.running = false;
            return Poll::Ready(written);
        }
        if self.write_cut.poll(&self.abort, context).is_ready() {
            return Poll::Ready(Err(cut()));
        }
        ready!(self.stall.poll(context));
        tracing::debug!(limit = "write_stall", "client does not read, connection cut");
        self.abort.cancel();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.check()?;
        let filled = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.tcp).poll_read(context, buffer) {
            if buffer.filled().len() > filled {
                this.progress.read();
            }
            return Poll::Ready(read);
        }
        this.read_cut.poll(&this.abort, context).map(|()| Err(cut()))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_writing(context, |tcp, context| tcp.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_writing(context, |tcp, context| tcp.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    /// A TCP stream has nothing to flush; whoever calls this has nothing left to write.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        self.progress.flushed();
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

impl Drop for ClientStream {
    fn drop(&mut self) {
        if self.abort.is_cancelled() {
            // Without this the kernel would go on offering the unsent bytes to a peer that does not take
            // them.
            let reset = SockRef::from(&self.tcp).set_linger(Some(Duration::ZERO));
            if let Err(error) = reset {
                tracing::debug!(%error, "cut connection closes without a reset");
            }
        }
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "connection was cut")
}

/// Wakes the one who waits for a direction of the stream when the stream is cut.
#[derive(Debug)]
struct Cut(Option<Pin<Box<WaitForCancellationFutureOwned>>>);

impl Cut {
    fn poll(&mut self, abort: &CancellationToken, context: &mut Context<'_>) -> Poll<()> {
        self.0
            .get_or_insert_with(|| Box::pin(abort.clone().cancelled_owned()))
            .as_mut()
            .poll(context)
    }
}

/// How long the peer has taken nothing.
#[derive(Debug)]
struct Stall {
    limit: Duration,
    since_write: Option<Pin<Box<Sleep>>>,
    running: bool,
}

impl Stall {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let sleep = self
            .since_write
            .get_or_insert_with(|| Box::pin(sleep(self.limit)));
        if !self.running {
            sleep.as_mut().reset(Instant::now() + self.limit);
            self.running = true;
        }
        sleep.as_mut().poll(context)
    }
}
