//! The kinds of mail that tell of an event.

use std::fmt;
use std::str::FromStr;

use domain::actor::UnknownValue;

/// What a mail about a ticket tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MailKind {
    /// To its requester: the ticket has arrived. A receipt, so it comes also to whoever created the ticket themselves.
    Created,
    /// To agents: there is a new ticket.
    NewTicket,
    /// To an agent: the ticket is theirs now.
    Assigned,
    /// To those whom it concerns: the ticket has another status.
    Status,
    /// To those whom it concerns: somebody said something.
    Comment,
}

impl MailKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Created,
        Self::NewTicket,
        Self::Assigned,
        Self::Status,
        Self::Comment,
    ];

    /// The kind, as it is written down.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::NewTicket => "new_ticket",
            Self::Assigned => "assigned",
            Self::Status => "status",
            Self::Comment => "comment",
        }
    }

    /// Whether it is work for agents, and nobody else's.
    pub(crate) const fn is_for_agents(self) -> bool {
        matches!(self, Self::NewTicket | Self::Assigned)
    }
}

impl fmt::Display for MailKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MailKind {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownValue)
    }
}
