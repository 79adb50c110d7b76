//! A `tsvector` in its binary form: which words a text has, and where. Made here, not by the database, so that a fold in
//! memory gives the very bytes that are stored.

use std::collections::BTreeMap;

use bytes::{BufMut, BytesMut};
use eventlog::Position;
use tokio_postgres::types::{IsNull, ToSql, Type, accepts, to_sql_checked};

use super::words::{Part, words};

/// Most bytes that the words of one text take together. Postgres has a limit of its own, 1 MiB; a text of 64 KiB comes
/// near this one only on purpose.
const BYTES_MAX: usize = 512 * 1024;
/// Highest place in a text that Postgres tells from the next ones.
const PLACE_MAX: u16 = 16_383;
/// Most places that are kept of one word.
const PLACES_MAX: usize = 255;

/// A text's words, and marks that are no words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Vector(Vec<u8>);

impl Vector {
    /// The words of `text`, with the marks of when it was said.
    pub(super) fn at(position: Position, text: &str) -> Self {
        Self::with(super::eras::marks(position), text)
    }

    /// The words of `text`.
    pub(super) fn of(text: &str) -> Self {
        Self::with([], text)
    }

    fn with(marks: impl IntoIterator<Item = String>, text: &str) -> Self {
        let mut entries: BTreeMap<String, Vec<u16>> =
            marks.into_iter().map(|mark| (mark, Vec::new())).collect();
        let (mut bytes, mut place) = (0, 0);
        for word in words(text) {
            if word.part != Part::Last {
                place = (place + 1).min(PLACE_MAX);
            }
            bytes += word.folded.len() + 6;
            if bytes > BYTES_MAX {
                break;
            }
            let places = entries.entry(word.folded).or_default();
            if places.len() < PLACES_MAX && places.last() != Some(&place) {
                places.push(place);
            }
        }
        let mut vector = Vec::with_capacity(4 + bytes);
        // Fewer than bytes, hence than fit.
        vector.put_i32(i32::try_from(entries.len()).unwrap_or(i32::MAX));
        for (word, places) in entries {
            vector.put_slice(word.as_bytes());
            vector.put_u8(0);
            vector.put_u16(u16::try_from(places.len()).unwrap_or(u16::MAX));
            for place in places {
                vector.put_u16(place);
            }
        }
        Self(vector)
    }

    /// The binary form.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl ToSql for Vector {
    accepts!(TS_VECTOR);
    to_sql_checked!();

    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.put_slice(&self.0);
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_the_order_of_their_bytes_with_their_places() {
        let vector = Vector::of("b a ab b");
        let expected = b"\0\0\0\x03a\0\0\x01\0\x02ab\0\0\x01\0\x03b\0\0\x02\0\x01\0\x04";
        assert_eq!(vector.as_bytes(), expected);
    }

    #[test]
    fn marks_have_no_place() {
        let vector = Vector::at(0, "");
        assert!(vector.as_bytes().starts_with(b"\0\0\0\x02#"), "{vector:?}");
    }

    #[test]
    fn nothing_is_more_than_postgres_takes() {
        let places = Vector::of(&"a ".repeat(32_768));
        assert_eq!(places.as_bytes().len(), 4 + 2 + 2 + 2 * PLACES_MAX);
        let many: Vec<String> = (0..20_000).map(|number| number.to_string()).collect();
        let vector = Vector::of(&many.join(" "));
        // The last ones all stand at the last place.
        assert!(vector.as_bytes().len() < BYTES_MAX);
    }
}
