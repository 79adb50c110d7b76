//! One command on its way into the log: checked, and already in the form in which it will be recorded.

use domain::time::Timestamp;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::append::{Append, AppendError, Appended};
use crate::envelope::{Position, RecordedEvent};

/// Most events that one command may append.
pub const EVENTS_PER_COMMAND_MAX: usize = 256;
/// Most bytes of one event's payload, or of its metadata.
pub const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;

/// A command that waits for its place in the log.
pub(crate) struct Entry {
    /// Never empty. Position, recorded time and hash are set each time that it is sent.
    pub(crate) events: Vec<RecordedEvent>,
    pub(crate) category_unchanged_since: Option<Position>,
    pub(crate) answer: oneshot::Sender<Result<Appended, AppendError>>,
    /// It was sent before on a connection that was lost: it may be in the log.
    pub(crate) sent: bool,
}

impl Entry {
    pub(crate) fn stream(&self) -> Uuid {
        self.events[0].stream.id
    }

    pub(crate) fn category(&self) -> &str {
        &self.events[0].stream.category
    }

    pub(crate) fn command_id(&self) -> Uuid {
        self.events[0].command_id
    }

    pub(crate) fn bytes(&self) -> usize {
        self.events
            .iter()
            .map(|event| event.payload.len() + event.metadata.len())
            .sum()
    }

    /// Nobody waits for the answer any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    /// Answers the caller, if he still waits.
    pub(crate) fn settle(self, outcome: Result<Appended, AppendError>) {
        drop(self.answer.send(outcome));
    }
}

/// Turns a command into its entry, or says why the log cannot take it.
pub(crate) fn entry(
    append: Append,
    answer: oneshot::Sender<Result<Appended, AppendError>>,
) -> Result<Entry, AppendError> {
    let Append {
        stream,
        expected,
        events,
        metadata,
        category_unchanged_since,
    } = append;
    if events.is_empty() || events.len() > EVENTS_PER_COMMAND_MAX {
        return refused(format!(
            "a command has 1 to {EVENTS_PER_COMMAND_MAX} events, not {}",
            events.len()
        ));
    }
    if !(0..i64::MAX - 1_000).contains(&expected) {
        return refused(format!("no stream has version {expected}"));
    }
    let command_id = metadata.command_id;
    let metadata =
        serde_json::to_string(&metadata).map_err(|error| AppendError::Refused(error.to_string()))?;
    check(&metadata)?;
    let mut recorded = Vec::with_capacity(events.len());
    for (event, (version, command_index)) in events.into_iter().zip((expected + 1..).zip(0..)) {
        check(&event.payload)?;
        if event.schema_version < 1 {
            return refused(format!(
                "schema versions count from 1, not {}",
                event.schema_version
            ));
        }
        recorded.push(RecordedEvent {
            position: 0,
            stream: stream.clone(),
            version,
            event_id: event.event_id,
            event_type: event.event_type,
            schema_version: event.schema_version,
            payload: event.payload,
            metadata: metadata.clone(),
            recorded_at: Timestamp::EPOCH,
            command_id,
            command_index,
            hash: [0; 32],
        });
    }
    Ok(Entry {
        events: recorded,
        category_unchanged_since,
        answer,
        sent: false,
    })
}

fn refused<T>(why: String) -> Result<T, AppendError> {
    Err(AppendError::Refused(why))
}

/// JSON text may hold escapes that are no text: NUL, which Postgres cannot store as text, and halves of a surrogate
/// pair, which are no character at all. `json` takes them, and then every reader stumbles: so they stop here. Whether
/// the rest is JSON, Postgres checks.
pub(crate) fn check(json: &str) -> Result<(), AppendError> {
    if json.len() > PAYLOAD_BYTES_MAX {
        return refused(format!("{} bytes are more than {PAYLOAD_BYTES_MAX}", json.len()));
    }
    if json.contains('\0') {
        return refused("NUL in JSON text".to_owned());
    }
    let mut after_high = false;
    let mut rest = json;
    while let Some(start) = rest.find('\\') {
        let escape = &rest[start..];
        let unit = escape.strip_prefix("\\u").and_then(|digits| digits.get(..4));
        let unit = unit.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let is_low = matches!(unit, Some(0xDC00..=0xDFFF));
        if unit == Some(0) || is_low != (after_high && start == 0) {
            return refused("an escape in JSON text that stands for no character".to_owned());
        }
        after_high = matches!(unit, Some(0xD800..=0xDBFF));
        let length = if unit.is_some() { 6 } else { 2 };
        rest = escape.get(length..).unwrap_or_default();
        if after_high && !rest.starts_with("\\u") {
            return refused("half a surrogate pair in JSON text".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_that_stand_for_text_pass() {
        for json in [
            r#"{"a":"Gr\u00fc\u00dfe \ud83d\ude00 \n \" \\u0000 \\ud800"}"#,
            "{\"a\":\"😀 ü\"}",
            "{}",
            "\\",
            r"\ud83d\uDE00\ud83d\ude00",
        ] {
            assert_eq!(check(json), Ok(()), "{json}");
        }
    }

    #[test]
    fn escapes_that_stand_for_no_character_are_refused() {
        for json in [
            r#"{"a":"\u0000"}"#,
            r#"{"a":"\\\u0000"}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":"\ud800\n"}"#,
            r#"{"a":"\ud800\u0041"}"#,
            r#"{"a":"\ud83d \ude00"}"#,
            r#"{"a":"\ude00"}"#,
            r#"{"a":"\ud83d\ud83d\ude00"}"#,
            "{\"a\":\"\0\"}",
        ] {
            assert!(matches!(check(json), Err(AppendError::Refused(_))), "{json}");
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(check(&"x".repeat(PAYLOAD_BYTES_MAX + 1)).is_err());
        assert!(check(&"x".repeat(PAYLOAD_BYTES_MAX)).is_ok());
    }
}
