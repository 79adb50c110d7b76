//! An event as a line of JSON: whole, with payload and metadata as the texts that they are, so that its hash can be
//! computed again from the line.

use std::borrow::Cow;
use std::fmt;

use domain::time::Timestamp;
use eventlog::{PAYLOAD_BYTES_MAX, RecordedEvent, StreamId};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::merkle::Hash;

/// Longest line: an event at its largest, escaped, and a proof.
pub const LINE_BYTES_MAX: usize = 8 * PAYLOAD_BYTES_MAX;

/// The columns of `log.events`, by the names that `FORMAT.md` of crate eventlog and its vectors have for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventLine<'a> {
    position: i64,
    #[serde(borrow)]
    category: Cow<'a, str>,
    stream: Uuid,
    version: i64,
    event_id: Uuid,
    #[serde(borrow, rename = "type")]
    event_type: Cow<'a, str>,
    schema_version: i32,
    #[serde(borrow)]
    payload: Cow<'a, str>,
    #[serde(borrow)]
    metadata: Cow<'a, str>,
    recorded_at: Timestamp,
    command_id: Uuid,
    command_index: i32,
    hash: HexHash,
}

impl<'a> EventLine<'a> {
    /// The line of `event`; `None` if its time is none that can be written down and read again.
    pub fn of(event: &'a RecordedEvent) -> Option<Self> {
        let time = event.recorded_at;
        (Timestamp::parse(&time.to_string()) == Ok(time)).then(|| Self {
            position: event.position,
            category: event.stream.category.as_ref().into(),
            stream: event.stream.id,
            version: event.version,
            event_id: event.event_id,
            event_type: event.event_type.as_str().into(),
            schema_version: event.schema_version,
            payload: event.payload.as_str().into(),
            metadata: event.metadata.as_str().into(),
            recorded_at: time,
            command_id: event.command_id,
            command_index: event.command_index,
            hash: HexHash(event.hash),
        })
    }

    /// The event of the line. Whether its hash fits is for [`eventlog::link`] to say.
    pub fn into_event(self) -> RecordedEvent {
        RecordedEvent {
            position: self.position,
            stream: StreamId {
                category: self.category.into_owned().into(),
                id: self.stream,
            },
            version: self.version,
            event_id: self.event_id,
            event_type: self.event_type.into_owned(),
            schema_version: self.schema_version,
            payload: self.payload.into_owned(),
            metadata: self.metadata.into_owned(),
            recorded_at: self.recorded_at,
            command_id: self.command_id,
            command_index: self.command_index,
            hash: self.hash.0,
        }
    }
}

/// A hash as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HexHash(pub Hash);

impl Serialize for HexHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; 64];
        hex::encode_to_slice(self.0, &mut digits).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(std::str::from_utf8(&digits).map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for HexHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;

        impl Visitor<'_> for Digits {
            type Value = HexHash;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("64 lower-case hexadecimal digits")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<HexHash, E> {
                parse_hash(text)
                    .map(HexHash)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Digits)
    }
}

/// A hash as it is written: 64 lower-case hexadecimal digits.
pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    if text.bytes().any(|digit| digit.is_ascii_uppercase()) {
        return None;
    }
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(hash)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The vectors of crate eventlog, as events.
    pub(crate) fn vectors() -> Vec<RecordedEvent> {
        let text = include_str!("../../eventlog/tests/vectors/chain.json");
        let mut vectors: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        let event = |vector: &mut serde_json::Value| {
            vector.as_object_mut().unwrap().remove("previousHash");
            let line = vector.to_string();
            serde_json::from_str::<EventLine<'_>>(&line).unwrap().into_event()
        };
        vectors.iter_mut().map(event).collect()
    }

    #[test]
    fn has_the_columns_by_the_names_of_the_vectors_and_comes_back_the_same() {
        for event in vectors() {
            let line = serde_json::to_string(&EventLine::of(&event).unwrap()).unwrap();
            assert!(!line.contains('\n'));
            let back: EventLine<'_> = serde_json::from_str(&line).unwrap();
            assert_eq!(back.into_event(), event);
        }
    }

    #[test]
    fn a_time_that_cannot_be_written_is_told() {
        let mut event = vectors().remove(0);
        event.recorded_at = Timestamp::from_millis(i64::MAX);
        assert_eq!(EventLine::of(&event), None);
    }

    #[test]
    fn anything_more_less_or_twice_is_refused() {
        let line = serde_json::to_string(&EventLine::of(&vectors()[0]).unwrap()).unwrap();
        for broken in [
            line.replace("\"version\":1,", ""),
            line.replace("\"version\":1,", "\"version\":1,\"version\":1,"),
            line.replace("\"version\":1,", "\"version\":1,\"more\":1,"),
            line.replace("\"version\":1,", "\"version\":1.0,"),
            line.replace("\"version\":1,", "\"version\":\"1\","),
            line.replace("09d1245b", "09D1245B"),
            line.replace("09d1245b", "09d1245"),
            format!("{line}{line}"),
        ] {
            assert!(
                serde_json::from_str::<EventLine<'_>>(&broken).is_err(),
                "{broken}"
            );
        }
    }
}
