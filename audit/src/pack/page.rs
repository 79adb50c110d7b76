//! `history.html`: the events for people. Only what is in the events; nothing that is not proved, so no names of people.

use domain::decider::Decider as _;
use domain::ids::AccountId;
use domain::ticket::{Step, TicketEvent, Tickets};
use eventlog::RecordedEvent;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::TreeHead;

/// A browser that shows the page runs nothing and fetches nothing for it.
const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    h1{font-size:1.5rem}dt{font-weight:600}dd{margin:0 0 .5rem}\
    dd,code,pre{overflow-wrap:anywhere}pre{white-space:pre-wrap;background:#f4f4f4;padding:.5rem;margin:.5rem 0}\
    li{margin:0 0 1rem}.when{color:#555}";

/// The page.
pub(super) fn history(head: &TreeHead, events: &[RecordedEvent]) -> String {
    let stream = events.first().map(|event| event.stream.clone());
    let (category, id) = stream.map_or_else(Default::default, |stream| {
        (stream.category.to_string(), stream.id.to_string())
    });
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta http-equiv="Content-Security-Policy" content=(CSP);
                title { "Evidence: " (category) " " (id) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "What was recorded of " (category) " " code { (id) } }
                p {
                    "This page shows what " code { "events.jsonl" } " says; that file is what is proved. \
                     People are shown as the ids of their accounts, because their names are not among these events. \
                     Of a file that was attached there is its SHA-256, not its content."
                }
                dl {
                    dt { "Log" } dd { code { (head.origin) } }
                    dt { "Events" } dd { (events.len()) }
                    dt { "As of position" } dd { (head.head.position) }
                    dt { "Signed" } dd { time { (head.time) } }
                    dt { "Hash of the last event of the log" } dd { code { (hex::encode(head.head.hash)) } }
                }
                ol { @for item in items(events) { (item) } }
            }
        }
    };
    page.into_string()
}

/// An item for each event. From one that cannot be read on, the others are shown as they were recorded only.
fn items(events: &[RecordedEvent]) -> Vec<Markup> {
    let mut before = None;
    let mut readable = true;
    let mut items = Vec::with_capacity(events.len());
    for event in events {
        let step = decoded(event)
            .filter(|_| readable)
            .map(|decoded| Step::of(before.take(), decoded, event.recorded_at));
        readable = step.is_some();
        items.push(item(event, step.as_ref()));
        before = step.and_then(|step| step.after);
    }
    items
}

fn decoded(event: &RecordedEvent) -> Option<TicketEvent> {
    if event.stream.category != Tickets::CATEGORY {
        return None;
    }
    Tickets::decode(&event.event_type, event.schema_version, &event.payload).ok()
}

fn item(event: &RecordedEvent, step: Option<&Step>) -> Markup {
    let actor = event
        .parsed_metadata()
        .map_or_else(|_| "somebody".to_owned(), |metadata| metadata.actor);
    let name = |account: AccountId| format!("account:{account}");
    html! {
        li value=(event.version) {
            div.when { time { (event.recorded_at) } ", position " (event.position) }
            div { b { (actor) } " " @match step {
                Some(step) => (step.deed(&name)),
                None => { "did " code { (event.event_type) } },
            } }
            @if let Some(text) = step.and_then(whole_text) { pre { (text) } }
            details {
                summary { "As it was recorded: " (event.event_type) ", schema version " (event.schema_version) }
                pre { (event.payload) }
                pre { (event.metadata) }
                code { (hex::encode(event.hash)) }
            }
        }
    }
}

/// What a person wrote at length.
fn whole_text(step: &Step) -> Option<String> {
    match &step.event {
        TicketEvent::Created(created) => Some(created.description.to_string()),
        TicketEvent::DescriptionChanged(_) => {
            step.after.as_ref().map(|ticket| ticket.description.to_string())
        }
        TicketEvent::CommentAdded(added) => Some(added.body.to_string()),
        TicketEvent::AttachmentAdded(added) => Some(added.sha256.as_str().to_owned()),
        TicketEvent::TitleChanged(_)
        | TicketEvent::StatusChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::Deleted(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::codec::encode_ticket;
    use domain::ids::{CommentId, TicketId};
    use domain::ticket::{Category, CommentAdded, Created, Priority, Visibility};
    use domain::time::Timestamp;
    use eventlog::Head;
    use uuid::Uuid;

    use super::*;
    use crate::line::tests::vectors;

    const SCRIPT: &str = "<script>alert(1)</script>";

    fn recorded(version: i64, event: &TicketEvent) -> RecordedEvent {
        let encoded = encode_ticket(event);
        RecordedEvent {
            version,
            position: version,
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            payload: encoded.payload,
            ..vectors().remove(0)
        }
    }

    fn page(events: &[RecordedEvent]) -> String {
        let head = TreeHead {
            origin: "desk.example/log".to_owned(),
            head: Head {
                position: 9,
                hash: [0xab; 32],
            },
            root: [0; 32],
            time: Timestamp::EPOCH,
        };
        history(&head, events)
    }

    fn ticket() -> Vec<RecordedEvent> {
        let account = AccountId::from_uuid(Uuid::from_u128(7));
        let created = TicketEvent::Created(Created {
            ticket: TicketId::from_uuid(Uuid::from_u128(6)),
            title: SCRIPT.parse().unwrap(),
            description: format!("A description with {SCRIPT}").parse().unwrap(),
            category: Category::Hardware,
            priority: Priority::High,
            requester: account,
        });
        let said = TicketEvent::CommentAdded(CommentAdded {
            comment: CommentId::from_uuid(Uuid::from_u128(8)),
            author: account,
            body: format!("Said \"{SCRIPT}\" & more").parse().unwrap(),
            visibility: Visibility::Internal,
        });
        vec![recorded(1, &created), recorded(2, &said)]
    }

    #[test]
    fn shows_who_did_what_and_runs_nothing_of_it() {
        let page = page(&ticket());
        for part in [
            "opened the ticket",
            "noted internally",
            "A description with &lt;script&gt;",
            "account:0198f3c2-7a00-7000-8000-00000000000a",
            "default-src 'none'",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("<script") && !page.contains("\" & more"));
    }

    #[test]
    fn an_event_that_cannot_be_read_and_those_after_it_are_shown_as_recorded() {
        let mut events = ticket();
        events[0].event_type = "Unheard<of>".to_owned();
        let page = page(&events);
        assert!(page.contains("did <code>Unheard&lt;of&gt;</code>"), "{page}");
        assert!(page.contains("did <code>CommentAdded</code>"), "{page}");
        assert!(page.contains("A description with &lt;script&gt;"));
    }
}
