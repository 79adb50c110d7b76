//! The ticket: everything that can happen to one, and what it is afterwards.

mod change;
mod command;
mod decide;
mod disclose;
mod event;
mod fields;
mod state;
mod words;

pub use change::{Change, Field, Step, Value, addition, changes, replay};
pub use command::{Assignee, Changes, NewAttachment, NotAssignable, TicketCommand};
pub use decide::{Refusal, decide};
pub use disclose::{Audience, disclose};
pub use event::{
    Assigned, AttachmentAdded, CategoryChanged, CommentAdded, Created, Deleted, DescriptionChanged,
    PriorityChanged, StatusChanged, TicketEvent, TitleChanged, Unassigned,
};
pub use fields::{Category, MediaType, NotAMediaType, NotASha256, Priority, Sha256, Status, Visibility};
pub use state::{Attachment, Comment, Ticket, evolve};
pub use words::quoted;

use crate::actor::Actor;
use crate::codec::{self, CodecError, Encoded};
use crate::decider::Decider;
use crate::time::Timestamp;

/// The ticket as an aggregate.
#[derive(Clone, Copy, Debug)]
pub struct Tickets;

impl Decider for Tickets {
    const CATEGORY: &'static str = "ticket";
    type State = Ticket;
    type Event = TicketEvent;
    type Command = TicketCommand;
    type Circumstances = ();
    type Refusal = Refusal;

    fn evolve(state: Option<Ticket>, event: &TicketEvent, at: Timestamp) -> Option<Ticket> {
        evolve(state, event, at)
    }

    fn decide(
        state: Option<&Ticket>,
        command: &TicketCommand,
        _circumstances: &(),
    ) -> Result<Vec<TicketEvent>, Refusal> {
        decide(state, command)
    }

    fn shown_version(ticket: &Ticket, version: i64, actor: &Actor) -> i64 {
        ticket.version_for(version, Audience::of(actor, ticket))
    }

    fn heap_bytes(ticket: &Ticket) -> usize {
        ticket.title.as_str().len() + ticket.description.as_str().len()
    }

    fn encode(event: &TicketEvent) -> Encoded {
        codec::encode_ticket(event)
    }

    fn decode(event_type: &str, schema_version: i32, payload: &str) -> Result<TicketEvent, CodecError> {
        codec::decode_ticket(event_type, schema_version, payload)
    }
}
