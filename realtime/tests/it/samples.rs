//! One event of every type, with a word in every text that occurs nowhere else, and people and tickets likewise.

use std::collections::HashMap;
use std::sync::Arc;

use domain::account::{Account, Notifications};
use domain::actor::{Actor, Role};
use domain::codec;
use domain::ids::AccountId;
use domain::text::{Department, Email, PersonName};
use domain::ticket::{
    Assigned, AttachmentAdded, Category, CategoryChanged, CommentAdded, Created, Deleted, DescriptionChanged,
    Priority, PriorityChanged, Status, StatusChanged, Ticket, TicketEvent, TitleChanged, Unassigned,
    Visibility,
};
use domain::time::Timestamp;
use uuid::Uuid;

pub(crate) const AT: Timestamp = Timestamp::from_millis(1_795_393_955_572);

pub(crate) fn account_id(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

/// Whose the ticket is, who works on it, and who comments and attaches.
pub(crate) const OWNER: u128 = 1;
pub(crate) const ASSIGNEE: u128 = 2;
pub(crate) const AUTHOR: u128 = 3;
pub(crate) const STRANGER: u128 = 9;

pub(crate) struct People(HashMap<AccountId, Arc<Account>>);

impl wire::People for People {
    fn person(&self, id: AccountId) -> Option<Arc<Account>> {
        self.0.get(&id).cloned()
    }
}

pub(crate) fn people() -> People {
    let account = |number: u128, name: &str, role: Role| {
        let id = account_id(number);
        let account = Account {
            id,
            email: Email::parse(&format!("canary-{name}-email@example.org")).unwrap(),
            name: PersonName::parse(&format!("canary-{name}-name")).unwrap(),
            role,
            department: Some(Department::parse(&format!("canary-{name}-department")).unwrap()),
            active: true,
            notifications: Notifications::All,
            created_at: AT,
            updated_at: AT,
        };
        (id, Arc::new(account))
    };
    People(HashMap::from([
        account(OWNER, "owner", Role::User),
        account(ASSIGNEE, "assignee", Role::Admin),
        account(AUTHOR, "author", Role::Admin),
    ]))
}

pub(crate) fn ticket(deleted: bool) -> Ticket {
    Ticket {
        id: "01a0608a-80f4-7707-8707-070707070707".parse().unwrap(),
        title: domain::text::Title::parse("canary-ticket-title").unwrap(),
        description: domain::text::Description::parse("canary-ticket-description").unwrap(),
        status: Status::Open,
        priority: Priority::High,
        category: Category::Network,
        requester: account_id(OWNER),
        assignee: Some(account_id(ASSIGNEE)),
        created_at: AT,
        updated_at: AT,
        resolved_at: None,
        public_comments: 40,
        internal_comments: 2,
        attachments: 1,
        attachment_bytes: 3,
        deleted,
    }
}

fn comment(visibility: Visibility, body: &str) -> TicketEvent {
    TicketEvent::CommentAdded(CommentAdded {
        comment: "01a0608a-80f4-7707-8707-070707070701".parse().unwrap(),
        author: account_id(AUTHOR),
        body: domain::text::CommentBody::parse(body).unwrap(),
        visibility,
    })
}

/// One of every type, of comments one of every visibility.
pub(crate) fn events() -> Vec<TicketEvent> {
    let ticket = ticket(false);
    vec![
        TicketEvent::Created(Created {
            ticket: ticket.id,
            requester: ticket.requester,
            title: ticket.title.clone(),
            description: ticket.description.clone(),
            priority: ticket.priority,
            category: ticket.category,
        }),
        TicketEvent::TitleChanged(TitleChanged {
            title: ticket.title.clone(),
        }),
        TicketEvent::DescriptionChanged(DescriptionChanged {
            description: ticket.description.clone(),
        }),
        TicketEvent::StatusChanged(StatusChanged {
            status: Status::Closed,
        }),
        TicketEvent::PriorityChanged(PriorityChanged {
            priority: Priority::Low,
        }),
        TicketEvent::CategoryChanged(CategoryChanged {
            category: Category::Other,
        }),
        TicketEvent::Assigned(Assigned {
            assignee: account_id(ASSIGNEE),
        }),
        TicketEvent::Unassigned(Unassigned {}),
        comment(Visibility::Public, "canary-public-comment"),
        comment(Visibility::Internal, "canary-internal-comment"),
        TicketEvent::AttachmentAdded(AttachmentAdded {
            attachment: "01a0608a-80f4-7707-8707-070707070702".parse().unwrap(),
            uploader: account_id(AUTHOR),
            file_name: domain::text::FileName::parse("canary-file-name.txt").unwrap(),
            size: 3,
            media_type: "text/plain".to_owned().try_into().unwrap(),
            sha256: "ab".repeat(32).try_into().unwrap(),
        }),
        TicketEvent::Deleted(Deleted {}),
    ]
}

/// Everybody who may be connected, or not, with a name for them.
pub(crate) fn audiences() -> Vec<(&'static str, Actor)> {
    let actor = |number, role| Actor::Account {
        id: account_id(number),
        role,
    };
    vec![
        ("anonymous or deactivated", Actor::Anonymous),
        ("owner", actor(OWNER, Role::User)),
        ("guest who owns it", actor(OWNER, Role::Guest)),
        ("other requester", actor(STRANGER, Role::User)),
        ("other guest", actor(STRANGER, Role::Guest)),
        ("agent", actor(STRANGER, Role::Admin)),
        ("agent who owns it", actor(OWNER, Role::Admin)),
        ("auditor", actor(STRANGER, Role::Auditor)),
        ("operator", actor(STRANGER, Role::Operator)),
        ("operator who owns it", actor(OWNER, Role::Operator)),
    ]
}

#[test]
fn there_is_a_sample_of_every_event_type() {
    let mut types: Vec<_> = events()
        .iter()
        .map(|event| codec::encode_ticket(event).event_type)
        .collect();
    types.dedup();
    assert_eq!(types, codec::TICKET_EVENT_TYPES);
}
