//! Given these events, when this is wished, then these events: without a database, without a clock.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::account::{self, Accounts, Circumstances, Notifications};
use domain::actor::{Actor, Role};
use domain::decider::Decider;
use domain::ids::{AccountId, AttachmentId, CommentId, TicketId};
use domain::text::{CommentBody, Description, Email, PersonName, Title};
use domain::ticket::{
    Assignee, Audience, Category, Changes, MediaType, NewAttachment, Priority, Refusal, Sha256, Status,
    TicketCommand, TicketEvent, Tickets, Visibility,
};
use domain::{Account, AccountCommand, Ticket, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

fn ticket_id() -> TicketId {
    TicketId::from_uuid(Uuid::from_u128(1))
}

fn person(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

fn create() -> TicketCommand {
    TicketCommand::Create {
        ticket: ticket_id(),
        requester: person(7),
        title: Title::parse("Printer on fire").unwrap(),
        description: Description::parse("It burns with a blue flame").unwrap(),
        priority: Priority::Medium,
        category: Category::Hardware,
        attachments: Vec::new(),
    }
}

fn status(status: Status) -> TicketCommand {
    TicketCommand::Change(Changes {
        status: Some(status),
        ..Changes::default()
    })
}

fn agent() -> Account {
    Account {
        id: person(9),
        email: Email::parse("ada@example.test").unwrap(),
        name: PersonName::parse("Ada Agent").unwrap(),
        role: Role::Admin,
        department: None,
        active: true,
        notifications: Notifications::All,
        created_at: Timestamp::EPOCH,
        updated_at: Timestamp::EPOCH,
    }
}

fn comment(number: u128, visibility: Visibility) -> TicketCommand {
    TicketCommand::AddComment {
        comment: CommentId::from_uuid(Uuid::from_u128(number)),
        author: person(7),
        body: CommentBody::parse("Hello").unwrap(),
        visibility,
    }
}

/// Folds the events of the commands, each a second after the one before, and returns them with the last state.
fn given(commands: &[TicketCommand]) -> (Vec<TicketEvent>, Option<Ticket>) {
    let (mut events, mut state) = (Vec::new(), None);
    for (second, command) in (1..).zip(commands) {
        for event in Tickets::decide(state.as_ref(), command, &()).unwrap_or_default() {
            state = Tickets::evolve(state, &event, Timestamp::from_millis(second * 1000));
            events.push(event);
        }
    }
    (events, state)
}

#[test]
fn a_new_ticket_is_open_and_unassigned() {
    let ticket = given(&[create()]).1.unwrap();
    assert_eq!(
        (ticket.status, ticket.assignee, ticket.resolved_at),
        (Status::Open, None, None)
    );
    assert_eq!(ticket.created_at, ticket.updated_at);
    assert_eq!(
        Tickets::decide(Some(&ticket), &create(), &()),
        Err(Refusal::AlreadyExists)
    );
}

#[test]
fn what_changes_nothing_appends_nothing() {
    let ticket = given(&[create()]).1.unwrap();
    let same = Changes {
        title: Some(ticket.title.clone()),
        description: Some(ticket.description.clone()),
        status: Some(ticket.status),
        priority: Some(ticket.priority),
        category: Some(ticket.category),
        assignee: Some(None),
    };
    assert_eq!(
        Tickets::decide(Some(&ticket), &TicketCommand::Change(same), &()),
        Ok(vec![])
    );
}

/// Regression for the original: RESOLVED only, never cleared.
#[test]
fn resolved_at_follows_the_status() {
    let resolved =
        |commands: &[TicketCommand]| given(commands).1.unwrap().resolved_at.map(Timestamp::as_millis);
    assert_eq!(resolved(&[create(), status(Status::Resolved)]), Some(2000));
    assert_eq!(resolved(&[create(), status(Status::Closed)]), Some(2000));
    assert_eq!(
        resolved(&[create(), status(Status::Resolved), status(Status::Closed)]),
        Some(2000)
    );
    assert_eq!(
        resolved(&[create(), status(Status::Resolved), status(Status::Waiting)]),
        None
    );
    let again = [
        create(),
        status(Status::Resolved),
        status(Status::Open),
        status(Status::Closed),
    ];
    assert_eq!(resolved(&again), Some(4000));
}

#[test]
fn comments_are_counted_by_visibility_and_leave_updated_at_alone() {
    let commands = [
        create(),
        comment(1, Visibility::Public),
        comment(2, Visibility::Internal),
    ];
    let ticket = given(&commands).1.unwrap();
    assert_eq!((ticket.public_comments, ticket.internal_comments), (1, 1));
    assert_eq!(ticket.updated_at, ticket.created_at);
}

/// Regression: a requester could count internal comments by the ticket's version.
#[test]
fn a_requesters_version_does_not_count_internal_comments() {
    let commands = [
        create(),
        comment(1, Visibility::Internal),
        comment(2, Visibility::Public),
    ];
    let ticket = given(&commands).1.unwrap();
    let versions = [Audience::Requester, Audience::Agent].map(|audience| ticket.version_for(3, audience));
    assert_eq!(versions, [2, 3]);
}

#[test]
fn a_deleted_ticket_refuses_everything() {
    let (events, ticket) = given(&[create(), TicketCommand::Delete]);
    assert_eq!(events.len(), 2);
    for command in [
        status(Status::Closed),
        comment(1, Visibility::Public),
        TicketCommand::Delete,
    ] {
        assert_eq!(
            Tickets::decide(ticket.as_ref(), &command, &()),
            Err(Refusal::NotFound)
        );
    }
}

#[test]
fn only_an_active_agent_can_be_assigned() {
    assert!(Assignee::of(Some(&agent())).is_ok());
    assert!(Assignee::of(None).is_err());
    assert!(
        Assignee::of(Some(&Account {
            active: false,
            ..agent()
        }))
        .is_err()
    );
    for role in [Role::Guest, Role::User, Role::Auditor, Role::Operator] {
        assert!(Assignee::of(Some(&Account { role, ..agent() })).is_err());
    }
}

fn others(other_active_admins: usize) -> Circumstances {
    Circumstances {
        actor: Actor::Account {
            id: person(1),
            role: Role::Admin,
        },
        other_active_admins,
    }
}

/// A12: the last active admin can neither be demoted nor deactivated, by whatever combination.
#[test]
fn the_last_admin_stays() {
    let demote = account::Changes {
        role: Some(Role::User),
        ..account::Changes::default()
    };
    let deactivate = account::Changes {
        active: Some(false),
        ..account::Changes::default()
    };
    for changes in [demote, deactivate] {
        let command = AccountCommand::Change(changes);
        let refused = Accounts::decide(Some(&agent()), &command, &others(0));
        assert_eq!(refused, Err(account::Refusal::LastAdmin));
        assert_eq!(
            Accounts::decide(Some(&agent()), &command, &others(1))
                .unwrap()
                .len(),
            1
        );
        assert!(command.may_remove_an_admin());
    }
}

#[test]
fn nobody_deactivates_themselves() {
    let command = AccountCommand::Change(account::Changes {
        active: Some(false),
        ..Default::default()
    });
    let own = Account {
        id: person(1),
        ..agent()
    };
    assert_eq!(
        Accounts::decide(Some(&own), &command, &others(5)),
        Err(account::Refusal::OwnAccount)
    );
}

fn any_command() -> impl Strategy<Value = TicketCommand> {
    let change = (
        proptest::option::of(proptest::sample::select(Status::ALL)),
        proptest::option::of(proptest::sample::select(Priority::ALL)),
        proptest::option::of(proptest::sample::select(Category::ALL)),
        proptest::option::of("[a-z]{5,9}"),
        proptest::option::of(any::<bool>()),
    )
        .prop_map(|(status, priority, category, title, assign)| {
            TicketCommand::Change(Changes {
                title: title.map(|title| Title::parse(&title).unwrap()),
                description: None,
                status,
                priority,
                category,
                assignee: assign.map(|yes| yes.then(|| Assignee::of(Some(&agent())).unwrap())),
            })
        });
    prop_oneof![
        1 => Just(create()),
        9 => change,
        3 => (any::<u128>(), any::<bool>()).prop_map(|(number, public)| {
            comment(number, if public { Visibility::Public } else { Visibility::Internal })
        }),
        1 => Just(TicketCommand::Delete),
    ]
}

proptest! {
    /// Whatever is wished in whatever order folds to a valid state, and a second fold gives the same.
    #[test]
    fn accepted_commands_fold_to_a_valid_state(commands in proptest::collection::vec(any_command(), 0..40)) {
        let (events, state) = given(&commands);
        prop_assert_eq!(given(&commands), (events, state.clone()));
        if let Some(ticket) = state {
            prop_assert_eq!(ticket.resolved_at.is_some(), !ticket.status.is_open());
            prop_assert!(ticket.created_at <= ticket.updated_at);
        }
    }

    /// Asking twice for the same change appends only once.
    #[test]
    fn a_change_is_idempotent(commands in proptest::collection::vec(any_command(), 0..20), last in any_command()) {
        let TicketCommand::Change(_) = &last else { return Ok(()) };
        let mut commands = commands;
        commands.push(last.clone());
        if let Some(ticket) = given(&commands).1.filter(|ticket| !ticket.deleted) {
            prop_assert_eq!(Tickets::decide(Some(&ticket), &last, &()), Ok(vec![]));
        }
    }

    /// evolve is total: any events in any order, also nonsensical ones, never panic.
    #[test]
    fn evolve_never_panics(commands in proptest::collection::vec(any_command(), 1..20), order in any::<u64>()) {
        let (mut events, _) = given(&commands);
        if !events.is_empty() {
            let middle = usize::try_from(order % events.len() as u64).unwrap();
            events.rotate_left(middle);
        }
        let mut state = None;
        for event in &events {
            state = Tickets::evolve(state, event, Timestamp::from_millis(i64::MAX));
        }
    }
}

fn guest() -> Account {
    Account {
        role: Role::Guest,
        ..agent()
    }
}

fn claim() -> AccountCommand {
    AccountCommand::Claim {
        name: PersonName::parse("Gina Guest").unwrap(),
        department: None,
    }
}

fn by_nobody() -> Circumstances {
    Circumstances {
        actor: Actor::Anonymous,
        other_active_admins: usize::MAX,
    }
}

#[test]
fn only_an_active_guests_account_can_be_claimed() {
    let events = account::decide(Some(&guest()), &claim(), &by_nobody()).unwrap();
    let claimed = events.iter().try_fold(guest(), |account, event| {
        account::evolve(Some(account), event, Timestamp::EPOCH)
    });
    let claimed = claimed.unwrap();
    assert_eq!((claimed.role, claimed.name.as_str()), (Role::User, "Gina Guest"));
    assert_eq!(claimed.id, guest().id);
    let deactivated = Account {
        active: false,
        ..guest()
    };
    for other in [agent(), deactivated] {
        assert_eq!(
            account::decide(Some(&other), &claim(), &by_nobody()),
            Err(account::Refusal::AlreadyExists)
        );
    }
    assert_eq!(
        account::decide(None, &claim(), &by_nobody()),
        Err(account::Refusal::NotFound)
    );
}

#[test]
fn other_mail_is_an_event_and_the_same_is_none() {
    let wish = |notifications| {
        let changes = account::Changes {
            notifications: Some(notifications),
            ..account::Changes::default()
        };
        account::decide(Some(&agent()), &AccountCommand::Change(changes), &by_nobody()).unwrap()
    };
    assert!(wish(Notifications::All).is_empty());
    let events = wish(Notifications::None);
    let after = account::evolve(Some(agent()), &events[0], Timestamp::EPOCH).unwrap();
    assert_eq!(after.notifications, Notifications::None);
}

#[test]
fn a_role_is_at_most_itself_and_agents_may_what_users_and_guests_may() {
    use Role::{Admin, Auditor, Guest, Operator, User};
    let below = |role: Role| {
        Role::ALL
            .into_iter()
            .filter(|other| other.is_at_most(role))
            .collect::<Vec<_>>()
    };
    assert_eq!(below(Guest), [Guest]);
    assert_eq!(below(User), [Guest, User]);
    assert_eq!(below(Admin), [Guest, User, Admin]);
    assert_eq!(below(Auditor), [Auditor]);
    assert_eq!(below(Operator), [Operator]);
}

#[test]
fn a_ticket_may_begin_with_files_all_of_them_or_none() {
    let file = |number: u128, size: u64| NewAttachment {
        attachment: AttachmentId::from_uuid(Uuid::from_u128(number)),
        uploader: person(7),
        file_name: "shot.png".parse().unwrap(),
        size,
        media_type: MediaType::try_from("image/png".to_owned()).unwrap(),
        sha256: Sha256::try_from("ab".repeat(32)).unwrap(),
    };
    let with = |files: Vec<NewAttachment>| {
        let mut command = create();
        if let TicketCommand::Create { attachments, .. } = &mut command {
            *attachments = files;
        }
        Tickets::decide(None, &command, &())
    };
    let events = with(vec![file(1, 5), file(2, 6)]).unwrap();
    let ticket = events.iter().fold(None, |ticket, event| {
        Tickets::evolve(ticket, event, Timestamp::EPOCH)
    });
    let ticket = ticket.unwrap();
    assert_eq!((ticket.attachments, ticket.attachment_bytes), (2, 11));
    let max = domain::limits::ATTACHMENT_BYTES_PER_TICKET_MAX;
    assert_eq!(
        with(vec![file(1, max), file(2, 1)]),
        Err(Refusal::AttachmentsTooLarge)
    );
    let many = (0..=u128::from(domain::limits::ATTACHMENTS_PER_TICKET_MAX)).map(|number| file(number, 1));
    assert_eq!(with(many.collect()), Err(Refusal::TooManyAttachments));
}
