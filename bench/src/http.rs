//! Creating tickets over HTTP: the real program in a process of its own, clients that keep their connections.

use bytes::Bytes;
use serde_json::json;

use crate::args::Args;
use crate::client::Client;
use crate::database::{Server, url};
use crate::desk::{self, Desk};
use crate::load::{self, Worker};
use crate::outcome::{Outcome, say};
use crate::report::{Bound, Goal, Part};
use crate::table::{Column, Table};
use crate::tickets::Tickets;

const RATE: &str = "tickets/s";
const CLIENTS: [usize; 3] = [1, 16, 64];

struct Creating {
    client: Client,
    tickets: Tickets,
}

impl Worker for Creating {
    async fn once(&mut self) -> Outcome<()> {
        let ticket = self.tickets.created()?;
        let body = json!({
            "title": ticket.title.as_str(),
            "description": ticket.description.as_str(),
            "priority": ticket.priority.as_str(),
            "category": ticket.category.as_str(),
        });
        let answer = self
            .client
            .post("/api/tickets", Bytes::from(body.to_string()))
            .await?;
        drop(answer);
        Ok(())
    }
}

/// Runs each number of clients in turn, several times over.
pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let columns = [(RATE, 0), ("p50 ms", 2), ("p99 ms", 2)].map(|(name, digits)| Column { name, digits });
    let mut table = Table::new("POST /api/tickets, release build, one process", &columns);
    for run in 1..=args.runs {
        let database = url(&server.new_database("http").await?)?;
        let data = tempfile::tempdir_in(server.folder())?;
        let data = data.path().to_str().ok_or("a folder that is no text")?;
        let settings = [("DATABASE_URL", database.as_str()), ("DATA_DIR", data)];
        desk::create_admin(&settings).await?;
        let desk = Desk::start(&settings).await?;
        let token = desk::sign_in(desk.address).await?;
        for clients in CLIENTS {
            say(&format!("http {run}/{}: {clients} clients", args.runs));
            server.settle().await?;
            let mut workers = Vec::new();
            for _ in 0..clients {
                workers.push(Creating {
                    client: Client::connect(desk.address).await?.signed_in(&token),
                    tickets: Tickets::new(),
                });
            }
            let sample = load::run(workers, args.time()).await?;
            table.record(&row(clients), &sample.values());
        }
        desk.stop().await?;
    }
    server.drop_database("http").await?;
    let at_64 = table.figure(&row(64), RATE).cloned();
    let goal = Goal::of(
        "64 clients, on a quiet disk",
        at_64,
        Bound::AtLeast(3_000.0),
        " tickets/s",
    );
    Ok(Part {
        tables: vec![table],
        goals: goal.into_iter().collect(),
        notes: vec![
            "an answer waits until the ticket can be read; the original makes 190 a second".to_owned(),
        ],
    })
}

fn row(clients: usize) -> String {
    format!("{clients:>4}  clients")
}
