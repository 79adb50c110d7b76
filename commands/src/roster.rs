//! Who the active admins are, as of a position of the log: what the rule that the last one stays is decided on.

use std::collections::HashMap;

use domain::account::{Account, Accounts};
use domain::decider::Decider;
use domain::ids::AccountId;
use eventlog::{EventLog, Position};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::cache::{Folded, LoadError, States};

/// Events that are read at once: as many as fit into a part of the time that a command has.
const PAGE: usize = 10_000;

/// All accounts, folded when they are first needed and caught up each time they are needed again. Only role
/// changes and deactivations need them, so neither a start nor any other command pays for it.
pub(crate) struct Roster {
    log: EventLog,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    position: Position,
    accounts: HashMap<Uuid, Folded<Account>>,
}

/// The admins besides one account.
pub(crate) struct OtherAdmins {
    pub(crate) count: usize,
    /// Up to where the log was read: no account event after this may come between.
    pub(crate) as_of: Position,
}

impl Roster {
    pub(crate) fn new(log: EventLog) -> Self {
        Self {
            log,
            known: Mutex::default(),
        }
    }

    /// How many active admins there are besides `account`.
    pub(crate) async fn other_admins(&self, account: AccountId) -> Result<OtherAdmins, LoadError> {
        let mut guard = self.known.lock().await;
        // The head is read before the events: what comes between is read too, and the guard is only stricter.
        let head = self.log.head().await?.position;
        loop {
            let events = self
                .log
                .read_category(Accounts::CATEGORY, guard.position, PAGE)
                .await?;
            let is_last = events.len() < PAGE;
            // Taken out while it changes: an error half-way leaves an empty roster, which starts over, not a wrong one.
            let mut known = std::mem::take(&mut *guard);
            for event in events {
                let folded = known.accounts.remove(&event.stream.id).unwrap_or_default();
                known
                    .accounts
                    .insert(event.stream.id, States::<Accounts>::apply(folded, &event)?);
                known.position = event.position;
            }
            // Put back after every page: a command that runs out of time here has brought the next one closer.
            *guard = known;
            if is_last {
                break;
            }
        }
        let admins = guard.accounts.values().filter_map(|folded| folded.state.as_ref());
        let count = admins
            .filter(|other| other.is_active_admin() && other.id != account)
            .count();
        let as_of = guard.position.max(head);
        Ok(OtherAdmins { count, as_of })
    }
}
