//! Domain values from stored columns. What is stored was valid when it was said; it is not judged again by the rules of
//! today.

use std::str::FromStr;

use domain::time::Timestamp;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StringDeserializer};
use tokio_postgres::Row;

use crate::error::{QueryError, Source};

/// Reads a row's columns from left to right.
pub(crate) struct Columns<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }

    /// From the column of this number on.
    pub(crate) fn after(row: &'a Row, next: usize) -> Self {
        Self { row, next }
    }

    pub(crate) fn value<T: tokio_postgres::types::FromSql<'a>>(&mut self) -> Result<T, QueryError> {
        let value = self.row.try_get(self.next).map_err(malformed)?;
        self.next += 1;
        Ok(value)
    }

    /// A text of the domain.
    pub(crate) fn text<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T, QueryError> {
        let text: String = self.value()?;
        restored(text)
    }

    /// A text of the domain that may be missing.
    pub(crate) fn optional_text<T: for<'de> Deserialize<'de>>(&mut self) -> Result<Option<T>, QueryError> {
        let text: Option<String> = self.value()?;
        text.map(restored).transpose()
    }

    /// One of an enum's spellings.
    pub(crate) fn spelled<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> Result<T, QueryError> {
        let text: &str = self.value()?;
        text.parse().map_err(malformed)
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, QueryError> {
        Ok(Timestamp::from_millis(self.value()?))
    }

    pub(crate) fn optional_time(&mut self) -> Result<Option<Timestamp>, QueryError> {
        Ok(self.value::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    /// A number that is never negative.
    pub(crate) fn count<T: TryFrom<i64, Error: std::error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> Result<T, QueryError> {
        self.value::<i64>()?.try_into().map_err(malformed)
    }
}

fn restored<T: for<'de> Deserialize<'de>>(text: String) -> Result<T, QueryError> {
    let text: StringDeserializer<ValueError> = text.into_deserializer();
    T::deserialize(text).map_err(malformed)
}

fn malformed(error: impl Into<Source>) -> QueryError {
    QueryError::Malformed(error.into())
}

/// A pattern for LIKE that finds `text` anywhere, whatever is in it.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_stand_for_themselves() {
        assert_eq!(containing(r"100%_\"), r"%100\%\_\\%");
    }
}
