//! Looking through tickets as they were: today's filters, order and pages.

use deadpool_postgres::Pool;
use domain::Timestamp;
use eventlog::Position;
use tokio_postgres::types::Type;

use crate::error::QueryError;
use crate::tickets::{Page, Query, Wanted, page};

/// The columns of a ticket's row, from tables by the names of [`rest()`].
macro_rules! select {
    () => {
        "SELECT f.id, c.version, c.from_position, t.title, d.description, f.status, f.priority, f.category, \
         f.requester, f.assignee, f.created_at, f.updated_at, f.resolved_at, c.public_comments, \
         c.internal_comments, c.attachments, c.attachment_bytes, false"
    };
}
pub(super) use select;

/// Which moment, and whether what was deleted since is seen. The read model must have come that far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// Just after the event at this position.
    pub position: Position,
    /// Whether tickets that were there then and are deleted now are among them.
    pub deleted_since: bool,
}

/// A page of [`tickets::list`](crate::tickets::list()) as it was at a moment, with the tickets as they were.
pub async fn list(pool: &Pool, as_of: AsOf, wanted: Wanted<'_>) -> Result<Page, QueryError> {
    let Some(newest) = newest(pool, as_of.position).await? else {
        let tickets = Vec::new();
        return Ok(Page { tickets, next: None });
    };
    let mut query = Query::default();
    let found = found(&mut query, as_of, newest, wanted);
    let position = query.bind(as_of.position, Type::INT8);
    let sql = format!(
        "{} FROM ({found}) AS found
         JOIN read_history.fields f ON f.id = found.id AND f.from_position = found.from_position {} ORDER BY {}",
        select!(),
        rest(&position),
        wanted.sort.order("f."),
    );
    page(&query.run_bounded(pool, &sql).await?, wanted)
}

/// When the last of the tickets that there were began, by the clock; none if there was none. No list of that moment has
/// one above it, so that all that came later is passed over at once.
async fn newest(pool: &Pool, position: Position) -> Result<Option<Timestamp>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(
            "SELECT created_at FROM read_history.highs WHERE position <= $1 ORDER BY position DESC LIMIT 1",
        )
        .await?;
    let row = client.query_opt(&statement, &[&position]).await?;
    Ok(row
        .map(|row| row.try_get(0))
        .transpose()?
        .map(Timestamp::from_millis))
}

/// Which rows of `fields` the page has.
fn found(query: &mut Query, as_of: AsOf, newest: Timestamp, wanted: Wanted<'_>) -> String {
    let limit = wanted.limit() + 1;
    let position = query.bind(as_of.position, Type::INT8);
    let newest = query.bind(newest.as_millis(), Type::INT8);
    let conditions = query.conditions(wanted);
    let in_range = format!("from_position <= {position} AND until_position > {position}");
    let source = if wanted.filter.title_part.is_some() {
        format!(
            "(SELECT f.*, t.title FROM read_history.fields f
              JOIN (SELECT id, title FROM read_history.titles WHERE {in_range}) t ON t.id = f.id)"
        )
    } else {
        "read_history.fields".to_owned()
    };
    let there = if as_of.deleted_since {
        ""
    } else {
        " AND NOT EXISTS (SELECT FROM read_history.deletions d WHERE d.id = fields.id)"
    };
    let order = wanted.sort.order_within("");
    let branches: Vec<String> = query
        .branches(wanted)
        .into_iter()
        .map(|branch| {
            format!(
                "(SELECT id, from_position, priority, created_at, updated_at FROM {source} AS fields
                  WHERE {in_range} AND created_at <= {newest}{branch}{conditions}{there} ORDER BY {order} LIMIT {limit})"
            )
        })
        .collect();
    if let [one] = branches.as_slice() {
        return one.clone();
    }
    let (branches, order) = (branches.join(" UNION ALL "), wanted.sort.order(""));
    format!("SELECT * FROM ({branches}) AS branches ORDER BY {order} LIMIT {limit}")
}

/// What else a ticket was at a position, beside its `fields f`.
pub(super) fn rest(position: &str) -> String {
    let last = |table: &str| {
        format!(
            "CROSS JOIN LATERAL (SELECT * FROM read_history.{table} WHERE id = f.id AND from_position <= {position}
             ORDER BY from_position DESC LIMIT 1)"
        )
    };
    format!(
        "{} c {} t {} d",
        last("counters"),
        last("titles"),
        last("descriptions")
    )
}
