//! A client as an application would write it, with rust_socketio: it joins one ticket, and after a cut it comes back by
//! itself, says what it has seen last and which room it was in.
//!
//! in:  URL, TOKEN, TICKET; it ends with its input
//! out: as tests/node/foreign.mjs

use std::error::Error;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use rust_socketio::asynchronous::{Client, ClientBuilder, ReconnectSettings};
use rust_socketio::{Event, Payload, TransportType};
use serde_json::{Value, json};

static POSITION: AtomicI64 = AtomicI64::new(0);
static IS_IN: AtomicBool = AtomicBool::new(false);

fn say(told: &Value) {
    let mut out = std::io::stdout().lock();
    let said = writeln!(out, "{told}").and_then(|()| out.flush());
    said.expect("whoever started this listens");
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing"))
}

fn auth() -> Value {
    if IS_IN.load(Ordering::SeqCst) {
        let position = POSITION.load(Ordering::SeqCst);
        json!({ "token": variable("TOKEN"), "position": position, "tickets": [variable("TICKET")] })
    } else {
        json!({ "token": variable("TOKEN") })
    }
}

fn arguments(payload: Payload) -> Vec<Value> {
    match payload {
        Payload::Text(arguments) => arguments,
        _ => Vec::new(),
    }
}

async fn join(client: Client) {
    let joined = |payload: Payload, _: Client| {
        async move {
            // The acknowledgement's arguments come as one list.
            let answer = arguments(payload).into_iter().next().unwrap_or_default();
            let answer = answer.get(0).cloned().unwrap_or(answer);
            IS_IN.store(answer["ok"] == true, Ordering::SeqCst);
            say(&json!({ "kind": "joined", "answer": answer }));
        }
        .boxed()
    };
    let asked = client.emit_with_ack("join-ticket", variable("TICKET"), Duration::from_secs(20), joined);
    asked.await.expect("a join can be asked for");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = ClientBuilder::new(variable("URL"))
        .transport_type(TransportType::Websocket)
        .auth(auth())
        .reconnect(true)
        .reconnect_on_disconnect(true)
        .reconnect_delay(50, 200)
        .on_reconnect(|| {
            async {
                let mut settings = ReconnectSettings::new();
                settings.auth(auth());
                settings
            }
            .boxed()
        })
        .on(Event::Connect, |_, client| {
            async move {
                say(&json!({ "kind": "connected" }));
                if !IS_IN.load(Ordering::SeqCst) {
                    join(client).await;
                }
            }
            .boxed()
        })
        .on(Event::Close, |_, _| {
            async { say(&json!({ "kind": "disconnected" })) }.boxed()
        })
        // A connection that breaks is told of as an error, and not as closed.
        .on(Event::Error, |payload, _| {
            let message = format!("{payload:?}");
            async move { say(&json!({ "kind": "disconnected", "message": message })) }.boxed()
        })
        .on_any(|event, payload, _| {
            async move {
                let arguments = arguments(payload);
                if let Some(position) = arguments.get(1).and_then(|meta| meta["position"].as_i64()) {
                    POSITION.store(position, Ordering::SeqCst);
                }
                say(&json!({ "kind": "event", "name": event.to_string(), "args": arguments }));
            }
            .boxed()
        })
        .connect()
        .await?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    drop(client);
    std::process::exit(0);
}
