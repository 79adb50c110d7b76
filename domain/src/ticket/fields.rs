//! A ticket's small values: status, priority, category, visibility, and what describes an attachment's bytes.

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::spelled::spelled;

spelled! {
    /// How far a ticket has come. Any status may follow any other.
    Status {
        /// Nobody has begun.
        Open = "OPEN",
        /// Somebody works on it.
        InProgress = "IN_PROGRESS",
        /// Waits for somebody or something outside the desk.
        Waiting = "WAITING",
        /// Done, as far as the agent can tell.
        Resolved = "RESOLVED",
        /// Done for good.
        Closed = "CLOSED",
    }
}

impl Status {
    /// Whether there is still work to do.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::Waiting)
    }
}

spelled! {
    /// How much it matters, from least to most.
    Priority {
        /// Can wait.
        Low = "LOW",
        /// The usual.
        Medium = "MEDIUM",
        /// Soon.
        High = "HIGH",
        /// Now.
        Critical = "CRITICAL",
    }
}

spelled! {
    /// What it is about.
    Category {
        /// Things that can be dropped.
        Hardware = "HARDWARE",
        /// Programs.
        Software = "SOFTWARE",
        /// Connections.
        Network = "NETWORK",
        /// Accounts and permissions.
        Access = "ACCESS",
        /// Journeys.
        Travel = "TRAVEL",
        /// Anything else.
        Other = "OTHER",
    }
}

spelled! {
    /// Who may read a comment.
    Visibility {
        /// Everybody who may read the ticket.
        Public = "PUBLIC",
        /// Agents and auditors; never the requester.
        Internal = "INTERNAL",
    }
}

/// The SHA-256 of an attachment's bytes, as 64 lower-case hexadecimal digits. Names the bytes in the object store.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(String);

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 in lower-case hexadecimal digits")]
pub struct NotASha256;

impl Sha256 {
    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sha256 {
    type Error = NotASha256;

    fn try_from(text: String) -> Result<Self, NotASha256> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() == 64 && digits {
            Ok(Self(text))
        } else {
            Err(NotASha256)
        }
    }
}

impl From<Sha256> for String {
    fn from(hash: Sha256) -> Self {
        hash.0
    }
}

/// A media type found by looking at the bytes (`image/png`), never the one that the uploader claimed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MediaType(String);

/// The text is not `type/subtype` of RFC 6838 without parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a media type")]
pub struct NotAMediaType;

impl MediaType {
    /// `type/subtype`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MediaType {
    type Error = NotAMediaType;

    fn try_from(text: String) -> Result<Self, NotAMediaType> {
        let name = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
        };
        let valid = text.len() <= limits::MEDIA_TYPE_BYTES_MAX
            && text
                .split_once('/')
                .is_some_and(|(kind, subtype)| name(kind) && name(subtype));
        if valid { Ok(Self(text)) } else { Err(NotAMediaType) }
    }
}

impl From<MediaType> for String {
    fn from(media_type: MediaType) -> Self {
        media_type.0
    }
}
