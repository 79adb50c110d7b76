//! Two programs on one database behind nginx, and behind HAProxy: one is killed while people work (S-048, S-099).

use std::net::SocketAddr;
use std::time::Duration;

use domain::ids::uuid_v7;
use ops::clock::{OsEntropy, SystemClock};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::app::Client;
use tests::first_admin::first_admin;
use tests::process::{Ground, ServerProcess};
use tests::socketio::{ConnectOptions, SocketClient};
use tests::wait;
use tests::workload::Workload;

use super::fronts::{Front, addresses};
use super::shipped::{Certificate, free_port};

const WEBSOCKETS: usize = 6;
const POLLING: usize = 3;
const WRITERS: usize = 8;

struct Desk {
    ground: Ground,
    front: Front,
    ada: Client,
    certificate: Certificate,
}

fn http(certificate: &Certificate) -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(certificate.pem.as_bytes()).unwrap()])
        .build()
        .unwrap()
}

/// An admin, signed in through the front.
async fn admin(ground: &Ground, certificate: &Certificate, front: &Front) -> Client {
    let nobody = Client::anonymous(&front.url()).by(http(certificate), &front.url());
    first_admin(&nobody, &ground.settings(), "Ada").await
}

/// The program, where the front expects it.
async fn node(ground: &Ground, at: SocketAddr, public: SocketAddr) -> ServerProcess {
    let port = at.port().to_string();
    let url = format!("https://{public}");
    let settings = [
        ("PORT", &*port),
        ("APP_URL", &*url),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    ground.serve(&settings).await
}

/// Somebody's socket, and whether it is connected to this node by now.
fn is_at(node: &ServerProcess, socket: &SocketClient) -> bool {
    let line = format!("[Socket.IO] Client connected: {}", socket.identity().0);
    node.log().lines().iter().any(|found| found.contains(&line))
}

async fn connect(desk: &Desk) -> Vec<SocketClient> {
    let transports =
        std::iter::repeat_n("websocket", WEBSOCKETS).chain(std::iter::repeat_n("polling", POLLING));
    let mut sockets = Vec::new();
    for transport in transports {
        let options = ConnectOptions::default()
            .reconnecting()
            .transports(&[transport])
            .token(desk.ada.token())
            .with("ca", json!(desk.certificate.pem));
        sockets.push(SocketClient::connect(&desk.front.url(), options).await);
    }
    sockets
}

async fn join(sockets: &[SocketClient], ticket: &Value) {
    for socket in sockets {
        let joined = socket.ask("join-ticket", json!([ticket["id"]])).await;
        assert_eq!(joined[0]["ok"], true, "{joined:?}");
    }
}

/// A comment through the front reaches every socket.
async fn say(desk: &Desk, sockets: &[SocketClient], ticket: &Value, text: &str) {
    let path = format!("/api/tickets/{}/comments", ticket["id"].as_str().unwrap());
    let wish = json!({ "content": text });
    let key = uuid_v7(&SystemClock, &OsEntropy).to_string();
    // The front has an answer of its own while a node is away that it does not know to be away.
    let answer = wait::until("an answer that is the desk's", async || {
        let request = desk.ada.request(Method::POST, &path);
        let answer = request.header("Idempotency-Key", &key).json(&wish).send().await;
        (answer.status < 500).then_some(answer)
    })
    .await;
    let comment = answer.is(201).json();
    for socket in sockets {
        let is_it = |args: &Vec<Value>| args[0]["id"] == comment["id"];
        socket.expect_where("comment:added", is_it).await;
    }
}

/// People work at two nodes, one of which is killed and comes back.
async fn one_of_two_dies(desk: &Desk, mut one: ServerProcess, two: ServerProcess, at: SocketAddr) {
    let sockets = connect(desk).await;
    let ticket = desk.ada.new_ticket("Seen at both nodes").await;
    join(&sockets, &ticket).await;
    for node in [&one, &two] {
        let there = sockets.iter().filter(|socket| is_at(node, socket)).count();
        assert!(there > 0, "the front sends nobody to {}", node.address());
    }
    say(desk, &sockets, &ticket, "Before").await;

    let load = Workload::start(&desk.ada, WRITERS);
    load.more(50).await;
    one.kill().await;
    load.more(100).await;
    wait::until("everybody at the other node", async || {
        sockets.iter().all(|socket| is_at(&two, socket)).then_some(())
    })
    .await;
    join(&sockets, &ticket).await;
    for number in 0..3 {
        say(desk, &sockets, &ticket, &format!("With one node, {number}")).await;
    }

    // It comes back, and the other one goes: what is said reaches everybody again.
    let one = node(&desk.ground, at, desk.front.https).await;
    load.more(50).await;
    wait::until("the front uses it again", async || {
        let lines = one.log().lines();
        let options = ConnectOptions::default()
            .token(desk.ada.token())
            .with("ca", json!(desk.certificate.pem));
        let _visitor = SocketClient::connect(&desk.front.url(), options).await;
        lines
            .iter()
            .any(|line| line.contains("Client connected"))
            .then_some(())
    })
    .await;
    let report = load.check(&desk.ground.database.admin().await).await;
    assert!(report.is_clean(), "{report} {report:?}");
    two.signal(Signal::TERM);
    wait::until("everybody at the first node", async || {
        sockets.iter().all(|socket| is_at(&one, socket)).then_some(())
    })
    .await;
    join(&sockets, &ticket).await;
    say(desk, &sockets, &ticket, "At the first node again").await;
    let mut two = two;
    assert!(two.terminate(Duration::from_secs(10)).await.success());
}

enum Kind {
    Nginx,
    Haproxy,
}

async fn people_go_on_with_the_node_that_lives(behind: Kind) {
    let (certificate, at, ground) = (Certificate::new(), addresses(), Ground::new().await);
    let [first, second] = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));
    let one = node(&ground, first, at.1).await;
    let two = node(&ground, second, at.1).await;
    let front = match behind {
        Kind::Nginx => Front::nginx(&[first, second], at, &certificate).await,
        Kind::Haproxy => Front::haproxy(&[("node1", first), ("node2", second)], at, &certificate).await,
    };
    let ada = admin(&ground, &certificate, &front).await;
    let desk = Desk {
        ground,
        front,
        ada,
        certificate,
    };
    one_of_two_dies(&desk, one, two, first).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx_people_go_on_with_the_node_that_lives() {
    people_go_on_with_the_node_that_lives(Kind::Nginx).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_haproxy_people_go_on_with_the_node_that_lives() {
    people_go_on_with_the_node_that_lives(Kind::Haproxy).await;
}
