//! The settings of mail.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reactors::Mailbox;

use super::sources::ConfigError;
use super::values::Reader;

/// How mail leaves, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// Where mails are put as files.
    pub dir: PathBuf,
    /// Who mails are from; `None`: made of the help desk's address.
    pub from: Option<Mailbox>,
    /// How long a guest's link is good.
    pub guest_link_valid: Duration,
}

impl MailSettings {
    pub(super) fn read(from: &Reader<'_>, data_dir: &Path) -> Result<Self, ConfigError> {
        let sender = |text: &str| text.parse::<Mailbox>().map_err(|_| "is not a mail address");
        Ok(Self {
            dir: from
                .optional("MAIL_DIR", super::values::folder)?
                .unwrap_or_else(|| data_dir.join("mail")),
            from: from.optional("SMTP_FROM", sender)?,
            guest_link_valid: Duration::from_hours(from.number("GUEST_LINK_HOURS", 1..=8760)?),
        })
    }
}
