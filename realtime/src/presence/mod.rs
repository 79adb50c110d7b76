//! What people are doing right now: who is there, who has which ticket open, who types. Nothing of it is stored.
//!
//! Each node knows its own tabs and tells the others ([`Signals`](crate::Signals)); all of them show all of it. A node that is silent for
//! longer than [`PresenceOptions::node_patience`] is forgotten with everybody on it. One task ([`run`]) tells clients and
//! nodes; whatever happens to a tab only changes the state here, and wakes it.

mod activity;
mod ask;
mod board;
mod frames;
mod keys;
mod message;
mod nodes;
mod run;

use std::collections::HashMap;
use std::time::Duration;

use domain::TicketId;
use domain::ids::AccountId;
use parking_lot::Mutex;
use socketioxide::socket::Sid;
use tokio::sync::Notify;
use tokio::time::Instant;
use wire::live::{Availability, Involvement, PresentPerson, Viewer};

use board::Board;
use keys::{Keys, Pace, Spot};
use nodes::Nodes;

use crate::authenticate::Accounts;

pub(crate) use ask::listen;
pub(crate) use frames::may_watch;
pub(crate) use run::supervise;

/// Times of presence and typing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresenceOptions {
    /// How long somebody whose last tab was closed stays: a page that is loaded again does not flicker. 5 s.
    pub linger: Duration,
    /// How long changes gather before the others are told, all in one frame. 150 ms.
    pub gather: Duration,
    /// How often a node tells the others that it lives. 2 s.
    pub beat: Duration,
    /// How long a node may be silent before it is forgotten with everybody on it. 10 s: less than a client has to
    /// answer a ping.
    pub node_patience: Duration,
    /// How long after the last key somebody still types. 4.5 s: with all that comes on top, less than 5 s.
    pub typing_silence: Duration,
    /// Shortest time between two frames that one person's keys cause. 2 s.
    pub typing_again: Duration,
}

impl Default for PresenceOptions {
    fn default() -> Self {
        Self {
            linger: Duration::from_secs(5),
            gather: Duration::from_millis(150),
            beat: Duration::from_secs(2),
            node_patience: Duration::from_secs(10),
            typing_silence: Duration::from_millis(4_500),
            typing_again: Duration::from_secs(2),
        }
    }
}

/// How presence is, and counters since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PresenceStats {
    /// People who are not offline, on all nodes.
    pub people: usize,
    /// Tickets that somebody has open, on all nodes.
    pub tickets: usize,
    /// People who type, on all nodes.
    pub typing: usize,
    /// Other nodes that are known.
    pub nodes: usize,
    /// Messages that were told to other nodes.
    pub told: u64,
    /// Messages that were heard from other nodes.
    pub heard: u64,
    /// How often something was missed, and all nodes or one were asked for what they know.
    pub missed: u64,
}

/// See above. Its lock is taken last: while it is held, no client and no room is locked.
pub(crate) struct Presence {
    options: PresenceOptions,
    state: Mutex<State>,
    wake: Notify,
}

struct State {
    board: Board,
    keys: Keys,
    nodes: Nodes,
    /// What agents were told last of everybody who is not offline.
    shown: HashMap<AccountId, PresentPerson>,
    /// When changes of the board are told.
    flush_at: Option<Instant>,
}

impl Presence {
    pub(crate) fn new(options: PresenceOptions) -> Self {
        Self {
            options,
            state: Mutex::new(State {
                board: Board::default(),
                keys: Keys::new(Pace {
                    silence: options.typing_silence,
                    again: options.typing_again,
                }),
                nodes: Nodes::default(),
                shown: HashMap::new(),
                flush_at: None,
            }),
            wake: Notify::new(),
        }
    }

    /// Changes the state, and wakes whoever tells of it.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state.lock());
        self.wake.notify_one();
        result
    }

    /// A client of this account's has been connected.
    pub(crate) fn open(&self, account: AccountId, tab: Sid) {
        self.change(|state| state.board.open(account, tab));
    }

    /// A client has gone; it may be loading its page again.
    pub(crate) fn close(&self, account: AccountId, tab: Sid) {
        let until = Instant::now() + self.options.linger;
        self.change(|state| {
            state.keys.close(account, tab);
            state.board.close(tab, Some(until));
        });
    }

    /// A client has gone, and is not coming back: its network or its right to be here is lost.
    pub(crate) fn vanish(&self, account: AccountId, tab: Sid) {
        self.change(|state| {
            state.keys.close(account, tab);
            state.board.close(tab, None);
        });
    }

    /// A client says whether whoever sits before it is there.
    fn set_availability(&self, tab: Sid, availability: Availability) {
        self.change(|state| state.board.set_availability(tab, availability));
    }

    /// A client says what it does with a ticket.
    fn set_involvement(&self, tab: Sid, ticket: TicketId, involvement: Option<Involvement>) {
        self.change(|state| state.board.set_involvement(tab, ticket, involvement));
    }

    /// A client has left a ticket's room.
    pub(crate) fn leave(&self, account: AccountId, tab: Sid, ticket: TicketId) {
        self.change(|state| {
            state.keys.leave(account, tab, ticket);
            state.board.set_involvement(tab, ticket, None);
        });
    }

    /// Keys are pressed in a client.
    fn press(&self, account: AccountId, tab: Sid, spot: Spot) -> Result<(), Duration> {
        self.change(|state| state.keys.press(account, tab, spot, Instant::now()))
    }

    /// No keys are pressed in a client any more.
    fn rest(&self, account: AccountId, tab: Sid, ticket: TicketId) {
        self.change(|state| state.keys.rest(account, tab, ticket, Instant::now()));
    }

    /// A comment of this person's in the ticket has been told.
    pub(crate) fn has_commented(&self, account: AccountId, ticket: TicketId) {
        self.change(|state| state.keys.stop_in(account, ticket));
    }

    /// An account is another than before: its name, its role, or whether it is active.
    pub(crate) fn account_changed(&self, account: AccountId, is_active: bool) {
        self.change(|state| {
            state.keys.stop(account);
            if !is_active {
                state.board.forget_closed(account);
            }
            state.board.touch(account);
        });
    }

    /// Whether anybody but `receiver` types something public in the ticket.
    fn is_typed(&self, ticket: TicketId, receiver: Option<AccountId>) -> bool {
        self.state.lock().keys.is_typed(ticket, receiver)
    }

    /// Everybody who is not offline, agents first, and how many are left out because there are too many.
    fn people(&self, accounts: &dyn Accounts) -> (Vec<PresentPerson>, u64) {
        self.state.lock().people(accounts)
    }

    /// Everybody who has the ticket open.
    pub(crate) fn viewers(&self, accounts: &dyn Accounts, ticket: TicketId) -> Vec<Viewer> {
        self.state.lock().viewers(accounts, ticket)
    }

    pub(crate) fn stats(&self) -> PresenceStats {
        let state = self.state.lock();
        let (people, tickets) = state.board.counts();
        PresenceStats {
            people,
            tickets,
            typing: state.keys.count(),
            ..state.nodes.stats()
        }
    }
}
