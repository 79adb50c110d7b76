//! Applying a batch: load how the tickets concerned are now, fold, and say what ends and what begins.

use std::collections::HashMap;
use std::sync::Arc;

use domain::TicketId;
use domain::ticket::Ticket;
use eventlog::{EventFacts, Position, RecordedEvent};
use tokio_postgres::Row;
use uuid::Uuid;

use super::highs::Highs;
use super::life::{Life, pass_over, turn};
use super::rows::{CounterRows, DescriptionRows, END_FIELDS, END_TITLES, Ends, FieldsRows, TitleRows};
use super::tables::OPEN;
use crate::engine::{ApplyError, Session, Skips, Write, chain};
use crate::error::QueryError;
use crate::stored::Columns;
use crate::tickets::Folded;

/// A ticket that the batch has events of.
#[derive(Default)]
struct Touched {
    life: Option<Life>,
    /// The ranges that the tables have as open; those of others are written when the batch ends, or they end.
    stored_fields: Option<Position>,
    stored_title: Option<Position>,
}

/// Everything that a batch writes.
struct Writes {
    end_fields: Ends,
    end_titles: Ends,
    fields: FieldsRows,
    titles: TitleRows,
    descriptions: DescriptionRows,
    counters: CounterRows,
    deletions: (Vec<Uuid>, Vec<i64>),
    highs: Highs,
}

/// What `batch` changes.
pub(super) async fn apply(
    rows: &Session,
    batch: &[Arc<RecordedEvent>],
    skips: &Skips,
) -> Result<Vec<Write>, ApplyError> {
    let mut touched: HashMap<Uuid, Touched> = HashMap::new();
    let mut order: Vec<Uuid> = Vec::new();
    // A stream whose first event is in the batch has no row yet: nothing to load.
    let mut known: Vec<Uuid> = Vec::new();
    for event in batch {
        let stream = event.stream.id;
        touched.entry(stream).or_insert_with(|| {
            order.push(stream);
            if event.version > 1 {
                known.push(stream);
            }
            Touched::default()
        });
    }
    if !known.is_empty() {
        load(rows, &known, &mut touched).await?;
    }
    let first = batch.iter().find(|event| event.version == 1);
    let mut writes = Writes {
        end_fields: Ends::default(),
        end_titles: Ends::default(),
        fields: FieldsRows::default(),
        titles: TitleRows::default(),
        descriptions: DescriptionRows::default(),
        counters: CounterRows::default(),
        deletions: Default::default(),
        highs: Highs::around(rows, first.map(|event| event.position)).await?,
    };
    for event in batch {
        let facts = EventFacts::from(&**event);
        let Some(touched) = touched.get_mut(&facts.stream) else {
            continue;
        };
        if skips.pass_over(facts.stream, facts.version) {
            writes.pass_over(touched, &facts);
        } else {
            writes.take(touched, &facts)?;
        }
    }
    for id in order {
        if let Some(touched) = touched.remove(&id) {
            writes.open(id, &touched);
        }
    }
    Ok(writes.all())
}

impl Writes {
    fn take(&mut self, touched: &mut Touched, event: &EventFacts<'_>) -> Result<(), ApplyError> {
        let (id, position) = (event.stream, event.position);
        let turn = turn(&mut touched.life, event)?;
        let Some(life) = &touched.life else { return Ok(()) };
        if let Some(ended) = turn.ended_fields {
            if touched.stored_fields.take().is_some() {
                self.end_fields.push(id, ended.from, position);
            } else {
                self.fields.push(id, &ended, position);
            }
        }
        if let Some(ended) = turn.ended_title {
            if touched.stored_title.take().is_some() {
                self.end_titles.push(id, ended.from, position);
            } else {
                self.titles.push(id, ended, position);
            }
        }
        let ticket = life.ticket();
        if turn.describes {
            self.descriptions.push(id, position, ticket);
        }
        if turn.deletes {
            self.deletions.0.push(id);
            self.deletions.1.push(position);
        }
        if turn.begins {
            self.highs.push(position, ticket.created_at);
        }
        self.counters.push(event, turn.previous, ticket);
        Ok(())
    }

    fn pass_over(&mut self, touched: &mut Touched, event: &EventFacts<'_>) {
        if let (Some(previous), Some(life)) = (pass_over(&mut touched.life, event), &touched.life) {
            self.counters.push(event, previous, life.ticket());
        }
    }

    /// What is so at the end of the batch, and is not in the tables yet.
    fn open(&mut self, id: Uuid, touched: &Touched) {
        let Some(life) = &touched.life else { return };
        if let (None, Some(open)) = (touched.stored_fields, life.open_fields()) {
            self.fields.push(id, &open, OPEN);
        }
        if let (None, Some(open)) = (touched.stored_title, life.open_title()) {
            self.titles.push(id, open, OPEN);
        }
    }

    fn all(self) -> Vec<Write> {
        let mut writes = Vec::new();
        self.end_fields.write(END_FIELDS, &mut writes);
        self.end_titles.write(END_TITLES, &mut writes);
        self.fields.write(&mut writes);
        self.titles.write(&mut writes);
        self.descriptions.write(&mut writes);
        self.counters.write(&mut writes);
        self.highs.write(&mut writes);
        let (ids, positions) = self.deletions;
        if !ids.is_empty() {
            writes.push(Write::new(
                "INSERT INTO deletions (id, position) SELECT * FROM unnest($1::uuid[], $2::bigint[])",
                vec![Box::new(ids), Box::new(positions)],
            ));
        }
        writes
    }
}

/// The last of each: of a deleted ticket, as it was when it was deleted.
const LOAD: &str = "
    SELECT wanted.id, c.version, c.from_position, t.title, d.description, f.status, f.priority, f.category,
           f.requester, f.assignee, f.created_at, f.updated_at, f.resolved_at, c.public_comments,
           c.internal_comments, c.attachments, c.attachment_bytes, f.until_position < 9223372036854775807,
           f.from_position, t.from_position
    FROM unnest($1::uuid[]) AS wanted (id)
    CROSS JOIN LATERAL (SELECT * FROM counters WHERE id = wanted.id ORDER BY from_position DESC LIMIT 1) c
    CROSS JOIN LATERAL (SELECT * FROM fields WHERE id = wanted.id ORDER BY from_position DESC LIMIT 1) f
    CROSS JOIN LATERAL (SELECT * FROM titles WHERE id = wanted.id ORDER BY from_position DESC LIMIT 1) t
    CROSS JOIN LATERAL (SELECT * FROM descriptions WHERE id = wanted.id ORDER BY from_position DESC LIMIT 1) d";

async fn load(
    rows: &Session,
    known: &[Uuid],
    touched: &mut HashMap<Uuid, Touched>,
) -> Result<(), ApplyError> {
    for row in rows.query(LOAD, &[&known]).await? {
        let (id, loaded) = life(&row).map_err(|error| ApplyError::Data(chain(&error)))?;
        let open = !loaded.ticket().deleted;
        touched.insert(
            id,
            Touched {
                stored_fields: open.then_some(loaded.fields_from),
                stored_title: open.then_some(loaded.title_from),
                life: Some(loaded),
            },
        );
    }
    Ok(())
}

fn life(row: &Row) -> Result<(Uuid, Life), QueryError> {
    let mut columns = Columns::of(row);
    let id: Uuid = columns.value()?;
    let (version, position) = (columns.value()?, columns.value()?);
    let ticket = Ticket {
        id: TicketId::from_uuid(id),
        title: columns.text()?,
        description: columns.text()?,
        status: columns.spelled()?,
        priority: columns.spelled()?,
        category: columns.spelled()?,
        requester: domain::AccountId::from_uuid(columns.value()?),
        assignee: columns.value::<Option<_>>()?.map(domain::AccountId::from_uuid),
        created_at: columns.time()?,
        updated_at: columns.time()?,
        resolved_at: columns.optional_time()?,
        public_comments: columns.count()?,
        internal_comments: columns.count()?,
        attachments: columns.count()?,
        attachment_bytes: columns.count()?,
        deleted: columns.value()?,
    };
    let life = Life {
        folded: Folded {
            ticket,
            version,
            position,
        },
        fields_from: columns.value()?,
        title_from: columns.value()?,
    };
    Ok((id, life))
}
