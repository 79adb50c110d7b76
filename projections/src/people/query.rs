//! Looking at people.

use std::fmt;
use std::str::FromStr;

use deadpool_postgres::Pool;
use domain::account::Account;
use domain::text::Email;
use domain::{AccountId, Role};
use eventlog::{Position, Version};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::fold::name_key;
use crate::error::QueryError;
use crate::stored::{Columns, containing};

/// Most people on one page.
pub const LIST_LIMIT_MAX: usize = 500;

/// The columns that [`person_row`] reads.
macro_rules! columns {
    () => {
        "id, version, position, email, name, role, department, active, notifications, created_at, updated_at"
    };
}
pub(super) use columns;

/// A person as the read model has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The account.
    pub account: Account,
    /// The version of its last event.
    pub version: Version,
    /// The position of its last event.
    pub position: Position,
}

/// The person with this account; none if there is none.
pub async fn get(pool: &Pool, id: AccountId) -> Result<Option<PersonRow>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(concat!(
            "SELECT ",
            columns!(),
            " FROM read_people.people WHERE id = $1"
        ))
        .await?;
    let row = client.query_opt(&statement, &[&id.as_uuid()]).await?;
    row.as_ref().map(person_row).transpose()
}

/// The person with this address, in whatever case it is written; the oldest if there were two.
pub async fn find_by_email(pool: &Pool, email: &Email) -> Result<Option<PersonRow>, QueryError> {
    let client = pool.get().await?;
    let statement = client
        .prepare_cached(concat!(
            "SELECT ",
            columns!(),
            " FROM read_people.people WHERE email_key = $1 ORDER BY created_at, id LIMIT 1"
        ))
        .await?;
    let row = client.query_opt(&statement, &[&email.key()]).await?;
    row.as_ref().map(person_row).transpose()
}

/// Which people; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A part of the name or of the address, in whatever case.
    pub part: Option<String>,
    /// What the account is for.
    pub role: Option<Role>,
    /// Whether it can be used.
    pub active: Option<bool>,
}

/// In which order people are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By name, A first, without regard to case.
    Name,
    /// The newest account first.
    Newest,
}

/// A place in a list: just after this person. As text it is opaque to clients; it may need to be escaped in a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// In a list by name.
    Name {
        /// The name in lower case.
        key: String,
        /// Which account.
        id: AccountId,
    },
    /// In a list by age.
    Newest {
        /// When the account began, in milliseconds since the Unix epoch.
        created_at: i64,
        /// Which account.
        id: AccountId,
    },
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { key, id } => write!(f, "n{id}{key}"),
            Self::Newest { created_at, id } => write!(f, "t{id}{created_at}"),
        }
    }
}

impl Cursor {
    /// Whether it is a place in a list of this order.
    pub const fn is_of(&self, order: Order) -> bool {
        matches!(
            (self, order),
            (Self::Name { .. }, Order::Name) | (Self::Newest { .. }, Order::Newest)
        )
    }
}

/// The text is no cursor of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (kind, rest) = text.split_at_checked(1).ok_or(NotACursor)?;
        let (id, key) = rest.split_at_checked(36).ok_or(NotACursor)?;
        let id = id.parse().map_err(|_| NotACursor)?;
        match kind {
            // No name has any, and Postgres cannot compare with a NUL.
            "n" if key.contains(char::is_control) => Err(NotACursor),
            "n" => Ok(Self::Name {
                key: key.to_owned(),
                id,
            }),
            "t" => Ok(Self::Newest {
                created_at: key.parse().map_err(|_| NotACursor)?,
                id,
            }),
            _ => Err(NotACursor),
        }
    }
}

/// Some people of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The people, in order.
    pub people: Vec<PersonRow>,
    /// Where the next page begins; none if this is the last one.
    pub next: Option<Cursor>,
}

/// At most `limit` (1 to [`LIST_LIMIT_MAX`]) people after a place in the list. A cursor of the other order is as none.
pub async fn list(
    pool: &Pool,
    filter: &Filter,
    order: Order,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page, QueryError> {
    let limit = limit.clamp(1, LIST_LIMIT_MAX);
    let mut values: Vec<(Box<dyn ToSql + Sync + Send>, Type)> = Vec::new();
    let mut conditions = vec!["true".to_owned()];
    if let Some(part) = &filter.part {
        values.push((Box::new(containing(&name_key(part))), Type::TEXT));
        conditions.push(format!(
            "(name_key LIKE ${0} OR email_key LIKE ${0})",
            values.len()
        ));
    }
    if let Some(role) = filter.role {
        values.push((Box::new(role.as_str()), Type::TEXT));
        conditions.push(format!("role = ${}", values.len()));
    }
    if let Some(active) = filter.active {
        values.push((Box::new(active), Type::BOOL));
        conditions.push(format!("active = ${}", values.len()));
    }
    match (order, after) {
        (Order::Name, Some(Cursor::Name { key, id })) => {
            values.push((Box::new(key.clone()), Type::TEXT));
            values.push((Box::new(id.as_uuid()), Type::UUID));
            conditions.push(format!(
                "(name_key, id) > (${}, ${})",
                values.len() - 1,
                values.len()
            ));
        }
        (Order::Newest, Some(Cursor::Newest { created_at, id })) => {
            values.push((Box::new(*created_at), Type::INT8));
            values.push((Box::new(id.as_uuid()), Type::UUID));
            conditions.push(format!(
                "(created_at, id) < (${}, ${})",
                values.len() - 1,
                values.len()
            ));
        }
        (Order::Name | Order::Newest, _) => {}
    }
    let by = match order {
        Order::Name => "name_key, id",
        Order::Newest => "created_at DESC, id DESC",
    };
    let sql = format!(
        "SELECT {} FROM read_people.people WHERE {} ORDER BY {by} LIMIT {}",
        columns!(),
        conditions.join(" AND "),
        limit + 1
    );
    let parameters: Vec<_> = values
        .iter()
        .map(|(value, kind)| (&**value as &(dyn ToSql + Sync), kind.clone()))
        .collect();
    let rows = pool.get().await?.query_typed(&sql, &parameters).await?;
    let mut people = rows.iter().map(person_row).collect::<Result<Vec<_>, _>>()?;
    let more = people.len() > limit;
    people.truncate(limit);
    let next = people
        .last()
        .filter(|_| more)
        .map(|row| cursor(order, &row.account));
    Ok(Page { people, next })
}

fn cursor(order: Order, account: &Account) -> Cursor {
    match order {
        Order::Name => Cursor::Name {
            key: name_key(account.name.as_str()),
            id: account.id,
        },
        Order::Newest => Cursor::Newest {
            created_at: account.created_at.as_millis(),
            id: account.id,
        },
    }
}

/// Reads a row of [`columns`].
pub(super) fn person_row(row: &Row) -> Result<PersonRow, QueryError> {
    let mut columns = Columns::of(row);
    let id = AccountId::from_uuid(columns.value()?);
    let (version, position) = (columns.value()?, columns.value()?);
    let account = Account {
        id,
        email: columns.text()?,
        name: columns.text()?,
        role: columns.spelled()?,
        department: columns.optional_text()?,
        active: columns.value()?,
        notifications: columns.spelled()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
    };
    Ok(PersonRow {
        account,
        version,
        position,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let id = AccountId::from_uuid(uuid::Uuid::from_u128(7));
        for cursor in [
            Cursor::Name {
                key: "ada ärlig".to_owned(),
                id,
            },
            Cursor::Newest { created_at: -5, id },
        ] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for bad in [
            "",
            "n",
            "é",
            "x00000000-0000-0000-0000-0000000000071",
            "n00000000-0000-0000-0000-000000000007\0",
        ] {
            assert_eq!(bad.parse::<Cursor>(), Err(NotACursor), "{bad}");
        }
    }
}
