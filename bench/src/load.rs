//! A closed loop: so many workers, each of which does the next thing when the last one is done.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::outcome::Outcome;

/// Connections and caches get warm before anything counts.
const WARM_UP: Duration = Duration::from_millis(300);

/// One of those who work at the same time.
pub(crate) trait Worker: Send + 'static {
    /// Does one thing. A failure ends the measurement.
    fn once(&mut self) -> impl Future<Output = Outcome<()>> + Send;
}

/// What a load came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// How many things were done in a second.
    pub(crate) per_second: f64,
    /// How long half of them took at most, in milliseconds.
    pub(crate) p50: f64,
    /// How long 99 % of them took at most, in milliseconds.
    pub(crate) p99: f64,
}

impl Sample {
    /// From how long each took, in microseconds, of all that were done within `time`.
    pub(crate) fn new(mut micros: Vec<u32>, time: Duration) -> Self {
        micros.sort_unstable();
        Self {
            per_second: count(micros.len()) / time.as_secs_f64(),
            p50: percentile(&micros, 50),
            p99: percentile(&micros, 99),
        }
    }

    /// In the order in which tables show them.
    pub(crate) fn values(&self) -> [Option<f64>; 3] {
        [Some(self.per_second), Some(self.p50), Some(self.p99)]
    }
}

/// In milliseconds, of sorted microseconds.
pub(crate) fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted
        .get(place)
        .map_or(f64::NAN, |micros| f64::from(*micros) / 1_000.0)
}

/// A number of things as a number to calculate with.
pub(crate) fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

/// Whole microseconds, as far as they matter.
pub(crate) fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}

/// Lets all of them work for a while.
pub(crate) async fn run<W: Worker>(workers: impl IntoIterator<Item = W>, time: Duration) -> Outcome<Sample> {
    let begin = Instant::now() + WARM_UP;
    let mut tasks = JoinSet::new();
    for worker in workers {
        tasks.spawn(work(worker, begin, begin + time));
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.extend(done??);
    }
    Ok(Sample::new(all, time))
}

/// How long each thing took that was done between `begin` and `end`, in microseconds.
async fn work<W: Worker>(mut worker: W, begin: Instant, end: Instant) -> Outcome<Vec<u32>> {
    let mut taken = Vec::new();
    loop {
        let start = Instant::now();
        if start >= end {
            return Ok(taken);
        }
        worker.once().await?;
        let done = Instant::now();
        if done >= begin && done <= end {
            taken.push(micros(done - start));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let hundred: Vec<u32> = (1..=100).map(|n| n * 1_000).collect();
        let sample = Sample::new(hundred, Duration::from_secs(2));
        assert_eq!(sample.values(), [Some(50.0), Some(50.0), Some(99.0)]);
        assert!(percentile(&[], 50).is_nan());
        assert_eq!(percentile(&[7_000], 99).to_bits(), 7.0_f64.to_bits());
    }
}
