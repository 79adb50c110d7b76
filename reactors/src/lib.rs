//! What happens outside the database because of an event: mail. At least once, never in a rebuild, and no request waits
//! for it.
//!
//! What is to be done is first written down ([`Outbox`]): for events by a reactor that reads the log from its own
//! checkpoint, for links that somebody asked for by the request. A sender then does it, again and again with growing
//! pauses, until it is done or given up, and parked for an operator to look at.
//!
//! This crate must not know: HTTP, sockets, read models' tables, how people prove who they are (it asks `identity` for the
//! links that it mails).

mod compose;
mod context;
mod delivery;
mod error;
mod failure;
mod figures;
mod follower;
mod letter;
mod mail;
mod operations;
mod outbox;
mod pause;
mod plans;
mod queue;
mod sender;
mod tickets;
mod transport;

pub use compose::{MailKind, People, recipients, wants};
pub use context::Context;
pub use delivery::{Delivery, Kind};
pub use error::ReactorError;
pub use failure::{Failure, Reach};
pub use figures::MailFigures;
pub use letter::Letter;
pub use lettre::address::AddressError as NotAMailbox;
pub use lettre::message::Mailbox;
pub use mail::Mail;
pub use operations::{Operations, PARKED_SHOWN_MAX, Parked, ReactorStatus};
pub use outbox::Outbox;
pub use transport::{Folder, NoTls, Security, Smtp, SmtpSettings, Transport};
