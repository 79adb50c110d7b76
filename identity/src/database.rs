//! The database as this crate sees it: a pool, with a time limit on everything.

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use deadpool_postgres::{Object, Pool};
use domain::time::Timestamp;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error::IdentityError;

/// Longest time for one operation, waiting for a connection included; HTTP promises its 503 within two seconds.
const OPERATION_TIME_MAX: Duration = Duration::from_millis(1_500);

#[derive(Clone)]
pub(crate) struct Database {
    pool: Pool,
}

impl Database {
    pub(crate) fn new(pool: Pool) -> Self {
        Self { pool }
    }

    pub(crate) async fn client(&self) -> Result<Object, IdentityError> {
        Ok(self.pool.get().await?)
    }
}

/// Runs one operation, but not for ever. What was sent before the limit may still take effect.
pub(crate) async fn bounded<T>(
    operation: impl Future<Output = Result<T, IdentityError>>,
) -> Result<T, IdentityError> {
    tokio::time::timeout(OPERATION_TIME_MAX, operation)
        .await
        .unwrap_or_else(|_| Err(IdentityError::Unavailable("no answer in time".to_owned())))
}

/// A parameter that is not shown: the driver logs all parameters of a statement at level debug, by their `Debug`.
pub struct Quiet<T>(pub T);

impl<T> fmt::Debug for Quiet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T: ToSql> ToSql for Quiet<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        T::accepts(ty)
    }

    to_sql_checked!();
}

/// As a parameter of type `timestamptz`. Times before 1970 do not occur and become 1970.
pub fn to_sql(time: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(0))
}

/// From a column of type `timestamptz`.
pub fn from_sql(time: SystemTime) -> Timestamp {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_the_way_there_and_back() {
        for millis in [0, 1, 1_795_393_955_572] {
            let time = Timestamp::from_millis(millis);
            assert_eq!(from_sql(to_sql(time)), time);
        }
    }
}
