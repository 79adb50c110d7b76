//! A ticket's events, told one by one: what each changed, and in words.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::ids::{AccountId, AttachmentId, CommentId, TicketId};
use domain::ticket::{
    Assigned, AttachmentAdded, Category, CategoryChanged, CommentAdded, Created, Deleted, DescriptionChanged,
    Field, MediaType, Priority, PriorityChanged, Sha256, Status, StatusChanged, Step, TitleChanged,
    Unassigned, Value, Visibility, changes, evolve, quoted, replay,
};
use domain::{TicketEvent, Timestamp};
use uuid::Uuid;

fn person(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

fn name(id: AccountId) -> String {
    let names = [(7, "Ulla"), (9, "Ada"), (10, "Bert")];
    let found = names.into_iter().find(|(number, _)| person(*number) == id);
    found.unwrap().1.to_owned()
}

fn said(number: u128, visibility: Visibility, body: &str) -> TicketEvent {
    TicketEvent::CommentAdded(CommentAdded {
        comment: CommentId::from_uuid(Uuid::from_u128(number)),
        author: person(9),
        body: body.parse().unwrap(),
        visibility,
    })
}

fn status(status: Status) -> TicketEvent {
    TicketEvent::StatusChanged(StatusChanged { status })
}

/// One event of every type.
fn events() -> Vec<TicketEvent> {
    vec![
        TicketEvent::Created(Created {
            ticket: TicketId::from_uuid(Uuid::from_u128(1)),
            requester: person(7),
            title: "Printer on fire".parse().unwrap(),
            description: "It burns with a\nblue flame".parse().unwrap(),
            priority: Priority::High,
            category: Category::Hardware,
        }),
        TicketEvent::Assigned(Assigned { assignee: person(9) }),
        TicketEvent::Assigned(Assigned { assignee: person(10) }),
        said(2, Visibility::Public, "Is it still warm?"),
        said(
            3,
            Visibility::Internal,
            &format!("Third one\n\tof {}", "x".repeat(90)),
        ),
        TicketEvent::TitleChanged(TitleChanged {
            title: "Printer is out".parse().unwrap(),
        }),
        TicketEvent::DescriptionChanged(DescriptionChanged {
            description: "It is out, at last".parse().unwrap(),
        }),
        TicketEvent::PriorityChanged(PriorityChanged {
            priority: Priority::Low,
        }),
        TicketEvent::CategoryChanged(CategoryChanged {
            category: Category::Other,
        }),
        status(Status::Resolved),
        TicketEvent::Unassigned(Unassigned {}),
        TicketEvent::AttachmentAdded(AttachmentAdded {
            attachment: AttachmentId::from_uuid(Uuid::from_u128(4)),
            uploader: person(7),
            file_name: "ashes.png".parse().unwrap(),
            size: 12,
            media_type: MediaType::try_from("image/png".to_owned()).unwrap(),
            sha256: Sha256::try_from("ab".repeat(32)).unwrap(),
        }),
        TicketEvent::Deleted(Deleted {}),
    ]
}

fn steps() -> Vec<Step> {
    let times = (0..).map(Timestamp::from_millis);
    replay(events().into_iter().zip(times)).collect()
}

#[test]
fn every_event_is_told_in_words() {
    let told: Vec<String> = steps().iter().map(|step| step.deed(&name)).collect();
    let long = "x".repeat(67);
    assert_eq!(
        told,
        [
            "opened the ticket \"Printer on fire\" for Ulla, priority HIGH, category HARDWARE",
            "assigned the ticket to Ada",
            "assigned the ticket to Bert instead of Ada",
            "said \"Is it still warm?\"",
            &format!("noted internally \"Third one of {long}…\""),
            "changed the title from \"Printer on fire\" to \"Printer is out\"",
            "changed the description from \"It burns with a blue flame\" to \"It is out, at last\"",
            "changed the priority from HIGH to LOW",
            "changed the category from HARDWARE to OTHER",
            "changed the status from OPEN to RESOLVED",
            "took the ticket from Bert",
            "attached \"ashes.png\" (image/png, 12 bytes)",
            "deleted the ticket",
        ]
    );
}

#[test]
fn each_step_begins_where_the_one_before_ended_and_folds_as_everything_else_does() {
    let mut state = None;
    for (step, event) in steps().iter().zip(events()) {
        assert_eq!(step.before, state);
        state = evolve(state, &event, step.at);
        assert_eq!((&step.after, &step.event), (&state, &event));
        assert!(!step.changes.is_empty(), "{event:?}");
    }
    assert!(state.unwrap().deleted);
}

#[test]
fn what_an_event_changed_and_what_follows_from_it_are_its_changes() {
    let steps = steps();
    let fields =
        |place: usize| -> Vec<Field> { steps[place].changes.iter().map(|change| change.field).collect() };
    assert_eq!(
        fields(0),
        [
            Field::Title,
            Field::Description,
            Field::Status,
            Field::Priority,
            Field::Category,
            Field::Requester
        ]
    );
    assert_eq!(fields(9), [Field::Status, Field::ResolvedAt]);
    let status = &steps[9].changes[0];
    assert_eq!(status.from, Some(Value::Spelling("OPEN")));
    assert_eq!(status.to, Some(Value::Spelling("RESOLVED")));
    assert_eq!(
        (fields(3), fields(11)),
        (vec![Field::Comment], vec![Field::Attachment])
    );
    assert_eq!(fields(12), [Field::Deleted]);
}

#[test]
fn two_moments_differ_by_what_changed_between_them_and_was_not_changed_back() {
    let steps = steps();
    let clauses = |from: usize, to: usize| -> Vec<String> {
        changes(steps[from].after.as_ref(), steps[to].after.as_ref())
            .iter()
            .map(|change| change.clause(&name))
            .collect()
    };
    assert_eq!(clauses(0, 1), ["the assignee changed from none to Ada"]);
    assert_eq!(clauses(0, 0), [""; 0]);
    assert_eq!(
        clauses(4, 10),
        [
            "the title changed from \"Printer on fire\" to \"Printer is out\"",
            "the description changed from \"It burns with a blue flame\" to \"It is out, at last\"",
            "the status changed from OPEN to RESOLVED",
            "the priority changed from HIGH to LOW",
            "the category changed from HARDWARE to OTHER",
            "the assignee changed from Bert to none",
            "the time of resolution changed from none to 1970-01-01T00:00:00.009Z",
        ]
    );
    assert_eq!(clauses(11, 12), ["the ticket was deleted"]);
    let begun = changes(None, steps[1].after.as_ref());
    let gone = changes(steps[1].after.as_ref(), None);
    assert_eq!(begun[2].clause(&name), "the status is OPEN");
    assert_eq!(gone[2].clause(&name), "the status was OPEN");
    assert_eq!(begun[6].clause(&name), "the assignee changed from none to Ada");
    let added: Vec<_> = [3, 4, 11]
        .map(|place: usize| steps[place].changes[0].clause(&name))
        .into();
    assert_eq!(added[0], "a comment by Ada was added: \"Is it still warm?\"");
    assert!(added[1].starts_with("an internal note by Ada was added: \"Third one of x"));
    assert_eq!(
        added[2],
        "the file \"ashes.png\" (image/png, 12 bytes) was attached by Ulla"
    );
}

#[test]
fn an_event_that_makes_no_sense_changes_nothing_and_does_not_stop_the_telling() {
    let orphan = status(Status::Closed);
    let step = Step::of(None, orphan, Timestamp::EPOCH);
    assert_eq!((step.after.as_ref(), step.changes.len()), (None, 0));
    assert_eq!(step.deed(&name), "changed nothing");
}

#[test]
fn a_quotation_is_one_line_and_bounded() {
    assert_eq!(quoted(" a\r\n\tb\u{7}c "), "\"a b c\"");
    assert_eq!(
        quoted("paid\u{202e}on 3001\u{2066} ,\u{200b}ton"),
        "\"paid on 3001 , ton\""
    );
    assert_eq!(quoted(""), "\"\"");
    assert_eq!(quoted(&"é".repeat(80)), format!("\"{}\"", "é".repeat(80)));
    assert_eq!(quoted(&"é".repeat(81)), format!("\"{}…\"", "é".repeat(80)));
}
