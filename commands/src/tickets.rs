//! What is judged of a ticket's command before it is decided.

use domain::account::Accounts;
use domain::ids::AccountId;
use domain::policy::{Action, Facts};
use domain::ticket::{self, Assignee, Tickets};
use domain::{Actor, Ticket, TicketCommand};

use crate::commands::permit_all;
use crate::execute::{Handler, Judge, Judged};
use crate::outcome::CommandError;

pub(crate) struct TicketJudge<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) command: &'a TicketCommand,
    pub(crate) assignee: Option<AccountId>,
    pub(crate) accounts: &'a Handler<Accounts>,
}

impl Judge<Tickets> for TicketJudge<'_> {
    fn permit(&self, ticket: Option<&Ticket>) -> Result<(), CommandError<ticket::Refusal>> {
        let facts = match self.command {
            TicketCommand::Create { .. } => Facts::General,
            _ => Facts::ticket(self.actor, ticket),
        };
        let assigning = self.assignee.map(|_| Action::AssignTicket);
        permit_all(
            self.actor,
            self.command.actions().into_iter().chain(assigning),
            facts,
        )
    }

    async fn judge(&self, ticket: Option<&Ticket>) -> Result<Judged<Tickets>, CommandError<ticket::Refusal>> {
        self.permit(ticket)?;
        let command = self.with_assignee().await?;
        Ok(Judged {
            command,
            circumstances: (),
            category_unchanged_since: None,
        })
    }
}

impl TicketJudge<'_> {
    /// The command with the assignee that was asked for, if that account can take tickets.
    async fn with_assignee(&self) -> Result<TicketCommand, CommandError<ticket::Refusal>> {
        let (TicketCommand::Change(changes), Some(account)) = (self.command, self.assignee) else {
            return Ok(self.command.clone());
        };
        let account = self.accounts.states.load(account.as_uuid()).await?;
        let assignee = Assignee::of(account.state.as_ref())?;
        Ok(TicketCommand::Change(ticket::Changes {
            assignee: Some(Some(assignee)),
            ..changes.clone()
        }))
    }
}
