//! A desk with people who write at a steady pace, and official clients at several places, each place a program of its own
//! behind a network of its own.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::Client;
use tests::chaos_proxy::ChaosProxy;
use tests::process::{Ground, ServerProcess};
use tests::socketio::{ClientProcess, ConnectOptions, SocketClient};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::super::admin;

/// Places; at each, everybody has a client.
pub(super) const PLACES: usize = 4;
/// Tickets at any time: half of them Ulla's, the others Otto's.
const TICKETS: usize = 8;
/// Who write at the same time: enough for the pace, though each waits for its answer.
const WRITERS: usize = 16;
/// Fifty commands a second, by all of them together. What could not be kept to is made up for.
const PACE: Duration = Duration::from_millis(20);

/// Who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// An agent for ever, who does all the work.
    Ada,
    /// A requester with tickets.
    Ulla,
    /// Another one.
    Otto,
    /// An agent and a requester by turns.
    Eve,
    /// An agent whose account is deactivated now and then.
    Nora,
}

impl Who {
    pub(super) const ALL: [Self; 5] = [Self::Ada, Self::Ulla, Self::Otto, Self::Eve, Self::Nora];
}

/// The people, each with the present session.
pub(super) struct People([Client; 5]);

impl People {
    async fn new(server: &ServerProcess, ground: &Ground) -> Self {
        let ada = admin(server, &ground.settings()).await;
        let nobody = server.nobody();
        let sign_up = async |name| nobody.sign_up(name).await;
        let (ulla, otto) = (sign_up("Ulla").await, sign_up("Otto").await);
        let (eve, nora) = (sign_up("Eve").await, sign_up("Nora").await);
        for agent in [&eve, &nora] {
            let path = format!("/api/admin/users/{}", agent.id());
            ada.patch(&path, &json!({ "role": "ADMIN" })).await.good();
        }
        Self([ada, ulla, otto, eve, nora])
    }

    pub(super) fn get(&self, who: Who) -> &Client {
        &self.0[who as usize]
    }

    /// Somebody has a new session.
    pub(super) fn has_returned(&mut self, who: Who, client: Client) {
        self.0[who as usize] = client;
    }
}

/// A program with clients, and the way that they go.
pub(super) struct Place {
    pub(super) program: ClientProcess,
    pub(super) way: ChaosProxy,
    clients: Vec<SocketClient>,
}

impl Place {
    async fn new(server: &ServerProcess, people: &People, tickets: &[String]) -> Self {
        let way = ChaosProxy::before(server.address()).await;
        let url = format!("http://{}", way.address());
        let program = ClientProcess::default();
        let open = |who: Who| {
            let auth = json!({ "token": people.get(who).token(), "tickets": tickets });
            let options = ConnectOptions::default().resuming().with("auth", auth);
            program.open(&url, options.with("follow", json!(true)))
        };
        let clients: Vec<SocketClient> = Who::ALL.map(open).into();
        for client in &clients {
            client.expect("welcome").await;
        }
        Self {
            program,
            way,
            clients,
        }
    }

    pub(super) fn client(&self, who: Who) -> &SocketClient {
        &self.clients[who as usize]
    }

    pub(super) fn clients(&self) -> &[SocketClient] {
        &self.clients
    }
}

/// All of it.
pub(super) struct Desk {
    pub(super) ground: Ground,
    pub(super) server: ServerProcess,
    pub(super) people: People,
    /// The tickets that there are, for those who write.
    pub(super) tickets: Arc<Mutex<Vec<String>>>,
    pub(super) places: Vec<Place>,
}

impl Desk {
    pub(super) async fn new() -> Self {
        let ground = Ground::new().await;
        let server = ground.serve(&[]).await;
        let people = People::new(&server, &ground).await;
        let mut tickets = Vec::new();
        for number in 0..TICKETS {
            let owner = people.get(if number % 2 == 0 { Who::Ulla } else { Who::Otto });
            tickets.push(id(&owner.new_ticket("Printer on fire").await));
        }
        let mut places = Vec::new();
        for _ in 0..PLACES {
            places.push(Place::new(&server, &people, &tickets).await);
        }
        Self {
            ground,
            server,
            people,
            tickets: Arc::new(Mutex::new(tickets)),
            places,
        }
    }

    /// Everybody's clients, each with whose it is.
    pub(super) fn clients(&self) -> impl Iterator<Item = (Who, &SocketClient)> {
        let places = self.places.iter();
        places.flat_map(|place| Who::ALL.map(|who| (who, place.client(who))))
    }
}

pub(super) fn id(ticket: &Value) -> String {
    ticket["id"].as_str().unwrap().to_owned()
}

/// Those who write.
pub(super) struct Writers {
    shared: Arc<Shared>,
    since: Instant,
    writers: Vec<JoinHandle<()>>,
}

struct Shared {
    agent: Client,
    tickets: Arc<Mutex<Vec<String>>>,
    pace: tokio::sync::Mutex<Interval>,
    attempted: AtomicUsize,
    acknowledged: AtomicUsize,
    stop: AtomicBool,
}

/// What they did.
pub(super) struct Written {
    attempted: usize,
    acknowledged: usize,
    took: Duration,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        let per_second = |number: usize| f64::from(u32::try_from(number).unwrap()) / seconds;
        write!(
            f,
            "commands {} in {seconds:.1} s: {:.1}/s attempted, {:.1}/s acknowledged",
            self.attempted,
            per_second(self.attempted),
            per_second(self.acknowledged)
        )
    }
}

impl Writers {
    pub(super) fn start(desk: &Desk) -> Self {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let shared = Arc::new(Shared {
            agent: desk.people.get(Who::Ada).clone(),
            tickets: Arc::clone(&desk.tickets),
            pace: tokio::sync::Mutex::new(pace),
            attempted: AtomicUsize::new(0),
            acknowledged: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let writers = (0..WRITERS).map(|_| tokio::spawn(write(Arc::clone(&shared))));
        Self {
            since: Instant::now(),
            writers: writers.collect(),
            shared,
        }
    }

    pub(super) async fn stop(self) -> Written {
        self.shared.stop.store(true, Ordering::SeqCst);
        let took = self.since.elapsed();
        for writer in self.writers {
            tests::wait::within("the end of a writer", writer).await.unwrap();
        }
        Written {
            attempted: self.shared.attempted.load(Ordering::SeqCst),
            acknowledged: self.shared.acknowledged.load(Ordering::SeqCst),
            took,
        }
    }
}

/// What fails while the program is down is not written.
async fn write(shared: Arc<Shared>) {
    while !shared.stop.load(Ordering::SeqCst) {
        shared.pace.lock().await.tick().await;
        let number = shared.attempted.fetch_add(1, Ordering::SeqCst);
        let ticket = {
            let tickets = shared.tickets.lock().unwrap();
            tickets[number % tickets.len()].clone()
        };
        let path = format!("/api/tickets/{ticket}");
        let assignee = (number / 40).is_multiple_of(2).then(|| shared.agent.id());
        let (method, path, wish) = match number % 5 {
            0 => (
                Method::PATCH,
                path,
                json!({ "title": format!("Printer on fire, {number}") }),
            ),
            1 => (Method::PATCH, path, json!({ "assignedToId": assignee })),
            _ => {
                let wish = json!({ "content": format!("{number}"), "isInternal": number.is_multiple_of(3) });
                (Method::POST, format!("{path}/comments"), wish)
            }
        };
        let request = shared.agent.request(method, &path).json(&wish);
        let Ok(answer) = request.try_send().await else {
            continue;
        };
        // It may have been deleted, or others may be changing it, a moment ago.
        let is_expected = answer.status < 300 || [404, 409].contains(&answer.status) || answer.status >= 500;
        assert!(is_expected, "{} {}", answer.status, answer.text());
        if answer.status < 300 {
            shared.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
    }
}
