//! What clients have heard, and what stands in the log, as far as it is compared.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::Value;
use tests::postgres::TestDatabase;
use tests::socketio::{Happening, SocketClient};

use super::expected::{Change, Fact, Heard, Log, Person, Standing};

/// When changes of rights and ends of tickets were begun, in their order.
#[derive(Default)]
pub(super) struct Begun {
    pub(super) rights: HashMap<String, Vec<Instant>>,
    pub(super) deletions: HashMap<String, Instant>,
}

/// What the socket has heard, in order.
pub(super) fn heard(socket: &SocketClient) -> Vec<(Instant, Heard)> {
    let happenings = socket.happenings();
    let heard = happenings
        .iter()
        .filter_map(|happening| Some((happening.at, what(happening)?)));
    heard.collect()
}

fn what(Happening { kind, rest, .. }: &Happening) -> Option<Heard> {
    let args = &rest["args"];
    let position = |object: &Value| object["position"].as_i64();
    match (kind.as_str(), rest["event"].as_str()?) {
        ("event", "welcome") => Some(Heard::Welcome {
            position: position(&args[0])?,
            granted: args[0]["tickets"]
                .as_array()?
                .iter()
                .filter(|ticket| ticket["ok"] == true)
                .map(|ticket| text(&ticket["ticket"]))
                .collect(),
        }),
        ("event", "caught-up" | "bookmark" | "resync") => position(&args[0]).map(Heard::UpTo),
        ("event", _) => position(&args[1]).map(Heard::Told),
        ("ack", "join-ticket") => Some(Heard::Joined {
            ticket: text(&rest["ticket"]),
            position: position(&args[0])?,
        }),
        _ => None,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The log, and what these people were by it.
pub(super) async fn read(database: &TestDatabase, ids: &[&str], begun: &Begun) -> (Log, Vec<Person>) {
    let sql =
        "SELECT position, category, stream::text, type, payload::text FROM log.events ORDER BY position";
    let rows = database.admin().await.query(sql, &[]).await.unwrap();
    let mut log = Log::default();
    let mut changes: HashMap<String, Vec<(i64, Standing)>> = HashMap::new();
    for row in &rows {
        let (position, category): (i64, &str) = (row.get(0), row.get(1));
        let (stream, kind): (String, &str) = (row.get(2), row.get(3));
        let payload: Value = serde_json::from_str(row.get(4)).unwrap();
        match category {
            "account" => {
                log.facts.insert(position, Fact::Account);
                let changes = changes.entry(stream).or_default();
                changes.extend(standing(kind, &payload).map(|standing| (position, standing)));
            }
            "ticket" => {
                if kind == "TicketCreated" {
                    log.owners.insert(stream.clone(), text(&payload["requester"]));
                }
                if kind == "TicketDeleted" {
                    let begun = begun.deletions[&stream];
                    log.deletions.insert(stream.clone(), (position, begun));
                }
                log.facts.insert(position, of_ticket(stream, kind, &payload));
            }
            other => panic!("{other}"),
        }
    }
    let person = |id: &&str| person(id, &changes[*id], begun.rights.get(*id));
    let people = ids.iter().map(person).collect();
    (log, people)
}

fn of_ticket(ticket: String, kind: &str, payload: &Value) -> Fact {
    match kind {
        "CommentAdded" if payload["visibility"] == "INTERNAL" => Fact::Internal(ticket),
        "CommentAdded" | "AttachmentAdded" => Fact::Public(ticket),
        "TicketDeleted" => Fact::Deleted(ticket),
        _ => Fact::Ticket(ticket),
    }
}

fn standing(kind: &str, payload: &Value) -> Option<Standing> {
    match kind {
        "AccountRegistered" | "AccountRoleChanged" if payload["role"] == "ADMIN" => Some(Standing::Agent),
        "AccountRegistered" | "AccountRoleChanged" => Some(Standing::Requester),
        "AccountDeactivated" => Some(Standing::Nobody),
        // Only an agent is deactivated here.
        "AccountReactivated" => Some(Standing::Agent),
        _ => None,
    }
}

/// The changes before the run count in any case.
fn person(id: &str, changes: &[(i64, Standing)], begun: Option<&Vec<Instant>>) -> Person {
    let begun = begun.map_or(&[][..], Vec::as_slice);
    let (former, of_run) = changes.split_at(changes.len() - begun.len());
    let change = |((position, standing), begun): (&(i64, Standing), Option<Instant>)| Change {
        position: *position,
        standing: *standing,
        begun,
    };
    let former = former.iter().map(|former| (former, None));
    let of_run = of_run.iter().zip(begun.iter().copied().map(Some));
    Person {
        id: id.to_owned(),
        changes: former.chain(of_run).map(change).collect(),
    }
}
