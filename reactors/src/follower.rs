//! The reactor `mail`: follows the log from a checkpoint of its own and writes down which mails its events mean.
//!
//! Deliveries and checkpoint move in one transaction, the checkpoint only from where this reader has seen it: of several
//! programs that read the same events one writes, and the others read on from there. A rebuild of read models has nothing
//! to do with it, so it sends nothing. Where there is no checkpoint yet, it begins at the end of the log: what happened
//! before somebody began to send mail is not told.
//!
//! An event of an unknown type stops it: the program is older than the log, and a newer one will know who is to be told.
//! An event that cannot be read is written down as a parked delivery; other tickets' mails go on, and so do this one's.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use eventlog::{Position, ReadError};
use identity::to_sql;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::error::ReactorError;
use crate::outbox::{MAIL, bounded};
use crate::plans::{PlanError, Planned, Plans};

/// Events read at once.
const PAGE: usize = 500;
/// Waits between tries after a failure: the first, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Follows the log.
pub(crate) struct Follower {
    plans: Plans,
    /// Wakes the sender.
    wake: Arc<Notify>,
}

/// Why following ended for now.
enum Halt {
    /// The log is closed.
    Closed,
    /// It does not go on before something is done about it.
    Stopped(String),
    /// It may go on by itself.
    Failed(String),
}

impl From<ReactorError> for Halt {
    fn from(error: ReactorError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<PlanError> for Halt {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Unknown(unknown) => Self::Stopped(unknown.to_string()),
            PlanError::Unreadable | PlanError::Unavailable(_) => Self::Failed(error.to_string()),
        }
    }
}

impl From<ReadError> for Halt {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Closed => Self::Closed,
            ReadError::Damaged { .. } => Self::Stopped(error.to_string()),
            ReadError::Unavailable(_) => Self::Failed(error.to_string()),
        }
    }
}

impl Follower {
    pub(crate) const fn new(plans: Plans, wake: Arc<Notify>) -> Self {
        Self { plans, wake }
    }

    /// Sees to it that there is a checkpoint. To be called before anybody can append: what is appended before there is
    /// one is not told.
    pub(crate) async fn prepare(&self) -> Result<(), ReactorError> {
        let head = self.plans.log.head().await;
        let head = head.map_err(|error| ReactorError::Unavailable(error.to_string()))?;
        bounded(async {
            let client = self.plans.pool.get().await?;
            let sql = "INSERT INTO reactors.checkpoints (name, position, updated_at) VALUES ($1, $2, $3)
                       ON CONFLICT (name) DO NOTHING";
            let now = to_sql(self.plans.clock.now());
            client.execute(sql, &[&MAIL, &head.position, &now]).await?;
            Ok(())
        })
        .await
    }

    /// Goes on until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        stop.run_until_cancelled(self.supervise()).await;
    }

    async fn supervise(&self) {
        let mut pause = BACKOFF.0;
        let mut said = String::new();
        loop {
            let mut moved = false;
            let error = match self.follow(&mut moved).await {
                Halt::Closed => return,
                Halt::Stopped(error) => {
                    self.say(&error).await;
                    error
                }
                Halt::Failed(error) => error,
            };
            if moved {
                pause = BACKOFF.0;
                said.clear();
            }
            if error != said {
                tracing::error!(
                    error,
                    reactor = MAIL,
                    "the reactor does not go on and will try again"
                );
                said = error;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(BACKOFF.1);
        }
    }

    async fn follow(&self, moved: &mut bool) -> Halt {
        match self.follow_from_checkpoint(moved).await {
            Ok(never) => match never {},
            Err(halt) => halt,
        }
    }

    async fn follow_from_checkpoint(&self, moved: &mut bool) -> Result<Infallible, Halt> {
        let mut checkpoint = self.checkpoint().await?;
        let mut subscription = self.plans.log.subscribe(checkpoint);
        loop {
            let page = subscription.next(PAGE).await?;
            let Some(last) = page.last() else { continue };
            let planned = self.plans.of_page(&page).await?;
            if self.advance(checkpoint, last.position, &planned).await? {
                checkpoint = last.position;
                *moved = true;
                if !planned.is_empty() {
                    self.wake.notify_one();
                }
            } else {
                // Another program was quicker.
                checkpoint = self.checkpoint().await?;
                subscription = self.plans.log.subscribe(checkpoint);
            }
        }
    }

    async fn checkpoint(&self) -> Result<Position, ReactorError> {
        bounded(async {
            let client = self.plans.pool.get().await?;
            let sql = "SELECT position FROM reactors.checkpoints WHERE name = $1";
            let statement = client.prepare_cached(sql).await?;
            Ok(client.query_one(&statement, &[&MAIL]).await?.try_get(0)?)
        })
        .await
    }

    /// Writes the deliveries down and moves the checkpoint; tells whether it was still where it is said to be.
    async fn advance(&self, from: Position, to: Position, planned: &[Planned]) -> Result<bool, ReactorError> {
        bounded(async {
            let mut client = self.plans.pool.get().await?;
            let transaction = client.transaction().await?;
            let statement = transaction
                .prepare_cached(
                    "UPDATE reactors.checkpoints SET position = $3, updated_at = $4, last_error = NULL
                     WHERE name = $1 AND position = $2",
                )
                .await?;
            let now = to_sql(self.plans.clock.now());
            // Before the deliveries: whoever loses waits here, and writes nothing.
            if transaction
                .execute(&statement, &[&MAIL, &from, &to, &now])
                .await?
                == 0
            {
                return Ok(false);
            }
            self.plans.write(&transaction, planned).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Says to operators why it does not go on.
    async fn say(&self, error: &str) {
        let saying = bounded(async {
            let client = self.plans.pool.get().await?;
            let sql = "UPDATE reactors.checkpoints SET last_error = $2 WHERE name = $1";
            client.execute(sql, &[&MAIL, &error]).await?;
            Ok(())
        });
        if let Err(error) = saying.await {
            tracing::warn!(%error, "failed to write down why a reactor does not go on");
        }
    }
}
