//! Two programs on one database behave as one: presence, typing, rooms by role, sessions that end. One of them is killed,
//! and what it knew is forgotten (R7, R8).

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::chaos_proxy::Weather;
use tests::process::{Ground, ServerProcess};
use tests::socketio::{ConnectOptions, SocketClient};
use tests::wait;

use super::admin;
use crate::operating::parked::append;

/// Within what a session's end, a deactivation or another role must have closed or moved sockets everywhere.
const REVOKED_WITHIN: Duration = Duration::from_secs(1);

async fn socket(at: &ServerProcess, of: &Client) -> SocketClient {
    SocketClient::connect(&at.url(), ConnectOptions::default().token(of.token())).await
}

async fn join(socket: &SocketClient, ticket: &Value) {
    let answer = socket.ask("join-ticket", json!([ticket["id"]])).await;
    assert_eq!(answer[0]["ok"], true, "{answer:?}");
}

/// Waits until the socket has been told that this person is so; how long that took.
async fn person_is(socket: &SocketClient, of: &Client, state: &str) {
    let is_so = |args: &Vec<Value>| {
        let people = args[0]["people"].as_array().unwrap();
        let is_it = |person: &Value| person["id"] == of.id() && person["state"] == state;
        people.iter().any(is_it)
    };
    socket.expect_where("presence:changed", is_so).await;
}

/// How this person is, as far as the socket has been told.
fn told_last(socket: &SocketClient, of: &Client) -> Option<String> {
    let frames = socket.received("presence:changed");
    let people = frames
        .iter()
        .rev()
        .flat_map(|args| args[0]["people"].as_array().unwrap());
    let mut states = people
        .filter(|person| person["id"] == of.id())
        .map(|person| &person["state"]);
    states.next()?.as_str().map(ToOwned::to_owned)
}

struct Nodes {
    ground: Ground,
    one: ServerProcess,
    two: ServerProcess,
    /// An agent.
    ada: Client,
    /// A requester.
    bob: Client,
}

impl Nodes {
    async fn new() -> Self {
        let ground = Ground::new().await;
        let (one, two) = (ground.serve(&[]).await, ground.serve(&[]).await);
        let ada = admin(&one, &ground.settings()).await;
        let bob = two.nobody().sign_up("Bob").await;
        Self {
            ground,
            one,
            two,
            ada,
            bob,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_viewers_and_typing_are_seen_across_programs_and_end_with_a_killed_one() {
    let Nodes {
        ground: _ground,
        one,
        mut two,
        ada,
        bob,
    } = Nodes::new().await;
    let ticket = bob.new_ticket("Printer on fire").await;
    let agent = socket(&one, &ada).await;
    join(&agent, &ticket).await;
    let owner = socket(&two, &bob).await;
    join(&owner, &ticket).await;
    person_is(&agent, &bob, "online").await;

    let viewing = json!([{ "ticket": ticket["id"], "state": "editing" }]);
    let answer = owner.ask("viewing", viewing).await;
    assert_eq!(
        answer,
        [json!({ "ok": true })],
        "a requester is not told who looks"
    );
    let edits = |args: &Vec<Value>| args[0]["viewers"][0]["state"] == "editing";
    agent.expect_where("viewers:changed", edits).await;

    let mut latencies = Vec::new();
    for round in 0..6 {
        let typing = |typing: bool| json!([{ "ticket": ticket["id"], "internal": false, "typing": typing }]);
        let begun = Instant::now();
        owner.emit("typing", typing(true));
        let heard = |wanted: bool, socket: &SocketClient| {
            let frames = socket.received("typing");
            frames.iter().filter(|args| args[0]["typing"] == wanted).count()
        };
        wait::until("the agent sees it", async || {
            (heard(true, &agent) > round).then_some(())
        })
        .await;
        latencies.push(begun.elapsed());
        owner.emit("typing", typing(false));
        wait::until("it has ended", async || {
            (heard(false, &agent) > round).then_some(())
        })
        .await;
    }
    // Others run beside this test: what counts is that nothing is held back.
    let best = latencies.iter().min().unwrap();
    assert!(*best < Duration::from_millis(150), "{latencies:?}");
    let frames = agent.received("typing");
    assert!(
        frames.iter().all(|args| args[0]["person"]["name"] == "Bob"),
        "{frames:?}"
    );

    owner.emit(
        "typing",
        json!([{ "ticket": ticket["id"], "internal": false, "typing": true }]),
    );
    wait::until("he types again", async || {
        (agent.received("typing").len() > 12).then_some(())
    })
    .await;
    let killed = Instant::now();
    two.kill().await;
    let ended = |frames: Vec<Vec<Value>>| frames.last().is_some_and(|args| args[0]["typing"] == false);
    wait::until("nobody types", async || {
        ended(agent.received("typing")).then_some(())
    })
    .await;
    let gone = |args: &Vec<Value>| args[0]["viewers"] == json!([]);
    agent.expect_where("viewers:changed", gone).await;
    person_is(&agent, &bob, "offline").await;
    let took = killed.elapsed();
    assert!(
        took < Duration::from_secs(20),
        "within what a client has to answer a ping: {took:?}"
    );
    let listed = agent.ask("presence:list", json!([])).await;
    assert_eq!(listed[0]["people"].as_array().unwrap().len(), 1, "{listed:?}");

    // He comes back to the other one.
    let back = socket(&one, &bob).await;
    join(&back, &ticket).await;
    let online = |frames: &[Vec<Value>]| {
        let states = frames
            .iter()
            .flat_map(|args| args[0]["people"].as_array().unwrap());
        let his = states.filter(|person| person["id"] == bob.id());
        his.map(|person| person["state"].clone()).collect::<Vec<_>>()
    };
    wait::until("he is back", async || {
        (online(&agent.received("presence:changed")) == ["online", "offline", "online"]).then_some(())
    })
    .await;
}

/// A change at one program, and what it does to sockets at both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_that_end_at_one_program_end_sockets_and_rooms_at_both() {
    let Nodes {
        ground: _ground,
        one,
        two,
        ada,
        bob,
    } = Nodes::new().await;
    let ticket = ada.new_ticket("Somebody else's").await;
    let users = format!("/api/admin/users/{}", bob.id());
    let sockets = [socket(&one, &bob).await, socket(&two, &bob).await];
    let polling = ConnectOptions::default()
        .transports(&["polling"])
        .token(bob.token());
    let polling = SocketClient::connect(&two.url(), polling).await;

    // A role that is gained opens rooms at both.
    ada.patch(&users, &json!({ "role": "ADMIN" })).await.good();
    for socket in &sockets {
        wait::until("the room is open", async || {
            let answer = socket.ask("join-ticket", json!([ticket["id"]])).await;
            (answer[0]["ok"] == true).then_some(())
        })
        .await;
        socket.expect("presence:changed").await;
    }
    // One that is lost closes them.
    let changed = Instant::now();
    ada.patch(&users, &json!({ "role": "USER" })).await.good();
    for socket in &sockets {
        wait::until("nobody may be asked for", async || {
            let answer = socket.ask("presence:list", json!([])).await;
            (answer[0]["error"] == "not permitted").then_some(())
        })
        .await;
        let viewing = json!([{ "ticket": ticket["id"], "state": "open" }]);
        assert_eq!(
            socket.ask("viewing", viewing).await[0]["error"],
            "not found",
            "out of the room"
        );
    }
    assert!(changed.elapsed() < REVOKED_WITHIN, "{:?}", changed.elapsed());

    // A session that ends closes its own sockets, wherever they are.
    let again = bob.again().await;
    let other = [socket(&one, &again).await, socket(&two, &again).await];
    let ended = Instant::now();
    bob.post("/api/auth/logout", &json!({})).await.good();
    for socket in sockets.iter().chain([&polling]) {
        socket.disconnected().await;
    }
    assert!(ended.elapsed() < REVOKED_WITHIN, "{:?}", ended.elapsed());
    for socket in &other {
        assert_eq!(
            socket.ask("presence", json!([{ "state": "away" }])).await[0]["ok"],
            true
        );
    }
    // So does an account that is deactivated, and nobody comes in by it.
    let ended = Instant::now();
    ada.delete(&users).await.good();
    for socket in &other {
        socket.disconnected().await;
    }
    assert!(ended.elapsed() < REVOKED_WITHIN, "{:?}", ended.elapsed());
    for server in [&one, &two] {
        let late = SocketClient::open(&server.url(), ConnectOptions::default().token(again.token()));
        assert_eq!(late.refused().await, "unauthorized");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_are_told_of_a_parked_stream_at_every_node() {
    let app = TestApp::new().await;
    let other = app.second_node().await;
    let (ada, opa) = (app.admin("Ada").await, app.operator("Opa").await);
    let mut sockets = Vec::new();
    for node in [&app, &other] {
        let options = ConnectOptions::default().reconnecting().token(opa.token());
        let socket = SocketClient::connect(&node.url(), options).await;
        let first = socket.expect("operations:changed").await;
        let models = first[0]["projections"].as_array().unwrap();
        assert!(models.iter().any(|model| model["name"] == "tickets"), "{first:?}");
        sockets.push(socket);
    }
    let ill = ada.new_ticket("Printer on fire").await;
    append(&app, &ill, 1, "TicketStatusChanged", r#"{"status":"CANARY"}"#).await;
    for socket in &sockets {
        let is_stuck = |args: &Vec<Value>| {
            let models = args[0]["projections"].as_array().unwrap();
            let stuck = |model: &Value| model["state"] == "stuck" && model["parked"] == 1;
            models.iter().any(stuck) && args[0]["relay"]["parked"] == 1
        };
        let told = socket.expect_where("operations:changed", is_stuck).await;
        assert!(!json!(told).to_string().contains("CANARY"), "{told:?}");
        assert_eq!(
            socket.received("presence:changed").len(),
            0,
            "operators watch no people"
        );
    }
}

/// The way between nodes goes down: sessions that end meanwhile are found when it is back, and so is who is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_while_the_database_was_away_is_found_when_it_is_back() {
    let (app, proxy) = TestApp::behind_proxy(&[]).await;
    let other = app.second_node().await;
    let (ada, bob, eve) = (
        app.admin("Ada").await,
        app.user("Bob").await,
        app.user("Eve").await,
    );
    let at = |node: &TestApp, of: &Client| {
        SocketClient::open(&node.url(), ConnectOptions::default().token(of.token()))
    };
    let (agent, his) = (at(&app, &ada), at(&app, &bob));
    let hers = at(&other, &eve);
    for socket in [&agent, &his, &hers] {
        socket.connected().await;
    }
    person_is(&agent, &eve, "online").await;
    // Every connection of the first node breaks, the listening ones among them, and none can be made.
    proxy.set(Weather::Down);
    proxy.cut_all();
    bob.at(&other.url())
        .post("/api/auth/logout", &json!({}))
        .await
        .good();
    hers.disconnect();
    let presence = || app.realtime().presence;
    wait::until("the other node is forgotten", async || {
        (presence().nodes == 0).then_some(())
    })
    .await;
    proxy.set(Weather::Calm);
    let back = Instant::now();
    his.disconnected().await;
    let took = back.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
    wait::until("the other node is known", async || {
        (presence().nodes == 1).then_some(())
    })
    .await;
    person_is(&agent, &eve, "offline").await;
    let _again = at(&other, &eve);
    wait::until("she is there again", async || {
        (told_last(&agent, &eve).as_deref() == Some("online")).then_some(())
    })
    .await;
}
