//! Log lines: for people or as JSON, to standard error, one line for each event whatever somebody typed.

use std::io::{self, IsTerminal, Write};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::log_fields::{JsonFields, TextFields};
use crate::traces::Traces;

/// What a log line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; coloured on a terminal, unless `NO_COLOR` is set.
    Text,
    /// An object on each line, for programs.
    Json,
}

/// Crates that say at every start what is as it should be, and crates that at `debug` or `trace` write down whatever
/// passes through them, session tokens among it. A filter that names them has the last word.
const QUIETER: &str = "refinery_core=warn,tokio_postgres=warn,hyper=warn,hyper_util=warn,tungstenite=warn,\
                       tokio_tungstenite=warn,engineioxide=warn,engineioxide_core=warn,socketioxide=warn,\
                       socketioxide_core=warn,informejo::trace=off,socketioxide_parser_common=warn,multer=warn,object_store=warn,\
                       html5ever=warn,markup5ever=warn";

/// What is logged of all that happens. `filter` has the form of `RUST_LOG`; parts that are wrong are left out.
pub fn filter(filter: &str) -> EnvFilter {
    EnvFilter::new(format!("{QUIETER},{filter}"))
}

/// Sends every event from now on to standard error. `filter` has the form of `RUST_LOG` (parts that are wrong are
/// left out; the settings have refused them). The first call wins.
///
/// With `traces`, spans go there as well.
pub(crate) fn init(format: LogFormat, filter: &str, traces: Option<&Traces>) {
    let filter = self::filter(filter);
    let stderr = OneLine { make: io::stderr };
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Text => {
            let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            lines
                .with_ansi(colour)
                .fmt_fields(TextFields)
                .with_filter(filter)
                .boxed()
        }
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_span_list(false);
            lines.fmt_fields(JsonFields).with_filter(filter).boxed()
        }
    };
    let layers = [Some(lines), traces.map(Traces::layer)];
    let layers: Vec<_> = layers.into_iter().flatten().collect();
    // An error means that somebody, such as a test, has set one already: theirs stays.
    let is_first = tracing_subscriber::registry().with(layers).try_init().is_ok();
    if is_first && traces.is_some() {
        eventlog::trace::begin();
    }
}

/// Makes writers that keep each event on its own line. The formatter hands over one event at a time.
#[derive(Debug, Clone)]
struct OneLine<M> {
    make: M,
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for OneLine<M> {
    type Writer = OneLineWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        OneLineWriter {
            inner: self.make.make_writer(),
        }
    }
}

#[derive(Debug)]
struct OneLineWriter<W> {
    inner: W,
}

impl<W: Write> Write for OneLineWriter<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.inner.write_all(&one_line(event))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// An event on one line: what would break or rewrite it is shown in its escaped form. Of escape sequences only those
/// that set a colour stay, since the formatter itself writes them.
fn one_line(event: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(event);
    let (text, end) = text.strip_suffix('\n').map_or((&*text, ""), |text| (text, "\n"));
    let mut line = String::with_capacity(event.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '\t' => line.push(c),
            '\u{1b}' if is_colour(&text[at + 1..]) => line.push(c),
            '\u{2028}' | '\u{2029}' => line.extend(c.escape_unicode()),
            c if c.is_control() => line.extend(c.escape_default()),
            c => line.push(c),
        }
    }
    line.push_str(end);
    line.into_bytes()
}

/// Whether what follows an escape character sets a colour: `[1;32m`.
fn is_colour(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('[') else {
        return false;
    };
    rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
        .starts_with('m')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Collects what is written.
    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, event: impl FnOnce()) -> String {
        let sink = Sink::default();
        let make = {
            let sink = sink.clone();
            move || sink.clone()
        };
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(OneLine { make })
            .with_ansi(false);
        let registry = tracing_subscriber::registry();
        match format {
            LogFormat::Text => tracing::subscriber::with_default(registry.with(lines), event),
            LogFormat::Json => {
                let lines = lines.json().flatten_event(true).with_span_list(false);
                tracing::subscriber::with_default(registry.with(lines), event);
            }
        }
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_event_stays_on_its_line_whatever_was_typed() {
        let typed = "x\r\n2026-01-01T00:00:00Z  INFO forged\u{85}\u{2028}\u{1b}[2Jend\0";
        for format in [LogFormat::Text, LogFormat::Json] {
            let text = logged(format, || tracing::info!(ticket.title = %typed, "typed: {typed}"));
            assert_eq!(text.lines().count(), 1, "{text:?}");
            assert!(text.ends_with('\n'));
            let body = text.trim_end_matches('\n');
            assert!(!body.contains(|c: char| c.is_control() && c != '\t'), "{text:?}");
        }
    }

    #[test]
    fn colours_are_all_that_stays_of_escape_sequences() {
        let line = one_line(b"\x1b[1;32mINFO\x1b[0m \x1b[2J\x1b]0;title\x07\n");
        let shown = "\x1b[1;32mINFO\x1b[0m \\u{1b}[2J\\u{1b}]0;title\\u{7}\n";
        assert_eq!(String::from_utf8(line).unwrap(), shown);
    }

    #[test]
    fn socket_io_lines_can_be_searched_for_letter_by_letter() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let text = logged(format, || {
                tracing::info!("[Socket.IO] Emitted 'comment:added' to ticket:{}", 7);
            });
            assert!(
                text.contains("[Socket.IO] Emitted 'comment:added' to ticket:7"),
                "{text}"
            );
        }
    }
}
