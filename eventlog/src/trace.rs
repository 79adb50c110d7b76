//! Traces: which request an event comes from, for whoever follows one through the house (OpenTelemetry).
//!
//! The spans are those of `tracing`. Where nobody collects them, which is the default, none is made: each of the functions
//! here looks at one atomic and returns. An event carries its trace in its metadata, in the form of W3C Trace Context, so
//! that what follows from it, in another task or on another node, belongs to the same trace.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::trace::{SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, Value};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::envelope::RecordedEvent;

/// The target of all spans that are for traces only: log lines do not show them.
pub const TARGET: &str = "informejo::trace";

/// Spans of one batch of events, at most. More events than these at once are being caught up with, and nobody waits for
/// them.
const SPANS_PER_BATCH_MAX: usize = 64;

/// Length of a `traceparent` of version 00.
const LENGTH: usize = 55;

/// Somebody collects traces. (`tracing::enabled!` cannot be asked: the answer of one layer's filter would be taken for that
/// of another, and log lines be lost.)
static ON: AtomicBool = AtomicBool::new(false);

/// From now on traces are collected.
pub fn begin() {
    ON.store(true, Ordering::Relaxed);
}

/// Whether anybody collects traces.
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// A place in a trace: the `traceparent` of W3C Trace Context, version 00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace: TraceId,
    span: SpanId,
    flags: TraceFlags,
}

impl TraceParent {
    /// Reads a `traceparent`. What is not exactly one is none: it may come from anybody.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let is_well = |(at, byte): (usize, &u8)| match at {
            2 | 35 | 52 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        };
        if bytes.len() != LENGTH || !text.starts_with("00-") || !bytes.iter().enumerate().all(is_well) {
            return None;
        }
        let trace = TraceId::from_hex(&text[3..35]).ok()?;
        let span = SpanId::from_hex(&text[36..52]).ok()?;
        let flags = u8::from_str_radix(&text[53..], 16).ok()?;
        let is_valid = trace != TraceId::INVALID && span != SpanId::INVALID;
        is_valid.then_some(Self {
            trace,
            span,
            flags: TraceFlags::new(flags) & TraceFlags::SAMPLED,
        })
    }

    /// The place of `span`; none if nobody collects traces.
    pub fn of(span: &Span) -> Option<Self> {
        if span.is_disabled() {
            return None;
        }
        let context = span.context();
        let span = context.span();
        let context = span.span_context();
        context.is_valid().then(|| Self {
            trace: context.trace_id(),
            span: context.span_id(),
            flags: context.trace_flags() & TraceFlags::SAMPLED,
        })
    }

    /// Makes `span` a child of this place. It must not have been entered yet.
    pub fn lead(self, span: &Span) {
        let context = SpanContext::new(self.trace, self.span, self.flags, true, TraceState::NONE);
        // An error means that nobody collects traces.
        let _ = span.set_parent(Context::new().with_remote_span_context(context));
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, self.flags.to_u8())
    }
}

/// The span that `make` makes for something that follows from `event`, in the trace that the event belongs to; none if it
/// belongs to none.
pub fn following(event: &RecordedEvent, make: impl FnOnce() -> Span) -> Span {
    if !is_on() {
        return Span::none();
    }
    let Some(parent) = event.traceparent() else {
        return Span::none();
    };
    let span = make();
    parent.lead(&span);
    span
}

/// As [`following`], for a batch of events. The spans end when they are dropped.
pub fn following_all<'a>(
    events: impl IntoIterator<Item = &'a RecordedEvent>,
    make: impl Fn(&RecordedEvent) -> Span,
) -> Vec<Span> {
    if !is_on() {
        return Vec::new();
    }
    let events = events.into_iter().take(SPANS_PER_BATCH_MAX);
    events.map(|event| following(event, || make(event))).collect()
}

/// Writes something down in a span, for traces only.
pub fn note(span: &Span, name: &'static str, value: impl Into<Value>) {
    if is_on() {
        span.set_attribute(name, value);
    }
}

/// What a span stands for went wrong.
pub fn fail(span: &Span) {
    if is_on() {
        span.set_status(Status::error(""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_is_read_and_written() {
        assert_eq!(TraceParent::parse(GOOD).unwrap().to_string(), GOOD);
        let unsampled = GOOD.replace("-01", "-00");
        assert_eq!(TraceParent::parse(&unsampled).unwrap().to_string(), unsampled);
        // Flags that nobody knows yet are not passed on.
        let unknown = GOOD.replace("-01", "-ff");
        assert_eq!(TraceParent::parse(&unknown).unwrap().to_string(), GOOD);
    }

    #[test]
    fn whatever_is_no_traceparent_is_none() {
        let cases = [
            String::new(),
            "00".to_owned(),
            GOOD.to_uppercase(),
            format!("{GOOD}-00"),
            format!(" {GOOD}"),
            GOOD.replacen("00-", "ff-", 1),
            GOOD.replacen("00-", "01-", 1),
            GOOD.replace('4', "+"),
            GOOD.replace('-', "_"),
            GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            GOOD.replace("f9", "é"),
            "\u{0}".repeat(LENGTH),
        ];
        for case in cases {
            assert_eq!(TraceParent::parse(&case), None, "{case:?}");
        }
    }

    #[test]
    fn where_nobody_collects_there_are_no_spans() {
        assert!(!is_on());
        assert_eq!(TraceParent::of(&Span::current()), None);
        let span = tracing::trace_span!(target: TARGET, "test");
        TraceParent::parse(GOOD).unwrap().lead(&span);
        assert!(span.is_disabled() && TraceParent::of(&span).is_none());
    }
}
