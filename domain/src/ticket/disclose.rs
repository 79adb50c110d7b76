//! What each audience may know of a ticket's events. Realtime, history and mail all ask here.

use super::event::TicketEvent;
use super::fields::Visibility;
use super::state::Ticket;
use crate::actor::{Actor, Role};
use crate::policy::{Action, Facts, permit};

/// In which capacity somebody looks at a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Audience {
    /// Whoever it belongs to.
    Requester,
    /// Whoever works on tickets.
    Agent,
    /// Whoever checks the record.
    Auditor,
    /// Everybody else.
    Nobody,
}

impl Audience {
    /// All audiences, in the order of the golden file.
    pub const ALL: [Self; 4] = [Self::Requester, Self::Agent, Self::Auditor, Self::Nobody];

    /// The capacity in which `actor` looks at `ticket`.
    pub fn of(actor: &Actor, ticket: &Ticket) -> Self {
        let facts = Facts::ticket(actor, Some(ticket));
        if permit(actor, Action::ReadTicket, &facts).is_err() {
            return Self::Nobody;
        }
        match actor {
            Actor::Account {
                role: Role::Admin, ..
            } => Self::Agent,
            Actor::Account {
                role: Role::Auditor, ..
            }
            | Actor::System(_) => Self::Auditor,
            Actor::Account { .. } => Self::Requester,
            Actor::Anonymous => Self::Nobody,
        }
    }
}

/// The event, if `audience` may know of it.
///
/// An event is disclosed whole or not at all; no event mixes what may be known with what may not.
pub fn disclose(event: &TicketEvent, audience: Audience) -> Option<&TicketEvent> {
    let known = match event {
        TicketEvent::Created(_)
        | TicketEvent::TitleChanged(_)
        | TicketEvent::DescriptionChanged(_)
        | TicketEvent::StatusChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::AttachmentAdded(_)
        | TicketEvent::Deleted(_) => !matches!(audience, Audience::Nobody),
        TicketEvent::CommentAdded(added) => match added.visibility {
            Visibility::Public => !matches!(audience, Audience::Nobody),
            Visibility::Internal => matches!(audience, Audience::Agent | Audience::Auditor),
        },
    };
    known.then_some(event)
}
