//! Every kind of event, and who is told of it.

use std::collections::BTreeMap;

use domain::account::{AccountEvent, Registered};
use domain::ids::{AttachmentId, CommentId, TicketId};
use domain::text::CommentBody;
use domain::ticket::{
    Assigned, AttachmentAdded, Category, CategoryChanged, CommentAdded, Created, Deleted, DescriptionChanged,
    Priority, PriorityChanged, Status, StatusChanged, TitleChanged, Unassigned, evolve,
};
use domain::time::Timestamp;
use uuid::Uuid;

use super::*;

/// People by a letter: `g`uest, `u`ser, another user `v`, agents `a`, `b`, `c`, an auditor `t`, an operator `o`.
#[derive(Default)]
struct Cast(BTreeMap<char, Arc<Account>>);

fn id(letter: char) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(u128::from(u32::from(letter))))
}

impl Cast {
    fn new() -> Self {
        let mut cast = Self::default();
        for (letter, role) in [
            ('g', Role::Guest),
            ('u', Role::User),
            ('v', Role::User),
            ('a', Role::Admin),
            ('b', Role::Admin),
            ('c', Role::Admin),
            ('t', Role::Auditor),
            ('o', Role::Operator),
        ] {
            let registered = AccountEvent::Registered(Registered {
                account: id(letter),
                email: format!("{letter}@example.test").parse().unwrap(),
                name: format!("Person {letter}").parse().unwrap(),
                role,
                department: None,
            });
            let account = domain::account::evolve(None, &registered, Timestamp::EPOCH).unwrap();
            cast.0.insert(letter, Arc::new(account));
        }
        cast
    }

    fn with(mut self, letter: char, change: impl FnOnce(&mut Account)) -> Self {
        change(Arc::make_mut(self.0.get_mut(&letter).unwrap()));
        self
    }
}

impl People for Cast {
    fn get(&self, wanted: AccountId) -> Option<Arc<Account>> {
        self.0.values().find(|account| account.id == wanted).cloned()
    }

    fn agents(&self) -> Vec<Arc<Account>> {
        let agents = self.0.values().filter(|account| account.role.is_agent());
        agents.cloned().collect()
    }
}

fn created(requester: char) -> TicketEvent {
    TicketEvent::Created(Created {
        ticket: TicketId::from_uuid(Uuid::from_u128(1)),
        requester: id(requester),
        title: "Printer".parse().unwrap(),
        description: "It does not print".parse().unwrap(),
        priority: Priority::Low,
        category: Category::Other,
    })
}

fn ticket(requester: char, assignee: Option<char>) -> Ticket {
    let mut ticket = evolve(None, &created(requester), Timestamp::EPOCH).unwrap();
    ticket.assignee = assignee.map(id);
    ticket
}

fn comment(author: char, visibility: Visibility) -> TicketEvent {
    TicketEvent::CommentAdded(CommentAdded {
        comment: CommentId::from_uuid(Uuid::from_u128(2)),
        author: id(author),
        body: CommentBody::parse("Hello").unwrap(),
        visibility,
    })
}

fn status() -> TicketEvent {
    TicketEvent::StatusChanged(StatusChanged {
        status: Status::Resolved,
    })
}

fn assigned(assignee: char) -> TicketEvent {
    TicketEvent::Assigned(Assigned {
        assignee: id(assignee),
    })
}

/// As in `u:created a:new_ticket`.
fn told(cast: &Cast, ticket: &Ticket, event: &TicketEvent, actor: Option<char>) -> String {
    let mut told: Vec<_> = recipients(ticket, event, actor.map(id), cast)
        .into_iter()
        .map(|(who, kind)| {
            let (letter, _) = cast.0.iter().find(|(_, account)| account.id == who).unwrap();
            format!("{letter}:{kind}")
        })
        .collect();
    told.sort();
    told.join(" ")
}

/// requester, assignee, event (a comment with its author), actor: who is told what. `-` is nobody.
const TABLE: &str = "
    u - created    u : a:new_ticket b:new_ticket c:new_ticket u:created
    g - created    - : a:new_ticket b:new_ticket c:new_ticket g:created
    u - created    a : b:new_ticket c:new_ticket u:created
    a - created    a : a:created b:new_ticket c:new_ticket
    a - created    - : a:created b:new_ticket c:new_ticket
    u a assigned   b : a:assigned
    u a assigned   a :
    u a assigned   - : a:assigned
    u a status     b : a:status u:status
    u a status     a : u:status
    u - status     a : u:status
    g a status     b : a:status g:status
    a a status     b : a:status
    a a status     a :
    u a public:u   u : a:comment
    u a public:a   a : u:comment
    u a public:b   b : a:comment u:comment
    g - public:a   a : g:comment
    u - public:u   u :
    u a public:u   - : a:comment
    u a internal:b b : a:comment
    u a internal:a a :
    u - internal:a a :
    g - internal:a a :
    t - internal:a a :
    a b internal:c c : a:comment b:comment
    u v status     a : u:status
    u v public:a   a : u:comment
    u v internal:a a :
    u u internal:a a :
    u v assigned   a :
    o - status     a :
";

fn one(word: &str) -> Option<char> {
    word.chars().next().filter(|letter| *letter != '-')
}

#[test]
fn every_event_is_told_to_those_whom_it_concerns() {
    let cast = Cast::new();
    for line in TABLE.lines().filter(|line| !line.trim().is_empty()) {
        let (given, expected) = line.split_once(" :").unwrap();
        let mut words = given.split_whitespace();
        let mut word = || words.next().unwrap();
        let (requester, assignee) = (one(word()).unwrap(), one(word()));
        let event = match word().split_once(':') {
            Some(("public", author)) => comment(one(author).unwrap(), Visibility::Public),
            Some((_, author)) => comment(one(author).unwrap(), Visibility::Internal),
            None if given.contains("created") => created(requester),
            None if given.contains("assigned") => assigned(assignee.unwrap()),
            None => status(),
        };
        let told = told(&cast, &ticket(requester, assignee), &event, one(word()));
        assert_eq!(told, expected.trim(), "{line}");
    }
}

#[test]
fn of_everything_else_nobody_is_told() {
    let cast = Cast::new();
    let ticket = ticket('u', Some('a'));
    for event in [
        TicketEvent::TitleChanged(TitleChanged {
            title: ticket.title.clone(),
        }),
        TicketEvent::DescriptionChanged(DescriptionChanged {
            description: ticket.description.clone(),
        }),
        TicketEvent::PriorityChanged(PriorityChanged {
            priority: Priority::High,
        }),
        TicketEvent::CategoryChanged(CategoryChanged {
            category: Category::Access,
        }),
        TicketEvent::Unassigned(Unassigned {}),
        TicketEvent::Deleted(Deleted {}),
        TicketEvent::AttachmentAdded(AttachmentAdded {
            attachment: AttachmentId::from_uuid(Uuid::from_u128(3)),
            uploader: id('u'),
            file_name: "a.txt".parse().unwrap(),
            size: 1,
            media_type: "text/plain".to_owned().try_into().unwrap(),
            sha256: "0".repeat(64).try_into().unwrap(),
        }),
    ] {
        assert_eq!(told(&cast, &ticket, &event, Some('b')), "", "{event:?}");
    }
}

#[test]
fn people_get_what_they_asked_for() {
    let all_events = |requester, assignee| {
        [
            created(requester),
            assigned(assignee),
            status(),
            comment('c', Visibility::Public),
        ]
    };
    let with =
        |letter, notifications| Cast::new().with(letter, |account| account.notifications = notifications);
    for (letter, notifications, expected) in [
        (
            'a',
            Notifications::Mine,
            ["", "a:assigned", "a:status", "a:comment"],
        ),
        ('a', Notifications::None, ["", "", "", ""]),
        (
            'u',
            Notifications::Mine,
            ["u:created", "", "u:status", "u:comment"],
        ),
        ('u', Notifications::None, ["", "", "", ""]),
        (
            'g',
            Notifications::Mine,
            ["g:created", "", "g:status", "g:comment"],
        ),
        // What lets a guest in comes in any case.
        ('g', Notifications::None, ["g:created", "", "", ""]),
    ] {
        let cast = with(letter, notifications);
        let requester = if letter == 'a' { 'u' } else { letter };
        let ticket = ticket(requester, Some('a'));
        let own = all_events(requester, 'a').map(|event| {
            let told = told(&cast, &ticket, &event, Some('c'));
            let mine = told.split(' ').filter(|one| one.starts_with(letter));
            mine.collect::<Vec<_>>().join(" ")
        });
        assert_eq!(own, expected, "{letter} {notifications}");
    }
}

#[test]
fn deactivated_people_get_nothing() {
    let cast = ['a', 'g', 'u'].into_iter().fold(Cast::new(), |cast, letter| {
        cast.with(letter, |account| account.active = false)
    });
    for requester in ['u', 'g'] {
        let ticket = ticket(requester, Some('a'));
        assert_eq!(
            told(&cast, &ticket, &created(requester), None),
            "b:new_ticket c:new_ticket"
        );
        assert_eq!(told(&cast, &ticket, &assigned('a'), Some('b')), "");
        assert_eq!(told(&cast, &ticket, &status(), Some('b')), "");
        assert_eq!(
            told(&cast, &ticket, &comment('b', Visibility::Public), Some('b')),
            ""
        );
    }
}

#[test]
fn what_changes_before_the_mail_is_sent_counts() {
    let cast = Cast::new();
    let mut ticket = ticket('u', Some('a'));
    let internal = comment('b', Visibility::Internal);
    let agent = cast.get(id('a')).unwrap();
    assert!(wants(&agent, MailKind::Comment, &ticket, &internal));
    let mut demoted = Account::clone(&agent);
    demoted.role = Role::User;
    assert!(!wants(&demoted, MailKind::Comment, &ticket, &internal));
    assert!(!wants(&demoted, MailKind::NewTicket, &ticket, &created('u')));
    ticket.requester = id('a');
    assert!(!wants(&demoted, MailKind::Comment, &ticket, &internal));
    assert!(wants(
        &demoted,
        MailKind::Comment,
        &ticket,
        &comment('b', Visibility::Public)
    ));
    ticket.deleted = true;
    assert!(!wants(&agent, MailKind::Comment, &ticket, &internal));
    assert!(!wants(&agent, MailKind::Status, &ticket, &status()));
}

#[test]
fn kinds_are_read_as_they_are_written() {
    for kind in MailKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert!("registration".parse::<MailKind>().is_err());
}
