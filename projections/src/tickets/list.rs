//! Looking through tickets: filters, the newest first, a page at a time.

use std::fmt;
use std::str::FromStr;

use deadpool_postgres::Pool;
use domain::ticket::{Category, Priority, Status};
use domain::{AccountId, TicketId, Timestamp};
use futures::future::join3;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::query::{TicketRow, columns, ticket_row};
use crate::error::QueryError;
use crate::stored::containing;

/// Most tickets on one page.
pub const LIST_LIMIT_MAX: usize = 200;
/// How long the database may look for a text, or for what was, in milliseconds. Less than any reader waits: who gives up
/// first cannot know that it was the search that took so long.
const SEARCH_MS_MAX: u32 = 1_500;

/// Which tickets; everything that is given must hold. Deleted tickets are never listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Any of these; empty: whichever.
    pub status: Vec<Status>,
    /// Any of these; empty: whichever.
    pub priority: Vec<Priority>,
    /// Any of these; empty: whichever.
    pub category: Vec<Category>,
    /// Who works on it.
    pub assignee: Option<AssigneeFilter>,
    /// Who asked for it.
    pub requester: Option<AccountId>,
    /// A part of its title, in whatever case.
    pub title_part: Option<String>,
}

/// Who works on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssigneeFilter {
    /// This agent.
    Of(AccountId),
    /// Nobody.
    Unassigned,
}

/// A place in the list: just after this ticket. As text it is opaque to clients, and safe in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the ticket began.
    pub created_at: Timestamp,
    /// Which one it is.
    pub id: TicketId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.created_at.as_millis(), self.id)
    }
}

/// The text is no cursor of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (millis, id) = text.split_once('_').ok_or(NotACursor)?;
        Ok(Self {
            created_at: Timestamp::from_millis(millis.parse().map_err(|_| NotACursor)?),
            id: id.parse().map_err(|_| NotACursor)?,
        })
    }
}

/// Some tickets of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The tickets, newest first.
    pub tickets: Vec<TicketRow>,
    /// Where the next page begins; none if this is the last one.
    pub next: Option<Cursor>,
}

/// At most `limit` (1 to [`LIST_LIMIT_MAX`]) tickets after a place in the list, newest first. The order is stable: a
/// ticket that is created meanwhile neither repeats nor hides another.
pub async fn list(
    pool: &Pool,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page, QueryError> {
    let limit = limit.clamp(1, LIST_LIMIT_MAX);
    let mut query = Query::default();
    let sql = query.sql(filter, after, limit);
    let rows = if filter.title_part.is_some() {
        query.run_bounded(pool, &sql).await?
    } else {
        query.run(pool, &sql).await?
    };
    page(&rows, limit)
}

/// The page that `rows` of `columns!` are, one more than `limit` if there is another one.
pub(crate) fn page(rows: &[Row], limit: usize) -> Result<Page, QueryError> {
    let mut tickets = rows.iter().map(ticket_row).collect::<Result<Vec<_>, _>>()?;
    let more = tickets.len() > limit;
    tickets.truncate(limit);
    let last = tickets.last().filter(|_| more);
    let next = last.map(|row| Cursor {
        created_at: row.ticket.created_at,
        id: row.ticket.id,
    });
    Ok(Page { tickets, next })
}

/// A statement in the making, and the values in it.
#[derive(Default)]
pub(crate) struct Query {
    values: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
}

impl Query {
    fn sql(&mut self, filter: &Filter, after: Option<Cursor>, limit: usize) -> String {
        let conditions = self.conditions(filter, after);
        let limit = limit + 1;
        let order = "ORDER BY created_at DESC, id DESC";
        let branches: Vec<String> = self
            .branches(filter)
            .into_iter()
            .map(|branch| {
                format!(
                    "(SELECT {} FROM read_tickets.tickets WHERE NOT deleted{branch}{conditions} {order} LIMIT {limit})",
                    columns!()
                )
            })
            .collect();
        if let [one] = branches.as_slice() {
            return one.clone();
        }
        format!(
            "SELECT * FROM ({}) AS branches {order} LIMIT {limit}",
            branches.join(" UNION ALL ")
        )
    }

    /// One condition for each value of the first filter that has any. Each finds its tickets in order in an index, so
    /// that a page is merged from the beginnings: twenty times as fast as asking for all values at once.
    pub(crate) fn branches(&mut self, filter: &Filter) -> Vec<String> {
        let (column, values) = if !filter.status.is_empty() {
            ("status", spellings(&filter.status, Status::as_str))
        } else if !filter.priority.is_empty() {
            ("priority", spellings(&filter.priority, Priority::as_str))
        } else if !filter.category.is_empty() {
            ("category", spellings(&filter.category, Category::as_str))
        } else {
            return vec![String::new()];
        };
        values
            .into_iter()
            .map(|value| {
                let value = self.bind(value, Type::TEXT);
                format!(" AND {column} = {value}")
            })
            .collect()
    }

    /// The conditions that are the same in every branch.
    pub(crate) fn conditions(&mut self, filter: &Filter, after: Option<Cursor>) -> String {
        let mut sql = String::new();
        let mut and = |condition: String| {
            sql.push_str(" AND ");
            sql.push_str(&condition);
        };
        if !filter.status.is_empty() && !filter.priority.is_empty() {
            let values = self.bind(spellings(&filter.priority, Priority::as_str), Type::TEXT_ARRAY);
            and(format!("priority = ANY ({values})"));
        }
        let branched = !filter.status.is_empty() || !filter.priority.is_empty();
        if branched && !filter.category.is_empty() {
            let values = self.bind(spellings(&filter.category, Category::as_str), Type::TEXT_ARRAY);
            and(format!("category = ANY ({values})"));
        }
        match filter.assignee {
            Some(AssigneeFilter::Of(id)) => {
                let id = self.bind(id.as_uuid(), Type::UUID);
                and(format!("assignee = {id}"));
            }
            Some(AssigneeFilter::Unassigned) => and("assignee IS NULL".to_owned()),
            None => {}
        }
        if let Some(requester) = filter.requester {
            let id = self.bind(requester.as_uuid(), Type::UUID);
            and(format!("requester = {id}"));
        }
        if let Some(part) = &filter.title_part {
            let pattern = self.bind(containing(part), Type::TEXT);
            and(format!("title ILIKE {pattern}"));
        }
        if let Some(Cursor { created_at, id }) = after {
            let created_at = self.bind(created_at.as_millis(), Type::INT8);
            let id = self.bind::<Uuid>(id.as_uuid(), Type::UUID);
            and(format!("(created_at, id) < ({created_at}, {id})"));
        }
        sql
    }

    pub(crate) fn bind<T: ToSql + Sync + Send + 'static>(&mut self, value: T, kind: Type) -> String {
        self.values.push((Box::new(value), kind));
        format!("${}", self.values.len())
    }

    /// The rows that `sql` finds. Not prepared: the planner is to see the values, because how common they are decides which
    /// index is best.
    pub(crate) async fn run(&self, pool: &Pool, sql: &str) -> Result<Vec<Row>, QueryError> {
        Ok(pool.get().await?.query_typed(sql, &self.parameters()).await?)
    }

    /// The same, of what may have to look through much: it takes as long as a search may.
    pub(crate) async fn run_bounded(&self, pool: &Pool, sql: &str) -> Result<Vec<Row>, QueryError> {
        self.run_planned(pool, sql, "").await
    }

    /// The same, with what the planner is to be told: `SET LOCAL` statements.
    pub(crate) async fn run_planned(
        &self,
        pool: &Pool,
        sql: &str,
        planning: &str,
    ) -> Result<Vec<Row>, QueryError> {
        let client = pool.get().await?;
        let bound = format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {SEARCH_MS_MAX}; {planning}");
        let parameters = self.parameters();
        let (begun, rows, ended) = join3(
            client.batch_execute(&bound),
            client.query_typed(sql, &parameters),
            client.batch_execute("COMMIT"),
        )
        .await;
        begun?;
        let rows = rows?;
        ended?;
        Ok(rows)
    }

    fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.values
            .iter()
            .map(|(value, kind)| (&**value as &(dyn ToSql + Sync), kind.clone()))
            .collect()
    }
}

/// The spellings of some values, each once.
pub(super) fn spellings<T: Copy + Ord>(values: &[T], spell: fn(T) -> &'static str) -> Vec<&'static str> {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    values.into_iter().map(spell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor {
            created_at: Timestamp::from_millis(1_795_393_955_572),
            id: TicketId::from_uuid(Uuid::from_u128(7)),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "_", "1_", "x_00000000-0000-0000-0000-000000000007", "1_7"] {
            assert_eq!(bad.parse::<Cursor>(), Err(NotACursor), "{bad}");
        }
    }

    #[test]
    fn each_value_of_one_filter_is_a_branch_and_the_others_are_conditions() {
        let filter = Filter {
            status: vec![Status::Waiting, Status::Open, Status::Open],
            priority: vec![Priority::High, Priority::Low],
            title_part: Some("50%".to_owned()),
            ..Filter::default()
        };
        let mut query = Query::default();
        let sql = query.sql(&filter, None, 10);
        assert_eq!(sql.matches("UNION ALL").count(), 1, "{sql}");
        assert_eq!(sql.matches("priority = ANY ($1)").count(), 2, "{sql}");
        assert_eq!(sql.matches("title ILIKE $2").count(), 2, "{sql}");
        assert_eq!(query.values.len(), 4);
    }
}
