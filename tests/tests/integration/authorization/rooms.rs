//! Who may ask what over Socket.IO, and who hears what: every event of the protocol's catalogue × every kind of person. An
//! event without a decision fails.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::socketio::{ConnectOptions, SocketClient};
use wire::live::catalogue::{CATALOGUE, Kind};

use super::cast::Cast;
use crate::shape::PNG;

/// In the order of [`Cast::connected`]: guest, own ticket · guest, another's · user, own · user, another's · admin · auditor ·
/// operator.
type Decision = [bool; 7];

const Y: bool = true;
const N: bool = false;

/// What a client asks, in this order; `TICKET` stands for the ticket that it tries.
const ASKED: &[(&str, &str, Decision)] = &[
    ("join-ticket", r#"["TICKET"]"#, [Y, N, Y, N, Y, Y, N]),
    (
        "viewing",
        r#"[{"ticket":"TICKET","state":"viewing"}]"#,
        [Y, N, Y, N, Y, Y, N],
    ),
    (
        "typing",
        r#"[{"ticket":"TICKET","internal":false,"typing":true}]"#,
        [Y, N, Y, N, Y, N, N],
    ),
    (
        "typing",
        r#"[{"ticket":"TICKET","internal":true,"typing":true}]"#,
        [N, N, N, N, Y, N, N],
    ),
    ("list:watch", r#"[{"list":"all"}]"#, [Y, Y, Y, Y, Y, Y, N]),
    ("presence", r#"[{"state":"away"}]"#, [Y, Y, Y, Y, Y, Y, Y]),
    ("presence:list", "[]", [N, N, N, N, Y, N, N]),
];

/// What a client asks at the end.
const ASKED_LAST: &[(&str, &str, Decision)] = &[
    ("leave-ticket", r#"["TICKET"]"#, [Y, Y, Y, Y, Y, Y, Y]),
    ("list:unwatch", r#"[{"list":"all"}]"#, [Y, Y, Y, Y, Y, Y, Y]),
];

/// What a client is told when [`happen`] happens: whether it hears an event of that name that is about the ticket that it
/// tries, if it is about a ticket.
const HEARD: &[(&str, Decision)] = &[
    ("ticket:updated", [Y, N, Y, N, Y, Y, N]),
    ("ticket:deleted", [Y, N, Y, N, Y, Y, N]),
    ("comment:added", [Y, N, Y, N, Y, Y, N]),
    ("attachment:added", [Y, N, Y, N, Y, Y, N]),
    ("list:changed", [Y, N, Y, N, Y, Y, N]),
    ("typing", [Y, N, Y, N, Y, Y, N]),
    ("viewers:changed", [N, N, N, N, Y, N, N]),
    // Not about the ticket that is tried.
    ("ticket:created", [N, N, Y, N, Y, Y, N]),
    ("account:created", [N, N, N, N, Y, N, N]),
    ("account:updated", [N, N, N, N, Y, N, N]),
    ("presence:changed", [N, N, N, N, Y, N, N]),
    ("operations:changed", [N, N, N, N, Y, Y, Y]),
];

/// Told of what was decided elsewhere: the numbers of a list go to whoever watches it (`list:watch`).
const FOLLOWS: [&str; 1] = ["list:counts"];

#[test]
fn every_event_of_the_protocol_has_its_decision() {
    let decided = |table: &[(&'static str, &str, Decision)]| -> Vec<&'static str> {
        table.iter().map(|(event, ..)| *event).collect()
    };
    let asked: BTreeSet<_> = decided(ASKED).into_iter().chain(decided(ASKED_LAST)).collect();
    let heard: BTreeSet<_> = HEARD.iter().map(|(event, _)| *event).chain(FOLLOWS).collect();
    let of = |is_it: fn(Kind) -> bool| -> BTreeSet<_> {
        let entries = CATALOGUE.iter().filter(|entry| is_it(entry.kind));
        entries.map(|entry| entry.name).collect()
    };
    assert_eq!(of(|kind| kind == Kind::Request), asked);
    // Control tells each client where it stands itself.
    assert_eq!(of(|kind| matches!(kind, Kind::Broadcast | Kind::Signal)), heard);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_may_ask_and_hears_what_the_table_says() {
    let cast = Cast::new().await;
    let nobody = SocketClient::open(&cast.app.url(), ConnectOptions::default());
    assert_eq!(nobody.refused().await, "unauthorized");

    let people = cast.connected();
    let mut sockets = Vec::new();
    for (name, client, ticket) in people {
        let options = ConnectOptions::default().token(client.token());
        let socket = SocketClient::connect(&cast.app.url(), options).await;
        sockets.push((name, socket, ticket["id"].as_str().unwrap().to_owned()));
    }
    let mut faults = asked(&sockets, ASKED).await;
    happen(&cast, &sockets).await;
    for (place, (name, socket, ticket)) in sockets.iter().enumerate() {
        let told: Vec<(String, Value)> = socket
            .events()
            .into_iter()
            .map(|(event, args)| (event, Value::Array(args)))
            .collect();
        for (number, (event, decision)) in HEARD.iter().enumerate() {
            let about = number < 7;
            let heard = told
                .iter()
                .any(|(name, args)| name == event && (!about || args.to_string().contains(ticket.as_str())));
            if heard != decision[place] {
                faults.push(format!("{name}: {event}: heard is {heard}"));
            }
        }
        let internal = told
            .iter()
            .any(|(_, args)| args.to_string().contains("canary-internal"));
        if internal != matches!(*name, "admin" | "auditor") {
            faults.push(format!("{name}: an internal note: heard is {internal}"));
        }
    }
    faults.extend(asked(&sockets, ASKED_LAST).await);
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Everybody asks everything; what is answered otherwise than decided.
async fn asked(sockets: &[(&str, SocketClient, String)], table: &[(&str, &str, Decision)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (event, args, decision) in table {
        for ((name, socket, ticket), permitted) in sockets.iter().zip(decision) {
            let args = serde_json::from_str(&args.replace("TICKET", ticket)).unwrap();
            let answer = socket.ask(event, args).await;
            if answer[0]["ok"] != *permitted {
                faults.push(format!("{name}: {event}: {}", json!(answer)));
            }
        }
    }
    faults
}

/// One of everything that is told, by an admin who is none of the sockets' owners. All have been told of it at the end.
async fn happen(cast: &Cast, sockets: &[(&str, SocketClient, String)]) {
    let bea = cast.app.admin("Bea").await;
    let options = ConnectOptions::default().token(bea.token());
    let socket = SocketClient::connect(&cast.app.url(), options).await;
    let tickets: BTreeSet<&String> = sockets.iter().map(|(.., ticket)| ticket).collect();
    for ticket in &tickets {
        let path = format!("/api/tickets/{ticket}");
        socket.ask("join-ticket", json!([ticket])).await;
        let viewing = json!([{ "ticket": ticket, "state": "viewing" }]);
        socket.ask("viewing", viewing).await;
        let typing = json!([{ "ticket": ticket, "internal": false, "typing": true }]);
        assert_eq!(socket.ask("typing", typing).await[0]["ok"], true);
        let comments = format!("{path}/comments");
        bea.post(&comments, &json!({ "content": "said" })).await.is(201);
        let internal = json!({ "content": "canary-internal", "isInternal": true });
        bea.post(&comments, &internal).await.is(201);
        bea.upload(&format!("{path}/attachments"), "b.png", "image/png", PNG)
            .await
            .is(201);
        bea.patch(&path, &json!({ "status": "IN_PROGRESS" })).await.good();
    }
    cast.owner().new_ticket("One more").await;
    let zoe = cast.app.user("Zoe").await;
    let path = format!("/api/admin/users/{}", zoe.id());
    bea.patch(&path, &json!({ "name": "Zoe Zett" })).await.good();
    for ticket in &tickets {
        bea.delete(&format!("/api/tickets/{ticket}")).await.good();
    }
    // What is told in one turn has reached everybody when a later one has reached somebody; and what a socket was told
    // comes before the answer to what it asks.
    let admin = &sockets[4].1;
    for signal in ["presence:changed", "operations:changed", "viewers:changed"] {
        admin.expect(signal).await;
    }
    for operated in [5, 6] {
        sockets[operated].1.expect("operations:changed").await;
    }
    for _ in 0..2 {
        let mark = bea.new_ticket("A mark in the stream").await;
        admin
            .expect_where("ticket:created", |args| args[0]["id"] == mark["id"])
            .await;
    }
    for (_, socket, _) in sockets {
        socket.ask("presence", json!([{ "state": "online" }])).await;
    }
}
