//! The servers that are compared, each in a process of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value, json};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::swarm::Target;
use crate::client::Client;
use crate::desk::{self, Desk};
use crate::outcome::Outcome;
use crate::tickets::Tickets;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fanout.mjs");
/// Beside it lie the packages of the tests, the official server among them.
const MODULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/node/package.json");
const PATIENCE: Duration = Duration::from_secs(10);
/// All of the swarm's clients come from one address and one account, and as fast as they can.
const LIMITS: [(&str, &str); 6] = [
    ("HEADER_TIMEOUT", "600"), // connections that are not needed for a while are not to be closed
    ("MAX_CONNECTIONS", "19000"),
    ("MAX_CONNECTIONS_PER_ADDRESS", "19000"),
    ("REALTIME_SOCKETS_PER_ADDRESS", "19000"),
    ("REALTIME_SOCKETS_PER_ACCOUNT", "19000"),
    ("REALTIME_HANDSHAKES_PER_SECOND", "100000"),
];

/// Who broadcasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Contender {
    /// This house: a comment is appended to the log, and broadcast from there.
    Informejo,
    /// What realtime is built on, alone.
    Socketioxide,
    /// The official server on Node.js.
    Node,
}

impl Contender {
    pub(crate) const ALL: [Self; 3] = [Self::Informejo, Self::Socketioxide, Self::Node];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Informejo => "Informejo",
            Self::Socketioxide => "socketioxide alone",
            Self::Node => "socket.io on Node.js",
        }
    }

    /// Whether it can be started here.
    pub(crate) fn is_there(self) -> Outcome<bool> {
        Ok(match self {
            Self::Informejo => true,
            Self::Socketioxide => std::env::current_exe()?
                .with_file_name("fanout-socketioxide")
                .exists(),
            Self::Node => Path::new(MODULES)
                .with_file_name("node_modules/socket.io")
                .exists(),
        })
    }
}

/// A running server.
pub(crate) struct Running {
    pub(crate) target: Target,
    /// The session of somebody who comments; none where there are no comments.
    pub(crate) token: Option<String>,
    pub(crate) id: u32,
    process: Process,
}

enum Process {
    Desk(Desk),
    /// It ends with its input.
    Rival(Child, ChildStdin),
}

impl Running {
    /// Starts it; `settings` are the desk's.
    pub(crate) async fn start(contender: Contender, settings: &[(&str, &str)]) -> Outcome<Self> {
        match contender {
            Contender::Informejo => Self::desk(settings).await,
            Contender::Socketioxide => {
                let program = std::env::current_exe()?.with_file_name("fanout-socketioxide");
                Self::rival(Command::new(program)).await
            }
            Contender::Node => {
                let mut command = Command::new("node");
                command.arg(SCRIPT);
                Self::rival(command).await
            }
        }
    }

    async fn desk(settings: &[(&str, &str)]) -> Outcome<Self> {
        let settings: Vec<_> = settings.iter().copied().chain(LIMITS).collect();
        let desk = Desk::start(&settings).await?;
        let token = desk::sign_in(desk.address).await?;
        let created = Tickets::new().created()?;
        let body = json!({
            "title": created.title.as_str(),
            "description": created.description.as_str(),
            "category": created.category.as_str(),
        });
        let mut client = Client::connect(desk.address).await?.signed_in(&token);
        let answer = client.post("/api/tickets", body.to_string().into()).await?;
        let ticket: Value = serde_json::from_slice(&answer)?;
        Ok(Self {
            target: Target {
                address: desk.address,
                auth: json!({ "token": token }).to_string(),
                ticket: ticket["id"].as_str().ok_or("a ticket without an id")?.to_owned(),
            },
            token: Some(token),
            id: desk.id()?,
            process: Process::Desk(desk),
        })
    }

    async fn rival(mut command: Command) -> Outcome<Self> {
        let ticket = "0199c0de-0000-7000-8000-000000000001";
        let token = "a token of the length that the desk's have, more or less";
        let person = json!({
            "id": "0199c0de-0000-7000-8000-000000000002", "name": "Bench", "email": "bench@example.test",
            "role": "ADMIN",
        });
        let mut process = command
            .env("MODULES", MODULES)
            .env("TOKEN", token)
            .env("TICKET", ticket)
            .env("PERSON", person.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (input, output) = process
            .stdin
            .take()
            .zip(process.stdout.take())
            .ok_or("no pipes")?;
        let (lines, mut said) = mpsc::unbounded_channel();
        desk::listen(output, lines);
        let line = timeout(PATIENCE, said.recv()).await?.ok_or("the rival ended")?;
        let port = desk::port_in(&line).ok_or("no port")?;
        Ok(Self {
            target: Target {
                address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
                auth: json!({ "token": token }).to_string(),
                ticket: ticket.to_owned(),
            },
            token: None,
            id: process.id().ok_or("the rival ended")?,
            process: Process::Rival(process, input),
        })
    }

    /// Ends it.
    pub(crate) async fn stop(self) -> Outcome<()> {
        match self.process {
            Process::Desk(desk) => desk.stop().await,
            Process::Rival(mut process, input) => {
                drop(input);
                timeout(PATIENCE, process.wait()).await??;
                Ok(())
            }
        }
    }
}
