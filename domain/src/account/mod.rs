//! The account: everything that can happen to one, and what it is afterwards. Passwords and sessions are not part of
//! it; they live in `identity` and never in the log.

mod command;
mod decide;
mod event;
mod notifications;
mod state;

pub use command::{AccountCommand, Changes};
pub use decide::{Circumstances, Refusal, decide};
pub use event::{
    AccountEvent, Deactivated, DepartmentChanged, NameChanged, NotificationsChanged, Reactivated, Registered,
    RoleChanged,
};
pub use notifications::Notifications;
pub use state::{Account, evolve};

use crate::actor::Actor;
use crate::codec::{self, CodecError, Encoded};
use crate::decider::Decider;
use crate::time::Timestamp;

/// The account as an aggregate.
#[derive(Clone, Copy, Debug)]
pub struct Accounts;

impl Decider for Accounts {
    const CATEGORY: &'static str = "account";
    type State = Account;
    type Event = AccountEvent;
    type Command = AccountCommand;
    type Circumstances = Circumstances;
    type Refusal = Refusal;

    fn evolve(state: Option<Account>, event: &AccountEvent, at: Timestamp) -> Option<Account> {
        evolve(state, event, at)
    }

    fn decide(
        state: Option<&Account>,
        command: &AccountCommand,
        circumstances: &Circumstances,
    ) -> Result<Vec<AccountEvent>, Refusal> {
        decide(state, command, circumstances)
    }

    fn shown_version(_account: &Account, version: i64, _actor: &Actor) -> i64 {
        version
    }

    fn heap_bytes(account: &Account) -> usize {
        let department = account
            .department
            .as_ref()
            .map_or(0, |department| department.as_str().len());
        account.email.as_str().len() + account.name.as_str().len() + department
    }

    fn encode(event: &AccountEvent) -> Encoded {
        codec::encode_account(event)
    }

    fn decode(event_type: &str, schema_version: i32, payload: &str) -> Result<AccountEvent, CodecError> {
        codec::decode_account(event_type, schema_version, payload)
    }
}
