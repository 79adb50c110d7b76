//! What is to be done, written down.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use domain::ids::{Entropy, uuid_v7};
use domain::time::Clock;
use identity::{Quiet, to_sql};
use tokio::sync::Notify;

use crate::error::ReactorError;
use crate::figures::{Figures, MailFigures};
use crate::letter::Letter;
use crate::operations::Operations;

/// The reactor that sends mail.
pub(crate) const MAIL: &str = "mail";
/// Longest time for one operation, waiting for a connection included; HTTP promises its 503 within two seconds.
const OPERATION_TIME_MAX: Duration = Duration::from_millis(1_500);

/// Where wishes for mail are put. A cheap handle.
#[derive(Clone)]
pub struct Outbox {
    pool: Pool,
    clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Wakes whoever sends in this process.
    pub(crate) wake: Arc<Notify>,
    pub(crate) figures: Arc<Figures>,
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

impl Outbox {
    /// The outbox in the database of `pool`.
    pub fn new(pool: Pool, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            pool,
            clock,
            entropy,
            wake: Arc::new(Notify::new()),
            figures: Arc::default(),
        }
    }

    /// What operators do with what is in it.
    pub fn operations(&self) -> Operations {
        Operations {
            pool: self.pool.clone(),
            clock: Arc::clone(&self.clock),
            wake: Arc::clone(&self.wake),
        }
    }

    /// How its mails go, as this program knows it.
    pub fn figures(&self) -> MailFigures {
        self.figures.read()
    }

    /// Writes down that `letter` is to be sent. It costs the same whoever is behind the address.
    pub async fn put(&self, letter: &Letter) -> Result<(), ReactorError> {
        let now = self.clock.now();
        let id = uuid_v7(&*self.clock, &*self.entropy);
        let at = to_sql(now);
        bounded(async {
            let client = self.pool.get().await?;
            let statement = client
                .prepare_cached(
                    "INSERT INTO reactors.deliveries (id, reactor, kind, email, subject_id, created_at, due_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $6)",
                )
                .await?;
            let email = letter.email().as_str();
            client
                .execute(
                    &statement,
                    &[
                        &id,
                        &MAIL,
                        &letter.kind().as_str(),
                        &Quiet(email),
                        &letter.subject(),
                        &at,
                    ],
                )
                .await?;
            Ok(())
        })
        .await?;
        self.wake.notify_one();
        Ok(())
    }
}

/// Runs one operation, but not for ever. What was sent before the limit may still take effect.
pub(crate) async fn bounded<T>(
    operation: impl Future<Output = Result<T, ReactorError>>,
) -> Result<T, ReactorError> {
    tokio::time::timeout(OPERATION_TIME_MAX, operation)
        .await
        .unwrap_or_else(|_| Err(ReactorError::Unavailable("no answer in time".to_owned())))
}
