//! Figures for Prometheus: counted by meters that the crates are handed, or looked up when somebody asks.
//!
//! Each server has a recorder of its own rather than the process' one: several in one process do not mix. Without
//! METRICS_ADDRESS there is none, and the meters count nothing.

mod door;
mod http;
mod lag;
pub mod names;
mod process;
mod scrape;

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{HttpMeter, NoMeter};
use eventlog::{Meters, Position};
use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use parking_lot::Mutex;
use tokio::sync::watch;

use lag::Heads;
use names::{FIGURES, Kind};

pub(crate) use door::open;
pub(crate) use scrape::Sources;

/// How often the log's head is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often what the histograms have gathered is summed up, whether somebody asks for it or not, in looks.
const SUM_UP_EVERY_TICKS: u64 = 5;

const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, None);

/// One server's figures. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    heads: Arc<Mutex<Heads>>,
}

/// Why no figures can be gathered.
#[derive(Debug, thiserror::Error)]
#[error("the histogram {0} cannot be made")]
pub(crate) struct BadHistogram(&'static str, #[source] metrics_exporter_prometheus::BuildError);

impl Metrics {
    pub(crate) fn new() -> Result<Self, BadHistogram> {
        let mut builder = PrometheusBuilder::new();
        for figure in FIGURES {
            if let Kind::Histogram(bounds) = figure.kind {
                builder = builder
                    .set_buckets_for_metric(Matcher::Full(figure.name.to_owned()), bounds)
                    .map_err(|error| BadHistogram(figure.name, error))?;
            }
        }
        let recorder = builder.build_recorder();
        for figure in FIGURES {
            let (name, help) = (figure.name.into(), figure.help.into());
            match figure.kind {
                Kind::Counter => recorder.describe_counter(name, None, help),
                Kind::Gauge => recorder.describe_gauge(name, None, help),
                Kind::Histogram(_) => recorder.describe_histogram(name, None, help),
            }
        }
        Ok(Self {
            handle: recorder.handle(),
            recorder: Arc::new(recorder),
            heads: Arc::default(),
        })
    }

    /// The log's meters.
    pub(crate) fn log(&self) -> Meters {
        let errors = |reason| self.counter(names::LOG_APPEND_ERRORS, &[("reason", reason)]);
        Meters {
            appends: self.counter(names::LOG_APPENDS, &[]),
            events: self.counter(names::LOG_EVENTS, &[]),
            batch_events: self.histogram(names::LOG_BATCH_EVENTS, &[]),
            append_seconds: self.histogram(names::LOG_APPEND_SECONDS, &[]),
            conflicts: self.counter(names::LOG_CONFLICTS, &[]),
            duplicates: self.counter(names::LOG_DUPLICATES, &[]),
            unavailable: errors("unavailable"),
            refused: errors("refused"),
            lost_connections: self.counter(names::LOG_LOST_CONNECTIONS, &[]),
        }
    }

    /// Sums up what the histograms gather, which would grow between two questions, and remembers when the log grew; for
    /// ever.
    pub(crate) async fn gather(self, head: watch::Receiver<Position>) {
        for tick in 1_u64.. {
            self.saw(*head.borrow());
            tokio::time::sleep(LOOK_EVERY).await;
            if tick % SUM_UP_EVERY_TICKS == 0 {
                self.handle.run_upkeep();
            }
        }
    }

    fn saw(&self, head: Position) {
        self.heads.lock().saw(head, Instant::now());
    }

    /// For how long the log has reached beyond `applied`.
    fn behind(&self, applied: Position) -> Duration {
        self.heads.lock().behind(applied, Instant::now())
    }

    fn counter(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Counter {
        self.recorder.register_counter(&key(name, labels), &METADATA)
    }

    fn gauge(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Gauge {
        self.recorder.register_gauge(&key(name, labels), &METADATA)
    }

    fn histogram(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Histogram {
        self.recorder.register_histogram(&key(name, labels), &METADATA)
    }
}

fn key(name: &'static str, labels: &[(&'static str, &str)]) -> Key {
    let labels = labels
        .iter()
        .map(|(name, value)| Label::new(*name, (*value).to_owned()));
    Key::from_parts(name, labels.collect::<Vec<_>>())
}

/// The meters of a server that may have no figures.
pub(crate) fn meters(metrics: Option<&Metrics>) -> (Meters, Arc<dyn HttpMeter>) {
    match metrics {
        Some(metrics) => (metrics.log(), Arc::new(http::Requests::new(metrics.clone()))),
        None => (Meters::default(), Arc::new(NoMeter)),
    }
}
