//! What happens outside the database because of an event: mail. At least once, never in a rebuild, and no request waits
//! for it.
//!
//! What is to be done is first written down ([`Outbox`]): for events by a reactor that reads the log from its own
//! checkpoint, for links that somebody asked for by the request. A sender then does it, again and again with growing
//! pauses, until it is done or given up, and parked for an operator to look at.
//!
//! This crate must not know: HTTP, sockets, read models' tables, how people prove who they are.

mod compose;
mod error;
mod letter;
mod outbox;

pub use compose::{MailKind, People, recipients, wants};
pub use error::ReactorError;
pub use letter::Letter;
pub use outbox::Outbox;
