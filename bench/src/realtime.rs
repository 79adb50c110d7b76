//! From a command to its broadcast: as an official Socket.IO client sees it, and as the server itself does.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use commands::{Cause, Expect, Origin};
use domain::ids::{AccountId, CommentId, TicketId};
use domain::text::CommentBody;
use domain::ticket::Visibility;
use domain::{Actor, Role, TicketCommand};
use ops::clock::{OsEntropy, SystemClock};
use ops::config::{Environment, Settings};
use ops::server::Server as DeskServer;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{MissedTickBehavior, interval};

use crate::args::Args;
use crate::client::Client;
use crate::database::{Server, url};
use crate::desk;
use crate::load::{micros, percentile};
use crate::outcome::{Outcome, say};
use crate::report::{Bound, Goal, Part};
use crate::table::{Column, Table};
use crate::tickets::{Tickets, new_id};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/realtime.mjs");
/// Beside it lie the packages of the tests, the official client among them.
const MODULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/node/package.json");
/// A command every ten milliseconds: a busy help desk, not a flood.
const EVERY: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(10);

const CLIENT: &str = "comment sent over HTTP, received by the official client";
const WHOLE: &str = "command given, emitted (inside the server)";
const EMITTED: &str = "commit acknowledged, emitted (inside the server)";
const P50: &str = "p50 ms";
const P99: &str = "p99 ms";

/// A ticket, and whoever comments on it.
struct Talk {
    actor: Actor,
    author: AccountId,
    ticket: TicketId,
    token: String,
}

/// Runs a desk within this process, so that its inside can be watched, and a client beside it.
pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let columns = [(P50, 3), (P99, 3)].map(|(name, digits)| Column { name, digits });
    let mut table = Table::new(
        "From a command to its broadcast, a hundred a second, one client",
        &columns,
    );
    for run in 1..=args.runs {
        say(&format!("realtime {run}/{}", args.runs));
        let config = server.new_database("realtime").await?;
        let database = url(&config)?;
        let data = tempfile::tempdir_in(server.folder())?;
        let data = data.path().to_str().ok_or("a folder that is no text")?;
        let variables = [
            ("DATABASE_URL", database.as_str()),
            ("DATA_DIR", data),
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
        ];
        desk::create_admin(&variables[..2]).await?;
        let environment = variables.map(|(name, value)| (name.into(), value.into()));
        let settings = Settings::read(&Environment::default().with_variables(environment)?)?;
        let desk = DeskServer::start(&settings, &config, Arc::new(SystemClock), Arc::new(OsEntropy)).await?;
        let talk = begin(desk.address()).await?;
        let commands = usize::try_from(args.time().as_millis() / EVERY.as_millis())?;
        let (client, received) = outside(desk.address(), &talk, commands).await?;
        table.record(CLIENT, &both(received));
        let [whole, emitted] = inside(&desk, &talk, commands).await?;
        table.record(WHOLE, &both(whole));
        table.record(EMITTED, &both(emitted));
        drop(client);
        desk.stop().await;
    }
    server.drop_database("realtime").await?;
    let emitted = |column| table.figure(EMITTED, column).cloned();
    let goals = [
        Goal::of(
            "acknowledged to emitted, p50",
            emitted(P50),
            Bound::AtMost(0.5),
            " ms",
        ),
        Goal::of(
            "acknowledged to emitted, p99",
            emitted(P99),
            Bound::AtMost(2.0),
            " ms",
        ),
    ];
    Ok(Part {
        goals: goals.into_iter().flatten().collect(),
        tables: vec![table],
        notes: vec![
            "the original, measured by itself: comment sent to received p50 8 ms, p99 17 ms".to_owned(),
        ],
    })
}

/// Signs in and opens a ticket.
async fn begin(address: SocketAddr) -> Outcome<Talk> {
    let token = desk::sign_in(address).await?;
    let created = Tickets::new().created()?;
    let body = json!({
        "title": created.title.as_str(),
        "description": created.description.as_str(),
        "category": created.category.as_str(),
    });
    let mut client = Client::connect(address).await?.signed_in(&token);
    let answer = client.post("/api/tickets", body.to_string().into()).await?;
    let ticket: Value = serde_json::from_slice(&answer)?;
    let id = |name: &str| ticket[name].as_str().unwrap_or_default().to_owned();
    let author: AccountId = id("createdById").parse()?;
    Ok(Talk {
        actor: Actor::Account {
            id: author,
            role: Role::Admin,
        },
        author,
        ticket: id("id").parse()?,
        token,
    })
}

/// What the official client measures, in microseconds; and the client, still in the room.
async fn outside(address: SocketAddr, talk: &Talk, comments: usize) -> Outcome<(Child, Vec<u32>)> {
    if !Path::new(MODULES).with_file_name("node_modules").exists() {
        return Err("the official client is not installed: npm ci in tests/node".into());
    }
    let mut client = Command::new("node")
        .arg(SCRIPT)
        .env("MODULES", MODULES)
        .env("URL", format!("http://{address}"))
        .env("TOKEN", &talk.token)
        .env("TICKET", talk.ticket.to_string())
        .env("COMMENTS", comments.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = client.stdout.take().ok_or("no pipe")?;
    let line = BufReader::new(output).lines().next_line().await?;
    let times = serde_json::from_str(&line.ok_or("the official client failed")?)?;
    Ok((client, times))
}

/// How long commands take until they are emitted, and how much of that is after the commit was acknowledged.
async fn inside(desk: &DeskServer, talk: &Talk, comments: usize) -> Outcome<[Vec<u32>; 2]> {
    let (mut whole, mut emitted) = (Vec::new(), Vec::new());
    let mut pace = interval(EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0..comments {
        pace.tick().await;
        let command = TicketCommand::AddComment {
            comment: CommentId::new(&SystemClock, &OsEntropy),
            author: talk.author,
            body: CommentBody::parse(&format!("Comment {number}: the flame is blue again."))?,
            visibility: Visibility::Public,
        };
        let cause = Cause::once(Origin::Http, new_id(), &SystemClock, &OsEntropy);
        let begin = Instant::now();
        let commands = &desk.app().commands;
        let executed = commands.execute_ticket(&talk.actor, &cause, talk.ticket, Expect::Any, command, None);
        let position = executed.await?.position;
        let acknowledged = Instant::now();
        if !desk.realtime().relayed(position, PATIENCE).await {
            return Err("a comment was not relayed".into());
        }
        whole.push(micros(begin.elapsed()));
        emitted.push(micros(acknowledged.elapsed()));
    }
    Ok([whole, emitted])
}

fn both(mut micros: Vec<u32>) -> [Option<f64>; 2] {
    micros.sort_unstable();
    [50, 99].map(|percent| Some(percentile(&micros, percent)))
}
