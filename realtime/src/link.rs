//! One client's connections underneath its Engine.IO session, and how to cut them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use domain::AccountId;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::allowance::Allowance;
use crate::connection::ConnectionHandle;
use crate::limits::{Network, Place};
use crate::origin::Proof;

/// Upgrade attempts whose connections are remembered. A client makes one.
const WEBSOCKETS_MAX: usize = 4;
/// Refused attempts to join the namespace over one session before it is cut. A client makes one at a time.
const REFUSALS_MAX: u32 = 5;

/// The connections of one session. It lives in the extensions of the request that began the session, and so as long
/// as the session does.
#[derive(Debug)]
pub(crate) struct Link {
    /// Whether that request can only have come from a page of ours, so that its cookie counts.
    pub(crate) proof: Proof,
    /// Websockets only: a polling request may share its connection with other clients behind a proxy.
    websockets: Mutex<Vec<ConnectionHandle>>,
    cut: AtomicBool,
    refusals: AtomicU32,
    /// Where the session comes from.
    pub(crate) network: Network,
    /// Attempts to join the namespace. The session's own handshake has paid for the first.
    attempts: AtomicU32,
    /// The session's place among those of its address; given back at its end.
    _place: Place<Network>,
    /// Its client's place among those of the account.
    account_place: Mutex<Option<Place<AccountId>>>,
    /// What the session may still ask for that has to be looked up.
    joins: Mutex<Allowance>,
}

impl Link {
    pub(crate) fn new(
        proof: Proof,
        websocket: Option<ConnectionHandle>,
        network: Network,
        place: Place<Network>,
        joins: Allowance,
    ) -> Self {
        Self {
            proof,
            websockets: Mutex::new(websocket.into_iter().collect()),
            cut: AtomicBool::new(false),
            refusals: AtomicU32::new(0),
            network,
            attempts: AtomicU32::new(0),
            _place: place,
            account_place: Mutex::new(None),
            joins: Mutex::new(joins),
        }
    }

    /// Also this websocket belongs to the session, or wants to.
    pub(crate) fn add_websocket(&self, handle: ConnectionHandle) {
        let mut websockets = self.websockets.lock();
        if self.is_cut() {
            handle.abort();
            return;
        }
        if websockets.len() >= WEBSOCKETS_MAX {
            websockets.remove(0).abort();
        }
        websockets.push(handle);
    }

    /// Notes an attempt to join the namespace; true if it is the first.
    pub(crate) fn begins(&self) -> bool {
        self.attempts.fetch_add(1, Ordering::Relaxed) == 0
    }

    /// Takes one out of what the session may still ask for; if there is none, says when there will be.
    pub(crate) fn spend_join(&self, now: Instant) -> Result<(), Duration> {
        self.joins.lock().take_if_left(now)
    }

    /// Keeps the place of the session's client until there is another one, or the session ends.
    pub(crate) fn hold(&self, place: Option<Place<AccountId>>) {
        *self.account_place.lock() = place;
    }

    /// Ends the session's connections at once; its polling requests are refused from now on.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        for websocket in self.websockets.lock().drain(..) {
            websocket.abort();
        }
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    /// Notes that the session was refused; cuts it when that happens too often.
    pub(crate) fn refused(&self) {
        if self.refusals.fetch_add(1, Ordering::Relaxed) + 1 >= REFUSALS_MAX {
            self.cut();
        }
    }
}
