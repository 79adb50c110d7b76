//! All people in memory, for whoever has to know a name or a right at once: loaded from the table, then following the
//! log by itself.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use domain::AccountId;
use domain::account::Account;
use eventlog::{EventFacts, EventLog, Position, ReadError, RecordedEvent};
use futures::FutureExt;
use parking_lot::RwLock;
use tokio::sync::{broadcast, watch};
use tokio::time::timeout as within;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::fold::{Folded, step};
use super::query::{columns, person_row};
use crate::engine::{ApplyError, chain};
use crate::error::{Lagging, QueryError};

const LOAD: &str = concat!("SELECT ", columns!(), " FROM read_people.people");
const CHECKPOINT: &str = "SELECT position, generation FROM read_engine.projections WHERE name = 'people'";
/// How many changes a slow receiver of [`Directory::changes`] may be behind before it is told that it has missed some.
const CHANGES_KEPT: usize = 1_024;
/// Events read at once.
const PAGE: usize = 1_000;
/// Waits between tries after a failure: the first, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// An account has changed, or is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The account as it was; none if it is new.
    pub before: Option<Arc<Account>>,
    /// The account as it is now.
    pub after: Arc<Account>,
    /// The position of the event that changed it.
    pub position: Position,
}

/// All people in memory. Cheap to clone; when the last clone is dropped it stops following.
#[derive(Clone)]
pub struct Directory {
    shared: Arc<Shared>,
    _stop: Arc<DropGuard>,
}

struct Shared {
    people: RwLock<HashMap<AccountId, Known>>,
    applied: watch::Sender<Position>,
    changes: broadcast::Sender<Change>,
}

struct Known {
    account: Arc<Account>,
    version: i64,
    position: Position,
}

impl Directory {
    /// Loads everybody, and begins to follow the log from there. The tables must have been made
    /// ([`Engine::prepare`](crate::Engine::prepare)).
    pub async fn start(log: &EventLog, pool: &Pool) -> Result<Self, QueryError> {
        let (people, position) = load(pool).await?;
        let shared = Arc::new(Shared {
            people: RwLock::new(people),
            applied: watch::Sender::new(position),
            changes: broadcast::Sender::new(CHANGES_KEPT),
        });
        let stop = CancellationToken::new();
        let following = supervise(Arc::clone(&shared), log.clone());
        tokio::spawn(stop.clone().run_until_cancelled_owned(following));
        Ok(Self {
            shared,
            _stop: Arc::new(stop.drop_guard()),
        })
    }

    /// The account, if there is one.
    pub fn get(&self, id: AccountId) -> Option<Arc<Account>> {
        self.shared
            .people
            .read()
            .get(&id)
            .map(|known| Arc::clone(&known.account))
    }

    /// All who fulfil a condition, in no particular order.
    pub fn filter(&self, condition: impl Fn(&Account) -> bool) -> Vec<Arc<Account>> {
        let people = self.shared.people.read();
        let accounts = people.values().map(|known| &known.account);
        accounts.filter(|account| condition(account)).cloned().collect()
    }

    /// How many of everybody fulfil a condition.
    pub fn count(&self, condition: impl Fn(&Account) -> bool) -> usize {
        self.shared
            .people
            .read()
            .values()
            .filter(|known| condition(&known.account))
            .count()
    }

    /// The last position that has been taken in.
    pub fn position(&self) -> Position {
        *self.shared.applied.borrow()
    }

    /// Waits until everything up to `position` has been taken in.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> Result<(), Lagging> {
        let mut applied = self.shared.applied.subscribe();
        match within(timeout, applied.wait_for(|applied| *applied >= position)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Lagging {
                name: "directory",
                applied: self.position(),
                wanted: position,
            }),
        }
    }

    /// Every change from now on, in the log's order. [`Directory::get`] knows of it already when it arrives.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }
}

/// The table and its checkpoint.
async fn load(pool: &Pool) -> Result<(HashMap<AccountId, Known>, Position), QueryError> {
    let mut client = pool.get().await?;
    loop {
        let (people, position, generation) = load_once(&mut client).await?;
        // A snapshot shows old rows, but names mean what they mean now: if the generations were swapped in between, the
        // checkpoint is of one and the rows are of the other.
        let now: i64 = client.query_one(CHECKPOINT, &[]).await?.try_get(1)?;
        if now == generation {
            return Ok((people, position));
        }
    }
}

/// The table and its checkpoint in one snapshot, with the generation that the checkpoint is of.
async fn load_once(client: &mut Object) -> Result<(HashMap<AccountId, Known>, Position, i64), QueryError> {
    let snapshot = client
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let checkpoint = snapshot.query_one(CHECKPOINT, &[]).await?;
    let (position, generation) = (checkpoint.try_get(0)?, checkpoint.try_get(1)?);
    let mut people = HashMap::new();
    for row in snapshot.query(LOAD, &[]).await? {
        let row = person_row(&row)?;
        let known = Known {
            account: Arc::new(row.account),
            version: row.version,
            position: row.position,
        };
        people.insert(known.account.id, known);
    }
    snapshot.commit().await?;
    Ok((people, position, generation))
}

/// Follows the log whatever happens; ends only with the log itself.
async fn supervise(shared: Arc<Shared>, log: EventLog) {
    let mut pause = BACKOFF.0;
    loop {
        let before = *shared.applied.borrow();
        let error = match AssertUnwindSafe(follow(&shared, &log)).catch_unwind().await {
            Ok(Failure::Closed) => return,
            Ok(Failure::Other(error)) => error,
            Err(_) => "it panicked".to_owned(),
        };
        tracing::warn!(error, "the directory of people failed and will try again");
        if *shared.applied.borrow() > before {
            pause = BACKOFF.0;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(BACKOFF.1);
    }
}

enum Failure {
    Closed,
    Other(String),
}

async fn follow(shared: &Shared, log: &EventLog) -> Failure {
    let mut subscription = log.subscribe(*shared.applied.borrow());
    loop {
        let page = match subscription.next(PAGE).await {
            Ok(page) => page,
            Err(ReadError::Closed) => return Failure::Closed,
            Err(error) => return Failure::Other(chain(&error)),
        };
        for event in page {
            if event.stream.category == "account"
                && let Err(error) = shared.take_in(&event)
            {
                return Failure::Other(chain(&error));
            }
            shared.applied.send_replace(event.position);
        }
    }
}

impl Shared {
    /// Takes in one event. One that cannot be read leaves its account as it was, as in the table, where it is parked;
    /// an unknown type is an error, because this program is then older than the log.
    fn take_in(&self, event: &RecordedEvent) -> Result<(), ApplyError> {
        let id = AccountId::from_uuid(event.stream.id);
        let before = {
            let people = self.people.read();
            people
                .get(&id)
                .map(|known| (Arc::clone(&known.account), known.version, known.position))
        };
        let mut state = before.as_ref().map(|(account, version, position)| Folded {
            account: Account::clone(account),
            version: *version,
            position: *position,
        });
        match step(&mut state, &EventFacts::from(event)) {
            Ok(()) => {}
            Err(unknown @ ApplyError::Unknown(_)) => return Err(unknown),
            Err(error) => {
                tracing::error!(event.position = event.position, %error, "an account's event cannot be read");
                return Ok(());
            }
        }
        if let Some(Folded {
            account,
            version,
            position,
        }) = state
        {
            let after = Arc::new(account);
            let known = Known {
                account: Arc::clone(&after),
                version,
                position,
            };
            self.people.write().insert(id, known);
            let change = Change {
                before: before.map(|(account, ..)| account),
                after,
                position,
            };
            // Nobody may be listening.
            let _ = self.changes.send(change);
        }
        Ok(())
    }
}
