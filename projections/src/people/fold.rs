//! Folding an account's events with the domain's own `evolve`, one at a time; and all of them in memory for a rebuild.

use std::collections::HashMap;

use domain::AccountId;
use domain::account::{Account, AccountEvent, Accounts, evolve};
use eventlog::{EventFacts, Position, Version};
use uuid::Uuid;

use crate::engine::{ApplyError, Copies, Fold, More, decode};

/// An account, and where its last event stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) account: Account,
    pub(super) version: Version,
    pub(super) position: Position,
}

/// Takes one event into the state. An error leaves the state as it was.
pub(super) fn step(state: &mut Option<Folded>, event: &EventFacts<'_>) -> Result<(), ApplyError> {
    let version = state.as_ref().map_or(0, |folded| folded.version);
    if event.version != version + 1 {
        return Err(ApplyError::Data(format!(
            "version {} follows version {version}",
            event.version
        )));
    }
    let decoded = decode::<Accounts>(event)?;
    if state.is_none() && !matches!(decoded, AccountEvent::Registered(_)) {
        return Err(ApplyError::Data(
            "the stream does not begin with its account".to_owned(),
        ));
    }
    let account = evolve(
        state.take().map(|folded| folded.account),
        &decoded,
        event.recorded_at,
    );
    *state = account.map(|mut account| {
        // The stream names the account; its first event only repeats the name.
        account.id = AccountId::from_uuid(event.stream);
        Folded {
            account,
            version: event.version,
            position: event.position,
        }
    });
    Ok(())
}

/// Takes in one event that has no effect.
pub(super) fn pass_over(state: &mut Option<Folded>, event: &EventFacts<'_>) {
    if let Some(folded) = state {
        folded.version = event.version;
        folded.position = event.position;
    }
}

/// The key that names are sorted and searched by.
pub(super) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// All accounts, in memory.
#[derive(Default)]
pub(super) struct Bulk {
    places: HashMap<Uuid, usize>,
    accounts: Vec<Option<Folded>>,
}

impl Fold for Bulk {
    fn push(&mut self, event: &EventFacts<'_>, _out: &mut Copies) -> Result<(), ApplyError> {
        let place = *self.places.entry(event.stream).or_insert_with(|| {
            self.accounts.push(None);
            self.accounts.len() - 1
        });
        step(&mut self.accounts[place], event)
    }

    fn pass_over(&mut self, event: &EventFacts<'_>, _out: &mut Copies) {
        if let Some(place) = self.places.get(&event.stream) {
            pass_over(&mut self.accounts[*place], event);
        }
    }

    fn finish(&mut self, out: &mut Copies) -> More {
        for Folded {
            account,
            version,
            position,
        } in self.accounts.iter().flatten()
        {
            out.table(0)
                .row(13)
                .uuid(account.id.as_uuid())
                .bigint(*version)
                .bigint(*position)
                .text(account.email.as_str())
                .text(&account.email.key())
                .text(account.name.as_str())
                .text(&name_key(account.name.as_str()))
                .text(account.role.as_str())
                .optional(account.department.as_ref(), |rows, department| {
                    rows.text(department.as_str())
                })
                .boolean(account.active)
                .text(account.notifications.as_str())
                .bigint(account.created_at.as_millis())
                .bigint(account.updated_at.as_millis());
        }
        More::No
    }
}
