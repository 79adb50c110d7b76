//! What is judged of an account's command before it is decided.

use domain::account::{self, Accounts, Circumstances};
use domain::ids::AccountId;
use domain::policy::Facts;
use domain::{Account, AccountCommand, Actor};

use crate::commands::permit_all;
use crate::execute::{Judge, Judged};
use crate::outcome::CommandError;
use crate::roster::Roster;

pub(crate) struct AccountJudge<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) account: AccountId,
    pub(crate) command: &'a AccountCommand,
    pub(crate) roster: &'a Roster,
}

impl Judge<Accounts> for AccountJudge<'_> {
    fn permit(&self, account: Option<&Account>) -> Result<(), CommandError<account::Refusal>> {
        let facts = match self.command {
            AccountCommand::Register { .. } | AccountCommand::Claim { .. } => Facts::General,
            AccountCommand::Change(_) => Facts::account(self.actor, account),
        };
        permit_all(self.actor, self.command.actions(), facts)
    }

    async fn judge(
        &self,
        account: Option<&Account>,
    ) -> Result<Judged<Accounts>, CommandError<account::Refusal>> {
        self.permit(account)?;
        let (other_active_admins, category_unchanged_since) = if self.command.may_remove_an_admin() {
            let others = self.roster.other_admins(self.account).await?;
            (others.count, Some(others.as_of))
        } else {
            // Not asked for: a command that cannot remove an admin is not decided on how many there are.
            (usize::MAX, None)
        };
        let circumstances = Circumstances {
            actor: *self.actor,
            other_active_admins,
        };
        Ok(Judged {
            command: self.command.clone(),
            circumstances,
            category_unchanged_since,
        })
    }
}
