//! What the log stores of an event: the payload that a caller hands in, and the envelope around it.

use std::borrow::Cow;
use std::fmt;

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::trace::TraceParent;

/// A place in the whole log: 1, 2, 3, … in commit order and without gaps; 0 is before the first event.
pub type Position = i64;

/// A place in one stream: 1, 2, 3, … without gaps; 0 means that the stream does not exist.
pub type Version = i64;

/// SHA-256, as `FORMAT.md` defines it.
pub type Hash = [u8; 32];

/// The events of one thing: a category ("ticket") and the thing's id.
///
/// Ids are unique across categories, so the id alone finds the stream; the category is there to be read by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StreamId {
    /// What kind of thing it is; a short lower-case word.
    pub category: Cow<'static, str>,
    /// Which one.
    pub id: Uuid,
}

impl StreamId {
    /// The stream of the thing `id` of a category.
    pub const fn new(category: &'static str, id: Uuid) -> Self {
        Self {
            category: Cow::Borrowed(category),
            id,
        }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.category, self.id)
    }
}

/// An event that is to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// The event's own id (UUIDv7, made by the caller).
    pub event_id: Uuid,
    /// Its type; the name is part of the storage format.
    pub event_type: String,
    /// Version of the type's payload, from 1.
    pub schema_version: i32,
    /// JSON text; stored, hashed and given back byte for byte.
    pub payload: String,
}

/// Who and what caused an event. Stored as JSON text beside it, and inside the hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// `account:<uuid>`, `system:<name>` or `anonymous`.
    pub actor: String,
    /// The command's id; a second append with it appends nothing.
    pub command_id: Uuid,
    /// Common to everything that one request from outside set off.
    pub correlation_id: Uuid,
    /// The event or command that led to this command, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<Uuid>,
    /// Where the command came from: `http`, `cli`, `demo`.
    pub origin: String,
    /// Hex SHA-256 of the request, so that a reused command id with another request can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The trace that the command belongs to, where traces are collected: a `traceparent` of W3C Trace Context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// An event as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Its place in the whole log.
    pub position: Position,
    /// The stream that it belongs to.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// Its own id.
    pub event_id: Uuid,
    /// Its type.
    pub event_type: String,
    /// Version of the type's payload.
    pub schema_version: i32,
    /// JSON text, byte for byte as it was appended.
    pub payload: String,
    /// [`Metadata`] as JSON text, byte for byte as it was appended.
    pub metadata: String,
    /// When the appending process wrote it, by that process's clock. Order is told by positions, never by this.
    pub recorded_at: Timestamp,
    /// The command that it is an outcome of.
    pub command_id: Uuid,
    /// Its place among the events of that command, from 0.
    pub command_index: i32,
    /// Hash of the previous event's hash and everything above.
    pub hash: Hash,
}

impl RecordedEvent {
    /// The place in a trace that it comes from, if that is known.
    pub fn traceparent(&self) -> Option<TraceParent> {
        #[derive(Deserialize)]
        struct Traced<'a> {
            traceparent: Option<&'a str>,
        }
        let traced: Traced<'_> = serde_json::from_str(&self.metadata).ok()?;
        TraceParent::parse(traced.traceparent?)
    }

    /// The metadata as values. An error means that somebody else wrote the row.
    pub fn parsed_metadata(&self) -> Result<Metadata, serde_json::Error> {
        serde_json::from_str(&self.metadata)
    }
}

/// The end of the log: the last position and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last position; 0 when the log is empty.
    pub position: Position,
    /// Its hash; 32 zero bytes when the log is empty.
    pub hash: Hash,
}

impl Head {
    /// The head of an empty log.
    pub const EMPTY: Self = Self {
        position: 0,
        hash: [0; 32],
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_camel_case_json_without_absent_members() {
        let metadata = Metadata {
            actor: "anonymous".to_owned(),
            command_id: Uuid::from_u128(1),
            correlation_id: Uuid::from_u128(2),
            causation_id: None,
            origin: "http".to_owned(),
            fingerprint: None,
            traceparent: None,
        };
        let json = serde_json::to_string(&metadata).unwrap();
        assert_eq!(
            json,
            "{\"actor\":\"anonymous\",\"commandId\":\"00000000-0000-0000-0000-000000000001\",\
             \"correlationId\":\"00000000-0000-0000-0000-000000000002\",\"origin\":\"http\"}"
        );
        assert_eq!(serde_json::from_str::<Metadata>(&json).unwrap(), metadata);
    }

    #[test]
    fn metadata_of_a_later_writer_can_be_read() {
        let json = "{\"actor\":\"anonymous\",\"commandId\":\"00000000-0000-0000-0000-000000000001\",\
                    \"correlationId\":\"00000000-0000-0000-0000-000000000002\",\"origin\":\"http\",\"later\":1}";
        assert!(serde_json::from_str::<Metadata>(json).is_ok());
    }
}
