//! Rows in the binary format of COPY, on their way into the tables of a read model.

use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;

/// Rows for each of a read model's tables.
pub struct Copies {
    tables: Vec<Rows>,
}

impl Copies {
    pub(crate) fn new(tables: usize) -> Self {
        Self {
            tables: (0..tables).map(|_| Rows::default()).collect(),
        }
    }

    /// The rows of the table with this place in [`ReadModel::tables`](super::ReadModel::tables).
    pub fn table(&mut self, index: usize) -> &mut Rows {
        &mut self.tables[index]
    }

    /// Takes out the rows of every table that has at least `bytes_min` of them.
    pub(crate) fn take(&mut self, bytes_min: usize) -> Vec<(usize, Bytes)> {
        let full = |(_, rows): &(usize, &mut Rows)| rows.bytes.len() >= bytes_min.max(1);
        self.tables
            .iter_mut()
            .enumerate()
            .filter(full)
            .map(|(index, rows)| (index, rows.take()))
            .collect()
    }
}

/// Rows of one table. Each begins with [`Rows::row`], after which its fields follow in the order of the columns.
#[derive(Default)]
pub struct Rows {
    bytes: BytesMut,
}

impl Rows {
    /// Begins a row of `fields` fields.
    pub fn row(&mut self, fields: i16) -> &mut Self {
        if self.bytes.is_empty() {
            self.bytes.put_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        }
        self.bytes.put_i16(fields);
        self
    }

    /// A null.
    pub fn null(&mut self) -> &mut Self {
        self.bytes.put_i32(-1);
        self
    }

    /// A `uuid`.
    pub fn uuid(&mut self, value: Uuid) -> &mut Self {
        self.bytes.put_i32(16);
        self.bytes.put_slice(value.as_bytes());
        self
    }

    /// A `text`.
    pub fn text(&mut self, value: &str) -> &mut Self {
        // No text comes near 2 GiB; one that did would make Postgres refuse the row, not misread it.
        self.bytes.put_i32(i32::try_from(value.len()).unwrap_or(i32::MAX));
        self.bytes.put_slice(value.as_bytes());
        self
    }

    /// A `bigint`.
    pub fn bigint(&mut self, value: i64) -> &mut Self {
        self.bytes.put_i32(8);
        self.bytes.put_i64(value);
        self
    }

    /// A `boolean`.
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        self.bytes.put_i32(1);
        self.bytes.put_u8(u8::from(value));
        self
    }

    /// A value of any type in its binary form.
    pub fn binary(&mut self, value: &[u8]) -> &mut Self {
        self.bytes.put_i32(i32::try_from(value.len()).unwrap_or(i32::MAX));
        self.bytes.put_slice(value);
        self
    }

    /// A field that may be null.
    pub fn optional<T>(
        &mut self,
        value: Option<T>,
        put: impl FnOnce(&mut Self, T) -> &mut Self,
    ) -> &mut Self {
        match value {
            Some(value) => put(self, value),
            None => self.null(),
        }
    }

    fn take(&mut self) -> Bytes {
        self.bytes.put_i16(-1);
        self.bytes.split().freeze()
    }
}
