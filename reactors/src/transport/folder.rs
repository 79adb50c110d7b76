//! Mails as files. Who can read them can follow the links in them; so nobody else of the machine may.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::time::Clock;
use lettre::Message;

use crate::delivery::Delivery;
use crate::failure::{Failure, Reach};

/// A folder of mails.
#[derive(Clone)]
pub struct Folder {
    path: PathBuf,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Folder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Folder")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Folder {
    /// The folder at `path`; it is made when the first mail comes.
    pub fn new(path: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self { path, clock }
    }

    /// Writes a mail to a file of its own, named by time, kind and delivery: it is there whole, or not at all.
    pub(crate) async fn send(&self, delivery: &Delivery, message: &Message) -> Result<(), Failure> {
        let millis = self.clock.now().as_millis();
        let name = format!("{millis:013}-{}-{}.eml", delivery.kind.as_str(), delivery.id);
        let unfinished = self.path.join(format!(".{}.unfinished", delivery.id));
        let folder = self.path.clone();
        let text = message.formatted();
        let writing = tokio::task::spawn_blocking(move || write(&folder, &unfinished, &name, &text));
        match writing.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(%error, folder = %self.path.display(), "a mail could not be written");
                Err(Failure::new(Reach::Sender, "the folder could not be written"))
            }
            Err(_) => Err(Failure::new(Reach::Mail, "writing ended before its time")),
        }
    }
}

fn write(folder: &Path, unfinished: &Path, name: &str, text: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // An earlier try may have left it, cut short.
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(unfinished)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(unfinished, folder.join(name))
}
