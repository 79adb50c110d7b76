//! What the help desks in this process log, written as the program writes it.

use std::io::{self, Write};
use std::sync::Once;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

use super::of_this_run;

/// Listens at TRACE, from the first call on. What the program keeps from its log at every level is not heard here either.
/// `TESTS_LOG` says another level, for whoever measures what that costs.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let level = std::env::var("TESTS_LOG").unwrap_or_else(|_| "trace".to_owned());
        let filter = ops::telemetry::filter(&level);
        let lines = fmt::layer().with_ansi(false).with_writer(|| OfThisRun);
        // An error means that a test has its own: that one searches for itself.
        let _ = registry().with(lines.with_filter(filter)).try_init();
    });
}

struct OfThisRun;

impl Write for OfThisRun {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        of_this_run().logged(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
