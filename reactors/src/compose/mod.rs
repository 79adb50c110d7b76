//! What mails say, and to whom. Everything around it (when, how often, by which way, what if it fails) is the `Sender`'s.
//!
//! The seam: [`compose`] is called once each time that a delivery is tried, by nobody else. It may read whatever the
//! [`Context`] reaches, and makes the links and codes that the mail holds, new ones each time. `Ok(None)`: there is
//! nobody to be told (any more), and the delivery is done. An error is tried again later, unless it is
//! [`Reach::MailForGood`]. `Message-ID` is the same each time (`thread`), `Date` is [`Context::now`].
//!
//! [`Reach::MailForGood`]: crate::Reach::MailForGood

mod headers;
mod kind;
mod letters;
mod links;
mod message;
mod recipients;
mod telling;
mod templates;
mod thread;
mod tickets;
mod words;

#[cfg(test)]
mod golden;

pub use kind::MailKind;
pub use recipients::{People, recipients, wants};

use lettre::Message;

use crate::context::Context;
use crate::delivery::{Delivery, Kind};
use crate::failure::Failure;

/// The mail of a delivery; see the head of this file.
pub(crate) async fn compose(delivery: &Delivery, context: &Context) -> Result<Option<Message>, Failure> {
    match delivery.kind {
        Kind::Registration | Kind::PasswordReset | Kind::GuestLink | Kind::Identity => {
            letters::compose(delivery, context).await
        }
        Kind::Event(kind) => tickets::compose(kind, delivery, context).await,
        // An event to be read again is the sender's.
        Kind::Unread => Ok(None),
    }
}
