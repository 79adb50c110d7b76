//! Which broadcast a stored event becomes, and who receives it in which cut: the seed's table.

use domain::actor::Actor;
use domain::ticket::{Audience, Ticket, TicketEvent, disclose};
use wire::live::event;

use crate::options::AudienceMode;

/// To whom a broadcast goes, before each client's rights are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All clients.
    All,
    /// All clients and the ticket's room; whoever is both receives it once.
    AllAndRoom,
    /// The ticket's room only.
    Room,
}

/// What a broadcast carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// The ticket as of the event.
    Ticket,
    /// The comment.
    Comment,
    /// The attachment.
    Attachment,
    /// The ticket's id, and what it was.
    Deleted,
}

/// The Socket.IO events that the table names, and those of accounts.
pub const BROADCAST_NAMES: [&str; 7] = [
    event::TICKET_CREATED,
    event::TICKET_UPDATED,
    event::TICKET_DELETED,
    event::COMMENT_ADDED,
    event::ATTACHMENT_ADDED,
    event::ACCOUNT_CREATED,
    event::ACCOUNT_UPDATED,
];

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// The Socket.IO event.
    pub name: &'static str,
    /// To whom.
    pub scope: Scope,
    /// What.
    pub object: Object,
}

impl Broadcast {
    const fn new(name: &'static str, scope: Scope, object: Object) -> Self {
        Self { name, scope, object }
    }
}

/// The table.
pub fn broadcast(happened: &TicketEvent) -> Broadcast {
    match happened {
        TicketEvent::Created(_) => Broadcast::new(event::TICKET_CREATED, Scope::All, Object::Ticket),
        TicketEvent::TitleChanged(_)
        | TicketEvent::DescriptionChanged(_)
        | TicketEvent::StatusChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Unassigned(_) => {
            Broadcast::new(event::TICKET_UPDATED, Scope::AllAndRoom, Object::Ticket)
        }
        TicketEvent::CommentAdded(_) => Broadcast::new(event::COMMENT_ADDED, Scope::Room, Object::Comment),
        TicketEvent::AttachmentAdded(_) => {
            Broadcast::new(event::ATTACHMENT_ADDED, Scope::Room, Object::Attachment)
        }
        TicketEvent::Deleted(_) => Broadcast::new(event::TICKET_DELETED, Scope::AllAndRoom, Object::Deleted),
    }
}

/// How much of a broadcast's object somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// What a requester sees.
    Requester,
    /// What agents and auditors see.
    Agent,
}

impl Cut {
    /// The audience that the object is made for.
    pub const fn audience(self) -> Audience {
        match self {
            Self::Requester => Audience::Requester,
            Self::Agent => Audience::Agent,
        }
    }
}

/// Whether a client is in the ticket's room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is.
    InRoom,
    /// It is not.
    Elsewhere,
}

/// In which cut `actor` receives the broadcast of `event`; none if not at all. `ticket` is the ticket while it could
/// still be read: of a deletion, the one before it.
pub fn cut(
    mode: AudienceMode,
    actor: &Actor,
    place: Place,
    event: &TicketEvent,
    ticket: &Ticket,
) -> Option<Cut> {
    let scope = broadcast(event).scope;
    if scope == Scope::Room && place == Place::Elsewhere {
        return None;
    }
    let audience = Audience::of(actor, ticket);
    if disclose(event, audience).is_some() {
        return match audience {
            Audience::Requester => Some(Cut::Requester),
            Audience::Agent | Audience::Auditor => Some(Cut::Agent),
            Audience::Nobody => None,
        };
    }
    let open_to_all = mode == AudienceMode::Everyone && scope != Scope::Room;
    (open_to_all && disclose(event, Audience::Requester).is_some()).then_some(Cut::Requester)
}
