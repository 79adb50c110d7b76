//! What has happened to one socket, in order, and waiting for more.

use std::sync::Mutex;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::secrecy;

use super::protocol::{violation_of_answer, violation_of_event, violation_of_refusal};

/// Something that the Node process told of a socket.
#[derive(Clone, Debug)]
pub struct Happening {
    /// What: `connect`, `disconnect`, `event`, `ack` …
    pub kind: String,
    /// All that was told of it.
    pub rest: Value,
    /// When it was heard of here, which is later than it happened.
    pub at: Instant,
}

impl Happening {
    pub(super) fn is_event(&self, name: &str) -> bool {
        self.kind == "event" && self.rest["event"] == name
    }

    fn violation(&self) -> Option<String> {
        let event = self.rest["event"].as_str();
        match self.kind.as_str() {
            "event" => violation_of_event(event.unwrap_or_default(), &self.rest["args"]),
            "ack" => violation_of_answer(event?, &self.rest["args"]),
            "connect_error" if self.rest["refused"] == true => {
                violation_of_refusal(&json!({ "message": self.rest["message"] }))
            }
            _ => None,
        }
    }
}

/// Everything that has happened to a socket.
#[derive(Debug)]
pub(super) struct Inbox {
    happenings: Mutex<Vec<Happening>>,
    violations: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            happenings: Mutex::default(),
            violations: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }

    pub(super) fn push(&self, happening: Happening) {
        if let Some(violation) = happening.violation() {
            self.violations.lock().unwrap().push(violation);
        }
        let told = happening.rest.to_string();
        let leak = secrecy::of_this_run().leak("a frame", told.as_bytes(), "");
        self.violations.lock().unwrap().extend(leak);
        self.happenings.lock().unwrap().push(happening);
        self.count.send_modify(|count| *count += 1);
    }

    /// Fails if the socket has received anything that is not as the document of the protocol says.
    pub(super) fn insist_on_the_protocol(&self) {
        let violations = self.violations.lock().unwrap();
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }

    pub(super) fn all(&self) -> Vec<Happening> {
        self.happenings.lock().unwrap().clone()
    }

    /// Looks at everything, again whenever there is more, until something is found.
    pub(super) async fn find<T>(&self, look: impl Fn(&[Happening]) -> Option<T>) -> T {
        let mut count = self.count.subscribe();
        loop {
            self.insist_on_the_protocol();
            let found = look(&self.happenings.lock().unwrap());
            if let Some(found) = found {
                return found;
            }
            count.changed().await.unwrap();
        }
    }
}
