//! Applying a batch: look up whose the tickets are, and say what changes.

use std::collections::HashMap;
use std::sync::Arc;

use eventlog::{EventFacts, RecordedEvent};
use uuid::Uuid;

use super::said::{Beginning, Known, Said, Text, said};
use super::vector::Vector;
use super::vocabulary::Vocabulary;
use crate::engine::{ApplyError, Session, Skips, Write};

/// What `batch` changes.
pub(super) async fn apply(
    rows: &Session,
    batch: &[Arc<RecordedEvent>],
    skips: &Skips,
) -> Result<Vec<Write>, ApplyError> {
    let mut known = load(rows, batch).await?;
    let mut vocabulary = Vocabulary::default();
    let (mut begun, mut texts) = (Tickets::default(), Texts::default());
    let (mut titles, mut descriptions) = (Changes::default(), Changes::default());
    for event in batch {
        let facts = EventFacts::from(&**event);
        if skips.pass_over(facts.stream, facts.version) {
            continue;
        }
        let ticket = facts.stream;
        match said(known.get(&ticket).copied(), &facts, &mut vocabulary)? {
            Said::Begun(beginning) => {
                let Beginning {
                    requester, position, ..
                } = beginning;
                known.insert(ticket, Known { requester, position });
                begun.push(ticket, beginning);
            }
            Said::Title(title) => titles.set(ticket, title),
            Said::Description(description) => descriptions.set(ticket, description),
            Said::Text(text) => texts.push(text),
            Said::Nothing => {}
        }
    }
    let mut writes = Vec::new();
    begun.writes(&mut writes);
    titles.writes(RETITLE, &mut writes);
    descriptions.writes(DESCRIBE, &mut writes);
    texts.writes(&mut writes);
    vocabulary.writes(&mut writes);
    Ok(writes)
}

/// The tickets of the batch that were known before it.
async fn load(rows: &Session, batch: &[Arc<RecordedEvent>]) -> Result<HashMap<Uuid, Known>, ApplyError> {
    // A stream whose first event is in the batch has no row yet.
    let mut streams: Vec<Uuid> = batch
        .iter()
        .filter(|event| event.version > 1)
        .map(|event| event.stream.id)
        .collect();
    streams.sort_unstable();
    streams.dedup();
    if streams.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = "SELECT ticket, requester, position FROM tickets WHERE ticket = ANY ($1)";
    rows.query(sql, &[&streams])
        .await?
        .iter()
        .map(|row| {
            let known = Known {
                requester: row.try_get(1)?,
                position: row.try_get(2)?,
            };
            Ok((row.try_get(0)?, known))
        })
        .collect()
}

const RETITLE: &str = "
    UPDATE tickets t SET title = u.title FROM unnest($1::uuid[], $2::tsvector[]) AS u (ticket, title)
    WHERE t.ticket = u.ticket";
const DESCRIBE: &str = "
    UPDATE tickets t SET description = u.description
    FROM unnest($1::uuid[], $2::tsvector[]) AS u (ticket, description) WHERE t.ticket = u.ticket";

/// Columns of the table `tickets`.
#[derive(Default)]
struct Tickets {
    tickets: Vec<Uuid>,
    requesters: Vec<Uuid>,
    positions: Vec<i64>,
    titles: Vec<Vector>,
    descriptions: Vec<Vector>,
}

impl Tickets {
    fn push(&mut self, ticket: Uuid, beginning: Beginning) {
        self.tickets.push(ticket);
        self.requesters.push(beginning.requester);
        self.positions.push(beginning.position);
        self.titles.push(beginning.title);
        self.descriptions.push(beginning.description);
    }

    fn writes(self, writes: &mut Vec<Write>) {
        if self.tickets.is_empty() {
            return;
        }
        writes.push(Write::new(
            "INSERT INTO tickets (ticket, requester, position, title, description)
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::tsvector[], $5::tsvector[])",
            vec![
                Box::new(self.tickets),
                Box::new(self.requesters),
                Box::new(self.positions),
                Box::new(self.titles),
                Box::new(self.descriptions),
            ],
        ));
    }
}

/// New values of one column; the last one of each ticket counts.
#[derive(Default)]
struct Changes {
    places: HashMap<Uuid, usize>,
    tickets: Vec<Uuid>,
    values: Vec<Vector>,
}

impl Changes {
    fn set(&mut self, ticket: Uuid, value: Vector) {
        if let Some(place) = self.places.get(&ticket) {
            self.values[*place] = value;
            return;
        }
        self.places.insert(ticket, self.tickets.len());
        self.tickets.push(ticket);
        self.values.push(value);
    }

    fn writes(self, sql: &'static str, writes: &mut Vec<Write>) {
        if !self.tickets.is_empty() {
            writes.push(Write::new(
                sql,
                vec![Box::new(self.tickets), Box::new(self.values)],
            ));
        }
    }
}

/// Columns of the table `texts`.
#[derive(Default)]
struct Texts {
    tickets: Vec<Uuid>,
    versions: Vec<i64>,
    kinds: Vec<&'static str>,
    positions: Vec<i64>,
    readers: Vec<Option<Uuid>>,
    words: Vec<Vector>,
}

impl Texts {
    fn push(&mut self, text: Text) {
        self.tickets.push(text.ticket);
        self.versions.push(text.version);
        self.kinds.push(text.kind.as_str());
        self.positions.push(text.position);
        self.readers.push(text.reader);
        self.words.push(text.words);
    }

    fn writes(self, writes: &mut Vec<Write>) {
        if self.tickets.is_empty() {
            return;
        }
        writes.push(Write::new(
            "INSERT INTO texts (ticket, version, kind, position, reader, words)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::uuid[], $6::tsvector[])",
            vec![
                Box::new(self.tickets),
                Box::new(self.versions),
                Box::new(self.kinds),
                Box::new(self.positions),
                Box::new(self.readers),
                Box::new(self.words),
            ],
        ));
    }
}
