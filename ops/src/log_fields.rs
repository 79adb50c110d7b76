//! The fields of log lines, as `tracing-subscriber` writes them, but without those that are for traces only.

use std::error::Error;
use std::fmt;

use tracing::field::{Field, Visit};
use tracing_subscriber::field::{RecordFields, VisitOutput};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultVisitor, JsonVisitor, Writer};

/// How the names of fields begin that tell `tracing-opentelemetry` what to do.
const FOR_TRACES: &str = "otel.";

/// For people.
pub(crate) struct TextFields;

/// As JSON.
pub(crate) struct JsonFields;

impl<'writer> FormatFields<'writer> for TextFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = DefaultVisitor::new(writer, true);
        fields.record(&mut Sieve(&mut visitor));
        visitor.finish()
    }
}

impl<'writer> FormatFields<'writer> for JsonFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = JsonVisitor::new(&mut writer);
        fields.record(&mut Sieve(&mut visitor));
        visitor.finish()
    }
}

struct Sieve<'a>(&'a mut dyn Visit);

impl Sieve<'_> {
    fn pass(&mut self, field: &Field, record: impl FnOnce(&mut dyn Visit)) {
        if !field.name().starts_with(FOR_TRACES) {
            record(self.0);
        }
    }
}

impl Visit for Sieve<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.pass(field, |visitor| visitor.record_f64(field, value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.pass(field, |visitor| visitor.record_i64(field, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.pass(field, |visitor| visitor.record_u64(field, value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.pass(field, |visitor| visitor.record_bool(field, value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.pass(field, |visitor| visitor.record_str(field, value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.pass(field, |visitor| visitor.record_error(field, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.pass(field, |visitor| visitor.record_debug(field, value));
    }
}
