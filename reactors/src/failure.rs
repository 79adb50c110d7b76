//! Why a mail was not sent.

use std::fmt;

use crate::error::ReactorError;

/// How far a failure reaches, and whether trying again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only this mail, and it may go through later.
    Mail,
    /// Only this mail, for good: it is parked at once.
    MailForGood,
    /// Every mail: nothing is sent for a while, so that a server that is away is not asked once a mail.
    Sender,
}

/// Why a mail was not sent. What it shows is kept and seen by operators: a kind, never an address, a text or what a server
/// said, which may repeat both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How far it reaches.
    pub reach: Reach,
    /// What it is.
    kind: &'static str,
    /// What the server answered: three digits (RFC 5321, section 4.2), or none.
    code: Option<u16>,
}

impl Failure {
    /// A failure of this kind.
    pub const fn new(reach: Reach, kind: &'static str) -> Self {
        Self {
            reach,
            kind,
            code: None,
        }
    }

    /// With the server's answer.
    #[must_use]
    pub const fn with_code(mut self, code: u16) -> Self {
        self.code = Some(code);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        match self.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

impl From<ReactorError> for Failure {
    fn from(error: ReactorError) -> Self {
        tracing::warn!(%error, "a mail could not be made");
        Self::new(Reach::Mail, "the mail could not be made")
    }
}
