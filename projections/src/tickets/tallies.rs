//! How many tickets a list has, of each status and priority, and as of which position.

use deadpool_postgres::Pool;
use domain::ticket::{Category, Priority, Status};
use eventlog::Position;
use tokio_postgres::types::Type;

use super::Scope;
use super::list::{AssigneeFilter, Filter, Query, Wanted, spellings};
use super::matching::Letters;
use crate::error::QueryError;
use crate::stored::Columns;

/// How many tickets of a list have this status and this priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListTally {
    /// How far they have come.
    pub status: Status,
    /// How much they matter.
    pub priority: Priority,
    /// How many; at least 1.
    pub tickets: i64,
}

/// How many tickets a list has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListTallies {
    /// What the read model had applied: these are the tickets of exactly that moment.
    pub position: Position,
    /// The tickets by status and priority; what is not there is none.
    pub tallies: Vec<ListTally>,
}

/// What whoever follows lists asks of the read model.
#[derive(Clone)]
pub struct ListReader {
    pool: Pool,
}

impl ListReader {
    /// By connections of `pool`.
    pub const fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// How the database compares titles.
    pub async fn letters(&self) -> Result<Letters, QueryError> {
        Letters::of(&self.pool).await
    }

    /// How many tickets `filter` finds.
    pub async fn tallies(&self, filter: &Filter) -> Result<ListTallies, QueryError> {
        let mut query = Query::default();
        let sql = query.tallies_sql(filter);
        // A statement sees one moment: the checkpoint in it is that of the rows.
        let rows = query.run_bounded(&self.pool, &sql).await?;
        let mut position = 0;
        let mut tallies = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut columns = Columns::of(row);
            position = columns.value()?;
            if columns.value::<Option<&str>>()?.is_none() {
                continue; // a list without tickets has a position all the same
            }
            let mut columns = Columns::after(row, 1);
            tallies.push(ListTally {
                status: columns.spelled()?,
                priority: columns.spelled()?,
                tickets: columns.value()?,
            });
        }
        Ok(ListTallies { position, tallies })
    }
}

impl std::fmt::Debug for ListReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListReader").finish_non_exhaustive()
    }
}

impl Query {
    fn tallies_sql(&mut self, filter: &Filter) -> String {
        let counted = match kept_scope(filter) {
            Some(scope) => self.kept_sql(scope, filter),
            None => self.counted_sql(filter),
        };
        format!(
            "SELECT p.position, t.status, t.priority, t.tickets
             FROM (SELECT position FROM read_engine.projections WHERE name = 'tickets') AS p
             LEFT JOIN ({counted}) AS t ON true"
        )
    }

    /// By the counts that are kept.
    fn kept_sql(&mut self, scope: Scope, filter: &Filter) -> String {
        let (scope, id) = scope.stored();
        let scope = self.bind(scope, Type::TEXT);
        let id = self.bind(id, Type::UUID);
        let kinds = self.kinds(filter);
        format!(
            "SELECT status, priority, sum(tickets)::bigint AS tickets FROM read_tickets.counts
             WHERE scope = {scope} AND id = {id}{kinds} GROUP BY status, priority"
        )
    }

    /// One by one.
    fn counted_sql(&mut self, filter: &Filter) -> String {
        let conditions = self.every_condition(filter);
        format!(
            "SELECT status, priority, count(*) AS tickets FROM read_tickets.tickets
             WHERE NOT deleted{conditions} GROUP BY status, priority"
        )
    }

    /// All that `filter` asks for, in one.
    pub(crate) fn every_condition(&mut self, filter: &Filter) -> String {
        let kinds = self.kinds(filter);
        // The kinds are asked for already.
        let others = Filter {
            status: Vec::new(),
            priority: Vec::new(),
            category: Vec::new(),
            ..filter.clone()
        };
        kinds + &self.conditions(Wanted::newest(&others, 1))
    }

    fn kinds(&mut self, filter: &Filter) -> String {
        let kinds = [
            ("status", spellings(&filter.status, Status::as_str)),
            ("priority", spellings(&filter.priority, Priority::as_str)),
            ("category", spellings(&filter.category, Category::as_str)),
        ];
        let wanted = kinds.into_iter().filter(|(_, values)| !values.is_empty());
        let conditions = wanted.map(|(column, values)| {
            let values = self.bind(values, Type::TEXT_ARRAY);
            format!(" AND {column} = ANY ({values})")
        });
        conditions.collect()
    }
}

/// The scope whose counts are kept and have the list's; none if tickets must be counted one by one.
fn kept_scope(filter: &Filter) -> Option<Scope> {
    if filter.title_part.is_some() {
        return None;
    }
    match (filter.requester, filter.assignee) {
        (None, None) => Some(Scope::All),
        (Some(requester), None) => Some(Scope::Requester(requester)),
        (None, Some(AssigneeFilter::Of(agent))) => Some(Scope::Assignee(agent)),
        (None, Some(AssigneeFilter::Unassigned)) => Some(Scope::Unassigned),
        (Some(_), Some(_)) => None,
    }
}
