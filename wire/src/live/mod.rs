//! The live protocol: what goes to and fro over Socket.IO, beside the objects that HTTP shows as well.
//!
//! Broadcasts are of stored events and carry a [`Meta`]; control frames tell a client where it stands; signals tell what
//! people are doing right now and are never stored.

mod answer;
mod broadcast;
pub mod catalogue;
mod control;
pub mod event;
mod handshake;
mod list;
mod operations;
mod signal;

pub use answer::{Answer, Done, JoinAnswer, ListAnswer, PeopleAnswer, Refused, ViewersAnswer};
pub use broadcast::{Meta, TicketDeleted};
pub use control::{Bookmark, CaughtUp, ListWatched, Resync, ResyncReason, Stopping, TicketJoined, Welcome};
pub use handshake::{ConnectRefused, Handshake};
pub use list::{
    ListChange, ListChanged, ListCounts, ListFilters, ListName, ListTallies, ListUnwatch, ListWatch,
};

pub use operations::{OperationsChanged, ProjectionStatus, RelayStatus};
pub use signal::{
    Availability, Involvement, Presence, PresenceChanged, PresentPerson, Typing, TypingChanged, Typist,
    Viewer, ViewersChanged, Viewing, ViewingState,
};
