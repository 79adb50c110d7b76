//! The public handle: one method for each aggregate.

use std::sync::Arc;

use domain::access::{self, AccessCommand, Accesses, RecordAccessed};
use domain::account::{self, Accounts};
use domain::ids::{AccountId, Entropy, TicketId};
use domain::operation::{self, OperationCommand, Operations};
use domain::policy::{Action, Facts, permit};
use domain::ticket::{self, Tickets};
use domain::time::Clock;
use domain::{Account, AccountCommand, Actor, TicketCommand};
use eventlog::EventLog;

use crate::accounts::AccountJudge;
use crate::cache::LoadError;
use crate::cause::Cause;
use crate::execute::{Executor, Handler, within_time};
use crate::outcome::{CommandError, Executed, Expect};
use crate::records::{AccessJudge, OperationJudge, access_stream, operation_stream};
use crate::roster::Roster;
use crate::tickets::TicketJudge;

/// Executes commands. Cheap to clone.
#[derive(Clone)]
pub struct Commands {
    inner: Arc<Inner>,
}

struct Inner {
    executor: Executor,
    tickets: Handler<Tickets>,
    accounts: Handler<Accounts>,
    accesses: Handler<Accesses>,
    operations: Handler<Operations>,
    roster: Roster,
}

impl Commands {
    /// Commands that append to `log`.
    pub fn new(log: EventLog, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let tickets = Handler::new(log.clone());
        let accounts = Handler::new(log.clone());
        let accesses = Handler::new(log.clone());
        let operations = Handler::new(log.clone());
        let roster = Roster::new(log.clone());
        let executor = Executor { log, clock, entropy };
        Self {
            inner: Arc::new(Inner {
                executor,
                tickets,
                accounts,
                accesses,
                operations,
                roster,
            }),
        }
    }

    /// Executes `command` on `ticket` for `actor`.
    ///
    /// `assignee` is the account that a [`TicketCommand::Change`] is to assign the ticket to, if it is; whether it
    /// can take tickets is found out here.
    pub async fn execute_ticket(
        &self,
        actor: &Actor,
        cause: &Cause,
        ticket: TicketId,
        expect: Expect,
        command: TicketCommand,
        assignee: Option<AccountId>,
    ) -> Result<Executed<Tickets>, CommandError<ticket::Refusal>> {
        let Inner {
            executor,
            tickets,
            accounts,
            ..
        } = &*self.inner;
        let judge = TicketJudge {
            actor,
            command: &command,
            assignee,
            accounts,
        };
        within_time(executor.execute(tickets, actor, cause, ticket.as_uuid(), expect, &judge)).await
    }

    /// Executes `command` on `account` for `actor`.
    pub async fn execute_account(
        &self,
        actor: &Actor,
        cause: &Cause,
        account: AccountId,
        expect: Expect,
        command: AccountCommand,
    ) -> Result<Executed<Accounts>, CommandError<account::Refusal>> {
        let Inner {
            executor,
            accounts,
            roster,
            ..
        } = &*self.inner;
        let judge = AccountJudge {
            actor,
            account,
            command: &command,
            roster,
        };
        within_time(executor.execute(accounts, actor, cause, account.as_uuid(), expect, &judge)).await
    }

    /// Records that `actor` looks at something.
    pub async fn record_access(
        &self,
        actor: &Actor,
        cause: &Cause,
        accessed: RecordAccessed,
    ) -> Result<Executed<Accesses>, CommandError<access::Refusal>> {
        let Inner {
            executor, accesses, ..
        } = &*self.inner;
        let judge = AccessJudge {
            command: &AccessCommand::Record(accessed),
        };
        let stream = access_stream(actor);
        within_time(executor.execute(accesses, actor, cause, stream, Expect::Any, &judge)).await
    }

    /// Executes `command` on the read model `projection` for `actor`.
    pub async fn execute_operation(
        &self,
        actor: &Actor,
        cause: &Cause,
        projection: &str,
        command: OperationCommand,
    ) -> Result<Executed<Operations>, CommandError<operation::Refusal>> {
        let Inner {
            executor, operations, ..
        } = &*self.inner;
        let judge = OperationJudge {
            actor,
            command: &command,
        };
        let stream = operation_stream(projection);
        within_time(executor.execute(operations, actor, cause, stream, Expect::Any, &judge)).await
    }

    /// The account as the log has it now, whatever the read models know.
    pub async fn account(&self, account: AccountId) -> Result<Option<Account>, LoadError> {
        Ok(self
            .inner
            .accounts
            .states
            .load(account.as_uuid())
            .await?
            .state
            .clone())
    }
}

/// Whether `actor` may do all of `actions`; the error names the first that is not permitted.
pub(crate) fn permit_all<R: std::error::Error + 'static>(
    actor: &Actor,
    actions: impl IntoIterator<Item = Action>,
    facts: Facts,
) -> Result<(), CommandError<R>> {
    for action in actions {
        permit(actor, action, &facts).map_err(|denial| CommandError::Denied { action, denial })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_send<T: Send>(_: &T) {}

    #[expect(
        dead_code,
        reason = "compiling is the test: a server's handlers need futures that can change threads"
    )]
    fn executions_can_change_threads(
        commands: &Commands,
        cause: &Cause,
        id: TicketId,
        command: TicketCommand,
    ) {
        is_send(&commands.execute_ticket(&Actor::Anonymous, cause, id, Expect::Any, command, None));
    }
}
