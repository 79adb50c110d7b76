//! The Node process that sockets live in: one that all tests of the run share, or one of a test's own.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::inbox::{Happening, Inbox};

type Inboxes = Arc<Mutex<HashMap<String, Arc<Inbox>>>>;

/// The process. It ends with this one, when its input does, and with its value.
pub(super) struct Driver {
    node: Child,
    input: Mutex<ChildStdin>,
    inboxes: Inboxes,
    numbers: AtomicU64,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Also if it is stopped. Whoever has ended by itself cannot be killed.
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

impl Driver {
    pub(super) fn of_this_run() -> Arc<Self> {
        static DRIVER: OnceLock<Arc<Driver>> = OnceLock::new();
        Arc::clone(DRIVER.get_or_init(|| Arc::new(Self::start())))
    }

    pub(super) fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
        assert!(
            folder.join("node_modules/socket.io-client").exists(),
            "the official Socket.IO client is missing: run `npm ci` in {} (`make test` does)",
            folder.display()
        );
        let mut node = Command::new("node")
            .arg("client.mjs")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("node does not start ({error}): Node.js 18 or newer is needed"));
        let input = Mutex::new(node.stdin.take().unwrap());
        let output = node.stdout.take().unwrap();
        let inboxes = Inboxes::default();
        let reader = Arc::clone(&inboxes);
        std::thread::Builder::new()
            .name("socket.io-client".to_owned())
            .spawn(move || deliver(output, &reader))
            .unwrap();
        Self {
            node,
            input,
            inboxes,
            numbers: AtomicU64::new(1),
        }
    }

    pub(super) fn new_socket(&self) -> (String, Arc<Inbox>) {
        let name = format!("socket {}", self.new_call());
        let inbox = Arc::new(Inbox::new());
        self.inboxes
            .lock()
            .unwrap()
            .insert(name.clone(), Arc::clone(&inbox));
        (name, inbox)
    }

    pub(super) fn new_call(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.node.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    pub(super) fn forget(&self, name: &str) {
        self.inboxes.lock().unwrap().remove(name);
    }

    pub(super) fn send(&self, wish: &Value) {
        let mut line = wish.to_string();
        line.push('\n');
        self.input
            .lock()
            .unwrap()
            .write_all(line.as_bytes())
            .expect("the Node process has ended");
    }
}

fn deliver(output: ChildStdout, inboxes: &Inboxes) {
    for line in BufReader::new(output).lines() {
        let Ok(line) = line else { return };
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        let inbox = inboxes
            .lock()
            .unwrap()
            .get(told["socket"].as_str().unwrap())
            .cloned();
        // A socket that was dropped a moment ago may still have had something to say.
        if let Some(inbox) = inbox {
            inbox.push(Happening {
                kind: told["kind"].as_str().unwrap().to_owned(),
                rest: told,
                at: Instant::now(),
            });
        }
    }
}
