//! An event of which a client has no room for a part: it is told all of it and nothing twice, whatever the client does
//! before there is room.

use std::time::Duration;

use domain::actor::Role;
use domain::ids::TicketId;
use domain::ticket::Visibility;
use realtime::{Options, Stats};
use serde_json::{Value, json};

use crate::lists::projected;
use crate::polling::Poller;
use crate::world::{Person, World};

/// Frames that wait for a client that does not poll: as many as a connection begins with, by which it must not be cut.
const ROOM: usize = 3;

/// A desk with somebody who polls when they are told to, and watches their ticket in some lists.
struct Desk {
    world: World,
    owner: Person,
    ticket: TicketId,
    poller: Poller,
}

impl Desk {
    async fn new(lists: &[&str]) -> Self {
        let options = Options {
            buffer_frames_max: ROOM,
            ping_interval: Duration::from_mins(5),
            stall_timeout: Duration::from_mins(5),
            ..Options::default()
        };
        let world = World::with(options).await;
        let owner = world.person("owner", Role::User).await;
        let ticket = world.ticket(&owner, "Printer is broken").await;
        projected(&world).await;
        let poller = Poller::connect(&world, &owner).await;
        let desk = Self {
            world,
            owner,
            ticket,
            poller,
        };
        // Each is another list, so that they can be counted.
        for (number, list) in lists.iter().enumerate() {
            let filters = json!({ "q": &"printer"[..=number] });
            desk.ask("list:watch", &json!({ "list": list, "filters": filters }))
                .await;
        }
        desk
    }

    /// Asks for something; everything that was told before the answer.
    async fn ask(&self, event: &str, argument: &Value) -> Vec<String> {
        self.poller
            .post(&format!("427{}", json!([event, argument])))
            .await;
        let packets = self.poller.until("437").await;
        let answer = packets.iter().find(|packet| packet.starts_with("437"));
        assert!(answer.unwrap().starts_with("437[{\"ok\":true"), "{packets:?}");
        packets
    }

    /// Asks for something without an answer, for which there would be no room; waits until it is done.
    async fn say(&self, event: &str, argument: &Value, is_done: impl Fn(Stats) -> bool) {
        self.poller.post(&format!("42{}", json!([event, argument]))).await;
        self.world.until("it is done", is_done).await;
    }

    /// Somebody comments, and there is no room for all that the client is told of it.
    async fn comment(&self) -> i64 {
        let position = self
            .world
            .comment(self.ticket, &self.owner, Visibility::Public, "Still broken")
            .await;
        self.world.until("it is behind", |stats| stats.behind == 1).await;
        position
    }

    /// What the client is told of the position, at a glance, once it has polled for everything.
    async fn told_of(&self, position: i64, last: &str) -> Vec<String> {
        let mut packets = self.poller.until(last).await;
        self.world
            .until("it has caught up", |stats| stats.behind == 0)
            .await;
        let nowhere = json!({ "list": "nowhere" });
        packets.extend(self.ask("list:unwatch", &nowhere).await);
        assert_eq!(self.world.realtime.stats().cut, 0);
        let events = packets.iter().filter_map(|packet| packet.strip_prefix("42"));
        let events = events.map(|event| serde_json::from_str::<Vec<Value>>(event).unwrap());
        let of_position =
            events.filter(|event| event.get(2).is_some_and(|meta| meta["position"] == position));
        of_position
            .map(|event| {
                let named = event[1]["list"].as_str();
                named.or(event[0].as_str()).unwrap().to_owned()
            })
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_the_room_in_between_is_still_told_of_their_lists() {
    let desk = Desk::new(&["first", "second", "third"]).await;
    let ticket = json!(desk.ticket.to_string());
    desk.ask("join-ticket", &ticket).await;
    let position = desk.comment().await;
    desk.say("leave-ticket", &ticket, |stats| stats.members == 0)
        .await;
    let told = desk
        .told_of(position, "42[\"list:changed\",{\"list\":\"third\"")
        .await;
    assert_eq!(told, ["comment:added", "first", "second", "third"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_enters_the_room_in_between_is_told_what_comes_after() {
    let desk = Desk::new(&["first", "second", "third", "fourth"]).await;
    let position = desk.comment().await;
    let ticket = json!(desk.ticket.to_string());
    desk.say("join-ticket", &ticket, |stats| stats.members == 1).await;
    let told = desk
        .told_of(position, "42[\"list:changed\",{\"list\":\"fourth\"")
        .await;
    assert_eq!(
        told,
        ["first", "second", "third", "fourth"],
        "broadcasts come before lists"
    );
    let answer = desk.ask("join-ticket", &ticket).await;
    let expected = format!("437[{{\"ok\":true,\"position\":{position}}}]");
    assert!(answer.contains(&expected), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_watched_no_longer_takes_no_other_ones_place() {
    let desk = Desk::new(&["first", "second", "third", "fourth"]).await;
    desk.ask("join-ticket", &json!(desk.ticket.to_string())).await;
    let position = desk.comment().await;
    let first = json!({ "list": "first" });
    desk.say("list:unwatch", &first, |stats| stats.lists == 3).await;
    let told = desk
        .told_of(position, "42[\"list:changed\",{\"list\":\"fourth\"")
        .await;
    assert_eq!(told, ["comment:added", "first", "second", "third", "fourth"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_list_of_the_same_name_is_told_for_itself() {
    let desk = Desk::new(&["first", "second", "third"]).await;
    desk.ask("join-ticket", &json!(desk.ticket.to_string())).await;
    let position = desk.comment().await;
    // What was told of the first one was of another list than the one that has its name from now on.
    let anew = json!({ "list": "first", "filters": { "q": "pr" } });
    desk.say("list:watch", &anew, |stats| stats.lists == 2).await;
    let told = desk
        .told_of(position, "42[\"list:changed\",{\"list\":\"third\"")
        .await;
    assert_eq!(told, ["comment:added", "first", "second", "first", "third"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_was_no_room_for_is_told_later_and_that_rights_have_changed_too() {
    let desk = Desk::new(&["first", "second", "third"]).await;
    desk.ask("join-ticket", &json!(desk.ticket.to_string())).await;
    desk.comment().await;
    let position = desk.world.change_role(&desk.owner, Role::Admin).await;
    desk.world.settled().await;
    let resync = json!(["resync", { "position": position, "reason": "rights" }]);
    let mut packets = desk.poller.until(&format!("42{resync}")).await;
    assert!(packets[0].starts_with("42[\"comment:added\""), "{packets:?}");
    // The numbers of both lists, which are others now, and whoever is there.
    for signal in [
        "42[\"list:counts\",{\"list\":\"first\"",
        "42[\"list:counts\",{\"list\":\"second\"",
        "42[\"presence:changed\"",
    ] {
        if !packets.iter().any(|packet| packet.starts_with(signal)) {
            packets.extend(desk.poller.until(signal).await);
        }
    }
    assert_eq!(desk.world.realtime.stats().cut, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_nothing_is_not_owed_more_than_so_much() {
    let desk = Desk::new(&["first", "second", "third"]).await;
    desk.ask("join-ticket", &json!(desk.ticket.to_string())).await;
    desk.comment().await;
    for role in [Role::Admin, Role::User].into_iter().cycle().take(100) {
        desk.world.change_role(&desk.owner, role).await;
    }
    desk.world.until("it is cut", |stats| stats.cut == 1).await;
}
