//! What becomes of a command: granted, with what came of it, or not, and why.

use domain::decider::Decider;
use domain::policy::{Action, Denial};
use domain::ticket::NotAssignable;
use domain::time::Timestamp;
use eventlog::{Position, Version};

use crate::cache::LoadError;

/// The version that a command is to be decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Whatever it is at.
    Any,
    /// Exactly this one (`If-Match`), as the actor may know it; at another one the command fails.
    Exactly(Version),
}

/// An event of a command, decoded, with what its envelope says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<E> {
    /// The event.
    pub event: E,
    /// When it was recorded.
    pub at: Timestamp,
    /// Its place in the log.
    pub position: Position,
    /// Its place in its stream.
    pub version: Version,
}

/// What became of a command that was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its events were appended.
    Appended,
    /// It would have changed nothing, so nothing was appended.
    Unchanged,
    /// It had been executed before; this is the answer of the first time.
    Repeated,
}

/// A command that was granted, and what its aggregate is like after it.
#[derive(Clone, Debug)]
pub struct Executed<D: Decider> {
    /// The state right after it.
    pub state: D::State,
    /// The stream's version right after it.
    pub version: Version,
    /// That version as the actor may know it; see [`Decider::shown_version`].
    pub shown_version: Version,
    /// Where in the log the stream's last event is: whoever has applied this sees the state above.
    pub position: Position,
    /// Its events; none if it changed nothing.
    pub events: Vec<Recorded<D::Event>>,
    /// Appended now, before, or not at all.
    pub outcome: Outcome,
}

/// Why a command was not executed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError<R: std::error::Error + 'static> {
    /// The policy forbids it.
    #[error("not permitted to {action:?}")]
    Denied {
        /// What was asked for.
        action: Action,
        /// How it is refused.
        #[source]
        denial: Denial,
    },
    /// The aggregate refuses it.
    #[error("refused")]
    Refused(#[source] R),
    /// The ticket cannot be given to that account.
    #[error("the assignee cannot take tickets")]
    Assignee(#[from] NotAssignable),
    /// It was to be decided on another version (`If-Match`).
    #[error("decided on version {expected}, but the stream is at {actual}")]
    Stale {
        /// The client's version.
        expected: Version,
        /// The stream's, as the actor may know it.
        actual: Version,
    },
    /// Others were quicker each of the times that it was tried.
    #[error("too many others change the same at once")]
    Contended,
    /// The idempotency key was used before, for something else.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// The log could not take it, and never will.
    #[error("the log refuses it: {0}")]
    Unstorable(String),
    /// The log is away, or did not answer in time. Whether the command was executed is not known; repeating it
    /// under the same idempotency key is safe.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
    /// What the log holds cannot be understood.
    #[error("failed to load")]
    Load(#[source] LoadError),
}

impl<R: std::error::Error + 'static> From<LoadError> for CommandError<R> {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Read(source @ eventlog::ReadError::Unavailable(_)) => {
                Self::Unavailable(source.to_string())
            }
            error => Self::Load(error),
        }
    }
}
