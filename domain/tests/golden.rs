//! Golden files: the policy's and the disclosure's whole matrices, and one stored sample of every event type.
//!
//! `INFORMEJO_BLESS=1 cargo test -p domain` writes the matrices anew. Samples of events are only ever added to: they
//! are what is in somebody's log.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use domain::actor::{Actor, Role};
use domain::codec::{
    self, ACCESS_EVENT_TYPES, ACCOUNT_EVENT_TYPES, OPERATION_EVENT_TYPES, TICKET_EVENT_TYPES,
};
use domain::ids::AccountId;
use domain::policy::{Action, Denial, Facts, permit};
use domain::ticket::{Audience, TicketEvent, disclose};

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn assert_golden(name: &str, actual: &str) {
    let path = golden(name);
    if std::env::var_os("INFORMEJO_BLESS").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        expected,
        actual,
        "{} differs; look at the difference before blessing it",
        path.display()
    );
}

fn actors() -> Vec<(String, Actor)> {
    let id: AccountId = "01a0608a-80f4-7707-8707-070707070707".parse().unwrap();
    let mut actors = vec![
        ("anonymous".to_owned(), Actor::Anonymous),
        ("system".to_owned(), Actor::System("test")),
    ];
    actors.extend(Role::ALL.map(|role| (role.to_string(), Actor::Account { id, role })));
    actors
}

#[test]
fn the_policy_is_as_written_down() {
    let mut text =
        String::from("# action / facts: who may (+), may not (-), must sign in (?), must not know (0)\n");
    for action in Action::ALL {
        for facts in Facts::ALL {
            write!(text, "{:<22} {:<15}", format!("{action:?}"), format!("{facts:?}")).unwrap();
            for (name, actor) in actors() {
                let verdict = match permit(&actor, action, &facts) {
                    Ok(()) => '+',
                    Err(Denial::Forbidden) => '-',
                    Err(Denial::SignIn) => '?',
                    Err(Denial::Hidden) => '0',
                };
                write!(text, " {name}:{verdict}").unwrap();
            }
            text.push('\n');
        }
    }
    assert_golden("policy.txt", &text);
}

/// `(type, version, payload)` of each line of the sample file.
fn samples() -> Vec<(String, i32, String)> {
    let text = std::fs::read_to_string(golden("events.tsv")).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.splitn(3, '\t');
            let mut next = || parts.next().unwrap().to_owned();
            (next(), next().parse().unwrap(), next())
        })
        .collect()
}

#[test]
fn every_stored_sample_is_read_and_written_as_it_was() {
    for (event_type, version, payload) in samples() {
        let again = if TICKET_EVENT_TYPES.contains(&event_type.as_str()) {
            codec::encode_ticket(&codec::decode_ticket(&event_type, version, &payload).unwrap())
        } else if ACCESS_EVENT_TYPES.contains(&event_type.as_str()) {
            codec::encode_access(&codec::decode_access(&event_type, version, &payload).unwrap())
        } else if OPERATION_EVENT_TYPES.contains(&event_type.as_str()) {
            codec::encode_operation(&codec::decode_operation(&event_type, version, &payload).unwrap())
        } else {
            codec::encode_account(&codec::decode_account(&event_type, version, &payload).unwrap())
        };
        assert_eq!(
            (again.event_type, again.schema_version, again.payload),
            (event_type.as_str(), 1, payload)
        );
    }
}

/// D9: a type without a sample fails here.
#[test]
fn every_event_type_has_a_sample() {
    let sampled: BTreeSet<String> = samples().into_iter().map(|(event_type, ..)| event_type).collect();
    let known: BTreeSet<String> = TICKET_EVENT_TYPES
        .iter()
        .chain(ACCOUNT_EVENT_TYPES)
        .chain(ACCESS_EVENT_TYPES)
        .chain(OPERATION_EVENT_TYPES)
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(sampled, known);
}

/// D9: what this program does not know is an error, never skipped.
#[test]
fn unknown_types_versions_and_fields_are_errors() {
    assert!(codec::decode_ticket("TicketPainted", 1, "{}").is_err());
    assert!(codec::decode_ticket("TicketDeleted", 2, "{}").is_err());
    assert!(codec::decode_ticket("TicketDeleted", 0, "{}").is_err());
    assert!(codec::decode_ticket("TicketDeleted", 1, "{\"why\":\"unknown field\"}").is_err());
    assert!(codec::decode_ticket("AccountRegistered", 1, "{}").is_err());
}

#[test]
fn disclosure_is_as_written_down() {
    let mut text = String::from("# event: who may know of it (+), who may not (-)\n");
    let tickets = samples()
        .into_iter()
        .filter(|(name, ..)| TICKET_EVENT_TYPES.contains(&name.as_str()));
    for (event_type, version, payload) in tickets {
        let event = codec::decode_ticket(&event_type, version, &payload).unwrap();
        let visibility = match &event {
            TicketEvent::CommentAdded(added) => added.visibility.as_str(),
            _ => "",
        };
        write!(text, "{:<32}", format!("{event_type} {visibility}")).unwrap();
        for audience in Audience::ALL {
            let verdict = if disclose(&event, audience).is_some() {
                '+'
            } else {
                '-'
            };
            write!(text, " {audience:?}:{verdict}").unwrap();
        }
        text.push('\n');
    }
    assert_golden("disclosure.txt", &text);
}
