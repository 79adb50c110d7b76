//! What one person is told of one event.

use domain::Role;
use domain::account::Account;
use domain::ids::AccountId;
use domain::ticket::{Ticket, TicketEvent, Visibility};

use super::MailKind;
use super::recipients::People;
use super::templates::{
    Assigned, CommentAdded, Contents, Created, Frame, NewTicket, Rendered, Said, StatusChanged, TicketFacts,
    Way,
};
use super::words::{self, one_line};
use crate::failure::{Failure, Reach};

/// An event, as one person is told of it.
pub(super) struct Telling<'a> {
    /// Which mail.
    pub(super) kind: MailKind,
    /// What happened.
    pub(super) event: &'a TicketEvent,
    /// The ticket before it.
    pub(super) before: Option<&'a Ticket>,
    /// The ticket after it.
    pub(super) after: &'a Ticket,
    /// To whom.
    pub(super) recipient: &'a Account,
    /// Everybody.
    pub(super) people: &'a dyn People,
}

impl Telling<'_> {
    /// As in the original.
    pub(super) fn subject(&self) -> String {
        let what = match self.kind {
            MailKind::Created => "Ticket Created",
            MailKind::NewTicket => "New Support Ticket",
            MailKind::Assigned => "Ticket Assigned to You",
            MailKind::Status => "Ticket Status Updated",
            MailKind::Comment => "New Comment on Ticket",
        };
        format!("{what}: {}", self.after.title)
    }

    /// Why the recipient is told.
    pub(super) fn reason(&self) -> &'static str {
        if self.after.requester == self.recipient.id {
            "You get this mail because this ticket is yours."
        } else if self.kind == MailKind::NewTicket {
            "You get this mail because you are an agent here, and agents are told of new tickets."
        } else {
            "You get this mail because this ticket is assigned to you."
        }
    }

    /// Where the recipient sees the ticket, if they can sign in.
    pub(super) fn path(&self) -> String {
        let id = self.after.id;
        if self.recipient.role.is_agent() {
            format!("/admin/tickets/{id}")
        } else {
            format!("/tickets/{id}")
        }
    }

    /// Whether the recipient cannot sign in, and needs a link instead.
    pub(super) fn is_for_a_guest(&self) -> bool {
        self.recipient.role == Role::Guest
    }

    /// The text.
    pub(super) fn render(&self, way: Way, frame: &Frame<'_>) -> Result<Rendered, Failure> {
        let facts = TicketFacts::of(self.after);
        let (name, email) = self.person(self.after.requester);
        match (self.kind, self.event) {
            (MailKind::Created, _) => Created { facts, way }.render(frame),
            (MailKind::NewTicket, _) => {
                let said = Said::of(self.after.description.as_str());
                NewTicket {
                    facts,
                    name,
                    email,
                    said,
                    way,
                }
                .render(frame)
            }
            (MailKind::Assigned, _) => Assigned {
                facts,
                name,
                email,
                way,
            }
            .render(frame),
            (MailKind::Status, _) => {
                let status = |ticket: &Ticket| words::status(ticket.status);
                let (before, after) = (status(self.before.unwrap_or(self.after)), status(self.after));
                StatusChanged {
                    facts,
                    before,
                    after,
                    way,
                }
                .render(frame)
            }
            (MailKind::Comment, TicketEvent::CommentAdded(added)) => {
                let (name, _) = self.person(added.author);
                let internal = added.visibility == Visibility::Internal;
                let said = Said::of(added.body.as_str());
                CommentAdded {
                    facts,
                    name,
                    internal,
                    said,
                    way,
                }
                .render(frame)
            }
            _ => Err(Failure::new(
                Reach::MailForGood,
                "it does not tell of such an event",
            )),
        }
    }

    /// Name and address.
    fn person(&self, id: AccountId) -> (String, String) {
        match self.people.get(id) {
            Some(account) => (one_line(account.name.as_str()), one_line(account.email.as_str())),
            None => ("Somebody".to_owned(), "address unknown".to_owned()),
        }
    }
}
