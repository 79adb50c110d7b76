//! Who is sent which mail about an event. Pure: the same event, ticket and people always give the same answer.
//!
//! What a recipient may know is asked of [`domain::ticket::disclose`], in the role that they have now. An internal comment
//! goes to agents only, whatever else somebody is to the ticket: neither to a requester nor to somebody who was an agent
//! when the ticket was assigned to them and is none any more.

use std::sync::Arc;

use domain::account::{Account, Notifications};
use domain::ids::AccountId;
use domain::ticket::{Audience, Ticket, TicketEvent, Visibility, disclose};
use domain::{Actor, Role};
use projections::people::Directory;

use super::MailKind;

/// Everybody whom mail could go to.
pub trait People: Sync {
    /// The account, if there is one.
    fn get(&self, id: AccountId) -> Option<Arc<Account>>;

    /// All agents, deactivated ones too.
    fn agents(&self) -> Vec<Arc<Account>>;
}

impl People for Directory {
    fn get(&self, id: AccountId) -> Option<Arc<Account>> {
        Self::get(self, id)
    }

    fn agents(&self) -> Vec<Arc<Account>> {
        self.filter(|account| account.role.is_agent())
    }
}

/// Who is to be sent which mail about `event`, after which the ticket is `ticket`. `actor` is who caused it; none if it
/// was the system or nobody that is known. Nobody occurs twice.
///
/// | event | mail | to |
/// | --- | --- | --- |
/// | created | created | the requester, also if they created it themselves |
/// | created | new ticket | agents, not the actor |
/// | assigned | assigned | the assignee, if somebody else assigned it |
/// | status changed | status | requester and assignee, not the actor |
/// | comment added | comment | requester and assignee, not the author; an internal one only to agents |
pub fn recipients(
    ticket: &Ticket,
    event: &TicketEvent,
    actor: Option<AccountId>,
    people: &dyn People,
) -> Vec<(AccountId, MailKind)> {
    let mut chosen: Vec<(AccountId, MailKind)> = Vec::new();
    for (id, kind) in candidates(ticket, event, actor, people) {
        let known = chosen.iter().any(|(other, _)| *other == id);
        let wanted = people
            .get(id)
            .is_some_and(|account| wants(&account, kind, ticket, event));
        if wanted && !known {
            chosen.push((id, kind));
        }
    }
    chosen
}

/// Whether the mail of this `kind` about `event` may go to `account` as it is now, `ticket` being as it is now. To be asked
/// again just before the mail is sent: whoever was deactivated or demoted meanwhile gets none, nor does anybody about a
/// ticket that is deleted.
pub fn wants(account: &Account, kind: MailKind, ticket: &Ticket, event: &TicketEvent) -> bool {
    account.active && may_know(account, kind, ticket, event) && asked_for(account, kind)
}

fn may_know(account: &Account, kind: MailKind, ticket: &Ticket, event: &TicketEvent) -> bool {
    let actor: Actor = account.actor();
    let internal =
        matches!(event, TicketEvent::CommentAdded(added) if added.visibility == Visibility::Internal);
    let for_agents = internal || kind.is_for_agents();
    disclose(event, Audience::of(&actor, ticket)).is_some() && (account.role.is_agent() || !for_agents)
}

fn asked_for(account: &Account, kind: MailKind) -> bool {
    match account.notifications {
        Notifications::All => true,
        Notifications::Mine => kind != MailKind::NewTicket,
        // A guest's way in.
        Notifications::None => kind == MailKind::Created && account.role == Role::Guest,
    }
}

fn candidates(
    ticket: &Ticket,
    event: &TicketEvent,
    actor: Option<AccountId>,
    people: &dyn People,
) -> Vec<(AccountId, MailKind)> {
    let concerned = |author: Option<AccountId>, kind| {
        [Some(ticket.requester), ticket.assignee]
            .into_iter()
            .flatten()
            .filter(|id| Some(*id) != author)
            .map(|id| (id, kind))
            .collect()
    };
    match event {
        TicketEvent::Created(created) => {
            let agents = people.agents().into_iter().map(|agent| agent.id);
            let agents = agents.filter(|id| Some(*id) != actor);
            let requester = (created.requester, MailKind::Created);
            std::iter::once(requester)
                .chain(agents.map(|id| (id, MailKind::NewTicket)))
                .collect()
        }
        TicketEvent::Assigned(assigned) if Some(assigned.assignee) != actor => {
            vec![(assigned.assignee, MailKind::Assigned)]
        }
        TicketEvent::StatusChanged(_) => concerned(actor, MailKind::Status),
        TicketEvent::CommentAdded(added) => {
            let mut concerned: Vec<_> = concerned(actor, MailKind::Comment);
            concerned.retain(|(id, _)| *id != added.author);
            concerned
        }
        TicketEvent::Assigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::TitleChanged(_)
        | TicketEvent::DescriptionChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::AttachmentAdded(_)
        | TicketEvent::Deleted(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
