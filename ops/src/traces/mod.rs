//! Sends traces to a collector (OTLP over HTTP, protobuf), in batches from a thread of its own. A collector that is slow or
//! away costs spans, never a request: what does not fit into the queue is dropped, and so is a batch that cannot be sent.

mod sender;

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer, Registry};
use url::Url;

use crate::config::Settings;
use sender::Sender;

/// Spans that wait to be sent, at most; about 1 kB each.
const QUEUE_MAX: usize = 4_096;
/// Spans of one message.
const BATCH_MAX: usize = 512;
/// How long a span waits for others.
const DELAY: Duration = Duration::from_secs(1);
/// How long one message may take.
const SEND_WITHIN: Duration = Duration::from_secs(3);
/// How long the last ones may take when the program ends.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);
/// The span of a request, which log lines show as well.
const REQUEST: &str = "request";

/// Why traces cannot be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TracesError {
    /// There is no HTTP client.
    #[error("preparing to send traces")]
    Client(#[from] reqwest::Error),
    /// The exporter does not take its settings.
    #[error("preparing to send traces")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// The way to the collector.
#[derive(Debug)]
pub(crate) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Prepares to send to the collector of `settings`, if one is set. To be called inside a tokio runtime.
    pub(crate) fn of(settings: &Settings) -> Result<Option<Self>, TracesError> {
        let Some(endpoint) = &settings.otlp_endpoint else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(SEND_WITHIN)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(traces_url(endpoint))
            .with_timeout(SEND_WITHIN)
            .with_retry_policy(RetryPolicy::disabled())
            .build()?;
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE_MAX)
            .with_max_export_batch_size(BATCH_MAX)
            .with_scheduled_delay(DELAY)
            .build();
        let processor = BatchSpanProcessor::builder(exporter)
            .with_batch_config(config)
            .build();
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", "informejo"),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            ])
            .build();
        // What somebody else has begun, and decided about, is decided.
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
            f64::from(settings.traces_percent) / 100.0,
        )));
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_sampler(sampler)
            .with_resource(resource)
            .build();
        Ok(Some(Self { provider }))
    }

    /// What hands the program's spans over.
    pub(crate) fn layer(&self) -> Box<dyn Layer<Registry> + Send + Sync> {
        let is_ours = filter_fn(|metadata| {
            metadata.is_span() && (metadata.target() == eventlog::trace::TARGET || metadata.name() == REQUEST)
        });
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("informejo"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(is_ours)
            .boxed()
    }

    /// Sends what is left, as far as that is quick.
    pub(crate) async fn close(self) {
        let flushed = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(FLUSH_WITHIN));
        if !matches!(flushed.await, Ok(Ok(()))) {
            tracing::debug!("the last traces were not taken in time");
        }
    }
}

/// Where a collector takes traces, below the address that is set for it.
fn traces_url(endpoint: &Url) -> String {
    let base = endpoint.as_str().trim_end_matches('/');
    if base.ends_with("/v1/traces") {
        base.to_owned()
    } else {
        format!("{base}/v1/traces")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_named_with_or_without_its_path() {
        let url = |text: &str| traces_url(&text.parse().unwrap());
        for text in [
            "http://127.0.0.1:4318",
            "http://127.0.0.1:4318/",
            "http://127.0.0.1:4318/v1/traces",
        ] {
            assert_eq!(url(text), "http://127.0.0.1:4318/v1/traces");
        }
        assert_eq!(
            url("https://otlp.example.org/team"),
            "https://otlp.example.org/team/v1/traces"
        );
    }
}
