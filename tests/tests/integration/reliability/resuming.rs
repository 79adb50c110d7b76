//! Official clients that are cut again and again while people write: each has in the end received everything that it may
//! see, once and in order (R1, R2, R4). What it may see is read from the log here, without asking the program.
//!
//! `CHAOS_CUTS` says how many cuts (`make chaos`: 1,000), `CHAOS_SEED` which.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use tests::app::Client;
use tests::chaos_proxy::ChaosProxy;
use tests::process::{Ground, ServerProcess};
use tests::socketio::{ConnectOptions, SocketClient};

use super::admin;

const CLIENTS: usize = 20;
const TICKETS: usize = 4;
/// Cuts in the run that is part of all tests.
const CUTS: usize = 120;
/// Who write at the same time, and how often each of them wishes to: 50 commands a second, as far as the program keeps up.
const WRITERS: usize = 5;
const COMMAND_INTERVAL: Duration = Duration::from_millis(100);

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

/// A sequence that a seed fixes (Knuth's constants).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// Writes until it is told to stop. What fails while the program is down is not written.
async fn write(agent: Client, tickets: Vec<String>, first: usize, stop: Arc<AtomicBool>) {
    let mut number = first;
    let mut tick = tokio::time::interval(COMMAND_INTERVAL);
    while !stop.load(Ordering::SeqCst) {
        tick.tick().await;
        number += WRITERS;
        let path = format!("/api/tickets/{}", tickets[number % TICKETS]);
        let request = if number.is_multiple_of(5) {
            let wish = json!({ "title": format!("Printer on fire, {number}") });
            agent.request(reqwest::Method::PATCH, &path).json(&wish)
        } else {
            let wish = json!({ "content": format!("{number}"), "isInternal": number.is_multiple_of(3) });
            let path = format!("{path}/comments");
            agent.request(reqwest::Method::POST, &path).json(&wish)
        };
        if let Ok(answer) = request.try_send().await {
            assert!(answer.status < 400 || answer.status >= 500, "{}", answer.text());
        }
    }
}

/// Positions of the tickets' events, and whether requesters may know of them.
async fn written(ground: &Ground) -> Vec<(i64, bool)> {
    let sql =
        "SELECT position, type, payload::text FROM log.events WHERE category = 'ticket' ORDER BY position";
    let rows = ground.database.admin().await.query(sql, &[]).await.unwrap();
    let event = |row: &tokio_postgres::Row| {
        let payload: Value = serde_json::from_str(row.get(2)).unwrap();
        let is_internal = row.get::<_, &str>(1) == "CommentAdded" && payload["visibility"] == "INTERNAL";
        (row.get(0), !is_internal)
    };
    rows.iter().map(event).collect()
}

fn positions(socket: &SocketClient) -> Vec<(i64, bool)> {
    let events = socket.events().into_iter();
    let position = |args: &[Value]| args.get(1)?["position"].as_i64();
    let replayed = |args: &[Value]| args[1]["replayed"] == true;
    events
        .filter_map(|(_, args)| Some((position(&args)?, replayed(&args))))
        .collect()
}

/// One thing that goes wrong; how many clients it cut.
async fn cut(
    dice: &mut Dice,
    ground: &Ground,
    server: &mut ServerProcess,
    proxy: &ChaosProxy,
    sockets: &[SocketClient],
) -> usize {
    let roll = dice.roll(40);
    match roll {
        0 => {
            let port = server.address().port().to_string();
            server.kill().await;
            *server = ground.serve(&[("PORT", &port)]).await;
            CLIENTS
        }
        1..=3 => {
            proxy.cut_all();
            CLIENTS
        }
        4..=6 => {
            server.signal(Signal::STOP);
            tokio::time::sleep(Duration::from_millis(50)).await;
            sockets[dice.roll(CLIENTS)].lose_connection();
            server.signal(Signal::CONT);
            1
        }
        _ => {
            sockets[dice.roll(CLIENTS)].lose_connection();
            1
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "the long run says what it did")]
async fn whatever_is_cut_every_client_receives_all_of_it_once_and_in_order() {
    let cuts = number("CHAOS_CUTS").unwrap_or(CUTS);
    let seed = number("CHAOS_SEED").unwrap_or_else(|| usize::try_from(std::process::id()).unwrap());
    let mut dice = Dice(u64::try_from(seed).unwrap());
    let ground = Ground::new().await;
    let mut server = ground.serve(&[]).await;
    let ada = admin(&server, &ground.settings()).await;
    let ulla = Client::anonymous(&server.url()).sign_up("Ulla").await;
    let mut tickets = Vec::new();
    for _ in 0..TICKETS {
        let ticket = ulla.new_ticket("Printer on fire").await;
        tickets.push(ticket["id"].as_str().unwrap().to_owned());
    }
    let proxy = ChaosProxy::before(server.address()).await;
    let url = format!("http://{}", proxy.address());
    let mut sockets = Vec::new();
    for number in 0..CLIENTS {
        let token = if number % 2 == 0 {
            ada.token()
        } else {
            ulla.token()
        };
        let options = ConnectOptions::default()
            .reconnecting()
            .with("auth", json!({ "token": token, "tickets": tickets }))
            .with("resume", json!(true));
        sockets.push(SocketClient::connect(&url, options).await);
    }
    for socket in &sockets {
        socket.expect("welcome").await;
    }

    let stop = Arc::new(AtomicBool::new(false));
    let write = |first| tokio::spawn(write(ada.clone(), tickets.clone(), first, Arc::clone(&stop)));
    let writers: Vec<_> = (0..WRITERS).map(write).collect();
    let mut done = 0;
    while done < cuts {
        done += cut(&mut dice, &ground, &mut server, &proxy, &sockets).await;
        let pause = u64::try_from(dice.roll(150)).unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    // The last event is one that everybody may see.
    let wish = json!({ "content": "The end" });
    let path = format!("/api/tickets/{}/comments", tickets[0]);
    ulla.post(&path, &wish).await.is(201);

    let written = written(&ground).await;
    let end = written.last().unwrap().0;
    let (mut lost, mut duplicated, mut received, mut replayed) = (0, 0, 0, 0);
    for (number, socket) in sockets.iter().enumerate() {
        tests::wait::until("the end is received", async || {
            let newest = positions(socket).last().map(|(position, _)| *position);
            (newest == Some(end)).then_some(())
        })
        .await;
        let told = positions(socket);
        let start = socket.received("welcome")[0][0]["position"].as_i64().unwrap();
        let is_agent = number % 2 == 0;
        let may_see = |(position, is_public): &&(i64, bool)| *position > start && (is_agent || *is_public);
        let expected: Vec<i64> = written.iter().filter(may_see).map(|event| event.0).collect();
        let mut times: HashMap<i64, usize> = HashMap::new();
        for (position, was_replayed) in &told {
            *times.entry(*position).or_default() += 1;
            replayed += usize::from(*was_replayed);
        }
        received += told.len();
        lost += expected
            .iter()
            .filter(|position| !times.contains_key(position))
            .count();
        duplicated += times.values().filter(|times| **times > 1).count();
        let told: Vec<i64> = told.into_iter().map(|(position, _)| position).collect();
        assert_eq!(
            told, expected,
            "seed {seed}, client {number}: lost {lost}, duplicated {duplicated}"
        );
        assert!(
            socket.received("resync").is_empty(),
            "seed {seed}, client {number}"
        );
        same_state(if is_agent { &ada } else { &ulla }, socket, &tickets).await;
    }
    let events = written.len();
    let summary = format!(
        "seed {seed} cuts {done} events {events} received {received} replayed {replayed} lost {lost} duplicated {duplicated}"
    );
    println!("{summary}");
    assert!(replayed > 0, "{summary}");
}

/// What a client was told of each ticket is what the server says of it: the fields, and each comment that it may read.
async fn same_state(person: &Client, socket: &SocketClient, tickets: &[String]) {
    let updates = socket.received("ticket:updated");
    let comments = socket.received("comment:added");
    for id in tickets {
        let now = person.get(&format!("/api/tickets/{id}")).await.is(200).json();
        if let Some(last) = updates.iter().rfind(|args| args[0]["id"] == **id) {
            assert_eq!(last[0]["title"], now["title"], "{id}");
            assert_eq!(last[0]["updatedAt"], now["updatedAt"], "{id}");
        }
        let told: Vec<&Value> = comments
            .iter()
            .filter(|args| args[0]["ticketId"] == **id)
            .map(|args| &args[0]["id"])
            .collect();
        let there = now["comments"].as_array().unwrap().iter();
        let there: Vec<&Value> = there.map(|comment| &comment["id"]).collect();
        assert_eq!(told, there, "{id}");
    }
}
