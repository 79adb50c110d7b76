//! What differs between two moments of the whole desk.

use std::collections::HashMap;

use deadpool_postgres::Pool;
use domain::TicketId;
use eventlog::Position;
use tokio_postgres::Row;
use uuid::Uuid;

use super::list::{rest, select};
use crate::error::QueryError;
use crate::tickets::{TicketRow, ticket_row};

/// Most tickets on one page.
pub const DIFFERENCES_LIMIT_MAX: usize = 200;

/// A ticket of which something happened between two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which one.
    pub ticket: TicketId,
    /// Its last title until the later moment.
    pub title: String,
    /// Where the first thing happened to it after the earlier moment. In this order tickets are told.
    pub first_position: Position,
    /// As it was at the earlier moment; none if it was not there.
    pub before: Option<TicketRow>,
    /// As it was at the later moment; none if it was not there.
    pub after: Option<TicketRow>,
}

/// Some of the tickets that differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differences {
    /// The tickets.
    pub tickets: Vec<Difference>,
    /// Where the next page begins: after this position; none if this is the last one.
    pub next: Option<Position>,
}

/// At most `limit` (1 to [`DIFFERENCES_LIMIT_MAX`]) tickets of which something happened after the position `from` and until
/// `to`, in the order in which it first did; on later pages, those of which it first did after `after`. The read model must
/// have come to `to`.
pub async fn differences(
    pool: &Pool,
    (from, to): (Position, Position),
    after: Option<Position>,
    limit: usize,
) -> Result<Differences, QueryError> {
    let limit = limit.clamp(1, DIFFERENCES_LIMIT_MAX);
    let mut touched = touched(pool, (from, to), after.unwrap_or(from).max(from), limit + 1).await?;
    let more = touched.len() > limit;
    touched.truncate(limit);
    let next = touched.last().filter(|_| more).map(|(_, position)| *position);
    let ids: Vec<Uuid> = touched.iter().map(|(id, _)| *id).collect();
    let mut before = at(pool, &ids, from).await?;
    let mut later = at(pool, &ids, to).await?;
    let mut titles = titles(pool, &ids, to).await?;
    let tickets = touched
        .into_iter()
        .map(|(id, first_position)| Difference {
            ticket: TicketId::from_uuid(id),
            title: titles.remove(&id).unwrap_or_default(),
            first_position,
            before: before.remove(&id),
            after: later.remove(&id),
        })
        .collect();
    Ok(Differences { tickets, next })
}

/// A ticket's first event after `from` is the one whose predecessor is not after it: so every ticket is found once, in
/// order, without looking at its other events.
async fn touched(
    pool: &Pool,
    (from, to): (Position, Position),
    after: Position,
    limit: usize,
) -> Result<Vec<(Uuid, Position)>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(
            "SELECT id, from_position FROM read_history.counters
             WHERE from_position > $1 AND from_position <= $2 AND previous_position <= $3
             ORDER BY from_position LIMIT $4",
        )
        .await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = client.query(&statement, &[&after, &to, &from, &limit]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

/// Those of the tickets that were there at a position, as they were.
async fn at(pool: &Pool, ids: &[Uuid], position: Position) -> Result<HashMap<Uuid, TicketRow>, QueryError> {
    let client = pool.get().await?;
    let sql = format!(
        "{} FROM read_history.fields f {}
         WHERE f.id = ANY ($1) AND f.from_position <= $2 AND f.until_position > $2",
        select!(),
        rest("$2")
    );
    let statement = client.prepare_cached(&sql).await?;
    let rows = client.query(&statement, &[&ids, &position]).await?;
    rows.iter()
        .map(|row| ticket_row(row).map(|row| (row.ticket.id.as_uuid(), row)))
        .collect()
}

async fn titles(pool: &Pool, ids: &[Uuid], to: Position) -> Result<HashMap<Uuid, String>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(
            "SELECT DISTINCT ON (id) id, title FROM read_history.titles
             WHERE id = ANY ($1) AND from_position <= $2 ORDER BY id, from_position DESC",
        )
        .await?;
    let rows = client.query(&statement, &[&ids, &to]).await?;
    rows.iter().map(pair).collect()
}

fn pair(row: &Row) -> Result<(Uuid, String), QueryError> {
    Ok((row.try_get(0)?, row.try_get(1)?))
}
