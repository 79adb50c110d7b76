//! One client's connections underneath its Engine.IO session, and how to cut them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use parking_lot::Mutex;

use crate::connection::ConnectionHandle;
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
}

impl Link {
    pub(crate) fn new(proof: Proof, websocket: Option<ConnectionHandle>) -> Self {
        Self {
            proof,
            websockets: Mutex::new(websocket.into_iter().collect()),
            cut: AtomicBool::new(false),
            refusals: AtomicU32::new(0),
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
