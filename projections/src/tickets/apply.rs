//! Applying a batch: load the tickets concerned, fold, and say what changes.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ticket::{Ticket, TicketEvent};
use eventlog::{EventFacts, RecordedEvent};
use uuid::Uuid;

use super::counts::Tally;
use super::fold::{Folded, pass_over, step};
use super::query::{columns, ticket_row};
use super::rows::{Attachments, Comments, Headers};
use crate::engine::{ApplyError, Session, Skips, Write, chain};

/// A ticket that the batch has events of.
#[derive(Default)]
struct Touched {
    before: Option<Ticket>,
    now: Option<Folded>,
    describes: bool,
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
    let mut comments = Comments::default();
    let mut attachments = Attachments::default();
    for event in batch {
        let facts = EventFacts::from(&**event);
        let Some(touched) = touched.get_mut(&facts.stream) else {
            continue;
        };
        if skips.pass_over(facts.stream, facts.version) {
            pass_over(&mut touched.now, &facts);
            continue;
        }
        match step(&mut touched.now, &facts)? {
            TicketEvent::CommentAdded(added) => comments.push(&facts, &added),
            TicketEvent::AttachmentAdded(added) => attachments.push(&facts, &added),
            TicketEvent::DescriptionChanged(_) => touched.describes = true,
            _ => {}
        }
    }
    let mut writes = Vec::new();
    headers(&order, touched, &mut writes);
    comments.writes(&mut writes);
    attachments.writes(&mut writes);
    Ok(writes)
}

async fn load(
    rows: &Session,
    known: &[Uuid],
    touched: &mut HashMap<Uuid, Touched>,
) -> Result<(), ApplyError> {
    const LOAD: &str = concat!("SELECT ", columns!(), " FROM tickets WHERE id = ANY ($1)");
    for row in rows.query(LOAD, &[&known]).await? {
        let row = ticket_row(&row).map_err(|error| ApplyError::Data(chain(&error)))?;
        let before = Some(row.ticket.clone());
        let id = row.ticket.id.as_uuid();
        let now = Folded {
            ticket: row.ticket,
            version: row.version,
            position: row.position,
        };
        touched.insert(
            id,
            Touched {
                before,
                now: Some(now),
                describes: false,
            },
        );
    }
    Ok(())
}

/// The tickets themselves, and the counts that they are in.
fn headers(order: &[Uuid], mut touched: HashMap<Uuid, Touched>, writes: &mut Vec<Write>) {
    let (mut new, mut changed) = (Headers::default(), Headers::default());
    let (mut described, mut descriptions) = (Vec::<Uuid>::new(), Vec::<String>::new());
    let mut tally = Tally::default();
    for id in order {
        let Some(Touched {
            before,
            now: Some(now),
            describes,
        }) = touched.remove(id)
        else {
            continue;
        };
        tally.enters(&now.ticket);
        if let Some(before) = before {
            tally.leaves(&before);
            if describes {
                described.push(*id);
                descriptions.push(now.ticket.description.as_str().to_owned());
            }
            changed.push(now);
        } else {
            new.begin(now);
        }
    }
    if !new.is_empty() {
        writes.push(new.insert());
    }
    if !changed.is_empty() {
        writes.push(changed.update());
    }
    if !described.is_empty() {
        writes.push(Write::new(
            DESCRIBE,
            vec![Box::new(described), Box::new(descriptions)],
        ));
    }
    tally.writes(writes);
}

// Apart from the rest: a description may have 64 KiB, and a comment must not write it again.
const DESCRIBE: &str = "
    UPDATE tickets t SET description = u.description
    FROM unnest($1::uuid[], $2::text[]) AS u (id, description) WHERE t.id = u.id";
