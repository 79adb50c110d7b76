//! Requests, by route, method and status.

use api::{Answered, HttpMeter};
use metrics::{Counter, Gauge};

use super::{Metrics, names};

/// See above.
pub(super) struct Requests {
    metrics: Metrics,
    under_way: Gauge,
    abandoned: Counter,
}

impl Requests {
    pub(super) fn new(metrics: Metrics) -> Self {
        Self {
            under_way: metrics.gauge(names::HTTP_UNDER_WAY, &[]),
            abandoned: metrics.counter(names::HTTP_ABANDONED, &[]),
            metrics,
        }
    }
}

impl HttpMeter for Requests {
    fn begin(&self) {
        self.under_way.increment(1.0);
    }

    fn end(&self, answered: Option<Answered<'_>>) {
        self.under_way.decrement(1.0);
        let Some(answered) = answered else {
            self.abandoned.increment(1);
            return;
        };
        let status = answered.status.to_string();
        let of_route = [("method", answered.method), ("route", answered.route)];
        let of_status = [of_route[0], of_route[1], ("status", &status)];
        self.metrics
            .counter(names::HTTP_REQUESTS, &of_status)
            .increment(1);
        self.metrics
            .histogram(names::HTTP_SECONDS, &of_route)
            .record(answered.took);
    }
}
