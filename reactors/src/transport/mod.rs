//! The ways out.

mod folder;

pub use folder::Folder;

use lettre::Message;

use crate::delivery::Delivery;
use crate::failure::Failure;

/// How mails leave.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Into a folder, as files: for people without an SMTP server, and for tests.
    Folder(Folder),
}

impl Transport {
    /// Hands one mail over. When it answers `Ok`, the other side has taken it.
    pub(crate) async fn send(&self, delivery: &Delivery, message: &Message) -> Result<(), Failure> {
        match self {
            Self::Folder(folder) => folder.send(delivery, message).await,
        }
    }
}
