//! Waiting for a state, with a deadline. Nothing here waits for a while and hopes.

use std::fmt::Debug;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

/// How long anything may take that is expected to happen. Generous: reached only when a test fails.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// How often a state is looked at that nobody announces.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The outcome of `future`, which must come before the deadline.
pub async fn within<T>(what: impl Debug, future: impl Future<Output = T>) -> T {
    timeout(DEADLINE, future)
        .await
        .unwrap_or_else(|_| panic!("not within {DEADLINE:?}: {what:?}"))
}

/// Looks until there is something to see.
pub async fn until<T, F: Future<Output = Option<T>>>(what: impl Debug, look: impl FnMut() -> F) -> T {
    until_within(DEADLINE, what, look).await
}

/// As [`until`], with a deadline that is part of what is promised.
pub async fn until_within<T, F: Future<Output = Option<T>>>(
    deadline: Duration,
    what: impl Debug,
    mut look: impl FnMut() -> F,
) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < end, "not within {deadline:?}: {what:?}");
        sleep(LOOK_EVERY).await;
    }
}
