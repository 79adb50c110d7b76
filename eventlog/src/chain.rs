//! The hash chain: what the hash of an event is made of. `FORMAT.md` says the same for strangers, with test vectors.

use domain::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::envelope::{Hash, Position, RecordedEvent, Version};

/// First bytes of what is hashed: the purpose, so that no hash of anything else can be passed off as one of these,
/// and the version of the format.
pub const FORMAT_TAG: &[u8; 16] = b"informejo/log/v1";

/// What is hashed of an event, as bytes: whoever only hashes need not know that they are text.
pub(crate) struct Content<'a> {
    pub(crate) position: Position,
    pub(crate) category: &'a [u8],
    pub(crate) stream: &'a [u8; 16],
    pub(crate) version: Version,
    pub(crate) event_id: &'a [u8; 16],
    pub(crate) event_type: &'a [u8],
    pub(crate) schema_version: i32,
    pub(crate) payload: &'a [u8],
    pub(crate) metadata: &'a [u8],
    pub(crate) recorded_at: Timestamp,
    pub(crate) command_id: &'a [u8; 16],
    pub(crate) command_index: i32,
}

/// The hash that `event` must have after an event with the hash `previous` (32 zero bytes before the first event).
/// `event.hash` itself is not looked at.
pub fn link(previous: &Hash, event: &RecordedEvent) -> Hash {
    link_content(
        previous,
        &Content {
            position: event.position,
            category: event.stream.category.as_bytes(),
            stream: event.stream.id.as_bytes(),
            version: event.version,
            event_id: event.event_id.as_bytes(),
            event_type: event.event_type.as_bytes(),
            schema_version: event.schema_version,
            payload: event.payload.as_bytes(),
            metadata: event.metadata.as_bytes(),
            recorded_at: event.recorded_at,
            command_id: event.command_id.as_bytes(),
            command_index: event.command_index,
        },
    )
}

/// As [`link`].
pub(crate) fn link_content(previous: &Hash, event: &Content<'_>) -> Hash {
    let mut sha = Sha256::new();
    sha.update(FORMAT_TAG);
    sha.update(previous);
    sha.update(event.position.to_be_bytes());
    text(&mut sha, event.category);
    sha.update(event.stream);
    sha.update(event.version.to_be_bytes());
    sha.update(event.event_id);
    text(&mut sha, event.event_type);
    sha.update(event.schema_version.to_be_bytes());
    text(&mut sha, event.payload);
    text(&mut sha, event.metadata);
    sha.update(event.recorded_at.as_millis().to_be_bytes());
    sha.update(event.command_id);
    sha.update(event.command_index.to_be_bytes());
    sha.finalize().into()
}

/// Text as its length in bytes and its UTF-8 bytes: without the length, two neighbours could trade letters.
fn text(sha: &mut Sha256, text: &[u8]) {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX); // far above what the log takes
    sha.update(length.to_be_bytes());
    sha.update(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::StreamId;
    use serde_json::Value;
    use uuid::Uuid;

    const VECTORS: &str = include_str!("../tests/vectors/chain.json");

    fn event(vector: &Value) -> RecordedEvent {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let number = |name: &str| vector[name].as_i64().unwrap();
        let id = |name: &str| Uuid::parse_str(vector[name].as_str().unwrap()).unwrap();
        RecordedEvent {
            position: number("position"),
            stream: StreamId {
                category: text("category").into(),
                id: id("stream"),
            },
            version: number("version"),
            event_id: id("eventId"),
            event_type: text("type"),
            schema_version: number("schemaVersion").try_into().unwrap(),
            payload: text("payload"),
            metadata: text("metadata"),
            recorded_at: Timestamp::parse(vector["recordedAt"].as_str().unwrap()).unwrap(),
            command_id: id("commandId"),
            command_index: number("commandIndex").try_into().unwrap(),
            hash: hash(vector, "hash"),
        }
    }

    fn hash(vector: &Value, name: &str) -> Hash {
        hex::decode(vector[name].as_str().unwrap())
            .unwrap()
            .try_into()
            .unwrap()
    }

    #[test]
    fn equals_the_test_vectors() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        assert!(vectors.len() >= 3);
        for vector in &vectors {
            let event = event(vector);
            let linked = link(&hash(vector, "previousHash"), &event);
            assert_eq!(
                hex::encode(linked),
                hex::encode(event.hash),
                "vector {}",
                event.position
            );
        }
    }

    #[test]
    fn every_column_counts() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        let original = event(&vectors[0]);
        let change: [fn(&mut RecordedEvent); 12] = [
            |e| e.position += 1,
            |e| e.stream.category = "other".into(),
            |e| e.stream.id = Uuid::nil(),
            |e| e.version += 1,
            |e| e.event_id = Uuid::nil(),
            |e| e.event_type.push('x'),
            |e| e.schema_version += 1,
            |e| e.payload.push(' '),
            |e| e.metadata.push(' '),
            |e| e.recorded_at = e.recorded_at.plus_millis(1),
            |e| e.command_id = Uuid::nil(),
            |e| e.command_index += 1,
        ];
        let mut hashes = vec![link(&[0; 32], &original), link(&[1; 32], &original)];
        for change in change {
            let mut changed = original.clone();
            change(&mut changed);
            hashes.push(link(&[0; 32], &changed));
        }
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
    }

    #[test]
    fn neighbouring_texts_cannot_trade_letters() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        let (mut one, mut two) = (event(&vectors[0]), event(&vectors[0]));
        (one.payload, one.metadata) = ("12".to_owned(), "3".to_owned());
        (two.payload, two.metadata) = ("1".to_owned(), "23".to_owned());
        assert_ne!(link(&[0; 32], &one), link(&[0; 32], &two));
    }
}
