//! What may be wished of a ticket.

use super::fields::{Category, MediaType, Priority, Sha256, Status, Visibility};
use crate::account::Account;
use crate::ids::{AccountId, AttachmentId, CommentId, TicketId};
use crate::policy::Action;
use crate::text::{CommentBody, Description, FileName, Title};

/// A wish. Identifiers are in it, so that asking twice gives the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketCommand {
    /// Begin one.
    Create {
        /// Which one.
        ticket: TicketId,
        /// Whose it will be.
        requester: AccountId,
        /// In a line.
        title: Title,
        /// At length.
        description: Description,
        /// How much it matters.
        priority: Priority,
        /// What it is about.
        category: Category,
        /// Files that come with it.
        attachments: Vec<NewAttachment>,
    },
    /// Change any of its fields, all of them at once or none.
    Change(Changes),
    /// Say something.
    AddComment {
        /// Which comment.
        comment: CommentId,
        /// Who says it.
        author: AccountId,
        /// What.
        body: CommentBody,
        /// Who may read it.
        visibility: Visibility,
    },
    /// Attach a file.
    AddAttachment(NewAttachment),
    /// Take it out of everybody's sight.
    Delete,
}

/// A file whose bytes are in the object store already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttachment {
    /// Which attachment.
    pub attachment: AttachmentId,
    /// Who attaches it.
    pub uploader: AccountId,
    /// Its name at the uploader's.
    pub file_name: FileName,
    /// Its size in bytes.
    pub size: u64,
    /// What its bytes look like.
    pub media_type: MediaType,
    /// Its bytes' name in the object store.
    pub sha256: Sha256,
}

/// New values for some of a ticket's fields; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Another title.
    pub title: Option<Title>,
    /// Another description.
    pub description: Option<Description>,
    /// Another status.
    pub status: Option<Status>,
    /// Another priority.
    pub priority: Option<Priority>,
    /// Another category.
    pub category: Option<Category>,
    /// Another agent, or (`Some(None)`) none.
    pub assignee: Option<Option<Assignee>>,
}

impl TicketCommand {
    /// What the policy must permit for this to be done: all of them.
    pub fn actions(&self) -> Vec<Action> {
        match self {
            Self::Create { .. } => vec![Action::CreateTicket],
            Self::Change(changes) => changes.actions(),
            Self::AddComment {
                visibility: Visibility::Public,
                ..
            } => vec![Action::AddComment],
            Self::AddComment {
                visibility: Visibility::Internal,
                ..
            } => vec![Action::AddInternalComment],
            Self::AddAttachment(_) => vec![Action::AddAttachment],
            Self::Delete => vec![Action::DeleteTicket],
        }
    }
}

impl Changes {
    fn actions(&self) -> Vec<Action> {
        let Self {
            title,
            description,
            status,
            priority,
            category,
            assignee,
        } = self;
        let asked = [
            (title.is_some() || description.is_some(), Action::EditTicketText),
            (status.is_some(), Action::ChangeTicketStatus),
            (priority.is_some(), Action::ChangeTicketPriority),
            (category.is_some(), Action::ChangeTicketCategory),
            (assignee.is_some(), Action::AssignTicket),
            // A change of nothing still shows whether the ticket is there.
            (*self == Self::default(), Action::ReadTicket),
        ];
        asked
            .into_iter()
            .filter_map(|(wanted, action)| wanted.then_some(action))
            .collect()
    }
}

/// An account that was found to be able to take tickets. Only [`Assignee::of`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignee(AccountId);

/// The account cannot take tickets: there is none, it is deactivated, or it is no agent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an active agent")]
pub struct NotAssignable;

impl Assignee {
    /// The account as an assignee, if it is an active agent's.
    pub fn of(account: Option<&Account>) -> Result<Self, NotAssignable> {
        match account {
            Some(account) if account.active && account.role.is_agent() => Ok(Self(account.id)),
            Some(_) | None => Err(NotAssignable),
        }
    }

    /// Whose account it is.
    pub const fn account(self) -> AccountId {
        self.0
    }
}
