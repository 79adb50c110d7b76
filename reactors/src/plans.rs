//! From an event to the deliveries that it means.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{GenericClient, Pool};
use domain::actor::Doer;
use domain::codec::CodecError;
use domain::decider::Decider;
use domain::ids::{Entropy, uuid_v7};
use domain::ticket::Tickets;
use domain::time::Clock;
use eventlog::{EventLog, ReadError, RecordedEvent};
use identity::to_sql;
use projections::people::Directory;
use uuid::Uuid;

use crate::compose::recipients;
use crate::context::Context;
use crate::delivery::{Delivery, Kind};
use crate::error::ReactorError;
use crate::failure::{Failure, Reach};
use crate::outbox::{MAIL, Outbox, bounded};
use crate::tickets::{FoldedTickets, decode};

/// Where the demo data's events say that they come from: its people have no mailboxes.
const DEMO: &str = "demo";
/// How long the directory may take to know of everybody that an event may concern.
const DIRECTORY_WAIT: Duration = Duration::from_secs(5);

/// Why an event's deliveries are not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// This program is older than the log: nothing may be passed over.
    #[error("{0}")]
    Unknown(CodecError),
    /// The event itself is broken; others are not.
    #[error("the event cannot be read")]
    Unreadable,
    /// The log or the directory is not there at the moment.
    #[error("the log cannot be read: {0}")]
    Unavailable(String),
}

impl From<ReadError> for PlanError {
    fn from(error: ReadError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// One delivery that is to be written down.
pub(crate) struct Planned {
    pub(crate) kind: Kind,
    pub(crate) event: Uuid,
    pub(crate) position: i64,
    pub(crate) account: Option<Uuid>,
}

/// Says who is told what. A cheap handle.
#[derive(Clone)]
pub(crate) struct Plans {
    pub(crate) log: EventLog,
    pub(crate) pool: Pool,
    pub(crate) clock: Arc<dyn Clock>,
    directory: Directory,
    entropy: Arc<dyn Entropy>,
    tickets: FoldedTickets,
}

impl Plans {
    pub(crate) fn new(outbox: &Outbox, context: &Context) -> Self {
        Self {
            log: context.log.clone(),
            pool: context.pool.clone(),
            clock: Arc::clone(&context.clock),
            directory: context.directory.clone(),
            entropy: Arc::clone(&outbox.entropy),
            tickets: FoldedTickets::new(context.log.clone()),
        }
    }

    /// The deliveries that these events mean, in their order. An event that cannot be read becomes one to be looked at.
    pub(crate) async fn of_page(&self, page: &[Arc<RecordedEvent>]) -> Result<Vec<Planned>, PlanError> {
        let mut planned = Vec::new();
        for recorded in page {
            match self.of(recorded).await {
                Ok(more) => planned.extend(more),
                Err(PlanError::Unreadable) => {
                    tracing::error!(
                        event.position = recorded.position,
                        "an event cannot be read; no mail about it"
                    );
                    planned.push(plan(recorded, Kind::Unread, None));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(planned)
    }

    async fn of(&self, recorded: &RecordedEvent) -> Result<Vec<Planned>, PlanError> {
        if recorded.stream.category != Tickets::CATEGORY {
            return Ok(Vec::new());
        }
        let event = decode(recorded).map_err(|error| match error {
            unknown @ CodecError::Unknown { .. } => PlanError::Unknown(unknown),
            CodecError::Malformed { .. } => PlanError::Unreadable,
        })?;
        let metadata = recorded.parsed_metadata().map_err(|_| PlanError::Unreadable)?;
        let ticket = self.tickets.after(recorded, &event).await?;
        let ticket = ticket.ok_or(PlanError::Unreadable)?;
        if metadata.origin == DEMO {
            return Ok(Vec::new());
        }
        let actor = match Doer::from(metadata.actor.as_str()) {
            Doer::Account(id) => Some(id),
            Doer::System(_) | Doer::Anonymous => None,
        };
        let known = self.directory.wait_for(recorded.position, DIRECTORY_WAIT).await;
        known.map_err(|error| PlanError::Unavailable(error.to_string()))?;
        let told = recipients(&ticket, &event, actor, &self.directory);
        let told = told.into_iter();
        Ok(told
            .map(|(account, kind)| plan(recorded, Kind::Event(kind), Some(account.as_uuid())))
            .collect())
    }

    /// Writes deliveries down; one that is there already stays as it is.
    pub(crate) async fn write(
        &self,
        client: &impl GenericClient,
        planned: &[Planned],
    ) -> Result<(), ReactorError> {
        if planned.is_empty() {
            return Ok(());
        }
        let statement = client
            .prepare_cached(
                "INSERT INTO reactors.deliveries
                     (id, reactor, kind, event_id, position, account_id, created_at, due_at, parked_at, last_error)
                 SELECT id, $1::text, kind, event_id, position, account_id, $2::timestamptz, $2,
                        CASE WHEN kind = $3 THEN $2::timestamptz END, CASE WHEN kind = $3 THEN 'the event cannot be read' END
                 FROM unnest($4::uuid[], $5::text[], $6::uuid[], $7::bigint[], $8::uuid[])
                     AS planned (id, kind, event_id, position, account_id)
                 ON CONFLICT DO NOTHING",
            )
            .await?;
        let now = to_sql(self.clock.now());
        let ids: Vec<Uuid> = planned
            .iter()
            .map(|_| uuid_v7(&*self.clock, &*self.entropy))
            .collect();
        let kinds: Vec<&str> = planned.iter().map(|planned| planned.kind.as_str()).collect();
        let events: Vec<Uuid> = planned.iter().map(|planned| planned.event).collect();
        let positions: Vec<i64> = planned.iter().map(|planned| planned.position).collect();
        let accounts: Vec<Option<Uuid>> = planned.iter().map(|planned| planned.account).collect();
        let unread = Kind::Unread.as_str();
        client
            .execute(
                &statement,
                &[&MAIL, &now, &unread, &ids, &kinds, &events, &positions, &accounts],
            )
            .await?;
        Ok(())
    }

    /// An operator wants an event that could not be read to be looked at again, perhaps by a newer program.
    pub(crate) async fn read_again(&self, delivery: &Delivery) -> Result<(), Failure> {
        let gone = || Failure::new(Reach::MailForGood, "the event cannot be read");
        let late = |error: &dyn std::fmt::Display| {
            tracing::warn!(%error, "failed to read an event again");
            Failure::new(Reach::Mail, "the log cannot be read")
        };
        let position = delivery.position.ok_or_else(gone)?;
        let page = self
            .log
            .read_all(position - 1, 1)
            .await
            .map_err(|error| late(&error))?;
        let recorded = page.first().ok_or_else(gone)?;
        let planned = match self.of(recorded).await {
            Ok(planned) => planned,
            Err(PlanError::Unavailable(error)) => return Err(late(&error)),
            Err(PlanError::Unknown(_) | PlanError::Unreadable) => return Err(gone()),
        };
        let written = bounded(async {
            let client = self.pool.get().await?;
            self.write(&client, &planned).await
        });
        written.await.map_err(|error| late(&error))
    }
}

fn plan(recorded: &RecordedEvent, kind: Kind, account: Option<Uuid>) -> Planned {
    Planned {
        kind,
        event: recorded.event_id,
        position: recorded.position,
        account,
    }
}
