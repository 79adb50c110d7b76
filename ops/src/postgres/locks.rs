//! Who may start and stop a cluster, and who uses it: two locks of the kernel's, which no death leaves behind.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use tokio::time::{Instant, sleep};

use super::error::PostgresError;

/// How often a lock that another program holds is tried again.
const TRY_EVERY: Duration = Duration::from_millis(10);

/// Another user of the cluster is asked for this long, since a process just being made holds copies of its parent's
/// locks for an instant.
const LAST_ONE_WITHIN: Duration = Duration::from_millis(40);

/// The right to start or stop the cluster; held for that moment only.
#[derive(Debug)]
pub(super) struct Turn {
    _file: File,
}

impl Turn {
    /// Waits for the right, at most `within`.
    pub(super) async fn take(path: &Path, within: Duration) -> Result<Self, PostgresError> {
        let file = open(path)?;
        let deadline = Instant::now() + within;
        while !try_lock(&file, FlockOperation::NonBlockingLockExclusive, path)? {
            if Instant::now() >= deadline {
                return Err(PostgresError::Busy {
                    dir: path.parent().unwrap_or(path).to_owned(),
                });
            }
            sleep(TRY_EVERY).await;
        }
        Ok(Self { _file: file })
    }
}

/// The mark of a program that uses the cluster; held as long as it does.
#[derive(Debug)]
pub(super) struct Share {
    file: File,
}

impl Share {
    /// Sets the mark. Only for the holder of the [`Turn`], so that nobody is asking at the moment.
    pub(super) fn take(path: &Path, _turn: &Turn) -> Result<Self, PostgresError> {
        let file = open(path)?;
        if try_lock(&file, FlockOperation::NonBlockingLockShared, path)? {
            Ok(Self { file })
        } else {
            Err(PostgresError::Busy {
                dir: path.parent().unwrap_or(path).to_owned(),
            })
        }
    }

    /// Takes the mark away, and says whether it was the last one. The answer holds while the [`Turn`] does.
    pub(super) async fn was_last(self, path: &Path, _turn: &Turn) -> Result<bool, PostgresError> {
        let deadline = Instant::now() + LAST_ONE_WITHIN;
        loop {
            if try_lock(&self.file, FlockOperation::NonBlockingLockExclusive, path)? {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            sleep(TRY_EVERY).await;
        }
    }
}

fn open(path: &Path) -> Result<File, PostgresError> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    options
        .open(path)
        .map_err(PostgresError::io(format!("opening {}", path.display())))
}

fn try_lock(file: &File, operation: FlockOperation, path: &Path) -> Result<bool, PostgresError> {
    loop {
        match flock(file, operation) {
            Ok(()) => return Ok(true),
            Err(Errno::WOULDBLOCK) => return Ok(false),
            Err(Errno::INTR) => {}
            Err(error) => {
                return Err(PostgresError::io(format!("locking {}", path.display()))(
                    error.into(),
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn only_the_last_user_is_told_so() {
        let dir = tempfile::tempdir().unwrap();
        let (turn, users) = (dir.path().join("turn"), dir.path().join("users"));
        let turn = Turn::take(&turn, SOON).await.unwrap();
        let one = Share::take(&users, &turn).unwrap();
        let two = Share::take(&users, &turn).unwrap();
        assert!(!one.was_last(&users, &turn).await.unwrap());
        assert!(two.was_last(&users, &turn).await.unwrap());
    }

    #[tokio::test]
    async fn a_turn_is_one_program_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("turn");
        let turn = Turn::take(&path, SOON).await.unwrap();
        assert!(matches!(
            Turn::take(&path, SOON).await,
            Err(PostgresError::Busy { .. })
        ));
        drop(turn);
        Turn::take(&path, SOON).await.unwrap();
    }
}
