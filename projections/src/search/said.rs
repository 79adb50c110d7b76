//! What an event of a ticket says in words.

use domain::AccountId;
use domain::ticket::{Audience, TicketEvent, Tickets, disclose};
use eventlog::EventFacts;
use uuid::Uuid;

use super::vector::Vector;
use super::vocabulary::Vocabulary;
use crate::engine::{ApplyError, decode};

/// A text that came to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Comment,
    File,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::File => "file",
        }
    }
}

/// What a row of `tickets` has.
pub(super) struct Beginning {
    pub(super) requester: Uuid,
    pub(super) position: i64,
    pub(super) title: Vector,
    pub(super) description: Vector,
}

/// A ticket whose texts are searched: what later texts of it must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) requester: Uuid,
    pub(super) position: i64,
}

/// What a row of `texts` has.
pub(super) struct Text {
    pub(super) ticket: Uuid,
    pub(super) version: i64,
    pub(super) kind: Kind,
    pub(super) position: i64,
    pub(super) reader: Option<Uuid>,
    pub(super) words: Vector,
}

/// What an event says.
pub(super) enum Said {
    /// There is a ticket.
    Begun(Beginning),
    /// It has this title now.
    Title(Vector),
    /// It has this description now.
    Description(Vector),
    /// It has one text more.
    Text(Text),
    /// Nothing in words.
    Nothing,
}

/// What `event` says of a ticket that is `known`, if it is one already.
pub(super) fn said(
    known: Option<Known>,
    event: &EventFacts<'_>,
    vocabulary: &mut Vocabulary,
) -> Result<Said, ApplyError> {
    let decoded = decode::<Tickets>(event)?;
    let Some(ticket) = known else {
        let TicketEvent::Created(created) = decoded else {
            return Err(ApplyError::Data(
                "the stream does not begin with its ticket".to_owned(),
            ));
        };
        vocabulary.add(created.title.as_str());
        vocabulary.add(created.description.as_str());
        return Ok(Said::Begun(Beginning {
            requester: created.requester.as_uuid(),
            position: event.position,
            title: Vector::at(event.position, created.title.as_str()),
            description: Vector::of(created.description.as_str()),
        }));
    };
    let reader = disclose(&decoded, Audience::Requester).map(|_| ticket.requester);
    let text = |kind: Kind, text: &str| {
        Said::Text(Text {
            ticket: event.stream,
            version: event.version,
            kind,
            position: event.position,
            reader,
            words: Vector::at(event.position, text),
        })
    };
    Ok(match &decoded {
        TicketEvent::TitleChanged(changed) => {
            vocabulary.add(changed.title.as_str());
            Said::Title(Vector::at(ticket.position, changed.title.as_str()))
        }
        TicketEvent::DescriptionChanged(changed) => {
            vocabulary.add(changed.description.as_str());
            Said::Description(Vector::of(changed.description.as_str()))
        }
        TicketEvent::CommentAdded(added) => {
            vocabulary.add(added.body.as_str());
            text(Kind::Comment, added.body.as_str())
        }
        TicketEvent::AttachmentAdded(added) => {
            vocabulary.add(added.file_name.as_str());
            text(Kind::File, added.file_name.as_str())
        }
        TicketEvent::Created(_)
        | TicketEvent::StatusChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::Deleted(_) => Said::Nothing,
    })
}

/// Whose texts somebody searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Everybody's, internal notes too.
    All,
    /// Those of one person's tickets that this person may know of.
    Requester(AccountId),
}
