//! Looking through tickets: filters, an order, a page at a time.

use deadpool_postgres::Pool;
use domain::AccountId;
use domain::ticket::{Category, Priority, Status};
use futures::future::join3;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::query::{TicketRow, columns, ticket_row};
use super::sort::{Cursor, Sort};
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

/// Some tickets of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The tickets, in the list's order.
    pub tickets: Vec<TicketRow>,
    /// Where the next page begins; none if this is the last one.
    pub next: Option<Cursor>,
}

/// Which page of which list.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Which tickets.
    pub filter: &'a Filter,
    /// In which order.
    pub sort: Sort,
    /// Where it begins, by a cursor of this order; `None` is the beginning.
    pub after: Option<Cursor>,
    /// How many tickets at most: 1 to [`LIST_LIMIT_MAX`].
    pub limit: usize,
}

/// A filter with several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Status,
    Priority,
    Category,
}

impl<'a> Wanted<'a> {
    /// The newest of these tickets.
    pub fn newest(filter: &'a Filter, limit: usize) -> Self {
        Self {
            filter,
            sort: Sort::Newest,
            after: None,
            limit,
        }
    }

    /// Of which filter each value is looked for by itself: see [`Query::branches`]. What one person has to do with is looked
    /// through once for each priority, where those decide: more often would cost more than it finds.
    fn branched(&self) -> Option<Kind> {
        let Filter {
            status,
            priority,
            category,
            assignee,
            requester,
            ..
        } = self.filter;
        let by_priority = self.sort == Sort::Priority;
        let of_one = requester.is_some() || matches!(assignee, Some(AssigneeFilter::Of(_)));
        if by_priority && of_one {
            None
        } else if !status.is_empty() {
            Some(Kind::Status)
        } else if !priority.is_empty() {
            (!by_priority).then_some(Kind::Priority)
        } else {
            (!category.is_empty()).then_some(Kind::Category)
        }
    }

    /// How many there are on a page.
    pub(crate) fn limit(&self) -> usize {
        self.limit.clamp(1, LIST_LIMIT_MAX)
    }
}

/// A page of a list. The order is stable: a ticket that is created meanwhile neither repeats nor hides another. One that
/// changes meanwhile may move, where what has changed decides.
pub async fn list(pool: &Pool, wanted: Wanted<'_>) -> Result<Page, QueryError> {
    let mut query = Query::default();
    let sql = query.sql(wanted);
    let rows = if wanted.filter.title_part.is_some() {
        query.run_bounded(pool, &sql).await?
    } else {
        query.run(pool, &sql).await?
    };
    page(&rows, wanted)
}

/// The page that `rows` of `columns!` are, one more than is wanted if there is another one.
pub(crate) fn page(rows: &[Row], wanted: Wanted<'_>) -> Result<Page, QueryError> {
    let mut tickets = rows.iter().map(ticket_row).collect::<Result<Vec<_>, _>>()?;
    let more = tickets.len() > wanted.limit();
    tickets.truncate(wanted.limit());
    let last = tickets.last().filter(|_| more);
    let next = last.map(|row| Cursor::after(wanted.sort, &row.ticket));
    Ok(Page { tickets, next })
}

/// A statement in the making, and the values in it.
#[derive(Default)]
pub(crate) struct Query {
    values: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
}

impl Query {
    fn sql(&mut self, wanted: Wanted<'_>) -> String {
        let conditions = self.conditions(wanted);
        let limit = wanted.limit() + 1;
        let branches = self.branches(wanted);
        let order = wanted.sort.order_within("");
        let branches: Vec<String> = branches
            .into_iter()
            .map(|branch| {
                format!(
                    "(SELECT {} FROM read_tickets.tickets
                      WHERE NOT deleted{branch}{conditions} ORDER BY {order} LIMIT {limit})",
                    columns!()
                )
            })
            .collect();
        if let [one] = branches.as_slice() {
            return one.clone();
        }
        format!(
            "SELECT * FROM ({}) AS branches ORDER BY {} LIMIT {limit}",
            branches.join(" UNION ALL "),
            wanted.sort.order("")
        )
    }

    /// One condition for each value of the first filter that has any; where priorities decide, for each of them too. Each
    /// finds its tickets in order in an index, so that a page is merged from the beginnings: twenty times as fast as asking for
    /// all values at once. There is always one at least.
    pub(crate) fn branches(&mut self, wanted: Wanted<'_>) -> Vec<String> {
        let Wanted {
            filter, sort, after, ..
        } = wanted;
        let kinds = match wanted.branched() {
            Some(Kind::Status) => self.each("status", spellings(&filter.status, Status::as_str)),
            Some(Kind::Priority) => self.each("priority", spellings(&filter.priority, Priority::as_str)),
            Some(Kind::Category) => self.each("category", spellings(&filter.category, Category::as_str)),
            None => vec![String::new()],
        };
        let follows = after.map(|after| self.follows(after)).unwrap_or_default();
        if sort != Sort::Priority {
            return kinds.into_iter().map(|kind| kind + &follows).collect();
        }
        let mut branches = Vec::new();
        for priority in Priority::ALL.iter().rev() {
            let is_wanted = filter.priority.is_empty() || filter.priority.contains(priority);
            let last = after.and_then(|after| after.priority);
            if !is_wanted || last.is_some_and(|last| *priority > last) {
                continue;
            }
            let own = self.bind(priority.as_str(), Type::TEXT);
            let follows = if last == Some(*priority) { &*follows } else { "" };
            branches.extend(
                kinds
                    .iter()
                    .map(|kind| format!("{kind} AND priority = {own}{follows}")),
            );
        }
        if branches.is_empty() {
            // A cursor of another filter's list.
            branches.push(" AND false".to_owned());
        }
        branches
    }

    fn each(&mut self, column: &str, values: Vec<&'static str>) -> Vec<String> {
        let values = values.into_iter();
        values
            .map(|value| format!(" AND {column} = {}", self.bind(value, Type::TEXT)))
            .collect()
    }

    /// What comes after a place, among tickets of one priority where that decides.
    fn follows(&mut self, after: Cursor) -> String {
        let time = self.bind(after.time.as_millis(), Type::INT8);
        let id = self.bind::<Uuid>(after.id.as_uuid(), Type::UUID);
        let (column, sign) = (after.sort.column(), after.sort.follows());
        format!(" AND ({column}, id) {sign} ({time}, {id})")
    }

    /// The conditions that are the same in every branch.
    pub(crate) fn conditions(&mut self, wanted: Wanted<'_>) -> String {
        let (filter, branched) = (wanted.filter, wanted.branched());
        let mut sql = String::new();
        let mut and = |condition: String| {
            sql.push_str(" AND ");
            sql.push_str(&condition);
        };
        if !filter.status.is_empty() && branched != Some(Kind::Status) {
            let values = self.bind(spellings(&filter.status, Status::as_str), Type::TEXT_ARRAY);
            and(format!("status = ANY ({values})"));
        }
        let by_priority = branched == Some(Kind::Priority) || wanted.sort == Sort::Priority;
        if !filter.priority.is_empty() && !by_priority {
            let values = self.bind(spellings(&filter.priority, Priority::as_str), Type::TEXT_ARRAY);
            and(format!("priority = ANY ({values})"));
        }
        if !filter.category.is_empty() && branched != Some(Kind::Category) {
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
    fn each_value_of_one_filter_is_a_branch_and_the_others_are_conditions() {
        let filter = Filter {
            status: vec![Status::Waiting, Status::Open, Status::Open],
            priority: vec![Priority::High, Priority::Low],
            title_part: Some("50%".to_owned()),
            ..Filter::default()
        };
        let mut query = Query::default();
        let sql = query.sql(Wanted::newest(&filter, 10));
        assert_eq!(sql.matches("UNION ALL").count(), 1, "{sql}");
        assert_eq!(sql.matches("priority = ANY ($1)").count(), 2, "{sql}");
        assert_eq!(sql.matches("title ILIKE $2").count(), 2, "{sql}");
        assert_eq!(query.values.len(), 4);
    }

    #[test]
    fn where_priorities_decide_each_is_a_branch_and_those_before_the_place_are_none() {
        let filter = Filter {
            status: vec![Status::Waiting, Status::Open],
            ..Filter::default()
        };
        let first = Wanted {
            sort: Sort::Priority,
            ..Wanted::newest(&filter, 10)
        };
        let branches = Query::default().branches(first);
        assert_eq!(branches.len(), 8, "{branches:?}");
        let cursor = "priority-MEDIUM_1_00000000-0000-0000-0000-000000000007";
        let later = Wanted {
            after: cursor.parse().ok(),
            ..first
        };
        let branches = Query::default().branches(later);
        assert_eq!(branches.len(), 4, "{branches:?}");
        let following = branches
            .iter()
            .filter(|branch| branch.contains("(created_at, id) <"));
        assert_eq!(following.count(), 2, "{branches:?}");
        let none = Filter {
            priority: vec![Priority::High],
            ..filter.clone()
        };
        let none = Wanted {
            filter: &none,
            ..later
        };
        assert_eq!(Query::default().branches(none), [" AND false"]);
    }
}
