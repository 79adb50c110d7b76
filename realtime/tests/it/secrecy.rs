//! R3: what anybody may learn from a broadcast, for every event type, every audience, both modes, in the room and out.
//!
//! The expectation is written down here once more and independently: by who the audience is, not by calling the code
//! that decides.

use std::collections::BTreeSet;

use domain::actor::{Actor, Role};
use domain::ticket::{Audience, TicketEvent, Visibility, disclose};
use realtime::{AudienceMode, Cut, Happening, Place, Scope, broadcast, cut};
use uuid::Uuid;

use crate::samples::{AT, OWNER, account_id, audiences, events, people, ticket};

fn happening<'a>(event: &'a TicketEvent, ticket: &'a domain::Ticket) -> Happening<'a> {
    Happening {
        position: 7,
        version: 3,
        event_id: Uuid::from_u128(5),
        at: AT,
        actor: None,
        event,
        ticket,
    }
}

/// The words of the samples that occur in a frame.
fn canaries(text: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.split(|c| !is_word(c))
        .filter(|word| word.starts_with("canary-"))
        .map(str::to_owned)
        .collect()
}

fn words(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| format!("canary-{word}")).collect()
}

const TICKET_WORDS: &[&str] = &[
    "ticket-title",
    "ticket-description",
    "owner-name",
    "owner-email",
    "owner-department",
    "assignee-name",
    "assignee-email",
];

/// What the event's frame tells those who receive it.
fn told(event: &TicketEvent) -> BTreeSet<String> {
    match event {
        TicketEvent::Created(_)
        | TicketEvent::TitleChanged(_)
        | TicketEvent::DescriptionChanged(_)
        | TicketEvent::StatusChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::Deleted(_) => words(TICKET_WORDS),
        TicketEvent::CommentAdded(added) if added.visibility == Visibility::Internal => {
            words(&["internal-comment", "author-name", "author-email"])
        }
        TicketEvent::CommentAdded(_) => words(&["public-comment", "author-name", "author-email"]),
        TicketEvent::AttachmentAdded(_) => words(&["file-name", "author-name", "author-email"]),
    }
}

fn is_internal(event: &TicketEvent) -> bool {
    matches!(event, TicketEvent::CommentAdded(added) if added.visibility == Visibility::Internal)
}

/// Whether the actor may receive it, said in other words than the code says it.
fn entitled(mode: AudienceMode, actor: &Actor, place: Place, event: &TicketEvent) -> bool {
    let room_only = matches!(
        event,
        TicketEvent::CommentAdded(_) | TicketEvent::AttachmentAdded(_)
    );
    let sees_all = matches!(actor.role(), Some(Role::Admin | Role::Auditor));
    let owns = actor.account() == Some(account_id(OWNER)) && actor.role() != Some(Role::Operator);
    let reads = sees_all || (owns && !is_internal(event));
    match place {
        Place::Elsewhere if room_only => false,
        Place::InRoom if room_only => reads,
        Place::InRoom | Place::Elsewhere => reads || mode == AudienceMode::Everyone,
    }
}

#[test]
fn broadcast_secrecy() {
    let people = people();
    for event in events() {
        let ticket_after = ticket(matches!(event, TicketEvent::Deleted(_)));
        let readable = ticket(false);
        for mode in [AudienceMode::Permitted, AudienceMode::Everyone] {
            for (name, actor) in audiences() {
                for place in [Place::InRoom, Place::Elsewhere] {
                    let happening = happening(&event, &ticket_after);
                    let cut = cut(mode, &actor, place, &event, &readable);
                    let frame = cut.and_then(|cut| {
                        let object = happening.object(cut, &people).unwrap()?;
                        let meta = serde_json::to_string(&happening.meta(cut)).unwrap();
                        Some(format!("{object}{meta}"))
                    });
                    let frame = frame.unwrap_or_default();
                    let expected = if entitled(mode, &actor, place, &event) {
                        told(&event)
                    } else {
                        BTreeSet::new()
                    };
                    assert_eq!(canaries(&frame), expected, "{name} {place:?} {mode:?} {event:?}");
                }
            }
        }
    }
}

#[test]
fn nobody_receives_what_disclose_denies_in_either_mode() {
    let readable = ticket(false);
    for event in events() {
        for (name, actor) in audiences() {
            let audience = Audience::of(&actor, &readable);
            let permitted = cut(AudienceMode::Permitted, &actor, Place::InRoom, &event, &readable);
            assert_eq!(
                permitted.is_some(),
                disclose(&event, audience).is_some(),
                "{name} {event:?}"
            );
            let everyone = cut(AudienceMode::Everyone, &actor, Place::InRoom, &event, &readable);
            if disclose(&event, audience).is_none() && everyone.is_some() {
                assert_eq!(everyone, Some(Cut::Requester), "{name} {event:?}");
                assert_ne!(broadcast(&event).scope, Scope::Room, "{name} {event:?}");
                assert!(
                    disclose(&event, Audience::Requester).is_some(),
                    "{name} {event:?}"
                );
            }
        }
    }
}

#[test]
fn the_requesters_cut_does_not_count_internal_comments() {
    let people = people();
    let ticket = ticket(false);
    let event = &events()[3];
    let count = |cut| {
        let object = happening(event, &ticket).object(cut, &people).unwrap().unwrap();
        let object: serde_json::Value = serde_json::from_str(object.get()).unwrap();
        object["_count"]["comments"].clone()
    };
    assert_eq!(count(Cut::Requester), 40);
    assert_eq!(count(Cut::Agent), 42);
}

#[test]
fn no_frame_carries_what_an_account_hides() {
    let people = people();
    let deleted = ticket(true);
    for event in events() {
        for cut in [Cut::Requester, Cut::Agent] {
            let Some(object) = happening(&event, &deleted).object(cut, &people).unwrap() else {
                assert!(is_internal(&event) && cut == Cut::Requester, "{event:?}");
                continue;
            };
            for secret in ["password", "token", "hash", "active", "sha256"] {
                let text = object.get().to_lowercase();
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    }
}
