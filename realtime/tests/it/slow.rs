//! R5, R6: clients that do not read are cut, or left behind, and alone: nobody else notices, and what waits for them is
//! bounded. They never have a silent gap.

use std::time::Duration;

use domain::TicketId;
use domain::actor::Role;
use domain::ticket::Visibility;
use futures::stream::{self, StreamExt};
use realtime::Options;
use serde_json::json;

use crate::client::{Client, Received};
use crate::resume::{positions, replayed, resume};
use crate::world::{Person, World};

const BODY_BYTES: usize = 16 * 1024;
/// Clients that do not read, and clients that do.
const STALLED: usize = 500;
const READERS: usize = 3;
/// Frames that wait for a connection, at most.
const BUFFER_FRAMES: usize = 8;
/// Frames that a connection's writer has taken and the system has not, at most: 128 KiB, and the one that was too much.
const WRITER_FRAMES: usize = 128 * 1024 / BODY_BYTES + 2;
/// Bytes that the system itself keeps for a connection: by itself it takes millions, which would only take time.
const SYSTEM_BYTES: u32 = 64 * 1024;
/// Broadcasts that must be enough to fill all of that.
const BROADCASTS_MAX: usize = 1_000;

/// Many who look at one ticket, most of whom do not read what they are told.
struct Crowd {
    world: World,
    agent: Person,
    ticket: TicketId,
    stalled: Vec<Client>,
    readers: Vec<Client>,
    /// Where the comments are that everybody is told of.
    told: Vec<i64>,
}

impl Crowd {
    async fn new(stall_timeout: Duration) -> Self {
        let options = Options {
            buffer_frames_max: BUFFER_FRAMES,
            sockets_per_account_max: STALLED + READERS,
            // A ping that is not answered cuts nobody here; the first one is sent at once.
            ping_interval: Duration::from_mins(5),
            ping_timeout: Duration::from_mins(5),
            stall_timeout,
            ..Options::default()
        };
        let world = World::with_send_buffer(options, SYSTEM_BYTES).await;
        let (agent, ticket) = world.agent_and_ticket().await;
        let mut crowd = Self {
            world,
            agent,
            ticket,
            stalled: Vec::new(),
            readers: Vec::new(),
            told: Vec::new(),
        };
        for _ in 0..STALLED {
            let client = crowd.connect(Some(4096)).await;
            crowd.stalled.push(client);
        }
        for _ in 0..READERS {
            let client = crowd.connect(None).await;
            crowd.readers.push(client);
        }
        crowd
    }

    async fn connect(&self, receive_bytes: Option<u32>) -> Client {
        let client = Client::open_with(&self.world, &[], receive_bytes).await.unwrap();
        let mut client = client.join_namespace(&self.agent.auth()).await.unwrap();
        assert_eq!(client.join(self.ticket).await, json!({ "ok": true }));
        client
    }

    /// Comments, and sees that whoever reads is told so next.
    async fn comment(&mut self) {
        assert!(
            self.told.len() < BROADCASTS_MAX,
            "{:?}",
            self.world.realtime.stats()
        );
        let body = "x".repeat(BODY_BYTES);
        let position = self
            .world
            .comment(self.ticket, &self.agent, Visibility::Public, &body)
            .await;
        self.told.push(position);
        for reader in &mut self.readers {
            assert_eq!(reader.next().await.meta["position"], position);
        }
        self.world.settled().await;
    }

    /// Frames that were handed to the connections of those who do not read.
    fn handed(&self) -> usize {
        let all = usize::try_from(self.world.realtime.stats().emitted).unwrap();
        all - READERS * self.told.len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_that_do_not_read_are_cut_and_miss_nothing_when_they_come_back() {
    let mut crowd = Crowd::new(Duration::from_secs(2)).await;
    while crowd.world.realtime.stats().cut < STALLED as u64 {
        crowd.comment().await;
    }
    let stats = crowd.world.realtime.stats();
    assert_eq!(
        (stats.sockets, stats.members, stats.rooms, stats.behind),
        (READERS, READERS, 1, 0),
        "out at once"
    );
    let handed = crowd.handed();
    let Crowd {
        world,
        agent,
        ticket,
        stalled,
        told,
        mut readers,
    } = crowd;
    // What they did receive is an unbroken beginning, and then the connection has ended. (What was on its way may be lost.)
    let ending = stalled
        .into_iter()
        .map(|mut client| async move { positions(&client.until_the_end().await) });
    let received: Vec<Vec<i64>> = stream::iter(ending).buffered(50).collect().await;
    for positions in &received {
        assert!(positions.len() < told.len());
        assert_eq!(*positions, told[..positions.len()]);
    }
    // All else that was handed over waited in the server, in no larger a buffer than each may have.
    let waited = handed - received.iter().map(Vec::len).sum::<usize>();
    let waited_max = STALLED * (BUFFER_FRAMES + WRITER_FRAMES);
    assert!(waited <= waited_max, "{waited} frames of at most {waited_max}");

    // At a node whose buffers are as usual: the library ends a connection whose buffer is full when it is to be pinged.
    let second = world
        .restarted(Options {
            sockets_per_account_max: STALLED,
            ..Options::default()
        })
        .await;
    let coming_back = received.iter().map(|positions_before| {
        let seen = positions_before.last().copied().unwrap_or(told[0] - 1);
        let (second, agent, told) = (&second, &agent, &told);
        async move {
            let mut client = resume(second, agent, seen, &[ticket]).await;
            let (missed, _) = client.replay().await;
            assert_eq!(positions(&missed), told[positions_before.len()..]);
            assert_eq!(client.everything().await, []);
        }
    });
    stream::iter(coming_back).buffered(50).collect::<Vec<()>>().await;
    for reader in &mut readers {
        assert!(reader.is_well().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_that_do_not_read_for_a_while_are_not_buffered_for() {
    let mut crowd = Crowd::new(Duration::from_mins(5)).await;
    // However much happens, no more is taken in for them.
    let mut steady = 0;
    while steady < 20 {
        let before = crowd.handed();
        crowd.comment().await;
        steady = if crowd.handed() == before { steady + 1 } else { 0 };
    }
    let stats = crowd.world.realtime.stats();
    assert_eq!((stats.behind, stats.cut), (STALLED, 0));
    let told = &crowd.told;
    let reading = crowd.stalled.iter_mut().map(|client| async move {
        let mut received = Vec::new();
        while received.len() < told.len() {
            received.push(client.next().await);
        }
        assert_eq!(positions(&received), *told);
        assert_eq!(replayed(&received), 0, "it was not away");
        assert_eq!(client.everything().await, []);
    });
    stream::iter(reading).buffered(50).collect::<Vec<()>>().await;
    crowd
        .world
        .until("nobody is behind", |stats| stats.behind == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_answers_no_pings_is_gone() {
    let options = Options {
        ping_interval: Duration::from_millis(100),
        ping_timeout: Duration::from_millis(200),
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    let client = Client::connect(&world, &agent).await;
    world.until("it is gone", |stats| stats.sockets == 0).await;
    drop(client);
}

/// A slow reader within the buffer is only slow.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_late_but_within_the_buffer_receives_everything() {
    let (world, agent, ticket) = World::with_ticket(Options::default()).await;
    let mut client = Client::connect(&world, &agent).await;
    assert_eq!(client.join(ticket).await, json!({ "ok": true }));
    let mut expected = Vec::new();
    for _ in 0..200 {
        expected.push(world.comment(ticket, &agent, Visibility::Public, "Hello").await);
    }
    world.settled().await;
    let received: Vec<Received> = client.everything().await;
    let positions: Vec<_> = received
        .iter()
        .map(|received| received.meta["position"].as_i64().unwrap())
        .collect();
    assert_eq!(positions, expected);
}
