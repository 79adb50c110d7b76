//! The crates cqrs-es and postgres-es doing the same: an aggregate that is loaded, decides, and commits an event.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use domain::ticket::Created;
use postgres_es::{PostgresCqrs, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio_postgres::Config;

use crate::database::address;
use crate::load::{self, Sample, Worker};
use crate::outcome::Outcome;
use crate::tickets::Tickets;

/// As it stands in `db/init.sql` of postgres-es.
pub(super) const TABLE: &str = "CREATE TABLE events
    (
        aggregate_type text                         NOT NULL,
        aggregate_id   text                         NOT NULL,
        sequence       bigint CHECK (sequence >= 0) NOT NULL,
        event_type     text                         NOT NULL,
        event_version  text                         NOT NULL,
        payload        json                         NOT NULL,
        metadata       json                         NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, sequence)
    );";

const CONNECTIONS: u32 = 16;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Ticket {
    created: Option<Created>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    TicketCreated(Created),
}

#[derive(Debug)]
struct Create(Created);

#[derive(Debug)]
struct ThereIsOne;

impl std::fmt::Display for ThereIsOne {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is such a ticket already")
    }
}

impl std::error::Error for ThereIsOne {}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        "TicketCreated".to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

impl Aggregate for Ticket {
    const TYPE: &'static str = "ticket";
    type Command = Create;
    type Event = Event;
    type Error = ThereIsOne;
    type Services = ();

    async fn handle(&mut self, command: Create, (): &(), sink: &EventSink<Self>) -> Result<(), ThereIsOne> {
        if self.created.is_some() {
            return Err(ThereIsOne);
        }
        sink.write(Event::TicketCreated(command.0), self).await;
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        let Event::TicketCreated(created) = event;
        self.created = Some(created);
    }
}

struct Executing {
    framework: Arc<PostgresCqrs<Ticket>>,
    tickets: Tickets,
}

impl Worker for Executing {
    async fn once(&mut self) -> Outcome<()> {
        let created = self.tickets.created()?;
        let metadata = self.tickets.metadata();
        let metadata = HashMap::from([
            ("actor".to_owned(), metadata.actor),
            ("commandId".to_owned(), metadata.command_id.to_string()),
            ("correlationId".to_owned(), metadata.correlation_id.to_string()),
            ("origin".to_owned(), metadata.origin),
        ]);
        let id = created.ticket.to_string();
        let executed = self
            .framework
            .execute_with_metadata(&id, Create(created), metadata)
            .await;
        Ok(executed.map_err(|error| error.to_string())?)
    }
}

pub(super) async fn measure(database: &Config, in_flight: usize, time: Duration) -> Outcome<Sample> {
    let (folder, port, user, dbname) = address(database)?;
    let options = PgConnectOptions::new()
        .socket(folder)
        .port(port)
        .username(user)
        .database(dbname);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .connect_with(options)
        .await?;
    let framework = Arc::new(postgres_cqrs(pool.clone(), vec![], ()));
    let workers = (0..in_flight).map(|_| Executing {
        framework: Arc::clone(&framework),
        tickets: Tickets::new(),
    });
    let sample = load::run(workers, time).await?;
    pool.close().await;
    Ok(sample)
}
