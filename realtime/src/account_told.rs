//! An account's event on its way to agents: that it was created or has changed, and how it is now.

use std::sync::{Arc, OnceLock};

use domain::actor::Actor;
use domain::ids::AccountId;
use eventlog::{Position, RecordedEvent};
use wire::live::event;
use wire::{Meta, User};

use crate::authenticate::Accounts;
use crate::frame::Frame;
use crate::presence::may_watch;
use crate::told::{Telling, account};

/// See above. Its frames are made when somebody is to receive them.
pub(crate) struct AccountTold {
    /// The event's place in the log.
    pub(crate) position: Position,
    /// The broadcast's name.
    pub(crate) name: &'static str,
    id: AccountId,
    meta: Meta,
    accounts: Arc<dyn Accounts>,
    live: OnceLock<Option<Arc<Frame>>>,
    replayed: OnceLock<Option<Arc<Frame>>>,
}

impl AccountTold {
    /// Of what `recorded` says, which the directory knows already.
    pub(crate) fn new(accounts: Arc<dyn Accounts>, recorded: &RecordedEvent) -> Self {
        let metadata = recorded.parsed_metadata().ok();
        Self {
            position: recorded.position,
            name: if recorded.version == 1 {
                event::ACCOUNT_CREATED
            } else {
                event::ACCOUNT_UPDATED
            },
            id: AccountId::from_uuid(recorded.stream.id),
            meta: Meta {
                position: recorded.position,
                version: recorded.version,
                event_id: recorded.event_id,
                occurred_at: recorded.recorded_at,
                actor: metadata.as_ref().and_then(account),
                replayed: false,
            },
            accounts,
            live: OnceLock::new(),
            replayed: OnceLock::new(),
        }
    }

    /// What `actor` receives, if anything.
    pub(crate) fn frame_for(&self, actor: &Actor, telling: Telling) -> Option<Arc<Frame>> {
        if !may_watch(actor) {
            return None;
        }
        let frame = match telling {
            Telling::Live => &self.live,
            Telling::Replayed => &self.replayed,
        };
        frame.get_or_init(|| self.make(telling)).clone()
    }

    fn make(&self, telling: Telling) -> Option<Arc<Frame>> {
        let known = self.accounts.account(self.id)?;
        let object = serde_json::value::to_raw_value(&User::from(&*known))
            .inspect_err(|error| {
                // Strings and booleans always become JSON.
                tracing::error!(%error, "[Socket.IO] Cannot write the object of a broadcast");
            })
            .ok()?;
        let meta = Meta {
            replayed: telling == Telling::Replayed,
            ..self.meta.clone()
        };
        Frame::broadcast(self.name, Arc::from(object), &meta)
    }
}
