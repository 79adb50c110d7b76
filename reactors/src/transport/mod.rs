//! The ways out.

mod folder;
mod smtp;

pub use folder::Folder;
pub use smtp::{NoTls, Security, Smtp, SmtpSettings};

use lettre::Message;

use crate::delivery::Delivery;
use crate::failure::Failure;

/// How mails leave.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Into a folder, as files: for people without an SMTP server, and for tests.
    Folder(Folder),
    /// To an SMTP server.
    Smtp(Smtp),
}

impl Transport {
    /// Hands one mail over. When it answers `Ok`, the other side has taken it.
    pub(crate) async fn send(&self, delivery: &Delivery, message: &Message) -> Result<(), Failure> {
        match self {
            Self::Folder(folder) => folder.send(delivery, message).await,
            Self::Smtp(smtp) => smtp.send(message).await,
        }
    }

    /// There is nothing to be sent at present.
    pub(crate) fn tidy(&self) {
        match self {
            Self::Folder(_) => {}
            Self::Smtp(smtp) => smtp.tidy(),
        }
    }
}
