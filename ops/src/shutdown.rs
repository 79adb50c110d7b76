//! Ending in an orderly way: signals become a cancellation, and the way out has a limit.

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long the way out may take in all.
pub const SHUTDOWN_WITHIN: Duration = Duration::from_secs(10);

/// Exit code of a program that was told to stop twice, as shells have it for Ctrl-C.
pub const EXIT_INTERRUPTED: i32 = 130;

/// The signals that mean "end".
#[derive(Debug)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hang_up.recv() => "SIGHUP",
        }
    }
}

/// A token that SIGTERM, Ctrl-C or the end of the terminal cancels. A second signal ends the program at once, with
/// exit code 130: nothing is lost by that, see the promises about `kill -9`.
pub fn on_signal() -> io::Result<CancellationToken> {
    let mut signals = Signals::listen()?;
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        let name = signals.next().await;
        tracing::info!("[{name}] Shutting down gracefully...");
        cancelled.cancel();
        let name = signals.next().await;
        tracing::warn!("[{name}] Stopping at once");
        std::process::exit(EXIT_INTERRUPTED);
    });
    Ok(token)
}

/// The way out took too long.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("shutting down took more than {} s", .0.as_secs())]
pub struct TooSlow(pub Duration);

/// Runs the way out, at most `limit` of it.
pub async fn within<T>(limit: Duration, way_out: impl Future<Output = T>) -> Result<T, TooSlow> {
    tokio::time::timeout(limit, way_out).await.map_err(|_| {
        tracing::error!("Forcing shutdown after timeout");
        TooSlow(limit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn way_out_is_bounded() {
        assert_eq!(within(Duration::from_secs(5), async { 7 }).await, Ok(7));
        let limit = Duration::from_millis(5);
        assert_eq!(
            within(limit, std::future::pending::<()>()).await,
            Err(TooSlow(limit))
        );
    }
}
