//! How many tickets there were of each kind: counted anew in the rows of that moment.

use deadpool_postgres::Pool;
use domain::AccountId;

use super::list::AsOf;
use crate::error::QueryError;
use crate::stored::Columns;
use crate::tickets::Count;

/// Counts as of a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Of everybody's tickets, or of a requester's own.
    pub readable: Vec<Count>,
    /// Of those that nobody worked on.
    pub unassigned: Vec<Count>,
    /// Of those that one agent worked on.
    pub assigned: Vec<Count>,
}

/// Whose tickets are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those that one person asked for.
    Requester(AccountId),
    /// Everybody's, and among them those that this agent worked on.
    All(AccountId),
}

/// What [`tickets::counts`](crate::tickets::counts()) would have said at a moment.
pub async fn figures(pool: &Pool, as_of: AsOf, whose: Whose) -> Result<Figures, QueryError> {
    let (condition, person) = match whose {
        Whose::Requester(id) => (" AND requester = $2", id),
        Whose::All(id) => ("", id),
    };
    let there = if as_of.deleted_since {
        ""
    } else {
        " AND NOT EXISTS (SELECT FROM read_history.deletions d WHERE d.id = fields.id)"
    };
    let sql = format!(
        "SELECT CASE WHEN assignee IS NULL THEN 0 WHEN assignee = $2 THEN 1 ELSE 2 END::bigint AS worker,
                status, priority, category, count(*), count(resolved_at),
                coalesce(sum(resolved_at - created_at), 0)::bigint
         FROM read_history.fields
         WHERE from_position <= $1 AND until_position > $1{condition}{there}
         GROUP BY worker, status, priority, category ORDER BY status, priority, category, worker"
    );
    let client = pool.get().await?;
    let statement = client.prepare_cached(&sql).await?;
    let rows = client
        .query(&statement, &[&as_of.position, &person.as_uuid()])
        .await?;
    let mut figures = Figures::default();
    for row in &rows {
        let mut columns = Columns::of(row);
        let worker: i64 = columns.value()?;
        let count = Count {
            status: columns.spelled()?,
            priority: columns.spelled()?,
            category: columns.spelled()?,
            tickets: columns.count()?,
            resolved: columns.count()?,
            resolution_ms: columns.value()?,
        };
        add(&mut figures.readable, count);
        match (whose, worker) {
            (Whose::All(_), 0) => figures.unassigned.push(count),
            (Whose::All(_), 1) => figures.assigned.push(count),
            (Whose::All(_) | Whose::Requester(_), _) => {}
        }
    }
    Ok(figures)
}

/// Rows of one kind follow each other.
fn add(counts: &mut Vec<Count>, count: Count) {
    let kind = |count: &Count| (count.status, count.priority, count.category);
    match counts.last_mut().filter(|last| kind(last) == kind(&count)) {
        Some(last) => {
            last.tickets += count.tickets;
            last.resolved += count.resolved;
            last.resolution_ms += count.resolution_ms;
        }
        None => counts.push(count),
    }
}
