//! Everything that can go wrong with the embedded Postgres, in words that an operator can act on.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::binaries::Version;

/// Why the embedded Postgres could not be made, started, reached or stopped.
#[derive(Debug, Error)]
pub enum PostgresError {
    /// The machine has no Postgres at all.
    #[error("no PostgreSQL found on this machine: {advice}, or set DATABASE_URL to a running one")]
    Missing {
        /// What to install, for this distribution.
        advice: String,
    },
    /// There are binaries, but too old ones.
    #[error("PostgreSQL {found} is too old (14 or newer is needed): {advice}, or set DATABASE_URL")]
    TooOld {
        /// The newest one found.
        found: Version,
        /// What to install, for this distribution.
        advice: String,
    },
    /// `PG_BINDIR` is set and does not hold Postgres.
    #[error("PG_BINDIR={} does not hold the programs initdb and postgres", .dir.display())]
    BinDir {
        /// The folder that was asked for.
        dir: PathBuf,
    },
    /// The cluster was made by another major version than those that the machine has.
    #[error(
        "the database in {} was made by PostgreSQL {made_by}, but this machine has {found}: install PostgreSQL {made_by}, or move the data with pg_upgrade", .dir.display()
    )]
    OtherMajor {
        /// The cluster.
        dir: PathBuf,
        /// Its major version.
        made_by: u32,
        /// The versions that were found, in words.
        found: String,
    },
    /// The cluster belongs to another account, and the program is not root.
    #[error(
        "{} belongs to user id {owner}, and this program runs as {user}: run it as that user or as root", .dir.display()
    )]
    Owner {
        /// The folder.
        dir: PathBuf,
        /// Its owner.
        owner: u32,
        /// The program's user.
        user: u32,
    },
    /// The account that the cluster runs as cannot reach its folder.
    #[error(
        "user id {uid}, which PostgreSQL runs as, cannot enter the folders above {}: make them passable (chmod o+x), or choose another data directory", .dir.display()
    )]
    OutOfReach {
        /// The folder.
        dir: PathBuf,
        /// The account.
        uid: u32,
    },
    /// A folder that should be the cluster's own exists, and is something else.
    #[error("{} should be a private folder of user id {uid}, and is not: move it away", .dir.display())]
    NotPrivate {
        /// The folder.
        dir: PathBuf,
        /// Whose it should be.
        uid: u32,
    },
    /// Another program has held the right to start or stop for too long.
    #[error("another program has been starting or stopping the database in {} for too long", .dir.display())]
    Busy {
        /// The cluster's folder.
        dir: PathBuf,
    },
    /// `initdb` failed.
    #[error("initdb failed: {output}")]
    Initdb {
        /// What it said.
        output: String,
    },
    /// Postgres ended before it accepted connections.
    #[error("PostgreSQL did not start: {log}")]
    Exited {
        /// The end of its log.
        log: String,
    },
    /// Postgres runs and does not accept connections.
    #[error("PostgreSQL does not accept connections after {seconds} s: {log}")]
    NotReady {
        /// How long it was given.
        seconds: u64,
        /// The end of its log.
        log: String,
    },
    /// Postgres did not end, whatever it was told.
    #[error("PostgreSQL (process {pid}) does not stop")]
    StillRunning {
        /// The postmaster.
        pid: i32,
    },
    /// The operating system refused something.
    #[error("{doing} failed")]
    Io {
        /// What was being done, with the path.
        doing: String,
        /// Its answer.
        #[source]
        source: io::Error,
    },
    /// The new database could not be made.
    #[error("creating the database failed")]
    CreateDatabase(#[source] tokio_postgres::Error),
}

impl PostgresError {
    /// An I/O error with what was being done, for `map_err`.
    pub(super) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}
