//! All connected clients and the rooms that they are in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use domain::TicketId;
use domain::actor::Actor;
use domain::policy::{Action, Facts, permit};
use moka::future::Cache;
use parking_lot::{Mutex, RwLock};
use socketioxide::socket::Sid;

use crate::broadcast::BROADCAST_NAMES;
use crate::client::{Client, Delivery};
use crate::connection::ConnectionHandle;
use crate::link::Link;
use crate::presence::{Presence, may_watch};
use crate::stats::Stats;

/// Upgrades to websockets whose sessions are not known yet, at most, and how long they are remembered.
const UPGRADES_MAX: u64 = 10_000;
const UPGRADE_MEMORY: std::time::Duration = std::time::Duration::from_secs(30);

type Members = HashMap<Sid, Arc<Client>>;
/// All clients of some kind at one moment.
pub(crate) type Everybody = Arc<[Arc<Client>]>;

/// A ticket's room.
#[derive(Default)]
struct Room {
    members: Members,
    /// A copy of its members, made when it is asked for after a change.
    everybody: Option<Everybody>,
}

/// See above. Locks are taken in this order: a client's own, then one of these, then presence's; never two of these.
pub(crate) struct Registry {
    clients: RwLock<HashMap<Sid, Arc<Client>>>,
    /// A copy of the clients' list, made when it is asked for after a change.
    everybody: Mutex<Option<Everybody>>,
    rooms: Mutex<HashMap<TicketId, Room>>,
    /// Rooms that nobody asks to be in: who is, follows from the role.
    agents: Mutex<Members>,
    operators: Mutex<Members>,
    presence: Arc<Presence>,
    links: Mutex<HashMap<Sid, Weak<Link>>>,
    upgrades: Cache<Sid, ConnectionHandle>,
    emitted: AtomicU64,
    signals: AtomicU64,
    broadcasts: [AtomicU64; BROADCAST_NAMES.len()],
    cut: AtomicU64,
}

impl Registry {
    pub(crate) fn new(presence: Arc<Presence>) -> Self {
        Self {
            clients: RwLock::default(),
            everybody: Mutex::default(),
            rooms: Mutex::default(),
            agents: Mutex::default(),
            operators: Mutex::default(),
            presence,
            links: Mutex::default(),
            upgrades: Cache::builder()
                .max_capacity(UPGRADES_MAX)
                .time_to_live(UPGRADE_MEMORY)
                .build(),
            emitted: AtomicU64::new(0),
            signals: AtomicU64::new(0),
            broadcasts: Default::default(),
            cut: AtomicU64::new(0),
        }
    }

    /// Adds a client that is about to be connected.
    pub(crate) fn add(&self, client: &Arc<Client>) {
        let former = self.clients.write().insert(client.id, Arc::clone(client));
        self.everybody.lock().take();
        if let Some(former) = former {
            self.leave_rooms(&former);
        }
    }

    /// Takes a client out, whatever becomes of its connection: nothing is sent to it any more. False if it was out.
    pub(crate) fn remove(&self, client: &Arc<Client>) -> bool {
        let removed = {
            let mut clients = self.clients.write();
            let is_there = clients
                .get(&client.id)
                .is_some_and(|there| Arc::ptr_eq(there, client));
            if is_there {
                clients.remove(&client.id);
            }
            is_there
        };
        if removed {
            self.everybody.lock().take();
        }
        self.leave_rooms(client);
        removed
    }

    fn leave_rooms(&self, client: &Client) {
        let left = client.go();
        self.agents.lock().remove(&client.id);
        self.operators.lock().remove(&client.id);
        if let Some(grant) = client.grant {
            self.presence.close(grant.account, client.id);
        }
        if left.is_empty() {
            return;
        }
        let mut rooms = self.rooms.lock();
        for ticket in left {
            leave(&mut rooms, ticket, client.id);
        }
    }

    /// Takes the client out and cuts its connection at once: it does not read, or sends too much.
    pub(crate) fn cut(&self, client: &Arc<Client>, why: &'static str) {
        if self.remove(client) {
            self.cut.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("[Socket.IO] Cut {}: {why}", client.id);
        }
        client.link.cut();
    }

    /// Does what follows from a delivery: whoever cannot take any more is not kept.
    pub(crate) fn settle(&self, client: &Arc<Client>, delivery: Delivery) {
        match delivery {
            // Whoever tells what happens sees to those that are behind.
            Delivery::Sent | Delivery::NotForIt | Delivery::Behind => {}
            Delivery::Full => self.cut(client, "it does not read"),
            Delivery::Closed => {
                self.remove(client);
            }
        }
    }

    pub(crate) fn client(&self, id: Sid) -> Option<Arc<Client>> {
        self.clients.read().get(&id).cloned()
    }

    pub(crate) fn everybody(&self) -> Everybody {
        let mut everybody = self.everybody.lock();
        if let Some(everybody) = &*everybody {
            return Arc::clone(everybody);
        }
        // Whoever changes the clients takes the copy away afterwards, and waits for this lock to do so.
        let made: Everybody = self.clients.read().values().cloned().collect();
        *everybody = Some(Arc::clone(&made));
        made
    }

    /// The clients in a ticket's room.
    pub(crate) fn room(&self, ticket: TicketId) -> Everybody {
        let mut rooms = self.rooms.lock();
        let Some(Room { members, everybody }) = rooms.get_mut(&ticket) else {
            return Everybody::default();
        };
        let everybody = everybody.get_or_insert_with(|| members.values().cloned().collect());
        Arc::clone(everybody)
    }

    pub(crate) fn enter(&self, ticket: TicketId, client: &Arc<Client>) {
        let mut rooms = self.rooms.lock();
        let room = rooms.entry(ticket).or_default();
        room.members.insert(client.id, Arc::clone(client));
        room.everybody = None;
    }

    pub(crate) fn leave(&self, ticket: TicketId, client: &Client) {
        leave(&mut self.rooms.lock(), ticket, client.id);
        if let Some(grant) = client.grant {
            self.presence.leave(grant.account, client.id, ticket);
        }
    }

    /// Puts a client into the rooms that its present role gives it, and takes it out of the others.
    pub(crate) fn assign(&self, client: &Arc<Client>) {
        client.while_here(None, |actor, _| {
            place(&self.agents, client, may_watch(actor));
            place(&self.operators, client, may_operate(actor));
        });
    }

    /// The clients in room `admins`.
    pub(crate) fn agents(&self) -> Vec<Arc<Client>> {
        self.agents.lock().values().cloned().collect()
    }

    pub(crate) fn agents_count(&self) -> usize {
        self.agents.lock().len()
    }

    /// The clients in room `operators`.
    pub(crate) fn operators(&self) -> Vec<Arc<Client>> {
        self.operators.lock().values().cloned().collect()
    }

    /// Remembers how to reach the connections of a session.
    pub(crate) async fn add_link(&self, id: Sid, link: &Arc<Link>) {
        self.links.lock().insert(id, Arc::downgrade(link));
        // The upgrade may have come before the session joined the namespace.
        if let Some(websocket) = self.upgrades.remove(&id).await {
            link.add_websocket(websocket);
        }
    }

    pub(crate) fn link(&self, id: Sid) -> Option<Arc<Link>> {
        self.links.lock().get(&id).and_then(Weak::upgrade)
    }

    /// A session wants to go on over this websocket.
    pub(crate) async fn upgrade(&self, id: Sid, websocket: ConnectionHandle) {
        self.upgrades.insert(id, websocket).await;
        if let Some(link) = self.link(id) {
            // Either this or `add_link` finds it, whichever comes second.
            if let Some(websocket) = self.upgrades.remove(&id).await {
                link.add_websocket(websocket);
            }
        }
    }

    /// Cuts the connections of all sessions, also of those that have left the namespace.
    pub(crate) fn cut_all(&self) {
        for link in self.links.lock().values().filter_map(Weak::upgrade) {
            link.cut();
        }
    }

    /// Forgets the links of sessions that have ended.
    pub(crate) fn forget_ended(&self) {
        self.links.lock().retain(|_, link| link.strong_count() > 0);
    }

    /// Counts the broadcast of an event, and the frames that it took.
    pub(crate) fn count_broadcast(&self, name: &str, frames: u64) {
        if let Some(kind) = BROADCAST_NAMES.iter().position(|known| *known == name) {
            self.broadcasts[kind].fetch_add(1, Ordering::Relaxed);
        }
        self.count_frames(frames);
    }

    /// Counts frames that were handed to connections.
    pub(crate) fn count_frames(&self, frames: u64) {
        self.emitted.fetch_add(frames, Ordering::Relaxed);
    }

    /// Counts the frames of a signal.
    pub(crate) fn count_signals(&self, frames: u64) {
        self.signals.fetch_add(frames, Ordering::Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        let (rooms, members) = {
            let rooms = self.rooms.lock();
            (rooms.len(), rooms.values().map(|room| room.members.len()).sum())
        };
        let (sockets, websockets) = {
            let clients = self.clients.read();
            let websockets = clients.values().filter(|client| client.is_websocket());
            (clients.len(), websockets.count())
        };
        Stats {
            sockets,
            websockets,
            rooms,
            members,
            emitted: self.emitted.load(Ordering::Relaxed),
            signals: self.signals.load(Ordering::Relaxed),
            broadcasts: std::array::from_fn(|kind| self.broadcasts[kind].load(Ordering::Relaxed)),
            cut: self.cut.load(Ordering::Relaxed),
            ..Stats::default()
        }
    }
}

/// Whether `actor` may see how the program is doing.
pub(crate) fn may_operate(actor: &Actor) -> bool {
    permit(actor, Action::ReadOperations, &Facts::General).is_ok()
}

fn place(room: &Mutex<Members>, client: &Arc<Client>, is_in: bool) {
    let mut room = room.lock();
    if is_in {
        room.insert(client.id, Arc::clone(client));
    } else {
        room.remove(&client.id);
    }
}

fn leave(rooms: &mut HashMap<TicketId, Room>, ticket: TicketId, id: Sid) {
    if let Some(room) = rooms.get_mut(&ticket) {
        room.members.remove(&id);
        room.everybody = None;
        if room.members.is_empty() {
            rooms.remove(&ticket);
        }
    }
}
