//! How many tickets there are of each kind: kept by differences, never counted anew.

use std::collections::HashMap;

use deadpool_postgres::Pool;
use domain::AccountId;
use domain::ticket::{Category, Priority, Status, Ticket};
use uuid::Uuid;

use crate::engine::{Parameter, Rows, Write};
use crate::error::QueryError;
use crate::stored::Columns;

/// Whose tickets are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Everybody's.
    All,
    /// Those that one person asked for.
    Requester(AccountId),
    /// Those that one agent works on.
    Assignee(AccountId),
    /// Those that nobody works on.
    Unassigned,
}

impl Scope {
    pub(super) fn stored(self) -> (&'static str, Uuid) {
        match self {
            Self::All => ("all", Uuid::nil()),
            Self::Requester(id) => ("requester", id.as_uuid()),
            Self::Assignee(id) => ("assignee", id.as_uuid()),
            Self::Unassigned => ("unassigned", Uuid::nil()),
        }
    }
}

/// How many tickets there are of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// How far they have come.
    pub status: Status,
    /// How much they matter.
    pub priority: Priority,
    /// What they are about.
    pub category: Category,
    /// How many; at least 1.
    pub tickets: u64,
    /// How many of them are resolved or closed, with the time when that was.
    pub resolved: u64,
    /// The sum of those tickets' times from beginning to resolution, in milliseconds.
    pub resolution_ms: i64,
}

/// How many tickets there are in a scope, of each kind that there is any of. Deleted tickets are not counted.
pub async fn counts(pool: &Pool, scope: Scope) -> Result<Vec<Count>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(
            "SELECT status, priority, category, tickets, resolved, resolution_ms
             FROM read_tickets.counts WHERE scope = $1 AND id = $2 ORDER BY status, priority, category",
        )
        .await?;
    let (scope, id) = scope.stored();
    let rows = client.query(&statement, &[&scope, &id]).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(Count {
                status: columns.spelled()?,
                priority: columns.spelled()?,
                category: columns.spelled()?,
                tickets: columns.count()?,
                resolved: columns.count()?,
                resolution_ms: columns.value()?,
            })
        })
        .collect()
}

/// How many tickets a person has to do with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Tickets that the person asked for.
    pub requested: u64,
    /// Tickets that the person works on.
    pub assigned: u64,
}

/// The totals of some people; those without any ticket are left out.
pub async fn totals(pool: &Pool, people: &[AccountId]) -> Result<HashMap<AccountId, Totals>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(
            "SELECT id, coalesce(sum(tickets) FILTER (WHERE scope = 'requester'), 0)::bigint,
                    coalesce(sum(tickets) FILTER (WHERE scope = 'assignee'), 0)::bigint
             FROM read_tickets.counts WHERE scope IN ('requester', 'assignee') AND id = ANY ($1) GROUP BY id",
        )
        .await?;
    let ids: Vec<Uuid> = people.iter().map(|id| id.as_uuid()).collect();
    let rows = client.query(&statement, &[&ids]).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let id = AccountId::from_uuid(columns.value()?);
            Ok((
                id,
                Totals {
                    requested: columns.count()?,
                    assigned: columns.count()?,
                },
            ))
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    scope: Scope,
    status: Status,
    priority: Priority,
    category: Category,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Difference {
    tickets: i64,
    resolved: i64,
    resolution_ms: i64,
}

/// What counts have to be changed by.
#[derive(Default)]
pub(super) struct Tally {
    differences: HashMap<Key, Difference>,
}

impl Tally {
    /// The ticket is there now, as it is.
    pub(super) fn enters(&mut self, ticket: &Ticket) {
        self.change(ticket, 1);
    }

    /// The ticket is no longer there as it was.
    pub(super) fn leaves(&mut self, ticket: &Ticket) {
        self.change(ticket, -1);
    }

    fn change(&mut self, ticket: &Ticket, sign: i64) {
        if ticket.deleted {
            return;
        }
        let resolution = ticket.resolved_at.map(|at| at.millis_since(ticket.created_at));
        let assignee = ticket.assignee.map_or(Scope::Unassigned, Scope::Assignee);
        for scope in [Scope::All, Scope::Requester(ticket.requester), assignee] {
            let Ticket {
                status,
                priority,
                category,
                ..
            } = *ticket;
            let difference = self
                .differences
                .entry(Key {
                    scope,
                    status,
                    priority,
                    category,
                })
                .or_default();
            difference.tickets += sign;
            difference.resolved += sign * i64::from(resolution.is_some());
            difference.resolution_ms += sign * resolution.unwrap_or(0);
        }
    }

    /// The differences that are any, always in the same order.
    fn differences(self) -> Vec<(Key, Difference)> {
        let mut differences: Vec<_> = self.differences.into_iter().collect();
        differences.retain(|(_, difference)| *difference != Difference::default());
        differences.sort_unstable_by_key(|(key, _)| *key);
        differences
    }

    /// As rows of an empty table.
    pub(super) fn put(self, rows: &mut Rows) {
        for (key, difference) in self.differences() {
            let (scope, id) = key.scope.stored();
            rows.row(8)
                .text(scope)
                .uuid(id)
                .text(key.status.as_str())
                .text(key.priority.as_str())
                .text(key.category.as_str())
                .bigint(difference.tickets)
                .bigint(difference.resolved)
                .bigint(difference.resolution_ms);
        }
    }

    /// As changes of the table. Kinds of which none is left go.
    pub(super) fn writes(self, writes: &mut Vec<Write>) {
        let differences = self.differences();
        if differences.is_empty() {
            return;
        }
        let column = |of: fn(&Key) -> &'static str| -> Parameter {
            Box::new(differences.iter().map(|(key, _)| of(key)).collect::<Vec<_>>())
        };
        let number = |of: fn(&Difference) -> i64| -> Parameter {
            Box::new(
                differences
                    .iter()
                    .map(|(_, difference)| of(difference))
                    .collect::<Vec<_>>(),
            )
        };
        let ids: Vec<Uuid> = differences.iter().map(|(key, _)| key.scope.stored().1).collect();
        writes.push(Write::new(
            CHANGE,
            vec![
                column(|key| key.scope.stored().0),
                Box::new(ids),
                column(|key| key.status.as_str()),
                column(|key| key.priority.as_str()),
                column(|key| key.category.as_str()),
                number(|difference| difference.tickets),
                number(|difference| difference.resolved),
                number(|difference| difference.resolution_ms),
            ],
        ));
        if differences.iter().any(|(_, difference)| difference.tickets < 0) {
            let ids: Vec<Uuid> = differences.iter().map(|(key, _)| key.scope.stored().1).collect();
            writes.push(Write::new(
                CLEAN,
                vec![column(|key| key.scope.stored().0), Box::new(ids)],
            ));
        }
    }
}

const CHANGE: &str = "
    INSERT INTO counts AS c (scope, id, status, priority, category, tickets, resolved, resolution_ms)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
                         $8::bigint[])
    ON CONFLICT (scope, id, status, priority, category) DO UPDATE
    SET tickets = c.tickets + excluded.tickets, resolved = c.resolved + excluded.resolved,
        resolution_ms = c.resolution_ms + excluded.resolution_ms";
const CLEAN: &str = "
    DELETE FROM counts c USING (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[])) AS touched (scope, id)
    WHERE c.scope = touched.scope AND c.id = touched.id AND c.tickets = 0";
