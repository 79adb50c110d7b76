//! The fallback: HTTP long polling, and the upgrade from it.

use std::time::Duration;

use domain::actor::Role;
use domain::ticket::Visibility;
use futures::{SinkExt, StreamExt};
use realtime::Options;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::world::{PATIENCE, Person, World};

pub(crate) struct Poller {
    http: reqwest::Client,
    url: String,
    sid: String,
}

impl Poller {
    async fn open(world: &World) -> Self {
        let http = reqwest::Client::new();
        let base = format!("http://{}/socket.io/?EIO=4&transport=polling", world.address);
        let open = http.get(&base).send().await.unwrap().text().await.unwrap();
        let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        let sid = open["sid"].as_str().unwrap().to_owned();
        let url = format!("{base}&sid={sid}");
        Self { http, url, sid }
    }

    pub(crate) async fn connect(world: &World, person: &Person) -> Self {
        let poller = Self::open(world).await;
        poller.post(&format!("40{}", person.auth())).await;
        poller.until("40").await;
        poller
    }

    pub(crate) async fn post(&self, packet: &str) -> StatusCode {
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "text/plain;charset=UTF-8");
        request.body(packet.to_owned()).send().await.unwrap().status()
    }

    async fn poll(&self) -> Result<Vec<String>, StatusCode> {
        let response = self.http.get(&self.url).timeout(PATIENCE).send().await.unwrap();
        if response.status() != StatusCode::OK {
            return Err(response.status());
        }
        let text = response.text().await.unwrap();
        Ok(text.split('\u{1e}').map(str::to_owned).collect())
    }

    /// Polls until a packet begins so; everything until then.
    pub(crate) async fn until(&self, prefix: &str) -> Vec<String> {
        let mut packets = Vec::new();
        while !packets.iter().any(|packet: &String| packet.starts_with(prefix)) {
            for packet in self.poll().await.unwrap() {
                if packet == "2" {
                    self.post("3").await;
                }
                packets.push(packet);
            }
        }
        packets
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broadcasts_arrive_by_polling_alone() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    world.settled().await;
    let poller = Poller::connect(&world, &owner).await;
    poller.post(&format!("421[\"join-ticket\",\"{ticket}\"]")).await;
    let packets = poller.until("431").await;
    assert!(
        packets.last().unwrap().starts_with("431[{\"ok\":true,"),
        "{packets:?}"
    );
    world
        .comment(ticket, &owner, Visibility::Internal, "canary")
        .await;
    world
        .comment(ticket, &owner, Visibility::Public, "Still broken")
        .await;
    let packets = poller.until("42[\"comment:added\",{").await;
    assert!(!format!("{packets:?}").contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poller_that_does_not_poll_is_cut_and_finds_its_session_gone() {
    let options = Options {
        buffer_frames_max: 8,
        stall_timeout: Duration::from_millis(300),
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    let poller = Poller::connect(&world, &agent).await;
    let mut bystander = crate::client::Client::connect(&world, &agent).await;
    for _ in 0..20 {
        world.ticket(&agent, "Printer is broken").await;
        bystander.next().await;
    }
    world
        .until("it is cut", |stats| stats.cut == 1 && stats.sockets == 1)
        .await;
    assert_eq!(
        poller.poll().await,
        Err(StatusCode::BAD_REQUEST),
        "no gap to be polled"
    );
    assert_eq!(poller.post("3").await, StatusCode::BAD_REQUEST);
    assert!(bystander.is_well().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_client_that_does_not_read_is_cut_on_its_websocket() {
    let options = Options {
        buffer_frames_max: 16,
        stall_timeout: Duration::from_millis(300),
        ..Options::default()
    };
    let (world, agent, ticket) = World::with_ticket(options).await;
    let poller = Poller::connect(&world, &agent).await;
    let tcp = TcpStream::connect(world.address).await.unwrap();
    let url = format!(
        "ws://{}/socket.io/?EIO=4&transport=websocket&sid={}",
        world.address, poller.sid
    );
    let (mut ws, _) = tokio_tungstenite::client_async(url, tcp).await.unwrap();
    // As the client does: probe, let the pending poll end, upgrade.
    ws.send(Message::text("2probe")).await.unwrap();
    assert_eq!(ws.next().await.unwrap().unwrap(), Message::text("3probe"));
    ws.send(Message::text("5")).await.unwrap();
    ws.send(Message::text(format!("421[\"join-ticket\",\"{ticket}\"]")))
        .await
        .unwrap();
    loop {
        let message = ws.next().await.unwrap().unwrap();
        if message.to_text().unwrap().starts_with("431[{\"ok\":true,") {
            break;
        }
    }
    let body = "x".repeat(60_000);
    let mut appended = 0;
    while world.realtime.stats().cut == 0 {
        assert!(appended < 2000, "{:?}", world.realtime.stats());
        world.comment(ticket, &agent, Visibility::Public, &body).await;
        world.settled().await;
        appended += 1;
    }
    let mut received = 0;
    while let Some(Ok(message)) = ws.next().await {
        received += usize::from(message.into_text().is_ok_and(|text| text.starts_with("42")));
    }
    assert!(received < appended, "the connection was cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_or_malformed_post_ends_that_session_only() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut bystander = crate::client::Client::connect(&world, &agent).await;
    for body in [
        "4".repeat(200_000),
        "42[\u{1e}42[".to_owned(),
        "\u{1e}\u{1e}".to_owned(),
        "9".to_owned(),
    ] {
        let poller = Poller::connect(&world, &agent).await;
        let status = poller.post(&body).await;
        assert!(!status.is_server_error(), "{status}");
        assert!(bystander.is_well().await);
    }
    let poller = Poller::connect(&world, &agent).await;
    assert_eq!(poller.post("43[]").await, StatusCode::OK);
}
