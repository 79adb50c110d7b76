//! Socket.IO clients that nobody here wrote, each in a program of its own that behaves as an application would: it joins
//! one ticket, and after a cut it comes back by itself and says what it has seen last (`tests/node/foreign.mjs`,
//! `tests/foreign/`).

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::wait;

/// Whose client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// `socket.io-client` 4.x from npm.
    Node4,
    /// `socket.io-client` 3.x from npm.
    Node3,
    /// `python-socketio` from PyPI.
    Python,
    /// `rust_socketio` from crates.io.
    Rust,
}

impl Package {
    fn command(self) -> Command {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let node = |package: &str| {
            let mut command = Command::new("node");
            command
                .arg(tests.join("node/foreign.mjs"))
                .env("PACKAGE", package);
            command
        };
        match self {
            Self::Node4 => node("socket.io-client"),
            Self::Node3 => node("socket.io-client-3"),
            Self::Python => {
                let mut command = Command::new(prepared("tools/python-socketio/bin/python"));
                command.arg(tests.join("foreign/client.py"));
                command
            }
            Self::Rust => Command::new(prepared("tools/rust-socketio/debug/foreign-client")),
        }
    }
}

/// What `ops/setup.sh test` has put into the target folder.
pub fn prepared(path: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(3).unwrap().join(path);
    assert!(
        program.exists(),
        "{} is missing: run `make setup`",
        program.display()
    );
    program
}

/// A running client. It ends when this is dropped.
pub struct ForeignClient {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    told: Vec<Value>,
}

impl ForeignClient {
    /// Starts one that connects to `url` with `token` and joins `ticket`.
    pub fn start(package: Package, url: &str, token: &str, ticket: &str) -> Self {
        let mut process = package
            .command()
            .envs([("URL", url), ("TOKEN", token), ("TICKET", ticket)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{package:?} does not start: {error}"));
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            _process: process,
            lines,
            told: Vec::new(),
        }
    }

    /// Waits until it tells something of this kind, from now on.
    pub async fn tells(&mut self, kind: &str) -> Value {
        self.tells_where(kind, |_| true).await
    }

    /// Waits until it has received an event, from now on; gives back its arguments.
    pub async fn receives(&mut self, name: &str) -> Vec<Value> {
        let event = self.tells_where("event", |told| told["name"] == name).await;
        event["args"].as_array().unwrap().clone()
    }

    /// The events of this name that it has told of so far, in order.
    pub fn received(&self, name: &str) -> Vec<&Value> {
        let events = self
            .told
            .iter()
            .filter(|told| told["kind"] == "event" && told["name"] == name);
        events.map(|told| &told["args"]).collect()
    }

    async fn tells_where(&mut self, kind: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let what = format!("{kind}, after {:?}", self.told);
            let line = wait::within(what, self.lines.next_line()).await.unwrap();
            let line = line.unwrap_or_else(|| panic!("the client has ended after {:?}", self.told));
            let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
            self.told.push(told.clone());
            if told["kind"] == kind && is_it(&told) {
                return told;
            }
        }
    }
}
