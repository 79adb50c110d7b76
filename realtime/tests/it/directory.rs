//! The directory of people, folded from the log in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::account::{Account, Accounts as AccountStreams, evolve};
use domain::decider::Decider;
use domain::ids::AccountId;
use eventlog::{EventLog, Position};
use futures::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::watch;

pub(crate) struct Directory {
    people: Mutex<HashMap<AccountId, Arc<Account>>>,
    applied: watch::Sender<Position>,
}

impl Directory {
    pub(crate) fn start(log: &EventLog) -> Arc<Self> {
        let directory = Arc::new(Self {
            people: Mutex::default(),
            applied: watch::Sender::new(0),
        });
        let following = Arc::clone(&directory);
        let log = log.clone();
        tokio::spawn(async move {
            let mut subscription = log.subscribe(0);
            loop {
                let Ok(events) = subscription.next(100).await else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                for event in events {
                    if event.stream.category == AccountStreams::CATEGORY {
                        let id = AccountId::from_uuid(event.stream.id);
                        let change = AccountStreams::decode(&event.event_type, 1, &event.payload).unwrap();
                        let mut people = following.people.lock();
                        let before = people.get(&id).map(|account| (**account).clone());
                        people.insert(id, Arc::new(evolve(before, &change, event.recorded_at).unwrap()));
                    }
                    following.applied.send_replace(event.position);
                }
            }
        });
        directory
    }
}

impl realtime::Accounts for Directory {
    fn account(&self, id: AccountId) -> Option<Arc<Account>> {
        self.people.lock().get(&id).cloned()
    }

    fn reaches(&self, position: Position, patience: Duration) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            let mut applied = self.applied.subscribe();
            let reached = applied.wait_for(|applied| *applied >= position);
            matches!(tokio::time::timeout(patience, reached).await, Ok(Ok(_)))
        })
    }
}
