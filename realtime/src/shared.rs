//! What all parts of realtime share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use domain::actor::Actor;
use domain::ids::AccountId;
use eventlog::{EventLog, Position, RecordedEvent};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::authenticate::{Accounts, Authenticate};
use crate::client::{Client, Course};
use crate::frame::Frame;
use crate::limits::{Door, Exceeded, Limit, Network, PLACE_RETRY, Place, Places, Refusals};
use crate::lists::Lists;
use crate::options::Options;
use crate::owners::Owners;
use crate::pages::Pages;
use crate::passed::{Recent, Witness};
use crate::presence::Presence;
use crate::registry::Registry;
use crate::stats::Stats;
use crate::tickets::FoldedTickets;

/// How long a client that is disconnected by us may take to read that, before its connection is cut.
const GOODBYE: Duration = Duration::from_millis(500);

/// A stream that is not told any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parked {
    /// From this position on.
    pub(crate) since: Position,
    /// Who could have seen it.
    pub(crate) witness: Witness,
}

/// See above.
pub(crate) struct Shared {
    pub(crate) log: EventLog,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) authenticator: Arc<dyn Authenticate>,
    pub(crate) options: Options,
    pub(crate) registry: Registry,
    pub(crate) presence: Arc<Presence>,
    pub(crate) tickets: FoldedTickets,
    pub(crate) owners: Owners,
    /// What was told last, and what is told at present.
    pub(crate) recent: Mutex<Recent>,
    pub(crate) pages: Pages,
    /// The position that is being told, or was told last. Stored before the relay looks for clients.
    pub(crate) begun: AtomicI64,
    /// The last position that was relayed: every client that was live has it.
    pub(crate) relayed: watch::Sender<Position>,
    /// How many deletions have been told.
    pub(crate) deletions: AtomicU64,
    /// Clients that are catching up now.
    pub(crate) behind: AtomicUsize,
    pub(crate) bookmarks: AtomicU64,
    pub(crate) restarts: AtomicU64,
    /// Streams that are no longer relayed, because one of their events could not be.
    pub(crate) parked: Mutex<HashMap<Uuid, Parked>>,
    /// How many revocations have been heard of; tells whether one came while somebody was let in.
    pub(crate) revocations: AtomicU64,
    pub(crate) lists: Lists,
    /// Handshakes by address.
    pub(crate) door: Door,
    /// Sessions by address.
    addresses: Places<Network>,
    /// Clients by account.
    account_places: Places<AccountId>,
    pub(crate) refusals: Refusals,
    pub(crate) log_reads: Semaphore,
    pub(crate) authentications: Semaphore,
    pub(crate) closing: AtomicBool,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    writers: Handle,
}

impl Shared {
    pub(crate) fn new(
        log: EventLog,
        accounts: Arc<dyn Accounts>,
        authenticator: Arc<dyn Authenticate>,
        options: Options,
        head: Position,
        writers: Handle,
    ) -> Self {
        let presence = Arc::new(Presence::new(options.presence));
        Self {
            tickets: FoldedTickets::new(log.clone(), options.ticket_cache_bytes),
            owners: Owners::new(),
            recent: Mutex::new(Recent::new(
                head,
                options.recent_events_max,
                options.recent_bytes_max,
            )),
            pages: Pages::new(options.page_cache_bytes),
            begun: AtomicI64::new(head),
            deletions: AtomicU64::new(0),
            behind: AtomicUsize::new(0),
            bookmarks: AtomicU64::new(0),
            log,
            accounts,
            authenticator,
            registry: Registry::new(Arc::clone(&presence)),
            presence,
            relayed: watch::Sender::new(head),
            restarts: AtomicU64::new(0),
            parked: Mutex::default(),
            revocations: AtomicU64::new(0),
            lists: Lists::new(options.lists.clone(), head),
            door: Door::new(options.handshakes, Instant::now()),
            addresses: Places::new(options.sockets_per_address_max),
            account_places: Places::new(options.sockets_per_account_max),
            refusals: Refusals::default(),
            log_reads: Semaphore::new(options.log_reads_max),
            authentications: Semaphore::new(options.authentications_max),
            closing: AtomicBool::new(false),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            writers,
            options,
        }
    }

    /// Lets one more handshake of `network` be made.
    pub(crate) fn admit_handshake(&self, network: Network) -> Result<(), Exceeded> {
        self.door.enter(network, Instant::now()).map_err(|retry_after| {
            let limit = Limit::HandshakesPerAddress;
            self.refusals.note(limit, &network);
            Exceeded { limit, retry_after }
        })
    }

    /// A place for one more session of `network`.
    pub(crate) fn place_for_session(&self, network: Network) -> Result<Place<Network>, Exceeded> {
        self.addresses
            .take(network)
            .ok_or_else(|| self.no_place(Limit::SocketsPerAddress, &network))
    }

    /// A place for one more client of `account`.
    pub(crate) fn place_for_client(&self, account: AccountId) -> Result<Place<AccountId>, Exceeded> {
        self.account_places
            .take(account)
            .ok_or_else(|| self.no_place(Limit::SocketsPerAccount, &account))
    }

    fn no_place(&self, limit: Limit, whose: &dyn std::fmt::Display) -> Exceeded {
        self.refusals.note(limit, whose);
        Exceeded {
            limit,
            retry_after: PLACE_RETRY,
        }
    }

    /// Whoever uses the account now; none if there is no such account or it is deactivated.
    pub(crate) fn actor(&self, account: AccountId) -> Option<Actor> {
        let account = self.accounts.account(account)?;
        match account.actor() {
            Actor::Anonymous => None,
            actor => Some(actor),
        }
    }

    /// Sends a control frame or a signal.
    pub(crate) fn tell(&self, client: &Arc<Client>, frame: &Arc<Frame>) {
        self.registry.settle(client, client.tell(frame));
    }

    /// Who could have seen the event, if its stream is not told any more.
    pub(crate) fn parked_at(&self, event: &RecordedEvent) -> Option<Witness> {
        let parked = self.parked.lock().get(&event.stream.id).copied()?;
        (event.position >= parked.since).then_some(parked.witness)
    }

    /// Where the relay is, for clients.
    pub(crate) fn course(&self) -> Course<'_> {
        Course {
            begun: &self.begun,
            resume_events_max: self.options.resume_events_max,
        }
    }

    /// Disconnects a client whose right to be here has ended: nothing more is sent to it, and its connection is cut
    /// if it does not close it itself.
    pub(crate) fn dismiss(&self, client: &Arc<Client>) {
        // Somebody who may not be here does not linger either.
        if let Some(grant) = client.grant {
            self.presence.vanish(grant.account, client.id);
        }
        if !self.registry.remove(client) {
            return;
        }
        if !client.say_goodbye() {
            client.link.cut();
            return;
        }
        let link = Arc::clone(&client.link);
        self.tasks.spawn(async move {
            tokio::time::sleep(GOODBYE).await;
            link.cut();
        });
    }

    /// Waits until those writers that have something to write have had their turn, so that what happens meanwhile is
    /// written together.
    pub(crate) async fn writers_turn(&self) {
        // They take turns in the order in which they are woken. No answer: they have ended.
        let _ = self.writers.spawn(async {}).await;
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            relayed: *self.relayed.borrow(),
            restarts: self.restarts.load(Ordering::Relaxed),
            parked: self.parked.lock().len(),
            lists: self.lists.len(),
            limited: self.refusals.counts(),
            presence: self.presence.stats(),
            behind: self.behind.load(Ordering::Relaxed),
            pages_read: self.pages.reads(),
            bookmarks: self.bookmarks.load(Ordering::Relaxed),
            ..self.registry.stats()
        }
    }
}
