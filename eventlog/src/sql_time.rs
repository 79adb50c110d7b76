//! Times on the wire to and from Postgres: microseconds since 2000 there, milliseconds since 1970 here.

use bytes::BytesMut;
use domain::time::Timestamp;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

/// Milliseconds from 1970-01-01 to 2000-01-01, both at 00:00 UTC.
const EPOCHS_APART_MS: i64 = 946_684_800_000;

type Failure = Box<dyn std::error::Error + Sync + Send>;

/// A [`Timestamp`] as `timestamptz`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SqlTime(pub(crate) Timestamp);

impl ToSql for SqlTime {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        let micros = self
            .0
            .as_millis()
            .checked_sub(EPOCHS_APART_MS)
            .and_then(|millis| millis.checked_mul(1000));
        micros.ok_or("time out of range")?.to_sql(ty, out)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for SqlTime {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(
            from_micros(i64::from_sql(ty, raw)?).ok_or("time out of range")?,
        ))
    }

    accepts!(TIMESTAMPTZ);
}

/// The time so many microseconds after 2000-01-01, cut to milliseconds; `None` if it is out of range.
pub(crate) fn from_micros(micros: i64) -> Option<Timestamp> {
    micros
        .div_euclid(1000)
        .checked_add(EPOCHS_APART_MS)
        .map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_wire() {
        for millis in [0, 1_795_393_955_572, -1, EPOCHS_APART_MS] {
            let mut wire = BytesMut::new();
            SqlTime(Timestamp::from_millis(millis))
                .to_sql(&Type::TIMESTAMPTZ, &mut wire)
                .unwrap();
            let back = SqlTime::from_sql(&Type::TIMESTAMPTZ, &wire).unwrap();
            assert_eq!(back.0.as_millis(), millis);
        }
    }
}
