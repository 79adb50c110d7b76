//! What the log asks of a Postgres before it trusts it with anything.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use crate::connection::{POOLED, limited};
use crate::envelope::Head;
use crate::read::{self, ReadError};

/// Oldest supported server: 14.
pub const SERVER_VERSION_MIN: i32 = 140_000;

/// Longest wait for a server's answers when the log is opened.
const INSPECTION_WAIT: Duration = Duration::from_secs(5);

/// Settings without which "committed" does not mean "still there after a power cut".
pub(crate) const MUST_BE_ON: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];

/// Why the log cannot be kept in this database.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database is away.
    #[error("the database cannot be reached")]
    Unavailable(#[source] tokio_postgres::Error),
    /// The database takes connections but does not answer.
    #[error("the database does not answer")]
    Silent,
    /// The end of the log cannot be read.
    #[error("the end of the log cannot be read")]
    Unreadable(#[source] ReadError),
    /// A setting that durability rests on is off.
    #[error("Postgres setting {setting} is off: acknowledged commands could be lost")]
    Unsafe {
        /// Its name.
        setting: &'static str,
    },
    /// The server is older than 14.
    #[error("Postgres is too old: {version}, but 14 or newer is needed")]
    TooOld {
        /// As the server writes it.
        version: String,
    },
    /// The database has no log yet: `migrate` was not run.
    #[error("the database has no log: the migrations have not been applied")]
    NotMigrated,
}

/// Connects as the server will, checks, and reads where the log ends.
pub(crate) async fn inspect(connect: &Config) -> Result<Head, OpenError> {
    timeout(INSPECTION_WAIT, async {
        let (client, connection) = limited(connect, POOLED).connect(NoTls).await.map_err(away)?;
        let work = async {
            check(&client).await?;
            read::head(&client).await.map_err(OpenError::Unreadable)
        };
        let work = std::pin::pin!(work);
        match futures::future::select(work, std::pin::pin!(connection)).await {
            futures::future::Either::Left((head, _)) => head,
            futures::future::Either::Right((ended, work)) => match ended {
                Ok(()) => work.await,
                Err(error) => Err(OpenError::Unavailable(error)),
            },
        }
    })
    .await
    .unwrap_or(Err(OpenError::Silent))
}

/// A database that cannot be reached; or one that does not know the role, which the migrations make.
fn away(error: tokio_postgres::Error) -> OpenError {
    if error.code() == Some(&SqlState::INVALID_PARAMETER_VALUE) {
        OpenError::NotMigrated
    } else {
        OpenError::Unavailable(error)
    }
}

/// Refuses a server that is too old or may forget what it has acknowledged.
pub(crate) async fn check(client: &Client) -> Result<(), OpenError> {
    let sql = "SELECT current_setting('server_version_num')::int, current_setting('server_version'), \
               to_regclass('log.events') IS NOT NULL, \
               current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')";
    let row = client.query_one(sql, &[]).await.map_err(OpenError::Unavailable)?;
    if row.get::<_, i32>(0) < SERVER_VERSION_MIN {
        return Err(OpenError::TooOld { version: row.get(1) });
    }
    for (column, setting) in (3..).zip(MUST_BE_ON) {
        // Other values of synchronous_commit (local, remote_apply, …) all wait for the local disk.
        if row.get::<_, &str>(column) == "off" {
            return Err(OpenError::Unsafe { setting });
        }
    }
    if row.get(2) {
        Ok(())
    } else {
        Err(OpenError::NotMigrated)
    }
}
