//! What mails say, and to whom.

mod kind;
mod recipients;

pub use kind::MailKind;
pub use recipients::{People, recipients, wants};
