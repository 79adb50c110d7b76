//! Applying a batch: load the accounts concerned, fold, and say what changes.

use std::collections::HashMap;
use std::sync::Arc;

use domain::time::Timestamp;
use eventlog::{EventFacts, RecordedEvent};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::fold::{Folded, name_key, pass_over, step};
use super::query::{columns, person_row};
use crate::engine::{ApplyError, Parameter, Session, Skips, Write, chain};

const LOAD: &str = concat!("SELECT ", columns!(), " FROM people WHERE id = ANY ($1)");
const WRITE: &str = "
    INSERT INTO people (id, version, position, email, email_key, name, name_key, role, department, active, notifications,
                        created_at, updated_at)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::text[], $10::boolean[], $11::text[], $12::bigint[],
                         $13::bigint[])
    ON CONFLICT (id) DO UPDATE
    SET version = excluded.version, position = excluded.position, name = excluded.name, name_key = excluded.name_key,
        role = excluded.role, department = excluded.department, active = excluded.active,
        notifications = excluded.notifications, updated_at = excluded.updated_at";

/// What `batch` changes.
pub(super) async fn apply(
    rows: &Session,
    batch: &[Arc<RecordedEvent>],
    skips: &Skips,
) -> Result<Vec<Write>, ApplyError> {
    let mut accounts: HashMap<Uuid, Option<Folded>> = HashMap::new();
    let mut order: Vec<Uuid> = Vec::new();
    let mut known: Vec<Uuid> = Vec::new();
    for event in batch {
        let stream = event.stream.id;
        accounts.entry(stream).or_insert_with(|| {
            order.push(stream);
            if event.version > 1 {
                known.push(stream);
            }
            None
        });
    }
    if !known.is_empty() {
        for row in rows.query(LOAD, &[&known]).await? {
            let row = person_row(&row).map_err(|error| ApplyError::Data(chain(&error)))?;
            let id = row.account.id.as_uuid();
            let folded = Folded {
                account: row.account,
                version: row.version,
                position: row.position,
            };
            accounts.insert(id, Some(folded));
        }
    }
    for event in batch {
        let facts = EventFacts::from(&**event);
        let account = accounts.entry(facts.stream).or_default();
        if skips.pass_over(facts.stream, facts.version) {
            pass_over(account, &facts);
        } else {
            step(account, &facts)?;
        }
    }
    let folded: Vec<Folded> = order
        .iter()
        .filter_map(|id| accounts.remove(id).flatten())
        .collect();
    Ok(if folded.is_empty() {
        Vec::new()
    } else {
        vec![write(&folded)]
    })
}

fn write(folded: &[Folded]) -> Write {
    fn column<T>(folded: &[Folded], of: impl Fn(&Folded) -> T) -> Parameter
    where
        Vec<T>: ToSql + Send + Sync + 'static,
    {
        Box::new(folded.iter().map(of).collect::<Vec<T>>())
    }
    let time = Timestamp::as_millis;
    Write::new(
        WRITE,
        vec![
            column(folded, |folded| folded.account.id.as_uuid()),
            column(folded, |folded| folded.version),
            column(folded, |folded| folded.position),
            column(folded, |folded| folded.account.email.as_str().to_owned()),
            column(folded, |folded| folded.account.email.key()),
            column(folded, |folded| folded.account.name.as_str().to_owned()),
            column(folded, |folded| name_key(folded.account.name.as_str())),
            column(folded, |folded| folded.account.role.as_str()),
            column(folded, |folded| {
                folded
                    .account
                    .department
                    .as_ref()
                    .map(|text| text.as_str().to_owned())
            }),
            column(folded, |folded| folded.account.active),
            column(folded, |folded| folded.account.notifications.as_str()),
            column(folded, |folded| time(folded.account.created_at)),
            column(folded, |folded| time(folded.account.updated_at)),
        ],
    )
}
