//! What has happened to one socket, in order, and waiting for more.

use std::sync::Mutex;

use serde_json::Value;
use tokio::sync::watch;

/// Something that the Node process told of a socket.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    pub(super) kind: String,
    /// All of its members.
    pub(super) rest: Value,
}

impl Happening {
    pub(super) fn is_event(&self, name: &str) -> bool {
        self.kind == "event" && self.rest["event"] == name
    }
}

/// Everything that has happened to a socket.
#[derive(Debug)]
pub(super) struct Inbox {
    happenings: Mutex<Vec<Happening>>,
    count: watch::Sender<usize>,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            happenings: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }

    pub(super) fn push(&self, happening: Happening) {
        self.happenings.lock().unwrap().push(happening);
        self.count.send_modify(|count| *count += 1);
    }

    pub(super) fn all(&self) -> Vec<Happening> {
        self.happenings.lock().unwrap().clone()
    }

    /// Looks at everything, again whenever there is more, until something is found.
    pub(super) async fn find<T>(&self, look: impl Fn(&[Happening]) -> Option<T>) -> T {
        let mut count = self.count.subscribe();
        loop {
            let found = look(&self.happenings.lock().unwrap());
            if let Some(found) = found {
                return found;
            }
            count.changed().await.unwrap();
        }
    }
}
