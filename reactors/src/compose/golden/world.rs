//! A small world to send mails in: a requester, an agent, a ticket, a clock that stands still.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use domain::Role;
use domain::account::{Account, AccountEvent, Registered};
use domain::ids::{AccountId, CommentId, TicketId};
use domain::text::CommentBody;
use domain::ticket::{Category, CommentAdded, Created, Priority, Ticket, TicketEvent, Visibility, evolve};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::compose::MailKind;
use crate::compose::message::{Draft, message};
use crate::compose::recipients::People;
use crate::compose::telling::Telling;
use crate::compose::templates::{Contents, Frame, GuestWay, Way};
use crate::compose::thread;

const APP_URL: &str = "https://desk.example.org";
const HOST: &str = "desk.example.org";

pub(super) struct World {
    pub(super) requester: Arc<Account>,
    pub(super) agent: Arc<Account>,
    pub(super) ticket: Ticket,
}

/// Which mail, about which event (none: the ticket's creation), to whom.
pub(super) struct Told {
    kind: MailKind,
    event: Option<TicketEvent>,
    to_agent: bool,
}

impl Told {
    pub(super) fn requester(kind: MailKind, event: Option<TicketEvent>) -> Self {
        Self {
            kind,
            event,
            to_agent: false,
        }
    }

    pub(super) fn agent(kind: MailKind, event: Option<TicketEvent>) -> Self {
        Self {
            kind,
            event,
            to_agent: true,
        }
    }
}

fn account(number: u128, name: &str, email: &str, role: Role) -> Arc<Account> {
    let registered = AccountEvent::Registered(Registered {
        account: AccountId::from_uuid(Uuid::from_u128(number)),
        email: email.parse().unwrap(),
        name: serde_json::from_value(name.into()).unwrap(),
        role,
        department: None,
    });
    Arc::new(domain::account::evolve(None, &registered, Timestamp::EPOCH).unwrap())
}

/// The agent's, since most are.
pub(super) fn comment(text: &str, visibility: Visibility) -> TicketEvent {
    TicketEvent::CommentAdded(CommentAdded {
        comment: CommentId::from_uuid(Uuid::from_u128(9)),
        author: AccountId::from_uuid(Uuid::from_u128(2)),
        body: CommentBody::parse(text).unwrap(),
        visibility,
    })
}

impl World {
    pub(super) fn new(role: Role, title: &str, description: &str) -> Self {
        Self::with_names(["Ulla User", "Anna Agent"], role, title, description)
    }

    /// Texts are taken as they are, as if the log held them.
    pub(super) fn with_names(names: [&str; 2], role: Role, title: &str, description: &str) -> Self {
        let requester = account(1, names[0], "ulla@example.test", role);
        let created = TicketEvent::Created(Created {
            ticket: TicketId::from_uuid(Uuid::from_u128(0x01a0_608a_80f4_7707_8707_0707_0707_0707)),
            requester: requester.id,
            title: serde_json::from_value(title.into()).unwrap(),
            description: serde_json::from_value(description.into()).unwrap(),
            priority: Priority::High,
            category: Category::Access,
        });
        Self {
            requester,
            agent: account(2, names[1], "agent@example.test", Role::Admin),
            ticket: evolve(None, &created, Timestamp::EPOCH).unwrap(),
        }
    }

    pub(super) fn guest_way(&self, code: bool) -> Way {
        Way {
            url: format!("{APP_URL}/tickets/view/{}#{}", self.ticket.id, "0f".repeat(32)),
            guest: Some(GuestWay {
                valid: "3 days".to_owned(),
                page: format!("{APP_URL}/tickets/view"),
                code: code.then(|| "7K2M-9QXD-04TW-HC5Z".to_owned()),
            }),
        }
    }

    /// The mail as it goes out.
    pub(super) fn mail(&self, told: &Told) -> Vec<u8> {
        let created = TicketEvent::Created(Created {
            ticket: self.ticket.id,
            requester: self.ticket.requester,
            title: self.ticket.title.clone(),
            description: self.ticket.description.clone(),
            priority: self.ticket.priority,
            category: self.ticket.category,
        });
        let event = told.event.as_ref().unwrap_or(&created);
        let before = told.event.is_some().then(|| self.ticket.clone());
        let after = evolve(before.clone(), event, Timestamp::EPOCH).unwrap();
        let recipient = if told.to_agent {
            &self.agent
        } else {
            &self.requester
        };
        let telling = Telling {
            kind: told.kind,
            event,
            before: before.as_ref(),
            after: &after,
            recipient,
            people: self,
        };
        let way = if telling.is_for_a_guest() {
            self.guest_way(told.kind == MailKind::Created)
        } else {
            Way {
                url: format!("{APP_URL}{}", telling.path()),
                guest: None,
            }
        };
        let token = "1e".repeat(32);
        let frame = Frame {
            desk: "Informejo",
            app_url: APP_URL,
            reason: telling.reason(),
            unsubscribe: Some(&format!("{APP_URL}/unsubscribe#{token}")),
        };
        let root = thread::root(after.id, recipient.id, HOST);
        let begins = matches!(told.kind, MailKind::Created | MailKind::NewTicket);
        let id = thread::of_event(Uuid::from_u128(7), recipient.id, told.kind.as_str(), HOST);
        send(&Draft {
            to: &recipient.email,
            subject: telling.subject(),
            id: if begins { root.clone() } else { id },
            follows: (!begins).then_some(root),
            unsubscribe: Some(format!("{APP_URL}/api/mail/unsubscribe/{token}")),
            contents: telling.render(way, &frame).unwrap(),
        })
    }
}

impl People for World {
    fn get(&self, id: AccountId) -> Option<Arc<Account>> {
        let people = [&self.requester, &self.agent];
        people.into_iter().find(|account| account.id == id).cloned()
    }

    fn agents(&self) -> Vec<Arc<Account>> {
        vec![Arc::clone(&self.agent)]
    }
}

/// A letter, with the name of its file.
pub(super) fn letter(name: &'static str, subject: &str, contents: &dyn Contents) -> (&'static str, Vec<u8>) {
    let reason = format!("You get this mail because somebody entered your address at {APP_URL}.");
    let frame = Frame {
        desk: "Informejo",
        app_url: APP_URL,
        reason: &reason,
        unsubscribe: None,
    };
    let mail = send(&Draft {
        to: &"ulla@example.test".parse().unwrap(),
        subject: subject.to_owned(),
        id: format!("<{}@{HOST}>", Uuid::from_u128(8)),
        follows: None,
        unsubscribe: None,
        contents: contents.render(&frame).unwrap(),
    });
    (name, mail)
}

fn send(draft: &Draft<'_>) -> Vec<u8> {
    let from = "Informejo <desk@example.org>".parse().unwrap();
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_393_955);
    message(draft, &from, at).unwrap().formatted()
}
